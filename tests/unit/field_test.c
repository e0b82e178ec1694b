/* SPDX-License-Identifier: GPL-2.0-or-later */
/* field: what is a field, and what ends a header. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "mail/field.h"

static void
assert_slice(struct slice got, const char *want)
{
	if (!slice_is(got, want))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(got), want);
}

static void
takes_fields_in_turn(void **state)
{
	(void)state;
	struct slice rest = SLICE("A: one\r\nBee : two\n three\r\n\tfour\nC:\n\nbody");
	struct field f;
	assert_true(field_next(&rest, &f));
	assert_slice(f.name, "A");
	assert_slice(f.value, " one");
	assert_slice(f.whole, "A: one\r\n");
	assert_true(field_next(&rest, &f));
	assert_slice(f.name, "Bee");
	assert_slice(f.value, " two\n three\r\n\tfour");
	assert_true(field_next(&rest, &f));
	assert_slice(f.value, "");
	assert_slice(f.whole, "C:\n");
	assert_false(field_next(&rest, &f));
	assert_true(field_take_blank(&rest));
	assert_false(field_take_blank(&rest));
	assert_slice(rest, "body");
}

static void
header_ends_where_no_field_is(void **state)
{
	(void)state;
	static const char *const ends[] = {"",         "no colon here\n", ": empty name\n",
					   "a b: c\n", "\r\n\n",          "N\xc3\xa4me: x\n",
					   "name",     "\001: x\n"};
	struct field f;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct slice rest = slice_str(ends[i]);
		assert_false(field_next(&rest, &f));
		assert_slice(rest, ends[i]);
	}
}

static void
cut_and_odd_ends(void **state)
{
	(void)state;
	struct field f;
	struct slice rest = SLICE("A: x\r\r\n\r\r\nbody");
	assert_true(field_next(&rest, &f));
	assert_slice(f.value, " x");
	assert_true(field_take_blank(&rest));
	assert_slice(rest, "body");
	rest = SLICE("A: x\ry\n");
	assert_true(field_next(&rest, &f));
	assert_slice(f.value, " x\ry");
	rest = SLICE("A: cut");
	assert_true(field_next(&rest, &f));
	assert_slice(f.value, " cut");
	assert_int_equal(rest.n, 0);
	rest = SLICE("A:\n \n x");
	assert_true(field_next(&rest, &f));
	assert_int_equal(rest.n, 0);
	rest = SLICE("A: a\0b\n");
	assert_true(field_next(&rest, &f));
	assert_int_equal(f.value.n, 4);
	rest = SLICE("\r");
	assert_false(field_take_blank(&rest));
}

static void
what_is_before_a_header_is_skipped(void **state)
{
	(void)state;
	struct slice rest = SLICE("From a@b Mon\n>From c@d Tue\nFrom: x\n");
	field_skip_lead(&rest);
	assert_slice(rest, "From: x\n");
	rest = SLICE(" \r\n\n\t From: x\n");
	field_skip_lead(&rest);
	assert_slice(rest, "From: x\n");
	rest = SLICE("\nFrom a\n\nno field\n");
	field_skip_lead(&rest);
	assert_slice(rest, "\nFrom a\n\nno field\n");
	rest = SLICE("From a");
	field_skip_lead(&rest);
	assert_int_equal(rest.n, 0);
}

static void
names_in_any_case(void **state)
{
	(void)state;
	struct slice rest = SLICE("LIST-id: x\n");
	struct field f;
	assert_true(field_next(&rest, &f));
	assert_true(field_is(&f, "List-Id"));
	assert_true(field_is(&f, "List-*"));
	assert_true(field_is(&f, "list-id*"));
	assert_true(field_is(&f, "*"));
	assert_false(field_is(&f, "List-"));
	assert_false(field_is(&f, "List-Id-*"));
	assert_false(field_is(&f, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_fields_in_turn),
	    cmocka_unit_test(header_ends_where_no_field_is),
	    cmocka_unit_test(cut_and_odd_ends),
	    cmocka_unit_test(what_is_before_a_header_is_skipped),
	    cmocka_unit_test(names_in_any_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
