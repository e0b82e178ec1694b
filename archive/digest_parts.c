/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/digest_parts.h"

#include <string.h>

#include "archive/digest_reply.h"
#include "mail/address.h"
#include "mail/attribution.h"
#include "mail/header.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define HEAD_LINES_MAX 24
#define VALUE_MAX 2000 /* bytes of one header field */

struct slice
digest_unmarked(struct slice s, int *depth)
{
	*depth = 0;
	for (;;) {
		struct slice t = slice_starts(s, SLICE(" >")) ? slice_from(s, 1) : s;

		if (t.n == 0 || t.p[0] != '>')
			break;
		s = slice_from(t, 1);
		++*depth;
	}
	return *depth > 0 && s.n > 0 && s.p[0] == ' ' ? slice_from(s, 1) : s;
}

static struct digest_part *
add_part(struct digest_parts *q, size_t first)
{
	struct digest_part *s = &q->parts[q->nparts];

	if (q->nparts < DIGEST_PARTS_MAX)
		q->nparts++;
	*s = (struct digest_part){.first = first};
	return s;
}

bool
digest_part_bare(const struct digest_part *s)
{
	return s->field[DIGEST_FROM].n == 0 && s->words.n == 0 && !s->digest;
}

/* --- header lines ----------------------------------------------------------------------------- */

/* Which field does this line begin? DIGEST_FIELDS: none. */
static int
field_of(struct slice line, struct slice *value)
{
	unsigned bits = attribution_label(line);
	size_t colon = slice_find_char(line, ':');

	*value = slice_trim(slice_from(line, colon < line.n ? colon + 1 : line.n));
	while (value->n > 0 && value->p[0] == '*') /* "*From:* Ann" */
		*value = slice_trim(slice_from(*value, 1));
	if (bits)
		return bits & ATTRIBUTION_FROM   ? DIGEST_FROM
		       : bits & ATTRIBUTION_DATE ? DIGEST_DATE
		       : bits & ATTRIBUTION_TO   ? DIGEST_TO
						 : DIGEST_SUBJECT;
	if (slice_starts_ci(line, SLICE("message-id:")))
		return DIGEST_ID;
	for (size_t i = 0; i < colon && i < line.n; i++)
		if (!(line.p[i] == '-' || (line.p[i] >= 'A' && line.p[i] <= 'Z') ||
		      (line.p[i] >= 'a' && line.p[i] <= 'z')))
			return DIGEST_FIELDS;
	return colon > 0 && colon < line.n ? DIGEST_OTHER : DIGEST_FIELDS;
}

static void
append(struct arena *a, struct slice *to, struct slice more)
{
	if (more.n == 0 || to->n > VALUE_MAX)
		return;
	*to = to->n == 0 ? slice_sub(more, 0, VALUE_MAX)
			 : slice_str(arena_printf(a, "%.*s %.*s", SLICE_ARG(*to),
						  SLICE_ARG(slice_sub(more, 0, VALUE_MAX))));
}

struct slice
digest_with_at(struct arena *a, struct slice s)
{
	size_t at = slice_find(s, SLICE(" at "));

	if (at == s.n || memchr(s.p, '@', s.n))
		return s;
	return slice_str(arena_printf(a, "%.*s@%.*s", SLICE_ARG(slice_sub(s, 0, at)),
				      SLICE_ARG(slice_from(s, at + 4))));
}

/* Names the robot that sends digests. */
static bool
names_robot(struct slice s)
{
	static const char *const robots[] = {"-request@", "-request at ", "-bounces@",
					     "-bounces at "};

	for (size_t i = 0; i < COUNT(robots); i++)
		if (slice_find_ci(s, slice_str(robots[i])) < s.n)
			return true;
	return false;
}

