/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bump allocator over blocks that double in size. What is too big for the current block without
 * wasting it gets a block of its own behind it, so that small things go on filling the current
 * one. Under AddressSanitizer the bytes between allocations are poisoned: an overrun is found as
 * with malloc.
 */
#include "config.h"
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/num.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define RED_ZONE 8
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#define RED_ZONE 0
#endif

#define ALIGN alignof(max_align_t)
#define FIRST_BLOCK 4096        /* a short session fits */
#define LARGEST_BLOCK (1 << 20) /* doubling stops here; more gives malloc nothing to share */
#define KEEP_BLOCK                                                                                 \
	(256 * 1024) /* arena_reset keeps no bigger block: one huge mail is not the rule */

struct block {
	struct block *next;
	size_t size; /* of data */
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *head; /* the one that is being filled */
	size_t at;          /* bytes of it that are taken */
	size_t used;
	size_t next_size;
};

static struct block *
block_new(size_t size)
{
	struct block *b;
	size_t total;

	if (!num_add(size, sizeof *b, &total) || (b = malloc(total)) == NULL)
		fatal("no memory for %zu bytes", size);
	b->next = NULL;
	b->size = size;
	POISON(b->data, size);
	return b;
}

static void
block_free_all(struct block *b)
{
	struct block *next;

	for (; b != NULL; b = next) {
		next = b->next;
		UNPOISON(b->data, b->size);
		free(b);
	}
}

struct arena *
arena_new(void)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a == NULL)
		fatal("no memory for an arena");
	a->next_size = FIRST_BLOCK;
	return a;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	block_free_all(a->head);
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *keep = a->head;

	a->used = 0;
	a->at = 0;
	if (keep == NULL)
		return;
	if (keep->size > KEEP_BLOCK) {
		block_free_all(keep);
		a->head = NULL;
		a->next_size = FIRST_BLOCK;
		return;
	}
	block_free_all(keep->next);
	keep->next = NULL;
	POISON(keep->data, keep->size);
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

/* The slow way: the current block has no room for need bytes. */
static void *
alloc_in_new_block(struct arena *a, size_t need)
{
	struct block *b;

	if (need > a->next_size / 4 && a->head != NULL) {
		b = block_new(need);
		b->next = a->head->next;
		a->head->next = b;
		return b->data;
	}
	b = block_new(need > a->next_size ? need : a->next_size);
	if (a->next_size < LARGEST_BLOCK)
		a->next_size *= 2;
	b->next = a->head;
	a->head = b;
	a->at = need;
	return b->data;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t need;
	char *p;

	if (!num_add(n, RED_ZONE + ALIGN - 1, &need))
		fatal("allocation of %zu bytes", n);
	need &= ~(ALIGN - 1);
	if (need == 0)
		need = ALIGN;
	if (a->head != NULL && a->head->size - a->at >= need) {
		p = a->head->data + a->at;
		a->at += need;
	} else {
		p = alloc_in_new_block(a, need);
	}
	UNPOISON(p, n);
	a->used += n;
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (!num_mul(count, size, &n))
		fatal("array of %zu times %zu bytes", count, size);
	return arena_zalloc(a, n);
}

struct slice
arena_dup(struct arena *a, struct slice s)
{
	char *p;
	size_t n;

	if (!num_add(s.n, 1, &n))
		fatal("copy of %zu bytes", s.n);
	p = arena_alloc(a, n);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return slice_make(p, s.n);
}

char *
arena_str(struct arena *a, struct slice s)
{
	struct slice copy = arena_dup(a, s);
	char *p = (char *)(uintptr_t)copy.p, *nul = p;

	while ((nul = memchr(nul, '\0', copy.n - (size_t)(nul - p))) != NULL)
		*nul = '?';
	return p;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char small[256], *p;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof small, fmt, ap);
	if (n < 0)
		fatal("cannot format \"%s\"", fmt);
	p = arena_alloc(a, (size_t)n + 1);
	if ((size_t)n < sizeof small)
		memcpy(p, small, (size_t)n + 1);
	else
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

char *
arena_lower(struct arena *a, struct slice s)
{
	char *p = arena_str(a, s);

	for (size_t i = 0; i < s.n; i++) {
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] | 0x20);
	}
	return p;
}
