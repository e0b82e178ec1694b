/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Days of places: summer time, half hours, days that begin at one o'clock, days that never were. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/zone.h"

#define DAY 86400

static const struct zone *
zone(const char *name)
{
	const struct zone *z = zone_find(name);
	if (!z) {
		print_message("SKIP: this system has no time zone %s\n", name);
		skip();
	}
	return z;
}

static void
test_utc(void **state)
{
	const struct zone *z = zone_find("UTC");
	(void)state;
	assert_non_null(z);
	assert_string_equal(zone_name(z), "UTC");
	assert_int_equal(zone_day(z, 0), 0);
	assert_int_equal(zone_day(z, -1), -1);
	assert_int_equal(zone_day(z, DAY - 1), 0);
	assert_int_equal(zone_next_day(z, 0), DAY);
	assert_int_equal(zone_next_day(z, DAY - 1), DAY);
}

static void
test_no_such_zone(void **state)
{
	static const char *const bad[] = {
	    "",
	    "Europe/Atlantis",
	    "/usr/share/zoneinfo/UTC",
	    "../zoneinfo/UTC",
	    "Europe",
	    "CET-1",
	    "Europe/Paris ",
	    "zone.tab",
	    "Europe/Par\nis",
	};
	char longest[300];
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(zone_find(bad[i]));
	memset(longest, 'A', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_null(zone_find(longest));
}

/* As many seconds, days and months as libc itself says, around the year. */
static void
test_paris(void **state)
{
	const struct zone *z = zone("Europe/Paris");
	int64_t spring = clock_from_civil(2026, 3, 29, 1, 0, 0);
	int64_t autumn = clock_from_civil(2026, 10, 25, 1, 0, 0);
	int year, month;
	(void)state;
	assert_ptr_equal(z, zone_find("Europe/Paris"));
	assert_int_equal(zone_offset(z, spring - 1), 3600);
	assert_int_equal(zone_offset(z, spring), 7200);
	assert_int_equal(zone_offset(z, autumn - 1), 7200);
	assert_int_equal(zone_offset(z, autumn), 3600);
	assert_int_equal(zone_next_day(z, spring), clock_from_civil(2026, 3, 29, 22, 0, 0));
	assert_int_equal(zone_next_day(z, clock_from_civil(2026, 11, 22, 23, 0, 0)),
			 clock_from_civil(2026, 11, 23, 23, 0, 0));
	/* The day of a change has 23 hours, or 25. */
	int64_t begins = zone_next_day(z, spring - DAY);
	assert_int_equal(zone_next_day(z, begins) - begins, 23 * 3600);
	begins = zone_next_day(z, autumn - DAY);
	assert_int_equal(zone_next_day(z, begins) - begins, 25 * 3600);
	zone_month(z, clock_from_civil(2026, 12, 31, 23, 30, 0), &year, &month);
	assert_true(year == 2027 && month == 1);
}

static void
test_far_places(void **state)
{
	const struct zone *z;
	(void)state;
	z = zone("Asia/Kathmandu");
	assert_int_equal(zone_offset(z, 1795358975), 5 * 3600 + 45 * 60);
	z = zone("Pacific/Kiritimati");
	assert_int_equal(zone_day(z, clock_from_civil(2026, 1, 1, 10, 0, 0)),
			 zone_day(zone_find("UTC"), clock_from_civil(2026, 1, 2, 0, 0, 0)));
	z = zone("Pacific/Apia"); /* 30 December 2011 never was */
	int64_t last = clock_from_civil(2011, 12, 30, 9, 0, 0);
	assert_int_equal(zone_next_day(z, last), clock_from_civil(2011, 12, 30, 10, 0, 0));
	assert_int_equal(zone_day(z, zone_next_day(z, last)) - zone_day(z, last), 2);
	z = zone("America/Santiago"); /* midnight of a spring day never is */
	int64_t eve = clock_from_civil(2026, 9, 5, 12, 0, 0);
	assert_int_equal(zone_next_day(z, eve), clock_from_civil(2026, 9, 6, 4, 0, 0));
	assert_int_equal(zone_offset(z, zone_next_day(z, eve)), -3 * 3600);
}

/* The process's own zone is as before. */
static void
test_tz_stays(void **state)
{
	time_t t = 0;
	struct tm tm;
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	zone("America/New_York");
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	assert_non_null(localtime_r(&t, &tm));
	assert_int_equal(tm.tm_hour, 9);
	unsetenv("TZ");
	tzset();
	zone("America/Chicago");
	assert_null(getenv("TZ"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_utc),      cmocka_unit_test(test_no_such_zone),
	    cmocka_unit_test(test_paris),    cmocka_unit_test(test_far_places),
	    cmocka_unit_test(test_tz_stays),
	};
	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
