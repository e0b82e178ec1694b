/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An open-addressing table over one buffer of bytes.
 */
#include "config.h"
#include "archive/terms.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"

#define SLOTS 131072 /* a power of two, over three times TERMS_MAX */
/* A document has no more pairs than that many bytes of text have words. */
#define PAIRS_GATHERED (1u << 20)

struct terms {
	struct term *term;
	uint32_t *hash; /* of each term */
	size_t n, cap;
	uint32_t *slot; /* number of a term plus one, 0 free */
	size_t slots;   /* in use: a power of two */
	char *bytes;
	size_t nbytes, bytes_cap;
	uint32_t *pair;
	size_t npair, pair_cap;
};

static void *
grown(void *p, size_t *cap, size_t need, size_t size)
{
	size_t to = *cap ? *cap : 256;

	if (need <= *cap)
		return p;
	while (to < need)
		to *= 2;
	p = realloc(p, to * size);
	if (!p)
		fatal("no memory for %zu terms", to);
	*cap = to;
	return p;
}

struct terms *
terms_new(void)
{
	struct terms *t = calloc(1, sizeof *t);

	if (!t)
		fatal("no memory for terms");
	t->slots = 1024;
	t->slot = calloc(SLOTS, sizeof *t->slot);
	if (!t->slot)
		fatal("no memory for terms");
	return t;
}

void
terms_free(struct terms *t)
{
	if (!t)
		return;
	free(t->term);
	free(t->hash);
	free(t->slot);
	free(t->bytes);
	free(t->pair);
	free(t);
}

void
terms_clear(struct terms *t)
{
	memset(t->slot, 0, t->slots * sizeof *t->slot);
	t->slots = 1024;
	t->n = t->nbytes = t->npair = 0;
}

size_t
term_make(char *out, const char *field, struct slice text)
{
	size_t prefix = strlen(field);
	size_t n = text.n;

	memcpy(out, field, prefix);
	if (prefix + n > TERM_MAX) {
		uint8_t sum[SHA1_SIZE];

		hash_sha1(text, sum);
		n = TERM_MAX - prefix - HEX_SIZE(SHA1_SIZE);
		hash_hex(sum, SHA1_SIZE, out + prefix + n);
		memcpy(out + prefix, text.p, n);
		return prefix + n + HEX_SIZE(SHA1_SIZE) - 1;
	}
	if (n > 0)
		memcpy(out + prefix, text.p, n);
	return prefix + n;
}

static void
rehash(struct terms *t)
{
	memset(t->slot, 0, t->slots * sizeof *t->slot);
	t->slots *= 2;
	for (size_t i = 0; i < t->n; i++) {
		size_t at = t->hash[i] & (t->slots - 1);

		while (t->slot[at])
			at = (at + 1) & (t->slots - 1);
		t->slot[at] = (uint32_t)i + 1;
	}
}

static uint32_t
hash_of(const char *p, size_t n)
{
	uint32_t h = 0x811c9dc5;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x01000193;
	return h ^ h >> 15;
}

/* The slot of a term, or the free one where it would be. text.n keeps the length; where the bytes
 * are is known after terms_finish(). */
static size_t
slot_of(const struct terms *t, uint32_t h, const char *p, size_t n)
{
	size_t at = h & (t->slots - 1);

	for (; t->slot[at]; at = (at + 1) & (t->slots - 1)) {
		uint32_t i = t->slot[at] - 1;

		if (t->hash[i] == h && t->term[i].text.n == n &&
		    memcmp(t->bytes + t->term[i].at, p, n) == 0)
			break;
	}
	return at;
}

/* The number of the term, new or known; -1 when the table is full. */
static int
find(struct terms *t, const char *p, size_t n)
{
	uint32_t h = hash_of(p, n);
	size_t at = slot_of(t, h, p, n);
	struct term *new;

	if (t->slot[at])
		return (int)t->slot[at] - 1;
	if (t->n >= TERMS_MAX)
		return -1;
	if (t->n == t->cap) {
		size_t cap = t->cap;

		t->hash = grown(t->hash, &cap, t->n + 1, sizeof *t->hash);
		t->term = grown(t->term, &t->cap, t->n + 1, sizeof *t->term);
	}
	t->bytes = grown(t->bytes, &t->bytes_cap, t->nbytes + n, 1);
	memcpy(t->bytes + t->nbytes, p, n);
	new = &t->term[t->n];
	*new = (struct term){.text = {NULL, n}, .at = t->nbytes};
	t->hash[t->n] = h;
	t->nbytes += n;
	t->slot[at] = (uint32_t)++t->n;
	if (t->n * 2 > t->slots && t->slots < SLOTS)
		rehash(t);
	return (int)t->n - 1;
}

static uint32_t *
room_for_pairs(struct terms *t)
{
	if (t->npair + 2 > PAIRS_GATHERED)
		return NULL;
	t->pair = grown(t->pair, &t->pair_cap, t->npair + 2, sizeof *t->pair);
	return t->pair + t->npair;
}

uint32_t
term_mark(const char *field, struct slice text)
{
	return pair_hash(field[0], pair_word(text), 0, 0);
}

