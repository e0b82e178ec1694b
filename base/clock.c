/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time, and the calendar in UTC by arithmetic alone: no time zone of the host gets in, and no
 * year is refused. Years are counted from March, so that the leap day is a year's last.
 */
#include "config.h"
#include "base/clock.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"

#define DAY 86400
#define DAYS_400_YEARS 146097
#define DAYS_TO_1970 719468 /* from 1 March of year 0 */

static struct {
	bool ready;
	int64_t shift; /* seconds */
	const char *path;
	int fd;
} test = {.fd = -1};

static bool
parse_shift(struct slice s, int64_t *out)
{
	s = slice_trim(s);
	if (slice_starts(s, SLICE("+")))
		s = slice_from(s, 1);
	return num_parse(s, -(INT64_C(1) << 40), INT64_C(1) << 40, out);
}

/* The number in the file; the descriptor stays open, for a sandbox may close the path. While the
 * file is being rewritten (no number there) the last one holds. */
static void
read_shift_file(void)
{
	char text[32];
	ssize_t n;

	if (test.fd < 0)
		test.fd = open(test.path, O_RDONLY | O_CLOEXEC);
	if (test.fd < 0)
		return;
	n = pread(test.fd, text, sizeof text, 0);
	if (n > 0)
		(void)!parse_shift(slice_make(text, (size_t)n), &test.shift);
}

static int64_t
shift(void)
{
	if (!test.ready) {
		test.path = getenv("PLENARY_CLOCK_FILE");
		if (test.path == NULL || *test.path == '\0') {
			test.path = NULL;
			(void)!parse_shift(slice_str(getenv("PLENARY_CLOCK")), &test.shift);
		}
		test.ready = true;
	}
	if (test.path != NULL)
		read_shift_file();
	return test.shift;
}

static int64_t
milliseconds(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_ms(void)
{
	return milliseconds(CLOCK_REALTIME) + shift() * 1000;
}

int64_t
clock_now(void)
{
	return milliseconds(CLOCK_REALTIME) / 1000 + shift();
}

int64_t
clock_mono(void)
{
	return milliseconds(CLOCK_MONOTONIC);
}

static int64_t
div_floor(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void
clock_civil(int64_t t, int *year, int *month, int *day)
{
	int64_t days = div_floor(t, DAY) + DAYS_TO_1970;
	int64_t era = div_floor(days, DAYS_400_YEARS);
	int64_t in_era = days - era * DAYS_400_YEARS;
	int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * in_year + 2) / 153; /* 0 is March: 153 days in each five months */

	*day = (int)(in_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	y += era * 400 + (*month <= 2);
	*year = y > INT_MAX ? INT_MAX : y < INT_MIN ? INT_MIN : (int)y;
}

int64_t
clock_from_civil(int year, int month, int day, int hour, int minute, int second)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = div_floor(y, 400);
	int64_t in_era = y - era * 400;
	int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t days = era * DAYS_400_YEARS + in_era * 365 + in_era / 4 - in_era / 100 + in_year -
		       DAYS_TO_1970;

	return days * DAY + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
}

bool
clock_parse_day(struct slice s, int64_t *t)
{
	int64_t y, m, d;
	int ry, rm, rd;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' ||
	    !num_parse(slice_sub(s, 0, 4), 1970, 9999, &y) ||
	    !num_parse(slice_sub(s, 5, 2), 1, 12, &m) || !num_parse(slice_sub(s, 8, 2), 1, 31, &d))
		return false;
	*t = clock_from_civil((int)y, (int)m, (int)d, 0, 0, 0);
	clock_civil(*t, &ry, &rm, &rd);
	return ry == y && rm == m && rd == d;
}

struct civil {
	int year, month, day, hour, minute, second, weekday; /* 0 is Sunday */
};

static struct civil
split(int64_t t)
{
	struct civil c;
	int64_t days = div_floor(t, DAY);
	int in_day = (int)(t - days * DAY);

	clock_civil(t, &c.year, &c.month, &c.day);
	c.hour = in_day / 3600;
	c.minute = in_day / 60 % 60;
	c.second = in_day % 60;
	c.weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970 began on a Thursday */
	return c;
}

char *
clock_rfc5322(struct arena *a, int64_t t)
{
	static const char day_name[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char month_name[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct civil c = split(t);

	return arena_printf(a, "%s, %02d %s %04d %02d:%02d:%02d +0000", day_name[c.weekday], c.day,
			    month_name[c.month - 1], c.year, c.hour, c.minute, c.second);
}

char *
clock_rfc3339(struct arena *a, int64_t t)
{
	struct civil c = split(t);

	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour,
			    c.minute, c.second);
}

char *
clock_day(struct arena *a, int64_t t)
{
	struct civil c = split(t);

	return arena_printf(a, "%04d-%02d-%02d", c.year, c.month, c.day);
}

char *
clock_minute(struct arena *a, int64_t t)
{
	struct civil c = split(t);

	return arena_printf(a, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour,
			    c.minute);
}
