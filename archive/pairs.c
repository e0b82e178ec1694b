/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set is its size in base 128, then bits: for each element the difference to the one before,
 * its upper part in unary (ones and a zero), its lower PAIRS_MISTAKE bits as they are.
 * A size of 0 stands for "everything is in it".
 */
#include "config.h"
#include "archive/pairs.h"

#include <stdlib.h>

#include "base/log.h"

#define LOW_MASK ((UINT64_C(1) << PAIRS_MISTAKE) - 1)

uint32_t
pair_word(struct slice word)
{
	uint32_t h = 0x811c9dc5;

	for (size_t i = 0; i < word.n; i++)
		h = (h ^ (unsigned char)word.p[i]) * 0x01000193;
	return h;
}

/* The finalizer of MurmurHash3. */
static uint32_t
mixed(uint32_t h)
{
	h = (h ^ h >> 16) * 0x85ebca6b;
	h = (h ^ h >> 13) * 0xc2b2ae35;
	return h ^ h >> 16;
}

uint32_t
pair_hash(char field, uint32_t first, uint32_t second, uint32_t third)
{
	uint32_t h = mixed(first + (unsigned char)field) * 5 + mixed(second ^ 0x9e3779b9);

	return mixed(third ? h * 9 + mixed(third ^ 0x7f4a7c15) : h);
}

#define DIGIT 11 /* bits; three make a hash */

/* One pass of a radix sort; a comparing sort of these would cost more than all the rest here. */
static void
sort_pass(const uint32_t *from, uint32_t *to, size_t n, unsigned shift)
{
	size_t start[1u << DIGIT] = {0}, sum = 0;
	const uint32_t mask = (1u << DIGIT) - 1;

	for (size_t i = 0; i < n; i++)
		start[from[i] >> shift & mask]++;
	for (size_t i = 0; i <= mask; i++) {
		size_t count = start[i];

		start[i] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[start[from[i] >> shift & mask]++] = from[i];
}

static void
sort_few(uint32_t *h, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t v = h[i];
		size_t k = i;

		for (; k > 0 && h[k - 1] > v; k--)
			h[k] = h[k - 1];
		h[k] = v;
	}
}

static void
sort(uint32_t *h, size_t n)
{
	uint32_t *other;

	if (n < 64) {
		sort_few(h, n);
		return;
	}
	other = malloc(n * sizeof *other);
	if (!other)
		fatal("no memory for %zu pairs", n);
	sort_pass(h, other, n, 0);
	sort_pass(other, h, n, DIGIT);
	sort_pass(h, other, n, 2 * DIGIT);
	memcpy(h, other, n * sizeof *h);
	free(other);
}

static size_t
sort_unique(uint32_t *h, size_t n)
{
	size_t to = 0;

	if (n == 0)
		return 0;
	sort(h, n);
	for (size_t i = 1; i < n; i++)
		if (h[i] != h[to])
			h[++to] = h[i];
	return to + 1;
}

/* Where a hash falls in the range of a set of n. Keeps the order. */
static uint64_t
mapped(uint32_t hash, size_t n)
{
	return ((uint64_t)hash * ((uint64_t)n << PAIRS_MISTAKE)) >> 32;
}

struct bits {
	struct buf *out;
	uint64_t hold;
	unsigned n;
};

static void
put_bits(struct bits *b, uint64_t value, unsigned n)
{
	b->hold = b->hold << n | value;
	b->n += n;
	while (b->n >= 8) {
		b->n -= 8;
		buf_putc(b->out, (char)(b->hold >> b->n & 0xff));
	}
}

static void
put_number(struct buf *out, size_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_putc(out, (char)(n | 0x80));
	buf_putc(out, (char)n);
}

void
pairs_encode(struct buf *out, uint32_t *hashes, size_t n)
{
	struct bits b = {.out = out};
	uint64_t last = 0;

	n = sort_unique(hashes, n);
	if (n == 0)
		return;
	put_number(out, n > PAIRS_MAX ? 0 : n);
	if (n > PAIRS_MAX)
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t at = mapped(hashes[i], n), step = at - last;

		for (uint64_t k = step >> PAIRS_MISTAKE; k > 0; k--)
			put_bits(&b, 1, 1);
		put_bits(&b, step & LOW_MASK, PAIRS_MISTAKE + 1); /* with the zero before */
		last = at;
	}
	if (b.n > 0)
		put_bits(&b, 0, 8 - b.n);
}

struct bit_reader {
	const unsigned char *p;
	size_t left; /* bytes not yet in hold */
	uint64_t hold;
	unsigned n;
};

/* UNSAFE: refills from p[0..left); when that is empty, with ones behind the last byte: an upper
 * part that never ends, which next_step refuses. */
static void
refill(struct bit_reader *r)
{
	while (r->n <= 56) {
		unsigned char c = 0xff;

		if (r->left > 0) {
			c = *r->p++;
			r->left--;
		}
		r->hold |= (uint64_t)c << (56 - r->n);
		r->n += 8;
	}
}

/* The next difference; false where there is none. */
static bool
next_step(struct bit_reader *r, uint64_t *step)
{
	uint64_t high = 0;
	unsigned ones;

	for (;;) {
		refill(r);
		ones = ~r->hold ? (unsigned)__builtin_clzll(~r->hold) : 64;
		if (ones < 32)
			break;
		if (r->left == 0)
			return false;
		high += 32;
		r->hold <<= 32;
		r->n -= 32;
	}
	high += ones;
	r->hold <<= ones + 1;
	r->n -= ones + 1;
	refill(r);
	*step = high << PAIRS_MISTAKE | r->hold >> (64 - PAIRS_MISTAKE);
	r->hold <<= PAIRS_MISTAKE;
	r->n -= PAIRS_MISTAKE;
	return true;
}

static bool
get_number(struct slice *s, size_t *n)
{
	unsigned shift = 0;

	*n = 0;
	while (s->n > 0 && shift < 28) {
		unsigned char c = (unsigned char)s->p[0];

		*s = slice_from(*s, 1);
		*n |= (size_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return true;
		shift += 7;
	}
	return false;
}

bool
pairs_have(struct slice set, const uint32_t *wanted, size_t n)
{
	uint32_t sorted[PAIRS_ASKED_MAX];
	struct bit_reader r = {0};
	uint64_t at = 0, step;
	size_t size, i = 0;

	n = n < PAIRS_ASKED_MAX ? n : PAIRS_ASKED_MAX;
	memcpy(sorted, wanted, n * sizeof *sorted);
	n = sort_unique(sorted, n);
	if (n == 0)
		return true;
	if (!get_number(&set, &size))
		return false;
	if (size == 0)
		return true;
	r.p = (const unsigned char *)set.p;
	r.left = set.n;
	for (size_t k = 0; k < size && next_step(&r, &step); k++) {
		at += step;
		while (mapped(sorted[i], size) == at)
			if (++i == n)
				return true;
		if (mapped(sorted[i], size) < at)
			return false;
	}
	return false;
}
