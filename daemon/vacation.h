/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vacation: "no mail until that day" ends by itself. The member is told on the day after, so that
 * she knows that posts come again, and where those are that she missed.
 */
#ifndef DAEMON_VACATION_H
#define DAEMON_VACATION_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

/* What is due, in a transaction of its own; for the list role's clock. How many were told, or -1.
 */
int vacation_run(struct site *site, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
