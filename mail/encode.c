/* SPDX-License-Identifier: GPL-2.0-or-later */
/* encode: see encode.h. */
#include "mail/encode.h"

#define LINE_MAX_QP 76 /* RFC 2045 6.7 (5), with the '=' of a soft break */
#define LINE_BYTES 57  /* 76 digits of base64 */

void
encode_base64(struct buf *b, struct slice s)
{
	static const char digit[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < s.n; i += 3) {
		unsigned v = 0;
		char out[4];
		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (i + k < s.n ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			out[k] = i + k > s.n ? '=' : digit[v >> (18 - 6 * k) & 63];
		buf_put(b, out, sizeof out);
	}
}

void
encode_base64_lines(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i += LINE_BYTES) {
		encode_base64(b, slice_sub(s, i, LINE_BYTES));
		buf_puts(b, "\r\n");
	}
}

/* May s.p[i] stand as itself? Blanks not at the end of a line. */
static bool
is_plain(struct slice s, size_t i)
{
	char c = s.p[i];
	if (c == ' ' || c == '\t')
		return i + 1 < s.n;
	if (i == 0 && (slice_starts(s, SLICE("From ")) || slice_is(s, ".")))
		return false;
	return c > 0x20 && c < 0x7f && c != '=';
}

static void
put_qp_line(struct buf *b, struct slice line)
{
	size_t column = 0;
	for (size_t i = 0; i < line.n; i++) {
		bool plain = is_plain(line, i);
		size_t width = plain ? 1 : 3;
		bool last = i + 1 == line.n;
		if (column + width + !last > LINE_MAX_QP) {
			buf_puts(b, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_putc(b, line.p[i]);
		else
			buf_printf(b, "=%02X", (unsigned char)line.p[i]);
		column += width;
	}
	buf_puts(b, "\r\n");
}

void
encode_quoted_printable(struct buf *b, struct slice text)
{
	struct slice line;
	while (slice_next_line(&text, &line))
		put_qp_line(b, line);
}
