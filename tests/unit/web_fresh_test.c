/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a browser has already, which part it wants, and which language. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "conf/text.h"
#include "web/fresh.h"
#include "web/language.h"
#include "web/squeeze.h"

#define S(text) slice_str(text)

static void
test_dates(void **state)
{
	struct arena *a = arena_new();
	static const char *const bad[] = {
	    "",
	    "Sunday, 06-Nov-94 08:49:37 GMT",
	    "Sun Nov  6 08:49:37 1994",
	    "Sun, 06 Nov 1994 08:49:37 UTC",
	    "Sun, 06 Nov 1994 24:49:37 GMT",
	    "Sun, 00 Nov 1994 08:49:37 GMT",
	    "Sun, 06 Nox 1994 08:49:37 GMT",
	    "Sun, -6 Nov 1994 08:49:37 GMT",
	    "Sun, 06 Nov 1994 08:49:37 GMT ",
	};
	int64_t t;

	(void)state;
	/* RFC 9110's own example. */
	assert_true(fresh_parse_date(S("Sun, 06 Nov 1994 08:49:37 GMT"), &t));
	assert_int_equal(t, 784111777);
	assert_string_equal(fresh_date(a, 784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(fresh_date(a, 0), "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_string_equal(fresh_date(a, 1709164799), "Wed, 28 Feb 2024 23:59:59 GMT");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(fresh_parse_date(S(bad[i]), &t));
	arena_free(a);
}

static void
test_known(void **state)
{
	const char *date = "Sun, 06 Nov 1994 08:49:37 GMT";

	(void)state;
	assert_true(fresh_is_known(S("\"a\""), S(""), "\"a\"", 0));
	assert_true(fresh_is_known(S("\"b\", W/\"a\""), S(""), "\"a\"", 0));
	assert_true(fresh_is_known(S(" * "), S(""), "\"a\"", 0));
	assert_false(fresh_is_known(S("\"ab\""), S(""), "\"a\"", 0));
	assert_false(fresh_is_known(S("a"), S(""), "\"a\"", 0));
	assert_true(fresh_is_known(S(""), S(date), "\"a\"", 784111777));
	assert_false(fresh_is_known(S(""), S(date), "\"a\"", 784111778));
	assert_false(fresh_is_known(S("\"b\""), S(date), "\"a\"", 0)); /* the tag decides */
	assert_false(fresh_is_known(S(""), S("nonsense"), "\"a\"", 0));
	assert_false(fresh_is_known(S(""), S(""), "\"a\"", 0));
}

static void
test_ranges(void **state)
{
	static const struct {
		const char *range;
		int64_t size;
		enum fresh_range result;
		int64_t from, n;
	} rows[] = {
	    {"bytes=0-9", 100, RANGE_PART, 0, 10},
	    {"bytes=0-0", 100, RANGE_PART, 0, 1},
	    {"bytes=99-", 100, RANGE_PART, 99, 1},
	    {"bytes=100-", 100, RANGE_UNSATISFIABLE, 0, 0},
	    {"bytes=50-200", 100, RANGE_PART, 50, 50},
	    {"bytes=-10", 100, RANGE_PART, 90, 10},
	    {"bytes=-200", 100, RANGE_PART, 0, 100},
	    {"bytes=-0", 100, RANGE_UNSATISFIABLE, 0, 0},
	    {"bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0},
	    {"bytes=-5", 0, RANGE_UNSATISFIABLE, 0, 0},
	    {"bytes=9-8", 100, RANGE_WHOLE, 0, 100},
	    {"bytes=0-1,5-6", 100, RANGE_WHOLE, 0, 100},
	    {"bytes=", 100, RANGE_WHOLE, 0, 100},
	    {"bytes=-", 100, RANGE_WHOLE, 0, 100},
	    {"bytes=a-b", 100, RANGE_WHOLE, 0, 100},
	    {"items=0-1", 100, RANGE_WHOLE, 0, 100},
	    {"bytes=99999999999999999999-", 100, RANGE_WHOLE, 0, 100},
	    {"", 100, RANGE_WHOLE, 0, 100},
	};
	int64_t from, n;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum fresh_range r =
		    fresh_range(S(rows[i].range), S(""), "\"a\"", 0, rows[i].size, &from, &n);

		if (r != rows[i].result)
			fail_msg("%s", rows[i].range);
		if (r != RANGE_UNSATISFIABLE)
			assert_true(from == rows[i].from && n == rows[i].n);
	}
}

static void
test_if_range(void **state)
{
	struct slice r = S("bytes=0-1");
	int64_t from, n, t = 784111777;

	(void)state;
	assert_int_equal(fresh_range(r, S("\"a\""), "\"a\"", t, 9, &from, &n), RANGE_PART);
	assert_int_equal(fresh_range(r, S("\"b\""), "\"a\"", t, 9, &from, &n), RANGE_WHOLE);
	assert_int_equal(fresh_range(r, S("W/\"a\""), "\"a\"", t, 9, &from, &n), RANGE_WHOLE);
	assert_int_equal(
	    fresh_range(r, S("Sun, 06 Nov 1994 08:49:37 GMT"), "\"a\"", t, 9, &from, &n),
	    RANGE_PART);
	assert_int_equal(
	    fresh_range(r, S("Sun, 06 Nov 1994 08:49:38 GMT"), "\"a\"", t, 9, &from, &n),
	    RANGE_WHOLE);
}

static void
test_languages(void **state)
{
	static const struct {
		const char *accept, *lang;
	} rows[] = {
	    {"", "en"},
	    {"fr", "fr"},
	    {"fr-CA", "fr"},
	    {"FR", "fr"},
	    {"en;q=0.5, fr;q=0.8", "fr"},
	    {"fr;q=0.5, en", "en"},
	    {"de, fr;q=0.1", "fr"},
	    {"tlh, *;q=0.5, fr;q=0.4", "en"},
	    {"fr;q=0", "en"},
	    {"fr;q=0.0001", "en"}, /* more digits than there may be: unreadable */
	    {"fr;q=x", "en"},
	    {"fr;level=1", "en"},
	    {";;,,=,", "en"},
	    {"en-GB,en;q=0.9,fr;q=0.8", "en"},
	};
	struct err e;

	(void)state;
	assert_int_equal(text_load(&e), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(language_choose(S(rows[i].accept), "en"), rows[i].lang);
	assert_string_equal(language_choose(S("de"), "fr"), "fr");
	text_unload();
}

static void
test_gzip_wanted(void **state)
{
	(void)state;
	assert_true(squeeze_wanted(S("gzip")));
	assert_true(squeeze_wanted(S("br, GZIP ;q=0.001")));
	assert_false(squeeze_wanted(S("gzip;q=0")));
	assert_false(squeeze_wanted(S("gzip;q=0.000")));
	assert_false(squeeze_wanted(S("x-gzip")));
	assert_false(squeeze_wanted(S("")));
}

static void
test_squeeze_buf(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "the same words again; ");
	assert_true(squeeze_buf(&b));
	assert_true(b.n < 1000 && b.p[0] == '\x1f' && b.p[1] == '\x8b');
	assert_false(squeeze_buf(&b)); /* small now */
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dates),       cmocka_unit_test(test_known),
	    cmocka_unit_test(test_ranges),      cmocka_unit_test(test_if_range),
	    cmocka_unit_test(test_languages),   cmocka_unit_test(test_gzip_wanted),
	    cmocka_unit_test(test_squeeze_buf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
