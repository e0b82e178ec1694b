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
#include "base/num.h"
#include "web/guests.h"
#include "web/language.h"
#include "web/pages.h"
#include "web/pool.h"
#include "web/routes.h"
#include "web/squeeze.h"

#define DOORS_MAX 16
#define SWEEP_MS 1000

struct door {
	struct http *http;
	enum http_door kind;
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

/* One request, from its first line to the last byte of its response. */
struct visit {
	struct pool_work work;
	struct door *door;
	struct MHD_Connection *connection;
	struct guest *guest;
	struct web_request rq;
	struct web_response rs;
	const struct web_route *route;
	struct buf body;
	struct slice target;
	bool headed;   /* its fields have been looked at */
	bool counted;  /* as busy */
	bool answered; /* rs is ready */
};

/* --- sending -------------------------------------------------------------------------------- */

static void
release(void *shared)
{
	shared_release(shared);
}

static struct MHD_Response *
make_response(struct web_response *rs)
{
	struct MHD_Response *r;

	if (rs->shared) {
		void *p = (void *)(uintptr_t)rs->shared->bytes.p;

		r = MHD_create_response_from_buffer_with_free_callback_cls(rs->shared->bytes.n, p,
									   release, rs->shared);
		rs->shared = r ? NULL : rs->shared;
	} else if (rs->fd >= 0) {
		r = MHD_create_response_from_fd_at_offset64((uint64_t)rs->size, rs->fd,
							    (uint64_t)rs->offset);
		rs->fd = r ? -1 : rs->fd;
	} else {
		/* The visit, and the buffer with it, outlives the response. */
		r = MHD_create_response_from_buffer(rs->body.n, rs->body.n ? rs->body.p : NULL,
						    MHD_RESPMEM_PERSISTENT);
	}
	if (!r)
		fatal("no memory for a response");
	return r;
}

static int64_t
size_of(const struct web_response *rs)
{
	if (rs->shared)
		return (int64_t)rs->shared->bytes.n;
	return rs->fd >= 0 ? rs->size : (int64_t)rs->body.n;
}

static enum MHD_Result
send_response(struct visit *v)
{
	struct web_stats *st = &v->door->http->web->stats;
	struct web_response *rs = &v->rs;
	struct MHD_Response *r;
	enum MHD_Result queued;

	st->status[rs->status / 100]++;
	if (v->rq.method != WEB_HEAD)
		st->bytes += size_of(rs);
	web_add_common_headers(rs);
	if (rs->close)
		web_header(rs, "Connection", "close");
	r = make_response(rs);
	for (size_t i = 0; i < rs->nheaders; i++)
		if (MHD_add_response_header(r, rs->header[i].name, rs->header[i].value) != MHD_YES)
			log_warning("response header %s: %s", rs->header[i].name,
				    log_str(slice_str(rs->header[i].value)));
	queued = MHD_queue_response(v->connection, (unsigned)rs->status, r);
	MHD_destroy_response(r);
	return queued;
}

/* An error page before anything was made; what else comes on this connection is not read. */
static enum MHD_Result
refuse(struct visit *v, int status)
{
	v->rs.close = true;
	page_error(v->door->http->web, &v->rq, &v->rs, status);
	return send_response(v);
}

/* --- making the response -------------------------------------------------------------------- */

static void
serve(struct visit *v)
{
	v->route->serve(v->door->http->web, &v->rq, &v->rs);
	if (buf_over(&v->rs.body)) {
		web_response_free(&v->rs);
		web_response_init(&v->rs);
		page_error(v->door->http->web, &v->rq, &v->rs, 500);
	}
}

/* On a pool's thread. */
static void
run(struct pool_work *work, size_t worker)
{
	struct visit *v = (struct visit *)work;

	v->rq.worker = worker;
	serve(v);
}

static enum MHD_Result
serve_in_pool(struct visit *v, struct pool *pool)
{
	struct http *h = v->door->http;

	if (!pool_has_room(pool)) {
		if (v->route->pool == POOL_SEARCH)
			h->web->stats.searches_turned_away++;
		web_header(&v->rs, "Retry-After", "5");
		page_error(h->web, &v->rq, &v->rs, 503);
		return send_response(v);
	}
	MHD_suspend_connection(v->connection);
	if (!pool_give(pool, &v->work))
		fatal("a pool that had room has none");
	return MHD_YES;
}

/* --- reading the request -------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum web_method method;
} methods[] = {{"GET", WEB_GET}, {"HEAD", WEB_HEAD}, {"POST", WEB_POST}};

static enum web_method
method_of(const char *name)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(name, methods[i].name) == 0)
			return methods[i].method;
	return WEB_OTHER;
}

static const char *const field_names[WEB_FIELDS] = {
    [WEB_ACCEPT_LANGUAGE] = "accept-language",
    [WEB_ACCEPT_ENCODING] = "accept-encoding",
    [WEB_IF_NONE_MATCH] = "if-none-match",
    [WEB_IF_MODIFIED_SINCE] = "if-modified-since",
    [WEB_RANGE] = "range",
    [WEB_IF_RANGE] = "if-range",
};

struct taking {
	struct visit *visit;
	struct http_fields fields;
};

static enum MHD_Result
take_field(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value,
	   size_t value_n)
{
	struct taking *t = arg;
	struct slice n = slice_make(name, name_n), v = slice_make(value, value ? value_n : 0);

	(void)kind;
	http_take_field(&t->fields, n, v);
	for (size_t i = 0; i < WEB_FIELDS; i++)
		if (slice_is_ci(n, field_names[i]))
			t->visit->rq.field[i] = v;
	return MHD_YES;
}

/* 0: go on; else the status to refuse it with. */
static int
look_at_head(struct visit *v, const char *method, const char *version)
{
	struct taking t = {.visit = v};
	struct web_request *rq = &v->rq;
	enum url_result r;
	const char *why;
	int64_t length = 0;

	rq->method = method_of(method);
	t.fields.method = rq->method;
	t.fields.old = strcmp(version, MHD_HTTP_VERSION_1_1) != 0;
	MHD_get_connection_values_n(v->connection, MHD_HEADER_KIND, take_field, &t);
	rq->lang = language_choose(rq->field[WEB_ACCEPT_LANGUAGE], rq->lang);
	why = http_dishonest(&t.fields);
	if (why) {
		log_debug("a request was refused: %s", why);
		return 400;
	}
	if (v->target.n > URL_MAX)
		return 414;
	r = url_parse(&rq->url, rq->arena, v->target);
	if (r != URL_GOOD)
		return r == URL_BAD ? 400 : 404;
	v->route = v->door->kind == HTTP_SITE ? route_site(&rq->url) : route_monitor(&rq->url);
	if (!(v->route->methods & rq->method)) {
		web_header(&v->rs, "Allow", route_allow(v->route->methods));
		return 405;
	}
	if (t.fields.lengths > 0 &&
	    (!num_parse(t.fields.length, 0, INT64_MAX, &length) || length > (int64_t)HTTP_BODY_MAX))
		return 413;
	return 0;
}

static enum MHD_Result
answer(struct visit *v)
{
	struct http *h = v->door->http;

	if (v->answered)
		return send_response(v);
	guests_serve(v->guest, clock_mono());
	v->rq.body = buf_slice(&v->body);
	if (v->route->pool != POOL_NONE)
		return serve_in_pool(v, h->pool[v->route->pool]);
	serve(v);
	return send_response(v);
}

/* The library calls this with the fields, then with each piece of the body, then at its end; and
 * again when a suspended connection goes on. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method,
	   const char *version, const char *upload, size_t *upload_n, void **context)
{
	struct visit *v = *context;
	int status;

	(void)arg;
	(void)c;
	(void)url;
	if (!v->headed) {
		v->headed = v->counted = true;
		v->door->http->busy++;
		v->door->http->web->stats.requests++;
		status = look_at_head(v, method, version);
		return status ? refuse(v, status) : MHD_YES;
	}
	if (*upload_n > 0) {
		/* It can't be answered in the middle, only hung up on. */
		buf_put(&v->body, upload, *upload_n);
		*upload_n = 0;
		return buf_over(&v->body) ? MHD_NO : MHD_YES;
	}
	return answer(v);
}

