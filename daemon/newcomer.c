/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * newcomer: see newcomer.h. The names of robots are those that list programs and mail servers have
 * in common; a name that people have too ("info", "team-help") is not among them.
 */
#include "daemon/newcomer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/flood.h"
#include "mail/header.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Whole local parts. */
static const char *const robots[] = {
    "mailer-daemon", "postmaster",   "no-reply",  "noreply",   "no_reply",  "no.reply",
    "donotreply",    "do-not-reply", "listserv",  "majordomo", "mailman",   "sympa",
    "ezmlm",         "listproc",     "autoreply", "plenary",   "autoreply", "mdaemon",
};

/* Ends of local parts: the robots that stand around a list. */
static const char *const robot_ends[] = {
    "-request", "-bounces", "-bounce",  "-subscribe", "-unsubscribe", "-join",
    "-leave",   "-confirm", "-noreply", "-no-reply",  "-return",
};

static const char *const robot_starts[] = {"no-reply-", "noreply-", "bounces-", "bounce-"};

static bool
is_robot(struct slice local)
{
	for (size_t i = 0; i < COUNT(robots); i++)
		if (slice_is_ci(local, robots[i]))
			return true;
	for (size_t i = 0; i < COUNT(robot_ends); i++)
		if (slice_ends_ci(local, slice_str(robot_ends[i])))
			return true;
	for (size_t i = 0; i < COUNT(robot_starts); i++)
		if (slice_starts_ci(local, slice_str(robot_starts[i])))
			return true;
	return false;
}

static bool
is_ours(const struct conf *conf, struct slice address)
{
	struct route r;
	route_classify(conf, address, &r);
	return r.function != ROUTE_ELSEWHERE && r.function != ROUTE_NONE;
}

enum newcomer
newcomer_judge(const struct conf *conf, struct slice address)
{
	struct arena *a = arena_new();
	struct slice local, domain, bare;
	enum newcomer n = NEWCOMER_NO_ADDRESS;
	const char *canonical;
	if (!address_valid(address, true))
		goto out;
	canonical = address_canonical(a, address);
	if (!address_split(slice_str(canonical), &local, &domain))
		goto out;
	bare = slice_sub(local, 0, slice_find_char(local, '+'));
	slice_cut(local, conf->delimiter, &local, &(struct slice){0});
	n = NEWCOMER_OURS;
	if (is_ours(conf, slice_str(canonical)) ||
	    is_ours(conf,
		    slice_str(arena_printf(a, "%.*s@%.*s", SLICE_ARG(local), SLICE_ARG(domain)))))
		goto out;
	n = is_robot(bare) ? NEWCOMER_ROBOT : NEWCOMER_FINE;
out:
	arena_free(a);
	return n;
}

/* --- whence it comes ------------------------------------------------------------------------ */

/* An address in digits as the name of a counter: an IPv6 subscriber has a whole /64. False for this
 * machine and what lies behind the same door (RFC 1918, 4193): that is the site's own. */
static bool
host_name(struct slice text, char *out, size_t n)
{
	char digits[INET6_ADDRSTRLEN], name[INET6_ADDRSTRLEN];
	struct in_addr v4;
	struct in6_addr v6;
	if (slice_starts_ci(text, SLICE("IPv6:")))
		text = slice_from(text, 5);
	if (text.n == 0 || text.n >= sizeof(digits))
		return false;
	memcpy(digits, text.p, text.n);
	digits[text.n] = '\0';
	if (inet_pton(AF_INET6, digits, &v6) == 1) {
		if (!IN6_IS_ADDR_V4MAPPED(&v6)) {
			if (IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) ||
			    (v6.s6_addr[0] & 0xfe) == 0xfc)
				return false;
			memset(v6.s6_addr + 8, 0, 8);
			inet_ntop(AF_INET6, &v6, name, sizeof(name));
			snprintf(out, n, "net:%s/64", name);
			return true;
		}
		memcpy(&v4, v6.s6_addr + 12, 4);
	} else if (inet_pton(AF_INET, digits, &v4) != 1) {
		return false;
	}
	uint32_t a = ntohl(v4.s_addr);
	if (a >> 24 == 127 || a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8)
		return false;
	inet_ntop(AF_INET, &v4, name, sizeof(name));
	snprintf(out, n, "net:%s", name);
	return true;
}

/* The host of a Received field (RFC 5321 4.4): "from HELO (NAME [ADDRESS]) by …". Only what stands
 * in brackets was seen by the server; the rest was said to it. */
static bool
received_host(struct slice value, char *out, size_t n)
{
	struct slice by = SLICE(" by ");
	struct slice from = slice_sub(value, 0, slice_find_ci(value, by));
	bool found = false;
	if (!slice_starts_ci(from, SLICE("from ")))
		return false;
	size_t comment = slice_find_char(from, '(');
	for (from = slice_from(from, comment); from.n > 0;) {
		struct slice rest, inside, head;
		if (!slice_cut(from, '[', &head, &rest) || !slice_cut(rest, ']', &inside, &from))
			break;
		found = host_name(inside, out, n);
	}
	return found;
}

const char *
newcomer_host(struct work *w)
{
	char name[80];
	struct slice peer = envelope_get(&w->env, "peer");
	if (host_name(peer, name, sizeof(name)))
		return arena_str(w->arena, slice_str(name));
	const struct field *f = message_field(&w->message, "Received");
	if (f && received_host(header_unfold(w->arena, f->value), name, sizeof(name)))
		return arena_str(w->arena, slice_str(name));
	return "";
}

const char *
newcomer_domain(struct work *w)
{
	struct slice local, domain;
	const char *canonical = address_canonical(w->arena, w->sender);
	if (w->sender.n == 0 || !address_split(slice_str(canonical), &local, &domain))
		return "domain:";
	return arena_printf(w->arena, "domain:%.*s", SLICE_ARG(domain));
}

struct source {
	const char *name;
	int max;
};
#define SOURCES 2

static void
find_sources(struct work *w, struct source sources[SOURCES])
{
	sources[0] = (struct source){newcomer_host(w), FLOOD_SOURCE_HOST};
	sources[1] = (struct source){newcomer_domain(w), FLOOD_SOURCE_DOMAIN};
}

int
newcomer_may_ask(struct work *w, struct err *e)
{
	struct source sources[SOURCES];
	find_sources(w, sources);
	for (size_t i = 0; i < SOURCES; i++) {
		if (!sources[i].name[0])
			continue;
		int may =
		    flood_allow(w->site->db, "source", sources[i].name, sources[i].max, w->now, e);
		if (may == 0)
			log_warning("%s: requests from %s named %d strangers today; no more of "
				    "them are asked",
				    w->id, log_str(slice_str(sources[i].name)), sources[i].max);
		if (may != 1)
			return may;
	}
	return 1;
}

bool
newcomer_had_enough(struct work *w)
{
	struct source sources[SOURCES];
	find_sources(w, sources);
	for (size_t i = 0; i < SOURCES; i++)
		if (flood_used(w->site->db, "source", sources[i].name, w->now) >= sources[i].max)
			return true;
	return false;
}