/* Puts a mark instead of the term at p, of a field of one letter, if own text has it, too. */
static bool
marked(struct terms *t, const char *p, size_t n)
{
	char field[2] = {p[0], '\0'};
	uint32_t *mark;

	if (!t->slot[slot_of(t, hash_of(p + 1, n - 1), p + 1, n - 1)])
		return false;
	mark = room_for_pairs(t);
	if (!mark)
		return false;
	*mark = term_mark(field, slice_make(p + 1, n - 1));
	t->npair++;
	return true;
}

static void
occurs(struct terms *t, const char *p, size_t n, int flags, bool stem)
{
	struct term *term;
	int i;

	if ((flags & TERMS_MARKS && marked(t, p, n)) || (i = find(t, p, n)) < 0)
		return;
	term = &t->term[i];
	if (!(flags & TERMS_ECHO) && (term->count == 0 || !(flags & TERMS_FAINT)))
		term->count++;
	if (stem)
		term->stem = true;
}

void
terms_add(struct terms *t, const char *field, struct slice text)
{
	char term[TERM_MAX];

	occurs(t, term, term_make(term, field, text), TERMS_FAINT, false);
}

size_t
neighbours_next(struct neighbours *nb, const struct word *word, uint32_t out[2])
{
	uint32_t h = pair_word(word->plain);
	size_t n = 0;

	/* Of two grams that adjoin there is a term; what it leaves open is the third. */
	if (nb->n > 0 && !word->joined)
		out[n++] = pair_hash(nb->field, nb->before[0], h, 0);
	if (nb->n > 1 && (word->joined ? nb->gram : nb->triples))
		out[n++] = pair_hash(nb->field, nb->before[1], nb->before[0], h);
	nb->before[1] = nb->before[0];
	nb->before[0] = h;
	nb->n += nb->n < 2;
	nb->gram = word->joined;
	return n;
}

static void
add_pairs(struct terms *t, struct neighbours *nb, const struct word *word)
{
	uint32_t *room = room_for_pairs(t);

	if (room)
		t->npair += neighbours_next(nb, word, room);
}

/*
 * A line of base64 (a key, a signature, an attachment pasted into text): long, without a space, of
 * its letters only, both cases and a digit among them.
 */
static bool
is_base64(struct slice line)
{
	int lower = 0, upper = 0, digit = 0;

	if (line.n < 60 || line.n > 100)
		return false;
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (c >= 'a' && c <= 'z')
			lower = 1;
		else if (c >= 'A' && c <= 'Z')
			upper = 1;
		else if (c >= '0' && c <= '9')
			digit = 1;
		else if (c != '+' && c != '/' && c != '=')
			return false;
	}
	return lower && upper && digit;
}

/* Takes from *text what comes before the next two lines of base64 in a row, and drops these. */
static struct slice
screen(struct slice *text)
{
	struct slice rest = *text, before = *text, line, last = {NULL, 0};
	bool in = false;

	while (slice_next_line(&rest, &line)) {
		bool armour = is_base64(line);

		if (armour && last.p && !in) {
			before.n = (size_t)(last.p - before.p);
			in = true;
		} else if (in && !armour) {
			*text = slice_from(*text, (size_t)(line.p - text->p));
			return before;
		}
		last = armour ? line : (struct slice){NULL, 0};
	}
	*text = (struct slice){NULL, 0};
	return before;
}

static void
add_words(struct terms *t, struct fold *fold, const char *field, struct slice text, int flags)
{
	char term[TERM_MAX + 2 * WORD_MAX], last[WORD_MAX];
	size_t prefix = strlen(field), nlast = 0;
	struct neighbours nb = {.field = field[0], .triples = flags & TERMS_TRIPLES};
	struct words w;
	struct word word;

	memcpy(term, field, prefix);
	words_init(&w, fold, text);
	while (words_next(&w, &word)) {
		bool stem = flags & TERMS_STEMS && !word.gram;

		memcpy(term + prefix, word.exact.p, word.exact.n);
		occurs(t, term, prefix + word.exact.n, flags, stem);
		if (word.accented) {
			memcpy(term + prefix, word.plain.p, word.plain.n);
			occurs(t, term, prefix + word.plain.n, flags, false);
		}
		if (word.joined && nlast + word.exact.n + prefix <= TERM_MAX) {
			memcpy(term + prefix, last, nlast);
			memcpy(term + prefix + nlast, word.exact.p, word.exact.n);
			occurs(t, term, prefix + nlast + word.exact.n, flags, false);
		}
		if (word.gram) {
			nlast = word.exact.n;
			memcpy(last, word.exact.p, nlast);
		}
		if (flags & TERMS_PAIRS)
			add_pairs(t, &nb, &word);
	}
}

void
terms_add_text(struct terms *t, struct fold *fold, const char *field, struct slice text, int flags)
{
	if (!(flags & TERMS_SCREEN)) {
		add_words(t, fold, field, text, flags);
		return;
	}
	while (text.n > 0) {
		struct slice before = screen(&text);

		if (before.n > 0)
			add_words(t, fold, field, before, flags);
	}
}

size_t
terms_finish(struct terms *t, const struct term **all)
{
	for (size_t i = 0; i < t->n; i++)
		t->term[i].text.p = t->bytes + t->term[i].at;
	*all = t->term;
	return t->n;
}

void
terms_pairs(struct terms *t, struct buf *out)
{
	pairs_encode(out, t->pair, t->npair);
}
