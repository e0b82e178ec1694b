/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readable: which parts of a message a reader sees, and their text. Parents stand before children
 * in the flat array of parts, so what is known of a parent is settled when its children come, and
 * what is known of children is summed up by walking backwards. Nothing recurses.
 */
#include "mail/readable.h"

#include "base/utf8.h"
#include "mail/charset.h"
#include "mail/header.h"
#include "mail/pgp.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define EXCUSE_MAX 400       /* "Your mail program cannot show HTML" stays under this */
#define PEEK_MAX (16 * 1024) /* bytes of a part that are looked at to see if it says anything */

/* What is known of each part while choosing. */
struct choice {
	bool has_plain, has_html; /* it, or a part below, is readable text of this kind */
	bool shown;               /* its text is part of the body */
	int chosen;               /* of an alternative, or a related: the child that is read */
};

static struct slice
peek(struct arena *a, const struct part *p)
{
	return slice_trim(part_decode(a, p, PEEK_MAX));
}

/* Nothing but white space, of which some is no-break or has no width (UTF-8 or Latin-1). */
static bool
is_empty(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool blank = c == 0xa0 || c == 0xc2 || c == 0xe2 || c == 0xef || c == 0xbb ||
			     c == 0xbf || (c >= 0x80 && c <= 0x8f);
		if (c > ' ' && !blank)
			return false;
	}
	return true;
}

/* What a text says that has nothing to say. */
static const char *const excuses[] = {
    "html",           "in your browser",     "in a browser",          "view it online",
    "view online",    "does not support",    "doesn't support",       "not able to display",
    "cannot display", "cannot be displayed", "cannot read this",      "modern e-mail",
    "modern email",   "ne supporte pas",     "dans votre navigateur", "unterst\xc3\xbctzt kein",
    "im browser",     "en su navegador",     "en tu navegador",
};

/* An empty text, or one that only sends the reader to the HTML part beside it. */
static bool
is_excuse(const struct message *m, int i, struct arena *a)
{
	const struct part *p = &m->parts[i];
	struct slice s = peek(a, p);
	bool says = false;
	if (is_empty(s))
		return true;
	for (size_t k = 0; s.n <= EXCUSE_MAX && k < COUNT(excuses) && !says; k++)
		says = slice_find_ci(s, slice_str(excuses[k])) < s.n;
	if (!says)
		return false;
	for (size_t k = 0; k < m->nparts; k++)
		if (m->parts[k].parent == p->parent && part_is(&m->parts[k], "text", "html"))
			return m->parts[k].body.n > 4 * s.n;
	return false;
}

/* Texts that are for people as they stand. Others of type text (calendar, csv, …) are files. */
static bool
is_plain_text(const struct part *p)
{
	static const char *const subtypes[] = {"plain",   "enriched", "richtext", "rfc822-headers",
					       "x-patch", "x-diff",   "markdown"};
	if (part_is(p, "message", "delivery-status") ||
	    part_is(p, "message", "global-delivery-status") ||
	    part_is(p, "message", "disposition-notification"))
		return true;
	for (size_t i = 0; i < COUNT(subtypes); i++)
		if (part_is(p, "text", subtypes[i]))
			return true;
	return false;
}

static bool
is_text(const struct part *p)
{
	return p->kind == PART_LEAF && !part_is_attachment(p) &&
	       (is_plain_text(p) || part_is(p, "text", "html"));
}

/* Sums up from the leaves what each part can give. */
static void
gather(const struct message *m, struct choice *c, struct arena *a)
{
	for (size_t i = m->nparts; i-- > 0;) {
		const struct part *p = &m->parts[i];
		if (is_text(p)) {
			bool html = part_is(p, "text", "html");
			c[i].has_html |= html;
			c[i].has_plain |= !html && !is_excuse(m, (int)i, a);
		}
		if (p->parent >= 0) {
			c[p->parent].has_html |= c[i].has_html;
			c[p->parent].has_plain |= c[i].has_plain;
		}
	}
}

/* The part of a multipart/related that "start" names, else its first (RFC 2387 3.2). */
static int
related_root(const struct message *m, int i, struct arena *a)
{
	int first = -1;
	struct slice start = mime_parameter(a, m->parts[i].content_type, "start");
	for (size_t k = 0; k < m->nparts; k++) {
		if (m->parts[k].parent != i)
			continue;
		if (first < 0)
			first = (int)k;
		const struct field *id = part_field(&m->parts[k], "Content-ID");
		if (start.n > 0 && id && slice_eq(slice_trim(id->value), start))
			return (int)k;
	}
	return first;
}

