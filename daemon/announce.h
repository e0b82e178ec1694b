/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce: what the moderators' decisions say to a whole list. An announcement is a message of the
 * list like any other: written once, in the list's language, sent and put into digests and filed in
 * the archive by the one pipeline that posts go through. Owner of the table announcement: what was
 * decided and has still to become an entry of the spool.
 *
 * 1. Its row is in the transaction of the event it tells of. 2. The entry's ID is in the row, so
 * that after a crash it is put again under the same name, and what was decided about it stands
 * (seen.h). 3. The row goes when the entry is durable.
 */
#ifndef DAEMON_ANNOUNCE_H
#define DAEMON_ANNOUNCE_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/conduct.h"
#include "daemon/work.h"

/* Inside the transaction of the event: it is to be said by this template. */
int announce_add(struct site *site, const struct conduct_event *ev, const char *template,
		 struct err *e) __attribute__((warn_unused_result));
/* Outside of transactions, in the list role: puts what waits into the spool. How many, or -1. */
int announce_put(struct site *site, struct err *e) __attribute__((warn_unused_result));
/* The subscription to a list that gets no copy of the announcement w: of the member it is about,
 * who was told herself. 0: there is none, -1. */
int64_t announce_except(struct work *w, const struct conf_list *l, struct err *e)
    __attribute__((warn_unused_result));

#endif
