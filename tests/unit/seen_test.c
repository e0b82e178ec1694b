/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What makes doing a thing twice harmless. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/seen.h"
#include "tests/unit/scratch.h"

#define NOW SCRATCH_NOW
#define KEPT (14 * 86400)

static void
test_entries(void **state)
{
	struct scratch *s = *state;
	const char *links = NULL;
	assert_int_equal(seen_get(s->db, s->a, "id1", &links, NULL), 0);
	assert_int_equal(seen_add(s->db, "id1", "out feed/l", NOW, NULL), 0);
	assert_int_equal(seen_add(s->db, "id2", "", NOW, NULL), 0);
	assert_int_equal(seen_get(s->db, s->a, "id1", &links, NULL), 1);
	assert_string_equal(links, "out feed/l");
	assert_int_equal(seen_get(s->db, s->a, "id2", &links, NULL), 1);
	assert_string_equal(links, "");
}

static void
test_duplicates(void **state)
{
	struct scratch *s = *state;
	assert_int_equal(seen_duplicate(s->db, "l", SLICE("m@x"), "aa", NOW, NULL), 0);
	assert_int_equal(seen_duplicate(s->db, "l", SLICE("m@x"), "aa", NOW, NULL), 1);
	assert_int_equal(seen_other_body(s->db, "l", SLICE("m@x"), "aa"), 0);
	assert_int_equal(seen_other_body(s->db, "l", SLICE("m@x"), "bb"), 1);
	assert_int_equal(seen_other_body(s->db, "k", SLICE("m@x"), "bb"), 0);
	assert_int_equal(seen_duplicate(s->db, "l", SLICE("m@x"), "bb", NOW, NULL), 0);
	assert_int_equal(seen_duplicate(s->db, "k", SLICE("m@x"), "aa", NOW, NULL), 0);
	assert_int_equal(seen_duplicate(s->db, "l", SLICE("n@x"), "aa", NOW, NULL), 0);
}

static void
test_sequence(void **state)
{
	struct scratch *s = *state;
	assert_int_equal(seen_next_seq(s->db, "l", NOW, NULL), 1);
	assert_int_equal(seen_next_seq(s->db, "l", NOW, NULL), 2);
	assert_int_equal(seen_next_seq(s->db, "k", NOW, NULL), 1);
	assert_int_equal(seen_next_seq(s->db, "l", NOW, NULL), 3);
}

static void
test_trim(void **state)
{
	struct scratch *s = *state;
	const char *links;
	assert_int_equal(seen_add(s->db, "id1", "", NOW, NULL), 0);
	assert_int_equal(seen_duplicate(s->db, "l", SLICE("m@x"), "aa", NOW, NULL), 0);
	assert_int_equal(seen_trim(s->db, NOW + KEPT, NULL), 0);
	assert_int_equal(seen_get(s->db, s->a, "id1", &links, NULL), 1);
	assert_int_equal(seen_trim(s->db, NOW + KEPT + 1, NULL), 0);
	assert_int_equal(seen_get(s->db, s->a, "id1", &links, NULL), 0);
	assert_int_equal(seen_duplicate(s->db, "l", SLICE("m@x"), "aa", NOW, NULL), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {T(test_entries), T(test_duplicates), T(test_sequence),
					   T(test_trim)};
	return cmocka_run_group_tests_name("seen", tests, NULL, NULL);
}
