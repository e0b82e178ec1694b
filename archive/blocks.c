/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/blocks.h"

#include <stdbool.h>
#include <string.h>

#include "archive/columns.h"
#include "archive/html.h"
#include "archive/links.h"
#include "base/utf8.h"

#define MARGIN_MIN 60      /* columns; a line this long was broken by a mailer, not by a person */
#define MARGIN_MIN_MANY 50 /* the same where four or more lines agree */
#define MARGIN_MAX 120     /* longer lines are not broken: each is a paragraph */
#define ALIKE 4            /* bytes that two lines of a list or log begin with */
#define FENCED_MAX 2000    /* lines between two fences */

static bool
is_blank(struct slice line)
{
	return slice_trim(line).n == 0;
}

static bool
is_wide(uint32_t cp)
{
	return (cp >= 0x1100 && cp <= 0x115f) || (cp >= 0x2e80 && cp <= 0xd7a3) ||
	       (cp >= 0xf900 && cp <= 0xfaff) || (cp >= 0xfe30 && cp <= 0xfe6f) ||
	       (cp >= 0xff00 && cp <= 0xff60) || (cp >= 0x20000 && cp <= 0x3fffd);
}

/* Columns that s takes on a terminal, about. */
static size_t
width_of(struct slice s)
{
	size_t n = 0;
	uint32_t cp;

	while (utf8_next(&s, &cp))
		n += is_wide(cp) ? 2 : 1;
	return n;
}

/* Of the first word, behind which a line may be broken; in Chinese or Japanese, the first letter.
 */
static size_t
first_width(struct slice line)
{
	struct slice rest = slice_trim(line), word;
	uint32_t cp;

	word = rest;
	if (utf8_next(&rest, &cp) && is_wide(cp))
		return 2;
	return slice_next_word(&word, &rest) ? width_of(rest) : 0;
}

/* --- paragraphs --------------------------------------------------------------------------------
 */

/* Does the sentence go on behind this line, beyond doubt? */
static bool
is_mid_sentence(struct slice line, struct slice next)
{
	struct slice a = slice_trim(line), b = slice_trim(next);
	char last = a.n > 0 ? a.p[a.n - 1] : '.', first = b.n > 0 ? *b.p : 'A';

	return ((last >= 'a' && last <= 'z') || last == ',') &&
	       ((first >= 'a' && first <= 'z') || first == '"' || first == '(');
}

/* An address alone on its line, or the like of the line above ("12:00:01 …", "12:00:02 …"):
 * nobody's margin put it there. */
static bool
stands_alone(struct slice line, struct slice other)
{
	struct slice s = slice_trim(line), rest = s, word;

	if (slice_find(s, SLICE("://")) < s.n && slice_next_word(&rest, &word) && word.n == s.n)
		return true;
	return s.n > ALIKE && slice_starts(slice_trim(other), slice_sub(s, 0, ALIKE));
}

/* The right margin that these lines tell; addresses stick out of it. */
static size_t
margin_of(const struct slice *lines, size_t n)
{
	size_t margin = 0;

	for (size_t i = 0; i < n; i++) {
		size_t w = slice_find(lines[i], SLICE("://")) < lines[i].n
			       ? 0
			       : width_of(slice_trim(lines[i]));

		margin = w > margin ? w : margin;
	}
	return margin;
}

/* Was the break behind this line made because the next word did not fit? */
static bool
is_full(const struct slice *lines, size_t i, size_t margin)
{
	return !stands_alone(lines[i], lines[i + 1]) && !stands_alone(lines[i + 1], lines[i]) &&
	       width_of(slice_trim(lines[i])) + 1 + first_width(lines[i + 1]) > margin;
}

/*
 * The margin at which a mailer broke these lines, or 0 if none did. Each but the last is broken
 * because the next word did not fit, or in the midst of a sentence, as where two mailers broke the
 * same text at different margins; or almost all are, as above a name.
 */
static size_t
wrapped_at(const struct slice *lines, size_t n)
{
	size_t margin = margin_of(lines, n), full = 0, kept = 0;

	if (n < 2 || margin < (n < 4 ? MARGIN_MIN : MARGIN_MIN_MANY) || margin > MARGIN_MAX)
		return 0;
	for (size_t i = 0; i + 1 < n; i++) {
		if (is_full(lines, i, margin))
			full++;
		else if (margin < MARGIN_MIN || !is_mid_sentence(lines[i], lines[i + 1]))
			kept++;
	}
	return full > 0 && (kept == 0 || full >= 2 + kept) ? margin : 0;
}

