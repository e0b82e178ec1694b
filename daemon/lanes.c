/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lanes: see lanes.h. A remote is believed only about rows that it has in hand; one that says
 * anything else is ended like one that died.
 */
#include "config.h"

#include "daemon/lanes.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/smtp.h"

#define WINDOW_FIRST 16
#define WINDOW_MAX 256
#define WINDOW_MIN 2
#define QUICK_MS 60                 /* a result in that time: the lane may have more in hand */
#define SLOW_MS 250                 /* … after that time: less */
#define PORTION 32                  /* recipients of one mail at a time */
#define BYTES_MAX (2 * 1024 * 1024) /* in hand of one lane, unless it is one message */
#define FLIGHTS_MAX (WINDOW_MAX + JOB_RCPTS_MAX)
#define PACKETS 4 /* taken from one lane at a time */
#define ARGS_MAX 40

struct lane {
	struct lanes *all;
	int number;      /* its place in letter.known */
	uint64_t serial; /* of the process: no two are the same */
	int fd;          /* -1: there is none */
	struct event ev;
	struct flight flight[FLIGHTS_MAX];
	size_t first, end; /* flights in between; those without a letter are settled */
	size_t in_hand;
	int64_t bytes; /* of what is in hand */
	int window;
	bool full; /* its socket takes no more for now */
	int64_t idle_since;
};

_Static_assert(LANES_MAX <= LETTER_LANES, "a letter knows of fewer lanes than there are");

struct lanes {
	struct lanes_setup setup;
	struct lane lane[LANES_MAX];
	struct buf packet;
	uint64_t serial;
};

static void on_readable(evutil_socket_t fd, short what, void *arg);

struct lanes *
lanes_new(const struct lanes_setup *setup)
{
	struct lanes *ls = calloc(1, sizeof(*ls));
	if (!ls)
		fatal("no memory");
	ls->setup = *setup;
	buf_init(&ls->packet, JOB_PACKET_MAX);
	for (int i = 0; i < LANES_MAX; i++)
		ls->lane[i] = (struct lane){.all = ls, .number = i, .fd = -1};
	return ls;
}

/* --- start and end ---------------------------------------------------------------------------- */

static void
close_lane(struct lane *ln)
{
	event_del(&ln->ev);
	close(ln->fd);
	ln->fd = -1;
}

void
lanes_free(struct lanes *ls)
{
	for (int i = 0; i < LANES_MAX; i++) {
		struct lane *ln = &ls->lane[i];
		for (; ln->first < ln->end; ln->first++)
			free(ln->flight[ln->first].recipient);
		if (ln->fd >= 0)
			close(ln->fd); /* its event went with the loop */
	}
	buf_free(&ls->packet);
	free(ls);
}

static int
start_process(const struct lanes *ls, int theirs)
{
	const char *argv[ARGS_MAX];
	char fd[16];
	size_t n = 0;
	struct err e = {0};
	snprintf(fd, sizeof(fd), "%d", theirs);
	argv[n++] = ls->setup.program;
	argv[n++] = "-c";
	argv[n++] = fd;
	for (size_t i = 0; ls->setup.argv[i] && n < ARGS_MAX - 1; i++)
		argv[n++] = ls->setup.argv[i];
	argv[n] = NULL;
	if (child_start(ls->setup.program, argv, &theirs, 1, &e) < 0) {
		log_error("%s", e.text);
		return -1;
	}
	return 0;
}

static void
open_lane(struct lane *ln, int fd)
{
	ln->fd = fd;
	ln->serial = ++ln->all->serial;
	ln->first = ln->end = ln->in_hand = 0;
	ln->bytes = 0;
	ln->window = WINDOW_FIRST;
	ln->full = false;
	ln->idle_since = clock_mono();
	event_assign(&ln->ev, ln->all->setup.loop, fd, EV_READ | EV_PERSIST, on_readable, ln);
	if (event_add(&ln->ev, NULL) < 0)
		fatal("no memory for an event");
}

bool
lanes_start(struct lanes *ls)
{
	int fds[2];
	struct lane *ln = NULL;
	for (int i = 0; i < LANES_MAX && !ln; i++)
		if (ls->lane[i].fd < 0)
			ln = &ls->lane[i];
	if (!ln)
		return false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		log_error("socketpair: %m");
		return false;
	}
	int r = start_process(ls, fds[1]);
	close(fds[1]);
	if (r < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
		close(fds[0]);
		return false;
	}
	open_lane(ln, fds[0]);
	return true;
}

size_t
lanes_count(const struct lanes *ls)
{
	size_t n = 0;
	for (int i = 0; i < LANES_MAX; i++)
		n += ls->lane[i].fd >= 0;
	return n;
}

size_t
lanes_rest(struct lanes *ls, int64_t idle_s)
{
	int64_t now = clock_mono();
	for (int i = 0; i < LANES_MAX; i++) {
		struct lane *ln = &ls->lane[i];
		if (ln->fd >= 0 && ln->in_hand == 0 && now - ln->idle_since >= idle_s * 1000)
			close_lane(ln);
	}
	return lanes_count(ls);
}

/* --- giving ----------------------------------------------------------------------------------- */

static bool
has_room(const struct lane *ln)
{
	return ln->fd >= 0 && !ln->full && ln->in_hand < (size_t)ln->window &&
	       ln->end - ln->first + JOB_RCPTS_MAX <= FLIGHTS_MAX &&
	       (ln->in_hand == 0 || ln->bytes < BYTES_MAX);
}

struct lane *
lanes_with_room(struct lanes *ls)
{
	struct lane *best = NULL;
	for (int i = 0; i < LANES_MAX; i++) {
		struct lane *ln = &ls->lane[i];
		if (has_room(ln) && (!best || ln->in_hand < best->in_hand))
			best = ln;
	}
	return best;
}

