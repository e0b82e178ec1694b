/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounces: what a reply says of a member, and how much it counts. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/bounce.h"
#include "daemon/member.h"
#include "tests/unit/scratch.h"

#define NOW SCRATCH_NOW

static void
test_classes(void **state)
{
	static const struct {
		const char *reply, *status;
		bool hard, fault;
	} rows[] = {
	    {"550 5.1.1 no such user", "5.1.1", true, true},
	    {"550 5.1.2 bad host", "5.1.2", true, true},
	    {"550 5.1.10 null MX", "5.1.10", true, true},
	    {"550-5.1.1 The account does not exist", "5.1.1", true, true},
	    {"5.2.1 disabled", "5.2.1", true, true},
	    {"552 5.2.2 over quota", "5.2.2", false, true},
	    {"552 5.2.3 too long", "5.2.3", false, false},
	    {"554 5.3.4 too big for the system", "5.3.4", false, false},
	    {"4.4.7 delivery time expired", "4.4.7", false, true},
	    {"554 5.4.4 unable to route", "5.4.4", false, true},
	    {"554 5.6.0 bad content", "5.6.0", false, false},
	    {"550 5.7.1 no such user here, says a liar", "5.7.1", false, false},
	    {"550 5.7.26 DMARC", "5.7.26", false, false},
	    /* no code, or one that says nothing: words */
	    {"550 No such user", "", true, true},
	    {"550 5.0.0 User unknown", "5.0.0", true, true},
	    {"554 mailbox is full", "", false, true},
	    {"550 blocked as SPAM: user unknown", "", false, false},
	    {"550 go away", "", false, false},
	    {"550 1.2.3.4 is listed", "", false, false},
	    {"550 version 5.x", "", false, false},
	    {"", "", false, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bounce b = {.hard = true, .members_fault = true};
		bounce_classify(&b, slice_str(rows[i].reply));
		if (!slice_is(b.status, rows[i].status) || b.hard != rows[i].hard ||
		    b.members_fault != rows[i].fault)
			fail_msg("\"%s\": %.*s %d %d", rows[i].reply, SLICE_ARG(b.status), b.hard,
				 b.members_fault);
	}
}

static void
record(struct scratch *s, int64_t id, bool hard, bool fault, int64_t now)
{
	struct bounce b = {.list = "l",
			   .subscription = id,
			   .hard = hard,
			   .members_fault = fault,
			   .status = SLICE("5.1.1"),
			   .text = SLICE("550 5.1.1 no")};
	assert_int_equal(bounce_record(s->db, &b, now, NULL), 0);
}

static int
score(struct scratch *s, int64_t id)
{
	struct member m;
	assert_int_equal(member_by_id(s->db, s->a, id, &m, NULL), 1);
	return m.bounce_score;
}

static void
test_scores(void **state)
{
	struct scratch *s = *state;
	int64_t id = scratch_member(s, "l", "x@x");
	record(s, id, true, true, NOW);
	assert_int_equal(score(s, id), 2);
	record(s, id, false, true, NOW);
	assert_int_equal(score(s, id), 3);
	record(s, id, true, false, NOW); /* not the member's fault */
	assert_int_equal(score(s, id), 3);
	record(s, 0, true, true, NOW); /* nobody's */
	record(s, 999, true, true, NOW);
	assert_int_equal(score(s, id), 3);
}

static void
test_at_most_five_a_day(void **state)
{
	struct scratch *s = *state;
	int64_t id = scratch_member(s, "l", "x@x"), other = scratch_member(s, "l", "y@x");
	for (int i = 0; i < 8; i++)
		record(s, id, true, true, NOW + i);
	assert_int_equal(score(s, id), 10);
	record(s, other, true, true, NOW);
	assert_int_equal(score(s, other), 2);
	record(s, id, false, true, NOW + 86399);
	assert_int_equal(score(s, id), 10);
	record(s, id, true, true, NOW + 86400 + 10);
	assert_int_equal(score(s, id), 12);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes), T(test_scores),
					   T(test_at_most_five_a_day)};
	return cmocka_run_group_tests_name("bounce", tests, NULL, NULL);
}
