/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * route: what an address of this site is for (INTERFACE section 2). Intake asks it at RCPT, the
 * list role for each recipient of an entry: one table, so that both always agree. It reads the
 * configuration only: whether a token is ours says route_verify(), whether its row still stands
 * the list role.
 */
#ifndef DAEMON_ROUTE_H
#define DAEMON_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/token.h"
#include "conf/conf.h"

enum route_function {
	ROUTE_NONE,        /* our domain, but no such address */
	ROUTE_ELSEWHERE,   /* another domain: relaying */
	ROUTE_POST,        /* LIST */
	ROUTE_SUBSCRIBE,   /* LIST-subscribe, LIST-join; +digest, +nomail */
	ROUTE_UNSUBSCRIBE, /* LIST-unsubscribe, LIST-leave: asks back */
	ROUTE_LEAVE,       /* LIST-unsubscribe+TOKEN: at once */
	ROUTE_CONFIRM,     /* LIST-confirm+TOKEN */
	ROUTE_REQUEST,     /* LIST-request */
	ROUTE_HELP,        /* LIST-help */
	ROUTE_OWNER,       /* LIST-owner */
	ROUTE_MODERATE,    /* LIST-moderate+TOKEN */
	ROUTE_BOUNCES,     /* LIST-bounces+TOKEN, or bare (a report that lost its token, or has it
			      inside: feedback reports, for which the site has one, too) */
	ROUTE_APPEAL,      /* LIST-appeal; intake refuses it where list->appeals is empty */
	ROUTE_SITE,        /* plenary@: commands across all lists */
	ROUTE_POSTMASTER,  /* postmaster@, and without a domain (RFC 5321 4.5.1): to conf->owner */
	ROUTE_FUNCTIONS
};

enum route_delivery { ROUTE_EACH_POST, ROUTE_DIGEST, ROUTE_NOMAIL };

struct route {
	enum route_function function;
	const struct conf_list *list; /* NULL: the site's (plenary@, plenary-confirm+TOKEN@, …) */
	enum route_delivery delivery; /* ROUTE_SUBSCRIBE: which was asked for */
	struct slice token;           /* inside the address, any case; empty if there is none */
};

/*
 * address: "local@domain" (or "postmaster") as in an envelope, local part not quoted; any case.
 * Where names overlap the longest list name wins. Never fails: the worst is ROUTE_NONE.
 */
void route_classify(const struct conf *conf, struct slice address, struct route *r);

/*
 * Whether the route's token was made by this site for this purpose; *payload is what it carries
 * (base/token.h; 0 where the route has no token and needs none). The four addresses with a token
 * share the site's scope.
 */
bool route_verify(const struct route *r, const struct token_keys *keys, uint64_t *payload)
    __attribute__((warn_unused_result));

/* "post", "subscribe", … for logs and metrics. */
const char *route_name(enum route_function f);

#endif
