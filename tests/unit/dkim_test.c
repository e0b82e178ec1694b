/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read from a DKIM-Signature. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/dkim.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void
test_real(void **state)
{
	struct dkim_signature s;
	(void)state;
	assert_true(dkim_parse(
	    a,
	    SLICE(" v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td=example.org; s=20230601; "
		  "t=1700000000;\r\n x=1700600000; h=to:subject:message-id:date:\r\n "
		  "from:mime-version"
		  ":from : reply-to;\r\n        bh=abc=; b=QUJD\r\n REVG=="),
	    &s));
	assert_true(slice_is(s.domain, "example.org"));
	assert_int_equal(s.expires, 1700600000);
	assert_true(dkim_covers(&s, "From"));
	assert_true(dkim_covers(&s, "reply-to"));
	assert_true(dkim_covers(&s, "To"));
	assert_false(dkim_covers(&s, "Cc"));
	assert_false(dkim_covers(&s, "Reply"));
	assert_false(dkim_covers(&s, "Reply-To-"));
	assert_false(dkim_covers(&s, "List-*"));
	assert_true(dkim_covers(&s, "Mess*"));
}

static void
test_list_fields(void **state)
{
	struct dkim_signature s;
	(void)state;
	assert_true(dkim_parse(a, SLICE("d=x.org;h=from:list-unsubscribe;b=a"), &s));
	assert_true(dkim_covers(&s, "List-*"));
	assert_int_equal(s.expires, INT64_MAX);
}

static void
test_broken(void **state)
{
	static const char *const broken[] = {
	    "",
	    ";",
	    "d=x.org; h=from",
	    "d=x.org; h=from; b=",
	    "d=; h=from; b=a",
	    "h=from; b=a",
	    "d=x.org; b=a",
	    "d=x.org; h=; b=a",
	    "D=x.org; H=from; B=a",
	    "v=1 d=x.org h=from b=a",
	    "=;==;;;=",
	};
	struct dkim_signature s;
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		if (dkim_parse(a, slice_str(broken[i]), &s))
			fail_msg("%s", broken[i]);
	assert_true(dkim_parse(a, SLICE("d=x.org; h=from; b=a; x=soon"), &s));
	assert_int_equal(s.expires, INT64_MAX);
	assert_true(dkim_parse(a, SLICE("d=x.org; h=from; b=a; x=-1"), &s));
	assert_int_equal(s.expires, INT64_MAX);
	assert_true(dkim_parse(a, slice_make("d=x\0y; h=from; b=a", 18), &s));
	assert_int_equal(s.domain.n, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_real, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_list_fields, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
