/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set is its size in base 128 (0 stands for "everything is in it"), then buckets of about
 * BUCKET elements, so that asking for one element decodes one bucket: first where each bucket but
 * the first begins (16 bits, from the first one's first byte), then the buckets, each from a whole
 * byte on. In a bucket stands for each element the difference to the one before, its upper part in
 * unary (ones and a zero), its lower PAIRS_MISTAKE bits as they are; ones fill the last byte.
 */
#include "config.h"
#include "archive/pairs.h"

#include <stdlib.h>

#include "base/log.h"

#define BUCKET 32
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

static size_t
bucket_count(size_t n)
{
	return (n + BUCKET - 1) / BUCKET;
}

static size_t
bucket_of(uint32_t hash, size_t count)
{
	return (size_t)((uint64_t)hash * count >> 32);
}

/* Where a hash falls in the range of a set of n. Keeps the order. */
static uint64_t
mapped(uint32_t hash, size_t n)
{
	return ((uint64_t)hash * ((uint64_t)n << PAIRS_MISTAKE)) >> 32;
}

/* Where the range of a bucket begins. */
static uint64_t
bucket_base(size_t bucket, size_t count, size_t n)
{
	return mapped((uint32_t)((((uint64_t)bucket << 32) + count - 1) / count), n);
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

/* The elements of a bucket: those of hashes[0..n) from *at on that fall in it. */
static void
put_bucket(struct buf *out, const uint32_t *hashes, size_t n, size_t bucket, size_t *at)
{
	struct bits b = {.out = out};
	size_t count = bucket_count(n);
	uint64_t last = bucket_base(bucket, count, n);

	for (; *at < n && bucket_of(hashes[*at], count) == bucket; ++*at) {
		uint64_t here = mapped(hashes[*at], n), step = here - last;

		for (uint64_t k = step >> PAIRS_MISTAKE; k > 0; k--)
			put_bits(&b, 1, 1);
		put_bits(&b, step & LOW_MASK, PAIRS_MISTAKE + 1); /* with the zero before */
		last = here;
	}
	if (b.n > 0)
		put_bits(&b, 0xff >> b.n, 8 - b.n);
}

void
pairs_encode(struct buf *out, uint32_t *hashes, size_t n)
{
	size_t count, table, at = 0;

	n = sort_unique(hashes, n);
	if (n == 0)
		return;
	put_number(out, n > PAIRS_MAX ? 0 : n);
	if (n > PAIRS_MAX)
		return;
	count = bucket_count(n);
	table = out->n;
	for (size_t i = 1; i < count; i++)
		buf_put(out, "\0", 2);
	for (size_t i = 0; i < count; i++) {
		size_t begins = out->n - table - 2 * (count - 1);

		if (i > 0 && !buf_over(out)) {
			out->p[table + 2 * i - 2] = (char)(begins & 0xff);
			out->p[table + 2 * i - 1] = (char)(begins >> 8);
		}
		put_bucket(out, hashes, n, i, &at);
	}
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

/* Where the i-th bucket begins in the buckets' bytes; their end behind the last. */
static size_t
bucket_begin(struct slice table, struct slice buckets, size_t i)
{
	const unsigned char *p = (const unsigned char *)table.p;

	if (i == 0)
		return 0;
	return 2 * i > table.n ? buckets.n : (size_t)(p[2 * i - 2] | p[2 * i - 1] << 8);
}

static bool
has_one(struct slice table, struct slice buckets, size_t n, uint32_t hash)
{
	size_t count = bucket_count(n), i = bucket_of(hash, count);
	size_t begin = bucket_begin(table, buckets, i), end = bucket_begin(table, buckets, i + 1);
	struct slice bytes = slice_sub(buckets, begin, end > begin ? end - begin : 0);
	struct bit_reader r = {.p = (const unsigned char *)bytes.p, .left = bytes.n};
	uint64_t at = bucket_base(i, count, n), wanted = mapped(hash, n), step;

	while (next_step(&r, &step)) {
		at += step;
		if (at >= wanted)
			return at == wanted;
	}
	return false;
}

bool
pairs_have(struct slice set, const uint32_t *wanted, size_t n)
{
	struct slice table, buckets;
	size_t size;

	if (n == 0)
		return true;
	if (!get_number(&set, &size))
		return false;
	if (size == 0)
		return true;
	table = slice_sub(set, 0, 2 * (bucket_count(size) - 1));
	buckets = slice_from(set, table.n);
	for (size_t i = 0; i < n; i++)
		if (!has_one(table, buckets, size, wanted[i]))
			return false;
	return true;
}
