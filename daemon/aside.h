/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aside: the site's owner hears of what was set aside in spool/bad and in feed/LIST/bad: what
 * killed its reader three times, and what can't be handled. Each file is told of once, and one
 * mail a day is enough. Owner of the table aside.
 */
#ifndef DAEMON_ASIDE_H
#define DAEMON_ASIDE_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

/* In a transaction of its own, for the list role's clock. 1 a mail is on its way, 0, -1. */
int aside_run(struct site *site, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
