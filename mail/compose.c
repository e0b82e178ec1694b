/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compose: mail that Plenary writes itself. Invariants: 1. Nothing but printable ASCII, tab and
 * CRLF goes out, but for the local part of an address that needs SMTPUTF8. 2. No value can add a
 * line: everything passes header_put_* or clean_token. 3. The same input gives the same bytes, so a
 * notice that is written again after a crash is the same notice; the boundary comes from the
 * Message-ID.
 */
#include "mail/compose.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "mail/address.h"
#include "mail/edit.h"
#include "mail/encode.h"
#include "mail/header.h"

#define LINE_MAX_7BIT 998 /* RFC 5322 2.1.1 */
#define COLUMNS 76
#define BOUNDARY_SIZE 64

/* --- header ----------------------------------------------------------------------------------- */

/* Fields are gathered with LF, as header_put_* writes them, and get CRLF at the end. */
struct header {
	struct buf buf;
	struct arena *arena;
};

static void
put_text_field(struct header *h, const char *name, struct slice value)
{
	if (value.n == 0)
		return;
	buf_printf(&h->buf, "%s: ", name);
	header_put_text(&h->buf, value, strlen(name) + 2);
	buf_putc(&h->buf, '\n');
}

/* For ids and addresses: what could end them, or a line, is left out. */
static void
put_token(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > 0x20 && s.p[i] != 0x7f && s.p[i] != '<' &&
		    s.p[i] != '>')
			buf_putc(b, s.p[i]);
}

static void
put_address(struct buf *b, struct slice address)
{
	buf_putc(b, '<');
	if (address_valid(address, true))
		buf_put_slice(b, address);
	else
		put_token(b, address);
	buf_putc(b, '>');
}

static size_t
column_of(const struct buf *b)
{
	size_t i = b->n;
	while (i > 0 && b->p[i - 1] != '\n')
		i--;
	return b->n - i;
}

static void
put_mailbox_field(struct header *h, const char *name, struct slice display, struct slice address)
{
	if (address.n == 0)
		return;
	buf_printf(&h->buf, "%s: ", name);
	if (slice_trim(display).n > 0) {
		header_put_phrase(&h->buf, display, strlen(name) + 2);
		bool fits = column_of(&h->buf) + address.n + 3 <= COLUMNS;
		buf_puts(&h->buf, fits ? " " : "\n ");
	}
	put_address(&h->buf, address);
	buf_putc(&h->buf, '\n');
}

static void
put_id_field(struct header *h, const char *name, struct slice id)
{
	if (id.n == 0)
		return;
	buf_printf(&h->buf, "%s: <", name);
	put_token(&h->buf, id);
	buf_puts(&h->buf, ">\n");
}

/* A whole field of the caller's: the name is checked, the value folded anew. */
static void
put_extra(struct header *h, struct slice field)
{
	struct slice name, value;
	if (!slice_cut(field, ':', &name, &value) || name.n == 0)
		return;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= 0x20 || name.p[i] >= 0x7f)
			return;
	put_text_field(h, arena_str(h->arena, name), header_unfold(h->arena, value));
}

static void
put_fields(struct header *h, const struct compose *c)
{
	put_mailbox_field(h, "From", c->from_name, c->from);
	if (c->to.n > 0)
		put_mailbox_field(h, "To", c->to_name, c->to);
	else
		buf_puts(&h->buf, "To: undisclosed-recipients:;\n");
	put_mailbox_field(h, "Reply-To", slice_make(NULL, 0), c->reply_to);
	put_text_field(h, "Subject", c->subject);
	buf_printf(&h->buf, "Date: %s\n", clock_rfc5322(h->arena, c->date));
	put_id_field(h, "Message-ID", c->msgid);
	put_id_field(h, "In-Reply-To", c->in_reply_to);
	put_id_field(h, "References", c->in_reply_to);
	buf_printf(&h->buf, "Auto-Submitted: auto-%s\n", c->auto_replied ? "replied" : "generated");
	for (size_t i = 0; i < c->nextra; i++)
		put_extra(h, c->extra[i]);
	buf_puts(&h->buf, "MIME-Version: 1.0\n");
}

/* --- bodies ----------------------------------------------------------------------------------- */

enum encoding { ENCODING_7BIT, ENCODING_QP, ENCODING_BASE64 };

static const char *const encoding_names[] = {"7bit", "quoted-printable", "base64"};

/* What a text needs: 7bit where it can stand as it is, else the shorter of the two others. */
static enum encoding
choose_encoding(struct slice s)
{
	size_t column = 0, high = 0;
	bool plain = true;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool line_end = c == '\n' || (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n');
		if (line_end) {
			column = 0;
			continue;
		}
		if (c > 0x7e || (c < 0x20 && c != '\t')) {
			high++;
			plain = false;
		}
		if (++column > LINE_MAX_7BIT)
			plain = false;
	}
	if (plain)
		return ENCODING_7BIT;
	return high <= s.n / 6 ? ENCODING_QP : ENCODING_BASE64;
}

