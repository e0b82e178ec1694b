/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bouncing: what bounces lead to (INTERFACE section 8). Owner of the table bouncing.
 *
 * A score over the list's bounce-threshold: a probe, a mail with a return path of its own. It comes
 * back: delivery pauses, and the member is told. It does not within a week: the address works, the
 * score is clean. A pause: a warning a week, three of them, then the membership ends; any reply to
 * one of these mails ends the pause at once (a ticket of kind "back"). A week without bounces takes
 * a point off. Each step is told to the member and is an event of the membership.
 */
#ifndef DAEMON_BOUNCING_H
#define DAEMON_BOUNCING_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

/* What is due, in a transaction of its own; for the list role's clock. How many members something
 * was done about (then deliver has something to do), or -1. */
int bouncing_run(struct site *site, int64_t now, struct err *e) __attribute__((warn_unused_result));

/* When the membership ends if nobody answers, for a paused one; when the answer to a probe is in,
 * for a probed one; 0 if there is nothing, -1. */
int64_t bouncing_until(struct db *db, const struct member *m, struct err *e);

/* Where a member stands, for who asks about her. */
#define BOUNCING_WARNINGS 3
struct bouncing_stage {
	enum { BOUNCING_NONE, BOUNCING_COUNTING, BOUNCING_PROBED, BOUNCING_PAUSED } stage;
	int warnings; /* sent since the pause */
	int64_t next; /* time of the next step; 0: none is due by the clock */
	int64_t ends; /* of the membership, for a paused one; else 0 */
};
int bouncing_stage(struct db *db, const struct member *m, struct bouncing_stage *st, struct err *e)
    __attribute__((warn_unused_result));

#endif
