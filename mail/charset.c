/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset: any bytes to clean UTF-8. iconv does the tables; here is what it does not do: believing
 * the bytes more than the label, going on behind a bad byte, and the three encodings that glibc
 * lacks or reads too strictly (UTF-7, HZ, ISO-2022-JP with the characters that mailers really
 * send). A descriptor is opened once a process for each row of the table and kept.
 */
#include "config.h"
#include "mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mail/charset_label.h"

#define REPLACEMENT 0xfffd
#define ESC '\x1b'

/* One descriptor a name; the names come from the table and a few lines below, so they are bounded.
 */
#define DESCRIPTORS_MAX 96

static iconv_t
descriptor(const char *name)
{
	static struct {
		const char *name;
		iconv_t cd;
	} cache[DESCRIPTORS_MAX];
	static size_t used;
	for (size_t i = 0; i < used; i++)
		if (strcmp(cache[i].name, name) == 0)
			return cache[i].cd;
	iconv_t cd = used < DESCRIPTORS_MAX ? iconv_open("UTF-8", name) : (iconv_t)-1;
	if (used < DESCRIPTORS_MAX) {
		cache[used].name = name;
		cache[used++].cd = cd; /* a failure is kept, too: it will fail again */
	}
	return cd;
}

/* Appends s converted; each unit (of that many bytes) that iconv refuses becomes U+FFFD. False if
 * there is no such converter. */
static bool
put_by_iconv(struct buf *out, struct slice s, const char *name, size_t unit)
{
	iconv_t cd = descriptor(name);
	if (cd == (iconv_t)-1)
		return false;
	char *in = (char *)(uintptr_t)s.p; /* iconv's prototype forgot a const */
	size_t left = s.n;
	iconv(cd, NULL, NULL, NULL, NULL);
	while (left) {
		size_t room = left * 3 + 64, had = room;
		char *at = buf_reserve(out, room);
		if (!at)
			break;
		size_t r = iconv(cd, &in, &left, &at, &room);
		out->n += had - room;
		if (r != (size_t)-1 || errno == E2BIG)
			continue;
		size_t skip = errno == EINVAL || left < unit ? left : unit;
		utf8_put(out, REPLACEMENT);
		in += skip;
		left -= skip;
	}
	return true;
}

