/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conduct_log: what everyone may know of the record, as one file a list, STATE/conduct/LIST, from
 * which the list's pages are made, and whose seals the archive's log keeps. Derived: written anew
 * whenever there are new events.
 *
 * Fields have a tab between them; a line begins with what it is:
 *
 *   event   ID T WHAT STEP MEMBER UNTIL ABOUT REFERS RULE SEAL: in order. MEMBER only where the
 *           rule tells the list, too; REFERS to an event that is told, if there is one
 *   seal    ID T SEAL: an event that is told to nobody here (seal.h)
 *   figure  YEAR NAME N: see figures.h
 *   group   NAME N: members who say that they belong to this declared group, where there are at
 *           least CONDUCT_LOG_GROUP_MIN
 *   term    T: when a speaker's term last began or ended
 */
#ifndef DAEMON_CONDUCT_LOG_H
#define DAEMON_CONDUCT_LOG_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

#define CONDUCT_LOG_GROUP_MIN 5 /* of fewer members one might be guessed */

/* What the files were written of; zero at first. */
struct conduct_log {
	int64_t newest; /* event */
	int64_t term;   /* boundary of a term */
	int64_t day;    /* since 1970: members' groups are counted once a day */
	bool written;
};
/* Every list whose file is not up to date. 1 they were written, 0 nothing is new, -1. */
int conduct_log_write(struct site *site, struct conduct_log *log, int64_t now, struct err *e)
    __attribute__((warn_unused_result));

#endif
