/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines: whose line is it? Precision first: a quote that is missed is only shown, but an author's
 * words that are called a quote are folded away and not found. So each pass needs plain evidence,
 * and what has none stays the author's. The passes, in order: quote marks; attributions above
 * quotes; other marks that an attribution vouches for; a whole message below the text, as Outlook
 * leaves it; signatures and footers. Each looks at every line a fixed number of times.
 */
#include "mail/readable.h"

#include "mail/attribution.h"
#include "mail/lines_below.h"

#define DEPTH_MAX 50           /* deeper marks are counted as this */
#define SIGNATURE_LINES_MAX 24 /* longer than this is text, whatever stands above it */
#define BARE_SIGNATURE_MAX 8   /* below "--" without its space */
#define FOOTER_LINES_MAX 12
#define FOOTERS_MAX 3 /* one of each list a mail passed through */

struct text {
	struct text_line *line;
	size_t n;
};

static bool
is_blank(const struct text_line *l)
{
	return slice_trim(l->text).n == 0;
}

static bool
is_own(const struct text_line *l)
{
	return l->kind == LINE_OWN;
}

static size_t
split_lines(struct arena *a, struct slice text, struct text *t)
{
	size_t count = 0;
	struct slice rest = text, line;
	while (slice_next_line(&rest, &line))
		count++;
	t->line = arena_array(a, count, sizeof *t->line);
	t->n = 0;
	while (slice_next_line(&text, &line))
		t->line[t->n++].text = line;
	return t->n;
}

/* --- quote marks ------------------------------------------------------------------------------ */

/* ">", ">>", "> >": at the very start, at most one space between. */
static int
mark_depth(struct slice s)
{
	int depth = 0;
	size_t i = 0;
	while (i < s.n && s.p[i] == '>') {
		depth++;
		i++;
		if (i + 1 < s.n && s.p[i] == ' ' && s.p[i + 1] == '>')
			i++;
	}
	return depth < DEPTH_MAX ? depth : DEPTH_MAX;
}

static void
set_quote(struct text_line *l, int depth)
{
	l->kind = LINE_QUOTE;
	l->depth = depth;
}

static void
set_own(struct text_line *l)
{
	l->kind = LINE_OWN;
	l->depth = 0;
}

/* Is a line of Python's prompt, ">>> print(1)"? Nobody's third-hand words stand alone so. */
static bool
is_prompt(struct slice s)
{
	return slice_is(s, ">>>") || (slice_starts(s, SLICE(">>> ")) && mark_depth(s) == 3);
}

/* From i to the end of the run of quoted lines. */
static size_t
run_end(const struct text *t, size_t i)
{
	while (i < t->n && t->line[i].kind == LINE_QUOTE)
		i++;
	return i;
}

/* Runs that have quote marks but are none: prompts, and ">From" as mailboxes write it. */
static void
clear_false_run(struct text *t, size_t from, size_t to)
{
	bool prompts = true;
	for (size_t i = from; i < to; i++)
		prompts &= is_prompt(t->line[i].text);
	bool from_line = to == from + 1 && slice_starts(t->line[from].text, SLICE(">From "));
	for (size_t i = from; (prompts || from_line) && i < to; i++)
		set_own(&t->line[i]);
}

static void
mark_quotes(struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		int depth = mark_depth(t->line[i].text);
		if (depth > 0)
			set_quote(&t->line[i], depth);
	}
	for (size_t i = 0; i < t->n; i++) {
		size_t end = run_end(t, i);
		if (end > i) {
			clear_false_run(t, i, end);
			i = end;
		}
	}
}

/* --- attributions ----------------------------------------------------------------------------- */

/* The count lines before end, joined by spaces. */
static struct slice
join_lines(const struct text *t, size_t end, size_t count, char *out, size_t cap)
{
	size_t n = 0;
	for (size_t i = end - count; i < end; i++) {
		struct slice s = slice_trim(t->line[i].text);
		if (n + s.n + 1 > cap)
			return slice_make(NULL, 0);
		if (n > 0)
			out[n++] = ' ';
		memcpy(out + n, s.p, s.n);
		n += s.n;
	}
	return slice_make(out, n);
}

/* How many of the lines before end are an attribution; 0 for none. */
static size_t
attribution_lines(const struct text *t, size_t end)
{
	char joined[600];
	size_t found = 0;
	for (size_t count = 1; count <= ATTRIBUTION_LINES_MAX && count <= end; count++) {
		const struct text_line *first = &t->line[end - count];
		if (!is_own(first) || is_blank(first))
			break;
		struct slice s = join_lines(t, end, count, joined, sizeof joined);
		if (!attribution_is(s))
			continue;
		if (attribution_opens(first->text))
			return count;
		if (found == 0)
			found = count;
	}
	return found;
}

/* The attribution above line i, at most one empty line between. Was there one? */
static bool
mark_attribution(struct text *t, size_t i)
{
	size_t end = i;
	if (end > 0 && is_blank(&t->line[end - 1]))
		end--;
	size_t count = attribution_lines(t, end);
	for (size_t k = end - count; k < end; k++)
		t->line[k].kind = LINE_ATTRIBUTION;
	return count > 0;
}

