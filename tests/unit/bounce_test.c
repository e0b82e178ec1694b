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
	    {"5.2.1 disabled", "5.2.1", false, true},
	    {"552 5.2.2 over quota", "5.2.2", false, true},
	    {"552 5.2.3 too long", "5.2.3", false, false},
	    {"554 5.3.4 too big for the system", "5.3.4", false, false},
	    {"4.4.7 delivery time expired", "4.4.7", false, true},
	    {"554 5.4.4 unable to route", "5.4.4", true, true},
	    {"554 5.6.0 bad content", "5.6.0", false, false},
	    {"550 5.7.1 not from your network", "5.7.1", false, false},
	    {"550 5.7.1 no such user", "5.7.1", true, true},
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
		bounce_classify(&b, slice_str(rows[i].reply), true);
		if (!slice_is(b.status, rows[i].status) || b.hard != rows[i].hard ||
		    b.members_fault != rows[i].fault)
			fail_msg("\"%s\": %.*s %d %d", rows[i].reply, SLICE_ARG(b.status), b.hard,
				 b.members_fault);
	}
}

/* Without a code, and when the server had taken the recipient, it may mean this mail only. */
static void
test_after_data(void **state)
{
	struct bounce b;
	(void)state;
	bounce_classify(&b, SLICE("550 No such user"), false);
	assert_true(!b.hard && b.members_fault);
	bounce_classify(&b, SLICE("550 5.1.1 No such user"), false);
	assert_true(b.hard && b.members_fault);
}

static void
record(struct scratch *s, int64_t id, bool hard, bool fault, int64_t now)
{
	struct bounce b = {.list = "l",
			   .subscription = id,
			   .seq = 1,
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

/* The score of each of n members that bounced on post seq of "l". */
static void
bounce_post(struct scratch *s, int64_t first, int n, int64_t seq)
{
	for (int i = 0; i < n; i++) {
		struct bounce b = {.list = "l",
				   .subscription = first + i,
				   .seq = seq,
				   .hard = true,
				   .members_fault = true,
				   .status = SLICE("5.1.1"),
				   .text = SLICE("550 5.1.1 no")};
		assert_int_equal(bounce_record(s->db, &b, NOW, NULL), 0);
	}
}

static int64_t
many_members(struct scratch *s, int n)
{
	int64_t first = 0;
	for (int i = 0; i < n; i++) {
		int64_t id = scratch_member(s, "l", arena_printf(s->a, "m%d@x", i));
		first = i == 0 ? id : first;
		assert_int_equal(id, first + i);
	}
	return first;
}

/* More than a third and at least ten: the post is to blame, for those before and after. */
static void
test_breaker(void **state)
{
	struct scratch *s = *state;
	int64_t first = many_members(s, 30), seq = 65536 + 7;
	assert_int_equal(bounce_post_sent(s->db, "l", 7, 1000, NOW - 100, NULL), 0);
	assert_int_equal(bounce_post_sent(s->db, "l", seq, 30, NOW, NULL), 0);
	bounce_post(s, first, 10, 7); /* exactly a third */
	assert_int_equal(score(s, first), 2);
	assert_int_equal(score(s, first + 9), 2);
	bounce_post(s, first, 10, 7); /* the same ones again are no more */
	assert_int_equal(score(s, first), 4);
	bounce_post(s, first + 10, 1, 7);
	for (int i = 0; i < 11; i++)
		assert_int_equal(score(s, first + i), 0);
	bounce_post(s, first + 11, 3, 7);
	assert_int_equal(score(s, first + 13), 0);
	/* It is only about that post: points of another stay. */
	bounce_post(s, first, 1, 8);
	assert_int_equal(score(s, first), 2);
}

/* Nine of nine are too few to tell. A digest adds its own recipients. */
static void
test_breaker_limits(void **state)
{
	struct scratch *s = *state;
	int64_t first = many_members(s, 30);
	assert_int_equal(bounce_post_sent(s->db, "l", 1, 9, NOW, NULL), 0);
	bounce_post(s, first, 9, 1);
	assert_int_equal(score(s, first + 8), 2);
	assert_int_equal(bounce_post_sent(s->db, "l", 1, 60, NOW, NULL), 0);
	bounce_post(s, first + 9, 14, 1);
	assert_int_equal(score(s, first), 2);
	assert_int_equal(score(s, first + 22), 2);
	bounce_post(s, first + 23, 1, 1);
	assert_int_equal(score(s, first), 0);
	/* What is too old is forgotten; then nothing is known of the post. */
	assert_int_equal(bounce_trim(s->db, NOW + 31 * 86400, NULL), 0);
	bounce_post(s, first + 24, 1, 1);
	assert_int_equal(score(s, first + 24), 2);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classes), T(test_scores),
	    T(test_at_most_five_a_day),     T(test_breaker),
	    T(test_breaker_limits),         cmocka_unit_test(test_after_data)};
	return cmocka_run_group_tests_name("bounce", tests, NULL, NULL);
}
