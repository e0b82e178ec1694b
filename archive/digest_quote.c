/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/digest_quote.h"

#include <limits.h>
#include <string.h>

#include "archive/digest_parts.h"
#include "base/hash.h"
#include "mail/address.h"
#include "mail/header.h"

#define RUNS_ENOUGH 5  /* of words, to know a message by */
#define PARTS_JOINED 8 /* pieces of one quote, own words between them */

struct quotes {
	struct digest_parts p;
	struct slice replier;
	uint32_t subject; /* what the reply says it is about; 0: it does not say */
};

/* --- which one is meant ----------------------------------------------------------------------- */

static struct slice
author_of(struct arena *a, const struct digest_part *s)
{
	struct address from;

	if (s->words.n > 0)
		return s->words;
	if (!address_parse_first(a, s->field[DIGEST_FROM], &from))
		return s->field[DIGEST_FROM];
	return from.name.n > 0 ? from.name : from.local;
}

static uint32_t
subject_of(struct arena *a, const struct digest_part *s)
{
	return trace_hash(subject_base(a, s->field[DIGEST_SUBJECT], NULL));
}

/* May it be meant at all? */
static bool
is_open(struct quotes *q, const struct digest_part *s, bool contents)
{
	return !s->digest && s->contents == contents &&
	       (q->subject == 0 || q->subject == subject_of(q->p.arena, s));
}

static bool
is_own(struct quotes *q, const struct digest_part *s)
{
	uint32_t name = trace_hash(q->replier);

	return name != 0 && name == trace_hash(author_of(q->p.arena, s));
}

static bool
is_addressed(struct quotes *q, const struct digest_part *s)
{
	struct slice name = author_of(q->p.arena, s), word;

	while (!is_own(q, s) && trace_next_word(&name, &word))
		if (trace_has_word(q->p.intro, word) && !trace_has_word(q->replier, word))
			return true;
	return false;
}

/* The one whose author the first words name; of several in one conversation the last. */
static const struct digest_part *
addressed(struct quotes *q, bool contents)
{
	const struct digest_part *found = NULL;

	for (size_t i = 0; i < q->p.nparts; i++) {
		const struct digest_part *s = &q->p.parts[i];

		if (!is_open(q, s, contents) || !is_addressed(q, s))
			continue;
		if (found && subject_of(q->p.arena, found) != subject_of(q->p.arena, s))
			return NULL;
		found = s;
	}
	return found;
}

/* The last one that answers what the replier wrote. */
static const struct digest_part *
answers_own(struct quotes *q, bool contents)
{
	const struct digest_part *found = NULL;
	uint32_t subject = 0;

	for (size_t i = 0; i < q->p.nparts; i++) {
		const struct digest_part *s = &q->p.parts[i];

		if (!is_open(q, s, contents) || subject_of(q->p.arena, s) == 0)
			continue;
		if (is_own(q, s))
			subject = subject_of(q->p.arena, s);
		else if (subject_of(q->p.arena, s) == subject)
			found = s;
	}
	return found;
}

/* "Message: 2" or "--- Original message ---" above the first header is no quote. */
static bool
is_scrap(const struct quotes *q, size_t i)
{
	const struct digest_part *s = &q->p.parts[i];

	if (s->field[DIGEST_FROM].n > 0 || i + 1 == q->p.nparts)
		return false;
	return s->quoted <= (s->words.n > 0 ? 0 : 2);
}

static const struct digest_part *
choose(struct quotes *q)
{
	const struct digest_part *s = NULL;

	if (q->p.answered > 0) {
		s = &q->p.parts[q->p.answered - 1];
		return s->digest || s->contents ? NULL : s;
	}
	for (int contents = 0; q->p.whole && contents < 2; contents++)
		if ((s = addressed(q, contents)) || (s = answers_own(q, contents)))
			return s;
	for (size_t i = 0; !q->p.whole && i < q->p.nparts; i++)
		if (!q->p.parts[i].digest && !is_scrap(q, i))
			return &q->p.parts[i];
	return NULL;
}

/* --- what it says ----------------------------------------------------------------------------- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "20:41" and the other small numbers of a date in whatever form and language. */
static void
read_clock(struct digest_evidence *ev, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t begin = i;
		unsigned v = 0;

		while (i < s.n && is_digit(s.p[i]) && i < begin + 6)
			v = v * 10 + (unsigned)(s.p[i++] - '0');
		if (i == begin)
			continue;
		if (i + 2 < s.n && s.p[i] == ':' && is_digit(s.p[i + 1]) && is_digit(s.p[i + 2]) &&
		    ev->minute < 0) {
			ev->minute = ((s.p[i + 1] - '0') * 10 + s.p[i + 2] - '0') % 15;
			i += 3;
			while (i < s.n && (is_digit(s.p[i]) || s.p[i] == ':'))
				i++;
		} else if (i - begin <= 2 && v >= 1 && v <= 31) {
			ev->days |= 1u << v;
		}
	}
}

