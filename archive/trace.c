/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/trace.h"

#include <stdlib.h>
#include <string.h>

#define RUN 5          /* words; shorter ones are phrases that many write */
#define SAMPLE 2       /* one run in so many is kept: by its hash, so the same ones everywhere */
#define NAME_WORDS 4   /* of a person */
#define NAME_TEXT 32   /* words looked at for names */
#define HEAD_NUMBERS 3 /* before the runs */

/* --- words ------------------------------------------------------------------------------------ */

/*
 * Length of the letter or digit at the start of s, 0 if it is none. Beyond ASCII: blanks and signs
 * of Latin-1 (C2 A0..BF) and general punctuation (E2) are none, all else is a letter; *alone: one
 * that is a word by itself, as in scripts without spaces.
 */
static size_t
letter(struct slice s, bool *alone)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	*alone = false;
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	if (c == 0xc2 || c == 0xe2)
		return 0;
	*alone = c >= 0xe3 && c < 0xf0;
	return n < s.n ? n : s.n;
}

bool
trace_next_word(struct slice *s, struct slice *word)
{
	bool alone;
	size_t n;

	while (s->n > 0 && letter(*s, &alone) == 0)
		*s = slice_from(*s, 1);
	*word = slice_sub(*s, 0, 0);
	while (s->n > 0 && (n = letter(*s, &alone)) > 0) {
		if (alone && word->n > 0)
			break;
		word->n += n;
		*s = slice_from(*s, n);
		if (alone)
			break;
	}
	return word->n > 0;
}

/* FNV-1a, which may go on from another word's. */
static uint64_t
mix(uint64_t h, struct slice word)
{
	for (size_t i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 'a' - 'A');
		h = (h ^ c) * 0x100000001b3u;
	}
	return (h ^ ' ') * 0x100000001b3u;
}

#define BEGIN 0xcbf29ce484222325u

/* FNV's low bits are weak. */
static uint32_t
number(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	return (uint32_t)h ? (uint32_t)h : 1;
}

uint32_t
trace_hash(struct slice text)
{
	uint64_t h = BEGIN;
	struct slice word;
	bool any = false;

	for (; trace_next_word(&text, &word); any = true)
		h = mix(h, word);
	return any ? number(h) : 0;
}

size_t
trace_names(struct slice text, uint32_t *out, size_t max)
{
	struct slice words[NAME_TEXT];
	size_t nwords = 0, n = 0;

	while (nwords < NAME_TEXT && trace_next_word(&text, &words[nwords]))
		nwords++;
	for (size_t i = 0; i < nwords; i++) {
		uint64_t h = BEGIN;

		for (size_t k = i; k < nwords && k < i + NAME_WORDS && n < max; k++) {
			h = mix(h, words[k]);
			out[n++] = number(h);
		}
	}
	return n;
}

bool
trace_has_word(struct slice text, struct slice word)
{
	struct slice w;

	while (word.n >= 3 && trace_next_word(&text, &w))
		if (slice_eq_ci(w, word))
			return true;
	return false;
}

/* --- runs ------------------------------------------------------------------------------------- */

struct runs {
	struct arena *arena;
	struct slice last[RUN]; /* the words before, oldest first once there are that many */
	size_t words, bytes;
	uint32_t *v;
	size_t n, cap;
};

struct runs *
runs_new(struct arena *a)
{
	struct runs *r = arena_zalloc(a, sizeof *r);

	r->arena = a;
	return r;
}

static void
put_run(struct runs *r)
{
	uint64_t h = BEGIN;
	uint32_t v;

	for (size_t i = 0; i < RUN; i++)
		h = mix(h, r->last[i]);
	v = number(h);
	if (v % SAMPLE != 0)
		return;
	if (r->n == r->cap) {
		uint32_t *old = r->v;

		r->cap = r->cap ? r->cap * 2 : 64;
		r->v = arena_array(r->arena, r->cap, sizeof *r->v);
		if (r->n > 0)
			memcpy(r->v, old, r->n * sizeof *old);
	}
	r->v[r->n++] = v;
}

void
runs_add(struct runs *r, struct slice line)
{
	struct slice word;

	if (r->bytes + line.n > TRACE_TEXT_MAX)
		return;
	r->bytes += line.n;
	while (trace_next_word(&line, &word)) {
		memmove(r->last, r->last + 1, (RUN - 1) * sizeof *r->last);
		r->last[RUN - 1] = word;
		if (++r->words >= RUN)
			put_run(r);
	}
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

size_t
runs_end(struct runs *r, size_t max, const uint32_t **out)
{
	size_t n = 0;

	if (r->n > 0)
		qsort(r->v, r->n, sizeof *r->v, by_number);
	for (size_t i = 0; i < r->n && n < max; i++)
		if (i == 0 || r->v[i] != r->v[i - 1])
			r->v[n++] = r->v[i];
	*out = r->v;
	return n;
}

size_t
runs_common(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	size_t i = 0, k = 0, n = 0;

	while (i < na && k < nb) {
		if (a[i] == b[k])
			n++;
		if (a[i] <= b[k])
			i++;
		else
			k++;
	}
	return n;
}

/* --- as bytes --------------------------------------------------------------------------------- */

struct slice
trace_pack(const struct trace *t, struct arena *a)
{
	size_t n = HEAD_NUMBERS + t->nruns;
	uint32_t *v = arena_array(a, n, sizeof *v);

	v[0] = t->name;
	v[1] = t->address;
	v[2] = t->subject;
	if (t->nruns > 0)
		memcpy(v + HEAD_NUMBERS, t->runs, t->nruns * sizeof *v);
	return slice_make((const char *)v, n * sizeof *v);
}

bool
trace_unpack(struct trace *t, struct arena *a, struct slice bytes)
{
	uint32_t *v = arena_alloc(a, bytes.n + 1); /* aligned */

	if (bytes.n < HEAD_NUMBERS * sizeof *v || bytes.n % sizeof *v != 0)
		return false;
	memcpy(v, bytes.p, bytes.n);
	*t = (struct trace){v[0], v[1], v[2], v + HEAD_NUMBERS, bytes.n / sizeof *v - HEAD_NUMBERS};
	return true;
}
