/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve: see resolve.h. c-ares says which sockets to watch and when to look at its clock; both
 * are events of the loop. A lookup ends by its answer or by its own deadline, whichever is first:
 * c-ares doubles its patience from try to try, ours ends.
 */
#include "config.h"
#include "daemon/resolve.h"

#include <ares.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/log.h"

#define EDNS_SIZE 1232 /* what passes everywhere without fragments (DNS flag day 2020) */
#define SOCKETS_MAX 64

enum { CLASS_IN = 1, TYPE_TXT = 16 }; /* RFC 1035 3.2 */

struct lookup {
	struct resolve *r;
	struct lookup *next, *previous;
	struct arena *arena;
	char *name;
	void (*done)(void *arg, const struct txt_answer *answer);
	void *arg;
	struct event *event; /* the deadline; made active when there is an answer before it */
	bool answered;       /* c-ares has called: it will not do so again */
	bool delivered;
	struct txt_answer answer;
};

struct resolve {
	ares_channel channel;
	struct event_base *loop;
	struct event *clock; /* c-ares's */
	struct {
		ares_socket_t fd;
		struct event *event;
	} socket[SOCKETS_MAX];
	size_t nsockets;
	struct lookup *first;
	bool closing;
};

/* --- lookups -------------------------------------------------------------------------------- */

static void
lookup_free(struct lookup *l)
{
	if (l->next)
		l->next->previous = l->previous;
	*(l->previous ? &l->previous->next : &l->r->first) = l->next;
	event_free(l->event);
	arena_free(l->arena);
	free(l);
}

static void
on_deliver(evutil_socket_t fd, short what, void *arg)
{
	struct lookup *l = arg;
	(void)fd;
	(void)what;
	if (!l->answered)
		l->answer = (struct txt_answer){.status = TXT_FAILED, .why = "no answer in time"};
	l->delivered = true;
	l->done(l->arg, &l->answer);
	if (l->answered)
		lookup_free(l);
}

static void
on_answer(void *arg, int status, int timeouts, unsigned char *packet, int n)
{
	struct lookup *l = arg;
	(void)timeouts;
	l->answered = true;
	if (l->r->closing || l->delivered) {
		lookup_free(l);
		return;
	}
	bool usable = status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
	if (usable && packet && n > 0)
		txt_read(l->arena, l->name, slice_make((char *)packet, (size_t)n), &l->answer);
	else
		l->answer = (struct txt_answer){.status = TXT_FAILED, .why = ares_strerror(status)};
	event_active(l->event, EV_TIMEOUT, 0);
}

/* --- c-ares on the loop --------------------------------------------------------------------- */

static void
set_clock(struct resolve *r)
{
	struct timeval tv;
	if (ares_timeout(r->channel, NULL, &tv))
		event_add(r->clock, &tv);
	else
		event_del(r->clock);
}

static void
on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;
	(void)fd;
	(void)what;
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	set_clock(r);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct resolve *r = arg;
	ares_process_fd(r->channel, what & EV_READ ? fd : ARES_SOCKET_BAD,
			what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	set_clock(r);
}

/* c-ares tells what it waits for on a socket; nothing: the socket is about to be closed. */
static void
on_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolve *r = arg;
	short what = (short)((readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));
	size_t i = 0;
	while (i < r->nsockets && r->socket[i].fd != fd)
		i++;
	if (i < r->nsockets) {
		event_free(r->socket[i].event);
		r->socket[i] = r->socket[--r->nsockets];
	}
	if (what == 0)
		return;
	if (r->nsockets == SOCKETS_MAX) {
		log_warning("DNS: more than %d sockets at once", SOCKETS_MAX);
		return; /* its lookups end by their deadline */
	}
	struct event *ev = event_new(r->loop, fd, (short)(what | EV_PERSIST), on_socket, r);
	if (!ev || event_add(ev, NULL) < 0)
		fatal("no memory for an event");
	r->socket[r->nsockets].fd = fd;
	r->socket[r->nsockets++].event = ev;
}

int
resolve_open(struct resolve **out, struct event_base *loop, const char *server, struct err *e)
{
	struct ares_options o = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
				 .timeout = RESOLVE_TRY_MS,
				 .tries = 2,
				 .ednspsz = EDNS_SIZE,
				 .sock_state_cb = on_state};
	struct resolve *r = calloc(1, sizeof(*r));
	int status = ares_library_init(ARES_LIB_INIT_ALL);
	if (!r)
		fatal("no memory");
	r->loop = loop;
	o.sock_state_cb_data = r;
	if (status == ARES_SUCCESS)
		status = ares_init_options(&r->channel, &o,
					   ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					       ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB);
	if (status != ARES_SUCCESS) {
		free(r);
		return err_temporary(e, "DNS: %s", ares_strerror(status));
	}
	if (strcmp(server, "system") != 0)
		status = ares_set_servers_ports_csv(r->channel, server);
	r->clock = evtimer_new(loop, on_clock, r);
	if (!r->clock)
		fatal("no memory for an event");
	if (status != ARES_SUCCESS) {
		resolve_close(r);
		return err_permanent(e, "resolver %s: %s", server, ares_strerror(status));
	}
	*out = r;
	return 0;
}

void
resolve_close(struct resolve *r)
{
	if (!r)
		return;
	r->closing = true;
	ares_destroy(r->channel); /* calls for all that it has not answered */
	while (r->first)
		lookup_free(r->first);
	while (r->nsockets > 0)
		event_free(r->socket[--r->nsockets].event);
	event_free(r->clock);
	free(r);
	ares_library_cleanup();
}

void
resolve_txt(struct resolve *r, const char *name,
	    void (*done)(void *arg, const struct txt_answer *answer), void *arg)
{
	const struct timeval deadline = {RESOLVE_DEADLINE_MS / 1000,
					 RESOLVE_DEADLINE_MS % 1000 * 1000};
	struct lookup *l = calloc(1, sizeof(*l));
	if (!l)
		fatal("no memory");
	l->r = r;
	l->arena = arena_new();
	l->name = arena_str(l->arena, slice_str(name));
	l->done = done;
	l->arg = arg;
	l->event = evtimer_new(r->loop, on_deliver, l);
	if (!l->event || event_add(l->event, &deadline) < 0)
		fatal("no memory for an event");
	l->next = r->first;
	if (l->next)
		l->next->previous = l;
	r->first = l;
	ares_query(r->channel, name, CLASS_IN, TYPE_TXT, on_answer, l);
	set_clock(r);
}
