/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state: the folder STATE as a whole: its parts, who owns them, and that one daemon at most works
 * on it. What is inside a part is the business of the module it belongs to.
 *
 * The lock is flock(2) on STATE/lock, held by plenaryd and, through the inherited descriptor, by
 * each of its roles: after a kill -9 of the parent alone the next one waits until the last of the
 * old roles has gone, so that no spool ever has two readers.
 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <sys/types.h>

#include "base/err.h"
#include "conf/conf.h"

/*
 * Makes what is missing of STATE and of its folders, and secret/token.key. Started as root, the
 * folders and the key are given to the configured user, and both users must exist. Others can
 * read html/, archive/xapian/ and metrics/, and nothing else.
 */
int state_prepare(const struct conf *conf, struct err *e) __attribute__((warn_unused_result));

/*
 * Takes the lock: its descriptor, or -1 when another daemon has it. Waits for the roles of a
 * daemon that is dead, at most wait_ms.
 */
int state_lock(const struct conf *conf, int64_t wait_ms, struct err *e)
    __attribute__((warn_unused_result));

/* STATE/plenaryd.pid: written when the lock is held, removed at a clean end. */
int state_write_pid(const struct conf *conf, struct err *e) __attribute__((warn_unused_result));
void state_remove_pid(const struct conf *conf);

/* The running daemon of this STATE (it holds the lock and wrote its number); 0 if there is none. */
pid_t state_daemon(const struct conf *conf);
/* Tells the running daemon to ring all bells; without one nothing happens. */
void state_ring(const struct conf *conf);

#endif
