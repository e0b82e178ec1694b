/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lanes: the remote processes, one connection each. They are started as they are needed and ended
 * when they have been idle for a while, so that a server at rest has none.
 *
 * How much a lane has in hand follows from how fast it is: never more than it gets done in a
 * fraction of a second, so that what is new waits for no more than that.
 */
#ifndef DAEMON_LANES_H
#define DAEMON_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "daemon/job.h"
#include "daemon/turns.h"

#define LANES_MAX 10
#define LANE_IDLE_S 30

struct event_base;
struct lane;
struct lanes;

/* A recipient that a lane has in hand. */
struct flight {
	struct letter *letter;
	int64_t row, subscription;
	char *recipient; /* freed after result returned */
	int64_t given;
};

struct lanes_setup {
	struct event_base *loop;
	const char *program;     /* plenary-remote */
	const char *const *argv; /* its arguments, but for "-c FD", which come second */
	/* A result. When the remote died, too: then it->text says so. */
	void (*result)(void *arg, const struct flight *f, const struct job_item *it);
	/* After a packet of results: there is room again. */
	void (*room)(void *arg);
	void *arg;
};

struct lanes *lanes_new(const struct lanes_setup *setup);
/* Ends them all; what is in flight has no result. */
void lanes_free(struct lanes *ls);

/* The lane that is best to give to now; NULL if all have enough. */
struct lane *lanes_with_room(struct lanes *ls);
/* One lane more: false if there are LANES_MAX, or it can't be started (that is logged). */
bool lanes_start(struct lanes *ls);
size_t lanes_count(const struct lanes *ls);
/* Ends those that have been idle for idle_s; how many are left. */
size_t lanes_rest(struct lanes *ls, int64_t idle_s);

/* How many recipients of this mail to give it, at least 1. */
size_t lane_room(const struct lane *ln, const struct letter *l);
bool lane_knows(const struct lane *ln, const struct letter *l);
/* Hands it a packet with these rows, in order; the mail's descriptors go along if it does not know
 * the mail. False: not now. */
bool lane_give(struct lane *ln, struct letter *l, struct slice packet, const struct queue_row *rows,
	       size_t n);
/* The mail is over: its bytes may go. */
void lanes_forget(struct lanes *ls, const struct letter *l);
size_t lanes_in_flight(const struct lanes *ls);

#endif