size_t
lane_room(const struct lane *ln, const struct letter *l)
{
	size_t n = (size_t)ln->window - ln->in_hand;
	size_t by_bytes =
	    ln->bytes < BYTES_MAX ? (size_t)((BYTES_MAX - ln->bytes) / (l->size + 1)) : 0;
	n = n < PORTION ? n : PORTION;
	n = n < by_bytes ? n : by_bytes;
	return n > 0 ? n : 1;
}

bool
lane_knows(const struct lane *ln, const struct letter *l)
{
	return l->known[ln->number] == ln->serial;
}

/* Room behind the flights for n more. */
static void
close_ranks(struct lane *ln, size_t n)
{
	if (ln->end + n <= FLIGHTS_MAX)
		return;
	memmove(ln->flight, ln->flight + ln->first, (ln->end - ln->first) * sizeof(ln->flight[0]));
	ln->end -= ln->first;
	ln->first = 0;
}

bool
lane_give(struct lane *ln, struct letter *l, struct slice packet, const struct queue_row *rows,
	  size_t n)
{
	int fds[JOB_FDS_MAX] = {l->head_fd, l->body_fd};
	size_t nfds = lane_knows(ln, l) ? 0 : l->body_fd >= 0 ? 2 : 1;
	int64_t now = clock_mono();
	struct err e = {0};
	int sent = job_send(ln->fd, packet, fds, nfds, &e);
	if (sent != 1) {
		/* An end that has gone is seen by on_readable. */
		if (sent < 0)
			log_debug("lane %d: %s", ln->number, e.text);
		ln->full = true;
		return false;
	}
	l->known[ln->number] = ln->serial;
	close_ranks(ln, n);
	for (size_t i = 0; i < n; i++) {
		struct flight *f = &ln->flight[ln->end++];
		f->letter = l;
		f->row = rows[i].id;
		f->subscription = rows[i].subscription;
		f->given = now;
		f->recipient = strndup(rows[i].recipient.p, rows[i].recipient.n);
		if (!f->recipient)
			fatal("no memory");
	}
	ln->in_hand += n;
	ln->bytes += (int64_t)n * l->size;
	return true;
}

void
lanes_forget(struct lanes *ls, const struct letter *l)
{
	struct job_item it = {.kind = JOB_OVER, .id = l->out};
	buf_clear(&ls->packet);
	job_put(&ls->packet, &it);
	for (int i = 0; i < LANES_MAX; i++)
		/* One that misses it keeps the bytes until it ends. */
		if (ls->lane[i].fd >= 0 && lane_knows(&ls->lane[i], l))
			(void)!job_send(ls->lane[i].fd, buf_slice(&ls->packet), NULL, 0, NULL);
}

size_t
lanes_in_flight(const struct lanes *ls)
{
	size_t n = 0;
	for (int i = 0; i < LANES_MAX; i++)
		n += ls->lane[i].in_hand;
	return n;
}

/* --- results ---------------------------------------------------------------------------------- */

static void
settle(struct lane *ln, struct flight *f, const struct job_item *it)
{
	ln->in_hand--;
	ln->bytes -= f->letter->size;
	ln->all->setup.result(ln->all->setup.arg, f, it);
	free(f->recipient);
	*f = (struct flight){.letter = NULL};
	while (ln->first < ln->end && !ln->flight[ln->first].letter)
		ln->first++;
	if (ln->in_hand == 0)
		ln->idle_since = clock_mono();
}

static void
adapt(struct lane *ln, int64_t took)
{
	if (took < QUICK_MS && ln->window < WINDOW_MAX)
		ln->window++;
	else if (took > SLOW_MS && ln->window > WINDOW_MIN)
		ln->window--;
}

/* 0, or -1 if the lane says what it can't know. */
static int
take_results(struct lane *ln)
{
	struct slice rest = buf_slice(&ln->all->packet);
	int64_t now = clock_mono();
	struct job_item it;
	int got;
	ln->full = false;
	while ((got = job_next(&rest, &it)) == 1) {
		size_t i = ln->first;
		while (i < ln->end && (!ln->flight[i].letter || ln->flight[i].row != it.id))
			i++;
		if (it.kind != JOB_RESULT || i == ln->end)
			return -1;
		adapt(ln, now - ln->flight[i].given);
		settle(ln, &ln->flight[i], &it);
	}
	return got;
}

/* A remote died: what it had in hand is tried again later. */
static void
bury(struct lane *ln)
{
	struct job_item it = {.kind = JOB_RESULT,
			      .what = SMTP_TEMPORARY,
			      .about = SMTP_ABOUT_OTHER,
			      .unreachable = true,
			      .text = SLICE("the process that delivered it ended")};
	log_error("a remote process ended with %zu recipients in hand", ln->in_hand);
	close_lane(ln);
	for (size_t i = ln->first; i < ln->end; i++)
		if (ln->flight[i].letter) {
			it.id = ln->flight[i].row;
			settle(ln, &ln->flight[i], &it);
		}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct lane *ln = arg;
	struct lanes *ls = ln->all;
	int fds[JOB_FDS_MAX], got = 0;
	(void)fd;
	(void)what;
	for (int i = 0; i < PACKETS; i++) {
		got = job_receive(ln->fd, &ls->packet, fds);
		for (size_t j = 0; j < JOB_FDS_MAX; j++)
			if (fds[j] >= 0)
				close(fds[j]);
		if (got == 1 && take_results(ln) < 0)
			got = -1;
		if (got != 1)
			break;
	}
	if (got < 0)
		bury(ln);
	ls->setup.room(ls->setup.arg);
}
