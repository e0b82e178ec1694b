/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UTF-8, decoded by one function by the table of well-formed sequences (Unicode 3.9, table 3-7):
 * it alone knows what is valid. Runs of plain ASCII, which is most mail, are passed over by words
 * of eight bytes.
 */
#include "config.h"
#include "base/utf8.h"

#define REPLACEMENT 0xfffd

/* Length of the run of ASCII bytes at the start. */
static size_t
ascii_run(struct slice s)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof word <= s.n; i += sizeof word) {
		memcpy(&word, s.p + i, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	return i;
}

/*
 * UNSAFE: reads p[0..n), n >= 1. Decodes one sequence: its length, and the code point, or -1 as
 * code point for an invalid one whose maximal valid beginning has that length.
 */
static size_t
decode(const unsigned char *p, size_t n, int32_t *cp)
{
	unsigned char lead = p[0], low = 0x80, high = 0xbf;
	size_t more, i;
	int32_t v;

	if (lead < 0x80) {
		*cp = lead;
		return 1;
	}
	*cp = -1;
	if (lead < 0xc2 || lead > 0xf4)
		return 1;
	more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	v = lead & (0x3f >> more);
	/* The second byte's range keeps out overlong forms, surrogates and what is too great. */
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	for (i = 1; i <= more; i++) {
		if (i >= n || p[i] < low || p[i] > high)
			return i;
		v = v << 6 | (p[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	*cp = v;
	return i;
}

/* As utf8_next, but -1 for what is invalid. */
static bool
next(struct slice *s, int32_t *cp)
{
	size_t took;

	if (s->n == 0)
		return false;
	took = decode((const unsigned char *)s->p, s->n, cp);
	s->p += took;
	s->n -= took;
	return true;
}

bool
utf8_valid(struct slice s)
{
	int32_t cp;

	for (;;) {
		s = slice_from(s, ascii_run(s));
		if (!next(&s, &cp))
			return true;
		if (cp < 0)
			return false;
	}
}

bool
utf8_next(struct slice *s, uint32_t *cp)
{
	int32_t v;

	if (!next(s, &v))
		return false;
	*cp = v < 0 ? REPLACEMENT : (uint32_t)v;
	return true;
}

void
utf8_put(struct buf *b, uint32_t cp)
{
	char c[4];
	size_t n;

	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = REPLACEMENT;
	if (cp < 0x80) {
		buf_putc(b, (char)cp);
		return;
	}
	n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, cp >>= 6)
		c[i] = (char)(0x80 | (cp & 0x3f));
	c[0] = (char)((0xf00 >> n & 0xff) | cp);
	buf_put(b, c, n);
}

/* May stand in cleaned text as it is. */
static bool
is_clean(int32_t cp)
{
	if (cp < 0x20)
		return cp == '\t' || cp == '\n';
	return cp < 0x7f || (cp > 0x9f && cp != 0xfffe && cp != 0xffff);
}

/* Length of the clean ASCII beginning of s: the quick way through most text. */
static size_t
plain_run(struct slice s)
{
	size_t i = 0;

	while (i < s.n && (((unsigned char)s.p[i] >= 0x20 && (unsigned char)s.p[i] < 0x7f) ||
			   s.p[i] == '\n' || s.p[i] == '\t'))
		i++;
	return i;
}

/* Length of the clean beginning of s. */
static size_t
clean_run(struct slice s)
{
	struct slice rest = slice_from(s, plain_run(s)), before = rest;
	int32_t cp;

	while (next(&rest, &cp) && is_clean(cp)) {
		rest = slice_from(rest, plain_run(rest));
		before = rest;
	}
	return s.n - before.n;
}

void
utf8_clean(struct buf *b, struct slice s)
{
	int32_t cp;

	for (;;) {
		size_t run = clean_run(s);

		buf_put(b, s.p, run);
		s = slice_from(s, run);
		if (!next(&s, &cp))
			return;
		if (cp < 0)
			utf8_put(b, REPLACEMENT);
		else if (cp == '\r' && !(s.n > 0 && *s.p == '\n'))
			buf_putc(b, '\n');
		/* All others are dropped; of CRLF the LF comes next. */
	}
}

struct slice
utf8_cleaned(struct arena *a, struct slice s)
{
	struct slice out;
	struct buf b;

	if (clean_run(s) == s.n)
		return s;
	buf_init(&b, BUF_NO_LIMIT);
	utf8_clean(&b, s);
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

struct slice
utf8_head(struct slice s, size_t n)
{
	struct slice rest = s;
	int32_t cp;

	while (n-- > 0 && next(&rest, &cp))
		continue;
	return slice_sub(s, 0, s.n - rest.n);
}

size_t
utf8_length(struct slice s)
{
	size_t n = 0;
	int32_t cp;

	for (;;) {
		size_t run = ascii_run(s);

		n += run;
		s = slice_from(s, run);
		if (!next(&s, &cp))
			return n;
		n++;
	}
}

bool
utf8_is_bidi_control(uint32_t cp)
{
	return (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0x200e ||
	       cp == 0x200f || cp == 0xfeff;
}
