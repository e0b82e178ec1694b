/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/columns.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "archive/html.h"
#include "archive/links.h"

#define COLUMNS_INDENT 4 /* spaces that set code apart */
#define COLUMNS_GAP 3    /* spaces inside a line that make columns; two end a sentence */
#define ALIGNED_LINES 3  /* in which words behind two spaces begin at the same place */
#define ALIGNED_MAX 160  /* columns looked at for that */

size_t
columns_indent(struct slice line)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		n += line.p[i] == '\t' ? 8 - n % 8 : 1;
	return n;
}

size_t
columns_bullet(struct slice line)
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

/* Does the letter at p[i] draw? Unicode's lines and blocks (U+2500 to U+259F) do, and ASCII's. */
static size_t
drawing(struct slice s, size_t i)
{
	if (i + 2 < s.n && s.p[i] == '\xe2' &&
	    (s.p[i + 1] == '\x94' || s.p[i + 1] == '\x95' || s.p[i + 1] == '\x96'))
		return 3;
	return s.p[i] != '\0' && strchr("-+=_|*#~^ ", s.p[i]) ? 1 : 0;
}

/* " file.c | 12 +++--", as git counts. */
static bool
is_counted(struct slice s)
{
	size_t at = slice_find(s, SLICE(" | "));
	struct slice rest = slice_trim(slice_from(s, at + 3));
	size_t digits = 0;

	while (digits < rest.n && rest.p[digits] >= '0' && rest.p[digits] <= '9')
		digits++;
	for (size_t i = digits; i < rest.n; i++)
		if (!memchr("+- ", rest.p[i], 3))
			return false;
	return at > 0 && digits > 0;
}

/* Lines of a table or box: "| a | b |", "+---+", "=====", "├── a". */
static bool
is_drawn(struct slice line)
{
	size_t bars = 0, others = 0, drawn = 0;
	struct slice s = slice_trim(line);

	for (size_t i = 0; i < s.n; i += drawn ? drawn : 1) {
		drawn = drawing(s, i);
		bars += s.p[i] == '|' || drawn == 3;
		others += drawn == 0;
	}
	return bars >= 2 || (s.n >= 4 && others == 0) || is_counted(s);
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

/* "+0x1f/0x40", "0xffffffff8108": an address or an offset. */
static bool
has_address(struct slice s)
{
	for (size_t at = 0; at < s.n; at += 2) {
		size_t digits = 0;

		at += slice_find(slice_from(s, at), SLICE("0x"));
		while (at + 2 + digits < s.n &&
		       memchr("0123456789abcdefABCDEF", s.p[at + 2 + digits], 22))
			digits++;
		if (digits >= 6 || (digits > 0 && at > 0 && s.p[at - 1] == '+'))
			return true;
	}
	return false;
}

/* "[   12.345678] ", as the kernel writes. */
static bool
is_stamped(struct slice s)
{
	size_t n = slice_find_char(s, ']');
	struct slice time = slice_trim(slice_sub(s, 1, n - 1));

	if (n == s.n || n > 20 || slice_find_char(time, '.') == time.n)
		return false;
	for (size_t i = 0; i < time.n; i++)
		if (!memchr("0123456789.", time.p[i], 11))
			return false;
	return time.n > 2;
}

/* A line of what a program or kernel leaves behind where it fell. */
static bool
is_trace(struct slice line)
{
	static const char *const begins[] = {
	    "File \"",   "Call Trace:", "RIP: ",          "RSP: ",    "RAX: ",
	    "<TASK>",    "</TASK>",     "at java.",       "at org.",  "at com.",
	    "Traceback", "CPU: ",       "Hardware name:", "---[ end", "Code: "};
	struct slice s = slice_trim(line);

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (slice_starts(s, slice_str(begins[i])))
			return true;
	if (s.n > 2 && s.p[0] == '#' && s.p[1] >= '0' && s.p[1] <= '9' && s.p[2] != '.')
		return slice_find(s, SLICE("0x")) < s.n || slice_find(s, SLICE(" in ")) < s.n;
	return (s.n > 0 && s.p[0] == '[' && is_stamped(s)) || has_address(s);
}

/* Do words behind two spaces begin at one place in each of these lines, or at two places in most?
 * Between rules, some lines are enough. */
static bool
are_aligned(const struct slice *lines, size_t n, size_t drawn)
{
	unsigned char starts[ALIGNED_MAX] = {0};
	size_t places = 0, said = 0;

	for (size_t i = 0; i < n && n < UCHAR_MAX; i++) {
		struct slice s = lines[i];
		size_t first = columns_indent(s);

		said += !is_drawn(s);
		for (size_t k = 2; k < s.n && k < ALIGNED_MAX; k++)
			starts[k] =
			    (unsigned char)(starts[k] + (k > first && s.p[k] != ' ' &&
							 s.p[k - 1] == ' ' && s.p[k - 2] == ' '));
	}
	for (size_t k = 0; k < ALIGNED_MAX; k++)
		if (starts[k] >= ALIGNED_LINES)
			places += starts[k] >= said ? 2 : drawn >= 2 || starts[k] * 2 >= said;
	return places >= 2;
}

bool
columns_is_diff(const struct slice *lines, size_t n)
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

bool
columns_are(const struct slice *lines, size_t n)
{
	size_t gaps = 0, indents = 0, drawn = 0, code = 0, urls = 0, traces = 0;

	if (columns_is_diff(lines, n))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (slice_find(lines[i], SLICE("Call Trace:")) < lines[i].n ||
		    slice_starts(slice_trim(lines[i]), SLICE("Traceback (most recent")))
			return true;
		gaps += has_gap(lines[i]);
		indents +=
		    columns_indent(lines[i]) >= COLUMNS_INDENT && columns_bullet(lines[i]) == 0;
		drawn += is_drawn(lines[i]);
		code += is_code(lines[i]);
		traces += is_trace(lines[i]);
		urls += slice_find(lines[i], SLICE("://")) < lines[i].n;
	}
	if (indents == n)
		return urls < n;
	return (gaps >= 2 && gaps * 2 >= n) || (drawn >= 2 && drawn * 2 >= n) ||
	       (code >= 2 && code * 2 >= n) || (traces >= 2 && traces * 2 >= n) ||
	       are_aligned(lines, n, drawn);
}

