/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper: starts the five roles, starts dead ones again, and ends them. It knows nothing of what
 * they do: a role is a program, a process that lives or not, a bell, and the sockets it is given.
 *
 * Invariants: 1. list, deliver and archived never run twice at once (their spools have one
 * reader): a new one starts when the old one has ended. intake and web may overlap, so that a
 * reload refuses nobody. 2. What was asked to end is killed after 30 s; the spool has its work.
 */
#ifndef DAEMON_KEEPER_H
#define DAEMON_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/listen.h"

struct event_base;
struct keeper;

struct keeper_setup {
	struct event_base *loop;
	const char *conf_file; /* absolute */
	bool to_stderr, debug; /* handed on as -d, -v */
	int lock_fd;           /* inherited by the roles (state.h) */
};

/* Makes the bells; the setup's conf_file must stay. NULL if that fails. */
struct keeper *keeper_new(const struct keeper_setup *setup, struct err *e);
void keeper_free(struct keeper *k);

/* Starts all roles, or after a reload: the new ones with these sockets, the old ones ended. */
void keeper_start(struct keeper *k, const struct listeners *l);
/* SIGTERM for all; the loop is left when the last has ended. */
void keeper_stop(struct keeper *k);
/* SIGCHLD came. */
void keeper_reap(struct keeper *k);
/* Rings every bell. */
void keeper_ring(struct keeper *k);

/*
 * How long to wait before a role that lived lived_ms is started again, if last_ms was waited the
 * last time: 1 s, doubled up to 60 s, 1 s again after a minute of life.
 */
int64_t keeper_delay(int64_t lived_ms, int64_t last_ms);

#endif
