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
	assert_int_equal(flood_allow(s->db, "request", "b@x", 1, NOON, NULL), 1);
	assert_int_equal(flood_allow(s->db, "request", "a@x", 1, NOON, NULL), 0);
	assert_int_equal(flood_trim(s->db, NOON + 2 * 86400, NULL), 0);
	assert_int_equal(flood_allow(s->db, "request", "b@x", 1, NOON, NULL), 1);
	/* What was refused is shown for a while. */
	assert_int_equal(flood_allow(s->db, "request", "a@x", 1, NOON, NULL), 0);
	assert_int_equal(flood_trim(s->db, NOON + (FLOOD_KEPT + 1) * 86400, NULL), 0);
	assert_int_equal(flood_allow(s->db, "request", "a@x", 1, NOON, NULL), 1);
}

static int
count_of(void *arg, const char *kind, int64_t day, int64_t n)
{
	(void)day;
	assert_non_null(kind);
	*(int64_t *)arg += n;
	return 0;
}

/* What is counted list by list is hers, too. */
static void
test_of_name(void **state)
{
	struct scratch *s = *state;
	int64_t n = 0;
	assert_int_equal(flood_allow(s->db, "request", "a@x", 9, NOON, NULL), 1);
	assert_int_equal(flood_allow(s->db, "hook-case", "a@x/dc", 9, NOON, NULL), 1);
	assert_int_equal(flood_allow(s->db, "hook-case", "a@xy/dc", 9, NOON, NULL), 1);
	assert_int_equal(flood_each_of(s->db, "a@x", count_of, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_int_equal(flood_forget(s->db, "a@x", NULL), 0);
	n = 0;
	assert_int_equal(flood_each_of(s->db, "a@x", count_of, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(flood_used(s->db, "hook-case", "a@xy/dc", NOON), 1);
}

/* What was cut, "day kind name allowed/refused", the newest first. */
static int
put_cut(void *arg, const struct flood_cut *cut)
{
	buf_printf(arg, "%d %s %s %d/%d\n", (int)(cut->day - NOON / 86400), cut->kind, cut->name,
		   (int)cut->allowed, (int)cut->refused);
	return 0;
}

static void
assert_cuts(struct scratch *s, bool untold, int64_t now, const char *cuts)
{
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	assert_int_equal(flood_each_cut(s->db, untold, now, put_cut, &b, NULL), 0);
	assert_string_equal(buf_str(&b), cuts);
	buf_free(&b);
}

static void
test_cuts(void **state)
{
	struct scratch *s = *state;
	for (int i = 0; i < 5; i++)
		assert_true(flood_allow(s->db, "request", "a@x", 3, NOON, NULL) >= 0);
	assert_int_equal(flood_allow(s->db, "request", "b@x", 3, NOON, NULL), 1);
	for (int i = 0; i < 9; i++)
		assert_true(flood_allow(s->db, "source", "net:192.0.2.1", 3, NOON, NULL) >= 0);
	assert_cuts(s, false, NOON, "0 source net:192.0.2.1 3/6\n0 request a@x 3/2\n");
	/* A day is told of when it is over, once. */
	assert_cuts(s, true, NOON, "");
	assert_cuts(s, true, NOON + 86400, "0 source net:192.0.2.1 3/6\n0 request a@x 3/2\n");
	for (int i = 0; i < 4; i++)
		assert_true(flood_allow(s->db, "request", "a@x", 3, NOON + 86400, NULL) >= 0);
	assert_int_equal(flood_told(s->db, NOON + 86400, NULL), 0);
	assert_cuts(s, true, NOON + 86400, "");
	assert_cuts(s, true, NOON + 2 * 86400, "1 request a@x 3/1\n");
	/* Kept for the administrator, but not for ever. */
	assert_int_equal(flood_trim(s->db, NOON + (FLOOD_KEPT - 1) * 86400, NULL), 0);
	assert_cuts(s, false, NOON + (FLOOD_KEPT - 1) * 86400,
		    "1 request a@x 3/1\n0 source net:192.0.2.1 3/6\n0 request a@x 3/2\n");
	assert_cuts(s, false, NOON + FLOOD_KEPT * 86400, "1 request a@x 3/1\n");
	assert_int_equal(flood_trim(s->db, NOON + (FLOOD_KEPT + 2) * 86400, NULL), 0);
	assert_cuts(s, false, NOON, "");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {T(test_limit), T(test_trim), T(test_of_name),
					   T(test_cuts)};
	return cmocka_run_group_tests_name("flood", tests, NULL, NULL);
}
