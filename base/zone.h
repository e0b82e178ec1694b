/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zone: the calendar day of a place, for rules that speak of "a day". Zones are those of the
 * system's database, by their names ("Europe/Paris"). A zone is read when it is first asked for,
 * whole, so that it is there behind a sandbox, too; what follows is arithmetic on a table.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdint.h>

struct zone;

/* The zone of that name, kept for the process's life; NULL: there is none. "UTC" is always there.
 * Sets TZ for a moment: to be called before threads are started. */
const struct zone *zone_find(const char *name);
const char *zone_name(const struct zone *z);
/* Seconds that its clocks are ahead of UTC; known from 2000 to 2100. */
int64_t zone_offset(const struct zone *z, int64_t t);
/* The day that t is in there, as days since 1 January 1970 of its calendar. */
int64_t zone_day(const struct zone *z, int64_t t);
/* The second at which the next day begins. */
int64_t zone_next_day(const struct zone *z, int64_t t);
/* Year and month (1..12) there. */
void zone_month(const struct zone *z, int64_t t, int *year, int *month);

#endif
