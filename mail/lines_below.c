/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines_below: all below a place is another's, or nothing is. So that an author who answers between
 * another's lines is never folded away with them, the place needs words of an answer above it that
 * do not point below, and nothing below may look like a second voice. A first place that is none
 * settles it: what was forwarded, and what was answered below, is left as it is.
 */
#include "mail/lines_below.h"

#include "mail/attribution.h"

#define JOINED_MAX 600
#define GREETING_MAX 40 /* bytes of "Dear all," */
#define WRAPPED_MAX 2   /* lines that a field of a copied header goes on for */
#define HEADER_MAX 40   /* lines of one; so that no text makes each of its lines read all others */

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

/* --- above -------------------------------------------------------------------------------------
 */

static bool
is_greeting(struct slice line)
{
	line = slice_trim(line);
	return line.n <= GREETING_MAX &&
	       (slice_ends_ci(line, SLICE(",")) || slice_ends_ci(line, SLICE("，")) ||
		slice_ends_ci(line, SLICE("!")) || slice_ends_ci(line, SLICE(":")));
}

/* Signs alone, as mailers draw them, are no words. */
static bool
has_letters(struct slice line)
{
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			return true;
	}
	return false;
}

/* Is there text above that says nothing of answers below? */
static bool
is_answered_above(const struct text *t, size_t end)
{
	bool words = false, first = true;

	for (size_t i = 0; i < end; i++) {
		struct slice line = t->line[i].text;

		if (!is_own(&t->line[i]) || !has_letters(line))
			continue;
		if (attribution_says_inline(line))
			return false;
		words |= !attribution_is_device(line) && !(first && is_greeting(line));
		first = false;
	}
	return words;
}

/* The last line above i that is not empty; NULL if there is none. */
static const struct text_line *
line_above(const struct text *t, size_t i)
{
	while (i > 0 && is_blank(&t->line[i - 1]))
		i--;
	return i > 0 ? &t->line[i - 1] : NULL;
}

/* "[RR]", by which people who answer between another's lines say that it is they. */
static struct slice
initials(struct slice line)
{
	size_t n = 1;

	while (n < line.n && n < 5 && line.p[n] >= 'A' && line.p[n] <= 'Z')
		n++;
	return slice_sub(line, 0, n >= 3 && n < 5 && n < line.n && line.p[n] == ']' ? n + 1 : 0);
}

/* Do two lines below begin with the same initials in brackets? */
static bool
is_answered_between(const struct text *t, size_t from)
{
	struct slice seen = SLICE("");

	for (size_t i = from; i < t->n; i++) {
		struct slice line = slice_trim(t->line[i].text);
		struct slice mark = slice_starts(line, SLICE("[")) ? initials(line) : SLICE("");

		if (mark.n > 0 && slice_eq(mark, seen))
			return true;
		if (mark.n > 0 && seen.n == 0)
			seen = mark;
	}
	return false;
}

/* Separator and header are an attribution, and all below them another's. */
static void
mark_below(struct text *t, size_t from, size_t body)
{
	for (size_t i = from; i < body; i++) {
		t->line[i].kind = LINE_ATTRIBUTION;
		t->line[i].depth = 0;
	}
	for (size_t i = body; i < t->n; i++) {
		t->line[i].kind = LINE_QUOTE;
		t->line[i].depth++;
	}
}

/* --- a copied header ---------------------------------------------------------------------------
 */

/* A field goes on in the next line: "From: Jane Doe" / "<jane@example.org>". */
static size_t
wrapped_lines(const struct text *t, size_t i)
{
	for (size_t n = 1; n <= WRAPPED_MAX && i + n < t->n; n++) {
		if (is_blank(&t->line[i]) || is_blank(&t->line[i + n]) || !is_own(&t->line[i]))
			return 0;
		if (attribution_label(t->line[i + n].text) != 0)
			return n;
	}
	return 0;
}

