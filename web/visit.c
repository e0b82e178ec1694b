/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/visit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "web/guests.h"
#include "web/http.h"
#include "web/language.h"
#include "web/pages.h"
#include "web/squeeze.h"

/* One request, from its first line to the last byte of its response. */
struct visit {
	struct pool_work work;
	const struct visit_site *site;
	struct MHD_Connection *connection;
	struct guest *guest;
	struct web_request rq;
	struct web_response rs;
	const struct web_route *route;
	struct buf body;
	struct slice target;
	bool headed;   /* its fields have been looked at, and it counts as busy */
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
	struct web_stats *st = &v->site->web->stats;
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
	page_error(v->site->web, &v->rq, &v->rs, status);
	return send_response(v);
}

/* --- making the response -------------------------------------------------------------------- */

static void
serve(struct visit *v)
{
	v->route->serve(v->site->web, &v->rq, &v->rs);
	if (buf_over(&v->rs.body)) {
		web_response_free(&v->rs);
		web_response_init(&v->rs);
		page_error(v->site->web, &v->rq, &v->rs, 500);
	}
}

void
visit_run(struct pool_work *work, size_t worker)
{
	struct visit *v = (struct visit *)work;

	v->rq.worker = worker;
	serve(v);
}

void *
visit_resume(struct pool_work *work)
{
	struct visit *v = (struct visit *)work;

	v->answered = true;
	MHD_resume_connection(v->connection);
	return v->site->door;
}

static enum MHD_Result
serve_in_pool(struct visit *v, struct pool *pool)
{
	struct web *web = v->site->web;

	if (!pool_has_room(pool)) {
		if (v->route->pool == POOL_SEARCH)
			web->stats.searches_turned_away++;
		web_header(&v->rs, "Retry-After", "5");
		page_error(web, &v->rq, &v->rs, 503);
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
	v->route = v->site->route(&rq->url);
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
	if (v->answered)
		return send_response(v);
	guests_serve(v->guest, clock_mono());
	v->rq.body = buf_slice(&v->body);
	if (v->route->pool != POOL_NONE)
		return serve_in_pool(v, v->site->pool[v->route->pool]);
	serve(v);
	return send_response(v);
}

enum MHD_Result
visit_go_on(struct visit *v, const char *method, const char *version, const char *upload,
	    size_t *upload_n)
{
	int status;

	if (!v->headed) {
		v->headed = true;
		(*v->site->busy)++;
		v->site->web->stats.requests++;
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

struct visit *
visit_begin(const struct visit_site *site, struct MHD_Connection *c, struct guest *guest,
	    const char *target)
{
	struct arena *a = arena_new();
	struct visit *v = arena_zalloc(a, sizeof *v);

	v->site = site;
	v->connection = c;
	v->guest = guest;
	v->rq.arena = a;
	v->rq.method = WEB_GET;
	v->rq.lang = site->web->conf->language;
	v->target = slice_str(arena_str(a, slice_str(target)));
	web_response_init(&v->rs);
	buf_init(&v->body, HTTP_BODY_MAX);
	return v;
}

void
visit_end(struct visit *v)
{
	if (v->headed)
		(*v->site->busy)--;
	guests_await(v->guest, clock_mono());
	web_response_free(&v->rs);
	buf_free(&v->body);
	arena_free(v->rq.arena);
}
