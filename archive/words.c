/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain ASCII, most of all mail, runs through one loop over a table; the first other byte of a word
 * moves it to the general way, which keeps two buffers, one a level of folding.
 */
#include "config.h"
#include "archive/words.h"

#include "base/utf8.h"

#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_TIMES UINT64_C(0x100000001b3)
#define HASH_DIGITS 16
#define TANWIN 0x064b
#define ALEF 0x0627

void
words_init(struct words *w, struct fold *fold, struct slice text)
{
	w->fold = fold;
	w->text = text;
	w->at = 0;
	w->gram_before = 0;
}

static void
put(struct word_buf *b, const char *p, size_t n)
{
	if (!b->over && b->n + n <= WORD_MAX) {
		memcpy(b->p + b->n, p, n);
		b->n += n;
		return;
	}
	if (!b->over) {
		b->over = true;
		b->rest = HASH_START;
	}
	for (size_t i = 0; i < n; i++)
		b->rest = (b->rest ^ (unsigned char)p[i]) * HASH_TIMES;
}

static struct slice
finish(struct word_buf *b)
{
	static const char digits[] = "0123456789abcdef";

	if (b->over) {
		if (b->n > WORD_MAX - HASH_DIGITS)
			b->n = WORD_MAX - HASH_DIGITS;
		/* Never half a character: terms are UTF-8. */
		while (b->n > 0 && ((unsigned char)b->p[b->n - 1] & 0xc0) == 0x80)
			b->n--;
		if (b->n > 0 && (unsigned char)b->p[b->n - 1] >= 0xc0)
			b->n--;
		for (int i = 0; i < HASH_DIGITS; i++)
			b->p[b->n++] = digits[b->rest >> (60 - 4 * i) & 15];
	}
	return slice_make(b->p, b->n);
}

/* The code point at w->at and how many bytes it has. */
static uint32_t
peek(const struct words *w, size_t *bytes)
{
	struct slice s = slice_from(w->text, w->at);
	size_t before = s.n;
	uint32_t cp = 0;

	if (!utf8_next(&s, &cp))
		return 0;
	*bytes = before - s.n;
	return cp;
}

/*
 * A line end inside a text of a script without spaces is no space: the writer's program broke the
 * line. Steps over it (and the quote marks and indentation behind it), or says that it is a break.
 */
static bool
bridge(struct words *w)
{
	size_t at = w->at;
	size_t n = w->text.n;
	const char *p = w->text.p;

	if (p[at] != '\n' || fold_is_hangul(w->gram_before))
		return false;
	for (at++; at < n && (p[at] == '>' || p[at] == ' ' || p[at] == '\t'); at++)
		;
	if (at >= n || (unsigned char)p[at] < 0x80)
		return false;
	w->at = at;
	return true;
}

/* Moves to the first character of the next word. False at the end. */
static bool
find_start(struct words *w)
{
	while (w->at < w->text.n) {
		unsigned char c = (unsigned char)w->text.p[w->at];
		size_t bytes = 1;

		if (c < 0x80) {
			if (fold_ascii[c])
				return true;
			if (w->gram_before && bridge(w))
				continue;
			w->gram_before = 0;
		} else {
			uint32_t cp = peek(w, &bytes);
			const struct fold_char *f = fold_find(w->fold, cp);

			if (f->klass == FOLD_LETTER || f->klass == FOLD_GRAM)
				return true;
			if (f->klass == FOLD_BREAK)
				w->gram_before = 0;
		}
		w->at += bytes;
	}
	return false;
}

static void
begin(struct words *w)
{
	w->exact.n = w->plain.n = 0;
	w->exact.over = w->plain.over = false;
	w->two = false;
	w->last = 0;
}

/* From here on the levels are kept apart. */
static void
part_levels(struct words *w)
{
	if (!w->two) {
		w->plain = w->exact;
		w->two = true;
	}
}