/* The lines of a copied header from i on; 0 unless they name enough fields to be one. */
static size_t
copied_header(const struct text *t, size_t i, bool separated)
{
	const unsigned need = ATTRIBUTION_FROM | ATTRIBUTION_DATE;
	unsigned seen = 0, bit;
	size_t count = 0, fields = 0;

	while (i + count < t->n && count < HEADER_MAX) {
		size_t wrapped;

		bit = attribution_label(t->line[i + count].text);
		wrapped = bit == 0 && fields > 0 ? wrapped_lines(t, i + count) : 0;
		if (bit == 0 && wrapped == 0)
			break;
		seen |= bit;
		fields += bit != 0;
		count += bit != 0 ? 1 : wrapped;
	}
	if (separated)
		return fields >= 2 && (seen & ATTRIBUTION_FROM) ? count : 0;
	return fields >= 3 && (seen & need) == need &&
		       (seen & (ATTRIBUTION_TO | ATTRIBUTION_SUBJECT))
		   ? count
		   : 0;
}

/* Where all that a mailer wrote around a copied header at i begins: a rule, or Yahoo's "--- On
 * 4/4/12, Jane Doe wrote:" with its empty lines. */
static size_t
begin_of(const struct text *t, size_t i)
{
	size_t above = i - 1;
	struct slice line;

	while (above > 0 && is_blank(&t->line[above]))
		above--;
	line = t->line[above].text;
	return attribution_is_rule(line) || attribution_is_plain(line) || attribution_is(line)
		   ? above
		   : i;
}

/* What was forwarded is what the mail is for, so it is left as it is. True: settled. */
static bool
mark_copied(struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		bool separated = is_own(&t->line[i]) && attribution_is_separator(t->line[i].text);
		size_t head = i + separated, count;
		const struct text_line *above;

		if (!is_own(&t->line[i]))
			continue;
		while (separated && head < t->n && is_blank(&t->line[head]))
			head++;
		count = copied_header(t, head, separated);
		if (count == 0)
			continue;
		above = line_above(t, i);
		if (above && !attribution_is_forward(above->text) && is_answered_above(t, i) &&
		    !is_answered_between(t, head + count))
			mark_below(t, begin_of(t, i), head + count);
		return true;
	}
	return false;
}

/* --- an attribution line -----------------------------------------------------------------------
 */

/* How many lines from i on are an attribution that nothing but a mailer writes; 0 for none. */
static size_t
plain_attribution(const struct text *t, size_t i)
{
	char joined[JOINED_MAX];
	size_t n = 0;

	for (size_t count = 1; count <= ATTRIBUTION_LINES_MAX && i + count <= t->n; count++) {
		struct slice s = slice_trim(t->line[i + count - 1].text);

		if (s.n == 0 || !is_own(&t->line[i + count - 1]) || n + s.n + 1 > sizeof joined)
			return 0;
		if (n > 0)
			joined[n++] = ' ';
		memcpy(joined + n, s.p, s.n);
		n += s.n;
		if (attribution_is_plain(slice_make(joined, n)))
			return count;
	}
	return 0;
}

/* Does all from i on read like one text? Marks and indents are how some people quote. */
static bool
is_one_voice(const struct text *t, size_t i)
{
	bool words = false;

	for (; i < t->n; i++) {
		struct slice s = t->line[i].text;

		if (is_blank(&t->line[i]))
			continue;
		if (!is_own(&t->line[i]))
			return false;
		if (!words && memchr(" \t|:}#%+=-\"'", s.p[0], 12))
			return false;
		words = true;
	}
	return words;
}

static void
mark_attributed(struct text *t)
{
	for (size_t i = 1; i < t->n; i++) {
		size_t count;

		if (!is_own(&t->line[i]) || is_blank(&t->line[i]) ||
		    !(is_blank(&t->line[i - 1]) || attribution_is_device(t->line[i - 1].text)))
			continue;
		count = plain_attribution(t, i);
		if (count == 0)
			continue;
		/* What stands above it without an empty line is no part of it. */
		while (count > 1 && !attribution_opens(t->line[i].text) &&
		       plain_attribution(t, i + 1) == count - 1) {
			i++;
			count--;
		}
		if (is_answered_above(t, i) && is_one_voice(t, i + count) &&
		    !is_answered_between(t, i + count))
			mark_below(t, i, i + count);
		return;
	}
}

void
lines_mark_below(struct text_line *line, size_t n)
{
	struct text t = {line, n};

	if (!mark_copied(&t))
		mark_attributed(&t);
}
