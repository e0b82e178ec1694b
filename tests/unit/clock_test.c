/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The calendar against the C library's, and the shifted clock. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static char path[64];

static void
write_shift(const char *s)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(s, f);
	fclose(f);
}

static void
calendar(void **state)
{
	(void)state;
	/* Every 100,000 seconds and a bit from the year -430 to 4300. */
	for (int64_t t = -INT64_C(75737376000); t < INT64_C(75737376000); t += 10000019) {
		time_t tt = (time_t)t;
		struct tm tm;
		int y, m, d;

		gmtime_r(&tt, &tm);
		clock_civil(t, &y, &m, &d);
		assert_int_equal(y, tm.tm_year + 1900);
		assert_int_equal(m, tm.tm_mon + 1);
		assert_int_equal(d, tm.tm_mday);
		assert_true(clock_from_civil(y, m, d, tm.tm_hour, tm.tm_min, tm.tm_sec) == t);
	}
}

static void
far_away(void **state)
{
	int y, m, d;

	(void)state;
	clock_civil(INT64_MAX, &y, &m, &d);
	assert_true(m >= 1 && m <= 12 && d >= 1 && d <= 31);
	clock_civil(INT64_MIN, &y, &m, &d);
	assert_true(m >= 1 && m <= 12 && d >= 1 && d <= 31);
	assert_true(clock_from_civil(2147483647, 12, 31, 23, 59, 59) > 0);
	assert_true(clock_from_civil(-2147483647, 1, 1, 0, 0, 0) < 0);
	clock_civil(clock_from_civil(2147483647, 12, 31, 23, 59, 59), &y, &m, &d);
	assert_int_equal(y, 2147483647);
}

static void
texts(void **state)
{
	struct arena *a = arena_new();
	int64_t t = clock_from_civil(2026, 11, 22, 14, 49, 35);

	(void)state;
	assert_true(t == 1795358975);
	assert_string_equal(clock_rfc5322(a, t), "Sun, 22 Nov 2026 14:49:35 +0000");
	assert_string_equal(clock_rfc3339(a, t), "2026-11-22T14:49:35Z");
	assert_string_equal(clock_day(a, t), "2026-11-22");
	assert_string_equal(clock_minute(a, t), "2026-11-22 14:49");
	assert_string_equal(clock_rfc5322(a, -1), "Wed, 31 Dec 1969 23:59:59 +0000");
	assert_string_equal(clock_day(a, clock_from_civil(2000, 2, 29, 0, 0, 0)), "2000-02-29");
	arena_free(a);
}

static void
shifted(void **state)
{
	(void)state;
	write_shift("+86400\n");
	assert_in_range(clock_now() - (int64_t)time(NULL), 86399, 86402);
	write_shift("-3600");
	assert_in_range((int64_t)time(NULL) - clock_now(), 3598, 3601);
	assert_in_range((int64_t)time(NULL) - clock_ms() / 1000, 3598, 3601);
	write_shift("");
	assert_in_range((int64_t)time(NULL) - clock_now(), 3598, 3601);
	write_shift("0");
	assert_in_range(clock_now() - (int64_t)time(NULL) + 2, 0, 4);
	assert_true(clock_mono() <= clock_mono());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calendar),
	    cmocka_unit_test(far_away),
	    cmocka_unit_test(texts),
	    cmocka_unit_test(shifted),
	};
	const char *tmp = getenv("TMPDIR");
	int ret, fd;

	snprintf(path, sizeof path, "%.40s/clock-XXXXXX", tmp != NULL ? tmp : "/tmp");
	fd = mkstemp(path);
	if (fd < 0)
		return 1;
	close(fd);
	setenv("PLENARY_CLOCK_FILE", path, 1);
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return ret;
}
