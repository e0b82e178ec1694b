/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections. One buffer is read into, for all of them; what a session leaves of it (the beginning
 * of a line, or what waits behind a commit) is copied, mostly nothing. While replies are unread or
 * a commit is under way nothing more is read: a client can fill its own socket only.
 */
#include "config.h"
#include "daemon/conn.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/role.h"
#include "daemon/arrival.h"

#define READ_SIZE (64 * 1024)
#define REST_MAX (2 * READ_SIZE)       /* of input that a session has not taken yet */
#define REPLIES_MAX (1024 * 1024)      /* unread: 1,000 recipients have 60 KB */
#define DISK_MARGIN (16 * 1024 * 1024) /* that stays free for those who empty the spool */

struct conn {
	struct conns *all;
	struct conn *next, *prev;
	struct session *session;
	struct arrival *file;
	struct event read, write;
	struct buf in, out;
	int64_t deadline; /* clock_mono */
	int fd;
	bool failed; /* to finish the file: nothing was submitted */
	bool lingering;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} peer;
};

static enum session_result
result_of(enum commit_result r)
{
	return r == COMMIT_KEPT ? SESSION_KEPT : r == COMMIT_FULL ? SESSION_FULL : SESSION_FAILED;
}

/* --- what a session asks for ---------------------------------------------------------------- */

static bool
host_room(void *arg, int64_t size)
{
	struct conn *c = arg;
	int64_t available = file_free_bytes(c->all->spool_fd);

	return available < 0 || available - DISK_MARGIN > size;
}

static enum session_result
host_begin(void *arg, struct slice envelope)
{
	struct conn *c = arg;
	enum commit_result r;

	c->file = arrival_begin(c->all->spool, envelope, &r);
	if (c->file)
		c->file->owner = c;
	return result_of(r);
}

static enum session_result
host_write(void *arg, struct slice bytes)
{
	struct conn *c = arg;

	return result_of(arrival_write(c->file, bytes));
}

static void
host_commit(void *arg, struct slice envelope)
{
	struct conn *c = arg;

	/* What fails here is answered when the session has returned, by conn_take. */
	c->failed = arrival_finish(c->file, c->all->spool, envelope) != COMMIT_KEPT;
	if (c->failed)
		return;
	c->all->committing++;
	commit_submit(c->all->commit, &c->file->job);
}

static void
host_abort(void *arg)
{
	struct conn *c = arg;

	arrival_abort(c->file, c->all->spool);
	c->file = NULL;
}

static const struct session_host host = {host_room, host_begin, host_write, host_commit,
					 host_abort};

/* Gives the session its answer. */
static void
answer(struct conn *c)
{
	struct arrival *f = c->file;

	c->file = NULL;
	c->failed = false;
	session_stored(c->session, result_of(f->job.result), f->job.file.id, &c->out);
	arrival_free(f);
}

/* --- life ----------------------------------------------------------------------------------- */

static void
conn_free(struct conn *c)
{
	struct conns *all = c->all;

	if (session_waits(c->session) && c->file) {
		c->file->owner = NULL;
		c->file = NULL;
	}
	session_free(c->session);
	event_del(&c->read);
	event_del(&c->write);
	close(c->fd);
	peers_leave(all->peers, &c->peer.sa);
	buf_free(&c->in);
	buf_free(&c->out);
	if (c->next)
		c->next->prev = c->prev;
	*(c->prev ? &c->prev->next : &all->first) = c->next;
	free(c);
	if (all->stopping && !all->first && all->committing == 0)
		all->gone(all->arg);
}

static void
wait_for(struct event *ev, int64_t ms)
{
	struct timeval tv = {ms > 0 ? ms / 1000 : 0, ms > 0 ? ms % 1000 * 1000 : 0};

	if (event_add(ev, &tv) < 0)
		fatal("no memory for an event");
}

static void
wait_to_read(struct conn *c)
{
	wait_for(&c->read, c->deadline - clock_mono());
}

/* A close with unread input would be a reset, and take our last reply with it. */
static void
linger(struct conn *c)
{
	c->lingering = true;
	shutdown(c->fd, SHUT_WR);
	c->deadline = clock_mono() + CONN_LINGER * 1000;
	wait_to_read(c);
}

/* --- bytes ---------------------------------------------------------------------------------- */

