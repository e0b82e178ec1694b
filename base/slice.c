/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparing and cutting bytes that came from outside. Nothing here reads past a slice's end, and
 * an empty slice may have no pointer at all (memcmp and friends must not see it then).
 */
#include "config.h"
#include "base/slice.h"

#include <stdint.h>

static unsigned char
fold(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
same_ci(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i] && fold(a[i]) != fold(b[i]))
			return false;
	}
	return true;
}

bool
slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
slice_eq_ci(struct slice a, struct slice b)
{
	return a.n == b.n && same_ci(a.p, b.p, a.n);
}

bool
slice_is(struct slice a, const char *s)
{
	return slice_eq(a, slice_str(s));
}

bool
slice_is_ci(struct slice a, const char *s)
{
	return slice_eq_ci(a, slice_str(s));
}

bool
slice_starts(struct slice a, struct slice prefix)
{
	return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

bool
slice_starts_ci(struct slice a, struct slice prefix)
{
	return a.n >= prefix.n && same_ci(a.p, prefix.p, prefix.n);
}

bool
slice_ends_ci(struct slice a, struct slice suffix)
{
	return suffix.n == 0 ||
	       slice_eq_ci(slice_from(a, a.n < suffix.n ? a.n : a.n - suffix.n), suffix);
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return r != 0 ? r : (a.n > b.n) - (a.n < b.n);
}

struct slice
slice_from(struct slice s, size_t at)
{
	if (at == 0)
		return s;
	if (at > s.n)
		at = s.n;
	return slice_make(s.p != NULL ? s.p + at : NULL, s.n - at);
}

struct slice
slice_sub(struct slice s, size_t at, size_t n)
{
	struct slice tail = slice_from(s, at);

	if (n < tail.n)
		tail.n = n;
	return tail;
}

struct slice
slice_trim(struct slice s)
{
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	while (s.n > 0 && is_space(*s.p)) {
		s.p++;
		s.n--;
	}
	return s;
}

size_t
slice_find_char(struct slice s, char c)
{
	const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return at != NULL ? (size_t)(at - s.p) : s.n;
}

size_t
slice_find(struct slice s, struct slice needle)
{
	const char *at;

	if (needle.n == 0)
		return 0;
	if (needle.n > s.n)
		return s.n;
	at = memmem(s.p, s.n, needle.p, needle.n);
	return at != NULL ? (size_t)(at - s.p) : s.n;
}

/* The next c at or behind from, or n: each letter case has its own cursor, moved only when passed,
 * so that the scan stays memchr's. */
static size_t
next_char(struct slice s, size_t from, size_t known, char c)
{
	if (known >= from)
		return known;
	return from + slice_find_char(slice_from(s, from), c);
}

size_t
slice_find_ci(struct slice s, struct slice needle)
{
	struct slice starts;
	char lower, upper;
	size_t at = 0, low, up;

	if (needle.n == 0)
		return 0;
	if (needle.n > s.n)
		return s.n;
	starts = slice_sub(s, 0, s.n - needle.n + 1); /* where it could begin */
	lower = (char)fold(needle.p[0]);
	upper = lower >= 'a' && lower <= 'z' ? (char)(lower & ~0x20) : lower;
	low = slice_find_char(starts, lower);
	up = upper == lower ? starts.n : slice_find_char(starts, upper);
	for (;;) {
		at = low < up ? low : up;
		if (at >= starts.n)
			return s.n;
		if (same_ci(s.p + at, needle.p, needle.n))
			return at;
		low = next_char(starts, at + 1, low, lower);
		up = next_char(starts, at + 1, up, upper);
	}
}

/* On a mismatch the last star takes one byte more: no more than s.n * pattern.n steps. */
bool
slice_like_ci(struct slice s, struct slice pattern)
{
	size_t at = 0, p = 0, star = pattern.n, from = 0;

	while (at < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = at;
		} else if (p < pattern.n &&
			   (pattern.p[p] == '?' || fold(pattern.p[p]) == fold(s.p[at]))) {
			p++;
			at++;
		} else if (star < pattern.n) {
			p = star + 1;
			at = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

bool
slice_cut(struct slice s, char c, struct slice *head, struct slice *rest)
{
	size_t at = slice_find_char(s, c);

	*head = slice_sub(s, 0, at);
	*rest = slice_from(s, at < s.n ? at + 1 : at);
	return at < s.n;
}

bool
slice_next_line(struct slice *s, struct slice *line)
{
	if (s->n == 0)
		return false;
	if (slice_cut(*s, '\n', line, s) && line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

bool
slice_next_word(struct slice *s, struct slice *word)
{
	size_t n = 0;

	while (s->n > 0 && is_space(*s->p))
		*s = slice_from(*s, 1);
	while (n < s->n && !is_space(s->p[n]))
		n++;
	*word = slice_sub(*s, 0, n);
	*s = slice_from(*s, n);
	return n > 0;
}
