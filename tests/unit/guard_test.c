/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guard: each limit at, below and above. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "mail/guard.h"

static void
fill(struct buf *b, size_t n)
{
	char *p = buf_reserve(b, n);
	assert_non_null(p);
	memset(p, 'x', n);
	b->n += n;
}

static void
header_at_start(void **state)
{
	(void)state;
	assert_int_equal(mail_guard(SLICE("A: x\n\nbody")), GUARD_OK);
	assert_int_equal(mail_guard(SLICE("From a@b\n\n\nA: x")), GUARD_OK);
	assert_int_equal(mail_guard(SLICE("A:")), GUARD_OK);
	assert_int_equal(mail_guard(SLICE("")), GUARD_NO_HEADER);
	assert_int_equal(mail_guard(SLICE("\n\n\n")), GUARD_NO_HEADER);
	assert_int_equal(mail_guard(SLICE("text\nA: x\n")), GUARD_NO_HEADER);
	assert_int_equal(mail_guard(SLICE("From a@b")), GUARD_NO_HEADER);
}

static void
header_size(void **state)
{
	(void)state;
	for (size_t n = GUARD_HEADER_MAX - 1; n <= GUARD_HEADER_MAX + 1; n++) {
		struct buf b;
		buf_init(&b, BUF_NO_LIMIT);
		buf_puts(&b, "A: ");
		fill(&b, n - 4);
		buf_puts(&b, "\n\nbody");
		assert_int_equal(mail_guard(buf_slice(&b)),
				 n > GUARD_HEADER_MAX ? GUARD_HEADER_TOO_BIG : GUARD_OK);
		buf_free(&b);
	}
}

static void
number_of_fields(void **state)
{
	(void)state;
	for (int n = GUARD_FIELDS_MAX - 1; n <= GUARD_FIELDS_MAX + 1; n++) {
		struct buf b;
		buf_init(&b, BUF_NO_LIMIT);
		for (int i = 0; i < n; i++)
			buf_puts(&b, "A: x\n");
		assert_int_equal(mail_guard(buf_slice(&b)),
				 n > GUARD_FIELDS_MAX ? GUARD_TOO_MANY_FIELDS : GUARD_OK);
		buf_free(&b);
	}
}

static void
length_of_lines(void **state)
{
	(void)state;
	/* At the end of the message, and in its middle. */
	for (int behind = 0; behind < 2; behind++)
		for (size_t n = GUARD_LINE_MAX - 1; n <= GUARD_LINE_MAX + 1; n++) {
			struct buf b;
			buf_init(&b, BUF_NO_LIMIT);
			buf_puts(&b, "A: x\n\nshort\n");
			fill(&b, n);
			if (behind)
				buf_puts(&b, "\nshort\n\n");
			assert_int_equal(mail_guard(buf_slice(&b)),
					 n > GUARD_LINE_MAX ? GUARD_LINE_TOO_LONG : GUARD_OK);
			buf_free(&b);
		}
}

static void
verdicts_have_words(void **state)
{
	(void)state;
	for (int v = GUARD_OK; v <= GUARD_TOO_DEEP; v++)
		for (int w = GUARD_OK; w < v; w++)
			assert_string_not_equal(guard_text((enum guard_verdict)v),
						guard_text((enum guard_verdict)w));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(header_at_start),     cmocka_unit_test(header_size),
	    cmocka_unit_test(number_of_fields),    cmocka_unit_test(length_of_lines),
	    cmocka_unit_test(verdicts_have_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
