/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zone: see zone.h. libc knows the database and the rules for years to come, but only of one zone
 * at a time and by a variable of the environment; so it is asked once for the offset of each week,
 * and the seconds where it changes are found between. Nowhere does an offset change twice in a
 * week.
 */
#include "base/zone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

#define DAY INT64_C(86400)
#define WEEK (7 * DAY)
#define NAME_MAX_BYTES 63
#define CHANGES_MAX 512 /* two a year, four where summer time rests for Ramadan */
#define DATABASE "/usr/share/zoneinfo"

struct zone {
	struct zone *next;
	char name[NAME_MAX_BYTES + 1];
	int64_t first; /* the offset before the first change */
	size_t n;
	struct {
		int64_t at, offset;
	} change[CHANGES_MAX];
};

static struct zone utc = {.name = "UTC"};

/* --- asking libc ------------------------------------------------------------------------------ */

static int64_t
libc_offset(int64_t t)
{
	time_t time = (time_t)t;
	struct tm tm;
	return localtime_r(&time, &tm) ? (int64_t)tm.tm_gmtoff : 0;
}

static void
add_change(struct zone *z, int64_t before, int64_t after, int64_t offset)
{
	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;
		*(libc_offset(middle) == offset ? &after : &before) = middle;
	}
	if (z->n == CHANGES_MAX)
		fatal("the time zone %s changes too often", z->name);
	z->change[z->n].at = after;
	z->change[z->n++].offset = offset;
}

static void
read_changes(struct zone *z)
{
	int64_t t = clock_from_civil(2000, 1, 1, 0, 0, 0);
	int64_t end = clock_from_civil(2100, 1, 1, 0, 0, 0);
	int64_t now = z->first = libc_offset(t);
	for (; t < end; t += WEEK) {
		int64_t then = libc_offset(t + WEEK);
		if (then != now)
			add_change(z, t, t + WEEK, then);
		now = then;
	}
}

/* libc takes any nonsense for UTC: so the file is looked at first. */
static bool
in_database(const char *name)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_+-/";
	const char *base = getenv("TZDIR");
	char path[4096], magic[4];
	size_t n = strlen(name);
	if (n == 0 || n > NAME_MAX_BYTES || name[strspn(name, safe)] || name[0] == '/')
		return false;
	snprintf(path, sizeof(path), "%s/%s", base && *base ? base : DATABASE, name);
	FILE *f = fopen(path, "re");
	bool is = f && fread(magic, 1, 4, f) == 4 && memcmp(magic, "TZif", 4) == 0;
	if (f)
		fclose(f);
	return is;
}

static struct zone *
load(const char *name)
{
	struct zone *z;
	const char *was = getenv("TZ");
	char *kept = was ? strdup(was) : NULL, value[NAME_MAX_BYTES + 2];
	if (!in_database(name)) {
		free(kept);
		return NULL;
	}
	z = calloc(1, sizeof(*z));
	if (!z || (was && !kept))
		fatal("no memory");
	snprintf(z->name, sizeof(z->name), "%s", name);
	snprintf(value, sizeof(value), ":%s", name);
	if (setenv("TZ", value, 1) < 0)
		fatal("no memory");
	tzset();
	read_changes(z);
	if (kept ? setenv("TZ", kept, 1) < 0 : unsetenv("TZ") < 0)
		fatal("no memory");
	tzset();
	free(kept);
	return z;
}

const struct zone *
zone_find(const char *name)
{
	for (struct zone *z = &utc; z; z = z->next)
		if (strcmp(z->name, name) == 0)
			return z;
	struct zone *z = load(name);
	if (z) {
		z->next = utc.next;
		utc.next = z;
	}
	return z;
}

/* --- days ------------------------------------------------------------------------------------- */

const char *
zone_name(const struct zone *z)
{
	return z->name;
}

int64_t
zone_offset(const struct zone *z, int64_t t)
{
	size_t low = 0, high = z->n; /* changes before low have come, from high on they have not */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (z->change[middle].at <= t)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? z->change[low - 1].offset : z->first;
}

int64_t
zone_day(const struct zone *z, int64_t t)
{
	int64_t local = t + zone_offset(z, t);
	return local / DAY - (local % DAY < 0);
}

/* A day has 23 to 25 hours where clocks are changed, and some begin at one o'clock. */
int64_t
zone_next_day(const struct zone *z, int64_t t)
{
	int64_t today = zone_day(z, t), before = t, after = t + 2 * DAY;
	while (after - before > 1) {
		int64_t middle = before + (after - before) / 2;
		*(zone_day(z, middle) > today ? &after : &before) = middle;
	}
	return after;
}

void
zone_month(const struct zone *z, int64_t t, int *year, int *month)
{
	int day;
	clock_civil(t + zone_offset(z, t), year, month, &day);
}
