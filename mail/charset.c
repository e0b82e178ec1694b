/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charset: any bytes to clean UTF-8. iconv does the tables; here is what it does not do: believing
 * the bytes more than the label, and going on behind a bad byte. Encodings that glibc lacks or
 * reads too strictly are in charset_shift. A descriptor is opened once a process for each row of
 * the table and kept.
 */
#include "config.h"
#include "mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mail/charset_guess.h"
#include "mail/charset_label.h"
#include "mail/charset_shift.h"

#define REPLACEMENT 0xfffd
#define ESC '\x1b'
#define MIXED 8 /* right UTF-8 sequences for each wrong one, against a label that is not UTF-8 */
#define ALIEN_MAX 2 /* bytes of windows-1252 in a row that are mended in UTF-8 */

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

/* What the converter holds back for an accent that might follow (windows-1255 and -1258 do). The
 * shifts of ISO 2022 would be forgotten by that. */
static void
flush_held_back(struct buf *out, iconv_t cd, const char *name)
{
	size_t room = 16;
	char *at = buf_reserve(out, room);
	if (!at || strncmp(name, "ISO-2022", 8) == 0)
		return;
	iconv(cd, NULL, NULL, &at, &room);
	out->n += 16 - room;
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
		int why = errno;
		out->n += had - room;
		if (r != (size_t)-1 || why == E2BIG)
			continue;
		size_t skip = why == EINVAL || left < unit ? left : unit;
		flush_held_back(out, cd, name);
		utf8_put(out, REPLACEMENT);
		in += skip;
		left -= skip;
	}
	flush_held_back(out, cd, name);
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

/* UTF-16 and UTF-32: a byte order mark decides, else where the zero bytes of ASCII are (against a
 * label that names an order only if they are in half of the text), else the label. */
static bool
put_wide(struct buf *out, struct slice s, const char *iconv)
{
	const size_t unit = iconv[4] == '3' ? 4 : 2;
	bool big = iconv[6] == 'B';
	size_t first = 0, last = 0, units = 0;
	for (size_t i = 0; i + unit <= s.n && units < 1024; i += unit, units++) {
		first += s.p[i] == '\0';
		last += s.p[i + unit - 1] == '\0';
	}
	size_t apart = first > last ? first - last : last - first;
	if (slice_starts(s, SLICE("\xff\xfe")))
		big = false;
	else if (slice_starts(slice_from(s, unit - 2), SLICE("\xfe\xff")))
		big = true;
	else if (apart > 0 && (iconv[6] == '\0' || 2 * apart >= units))
		big = first > last;
	if (unit == 4)
		return put_by_iconv(out, s, big ? "UTF-32BE" : "UTF-32LE", unit);
	return put_by_iconv(out, s, big ? "UTF-16BE" : "UTF-16LE", unit);
}

/* Are there sequences of more than one byte, so many right ones for each wrong one? */
static bool
mostly_utf8(struct slice s, size_t right)
{
	size_t good = 0, bad = 0;
	uint32_t cp;
	while (utf8_next(&s, &cp)) {
		good += cp >= 0x80 && cp != REPLACEMENT;
		bad += cp == REPLACEMENT;
	}
	return good > 0 && good >= right * bad;
}

static bool
put_converted(struct buf *out, struct slice s, const struct charset *c)
{
	const char *foreign;
	switch (c->kind) {
	case CHARSET_UTF7:
		shift_put_utf7(out, s);
		return true;
	case CHARSET_WIDE:
		return put_wide(out, s, c->iconv);
	case CHARSET_JIS:
		foreign = shift_jis_foreign(s);
		return foreign ? put_by_iconv(out, s, foreign, 1)
			       : put_in_steps(out, s, shift_jis_to_euc, "EUC-JP-MS");
	case CHARSET_HZ:
		return put_in_steps(out, s, shift_hz_to_gbk, c->iconv);
	case CHARSET_BYTES:
	case CHARSET_ESC:
		return put_by_iconv(out, s, c->iconv, 1);
	case CHARSET_UTF8:
	case CHARSET_LATIN:
		break;
	}
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
	const struct charset *guessed;
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
		if (mostly_utf8(s, said && kind == CHARSET_UTF8 ? 1 : MIXED))
			return NULL;
		guessed = charset_guess(s, put_converted);
		return guessed ? guessed : &latin;
	case CHARSET_BYTES:
		return valid ? NULL : said;
	}
	return NULL;
}

/*
 * UTF-8 in which a single byte or two are none, between ASCII: somebody's footer in windows-1252.
 * Others are left to be U+FFFD: a cut letter is no other letter.
 */
static struct slice
mended(struct arena *a, struct slice s)
{
	struct slice out, rest = s;
	size_t start = 0;
	struct buf b;
	uint32_t cp;

	if (utf8_valid(s))
		return s;
	buf_init(&b, BUF_NO_LIMIT);
	while (rest.n > 0) {
		size_t at = s.n - rest.n, n = 0;

		if (!utf8_next(&rest, &cp) || cp != REPLACEMENT ||
		    slice_starts(slice_from(s, at), SLICE("\xef\xbf\xbd")))
			continue;
		while (at + n < s.n && (uint8_t)s.p[at + n] >= 0x80)
			n++;
		if (n <= ALIEN_MAX && (at == 0 || (uint8_t)s.p[at - 1] < 0x80)) {
			buf_put_slice(&b, slice_sub(s, start, at - start));
			put_latin(&b, slice_sub(s, at, n));
			start = at + n;
		}
		rest = slice_from(s, at + n);
	}
	buf_put_slice(&b, slice_from(s, start));
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
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
		return utf8_cleaned(a, mended(a, without_mark(bytes)));
	struct buf out;
	buf_init(&out, BUF_NO_LIMIT);
	if (!put_converted(&out, bytes, c)) {
		buf_clear(&out);
		put_latin(&out, bytes);
	}
	struct slice text = arena_dup(a, buf_slice(&out));
	buf_free(&out);
	text = without_mark(text);
	return utf8_cleaned(a, c->kind == CHARSET_UTF7 ? mended(a, text) : text);
}

size_t
charset_open_all(void)
{
	size_t missing = descriptor("ISO-2022-JP-3") == (iconv_t)-1;
	for (size_t i = 0; i < charset_count; i++)
		if (charset_rows[i].iconv && descriptor(charset_rows[i].iconv) == (iconv_t)-1)
			missing++;
	return missing;
}