/* Is it the header of the digest, not of a message in it? */
static bool
heads_digest(struct arena *a, const struct digest_part *s)
{
	struct address from;
	bool stripped;
	struct slice base = subject_base(a, s->field[DIGEST_SUBJECT], &stripped);

	if (names_robot(s->field[DIGEST_FROM]) || (!stripped && digest_subject(base)))
		return true;
	return address_parse_first(a, s->field[DIGEST_FROM], &from) && from.text.n > 0 &&
	       slice_find_ci(s->field[DIGEST_TO], from.text) < s->field[DIGEST_TO].n;
}

/* Header lines at line i, as a section: how many; 0: none. A single From only in a marked quote. */
static size_t
read_head(struct digest_parts *q, size_t i, struct digest_part *s)
{
	int depth, depth_i, last = DIGEST_FIELDS;
	size_t k = i, count = 0;

	digest_unmarked(q->lines[i].text, &depth_i);
	*s = (struct digest_part){0};
	for (; k < q->n && k < i + HEAD_LINES_MAX; k++) {
		struct slice line = digest_unmarked(q->lines[k].text, &depth), value;
		int f = field_of(line, &value);

		if (depth != depth_i || slice_trim(line).n == 0 || (k == i && f >= DIGEST_OTHER))
			break;
		/* A line that begins no field goes on with the last one. */
		if (f == DIGEST_FIELDS)
			value = slice_trim(line);
		else
			last = f;
		append(q->arena, &s->field[last], value);
		count += f < DIGEST_OTHER;
	}
	if (k == i || s->field[DIGEST_FROM].n == 0)
		return 0;
	s->field[DIGEST_FROM] = digest_with_at(q->arena, s->field[DIGEST_FROM]);
	if (count == 1 &&
	    (depth_i == 0 || !memchr(s->field[DIGEST_FROM].p, '@', s->field[DIGEST_FROM].n)))
		return 0;
	if (count == 1)
		k = i + 1;
	s->digest = heads_digest(q->arena, s);
	s->first = k;
	return k - i;
}

/* --- the table of contents -------------------------------------------------------------------- */

/* "   3. Re: a subject (Ann)": an entry, which may go on in the next line. */
static bool
begins_entry(struct slice line, struct slice *subject)
{
	size_t i = 0, digits;

	while (i < line.n && line.p[i] == ' ')
		i++;
	for (digits = i; i < line.n && line.p[i] >= '0' && line.p[i] <= '9';)
		i++;
	if (i == digits || i > digits + 3 || i + 2 >= line.n || line.p[i] != '.' ||
	    line.p[i + 1] != ' ')
		return false;
	*subject = slice_trim(slice_from(line, i + 2));
	return subject->n > 0;
}

/* The author stands in the last parentheses. */
static void
end_entry(struct digest_part *s)
{
	struct slice text = s->field[DIGEST_SUBJECT];
	size_t open = text.n;

	while (open > 0 && text.p[open - 1] != '(')
		open--;
	if (open < 2 || text.p[text.n - 1] != ')')
		return;
	s->words = slice_sub(text, open, text.n - open - 1);
	s->field[DIGEST_SUBJECT] = slice_trim(slice_sub(text, 0, open - 1));
}

/* A line of the digest's beginning: it says that the beginning is there, and what is in it. */
static bool
read_beginning(struct digest_parts *q, struct slice line)
{
	struct digest_part *last = q->nparts > 0 ? &q->parts[q->nparts - 1] : NULL, *s;
	bool in_contents = last && last->contents;
	struct slice subject;

	if (last && !in_contents && !last->digest && last->field[DIGEST_FROM].n > 0)
		return false; /* in a message */
	if (begins_entry(line, &subject)) {
		if (last && !in_contents)
			last->digest = true;
		s = add_part(q, q->n);
		s->contents = true;
		s->field[DIGEST_SUBJECT] = subject;
		end_entry(s);
		return q->whole = true;
	}
	if (in_contents && slice_trim(line).n > 0 && last->words.n == 0) {
		append(q->arena, &last->field[DIGEST_SUBJECT], slice_trim(line));
		end_entry(last);
		return true;
	}
	if (!names_robot(line))
		return in_contents;
	if (last && !in_contents)
		last->digest = true;
	return q->whole = true;
}