/* Bytes with every line end as CRLF, and one at the end. */
static void
put_crlf(struct buf *b, struct slice s)
{
	struct slice line;
	while (slice_next_line(&s, &line)) {
		buf_put_slice(b, line);
		buf_puts(b, "\r\n");
	}
}

static void
put_encoded(struct buf *b, struct slice s, enum encoding encoding)
{
	if (encoding == ENCODING_BASE64)
		encode_base64_lines(b, s);
	else if (encoding == ENCODING_QP)
		encode_quoted_printable(b, s);
	else
		put_crlf(b, s);
}

/* A text part: its fields, the empty line and its body. */
static void
put_text_part(struct buf *b, const char *type, const char *language, struct slice text)
{
	enum encoding encoding = choose_encoding(text);
	buf_printf(b, "Content-Type: %s; charset=utf-8\r\n", type);
	buf_printf(b, "Content-Transfer-Encoding: %s\r\n", encoding_names[encoding]);
	if (language && *language) {
		buf_puts(b, "Content-Language: ");
		put_token(b, slice_str(language));
		buf_puts(b, "\r\n");
	}
	buf_puts(b, "\r\n");
	put_encoded(b, text, encoding);
}

/*
 * RFC 2046 5.2.1 allows message/rfc822 no encoding, and what we write is 7-bit; a message that is
 * not goes as message/global, which may be encoded (RFC 6532 3.7). The name helps readers that
 * know neither.
 */
static void
put_message_part(struct buf *b, struct slice message)
{
	bool plain = choose_encoding(message) == ENCODING_7BIT;
	buf_printf(b, "Content-Type: message/%s; name=\"message.eml\"\r\n",
		   plain ? "rfc822" : "global");
	buf_printf(b, "Content-Transfer-Encoding: %s\r\n", plain ? "7bit" : "base64");
	buf_puts(b, "Content-Disposition: attachment; filename=\"message.eml\"\r\n\r\n");
	put_encoded(b, message, plain ? ENCODING_7BIT : ENCODING_BASE64);
}

static void
put_attached(struct buf *b, struct arena *a, const struct compose *c)
{
	bool too_big = c->attach_max > 0 && c->attached.n > (uint64_t)c->attach_max;
	if (!c->head_only && !too_big) {
		put_message_part(b, c->attached);
		return;
	}
	struct slice head, body;
	edit_split(c->attached, &head, &body);
	put_text_part(b, "text/rfc822-headers", NULL, utf8_cleaned(a, head));
}

/* Always base64, which also keeps its line ends. */
static void
put_file_part(struct buf *b, const struct compose *c)
{
	buf_puts(b, "Content-Type: ");
	put_token(b, slice_str(c->file_type));
	buf_puts(b, "; name=\"");
	put_token(b, slice_str(c->file_name));
	buf_puts(b, "\"\r\nContent-Transfer-Encoding: base64\r\n"
		    "Content-Disposition: attachment; filename=\"");
	put_token(b, slice_str(c->file_name));
	buf_puts(b, "\"\r\n\r\n");
	encode_base64_lines(b, c->file);
}

/* From the Message-ID; a number behind it in case that either part contains it. */
static void
make_boundary(char out[BOUNDARY_SIZE], const struct compose *c, struct slice text)
{
	uint8_t sum[SHA1_SIZE];
	char name[BASE32_SIZE(SHA1_SIZE)];
	hash_sha1(c->msgid, sum);
	hash_base32(sum, sizeof sum, name);
	for (unsigned i = 0;; i++) {
		snprintf(out, BOUNDARY_SIZE, "=_%s_%u", name, i);
		struct slice boundary = slice_str(out);
		if (slice_find(text, boundary) == text.n &&
		    slice_find(c->attached, boundary) == c->attached.n)
			return;
	}
}

static void
put_multipart(struct buf *b, struct arena *a, const struct compose *c, struct slice text)
{
	char boundary[BOUNDARY_SIZE];
	make_boundary(boundary, c, text);
	buf_printf(b, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n", boundary);
	buf_printf(b, "--%s\r\n", boundary);
	put_text_part(b, "text/plain", c->language, text);
	if (c->attached.n > 0) {
		buf_printf(b, "\r\n--%s\r\n", boundary);
		put_attached(b, a, c);
	}
	if (c->file.n > 0) {
		buf_printf(b, "\r\n--%s\r\n", boundary);
		put_file_part(b, c);
	}
	buf_printf(b, "\r\n--%s--\r\n", boundary);
}

void
compose_message(struct buf *b, const struct compose *c)
{
	struct header h = {.arena = arena_new()};
	buf_init(&h.buf, BUF_NO_LIMIT);
	put_fields(&h, c);
	put_crlf(b, buf_slice(&h.buf));
	struct slice text = utf8_cleaned(h.arena, c->body);
	if (c->attached.n > 0 || c->file.n > 0)
		put_multipart(b, h.arena, c, text);
	else
		put_text_part(b, "text/plain", c->language, text);
	buf_free(&h.buf);
	arena_free(h.arena);
}
