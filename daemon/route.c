/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses there are, as one table: a robot's suffix, what it is without and with something
 * behind the delimiter, and whether the site itself has it too. It must never guess: what is not
 * in the table does not exist, so that the sender hears of it at once and from his own server.
 */
#include "config.h"
#include "daemon/route.h"

#include "mail/address.h"

#define SITE_NAME "plenary"
#define POSTMASTER "postmaster"

struct robot {
	struct slice suffix;
	enum route_function plain;  /* LIST-suffix; ROUTE_NONE: only with a token */
	enum route_function detail; /* LIST-suffix+DETAIL; ROUTE_NONE: nothing may follow */
	bool site;                  /* plenary-suffix+TOKEN exists */
};

#define ROBOT(name, plain, detail, site)                                                           \
	{                                                                                          \
		{name, sizeof(name) - 1}, plain, detail, site                                      \
	}
static const struct robot robots[] = {
    ROBOT("subscribe", ROUTE_SUBSCRIBE, ROUTE_SUBSCRIBE, false),
    ROBOT("join", ROUTE_SUBSCRIBE, ROUTE_SUBSCRIBE, false),
    ROBOT("unsubscribe", ROUTE_UNSUBSCRIBE, ROUTE_LEAVE, true),
    ROBOT("leave", ROUTE_UNSUBSCRIBE, ROUTE_LEAVE, true),
    ROBOT("confirm", ROUTE_NONE, ROUTE_CONFIRM, true),
    ROBOT("request", ROUTE_REQUEST, ROUTE_NONE, false),
    ROBOT("help", ROUTE_HELP, ROUTE_NONE, false),
    ROBOT("owner", ROUTE_OWNER, ROUTE_NONE, false),
    ROBOT("moderate", ROUTE_NONE, ROUTE_MODERATE, true),
    ROBOT("bounces", ROUTE_BOUNCES, ROUTE_BOUNCES, true),
    ROBOT("appeal", ROUTE_APPEAL, ROUTE_NONE, false),
};
#define NROBOTS (sizeof robots / sizeof *robots)

static const struct {
	const char *word;
	enum route_delivery delivery;
} deliveries[] = {{"digest", ROUTE_DIGEST}, {"nomail", ROUTE_NOMAIL}};

/* What each function's token was made for; NULL: it has none. */
static const struct {
	const char *name;
	const char *purpose;
} functions[ROUTE_FUNCTIONS] = {
    [ROUTE_NONE] = {"none", NULL},
    [ROUTE_ELSEWHERE] = {"elsewhere", NULL},
    [ROUTE_POST] = {"post", NULL},
    [ROUTE_SUBSCRIBE] = {"subscribe", NULL},
    [ROUTE_UNSUBSCRIBE] = {"unsubscribe", NULL},
    [ROUTE_LEAVE] = {"leave", "leave"},
    [ROUTE_CONFIRM] = {"confirm", "ticket"},
    [ROUTE_REQUEST] = {"request", NULL},
    [ROUTE_HELP] = {"help", NULL},
    [ROUTE_OWNER] = {"owner", NULL},
    [ROUTE_MODERATE] = {"moderate", "ticket"},
    [ROUTE_BOUNCES] = {"bounces", "bounce"},
    [ROUTE_APPEAL] = {"appeal", NULL},
    [ROUTE_SITE] = {"site", NULL},
    [ROUTE_POSTMASTER] = {"postmaster", NULL},
};

static bool
domain_is_ours(const struct conf *conf, struct slice domain)
{
	struct slice ours = slice_str(conf->domain);
	struct arena *a;
	bool same;

	if (slice_eq_ci(domain, ours))
		return true;
	/* Only where one side is no plain ASCII can two spellings be one domain (RFC 5890). */
	if (!address_needs_utf8(domain) && !address_needs_utf8(ours))
		return false;
	a = arena_new();
	same = address_eq(slice_str(arena_printf(a, "x@%.*s", SLICE_ARG(domain))),
			  slice_str(arena_printf(a, "x@%s", conf->domain)));
	arena_free(a);
	return same;
}

static bool
take_delivery(struct slice detail, struct route *r)
{
	for (size_t i = 0; i < sizeof deliveries / sizeof *deliveries; i++) {
		if (slice_is_ci(detail, deliveries[i].word)) {
			r->delivery = deliveries[i].delivery;
			return true;
		}
	}
	return false;
}

/* robot: what stands behind "LIST-" (list not NULL) or "plenary-". */
static bool
match_robot(const struct conf *conf, const struct conf_list *list, struct slice robot,
	    struct route *r)
{
	for (size_t i = 0; i < NROBOTS; i++) {
		const struct robot *b = &robots[i];
		struct slice detail = slice_from(robot, b->suffix.n + 1);
		bool bare = robot.n == b->suffix.n;

		if (!slice_starts_ci(robot, b->suffix) || (!list && !b->site))
			continue;
		if (!bare && (robot.p[b->suffix.n] != conf->delimiter || detail.n == 0))
			continue;
		/* The site's own have nothing to act on without a token; but feedback reports
		 * (complaint.h) have it inside. */
		if (bare && !list && b->plain != ROUTE_BOUNCES)
			continue;
		r->function = bare ? b->plain : b->detail;
		r->list = list;
		if (bare)
			return r->function != ROUTE_NONE;
		if (r->function == ROUTE_SUBSCRIBE)
			return take_delivery(detail, r);
		r->token = detail;
		return r->function != ROUTE_NONE;
	}
	return false;
}

static bool
match_local(const struct conf *conf, struct slice local, struct route *r)
{
	struct slice name;

	if (slice_is_ci(local, POSTMASTER)) {
		r->function = ROUTE_POSTMASTER;
		return true;
	}
	if (slice_is_ci(local, SITE_NAME)) {
		r->function = ROUTE_SITE;
		return true;
	}
	r->list = conf_list_find(conf, local);
	if (r->list) {
		r->function = ROUTE_POST;
		return true;
	}
	/* From the right, so that the longest list name is tried first. */
	for (size_t at = local.n; at-- > 1;) {
		const struct conf_list *list;

		if (local.p[at] != '-')
			continue;
		name = slice_sub(local, 0, at);
		list = conf_list_find(conf, name);
		if (!list && !slice_is_ci(name, SITE_NAME))
			continue;
		if (match_robot(conf, list, slice_from(local, at + 1), r))
			return true;
		*r = (struct route){.function = ROUTE_NONE};
	}
	return false;
}

void
route_classify(const struct conf *conf, struct slice address, struct route *r)
{
	struct slice local, domain;

	*r = (struct route){.function = ROUTE_NONE};
	if (slice_is_ci(address, POSTMASTER)) {
		r->function = ROUTE_POSTMASTER;
		return;
	}
	if (address.n > ADDRESS_MAX || !address_split(address, &local, &domain))
		return;
	if (!domain_is_ours(conf, domain)) {
		r->function = ROUTE_ELSEWHERE;
		return;
	}
	if (!match_local(conf, local, r))
		*r = (struct route){.function = ROUTE_NONE};
}

bool
route_verify(const struct route *r, const struct token_keys *keys, uint64_t *payload)
{
	const char *purpose = functions[r->function].purpose;

	*payload = 0;
	if (r->token.n == 0)
		return purpose == NULL || r->function == ROUTE_BOUNCES;
	return purpose != NULL && token_check(keys, purpose, "", r->token, payload);
}

const char *
route_name(enum route_function f)
{
	return functions[f].name;
}
