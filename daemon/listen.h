/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listen: the sockets that the parent binds and its roles inherit. All of a configuration, or none:
 * a reload that can't bind one address leaves the old set as it was.
 */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include <stddef.h>

#include "base/buf.h"
#include "conf/conf.h"

struct listeners;

/*
 * Binds every address of conf, taking over those that old (may be NULL) has already; old stays
 * usable. NULL when one failed; then each that failed was logged with its reason. The folder of a
 * unix socket is made (0755), the socket is for everyone (0666: the mail server is another user);
 * a socket file that nobody answers at is replaced.
 */
struct listeners *listeners_open(const struct conf *conf, const struct listeners *old);
/* Closes all; socket files that next (may be NULL) does not have are removed. */
void listeners_close(struct listeners *l, const struct listeners *next);

/*
 * The sockets of one kind ("lmtp", "smtp", "http", "monitor") for a role: appends "kind:FD," to
 * env for each, and the descriptors to fds[*n…max).
 */
void listeners_give(const struct listeners *l, const char *kind, struct buf *env, int *fds,
		    size_t *n, size_t max);

#define LISTENERS_MAX 64

#endif
