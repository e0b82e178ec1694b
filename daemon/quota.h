/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quota: how many posts of an author went out to a list today, for posts-per-day. Owner of the
 * table quota. A list's day turns at midnight of its time-zone.
 */
#ifndef DAEMON_QUOTA_H
#define DAEMON_QUOTA_H

#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"
#include "conf/conf.h"

/* How many went out on the list's day of now: 0 or more, -1. */
int64_t quota_used(struct db *db, const struct conf_list *list, struct slice address, int64_t now,
		   struct err *e) __attribute__((warn_unused_result));
/* One more went out. */
int quota_count(struct db *db, const struct conf_list *list, struct slice address, int64_t now,
		struct err *e) __attribute__((warn_unused_result));
/* The address is erased. */
int quota_forget(struct db *db, struct slice address, struct err *e)
    __attribute__((warn_unused_result));
/* Days before yesterday, wherever that is, are forgotten. */
int quota_trim(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