/* 1 all written, 0 not yet, -1 it has gone. */
static int
flush_replies(struct conn *c)
{
	size_t at = 0;

	while (at < c->out.n) {
		ssize_t n = send(c->fd, c->out.p + at, c->out.n - at, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		at += n > 0 ? (size_t)n : 0;
	}
	buf_drop(&c->out, at);
	if (c->out.n > 0)
		return 0;
	buf_free(&c->out);
	return 1;
}

/* Feeds the session; true if it took something. */
static bool
conn_take(struct conn *c, struct slice in, size_t *taken)
{
	*taken = session_take(c->session, in, &c->out);
	if (c->failed)
		answer(c);
	if (*taken > 0)
		c->deadline = clock_mono() + CONN_TIMEOUT * 1000;
	return *taken > 0;
}

/* What was left from before, now that the session can take more. */
static void
take_rest(struct conn *c)
{
	size_t n;

	while (c->in.n > 0 && conn_take(c, buf_slice(&c->in), &n))
		buf_drop(&c->in, n);
	if (c->in.n == 0)
		buf_free(&c->in);
}

/* After every step: replies out, then read on, wait, or go. Frees c where it ends. */
static void
conn_go_on(struct conn *c)
{
	int r = flush_replies(c);

	if (r < 0) {
		conn_free(c);
	} else if (r == 0) {
		event_del(&c->read);
		wait_for(&c->write, CONN_TIMEOUT * 1000);
	} else if (session_closed(c->session)) {
		linger(c);
	} else if (session_waits(c->session)) {
		event_del(&c->read);
	} else {
		wait_to_read(c);
	}
}

static void
on_write(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	if (what & EV_TIMEOUT) {
		conn_free(c);
		return;
	}
	conn_go_on(c);
}

static void
on_read(evutil_socket_t fd, short what, void *arg)
{
	static char bytes[READ_SIZE];
	struct conn *c = arg;
	struct slice in;
	size_t n;
	ssize_t r;

	if (what & EV_TIMEOUT) {
		if (c->lingering) {
			conn_free(c);
			return;
		}
		session_timeout(c->session, &c->out);
		conn_go_on(c);
		return;
	}
	r = recv(fd, bytes, sizeof bytes, 0);
	if (r < 0 && (errno == EAGAIN || errno == EINTR)) {
		wait_to_read(c);
		return;
	}
	if (r <= 0) {
		conn_free(c);
		return;
	}
	if (c->lingering) {
		wait_to_read(c);
		return;
	}
	in = slice_make(bytes, (size_t)r);
	if (c->in.n == 0) {
		while (in.n > 0 && conn_take(c, in, &n))
			in = slice_from(in, n);
		buf_put_slice(&c->in, in);
	} else {
		buf_put_slice(&c->in, in);
		take_rest(c);
	}
	if (buf_over(&c->in))
		fatal("a session left %zu bytes", c->in.n + in.n);
	conn_go_on(c);
}

/* --- all of them ---------------------------------------------------------------------------- */

static void
turn_away(struct conns *all, int fd)
{
	char line[600];
	int n = snprintf(line, sizeof line, "421 4.3.2 %s too many connections\r\n",
			 all->site->conf->domain);

	all->turned_away++;
	if (n > 0 && (size_t)n < sizeof line)
		(void)!send(fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void
set_peer(struct conn *c, const struct sockaddr *peer)
{
	if (peer->sa_family == AF_INET)
		memcpy(&c->peer.in, peer, sizeof c->peer.in);
	else if (peer->sa_family == AF_INET6)
		memcpy(&c->peer.in6, peer, sizeof c->peer.in6);
	else
		c->peer.sa.sa_family = peer->sa_family;
}

void
conn_accept(struct conns *all, int fd, enum session_kind kind, const struct sockaddr *peer)
{
	struct conn *c;
	char name[56];
	int on = 1;

	if (!peers_enter(all->peers, peer)) {
		turn_away(all, fd);
		return;
	}
	c = calloc(1, sizeof *c);
	if (!c)
		fatal("no memory for a connection");
	c->all = all;
	c->fd = fd;
	set_peer(c, peer);
	peers_name(peer, name, sizeof name);
	if (peer->sa_family != AF_UNIX) /* replies go out in one piece already */
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	buf_init(&c->in, REST_MAX);
	buf_init(&c->out, REPLIES_MAX);
	event_assign(&c->read, all->loop, fd, EV_READ, on_read, c);
	event_assign(&c->write, all->loop, fd, EV_WRITE, on_write, c);
	c->next = all->first;
	if (c->next)
		c->next->prev = c;
	all->first = c;
	all->accepted++;
	c->session = session_new(kind, all->site, name, &host, c, &c->out);
	c->deadline = clock_mono() + CONN_TIMEOUT * 1000;
	conn_go_on(c);
}

void
conns_collect(struct conns *all)
{
	struct commit_job *job = commit_collect(all->commit), *next;
	bool kept = false;

	/* The list role may begin while we still write the answers. */
	for (struct commit_job *j = job; j; j = j->next)
		kept = kept || j->result == COMMIT_KEPT;
	if (kept)
		role_ring("list");
	for (; job; job = next) {
		struct arrival *f = job->owner;
		struct conn *c = f->owner;

		next = job->next;
		all->committing--;
		if (job->result != COMMIT_KEPT)
			log_error("spool: %s", job->err.text);
		if (!c) {
			arrival_free(f);
			continue;
		}
		answer(c);
		take_rest(c);
		conn_go_on(c);
	}
	if (all->stopping && !all->first && all->committing == 0)
		all->gone(all->arg);
}

static void
each_conn(struct conns *all, void (*tell)(struct session *s, struct buf *out))
{
	struct conn *next;

	for (struct conn *c = all->first; c; c = next) {
		next = c->next;
		if (c->lingering)
			continue;
		tell(c->session, &c->out);
		if (session_closed(c->session))
			conn_go_on(c);
	}
}

void
conns_stop(struct conns *all)
{
	all->stopping = true;
	each_conn(all, session_stop);
	if (!all->first && all->committing == 0)
		all->gone(all->arg);
}

void
conns_kill(struct conns *all)
{
	each_conn(all, session_timeout);
}
