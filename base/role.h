/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role: the frame that every role of the server stands in, so that they all read alike:
 * main reads the configuration, opens what it needs, role_start(), sandbox, role_run().
 *
 * A bell is a pipe: one byte says "look"; the truth is on disk, and a timer rings too. The parent
 * hands pipes and listening sockets down by number in the environment:
 *   PLENARY_BELL_<role>=FD    the write end of that role's bell (any role may ring any other)
 *   PLENARY_BELL=FD           the read end of one's own
 *   PLENARY_LISTEN=lmtp:FD,lmtp:FD,smtp:FD,http:FD,monitor:FD
 * Absent ones are fine: a role run by hand on a folder lives by its timer.
 */
#ifndef BASE_ROLE_H
#define BASE_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct event_base;

struct role {
	const char *name;
	struct event_base *loop; /* libevent's; owned by the role frame */
	bool stopping;           /* SIGTERM came: finish what is in hand */
	void *arg;
	void (*look)(void *arg); /* the bell rang, or the timer */
	void (*stop)(void *arg); /* SIGTERM; may be NULL. The loop ends when role_finish() is
				    called; with stop NULL it ends at once */
	void *inside;
};

/* The options every role takes: -f FILE (configuration), -d (log on stderr), -v (debug log). */
struct role_options {
	const char *file;
	bool to_stderr, debug;
};
/* False, with the usage on stderr, when they are wrong: exit 2. */
bool role_options(int argc, char **argv, struct role_options *o);

/*
 * Makes the loop, takes over SIGTERM, SIGINT (as TERM), SIGHUP (ignored: the parent restarts roles
 * on reload) and SIGPIPE (ignored), opens the bell. look is called once right after role_run
 * begins, at each ring (rings that come together are one call) and each timer_ms.
 */
int role_start(struct role *r, const char *name, int64_t timer_ms, struct err *e)
    __attribute__((warn_unused_result));
/* Runs until role_finish(). Returns 0. Frees the loop. */
int role_run(struct role *r);
void role_finish(struct role *r);
/* Rings another role's bell ("list", "deliver", "archived"); never blocks, never fails. */
void role_ring(const char *name);
/* Rings one's own: look is called again soon (for work that was cut into slices). */
void role_look_again(struct role *r);
/* The i-th inherited listening socket of a kind ("lmtp", "smtp", "http", "monitor"); -1 when there
 * are no more. */
int role_listener(const char *kind, int i);

#endif
