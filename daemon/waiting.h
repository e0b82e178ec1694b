/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waiting: posts that wait for a moderator, several in one mail: the day's summary for a moderator
 * who wants one, and the reminder of what still waits. A reply to such a mail decides: its address
 * carries a token, its lines are commands ("accept 3 5-9"). What has come since is left alone.
 */
#ifndef DAEMON_WAITING_H
#define DAEMON_WAITING_H

#include "base/err.h"
#include "daemon/ticket.h"
#include "daemon/work.h"

#define WAITING_TICKET "waiting" /* its detail: the number of the last post that the mail showed   \
				  */

/* One post as lists of them show it: number, subject, whose, since when and until when, why. */
void waiting_put_post(struct buf *out, struct arena *a, const char *lang, const struct held *h);
/* Writes to moderators where it is time, each list in a transaction of its own: how many were
 * written to, or -1. */
int waiting_run(struct site *site, int64_t now, struct err *e) __attribute__((warn_unused_result));
/* A reply to one of these mails. */
int waiting_handle(struct work *w, const struct ticket *t, struct err *e)
    __attribute__((warn_unused_result));

#endif
