/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader's memory: what is in hand in any order of letting go, and what is put off. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/hand.h"

static struct slice
id_of(int i)
{
	static char text[ID_MAX];

	snprintf(text, sizeof text, "%026d", i);
	return slice_str(text);
}

static void
queue(void **state)
{
	struct hand h = {0};

	(void)state;
	assert_true(hand_is_empty(&h));
	assert_null(hand_find(&h, id_of(1)));
	assert_false(hand_holds_suspect(&h));
	hand_add(&h, id_of(1), 2);
	assert_true(hand_holds_suspect(&h));
	hand_add(&h, id_of(2), 0);
	assert_int_equal(hand_find(&h, id_of(1))->deaths, 2);
	assert_int_equal(hand_find(&h, id_of(2))->deaths, 0);
	hand_remove(&h, id_of(1));
	hand_remove(&h, id_of(1));
	assert_false(hand_holds_suspect(&h));
	assert_null(hand_find(&h, id_of(1)));
	hand_remove(&h, id_of(2));
	assert_true(hand_is_empty(&h));
	hand_free(&h);
}

/* Never empty, let go in a mixed order: nothing gets lost, and the array stays small. */
static void
any_order(void **state)
{
	struct hand h = {0};
	bool in[5000] = {false};

	(void)state;
	for (int i = 0; i < 5000; i++) {
		int other = i - i * 7 % 40; /* one of the last forty, not always there */

		hand_add(&h, id_of(i), i % 3);
		in[i] = true;
		if (i >= 40) {
			hand_remove(&h, id_of(other));
			in[other] = false;
			hand_remove(&h, id_of(i - 40));
			in[i - 40] = false;
		}
		for (int j = i < 50 ? 0 : i - 50; j <= i; j++) {
			const struct hand_entry *found = hand_find(&h, id_of(j));

			assert_int_equal(found != NULL, in[j]);
			if (found != NULL)
				assert_int_equal(found->deaths, j % 3);
		}
	}
	assert_true(h.room <= 256);
	hand_forget(&h);
	assert_true(hand_is_empty(&h));
	hand_free(&h);
}

static void
deferred(void **state)
{
	struct hand h = {0};

	(void)state;
	assert_true(hand_next_due(&h, 0) == -1);
	for (int i = 0; i < 1000; i++)
		hand_defer(&h, id_of(i * 37 % 1000), i * 37 % 1000);
	for (int i = 0; i < 1000; i++)
		assert_true(hand_is_deferred(&h, id_of(i)));
	assert_false(hand_is_deferred(&h, id_of(1000)));
	hand_forget_due(&h, 499);
	assert_false(hand_is_deferred(&h, id_of(499)));
	assert_true(hand_is_deferred(&h, id_of(500)));
	assert_true(hand_next_due(&h, 490) == 10);
	assert_true(hand_next_due(&h, 600) == 0);
	hand_defer(&h, id_of(500), 2000); /* again: the later time holds */
	assert_true(hand_next_due(&h, 490) == 11);
	hand_forget_due(&h, 1500);
	assert_int_equal(h.ndeferred, 1);
	hand_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(queue),
	    cmocka_unit_test(any_order),
	    cmocka_unit_test(deferred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
