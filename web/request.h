/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request: a request and its response, as every page sees them: no page knows the HTTP library, so
 * that tests and the fuzzer drive them all. What a page makes is in the request's arena or in the
 * response's body; both go when the response has been sent.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "conf/conf.h"
#include "web/url.h"

enum web_method { WEB_GET = 1, WEB_HEAD = 2, WEB_POST = 4, WEB_OTHER = 8 };

/* The only fields that any page looks at. */
enum web_field {
	WEB_ACCEPT_LANGUAGE,
	WEB_ACCEPT_ENCODING,
	WEB_IF_NONE_MATCH,
	WEB_IF_MODIFIED_SINCE,
	WEB_RANGE,
	WEB_IF_RANGE,
	WEB_FIELDS
};

struct web_request {
	struct arena *arena;
	enum web_method method;
	struct url url;
	struct slice field[WEB_FIELDS]; /* empty: not there */
	struct slice body;
	const char *lang; /* of what we say to the reader */
	size_t worker;    /* on which thread of its pool it runs */
};

#define WEB_BODY_MAX ((size_t)8 << 20) /* of a page that is made on demand */
#define WEB_HEADERS_MAX 24

struct web_header {
	const char *name, *value;
};

struct shared; /* web/squeeze.h */

struct web_response {
	int status;
	struct web_header header[WEB_HEADERS_MAX];
	size_t nheaders;
	struct buf body; /* when there is neither fd nor shared */
	int fd;          /* -1, or an open file: bytes offset … offset + size of it */
	int64_t offset, size;
	struct shared *shared; /* or bytes that other responses have, too; one reference */
	bool close;            /* the connection, afterwards */
};

/* Counters for /metrics; touched by several threads. */
struct web_stats {
	atomic_llong requests, status[6]; /* [4]: 4xx */
	atomic_llong bytes;
	atomic_llong searches, searches_turned_away;
	atomic_llong search_microseconds;
	atomic_llong hands, hands_failed;
	atomic_llong connections, connections_total, connections_turned_away, connections_slow;
};

struct squeeze;
struct moved;
struct index_reader;

#define WEB_SEARCH_THREADS 2
#define WEB_HAND_THREADS 2

/* The site, as the pages see it. */
struct web {
	const struct conf *conf;
	int html_fd; /* STATE/html */
	struct squeeze *squeeze;
	struct moved *moved;
	struct index_reader *reader[WEB_SEARCH_THREADS]; /* opened by their threads */
	struct web_stats stats;
};

void web_response_init(struct web_response *rs);
/* Closes and frees what it has. */
void web_response_free(struct web_response *rs);
/* Name and value must live as long as the response: literals, or in the request's arena. */
void web_header(struct web_response *rs, const char *name, const char *value);
/* The value of a header that was set; NULL if none. */
const char *web_header_get(const struct web_response *rs, const char *name);
/* A response with no more than a status and headers so far becomes one with this type and body. */
void web_type(struct web_response *rs, const char *type);
/* A redirect with this Location (a path of ours, encoded). */
void web_redirect(struct web_response *rs, int status, const char *location);
/* The headers that every response carries, unless it has set its own. */
void web_add_common_headers(struct web_response *rs);

#endif
