/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/routes.h"

#include "web/files.h"
#include "web/hand.h"
#include "web/monitor.h"
#include "web/pages.h"
#include "web/redirects.h"
#include "web/search.h"

#define READ (WEB_GET | WEB_HEAD)

static const struct web_route site[] = {
    {"search", READ, POOL_SEARCH, search_serve},
    {"*/search", READ, POOL_SEARCH, search_serve},
    {"u/*", READ | WEB_POST, POOL_HAND, hand_leave},
    {"c/*", READ | WEB_POST, POOL_HAND, hand_confirm},
    {"*/id/**", READ, POOL_NONE, redirect_message_id},
    {"pipermail/**", READ, POOL_NONE, redirect_pipermail},
    {"mailman/**", READ, POOL_NONE, redirect_mailman},
    {"archives/**", READ, POOL_NONE, redirect_hyperkitty},
    {"hyperkitty/**", READ, POOL_NONE, redirect_hyperkitty},
    {"mailman3/**", READ, POOL_NONE, redirect_mailman},
    {"postorius/**", READ, POOL_NONE, redirect_mailman},
    {"**", READ, POOL_NONE, files_serve},
};

static void
not_here(struct web *web, struct web_request *rq, struct web_response *rs)
{
	page_error(web, rq, rs, 404);
}

static const struct web_route monitor[] = {
    {"healthz", READ, POOL_NONE, monitor_health},
    {"metrics", READ, POOL_NONE, monitor_metrics},
    {"**", READ, POOL_NONE, not_here},
};

bool
route_matches(const char *pattern, const struct url *u)
{
	struct slice rest = slice_str(pattern), part;
	size_t i = 0;

	while (rest.n > 0) {
		slice_cut(rest, '/', &part, &rest);
		if (slice_is(part, "**"))
			return true;
		if (i == u->nseg || (!slice_is(part, "*") && !slice_eq(part, u->seg[i])))
			return false;
		i++;
	}
	return i == u->nseg;
}

static const struct web_route *
find(const struct web_route *table, const struct url *u)
{
	while (!route_matches(table->pattern, u))
		table++; /* the last row takes all */
	return table;
}

const struct web_route *
route_site(const struct url *u)
{
	return find(site, u);
}

const struct web_route *
route_monitor(const struct url *u)
{
	return find(monitor, u);
}

const char *
route_allow(unsigned methods)
{
	return methods & WEB_POST ? "GET, HEAD, POST" : "GET, HEAD";
}
