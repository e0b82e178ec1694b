/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outcome: results on their way from a remote to the deliver role. They go in company, since each
 * packet wakes the other side: when half of what is in hand has one, or after some milliseconds.
 */
#ifndef DAEMON_OUTCOME_H
#define DAEMON_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "daemon/job.h"

struct outcome {
	int fd;         /* the socket to deliver; the caller's */
	bool ended;     /* deliver has closed its end: nothing can be said any more */
	struct buf out; /* a packet that grows */
	size_t n;       /* results in it */
	int64_t since;  /* when the first of them came */
};

void outcome_init(struct outcome *o, int fd);
void outcome_free(struct outcome *o);

/* it: a JOB_RESULT. */
void outcome_add(struct outcome *o, const struct job_item *it);
/* in_hand: recipients that have no result yet. Waits while deliver takes nothing. */
void outcome_send_if_due(struct outcome *o, size_t in_hand);
/* ms, or less if results wait: how long may be slept. -1: for good. */
int outcome_patience(const struct outcome *o, int ms);

#endif
