/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/blocks.h"

#include <stdbool.h>
#include <string.h>

#include "archive/html.h"
#include "archive/links.h"
#include "base/utf8.h"

#define MARGIN_MIN 60      /* columns; a line this long was broken by a mailer, not by a person */
#define MARGIN_MIN_MANY 50 /* the same where four or more lines agree */
#define COLUMNS_INDENT 4   /* spaces that set code apart */
#define COLUMNS_GAP 3      /* spaces inside a line that make columns; two end a sentence */

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

static size_t
indent_of(struct slice line)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		n += line.p[i] == '\t' ? 8 - n % 8 : 1;
	return n;
}

/* "- ", "* ", "• ", "1. ", "(a) ": length of a list's mark with its space, 0 if there is none. */
static size_t
bullet_of(struct slice line)
{
	struct slice s = line, mark;
	size_t n;

	while (s.n > 0 && (*s.p == ' ' || *s.p == '\t'))
		s = slice_from(s, 1);
	n = slice_find_char(s, ' ');
	mark = slice_sub(s, 0, n);
	if (n == s.n || n == 0 || n > 5)
		return 0;
	if (slice_is(mark, "-") || slice_is(mark, "*") || slice_is(mark, "+") ||
	    slice_is(mark, "•") || slice_is(mark, "–") || slice_is(mark, "·"))
		return n + 1;
	if (n < 2 || !strchr(".):]", mark.p[n - 1]))
		return 0;
	for (size_t i = mark.p[0] == '(' || mark.p[0] == '[' ? 1 : 0; i < n - 1; i++)
		if (!(mark.p[i] >= '0' && mark.p[i] <= '9') && n > 3)
			return 0;
	return n + 1;
}

/* --- columns -----------------------------------------------------------------------------------
 */

static bool
has_gap(struct slice line)
{
	size_t run = 0;
	struct slice s = slice_trim(line);

	if (slice_find_char(s, '\t') < s.n)
		return true;
	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] == ' ' ? run + 1 : 0;
		if (run == COLUMNS_GAP)
			return true;
	}
	return false;
}

/* Lines of a table or box: "| a | b |", "+---+", "=====". */
static bool
is_drawn(struct slice line)
{
	size_t bars = 0, others = 0;
	struct slice s = slice_trim(line);

	for (size_t i = 0; i < s.n; i++) {
		bars += s.p[i] == '|';
		others += !strchr("-+=_|*#~^ ", s.p[i]);
	}
	return bars >= 2 || (s.n >= 4 && others == 0);
}

static bool
is_code(struct slice line)
{
	struct slice s = slice_trim(line);
	char last = s.n > 0 ? s.p[s.n - 1] : ' ';

	return last == ';' || last == '{' || last == '}' || slice_starts(s, SLICE("$ ")) ||
	       slice_starts(s, SLICE("#include")) || slice_starts(s, SLICE(">>> ")) ||
	       slice_starts(s, SLICE("//")) || slice_starts(s, SLICE("/*"));
}

static bool
is_diff(const struct slice *lines, size_t n)
{
	if (slice_starts(lines[0], SLICE("diff --git ")) ||
	    slice_starts(lines[0], SLICE("Index: ")) || slice_starts(lines[0], SLICE("@@ -")))
		return true;
	for (size_t i = 0; i + 1 < n; i++)
		if (slice_starts(lines[i], SLICE("--- ")) &&
		    slice_starts(lines[i + 1], SLICE("+++ ")))
			return true;
	return false;
}

/* Do columns matter in this paragraph? */
static bool
is_columns(const struct slice *lines, size_t n)
{
	size_t gaps = 0, indents = 0, drawn = 0, code = 0, urls = 0;

	for (size_t i = 0; i < n; i++) {
		gaps += has_gap(lines[i]);
		indents += indent_of(lines[i]) >= COLUMNS_INDENT && bullet_of(lines[i]) == 0;
		drawn += is_drawn(lines[i]);
		code += is_code(lines[i]);
		urls += slice_find(lines[i], SLICE("://")) < lines[i].n;
	}
	if (is_diff(lines, n))
		return true;
	if (indents == n)
		return urls < n;
	return (gaps >= 2 && gaps * 2 >= n) || (drawn >= 2 && drawn * 2 >= n) ||
	       (code >= 2 && code * 2 >= n);
}

