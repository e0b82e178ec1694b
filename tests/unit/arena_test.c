/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arenas: aligned, apart from each other, and counted. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdalign.h>

#include "base/arena.h"

static void
aligned_and_apart(void **state)
{
	struct arena *a = arena_new();
	char *p[2000];
	size_t size[2000], sum = 0;

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		size[i] = i * i % 7919 + (i % 100 == 0 ? 300000 : 0);
		p[i] = arena_alloc(a, size[i]);
		assert_int_equal((uintptr_t)p[i] % alignof(max_align_t), 0);
		memset(p[i], (int)(i & 0xff), size[i]);
		sum += size[i];
	}
	assert_int_equal(arena_used(a), sum);
	for (size_t i = 0; i < 2000; i++) {
		for (size_t j = 0; j < size[i]; j++) {
			if ((unsigned char)p[i][j] != (i & 0xff))
				fail_msg("block %zu was written over", i);
		}
	}
	arena_free(a);
	arena_free(NULL);
}

static void
reset(void **state)
{
	struct arena *a = arena_new();
	void *first, *again;

	(void)state;
	arena_reset(a);
	first = arena_alloc(a, 100);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	again = arena_alloc(a, 100);
	assert_ptr_equal(first, again); /* the block was kept */
	(void)arena_alloc(a, 10 << 20);
	arena_reset(a);
	memset(arena_alloc(a, 5000), 1, 5000);
	arena_free(a);
}

static void
zeroed(void **state)
{
	struct arena *a = arena_new();
	char *p;

	(void)state;
	memset(arena_alloc(a, 3000), 0xff, 3000);
	arena_reset(a);
	p = arena_zalloc(a, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	p = arena_array(a, 10, 100);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	assert_non_null(arena_alloc(a, 0));
	assert_ptr_not_equal(arena_alloc(a, 0), arena_alloc(a, 0));
	arena_free(a);
}

static void
copies(void **state)
{
	struct arena *a = arena_new();
	struct slice s = arena_dup(a, SLICE("a\0b"));
	char big[1000];

	(void)state;
	assert_int_equal(s.n, 3);
	assert_memory_equal(s.p, "a\0b", 4);
	s = arena_dup(a, slice_make(NULL, 0));
	assert_string_equal(s.p, "");
	assert_string_equal(arena_str(a, SLICE("a\0b\0")), "a?b?");
	assert_string_equal(arena_lower(a, SLICE("AzZ@[\xc4")), "azz@[\xc4");
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	memset(big, 'y', sizeof big);
	big[sizeof big - 1] = '\0';
	assert_string_equal(arena_printf(a, "%s", big), big);
	big[255] = '\0'; /* around the size of the small buffer */
	assert_string_equal(arena_printf(a, "%s", big), big);
	assert_int_equal(strlen(arena_printf(a, "%sz", big)), 256);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(aligned_and_apart),
	    cmocka_unit_test(reset),
	    cmocka_unit_test(zeroed),
	    cmocka_unit_test(copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
