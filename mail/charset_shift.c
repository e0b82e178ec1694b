/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset_shift: loops that read a byte at a time and keep a shift state. They never refuse: what
 * begins nothing stands for itself.
 */
#include "config.h"
#include "mail/charset_shift.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "mail/transfer.h"

#define REPLACEMENT 0xfffd
#define ESC '\x1b'

/* Takes one UTF-16 unit into the text; *lead is a surrogate that waits for its second half. */
static void
put_utf16_unit(struct buf *out, uint32_t unit, uint32_t *lead)
{
	if (*lead && unit >= 0xdc00 && unit < 0xe000) {
		utf8_put(out, 0x10000 + ((*lead - 0xd800) << 10) + (unit - 0xdc00));
		*lead = 0;
		return;
	}
	if (*lead)
		utf8_put(out, REPLACEMENT);
	*lead = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
	if (!*lead)
		utf8_put(out, unit >= 0xdc00 && unit < 0xe000 ? REPLACEMENT : unit);
}

/* RFC 2152. A '+' that begins nothing, and what is not base64 after it, stand for themselves. */
void
shift_put_utf7(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n;) {
		if (s.p[i] != '+' || i + 1 == s.n ||
		    (s.p[i + 1] != '-' && transfer_base64_digit(s.p[i + 1]) < 0)) {
			buf_putc(out, s.p[i++]); /* bytes above 0x7f: utf8_clean sees to them */
			continue;
		}
		if (s.p[++i] == '-') {
			buf_putc(out, '+');
			i++;
			continue;
		}
		uint32_t bits = 0, lead = 0;
		unsigned have = 0;
		for (int v; i < s.n && (v = transfer_base64_digit(s.p[i])) >= 0; i++) {
			bits = bits << 6 | (uint32_t)v;
			have += 6;
			if (have >= 16) {
				have -= 16;
				put_utf16_unit(out, bits >> have & 0xffff, &lead);
			}
		}
		if (lead)
			utf8_put(out, REPLACEMENT);
		if (i < s.n && s.p[i] == '-')
			i++;
	}
}

/* RFC 1843: "~{" begins pairs of 7-bit GB 2312, "~}" or a line's end ends them. To GBK. */
void
shift_hz_to_gbk(struct buf *out, struct slice s)
{
	bool pairs = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], d = i + 1 < s.n ? s.p[i + 1] : '\0';
		if (c == '~' && (d == '{' || d == '}')) {
			pairs = d == '{';
			i++;
		} else if (c == '~' && !pairs && (d == '~' || d == '\n')) {
			if (d == '~')
				buf_putc(out, '~');
			i++;
		} else if (pairs && c > ' ' && d > ' ') {
			buf_putc(out, (char)(c | 0x80));
			buf_putc(out, (char)(d | 0x80));
			i++;
		} else {
			pairs = pairs && c != '\n';
			buf_putc(out, c);
		}
	}
}

/* What an escape sequence at the start of s switches to, for shift_jis_to_euc. */
enum jis_set { JIS_ASCII, JIS_KANA, JIS_0208, JIS_0212, JIS_NONE };

static enum jis_set
jis_escape(struct slice s, size_t *length)
{
	static const struct {
		struct slice escape;
		enum jis_set set;
	} rows[] = {
	    {SLICE("\x1b(B"), JIS_ASCII}, {SLICE("\x1b(J"), JIS_ASCII},
	    {SLICE("\x1b(H"), JIS_ASCII}, {SLICE("\x1b(I"), JIS_KANA},
	    {SLICE("\x1b$@"), JIS_0208},  {SLICE("\x1b$B"), JIS_0208},
	    {SLICE("\x1b$(@"), JIS_0208}, {SLICE("\x1b$(B"), JIS_0208},
	    {SLICE("\x1b$(D"), JIS_0212},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		*length = rows[i].escape.n;
		if (slice_starts(s, rows[i].escape))
			return rows[i].set;
	}
	return JIS_NONE;
}

/* RFC 1468, with half-width kana and JIS X 0212 and no more, for Microsoft's EUC-JP, which has the
 * NEC and IBM characters that glibc's ISO-2022-JP refuses. A line's end ends a shift. */
void
shift_jis_to_euc(struct buf *out, struct slice s)
{
	static const char *const shift[] = {
	    [JIS_KANA] = "\x8e", [JIS_0208] = "", [JIS_0212] = "\x8f"};
	enum jis_set set = JIS_ASCII;
	size_t length;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], d = i + 1 < s.n ? s.p[i + 1] : '\0';
		enum jis_set next = c == ESC ? jis_escape(slice_from(s, i), &length) : JIS_NONE;
		if (next != JIS_NONE) {
			set = next;
			i += length - 1;
			continue;
		}
		if (c == '\n')
			set = JIS_ASCII;
		bool two = set == JIS_0208 || set == JIS_0212;
		if (set == JIS_ASCII || c <= ' ' || (two && d <= ' ')) {
			buf_putc(out, c);
			continue;
		}
		buf_puts(out, shift[set]);
		buf_putc(out, (char)(c | 0x80));
		if (two) {
			buf_putc(out, (char)(d | 0x80));
			i++;
		}
	}
}

/* Sets that only iconv's converters know: Chinese, Korean, Greek, Latin-1 in ISO-2022-JP-2 (RFC
 * 1554), and JIS X 0213. */
const char *
shift_jis_foreign(struct slice s)
{
	static const struct {
		struct slice escape;
		const char *iconv;
	} rows[] = {
	    {SLICE("\x1b$A"), "ISO-2022-JP-2"},  {SLICE("\x1b$(C"), "ISO-2022-JP-2"},
	    {SLICE("\x1b."), "ISO-2022-JP-2"},   {SLICE("\x1b$(O"), "ISO-2022-JP-3"},
	    {SLICE("\x1b$(P"), "ISO-2022-JP-3"}, {SLICE("\x1b$(Q"), "ISO-2022-JP-3"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (slice_find(s, rows[i].escape) < s.n)
			return rows[i].iconv;
	return NULL;
}