/* --- one pass over the lines ------------------------------------------------------------------ */

/* The attribution that begins at line i: its lines. */
static size_t
read_attribution(struct digest_parts *q, size_t i, struct digest_part *s)
{
	struct slice value;
	size_t k = i;

	*s = (struct digest_part){0};
	for (; k < q->n && k < i + 4 && q->lines[k].kind == LINE_ATTRIBUTION; k++) {
		if (k > i && field_of(q->lines[k].text, &value) < DIGEST_OTHER)
			break; /* header lines below a separator */
		append(q->arena, &s->words, slice_trim(q->lines[k].text));
	}
	s->words = digest_with_at(q->arena, s->words);
	s->digest = names_robot(s->words);
	s->first = k;
	return k - i;
}

/* "list-request@example.org wrote:" above a digest that has no quote marks. */
static bool
is_bare_attribution(const struct digest_parts *q, size_t i)
{
	struct slice line = slice_trim(q->lines[i].text);

	return q->lines[i].kind == LINE_OWN && names_robot(line) && attribution_is(line);
}

static void
read_own(struct digest_parts *q, struct slice line)
{
	const struct digest_part *last = q->nparts > 0 ? &q->parts[q->nparts - 1] : NULL;

	q->parted = true;
	if (last && last->quoted > 0 && q->answered == 0)
		q->answered = q->nparts;
	if (!last && q->intro.n < DIGEST_INTRO_MAX) {
		append(q->arena, &q->intro, slice_sub(line, 0, DIGEST_INTRO_MAX));
	}
}

static void
read_quoted(struct digest_parts *q, size_t i, struct slice line)
{
	q->quoted[i] = true;
	if (read_beginning(q, line))
		return;
	if (q->nparts == 0 || (q->parted && digest_part_bare(&q->parts[q->nparts - 1])))
		add_part(q, i);
	q->parted = false;
	q->parts[q->nparts - 1].quoted++;
}

static void
read_lines(struct digest_parts *q)
{
	struct digest_part s;
	size_t taken;
	int depth;

	for (size_t i = 0; i < q->n; i += taken) {
		const struct text_line *l = &q->lines[i];
		struct slice line = digest_unmarked(l->text, &depth);

		taken = 1;
		if (slice_trim(line).n == 0)
			continue;
		if (slice_starts(line, SLICE("-------------- next part --------------")))
			break; /* what an archive put in an attachment's place */
		if ((taken = read_head(q, i, &s)) > 0) {
			*add_part(q, 0) = s;
			q->inside = q->inside || (depth == 0 && l->kind != LINE_QUOTE);
		} else if (l->kind == LINE_ATTRIBUTION && !q->inside) {
			taken = read_attribution(q, i, &s);
			*add_part(q, 0) = s;
			digest_unmarked(q->lines[i + taken < q->n ? i + taken : i].text, &depth);
		} else {
			taken = 1;
			if (is_bare_attribution(q, i)) {
				q->inside = q->whole = true;
				add_part(q, i + 1)->digest = true;
			} else if (l->kind == LINE_QUOTE || q->inside ||
				   slice_starts(l->text, SLICE(" >"))) {
				read_quoted(q, i, line);
			} else if (l->kind == LINE_OWN) {
				read_own(q, line);
			}
		}
	}
}

void
digest_parts_read(struct digest_parts *p, struct arena *a, const struct text_line *lines, size_t n)
{
	*p = (struct digest_parts){
	    .arena = a, .lines = lines, .n = n < DIGEST_LINES_MAX ? n : DIGEST_LINES_MAX};
	p->quoted = arena_array(a, p->n, sizeof *p->quoted);
	p->parts = arena_array(a, DIGEST_PARTS_MAX + 1, sizeof *p->parts);
	read_lines(p);
}
