/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slice: text from outside is a pointer and a length, never a C string: a NUL in a mail is data.
 * A slice owns nothing; it lives as long as the bytes it points into (a file map, a buf, an arena).
 * The empty slice may have p == NULL. All comparisons are on bytes; "ci" folds ASCII letters only.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p;
	size_t n;
};

/* A slice of a string literal. */
#define SLICE(lit) ((struct slice){"" lit, sizeof(lit) - 1})
/* For printf's "%.*s"; the value must be known to be short (at most INT_MAX is printed). */
#define SLICE_ARG(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), ((s).p ? (s).p : "")

static inline struct slice
slice_make(const char *p, size_t n)
{
	return (struct slice){p, n};
}

static inline struct slice
slice_str(const char *s) /* s may be NULL: empty */
{
	return (struct slice){s, s ? strlen(s) : 0};
}

bool slice_eq(struct slice a, struct slice b);
bool slice_eq_ci(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *s); /* a equals the C string s */
bool slice_is_ci(struct slice a, const char *s);
bool slice_starts(struct slice a, struct slice prefix);
bool slice_starts_ci(struct slice a, struct slice prefix);
bool slice_ends_ci(struct slice a, struct slice suffix);
int slice_cmp(struct slice a, struct slice b); /* memcmp order, shorter first */

/* From the at-th byte to the end; n bytes from at. Out of range is cut, never read. */
struct slice slice_from(struct slice s, size_t at);
struct slice slice_sub(struct slice s, size_t at, size_t n);
/* Without ASCII white space (space, tab, CR, LF, VT, FF) at both ends. */
struct slice slice_trim(struct slice s);

/* Index of the first c / first occurrence of needle; s.n if there is none. */
size_t slice_find_char(struct slice s, char c);
size_t slice_find(struct slice s, struct slice needle);
size_t slice_find_ci(struct slice s, struct slice needle);
/* Is all of s like the pattern? In it "*" stands for anything, or nothing, and "?" for one byte. For
 * short texts: time grows with the product of their lengths. */
bool slice_like_ci(struct slice s, struct slice pattern);

/* Splits at the first c: *head before it, *rest after it. False (head = s, rest empty) if absent.
 */
bool slice_cut(struct slice s, char c, struct slice *head, struct slice *rest);
/* Takes the next line off *s: line without its LF or CRLF. False when *s is empty. */
bool slice_next_line(struct slice *s, struct slice *line);
/* Takes the next run of non-white-space off *s. False when only white space is left. */
bool slice_next_word(struct slice *s, struct slice *word);

#endif
