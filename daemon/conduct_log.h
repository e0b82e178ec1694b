/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conduct_log: what everyone may know of the record, as one file a list, STATE/conduct/LIST, from
 * which the list's page is made. Derived: written anew whenever there are new events.
 *
 *   event TAB T TAB WHAT TAB STEP TAB MEMBER TAB UNTIL TAB ABOUT     in order; MEMBER only where
 *                                                                   the rule tells the list, too
 *   count TAB WHAT TAB N                                            of what is only counted
 *   hash TAB HEX                                                    of the last event of all
 */
#ifndef DAEMON_CONDUCT_LOG_H
#define DAEMON_CONDUCT_LOG_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

/* *newest: the event up to which the files are written; 0 at first. 1 they were written, 0 nothing
 * is new, -1. */
int conduct_log_write(struct site *site, int64_t *newest, struct err *e)
    __attribute__((warn_unused_result));

#endif
