/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often a day: below, at and above the limit, and the next day. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/flood.h"
#include "tests/unit/scratch.h"

#define NOON (SCRATCH_NOW - SCRATCH_NOW % 86400 + 43200)

static void
test_limit(void **state)
{
	struct scratch *s = *state;
	for (int i = 0; i < FLOOD_REQUESTS; i++)
		assert_int_equal(
		    flood_allow(s->db, "request", "a@x", FLOOD_REQUESTS, NOON + i, NULL), 1);
	assert_int_equal(flood_allow(s->db, "request", "a@x", FLOOD_REQUESTS, NOON, NULL), 0);
	assert_int_equal(flood_allow(s->db, "request", "a@x", FLOOD_REQUESTS, NOON, NULL), 0);
	/* others, and other things, have their own count; so has a higher limit */
	assert_int_equal(flood_allow(s->db, "request", "b@x", FLOOD_REQUESTS, NOON, NULL), 1);
	assert_int_equal(flood_allow(s->db, "answer", "a@x", FLOOD_REQUESTS, NOON, NULL), 1);
	assert_int_equal(flood_allow(s->db, "request", "a@x", FLOOD_REQUESTS + 1, NOON, NULL), 1);
	assert_int_equal(flood_allow(s->db, "request", "c@x", 0, NOON, NULL), 0);
	/* the day's last second, and the next day's first */
	assert_int_equal(flood_allow(s->db, "request", "a@x", FLOOD_REQUESTS, NOON + 43199, NULL),
			 0);
	assert_int_equal(flood_allow(s->db, "request", "a@x", FLOOD_REQUESTS, NOON + 43200, NULL),
			 1);
}

static void
test_trim(void **state)
{
	struct scratch *s = *state;
	assert_int_equal(flood_allow(s->db, "request", "a@x", 1, NOON, NULL), 1);
	assert_int_equal(flood_trim(s->db, NOON + 86400, NULL), 0);
	assert_int_equal(flood_allow(s->db, "request", "a@x", 1, NOON, NULL), 0);
	assert_int_equal(flood_trim(s->db, NOON + 2 * 86400, NULL), 0);
	assert_int_equal(flood_allow(s->db, "request", "a@x", 1, NOON, NULL), 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {T(test_limit), T(test_trim)};
	return cmocka_run_group_tests_name("flood", tests, NULL, NULL);
}