static void
add(struct words *w, const struct fold_char *f)
{
	struct slice folded = slice_make(f->exact, f->nexact);

	if (!utf8_next(&folded, &w->last) || folded.n > 0)
		w->last = 0;
	w->last_exact = w->exact.n;
	w->last_plain = w->plain.n;
	put(&w->exact, f->exact, f->nexact);
	put(&w->plain, f->plain, f->nplain);
}

/* A mark behind a letter: the letter that they make together, or the mark as it is. */
static void
add_mark(struct words *w, const struct fold_char *f)
{
	uint32_t made =
	    w->last && !w->exact.over && !w->plain.over ? fold_compose(w->last, f->mark) : 0;

	if (made) {
		w->exact.n = w->last_exact;
		w->plain.n = w->last_plain;
		add(w, fold_find(w->fold, made));
		return;
	}
	put(&w->exact, f->exact, f->nexact);
	put(&w->plain, f->plain, f->nplain);
}

/* The rest of a word that is not all ASCII. */
static void
take_letters(struct words *w)
{
	uint32_t cp = 0, before = 0;

	part_levels(w);
	while (w->at < w->text.n) {
		size_t bytes = 1;
		uint32_t next = peek(w, &bytes);
		const struct fold_char *f = fold_find(w->fold, next);

		if (f->klass == FOLD_LETTER)
			add(w, f);
		else if (f->klass == FOLD_MARK)
			add_mark(w, f);
		else if (f->klass != FOLD_SKIP)
			break;
		w->at += bytes;
		before = cp;
		cp = next;
	}
	/* The Arabic ending that only says "indefinite, accusative" is no part of the plain word. */
	if (before == TANWIN && cp == ALEF && !w->plain.over && w->last_plain > 0)
		w->plain.n = w->last_plain;
}

static void
take_word(struct words *w)
{
	size_t at = w->at;
	size_t n = w->text.n;
	const unsigned char *p = (const unsigned char *)w->text.p;
	size_t room = 0;

	for (; at < n && p[at] < 0x80 && fold_ascii[p[at]]; at++) {
		char c = (char)fold_ascii[p[at]];

		if (room < WORD_MAX)
			w->exact.p[room++] = c;
		else {
			w->exact.n = room;
			put(&w->exact, &c, 1);
		}
	}
	w->exact.n = room;
	w->at = at;
	if (at < n && p[at] >= 0x80) {
		if (room > 0) { /* a mark may follow that belongs to the last one */
			w->last = (unsigned char)w->exact.p[room - 1];
			w->last_exact = w->last_plain = room - 1;
		}
		take_letters(w);
	}
}

static void
take_gram(struct words *w, uint32_t cp, size_t bytes)
{
	part_levels(w);
	add(w, fold_find(w->fold, cp));
	w->at += bytes;
	while (w->at < w->text.n && (unsigned char)w->text.p[w->at] >= 0x80) {
		const struct fold_char *f = fold_find(w->fold, peek(w, &bytes));

		if (f->klass == FOLD_MARK)
			add_mark(w, f);
		else if (f->klass != FOLD_SKIP)
			break;
		w->at += bytes;
	}
	w->gram_before = w->last ? w->last : cp;
}

bool
words_next(struct words *w, struct word *out)
{
	uint32_t cp;
	size_t bytes = 1;
	uint32_t before;

	if (!find_start(w))
		return false;
	begin(w);
	out->start = w->at;
	before = w->gram_before;
	w->gram_before = 0;
	cp = peek(w, &bytes);
	out->gram = cp >= 0x80 && fold_find(w->fold, cp)->klass == FOLD_GRAM;
	if (out->gram)
		take_gram(w, cp, bytes);
	else
		take_word(w);
	out->joined = out->gram && before != 0;
	out->end = w->at;
	out->exact = finish(&w->exact);
	out->plain = w->two ? finish(&w->plain) : out->exact;
	out->accented = w->two && !slice_eq(out->exact, out->plain);
	return true;
}
