/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/fresh.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#define DAY 86400

char *
fresh_etag(struct arena *a, const struct stat *st, bool squeezed)
{
	return arena_printf(a, "\"%llx-%llx-%llx%09lx%s\"", (unsigned long long)st->st_ino,
			    (unsigned long long)st->st_size, (unsigned long long)st->st_mtim.tv_sec,
			    (unsigned long)st->st_mtim.tv_nsec, squeezed ? "-gz" : "");
}

static const char days[] = "ThuFriSatSunMonTueWed"; /* 1 January 1970 was a Thursday */
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

char *
fresh_date(struct arena *a, int64_t t)
{
	int year, month, day;
	int64_t in_day = ((t % DAY) + DAY) % DAY;
	int64_t weekday = (((t - in_day) / DAY) % 7 + 7) % 7;

	clock_civil(t, &year, &month, &day);
	return arena_printf(a, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * weekday, day,
			    months + 3 * (month - 1), year, (int)(in_day / 3600),
			    (int)(in_day / 60 % 60), (int)(in_day % 60));
}

static bool
number_at(struct slice s, size_t at, size_t n, int64_t max, int *out)
{
	int64_t v;

	if (!num_parse(slice_sub(s, at, n), 0, max, &v))
		return false;
	*out = (int)v;
	return true;
}

/* The length is fixed, and so is each place in it. */
bool
fresh_parse_date(struct slice s, int64_t *t)
{
	static const char form[] = "www, dd mmm yyyy hh:mm:ss GMT";
	int day, year, hour, minute, second, month = 0;

	if (s.n != sizeof form - 1 || !slice_is(slice_from(s, 25), " GMT") ||
	    !slice_is(slice_sub(s, 3, 2), ", ") || s.p[7] != ' ' || s.p[11] != ' ' ||
	    s.p[16] != ' ' || s.p[19] != ':' || s.p[22] != ':')
		return false;
	while (month < 12 && !slice_eq(slice_sub(s, 8, 3), slice_make(months + 3 * month, 3)))
		month++;
	if (month == 12 || !number_at(s, 5, 2, 31, &day) || !number_at(s, 12, 4, 9999, &year) ||
	    !number_at(s, 17, 2, 23, &hour) || !number_at(s, 20, 2, 59, &minute) ||
	    !number_at(s, 23, 2, 60, &second) || day == 0)
		return false;
	*t = clock_from_civil(year, month + 1, day, hour, minute, second);
	return true;
}

static struct slice
without_weakness(struct slice tag)
{
	return slice_starts(tag, SLICE("W/")) ? slice_from(tag, 2) : tag;
}

static bool
names_tag(struct slice list, const char *etag)
{
	struct slice item;

	if (slice_is(slice_trim(list), "*"))
		return true;
	while (list.n > 0) {
		slice_cut(list, ',', &item, &list);
		if (slice_is(without_weakness(slice_trim(item)), etag))
			return true;
	}
	return false;
}

bool
fresh_is_known(struct slice if_none_match, struct slice if_modified_since, const char *etag,
	       int64_t modified)
{
	int64_t since;

	if (if_none_match.n > 0)
		return names_tag(if_none_match, etag);
	return fresh_parse_date(slice_trim(if_modified_since), &since) && modified <= since;
}

static bool
still_true(struct slice if_range, const char *etag, int64_t modified)
{
	int64_t t;

	if_range = slice_trim(if_range);
	if (if_range.n == 0)
		return true;
	/* Strong comparison: a weak tag never matches. */
	if (if_range.p[0] == '"' || slice_starts(if_range, SLICE("W/")))
		return slice_is(if_range, etag);
	return fresh_parse_date(if_range, &t) && t == modified;
}

enum fresh_range
fresh_range(struct slice range, struct slice if_range, const char *etag, int64_t modified,
	    int64_t size, int64_t *from, int64_t *n)
{
	struct slice first, last;
	int64_t a, b = size - 1;

	*from = 0;
	*n = size;
	range = slice_trim(range);
	if (!slice_starts_ci(range, SLICE("bytes=")) || !still_true(if_range, etag, modified))
		return RANGE_WHOLE;
	range = slice_from(range, 6);
	if (!slice_cut(range, '-', &first, &last))
		return RANGE_WHOLE;
	first = slice_trim(first);
	last = slice_trim(last);
	if (first.n == 0) { /* the last so many */
		if (!num_parse(last, 0, INT64_MAX, &b))
			return RANGE_WHOLE;
		if (b == 0 || size == 0)
			return RANGE_UNSATISFIABLE;
		a = b < size ? size - b : 0;
		b = size - 1;
	} else {
		if (!num_parse(first, 0, INT64_MAX, &a) ||
		    (last.n > 0 && (!num_parse(last, 0, INT64_MAX, &b) || b < a)))
			return RANGE_WHOLE;
		if (a >= size)
			return RANGE_UNSATISFIABLE;
		if (b >= size)
			b = size - 1;
	}
	*from = a;
	*n = b - a + 1;
	return RANGE_PART;
}