/* An attribution broken before the end of its address, so that ">:" looks like a quote. */
static void
clear_broken_end(struct text *t, size_t i, size_t end)
{
	if (end != i + 1 || !slice_is(slice_trim(t->line[i].text), ">:"))
		return;
	set_own(&t->line[i]);
	if (!mark_attribution(t, i + 1))
		set_quote(&t->line[i], 1);
}

static void
mark_attributions(struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t end = run_end(t, i);
		if (end > i) {
			clear_broken_end(t, i, end);
			mark_attribution(t, i);
			i = end;
		}
	}
}

/* "| text" or "JD> text": the mark and what it is; empty if there is none. */
static struct slice
other_mark(struct slice s)
{
	if (slice_starts(s, SLICE("| ")) || slice_is(s, "|"))
		return slice_sub(s, 0, 1);
	size_t n = 0;
	while (n < s.n && n < 10 &&
	       ((s.p[n] >= 'a' && s.p[n] <= 'z') || (s.p[n] >= 'A' && s.p[n] <= 'Z')))
		n++;
	bool name = n > 0 && n < s.n && s.p[n] == '>' && s.p[0] >= 'A' && s.p[0] <= 'Z';
	return slice_sub(s, 0, name ? n + 1 : 0);
}

/* Such marks stand in tables and at prompts too: only an attribution right above proves them. */
static void
mark_vouched(struct text *t)
{
	for (size_t i = 0; i + 1 < t->n; i++) {
		struct slice mark = other_mark(t->line[i].text);
		if (mark.n == 0 || !is_own(&t->line[i]) ||
		    !slice_starts(t->line[i + 1].text, mark) || !mark_attribution(t, i))
			continue;
		while (i < t->n && is_own(&t->line[i]) && slice_starts(t->line[i].text, mark))
			set_quote(&t->line[i++], 1);
	}
}

/* --- signatures ------------------------------------------------------------------------------- */

/* From behind i to the first line that is not the author's; 0 if more than max lines there say
 * something (so that a thousand marks do not each read all that is below). */
static size_t
short_end(const struct text *t, size_t i, size_t max, size_t *words)
{
	*words = 0;
	for (i++; i < t->n && is_own(&t->line[i]); i++) {
		*words += !is_blank(&t->line[i]);
		if (*words > max)
			return 0;
	}
	return i;
}

/* A "-- " among lines of a patch takes away a line "- ". */
static bool
is_in_patch(const struct text *t, size_t i)
{
	if (i == 0 || i + 1 >= t->n || t->line[i - 1].text.n == 0 || t->line[i + 1].text.n == 0)
		return false;
	return memchr("+-@ ", t->line[i - 1].text.p[0], 4) &&
	       memchr("+-@ ", t->line[i + 1].text.p[0], 4);
}

static void
set_signature(struct text *t, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		t->line[i].kind = LINE_SIGNATURE;
}

/* RFC 3676 4.3. A mark that lost its space needs a short end below it. */
static void
mark_signatures(struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		bool exact = slice_is(t->line[i].text, "-- ");
		if (!is_own(&t->line[i]) || (!exact && !slice_is(t->line[i].text, "--")))
			continue;
		size_t words;
		size_t end =
		    short_end(t, i, exact ? SIGNATURE_LINES_MAX : BARE_SIGNATURE_MAX, &words);
		if (end > 0 && (exact || (words > 0 && end == t->n)) && !is_in_patch(t, i)) {
			set_signature(t, i, end);
			i = end;
		}
	}
}

/* The footer at the end of the first end lines: where it begins, or end. */
static size_t
footer_start(const struct text *t, size_t end)
{
	size_t words = 0;
	bool footer = false;
	for (size_t i = end; i > 0 && words <= FOOTER_LINES_MAX; i--) {
		const struct text_line *l = &t->line[i - 1];
		if (l->kind == LINE_QUOTE || l->kind == LINE_ATTRIBUTION)
			break;
		if (attribution_is_rule(l->text))
			return footer ? i - 1 : end;
		footer |= attribution_is_footer(l->text);
		words += !is_blank(l);
	}
	return end;
}

static void
mark_footers(struct text *t)
{
	size_t end = t->n;
	for (int i = 0; i < FOOTERS_MAX; i++) {
		size_t start = footer_start(t, end);
		if (start == end)
			break;
		set_signature(t, start, end);
		end = start;
	}
}

/* "Sent from my telephone", when it is the last that the author says, below an empty line. */
static void
mark_device(struct text *t)
{
	size_t i = 0;
	while (i < t->n && (t->line[i].kind == LINE_OWN || is_blank(&t->line[i])))
		i++;
	size_t end = i;
	while (i > 0 && is_blank(&t->line[i - 1]))
		i--;
	if (i > 1 && attribution_is_device(t->line[i - 1].text) && is_blank(&t->line[i - 2]))
		set_signature(t, i - 1, end);
}

size_t
readable_lines(struct arena *a, struct slice text, struct text_line **out)
{
	struct text t;
	split_lines(a, slice_sub(text, 0, READABLE_MAX), &t);
	mark_quotes(&t);
	mark_attributions(&t);
	mark_vouched(&t);
	lines_mark_below(t.line, t.n);
	mark_footers(&t);
	mark_signatures(&t);
	mark_device(&t);
	*out = t.line;
	return t.n;
}
