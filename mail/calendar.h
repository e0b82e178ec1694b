/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calendar: what an invitation says (RFC 5545, 5546): text/calendar, as far as a reader of mail
 * wants to know it. Times are as written, with the name of their zone: what that zone does is the
 * reader's calendar's business.
 */
#ifndef MAIL_CALENDAR_H
#define MAIL_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"

#define CALENDAR_EVENTS_MAX 20

struct calendar_time {
	int year, month, day, hour, minute; /* year 0: not said */
	bool whole_day;
	bool utc;
	struct slice zone; /* "Europe/Paris"; empty: the reader's own */
};

enum calendar_state {
	CALENDAR_PUBLISHED,
	CALENDAR_INVITES,
	CALENDAR_CANCELLED,
	CALENDAR_TENTATIVE,
	CALENDAR_ACCEPTED, /* an answer */
	CALENDAR_DECLINED,
	CALENDAR_MAYBE,
	CALENDAR_COUNTER /* another time is proposed */
};

enum calendar_repeats {
	CALENDAR_ONCE,
	CALENDAR_DAILY,
	CALENDAR_WEEKLY,
	CALENDAR_MONTHLY,
	CALENDAR_YEARLY
};

struct calendar_event {
	struct slice summary, location;
	struct slice organizer; /* a name, else an address */
	struct calendar_time start, end;
	enum calendar_state state;
	enum calendar_repeats repeats;
};

/* The events (and tasks) of a calendar, UTF-8; how many, at most CALENDAR_EVENTS_MAX. */
size_t calendar_parse(struct arena *a, struct slice text, struct calendar_event **out);

#endif