/* A zone and seconds: only then it is the very date of the message. */
static bool
is_exact(struct slice s)
{
	size_t colons = 0;
	bool zone = slice_ends_ci(s, SLICE("GMT")) || slice_ends_ci(s, SLICE("UTC"));

	for (size_t i = 0; i + 4 < s.n; i++) {
		colons += s.p[i] == ':' && is_digit(s.p[i + 1]) && is_digit(s.p[i + 2]);
		zone |= (s.p[i] == '+' || s.p[i] == '-') && is_digit(s.p[i + 1]) &&
			is_digit(s.p[i + 2]) && is_digit(s.p[i + 3]) && is_digit(s.p[i + 4]);
	}
	return colons >= 2 && zone;
}

static void
read_id(struct digest_evidence *ev, struct arena *a, struct slice s)
{
	size_t open = slice_find_char(s, '<'), close = slice_find_char(s, '>'), n = 0;
	char *id = arena_alloc(a, s.n + 1);

	s = digest_with_at(a, slice_sub(s, open + 1, close > open ? close - open - 1 : 0));
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			id[n++] = s.p[i];
	if (n < 3 || !memchr(id, '@', n))
		return;
	hash_sha1(slice_make(id, n), ev->key);
	ev->by_id = true;
}

static void
read_author(struct digest_evidence *ev, struct digest_parts *q, const struct digest_part *s)
{
	uint32_t *names = arena_array(q->arena, DIGEST_NAMES_MAX, sizeof *names);
	struct slice from = s->field[DIGEST_FROM].n > 0 ? s->field[DIGEST_FROM] : s->words;
	struct address addr;

	/* In an attribution: "… Ann <ann@example.org> wrote:". */
	if (s->words.n > 0 && slice_find_char(from, '<') < from.n)
		from = slice_from(from, slice_find_char(from, '<'));
	if (memchr(from.p ? from.p : "", '@', from.n) && address_parse_first(q->arena, from, &addr))
		ev->address = trace_hash(addr.text);
	ev->names = names;
	if (s->words.n > 0)
		ev->nnames = trace_names(s->words, names, DIGEST_NAMES_MAX);
	else if ((names[0] = trace_hash(author_of(q->arena, s))) != 0)
		ev->nnames = 1;
}

/* The outermost of the quoted lines in [first, end): what is quoted deeper is another's. */
static void
read_runs(struct digest_evidence *ev, struct digest_parts *q, size_t first, size_t end)
{
	struct runs *runs = runs_new(q->arena);
	int least = INT_MAX, depth;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = first; i < end; i++) {
			struct slice line = digest_unmarked(q->lines[i].text, &depth);

			if (!q->quoted[i] || slice_trim(line).n == 0)
				continue;
			if (pass == 0 && depth < least)
				least = depth;
			if (pass == 1 && depth == least)
				runs_add(runs, line);
		}
	ev->nruns = runs_end(runs, DIGEST_RUNS_MAX, &ev->runs);
}

/* A few words alone say too little: then those quoted next count with them, if nothing above them
 * says that they are another's. */
static void
read_text(struct digest_evidence *ev, struct digest_parts *q, const struct digest_part *s)
{
	const struct digest_part *end = s, *last = &q->parts[q->nparts];

	do {
		end++;
		read_runs(ev, q, s->first, end < last ? end->first : q->n);
	} while (ev->nruns < RUNS_ENOUGH && end < last && end <= s + PARTS_JOINED &&
		 digest_part_bare(s) && digest_part_bare(end));
}

static void
read_part(struct digest_evidence *ev, struct digest_parts *q, const struct digest_part *s)
{
	struct slice when = s->field[DIGEST_DATE].n > 0 ? s->field[DIGEST_DATE] : s->words, title;

	read_author(ev, q, s);
	if (s->contents)
		when = slice_sub(when, 0, 0);
	if (is_exact(when) && date_parse(when, &ev->date))
		ev->dated = true;
	else
		read_clock(ev, when);
	if (s->field[DIGEST_ID].n > 0)
		read_id(ev, q->arena, s->field[DIGEST_ID]);
	title = subject_base(q->arena, s->field[DIGEST_SUBJECT], NULL);
	if (title.n > 0 && !digest_subject(title)) {
		ev->title = title;
		ev->subject = trace_hash(title);
	}
	if (!s->contents)
		read_text(ev, q, s);
}

void
digest_quote_read(struct digest_evidence *ev, struct arena *a, struct slice author,
		  struct slice subject, const struct text_line *lines, size_t n)
{
	struct quotes q = {.replier = author, .subject = trace_hash(subject)};
	const struct digest_part *part;

	*ev = (struct digest_evidence){.minute = -1};
	digest_parts_read(&q.p, a, lines, n);
	part = choose(&q);
	if (part)
		read_part(ev, &q.p, part);
}
