/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dates of a query. Each point in time is read as the span that it names (a month is all of
 * its days), so that both ends of a range and a date alone come from one function.
 */
#include "config.h"
#include "archive/query.h"

#include "base/clock.h"
#include "base/num.h"

#define DAY INT64_C(86400)
#define AGO_MAX 100000 /* no archive reaches back further in any unit */

struct span {
	int64_t from, to;
	bool moment; /* relative: as an end of a range it means the moment, alone its day */
};

static bool
digits(struct slice s, size_t at, size_t n, int64_t min, int64_t max, int *out)
{
	int64_t v;

	if (at + n > s.n || !num_parse(slice_sub(s, at, n), min, max, &v))
		return false;
	*out = (int)v;
	return true;
}

/* First second of the month after. */
static int64_t
month_after(int year, int month)
{
	return clock_from_civil(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1, 0, 0,
				0);
}

static bool
absolute(struct slice s, struct span *out)
{
	char plain[15];
	size_t n = 0;
	int year, month = 1, day = 1, h = 0, m = 0, sec = 0;

	for (size_t i = 0; i < s.n; i++) {
		if ((s.p[i] == '-' || s.p[i] == '/') && (n == 4 || n == 6) && i + 1 < s.n &&
		    s.p[i - 1] != s.p[i])
			continue;
		if (n >= 14 || s.p[i] < '0' || s.p[i] > '9')
			return false;
		plain[n++] = s.p[i];
	}
	s = slice_make(plain, n);
	if ((n != 4 && n != 6 && n != 8 && n != 14) || !digits(s, 0, 4, 1, 9999, &year) ||
	    (n > 4 && !digits(s, 4, 2, 1, 12, &month)) ||
	    (n > 6 && !digits(s, 6, 2, 1, 31, &day)) ||
	    (n > 8 && (!digits(s, 8, 2, 0, 23, &h) || !digits(s, 10, 2, 0, 59, &m) ||
		       !digits(s, 12, 2, 0, 60, &sec))))
		return false;
	out->from = clock_from_civil(year, month, day, h, m, sec);
	if (n > 6 && out->from >= month_after(year, month))
		return false; /* 31 February */
	out->to = n == 4   ? clock_from_civil(year + 1, 1, 1, 0, 0, 0) - 1
		  : n == 6 ? month_after(year, month) - 1
		  : n == 8 ? out->from + DAY - 1
			   : out->from;
	out->moment = false;
	return true;
}

static int64_t
months_ago(int64_t now, int64_t n)
{
	int year, month, day;
	int64_t count, first, end;

	clock_civil(now, &year, &month, &day);
	count = year * INT64_C(12) + (month - 1) - n;
	if (count < 12)
		return 0;
	year = (int)(count / 12);
	month = (int)(count % 12) + 1;
	first = clock_from_civil(year, month, 1, 0, 0, 0);
	end = month_after(year, month);
	first += (day - 1) * DAY;
	/* The 31st of a shorter month is its last day. */
	return (first < end ? first : end - DAY) + ((now % DAY) + DAY) % DAY;
}

static bool
units_ago(struct slice unit, int64_t n, int64_t now, int64_t *t)
{
	static const struct {
		const char *name;
		int64_t seconds; /* 0: months */
		int64_t months;
	} units[] = {
	    {"second", 1, 0},     {"minute", 60, 0}, {"hour", 3600, 0}, {"day", DAY, 0},
	    {"week", 7 * DAY, 0}, {"month", 0, 1},   {"year", 0, 12},
	};

	if (unit.n > 1 && unit.p[unit.n - 1] == 's')
		unit.n--;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (slice_is_ci(unit, units[i].name)) {
			*t = units[i].seconds ? now - n * units[i].seconds
					      : months_ago(now, n * units[i].months);
			return true;
		}
	return false;
}

static bool
relative(struct slice s, int64_t now, struct span *out)
{
	struct slice count, rest, unit, ago;
	int64_t n = 1;

	out->moment = true;
	if (slice_is_ci(s, "now")) {
		out->from = now;
	} else if (slice_is_ci(s, "today") || slice_is_ci(s, "yesterday")) {
		out->from = now - now % DAY - (slice_is_ci(s, "today") ? 0 : DAY);
		out->to = out->from + DAY - 1;
		out->moment = false;
		return true;
	} else {
		if (!slice_cut(s, '.', &count, &rest))
			return false;
		slice_cut(rest, '.', &unit, &ago);
		if (slice_is_ci(count, "last") ? ago.n > 0
					       : !num_parse(count, 0, AGO_MAX, &n) ||
						     (ago.n > 0 && !slice_is_ci(ago, "ago")))
			return false;
		if (!units_ago(unit, n, now, &out->from))
			return false;
	}
	out->to = out->from;
	return true;
}

static bool
point(struct slice s, int64_t now, struct span *out)
{
	return absolute(s, out) || relative(s, now, out);
}

bool
query_dates(struct slice text, int64_t now, int64_t *from, int64_t *to)
{
	size_t dots = slice_find(text, SLICE(".."));
	struct slice low = slice_sub(text, 0, dots), high = slice_from(text, dots + 2);
	struct span a = {INT64_MIN, INT64_MAX, false}, b = a;

	if (dots == text.n) {
		if (!point(text, now, &a))
			return false;
		*from = a.moment ? a.from - a.from % DAY : a.from;
		*to = a.moment ? *from + DAY - 1 : a.to;
		return true;
	}
	if ((low.n == 0 && high.n == 0) || (low.n > 0 && !point(low, now, &a)) ||
	    (high.n > 0 && !point(high, now, &b)))
		return false;
	*from = a.from;
	*to = b.to;
	return true;
}
