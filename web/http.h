/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http: libmicrohttpd on sockets that the parent has bound, in the role's own event loop. It reads
 * requests, refuses what is no honest HTTP, finds the route, has the response made (here, or on a
 * pool's threads) and sends it (web/visit.h).
 *
 * What the library lets through and this does not: Content-Length twice or beside
 * Transfer-Encoding, other transfer codings than chunked, a body behind GET, field names that are
 * no token, control characters in values: 400, and the connection is closed, since who is in front
 * of us may have understood something else. The library's own decoding of URLs is off (web/url.h).
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "web/request.h"

#define HTTP_HEAD_MAX                                                                              \
	((size_t)24 << 10)               /* request line and fields, with the library's own needs  \
					  */
#define HTTP_BODY_MAX ((size_t)64 << 10) /* RFC 8058's is 26 bytes */
#define HTTP_IDLE_S 20                   /* without a byte either way */
#define HTTP_SEARCH_QUEUE 16             /* searches that wait; then 503 */
#define HTTP_HAND_QUEUE 32

enum http_door { HTTP_SITE, HTTP_MONITOR };

struct event_base;
struct http;

/* connections: at most so many, over all doors. */
struct http *http_new(struct event_base *loop, struct web *web, size_t connections);
/* fd: a listening socket, which stays ours to close. */
int http_open(struct http *h, int fd, enum http_door door, struct err *e)
    __attribute__((warn_unused_result));
/* No new connections. The sockets go on listening for whoever else has them. */
void http_quiesce(struct http *h);
/* Requests that are being answered. */
size_t http_busy(const struct http *h);
/* Only when nothing is busy. */
void http_free(struct http *h);

/* Whether a request's fields are honest: what is wrong with them, or NULL. For tests and the
 * fuzzer. */
struct http_fields {
	enum web_method method;
	bool old; /* HTTP/1.0 */
	int lengths, codings, hosts;
	bool chunked, malformed;
	struct slice length;
};
void http_take_field(struct http_fields *f, struct slice name, struct slice value);
const char *http_dishonest(const struct http_fields *f);

#endif