/* Plain text wins, else HTML, else the last, which is the richest (RFC 2046 5.1.4). */
static int
best_alternative(const struct message *m, const struct choice *c, int i)
{
	int plain = -1, html = -1, last = -1;
	for (size_t k = 0; k < m->nparts; k++) {
		if (m->parts[k].parent != i)
			continue;
		last = (int)k;
		if (plain < 0 && c[k].has_plain)
			plain = (int)k;
		if (html < 0 && c[k].has_html)
			html = (int)k;
	}
	return plain >= 0 ? plain : html >= 0 ? html : last;
}

/* For each multipart that shows one child only, which. -1: all. */
static void
choose(const struct message *m, struct choice *c, struct arena *a)
{
	for (size_t i = 0; i < m->nparts; i++) {
		const struct part *p = &m->parts[i];
		c[i].chosen = -1;
		if (part_is(p, "multipart", "alternative"))
			c[i].chosen = best_alternative(m, c, (int)i);
		else if (part_is(p, "multipart", "related") || part_is(p, "multipart", "signed"))
			c[i].chosen = related_root(m, (int)i, a);
		c[i].shown =
		    p->parent < 0 || (c[p->parent].shown &&
				      (c[p->parent].chosen < 0 || c[p->parent].chosen == (int)i));
	}
}

/* The same text in another form: it stands in an alternative that was not chosen. */
static bool
is_other_form(const struct message *m, const struct choice *c, int i)
{
	const struct part *p = &m->parts[i];
	if (!is_text(p))
		return false;
	for (int up = i; m->parts[up].parent >= 0; up = m->parts[up].parent) {
		int parent = m->parts[up].parent;
		if (part_is(&m->parts[parent], "multipart", "alternative") &&
		    c[parent].chosen != up)
			return true;
	}
	return false;
}

size_t
readable_parts(const struct message *m, struct arena *a, struct readable_part **out)
{
	struct choice *c = arena_array(a, m->nparts, sizeof *c);
	struct readable_part *list = arena_array(a, m->nparts, sizeof *list);
	size_t n = 0;
	int number = 0;
	gather(m, c, a);
	choose(m, c, a);
	for (size_t i = 0; i < m->nparts; i++) {
		const struct part *p = &m->parts[i];
		struct readable_part r = {.part = (int)i};
		if (p->kind == PART_MULTIPART || is_other_form(m, c, (int)i))
			continue;
		if (p->kind == PART_MESSAGE) {
			r.kind = READABLE_FORWARDED;
		} else if (c[i].shown && is_text(p)) {
			r.kind = part_is(p, "text", "html") ? READABLE_HTML : READABLE_TEXT;
		} else {
			r.kind = READABLE_ATTACHMENT;
			r.number = ++number;
		}
		list[n++] = r;
	}
	*out = list;
	return n;
}

/* --- text ------------------------------------------------------------------------------------- */

struct slice
readable_part_text(const struct message *m, int part, struct arena *a)
{
	const struct part *p = &m->parts[part];
	struct slice text = part_text(a, p, READABLE_MAX);
	if (part_is(p, "text", "html"))
		return html_to_text(a, text);
	text = pgp_open(a, text);
	if (!part_is(p, "text", "plain") ||
	    !slice_is_ci(mime_parameter(a, p->content_type, "format"), "flowed"))
		return text;
	return text_unflow(a, text,
			   slice_is_ci(mime_parameter(a, p->content_type, "delsp"), "yes"));
}

/* The short header of a forwarded message, fields as it has them. */
static void
put_short_header(struct buf *b, const struct message *m, int part, struct arena *a)
{
	static const char *const names[] = {"From", "Date", "To", "Subject"};
	int inner = part + 1;
	if ((size_t)inner >= m->nparts || m->parts[inner].parent != part)
		return;
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct field *f = part_field(&m->parts[inner], names[i]);
		if (!f)
			continue;
		buf_printf(b, "%s: ", names[i]);
		buf_put_slice(b, header_text(a, f->value));
		buf_putc(b, '\n');
	}
}

/* At most n bytes, cut between characters. */
static struct slice
cut_text(struct slice s, size_t n)
{
	if (s.n <= n)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return slice_sub(s, 0, n);
}

struct slice
readable_text(const struct message *m, struct arena *a)
{
	struct buf b;
	buf_init(&b, READABLE_MAX);
	struct readable_part *list;
	size_t n = readable_parts(m, a, &list);
	for (size_t i = 0; i < n && !buf_over(&b); i++) {
		size_t before = b.n;
		if (list[i].kind == READABLE_ATTACHMENT)
			continue;
		if (before > 0)
			buf_putc(&b, '\n');
		if (list[i].kind == READABLE_FORWARDED) {
			put_short_header(&b, m, list[i].part, a);
			continue;
		}
		struct slice text = readable_part_text(m, list[i].part, a);
		buf_put_slice(&b, cut_text(text, READABLE_MAX - b.n));
		if (b.n > 0 && b.p[b.n - 1] != '\n')
			buf_putc(&b, '\n');
	}
	struct slice whole = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return whole;
}