bool
columns_go_on(const struct slice *lines, size_t n, bool diff)
{
	if (diff)
		return columns_are(lines, n) || memchr(" +-@", *lines[0].p, 4);
	return columns_are(lines, n) && !columns_is_diff(lines, n);
}

bool
columns_is_fence(struct slice line)
{
	return slice_starts(line, SLICE("```")) &&
	       slice_find_char(slice_from(line, 3), '`') == line.n - 3;
}

/* --- writing -----------------------------------------------------------------------------------
 */

/* What a line of a patch is wrapped in, by its beginning; names of files begin like lines. */
static const struct {
	const char *begins, *name;
} marks[] = {{"+++ ", "b"}, {"--- ", "b"}, {"diff --git ", "b"},
	     {"@@ ", "i"},  {"+", "ins"},  {"-", "del"}};

static void
put_line(struct buf *b, struct slice line, bool diff, const char *domain)
{
	const char *name = NULL;

	for (size_t i = 0; diff && !name && i < sizeof marks / sizeof *marks; i++)
		if (slice_starts(line, slice_str(marks[i].begins)))
			name = marks[i].name;
	if (name)
		buf_printf(b, "<%s>", name);
	links_text(b, line, domain);
	if (name)
		buf_printf(b, "</%s>", name);
}

/* Blanks that all lines begin with. */
static size_t
common_indent(const struct slice *lines, size_t n)
{
	size_t common = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t indent = 0;

		while (indent < lines[i].n && lines[i].p[indent] == ' ')
			indent++;
		if (slice_trim(lines[i]).n > 0 && indent < common)
			common = indent;
	}
	return common;
}

void
columns_put(struct buf *b, const struct slice *lines, size_t n, bool diff, const char *domain)
{
	size_t common = common_indent(lines, n);

	html_markup(b, "<pre tabindex=\"0\">");
	for (size_t i = 0; i < n; i++) {
		/* A first line that is empty would be lost: HTML drops a line end behind <pre>. */
		put_line(b, slice_from(lines[i], common), diff, domain);
		if (i + 1 < n)
			html_markup(b, "\n");
	}
	html_markup(b, "</pre>\n");
}