/* The common indent goes; a diff's lines say what is added and what is taken away. */
static void
put_columns(struct buf *b, const struct slice *lines, size_t n, bool diff, const char *domain)
{
	size_t common = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t indent = 0;

		while (indent < lines[i].n && lines[i].p[indent] == ' ')
			indent++;
		if (!is_blank(lines[i]) && indent < common)
			common = indent;
	}
	html_markup(b, "<pre tabindex=\"0\">");
	for (size_t i = 0; i < n; i++) {
		struct slice line = slice_from(lines[i], common);
		char mark = diff && line.n > 0 ? *line.p : ' ';

		if (mark == '+')
			html_markup(b, "<ins>");
		else if (mark == '-')
			html_markup(b, "<del>");
		/* A first line that is empty would be lost: HTML drops a line end behind <pre>. */
		links_text(b, line, domain);
		if (mark == '+')
			html_markup(b, "</ins>");
		else if (mark == '-')
			html_markup(b, "</del>");
		if (i + 1 < n)
			html_markup(b, "\n");
	}
	html_markup(b, "</pre>\n");
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

/*
 * Did a mailer break these lines? Each but the last is broken because the next word did not fit;
 * or in the midst of a sentence, as where two mailers broke the same text at different margins.
 */
static bool
is_wrapped(const struct slice *lines, size_t n)
{
	size_t margin = 0, full = 0;

	for (size_t i = 0; i < n; i++) {
		size_t w = width_of(slice_trim(lines[i]));

		margin = w > margin ? w : margin;
	}
	if (n < 2 || margin < (n < 4 ? MARGIN_MIN : MARGIN_MIN_MANY))
		return false;
	for (size_t i = 0; i + 1 < n; i++) {
		if (width_of(slice_trim(lines[i])) + 1 + first_width(lines[i + 1]) > margin)
			full++;
		else if (margin < MARGIN_MIN || !is_mid_sentence(lines[i], lines[i + 1]))
			return false;
	}
	return full > 0;
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
	bool flow = is_wrapped(lines, n);

	for (size_t i = 0; i < n; i++) {
		struct slice line = slice_trim(lines[i]);

		links_text(b, line, domain);
		if (i + 1 < n && !flow)
			html_markup(b, "<br>\n");
		else if (i + 1 < n && !ends_wide(line))
			html_markup(b, "\n");
	}
}

/* A paragraph: its lines in runs that begin at each mark of a list. */
static void
put_paragraph(struct buf *b, const struct slice *lines, size_t n, const char *domain)
{
	html_markup(b, "<p>");
	for (size_t i = 0; i < n;) {
		size_t to = i + 1;

		while (to < n && bullet_of(lines[to]) == 0)
			to++;
		if (i > 0)
			html_markup(b, "<br>\n");
		put_lines(b, lines + i, to - i, domain);
		i = to;
	}
	html_markup(b, "</p>\n");
}

/* Where the paragraph at lines[i] ends. */
static size_t
paragraph_end(const struct slice *lines, size_t i, size_t n)
{
	while (i < n && !is_blank(lines[i]))
		i++;
	return i;
}

/* Do columns go on with this paragraph, behind an empty line? */
static bool
columns_go_on(const struct slice *lines, size_t n, bool diff)
{
	return is_columns(lines, n) || (diff && strchr(" +-@", *lines[0].p));
}

void
blocks_put(struct buf *b, const struct slice *lines, size_t n, const char *domain)
{
	for (size_t i = 0; i < n;) {
		size_t to, next;
		bool diff;

		if (is_blank(lines[i])) {
			i++;
			continue;
		}
		to = paragraph_end(lines, i, n);
		if (!is_columns(lines + i, to - i)) {
			put_paragraph(b, lines + i, to - i, domain);
			i = to;
			continue;
		}
		diff = is_diff(lines + i, to - i);
		for (;;) { /* code goes on behind empty lines */
			for (next = to; next < n && is_blank(lines[next]);)
				next++;
			if (next == n)
				break;
			if (!columns_go_on(lines + next, paragraph_end(lines, next, n) - next,
					   diff))
				break;
			to = paragraph_end(lines, next, n);
		}
		put_columns(b, lines + i, to - i, diff, domain);
		i = to;
	}
}
