/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers: the whole slice, in range, or nothing. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/num.h"

static void
numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		bool good;
		int64_t value;
	} cases[] = {
	    {"0", 0, 9, true, 0},
	    {"007", 0, 9, true, 7},
	    {"10", 0, 9, false, 0},
	    {"", 0, 9, false, 0},
	    {"-", -9, 9, false, 0},
	    {"-3", -9, 9, true, -3},
	    {"-0", 0, 9, false, 0}, /* no sign where nothing negative is allowed */
	    {"-10", -9, 9, false, 0},
	    {"+1", 0, 9, false, 0},
	    {" 1", 0, 9, false, 0},
	    {"1 ", 0, 9, false, 0},
	    {"1x", 0, 9, false, 0},
	    {"0x1", 0, 99, false, 0},
	    {"9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
	    {"9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
	    {"-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
	    {"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
	    {"99999999999999999999999", 0, INT64_MAX, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t v = 12345;
		bool good = num_parse(slice_str(cases[i].text), cases[i].min, cases[i].max, &v);

		assert_int_equal(good, cases[i].good);
		assert_true(v == (good ? cases[i].value : 12345));
	}
	int64_t v;
	assert_false(num_parse(SLICE("1\0"), 0, 99, &v)); /* a NUL is no end */
}

static void
sizes(void **state)
{
	int64_t v = 0;

	(void)state;
	assert_true(num_parse_size(SLICE("512"), &v) && v == 512);
	assert_true(num_parse_size(SLICE("60K"), &v) && v == 60 * 1024);
	assert_true(num_parse_size(SLICE("10M"), &v) && v == 10 << 20);
	assert_true(num_parse_size(SLICE("1024G"), &v) && v == INT64_C(1) << 40);
	assert_false(num_parse_size(SLICE("1025G"), &v));
	assert_false(num_parse_size(SLICE("M"), &v));
	assert_false(num_parse_size(SLICE("1T"), &v));
	assert_false(num_parse_size(SLICE("1KK"), &v));
	assert_false(num_parse_size(SLICE("-1K"), &v));
	assert_false(num_parse_size(SLICE(""), &v));
	assert_false(num_parse_size(SLICE("99999999999999999G"), &v));
}

static void
spans(void **state)
{
	int64_t v = 0;

	(void)state;
	assert_true(num_parse_span(SLICE("90s"), &v) && v == 90);
	assert_true(num_parse_span(SLICE("5m"), &v) && v == 300);
	assert_true(num_parse_span(SLICE("12h"), &v) && v == 43200);
	assert_true(num_parse_span(SLICE("30d"), &v) && v == 2592000);
	assert_true(num_parse_span(SLICE("2w"), &v) && v == 1209600);
	assert_true(num_parse_span(SLICE("36500d"), &v));
	assert_false(num_parse_span(SLICE("36501d"), &v));
	assert_false(num_parse_span(SLICE("30"), &v)); /* of what? */
	assert_false(num_parse_span(SLICE("d"), &v));
	assert_false(num_parse_span(SLICE("1y"), &v));
}

static void
checked(void **state)
{
	size_t v;

	(void)state;
	assert_true(num_add(SIZE_MAX - 1, 1, &v));
	assert_false(num_add(SIZE_MAX, 1, &v));
	assert_true(num_mul(SIZE_MAX, 1, &v));
	assert_false(num_mul(SIZE_MAX / 2 + 1, 2, &v));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(sizes),
	    cmocka_unit_test(spans),
	    cmocka_unit_test(checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
