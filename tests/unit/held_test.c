/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Held posts: one decision each, by whoever is first. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/held.h"
#include "tests/unit/scratch.h"

#define NOW SCRATCH_NOW

static int64_t
add(struct scratch *s, const char *spool, const char *list)
{
	struct held h = {.spool = spool,
			 .list = list,
			 .sender = "a@x",
			 .from = "A <a@x>",
			 .subject = "hello",
			 .msgid = "m@x",
			 .reasons = "non-member\t",
			 .excerpt = "text",
			 .received = NOW,
			 .expires = NOW + 100};
	assert_int_equal(held_add(s->db, &h, NOW, NULL), 0);
	assert_true(h.number > 0);
	return h.number;
}

static void
test_first_word_counts(void **state)
{
	struct scratch *s = *state;
	struct held h;
	struct err e;
	int64_t n = add(s, "id1", "l");
	assert_int_equal(held_get(s->db, s->a, n, &h, NULL), 1);
	assert_true(h.decided == 0 && h.received == NOW && h.expires == NOW + 100);
	assert_string_equal(h.from, "A <a@x>");
	assert_string_equal(h.reasons, "non-member\t");
	assert_int_equal(held_decide(s->db, s->a, n, "accept", "m1@x", "", NOW + 1, &h, NULL), 1);
	assert_int_equal(held_decide(s->db, s->a, n, "reject", "m2@x", "spam", NOW + 2, &h, NULL),
			 0);
	assert_string_equal(h.decision, "accept");
	assert_string_equal(h.decided_by, "m1@x");
	assert_true(h.decided == NOW + 1);
	assert_int_equal(held_decide(s->db, s->a, 99, "accept", "m@x", "", NOW, &h, &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
}

static void
test_one_post_to_two_lists(void **state)
{
	struct scratch *s = *state;
	struct held h;
	int64_t need, a = add(s, "id1", "l"), b = add(s, "id1", "k");
	struct held twice = {.spool = "id1",
			     .list = "l",
			     .sender = "",
			     .from = "",
			     .subject = "",
			     .msgid = "",
			     .reasons = "",
			     .excerpt = ""};
	assert_int_equal(held_add(s->db, &twice, NOW, NULL), -1);
	assert_int_equal(held_by_spool(s->db, s->a, "id1", "k", &h, NULL), 1);
	assert_int_equal(h.number, b);
	assert_int_equal(held_by_spool(s->db, s->a, "id2", "k", &h, NULL), 0);
	assert_int_equal(held_need_count(s->db, "id1", &need, NULL), 0);
	assert_int_equal(need, 2);
	/* Only a decision can be settled, and being decided alone frees no file. */
	assert_int_equal(held_settle(s->db, a, HELD_PUT_BACK, NULL), 0);
	assert_int_equal(held_decide(s->db, s->a, a, "discard", "m@x", "", NOW, &h, NULL), 1);
	assert_int_equal(held_need_count(s->db, "id1", &need, NULL), 0);
	assert_int_equal(need, 2);
	assert_int_equal(held_settle(s->db, a, HELD_PUT_BACK, NULL), 0);
	assert_int_equal(held_need_count(s->db, "id1", &need, NULL), 0);
	assert_int_equal(need, 1);
}

static int
note(void *arg, const struct held *h)
{
	char *s = arg;
	size_t n = strlen(s);
	snprintf(s + n, 100 - n, "%s/%s ", h->spool, h->list);
	return 0;
}

static void
test_walking(void **state)
{
	struct scratch *s = *state;
	struct held h;
	char all[100] = "", of_l[100] = "", decided[100] = "", after[100] = "", expired[100] = "";
	int64_t a = add(s, "id1", "l");
	add(s, "id2", "k");
	add(s, "id3", "l");
	assert_int_equal(held_decide(s->db, s->a, a, "accept", "m@x", "", NOW + 5, &h, NULL), 1);
	assert_int_equal(held_each(s->db, NULL, note, all, NULL), 0);
	assert_string_equal(all, "id2/k id3/l ");
	assert_int_equal(held_each(s->db, "l", note, of_l, NULL), 0);
	assert_string_equal(of_l, "id3/l ");
	assert_int_equal(held_settle(s->db, a, HELD_PUT_BACK, NULL), 0);
	assert_int_equal(held_each_unsettled(s->db, note, decided, NULL), 0);
	assert_string_equal(decided, "id1/l ");
	assert_int_equal(held_settle(s->db, a, HELD_SETTLED, NULL), 0);
	assert_int_equal(held_settle(s->db, a, HELD_PUT_BACK, NULL), 0); /* never backwards */
	assert_int_equal(held_each_unsettled(s->db, note, after, NULL), 0);
	assert_string_equal(after, "");
	assert_int_equal(held_each_expired(s->db, NOW + 99, note, expired, NULL), 0);
	assert_string_equal(expired, "");
	assert_int_equal(held_each_expired(s->db, NOW + 100, note, expired, NULL), 0);
	assert_string_equal(expired, "id2/k id3/l ");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {T(test_first_word_counts), T(test_one_post_to_two_lists),
					   T(test_walking)};
	return cmocka_run_group_tests_name("held", tests, NULL, NULL);
}
