/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay: the overview follows the logs. What stands in a list's log and not yet in the overview is
 * put into it: after a crash that is the last batch, after a rebuild everything. One way for both,
 * so that the one that is seldom needed is always tried.
 */
#ifndef ARCHIVE_REPLAY_H
#define ARCHIVE_REPLAY_H

#include <stdint.h>

#include "base/err.h"
#include "archive/overview.h"
#include "archive/store.h"

#define REPLAY_BATCH 2000 /* log lines in one transaction */

struct replay {
	struct overview *overview;
	struct store *store;
	const char *domain;
	/* May be NULL. done and total are lines of logs. */
	void (*progress)(void *arg, int64_t done, int64_t total);
	void *arg;
	int64_t done, total;
};

/* Brings the overview of one list to the end of its log. How many lines that were, or -1. */
int64_t replay_list(struct replay *r, const char *list, struct err *e)
    __attribute__((warn_unused_result));
/* All lists that have a log. */
int64_t replay_all(struct replay *r, struct err *e) __attribute__((warn_unused_result));

#endif