/* The request line is there: the visit begins. */
static void *
on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	struct door *d = arg;
	struct arena *a = arena_new();
	struct visit *v = arena_zalloc(a, sizeof *v);
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	v->door = d;
	v->connection = c;
	v->guest = info->socket_context;
	v->rq.arena = a;
	v->rq.method = WEB_GET;
	v->rq.lang = d->http->web->conf->language;
	v->target = slice_str(arena_str(a, slice_str(target)));
	web_response_init(&v->rs);
	buf_init(&v->body, HTTP_BODY_MAX);
	return v;
}

static void
on_completed(void *arg, struct MHD_Connection *c, void **context,
	     enum MHD_RequestTerminationCode how)
{
	struct visit *v = *context;

	(void)arg;
	(void)c;
	(void)how;
	if (!v)
		return;
	*context = NULL;
	if (v->counted)
		v->door->http->busy--;
	guests_await(v->guest, clock_mono());
	web_response_free(&v->rs);
	buf_free(&v->body);
	arena_free(v->rq.arena);
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
		while (h->pool[i] && (w = pool_collect(h->pool[i]))) {
			struct visit *v = (struct visit *)w;
			struct door *d = v->door;

			v->answered = true;
			MHD_resume_connection(v->connection);
			on_ready(-1, 0, d);
		}
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
	*d = (struct door){.http = h, .kind = kind};
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
	h->pool[i] = pool_new(threads, queue, run);
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
