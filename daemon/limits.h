/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits: the site's owner hears of what was over its limit (flood.h): one mail a day about the
 * days before, and none if nothing was.
 */
#ifndef DAEMON_LIMITS_H
#define DAEMON_LIMITS_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

/* In a transaction of its own, for the list role's clock. 1 a mail is on its way, 0, -1. */
int limits_run(struct site *site, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