static bool
ends_wide(struct slice s)
{
	size_t i = s.n;
	struct slice last;
	uint32_t cp = 0;

	while (i > 0 && ((unsigned char)s.p[--i] & 0xc0) == 0x80)
		continue;
	last = slice_from(s, i);
	return utf8_next(&last, &cp) && is_wide(cp);
}

/* Lines that belong together: as one flowing text, or with their breaks. */
static void
put_lines(struct buf *b, const struct slice *lines, size_t n, const char *domain)
{
	size_t margin = wrapped_at(lines, n);

	for (size_t i = 0; i < n; i++) {
		struct slice line = slice_trim(lines[i]);
		bool flow = margin > 0 && i + 1 < n &&
			    (is_full(lines, i, margin) || is_mid_sentence(lines[i], lines[i + 1]));

		links_text(b, line, domain);
		if (i + 1 < n && !flow)
			html_markup(b, "<br>\n");
		else if (i + 1 < n && !ends_wide(line))
			html_markup(b, "\n");
	}
}

/* The script of the paragraph's beginning: its lines are of one text. */
static void
put_attrs(struct buf *b, const struct slice *lines, size_t n, const struct blocks_style *st)
{
	const char *end = lines[n - 1].p + lines[n - 1].n;
	size_t length = (size_t)(end - lines[0].p);

	if (st->around)
		tongue_attrs(
		    b, st->around,
		    slice_make(lines[0].p, length < LANGUAGE_SAMPLE ? length : LANGUAGE_SAMPLE));
}

/* A paragraph: its lines in runs that begin at each mark of a list. */
static void
put_paragraph(struct buf *b, const struct slice *lines, size_t n, const struct blocks_style *st)
{
	html_markup(b, "<p");
	put_attrs(b, lines, n, st);
	html_markup(b, ">");
	for (size_t i = 0; i < n;) {
		size_t to = i + 1;

		while (to < n && columns_bullet(lines[to]) == 0)
			to++;
		if (i > 0)
			html_markup(b, "<br>\n");
		put_lines(b, lines + i, to - i, st->domain);
		i = to;
	}
	html_markup(b, "</p>\n");
}

/* Where the paragraph at lines[i] ends: at an empty line, or where git puts a patch below its
 * words. */
static size_t
paragraph_end(const struct slice *lines, size_t i, size_t n)
{
	for (i++; i < n && !is_blank(lines[i]) && !slice_is(lines[i], "---");)
		i++;
	return i;
}

/* Where the lines between two fences end; i if this one begins none. */
static size_t
fenced_end(const struct slice *lines, size_t i, size_t n)
{
	if (!columns_is_fence(lines[i]))
		return i;
	for (size_t to = i + 1; to < n && to - i < FENCED_MAX; to++)
		if (columns_is_fence(lines[to]))
			return to + 1;
	return i;
}

/* Where the columns that begin with the paragraph [i, to) end: code goes on behind empty lines. */
static size_t
columns_end(const struct slice *lines, size_t to, size_t n, bool diff)
{
	for (;;) {
		size_t next = to, end;

		while (next < n && is_blank(lines[next]))
			next++;
		if (next == n)
			return to;
		end = paragraph_end(lines, next, n);
		if (!columns_go_on(lines + next, end - next, diff))
			return to;
		to = end;
	}
}

void
blocks_put(struct buf *b, const struct slice *lines, size_t n, const struct blocks_style *st)
{
	for (size_t i = 0; i < n;) {
		size_t to = fenced_end(lines, i, n);
		bool diff;

		if (is_blank(lines[i])) {
			i++;
			continue;
		}
		if (to > i) {
			columns_put(b, lines + i, to - i, false, st->domain);
			i = to;
			continue;
		}
		to = paragraph_end(lines, i, n);
		if (!columns_are(lines + i, to - i)) {
			put_paragraph(b, lines + i, to - i, st);
			i = to;
			continue;
		}
		diff = columns_is_diff(lines + i, to - i);
		to = columns_end(lines, to, n, diff);
		columns_put(b, lines + i, to - i, diff, st->domain);
		i = to;
	}
}
