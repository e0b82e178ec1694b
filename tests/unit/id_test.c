/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IDs: they sort by age, never repeat, and are safe as file names. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"

static void
made(void **state)
{
	static char id[1000][ID_MAX];

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		id_new(id[i]);
		assert_int_equal(strlen(id[i]), ID_LENGTH);
		assert_true(id_valid(slice_str(id[i])));
	}
	for (size_t i = 1; i < 1000; i++)
		assert_string_not_equal(id[i - 1], id[i]);
}

/* The text of a later millisecond is greater, over all that the first letters can be. */
static void
sorts(void **state)
{
	char early[ID_MAX], late[ID_MAX];
	int64_t start = clock_ms();

	(void)state;
	id_new(early);
	while (clock_ms() <= start + 1)
		continue;
	id_new(late);
	assert_true(strcmp(early, late) < 0);
	/* 48 bits are nine letters and three bits: those are the milliseconds. */
	assert_true(memcmp(early, late, 10) <= 0);
}

static void
suffixes(void **state)
{
	char id[ID_MAX], derived[ID_MAX], longest[42];

	(void)state;
	id_new(id);
	id_derive(derived, id, "a");
	assert_memory_equal(derived, id, ID_LENGTH);
	assert_string_equal(derived + ID_LENGTH, "-a");
	assert_true(id_valid(slice_str(derived)));
	id_derive(derived, derived, "b2");
	assert_string_equal(derived + ID_LENGTH, "-a-b2");
	assert_true(id_valid(slice_str(derived)));
	memset(longest, 'x', 40);
	longest[40] = '\0';
	id_derive(derived, id, longest);
	assert_int_equal(strlen(derived), ID_MAX - 1);
	assert_true(id_valid(slice_str(derived)));
}

static void
foreign(void **state)
{
	static const char *const bad[] = {
	    "",
	    "short",
	    "0123456789abcdef012345678",   /* 25 */
	    "0123456789abcdef0123456789a", /* 27 without '-' */
	    "0123456789abcdef0123456789-",
	    "0123456789abcdef0123456789-A",
	    "0123456789abcdef0123456789-a/b",
	    "0123456789abcdef0123456789-a.b",
	    "0123456789ABCDEF0123456789",
	    "0123456789abcdefw123456789",
	    "../456789abcdef01234567890",
	    "0123456789abcdef0123456789,1",
	    "0123456789abcdef0123456789-01234567890123456789012345678901234567890",
	};

	(void)state;
	assert_true(id_valid(SLICE("0123456789abcdef0123456789")));
	assert_true(id_valid(SLICE("0123456789abcdef0123456789-dc-x")));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(id_valid(slice_str(bad[i])));
	assert_false(id_valid(SLICE("0123456789abcdef0123456789\0")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(made),
	    cmocka_unit_test(sorts),
	    cmocka_unit_test(suffixes),
	    cmocka_unit_test(foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
