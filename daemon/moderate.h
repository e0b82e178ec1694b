/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * moderate: deciding about a held post, by mail or by the command: one function for both.
 */
#ifndef DAEMON_MODERATE_H
#define DAEMON_MODERATE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "daemon/held.h"
#include "daemon/work.h"

/* What follows a decision, outside of T1, any number of times: accept puts SPOOL-aNUMBER into the
 * spool with approved-by; then held/SPOOL goes, unless another list has yet to do so. */
int moderate_settle(struct site *site, const struct held *h, struct err *e)
    __attribute__((warn_unused_result));

/*
 * Inside T1. decision: accept, reject, discard, cancel, expire. by: an address or "admin". Writes
 * the row, closes its tickets, queues the author's notice (reject, expire, accept if it was held).
 * 1 decided, 0 somebody was first (*h tells), -1. id names the notices.
 */
int moderate_decide(struct site *site, struct arena *a, int64_t number, const char *decision,
		    const char *by, const char *why, const char *id, int64_t now, struct held *h,
		    struct err *e) __attribute__((warn_unused_result));

/* At start and now and then: settles what a crash left, expires what is due. */
int moderate_sweep(struct site *site, int64_t now, struct err *e)
    __attribute__((warn_unused_result));

#endif
