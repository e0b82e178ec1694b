/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn: a session on a socket: reads, feeds the session, writes its replies, keeps its file and its
 * time. An idle connection costs a struct and a session, no buffer: thousands may sit there.
 */
#ifndef DAEMON_CONN_H
#define DAEMON_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/spool.h"
#include "daemon/commit.h"
#include "daemon/peers.h"
#include "daemon/session.h"

#define CONN_TIMEOUT 300 /* seconds to a whole command or some bytes of DATA (RFC 5321 4.5.3.2.7)  \
			  */
#define CONN_STOP_TIMEOUT 20 /* for DATA in hand when the server ends */
#define CONN_LINGER 2        /* for the last reply to be read */

struct event_base;
struct conn;

/* What all connections share; the owner fills the first part. */
struct conns {
	struct event_base *loop;
	struct session_site *site;
	struct spool *spool;
	int spool_fd; /* on its file system: how much is free */
	struct commit *commit;
	struct peers *peers;
	void (*gone)(void *arg); /* after conns_stop: the last one has gone */
	void *arg;

	struct conn *first;
	size_t committing; /* files on their way to the disk */
	int64_t accepted, turned_away;
	bool stopping;
};

/* Takes fd over; a peer that has too many is told so (421) and closed. */
void conn_accept(struct conns *all, int fd, enum session_kind kind, const struct sockaddr *peer);
/* commit_fd is readable: answers for those whose files are done. */
void conns_collect(struct conns *all);
/* No more of them: who has no DATA in hand is told 421. Calls gone, perhaps at once. */
void conns_stop(struct conns *all);
/* CONN_STOP_TIMEOUT later: those that still have. */
void conns_kill(struct conns *all);

#endif