/* windows-1252 by the table that WHATWG has for 0x80..0x9f; its five holes are nothing. */
static void
put_latin(struct buf *out, struct slice s)
{
	static const uint16_t high[32] = {
	    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
	};
	size_t start = 0;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];
		if (c < 0x80)
			continue;
		buf_put(out, s.p + start, i - start);
		start = i + 1;
		uint32_t cp = c < 0xa0 ? high[c - 0x80] : c;
		utf8_put(out, cp ? cp : REPLACEMENT);
	}
	if (s.n)
		buf_put(out, s.p + start, s.n - start);
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

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
static void
put_utf7(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n;) {
		if (s.p[i] != '+' || i + 1 == s.n ||
		    (s.p[i + 1] != '-' && base64_value(s.p[i + 1]) < 0)) {
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
		for (int v; i < s.n && (v = base64_value(s.p[i])) >= 0; i++) {
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
static void
hz_to_gbk(struct buf *out, struct slice s)
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

/* What an escape sequence at the start of s switches to, for jis_to_euc. */
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
static void
jis_to_euc(struct buf *out, struct slice s)
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
static const char *
jis_foreign(struct slice s)
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

static bool
put_in_steps(struct buf *out, struct slice s, void (*step)(struct buf *, struct slice),
	     const char *iconv)
{
	struct buf between;
	buf_init(&between, BUF_NO_LIMIT);
	step(&between, s);
	bool good = put_by_iconv(out, buf_slice(&between), iconv, 1);
	buf_free(&between);
	return good;
}

/* UTF-16 and UTF-32: a byte order mark decides, else where the zero bytes of ASCII are, else the
 * label. */
static bool
put_wide(struct buf *out, struct slice s, const char *iconv)
{
	size_t unit = iconv[4] == '3' ? 4 : 2, zeros[2] = {0, 0};
	bool big = iconv[6] == 'B';
	uint8_t first = s.n >= unit ? (uint8_t)s.p[0] : 0, last = 0;
	if (s.n >= unit)
		last = (uint8_t)s.p[unit - 1];
	for (size_t i = 0; i < s.n && i < 1024; i++)
		zeros[i % unit == unit - 1] +=
		    s.p[i] == '\0' && (i % unit == 0 || i % unit == unit - 1);
	if (first == 0xff && s.p[1] == (char)0xfe)
		big = false;
	else if (last == 0xff && s.p[unit - 2] == (char)0xfe)
		big = true;
	else if (zeros[0] != zeros[1])
		big = zeros[0] > zeros[1];
	if (unit == 4)
		return put_by_iconv(out, s, big ? "UTF-32BE" : "UTF-32LE", unit);
	return put_by_iconv(out, s, big ? "UTF-16BE" : "UTF-16LE", unit);
}

/* Is there any right sequence of more than one byte? Else "UTF-8" was not so. */
static bool
some_utf8(struct slice s)
{
	uint32_t cp;
	while (utf8_next(&s, &cp))
		if (cp >= 0x80 && cp != REPLACEMENT)
			return true;
	return false;
}

/*
 * The encoding that is used: the label's, unless the bytes say otherwise. NULL: they are UTF-8 (or
 * ASCII), to be cleaned only.
 */
static const struct charset *
decide(struct slice s, const struct charset *said)
{
	static const struct charset latin = {NULL, "", CHARSET_LATIN},
				    jis = {"ISO-2022-JP-2", "", CHARSET_JIS};
	const bool valid = utf8_valid(s);
	enum charset_kind kind = said ? said->kind : CHARSET_UTF8;
	switch (kind) {
	case CHARSET_WIDE:
		/* ASCII under such a label is a lie: real text has line ends, so zero bytes. */
		return valid && slice_find_char(s, '\0') == s.n ? NULL : said;
	case CHARSET_UTF7:
		return said;
	case CHARSET_JIS:
	case CHARSET_ESC:
		if (slice_find_char(s, ESC) < s.n || slice_find_char(s, '\x0e') < s.n)
			return said;
		return valid ? NULL : said;
	case CHARSET_HZ:
		return slice_find(s, SLICE("~")) < s.n ? said : valid ? NULL : said;
	case CHARSET_UTF8:
	case CHARSET_LATIN:
		if (valid &&
		    (slice_find(s, SLICE("\x1b$B")) < s.n || slice_find(s, SLICE("\x1b$@")) < s.n))
			return &jis;
		if (valid)
			return NULL;
		return said && kind == CHARSET_UTF8 && some_utf8(s) ? NULL : &latin;
	case CHARSET_BYTES:
		return valid ? NULL : said;
	}
	return NULL;
}

static bool
put_converted(struct buf *out, struct slice s, const struct charset *c)
{
	const char *foreign;
	switch (c->kind) {
	case CHARSET_UTF7:
		put_utf7(out, s);
		return true;
	case CHARSET_WIDE:
		return put_wide(out, s, c->iconv);
	case CHARSET_JIS:
		foreign = jis_foreign(s);
		return foreign ? put_by_iconv(out, s, foreign, 1)
			       : put_in_steps(out, s, jis_to_euc, "EUC-JP-MS");
	case CHARSET_HZ:
		return put_in_steps(out, s, hz_to_gbk, c->iconv);
	case CHARSET_BYTES:
	case CHARSET_ESC:
		return put_by_iconv(out, s, c->iconv, 1);
	case CHARSET_UTF8:
	case CHARSET_LATIN:
		break;
	}
	return false;
}

static struct slice
without_mark(struct slice s)
{
	return slice_from(s, slice_starts(s, SLICE("\xef\xbb\xbf")) ? 3 : 0);
}

struct slice
charset_to_utf8(struct arena *a, struct slice bytes, struct slice label)
{
	const struct charset *c = decide(bytes, charset_find(label));
	if (!c)
		return utf8_cleaned(a, without_mark(bytes));
	struct buf out;
	buf_init(&out, BUF_NO_LIMIT);
	if (!put_converted(&out, bytes, c)) {
		buf_clear(&out);
		put_latin(&out, bytes);
	}
	struct slice text = arena_dup(a, buf_slice(&out));
	buf_free(&out);
	return utf8_cleaned(a, without_mark(text));
}

void
charset_open_all(void)
{
	for (size_t i = 0; i < charset_count; i++)
		if (charset_rows[i].iconv)
			descriptor(charset_rows[i].iconv);
	descriptor("ISO-2022-JP-3");
}
