/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parameter: RFC 2045 and 2231, and what mailers make of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "mail/guard.h"
#include "mail/parameter.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
values(void **state)
{
	(void)state;
	static const struct {
		const char *value, *x;
	} rows[] = {
	    {"text/plain; x=y", "y"},
	    {"text/plain;X=y;z=w", "y"},
	    {"text/plain; x = y ; z=w", "y"},
	    {"text/plain; x=y; x=z", "y"},
	    {"text/plain", ""},
	    {"", ""},
	    {";;; x=y", "y"},
	    {"x=y", "y"},
	    {"text/plain x=y", "y"},
	    {"text/plain; a=b x=y", "y"},
	    {"text/plain; a=\"b\" x=\"y\"", "y"},
	    {"text/plain; xx=a; x=y", "y"},
	    {"text/plain; a=\"; x=n\"; x=y", "y"},
	    {"text/plain (; x=n); x=y (comment)", "y"},
	    {"text/plain; x=y(comment)", "y(comment)"},
	    {"text/plain; x=a b.pdf", "a b.pdf"},
	    {"text/plain; x=a (1).pdf; y=z", "a (1).pdf"},
	    {"text/plain; x=a\r\n b", "a b"},
	    {"text/plain; x=\"a\r\n b\"", "a b"},
	    {"text/plain; x=\"a\\\"b\\\\c\"", "a\"b\\c"},
	    {"text/plain; x=\"C:\\temp\\x.doc\"", "C:\\temp\\x.doc"},
	    {"text/plain; x=\"never closed", "never closed"},
	    {"text/plain; x=\"\\\"", "\""},
	    {"text/plain; x=\"\"", ""},
	    {"text/plain; x=", ""},
	    {"text/plain; =n; x=y", "y"},
	    {"text/plain; junk; x=y", "y"},
	    {"text/plain; x=a=b", "a=b"},
	    {"text/plain; x==", "="},
	    {"text/plain; x*=utf-8''%C3%A4", "\xc3\xa4"},
	    {"text/plain; x=n; x*=utf-8''y", "y"},
	    {"text/plain; x*=iso-8859-1'de'%e4b", "\xc3\xa4"
						  "b"},
	    {"text/plain; x*=\"utf-8''a%20b\"", "a b"},
	    {"text/plain; x*=no-quotes%20here", "no-quotes here"},
	    {"text/plain; x*=utf-8''%zz%4", "%zz%4"},
	    {"text/plain; x*0=a; x*1=b", "ab"},
	    {"text/plain; x*1=b; x*0=a; x=n", "ab"},
	    {"text/plain; x*0=a; x*2=c", "a"},
	    {"text/plain; x*1=b; x=y", "y"},
	    {"text/plain; x*0*=koi8-r''%f0; x*1=r; x*2*=%c9", "\xd0\x9fr\xd0\xb8"},
	    {"text/plain; x*0*=utf-8''%E6%97; x*1*=%A5", "\xe6\x97\xa5"},
	    {"text/plain; x*0=\"=?utf-8?Q?=C3\"; x*1=\"=A4?=\"", "\xc3\xa4"},
	    {"text/plain; x=\"=?iso-8859-1?B?5A==?=\"", "\xc3\xa4"},
	    {"text/plain; x*256=b; x=y", "y"},
	    {"text/plain; x*0x=b; x**=c; x=y", "y"},
	    {"text/plain; x=\"a\001b\"", "ab"},
	    {"text/plain; x=\xe4", "\xc3\xa4"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct slice got = mime_parameter(arena, slice_str(rows[i].value), "x");
		if (!slice_is(got, rows[i].x))
			fail_msg("\"%s\": \"%.*s\" is not \"%s\"", rows[i].value, SLICE_ARG(got),
				 rows[i].x);
	}
}

static void
absent_or_empty(void **state)
{
	(void)state;
	struct slice bytes, charset;
	assert_true(parameter_find(arena, SLICE("a/b; x="), "x", &bytes, &charset));
	assert_int_equal(bytes.n, 0);
	assert_false(parameter_find(arena, SLICE("a/b; y=z"), "x", &bytes, &charset));
	assert_int_equal(bytes.n, 0);
	assert_true(parameter_find(arena, SLICE("a/b; x*=big5'zh'%A4"), "x", &bytes, &charset));
	assert_true(slice_is(charset, "big5"));
	assert_true(slice_is(bytes, "\xa4"));
}

static void
limits(void **state)
{
	(void)state;
	for (int n = PARAMETER_SEGMENTS_MAX - 1; n <= PARAMETER_SEGMENTS_MAX + 1; n++) {
		struct buf b;
		buf_init(&b, BUF_NO_LIMIT);
		buf_puts(&b, "a/b");
		for (int i = 0; i < n; i++)
			buf_printf(&b, "; x*%d=y", i);
		assert_int_equal(mime_parameter(arena, buf_slice(&b), "x").n,
				 n < PARAMETER_SEGMENTS_MAX ? n : PARAMETER_SEGMENTS_MAX);
		buf_free(&b);
	}
	for (size_t n = GUARD_FIELD_MAX - 1; n <= GUARD_FIELD_MAX + 1; n++) {
		struct buf b;
		buf_init(&b, BUF_NO_LIMIT);
		while (b.n < n - 4)
			buf_putc(&b, ';');
		buf_puts(&b, ";x=y");
		assert_int_equal(mime_parameter(arena, buf_slice(&b), "x").n, n <= GUARD_FIELD_MAX);
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(values, setup, teardown),
	    cmocka_unit_test_setup_teardown(absent_or_empty, setup, teardown),
	    cmocka_unit_test_setup_teardown(limits, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
