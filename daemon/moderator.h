/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * moderator: what a moderator asked for about the notices that she gets, and when she had her last
 * summary. Owner of the table moderator. Who is one stands in the configuration; a row of somebody
 * who is none any more means nothing.
 */
#ifndef DAEMON_MODERATOR_H
#define DAEMON_MODERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"
#include "conf/conf.h"

/* Does she decide about posts of the list: as a moderator, or as an owner? */
bool moderator_is(const struct conf_list *l, struct slice address);
/* NOTICES_EACH or NOTICES_DAILY: her own choice, else the list's. -1. */
int moderator_notices(struct db *db, const struct conf_list *l, struct slice address, struct err *e)
    __attribute__((warn_unused_result));
int moderator_set_notices(struct db *db, const struct conf_list *l, struct slice address,
			  enum held_notices notices, struct err *e)
    __attribute__((warn_unused_result));
/* The list's day (zone.h) on which she had a summary; 0: never. -1. */
int64_t moderator_summed(struct db *db, const struct conf_list *l, struct slice address,
			 struct err *e) __attribute__((warn_unused_result));
int moderator_note_summary(struct db *db, const struct conf_list *l, struct slice address,
			   int64_t day, struct err *e) __attribute__((warn_unused_result));
/* What she chose, list by list ("each", "daily"). */
int moderator_each_of(struct db *db, struct slice address,
		      int (*each)(void *arg, const char *list, const char *notices), void *arg,
		      struct err *e) __attribute__((warn_unused_result));
/* The address is erased. */
int moderator_forget(struct db *db, struct slice address, struct err *e)
    __attribute__((warn_unused_result));

#endif
