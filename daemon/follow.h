/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * follow: a program of ours or of the site's (base/child.h) that runs beside the event loop, one
 * after the other: followed until it ends, says too much, or has no time left. Whoever follows it
 * hears of its end from the loop, never from inside of a call of its own.
 */
#ifndef DAEMON_FOLLOW_H
#define DAEMON_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/err.h"

struct event;
struct event_base;

struct follow {
	bool running;
	struct buf out; /* what it printed so far, or in the end */
	/* the module's own */
	struct event_base *loop;
	struct child child;
	struct event *ended, *printed, *timer;
	void (*over)(void *arg, const struct child_result *res);
	void (*timed)(void *arg);
	void *arg;
};

/*
 * over: the program that ran is gone; another one may be begun from there. timed: the timer rang
 * while none ran. out_max: bytes; more is CHILD_FLOODED.
 */
void follow_init(struct follow *f, struct event_base *loop, size_t out_max,
		 void (*over)(void *arg, const struct child_result *res), void (*timed)(void *arg),
		 void *arg);
/* As child_begin; what the last one printed is forgotten. */
int follow_begin(struct follow *f, const char *const argv[], const char *const envp[],
		 struct slice input, struct err *e) __attribute__((warn_unused_result));
/* How long from now: whatever runs then is ended as CHILD_TIMEOUT. 0: timed at the loop's next
 * turn; -1: no end. It stays as it is when a program ends or begins. */
void follow_timer(struct follow *f, int64_t ms);
/* Ends what still runs, of which nobody hears. */
void follow_free(struct follow *f);

#endif
