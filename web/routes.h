/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * routes: which page answers which URL. What is in no row is a file.
 */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "web/request.h"

/* Where a page is made: at once, or by the threads of one kind of work, so that who only reads
 * files never waits for a search. */
enum route_pool { POOL_NONE, POOL_SEARCH, POOL_HAND, POOLS };

typedef void web_serve(struct web *web, struct web_request *rq, struct web_response *rs);

struct web_route {
	/* Segments: "*" stands for any one, "**" at the end for any number. A slash at the end of
	 * the URL makes no difference. */
	const char *pattern;
	unsigned methods; /* of enum web_method */
	enum route_pool pool;
	web_serve *serve;
};

/* The route for a request to the site, or to the monitor's door: always one. */
const struct web_route *route_site(const struct url *u);
const struct web_route *route_monitor(const struct url *u);

/* "GET, HEAD" */
const char *route_allow(unsigned methods);

/* For tests. */
bool route_matches(const char *pattern, const struct url *u);

#endif
