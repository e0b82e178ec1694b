/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffers: the limit holds to the byte, and a marked buffer stays a true beginning. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"

static void
builds(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_slice(&b).n, 0);
	buf_put(&b, NULL, 0);
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_put_slice(&b, SLICE("\0d"));
	buf_printf(&b, "%05d", 42);
	buf_put_int(&b, INT64_MIN);
	buf_put_int(&b, 0);
	buf_put_int(&b, INT64_MAX);
	assert_memory_equal(b.p, "abc\0d00042-922337203685477580809223372036854775807", b.n + 1);
	assert_int_equal(b.n, 10 + 20 + 1 + 19);
	buf_drop(&b, 5);
	buf_cut(&b, 5);
	assert_string_equal(buf_str(&b), "00042");
	buf_cut(&b, 100);
	buf_drop(&b, 100);
	assert_string_equal(buf_str(&b), "");
	assert_false(buf_over(&b));
	buf_free(&b);
	assert_string_equal(buf_str(&b), "");
	buf_free(&b);
}

static void
limit(void **state)
{
	struct buf b;

	(void)state;
	for (size_t n = 0; n <= 5; n++) {
		buf_init(&b, n);
		buf_puts(&b, "1234");
		assert_int_equal(buf_over(&b), n < 4);
		assert_string_equal(buf_str(&b), n < 4 ? "" : "1234");
		buf_printf(&b, "%d", 5);
		assert_int_equal(buf_over(&b), n < 5);
		buf_clear(&b);
		assert_false(buf_over(&b));
		buf_free(&b);
	}
	buf_init(&b, 4);
	buf_puts(&b, "12");
	buf_puts(&b, "345");
	buf_puts(&b, "3"); /* would fit, but what stands there must be a beginning */
	buf_printf(&b, "%s", "3");
	assert_true(buf_over(&b));
	assert_string_equal(buf_str(&b), "12");
	assert_null(buf_reserve(&b, 0));
	buf_free(&b);
}

static void
printf_past_limit(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_puts(&b, "abc");
	buf_printf(&b, "%s", "12345678");
	assert_true(buf_over(&b));
	assert_string_equal(buf_str(&b), "abc");
	assert_int_equal(b.n, 3);
	buf_free(&b);
}

static void
grows(void **state)
{
	struct buf b;
	char *to;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "%04d,", i);
	assert_int_equal(b.n, 50000);
	assert_memory_equal(b.p + 49990, "9998,9999,", 11);
	to = buf_reserve(&b, 50000);
	assert_non_null(to);
	memset(to, 'x', 50000);
	b.n += 50000;
	assert_int_equal(strlen(buf_str(&b)), 100000);
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_true(buf_over(&b));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(builds),
	    cmocka_unit_test(limit),
	    cmocka_unit_test(printf_past_limit),
	    cmocka_unit_test(grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
