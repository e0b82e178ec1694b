/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lighten: see lighten.h. Parts are byte ranges, so taking one out is leaving a range out. */
#include "config.h"
#include "daemon/lighten.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "mail/attachments.h"
#include "mail/edit.h"
#include "mail/encode.h"

#define TEXT_MAX 65536
#define HEAD_MAX (1024 * 1024)
#define NAME_SHOWN 200 /* characters of a name */

struct lightening {
	struct arena *a;
	const struct message *m;
	const char *language, *base;
	bool crlf;
};

/* --- which ---------------------------------------------------------------------------------- */

/* Parts whose bytes are under a signature, or are one secret (RFC 1847, RFC 8551, RFC 3156). */
static bool
is_sealed(const struct part *p)
{
	return part_is(p, "multipart", "signed") || part_is(p, "multipart", "encrypted") ||
	       part_is(p, "application", "pkcs7-mime") ||
	       part_is(p, "application", "x-pkcs7-mime") ||
	       part_is(p, "application", "pgp-encrypted");
}

static bool
may_go(const struct message *m, const struct attachment *at, int64_t over)
{
	if (at->size <= over)
		return false;
	for (int i = at->part; i >= 0; i = m->parts[i].parent)
		if (is_sealed(&m->parts[i]))
			return false;
	return true;
}

/* --- the text ------------------------------------------------------------------------------- */

static void
put_segment(struct buf *b, struct slice s)
{
	static const char plain[] =
	    "-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	for (size_t i = 0; i < s.n; i++)
		if (memchr(plain, s.p[i], sizeof(plain) - 1))
			buf_putc(b, s.p[i]);
		else
			buf_printf(b, "%%%02X", (unsigned char)s.p[i]);
}

static struct slice
make_text(const struct lightening *li, const struct attachment *at)
{
	struct buf b;
	buf_init(&b, TEXT_MAX);
	buf_puts(&b, text_phrase(li->language,
				 N_("A large attachment stood here; it is kept in the archive:")));
	buf_puts(&b, "\n\n  ");
	buf_put_slice(&b, utf8_head(at->name, NAME_SHOWN));
	buf_printf(&b, " (%.*s, %s)\n  %s%d/", SLICE_ARG(at->type),
		   text_size(li->a, li->language, at->size), li->base, at->number);
	put_segment(&b, at->file);
	buf_putc(&b, '\n');
	struct slice text = arena_dup(li->a, buf_slice(&b));
	buf_free(&b);
	return text;
}

static bool
is_plain(struct slice text)
{
	struct slice line;
	while (slice_next_line(&text, &line)) {
		if (line.n > 900) /* RFC 5322 2.1.1 */
			return false;
		for (size_t i = 0; i < line.n; i++)
			if ((unsigned char)line.p[i] >= 0x80)
				return false;
	}
	return true;
}

/* The text as it is transferred, with the line ends of the message. */
static struct slice
encode(const struct lightening *li, struct slice text, bool plain)
{
	struct buf b, out;
	struct slice rest, line;
	buf_init(&b, BUF_NO_LIMIT);
	buf_init(&out, BUF_NO_LIMIT);
	if (plain)
		buf_put_slice(&b, text);
	else
		encode_quoted_printable(&b, text);
	for (rest = buf_slice(&b); slice_next_line(&rest, &line);) {
		buf_put_slice(&out, line);
		buf_puts(&out, li->crlf ? "\r\n" : "\n");
	}
	text = arena_dup(li->a, buf_slice(&out));
	buf_free(&b);
	buf_free(&out);
	return text;
}

/* --- the part in its place ------------------------------------------------------------------ */

static size_t
make_fields(bool plain, struct slice field[3])
{
	field[0] = plain ? SLICE("Content-Type: text/plain; charset=us-ascii")
			 : SLICE("Content-Type: text/plain; charset=utf-8");
	field[1] = plain ? SLICE("Content-Transfer-Encoding: 7bit")
			 : SLICE("Content-Transfer-Encoding: quoted-printable");
	field[2] = SLICE("Content-Disposition: inline");
	return 3;
}

/* The part's own header with other Content-* fields: in a forwarded message, From and Subject stand
 * in it, too. */
static struct slice
make_head(const struct lightening *li, const struct part *p, const struct slice *field, size_t n)
{
	static const char *const drop[] = {"Content-*", NULL};
	const struct header_edit edit = {.drop = drop, .add = field, .nadd = n};
	struct slice rest, head = p->head;
	struct buf b;
	buf_init(&b, HEAD_MAX);
	/* A header of no fields takes its line ends from nowhere. */
	if (head.n == 0)
		head = li->crlf ? SLICE("\r\n") : SLICE("\n");
	edit_header(&edit, head, &b, &rest);
	head = arena_dup(li->a, buf_slice(&b));
	buf_free(&b);
	return head;
}

static void
add_piece(struct lightened *l, const char *from, const char *to)
{
	if (to > from)
		l->piece[l->n++] = slice_make(from, (size_t)(to - from));
}

/* Its header and text instead of the range of part p; the rest of the message goes on behind it. */
static const char *
replace(const struct lightening *li, const struct attachment *at, const char *from,
	struct lightened *l)
{
	const struct part *p = &li->m->parts[at->part];
	const char *end = p->body.p + p->body.n;
	struct slice text = make_text(li, at), field[3];
	bool plain = is_plain(text);
	struct slice body = encode(li, text, plain);
	size_t n = make_fields(plain, field);
	if (at->part == 0) {
		memcpy(l->field, field, sizeof(field));
		l->nfields = n;
	} else {
		add_piece(l, from, p->head.p);
		l->piece[l->n++] = make_head(li, p, field, n);
		/* The line end before a delimiter is the delimiter's (RFC 2046 5.1.1). */
		if (end < li->m->bytes.p + li->m->bytes.n)
			body.n -= li->crlf ? 2 : 1;
	}
	l->piece[l->n++] = body;
	return end;
}

bool
lighten(struct arena *a, const struct message *m, int64_t over, const char *language,
	const char *base, struct lightened *l)
{
	struct lightening li = {a, m, language, base, edit_is_crlf(m->bytes)};
	struct attachment *at;
	struct slice head, body;
	memset(l, 0, sizeof(*l));
	if (over <= 0 || m->verdict != GUARD_OK || (int64_t)m->bytes.n <= over)
		return false;
	edit_split(m->bytes, &head, &body);
	const char *from = body.p, *end = body.p + body.n;
	size_t n = attachments_of(a, m, &at), taken = 0;
	l->piece = arena_array(a, 3 * n + 1, sizeof(*l->piece));
	for (size_t i = 0; i < n; i++) {
		if (!may_go(m, &at[i], over))
			continue;
		from = replace(&li, &at[i], from, l);
		taken++;
	}
	if (taken == 0)
		memset(l, 0, sizeof(*l));
	else
		add_piece(l, from, end);
	return taken > 0;
}
