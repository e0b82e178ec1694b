/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of held posts, as people and telephones write them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/pick.h"

static void
test_numbers(void **state)
{
	static const struct {
		const char *line, *numbers, *rest;
	} rows[] = {
	    {"3", "3", ""},
	    {" 3 5-9 ", "3 5-9", ""},
	    {"3,5 - 9;12", "3 5-9 12", ""},
	    {"#3, #5-#9", "3 5-9", ""},
	    {"5\xe2\x80\x93"
	     "9",
	     "5-9", ""},
	    {"5 \xe2\x80\x94 9 7", "5-9 7", ""},
	    {"5-5", "5", ""},
	    {"4 7 why not", "4 7", "why not"},
	    {"4: 2 links are enough", "4", "2 links are enough"},
	    {"4. 2 links", "4", "2 links"},
	    {"4 - not on topic", "4", "not on topic"},
	    {"4 3rd time", "4", "3rd time"},
	    {"4\xe2\x80\xa6", "4", "\xe2\x80\xa6"},
	    {"0", "0", ""},
	    {"1-1000", "1-1000", ""},
	    {"999999999999999999999999", "4611686018427387904", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pick p;
		char text[200] = "";
		assert_int_equal(pick_parse(slice_str(rows[i].line), &p), PICK_FINE);
		for (size_t k = 0; k < p.n; k++) {
			size_t n = strlen(text);
			if (p.v[k].from == p.v[k].to)
				snprintf(text + n, sizeof(text) - n, "%s%lld", n ? " " : "",
					 (long long)p.v[k].from);
			else
				snprintf(text + n, sizeof(text) - n, "%s%lld-%lld", n ? " " : "",
					 (long long)p.v[k].from, (long long)p.v[k].to);
		}
		assert_string_equal(text, rows[i].numbers);
		assert_true(slice_is(p.rest, rows[i].rest));
	}
}

static void
test_nonsense(void **state)
{
	static const struct {
		const char *line;
		enum pick_end end;
	} rows[] = {
	    {"", PICK_NOTHING},
	    {"why", PICK_NOTHING},
	    {"-5", PICK_NOTHING},
	    {"3rd", PICK_NOTHING},
	    {"9-5", PICK_BACKWARDS},
	    {"3 9-5", PICK_BACKWARDS},
	    {"1-1001", PICK_TOO_WIDE},
	    {"1-999999", PICK_TOO_WIDE},
	    {"1-99999999999999999999999999", PICK_TOO_WIDE},
	};
	struct pick p;
	char many[500] = "", nul[] = "3\0005";
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(pick_parse(slice_str(rows[i].line), &p), rows[i].end);
		assert_true(strlen(pick_phrase(rows[i].end)) > 20);
	}
	for (int i = 0; i < PICK_MAX; i++)
		strcat(many, "7 ");
	assert_int_equal(pick_parse(slice_str(many), &p), PICK_FINE);
	strcat(many, "7");
	assert_int_equal(pick_parse(slice_str(many), &p), PICK_TOO_MANY);
	assert_int_equal(pick_parse(slice_make(nul, 3), &p), PICK_NOTHING);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers),
					   cmocka_unit_test(test_nonsense)};
	return cmocka_run_group_tests_name("pick", tests, NULL, NULL);
}
