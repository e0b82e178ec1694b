/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock: the one place where time is asked. Times are int64_t: clock_ms milliseconds, clock_now
 * seconds, both since 1970 UTC; clock_mono milliseconds that never go back. For tests, the
 * environment variable PLENARY_CLOCK ("+3600", "-60") shifts clock_ms and clock_now by seconds, and
 * if PLENARY_CLOCK_FILE names a file, the number in that file is read at each call instead. Both
 * variables are looked at once a process; the file is kept open, so write it in place.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

int64_t clock_ms(void);
int64_t clock_now(void);
int64_t clock_mono(void);

/* RFC 5322 date-time in UTC ("Sun, 22 Nov 2026 14:49:35 +0000"); RFC 3339 ("2026-11-22T14:49:35Z").
 */
char *clock_rfc5322(struct arena *a, int64_t t);
char *clock_rfc3339(struct arena *a, int64_t t);
/* "2026-11-22", "2026-11-22 14:49" (UTC). */
char *clock_day(struct arena *a, int64_t t);
char *clock_minute(struct arena *a, int64_t t);
/* Calendar in UTC by arithmetic, for any int64_t year that fits; month 1..12, day 1..31. */
void clock_civil(int64_t t, int *year, int *month, int *day);
int64_t clock_from_civil(int year, int month, int day, int hour, int minute, int second);
/* "2026-12-31", from 1970 to 9999: the first second of that day in UTC. False if it is no day
 * (31 February). */
bool clock_parse_day(struct slice s, int64_t *t) __attribute__((warn_unused_result));

#endif
