/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/http.h"

#include <event2/event.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "web/guests.h"
#include "web/pool.h"
#include "web/routes.h"
#include "web/visit.h"

#define DOORS_MAX 16
#define SWEEP_MS 1000

struct door {
	struct http *http;
	struct visit_site site;
	struct MHD_Daemon *daemon;
	struct event *ready, *timer;
};

struct http {
	struct event_base *loop;
	struct web *web;
	struct guests *guests;
	struct pool *pool[POOLS];
	struct door door[DOORS_MAX];
	size_t ndoors, busy;
	unsigned connections;
	struct event *sweep, *done[POOLS];
};

/* --- requests ------------------------------------------------------------------------------- */

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method,
	   const char *version, const char *upload, size_t *upload_n, void **context)
{
	(void)arg;
	(void)c;
	(void)url;
	return visit_go_on(*context, method, version, upload, upload_n);
}

static void *
on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	struct door *d = arg;
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return visit_begin(&d->site, c, info->socket_context, target);
}

static void
on_completed(void *arg, struct MHD_Connection *c, void **context,
	     enum MHD_RequestTerminationCode how)
{
	(void)arg;
	(void)c;
	(void)how;
	if (*context)
		visit_end(*context);
	*context = NULL;
}

/* --- connections ---------------------------------------------------------------------------- */

static enum MHD_Result
on_knock(void *arg, const struct sockaddr *sa, socklen_t n)
{
	struct door *d = arg;

	(void)n;
	if (guests_may_enter(d->http->guests, sa))
		return MHD_YES;
	d->http->web->stats.connections_turned_away++;
	return MHD_NO;
}

static void
on_connection(void *arg, struct MHD_Connection *c, void **context,
	      enum MHD_ConnectionNotificationCode what)
{
	struct http *h = ((struct door *)arg)->http;
	const union MHD_ConnectionInfo *info;
	int fd;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		guests_leave(h->guests, *context);
		*context = NULL;
	} else {
		fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
		*context =
		    guests_enter(h->guests, fd, info ? info->client_addr : NULL, clock_mono());
		h->web->stats.connections_total++;
	}
	h->web->stats.connections = (long long)guests_count(h->guests);
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;

	(void)fd;
	(void)what;
	h->web->stats.connections_slow += (long long)guests_sweep(h->guests, clock_mono());
}

/* --- the loop ------------------------------------------------------------------------------- */

static void
schedule(struct door *d)
{
	MHD_UNSIGNED_LONG_LONG ms;
	struct timeval after;

	if (MHD_get_timeout(d->daemon, &ms) != MHD_YES) {
		evtimer_del(d->timer);
		return;
	}
	after.tv_sec = (time_t)(ms / 1000);
	after.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	evtimer_add(d->timer, &after);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct door *d = arg;

	(void)fd;
	(void)what;
	if (MHD_run(d->daemon) != MHD_YES)
		fatal("libmicrohttpd does not run");
	schedule(d);
}

/* The library is asked by one thread only: it goes on here with what the pools have made. */
static void
on_done(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;
	struct pool_work *w;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < POOLS; i++)
		while (h->pool[i] && (w = pool_collect(h->pool[i])))
			on_ready(-1, 0, visit_resume(w));
}

/* The library would turn %XX into bytes, NULs included; web/url.c does it, once. */
static size_t
leave_escaped(void *arg, struct MHD_Connection *c, char *s)
{
	(void)arg;
	(void)c;
	return strlen(s);
}

static void __attribute__((format(printf, 2, 0))) on_log(void *arg, const char *fmt, va_list ap)
{
	char text[512];
	int n = vsnprintf(text, sizeof text, fmt, ap);

	(void)arg;
	if (n > 0)
		log_debug("http: %s", log_str(slice_trim(slice_str(text))));
}

static void
on_panic(void *arg, const char *file, unsigned line, const char *reason)
{
	(void)arg;
	fatal("libmicrohttpd: %s (%s:%u)", reason ? reason : "?", file, line);
}

int
http_open(struct http *h, int fd, enum http_door kind, struct err *e)
{
	const unsigned flags = MHD_USE_EPOLL | MHD_USE_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct door *d = &h->door[h->ndoors];

	if (h->ndoors == DOORS_MAX)
		return err_permanent(e, "more than %d sockets", DOORS_MAX);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	*d = (struct door){
	    .http = h,
	    .site = {.web = h->web,
		     .route = kind == HTTP_SITE ? route_site : route_monitor,
		     .pool = h->pool,
		     .busy = &h->busy,
		     .door = d},
	};
	d->daemon = MHD_start_daemon(
	    flags, 0, on_knock, d, on_request, d, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, h->connections,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, HTTP_HEAD_MAX, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_URI_LOG_CALLBACK,
	    on_target, d, MHD_OPTION_NOTIFY_COMPLETED, on_completed, d,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, d, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	    MHD_OPTION_END);
	if (!d->daemon)
		return err_temporary(e, "libmicrohttpd does not start");
	fd = MHD_get_daemon_info(d->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	d->ready = event_new(h->loop, fd, EV_READ | EV_PERSIST, on_ready, d);
	d->timer = evtimer_new(h->loop, on_ready, d);
	if (!d->ready || !d->timer || event_add(d->ready, NULL) < 0)
		fatal("no memory for an event");
	h->ndoors++;
	return 0;
}

static void
open_pool(struct http *h, enum route_pool i, size_t threads, size_t queue)
{
	h->pool[i] = pool_new(threads, queue, visit_run);
	h->done[i] = event_new(h->loop, pool_fd(h->pool[i]), EV_READ | EV_PERSIST, on_done, h);
	if (!h->done[i] || event_add(h->done[i], NULL) < 0)
		fatal("no memory for an event");
}

struct http *
http_new(struct event_base *loop, struct web *web, size_t connections)
{
	struct timeval every = {SWEEP_MS / 1000, 0};
	struct http *h = calloc(1, sizeof *h);

	if (!h)
		fatal("no memory");
	MHD_set_panic_func(on_panic, NULL);
	h->loop = loop;
	h->web = web;
	h->connections = (unsigned)(connections < GUESTS_MAX ? connections : GUESTS_MAX);
	h->guests = guests_new();
	open_pool(h, POOL_SEARCH, WEB_SEARCH_THREADS, HTTP_SEARCH_QUEUE);
	open_pool(h, POOL_HAND, WEB_HAND_THREADS, HTTP_HAND_QUEUE);
	h->sweep = event_new(loop, -1, EV_PERSIST, on_sweep, h);
	if (!h->sweep || event_add(h->sweep, &every) < 0)
		fatal("no memory for an event");
	return h;
}

void
http_quiesce(struct http *h)
{
	/* The library gives the socket back, and so will not shut it down for its other owners. */
	for (size_t i = 0; i < h->ndoors; i++)
		(void)MHD_quiesce_daemon(h->door[i].daemon);
}

size_t
http_busy(const struct http *h)
{
	return h->busy;
}

void
http_free(struct http *h)
{
	for (size_t i = 0; i < POOLS; i++) {
		if (h->done[i])
			event_free(h->done[i]);
		pool_free(h->pool[i]);
	}
	for (size_t i = 0; i < h->ndoors; i++) {
		event_free(h->door[i].ready);
		event_free(h->door[i].timer);
		MHD_stop_daemon(h->door[i].daemon);
	}
	event_free(h->sweep);
	guests_free(h->guests);
	free(h);
}
