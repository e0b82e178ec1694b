/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/complaint.h"

#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "daemon/bounce.h"
#include "daemon/member_event.h"
#include "daemon/queue.h"
#include "daemon/send.h"
#include "daemon/ticket.h"

#define BY "complaint"               /* whose change of delivery it is, in the member's events */
#define AGAIN_EXPIRES (90LL * 86400) /* a reply; after that, "set mail" does the same */

#define SUBJECT_MAX 200 /* characters of it in our mail */

/* What a token says: for whom a mail was, and which one it was, or when it was sent. */
struct proof {
	int64_t subscription;
	int64_t seq;  /* of the post; minus the day of a leave token */
	int64_t sent; /* of a leave token; else 0 */
};

/* Types that ask for an end (RFC 5965 7.3; opt-out: what hubs said before it). Others are about the
 * mail and not about her wish: virus, fraud, not-spam (RFC 6430). */
static const char *const types[] = {"abuse", "opt-out", "opt-out-list"};

static bool
is_wish(struct slice type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_is_ci(type, types[i]))
			return true;
	return false;
}

/* --- whose ---------------------------------------------------------------------------------- */

/* The address of a copy: its return path, or its leave address. */
static bool
proof_of(struct work *w, struct slice address, struct proof *p)
{
	struct route route;
	uint64_t payload;
	route_classify(w->site->conf, address, &route);
	if ((route.function != ROUTE_BOUNCES && route.function != ROUTE_LEAVE) ||
	    route.token.n == 0 || !route_verify(&route, w->site->keys, &payload) || !payload)
		return false;
	int64_t low = (int64_t)(payload & 0xffff);
	bool leave = route.function == ROUTE_LEAVE;
	*p = (struct proof){.subscription = (int64_t)(payload >> 16),
			    .seq = leave ? -low : low,
			    .sent = leave ? low * 86400 : 0};
	return p->subscription > 0;
}

/* "<https://…>, <mailto:ADDRESS?subject=…>" (RFC 2369 2). */
static bool
proof_of_field(struct work *w, struct slice value, struct proof *p)
{
	struct slice head, rest = value, uri;
	while (slice_cut(rest, '<', &head, &rest)) {
		if (!slice_cut(rest, '>', &uri, &rest))
			return false;
		if (!slice_starts_ci(uri, SLICE("mailto:")))
			continue;
		slice_cut(slice_from(uri, 7), '?', &uri, &head);
		if (proof_of(w, uri, p))
			return true;
	}
	return false;
}

/* 1 and the member, 0 it is nobody's, -1. A copy for many (copies = "shared") proves nothing of
 * one. */
static int
find_member(struct work *w, const struct report *r, struct member *m, struct proof *p,
	    struct err *e)
{
	if (!proof_of(w, w->rcpt, p) && !proof_of(w, r->original_from, p) &&
	    !proof_of_field(w, r->original_unsubscribe, p))
		return 0;
	int found = member_by_id(w->site->db, w->arena, p->subscription, m, e);
	return found == 1 && !conf_list_find(w->site->conf, slice_str(m->list)) ? 0 : found;
}

/* --- what comes of it ----------------------------------------------------------------------- */

static int
tell(struct work *w, const struct member *m, const struct report *r, struct err *e)
{
	const struct conf_list *l = conf_list_find(w->site->conf, slice_str(m->list));
	const char *lang = m->language[0] ? m->language : l->language;
	struct ticket t = {.kind = "again",
			   .list = m->list,
			   .address = m->wire,
			   .detail = m->delivery,
			   .language = lang,
			   .expires = w->now + AGAIN_EXPIRES};
	char token[TOKEN_SIZE];
	if (ticket_add(w->site->db, w->site->keys, &t, w->now, token, e) < 0)
		return -1;
	char *local = send_token_address(w->arena, w->site->conf, m->list, "confirm", token);
	*strrchr(local, '@') = '\0';
	const struct text_value values[] = {
	    {"address", m->wire},
	    {"subject", arena_str(w->arena, utf8_head(r->original_subject, SUBJECT_MAX))},
	    {"again-url", arena_printf(w->arena, "%s/c/%s", w->site->conf->site_url, token)}};
	struct notice n = {.list = l,
			   .to = slice_str(m->wire),
			   .language = lang,
			   .template = "complaint",
			   .values = values,
			   .nvalues = sizeof(values) / sizeof(values[0]),
			   .from_local = local};
	return work_notice(w, &n, e);
}

/* What still waits for her is not sent either. */
static int
stop(struct work *w, const struct member *m, const struct report *r, struct err *e)
{
	log_warning("%s: a post of %s to %s was reported as spam: no more are sent there", w->id,
		    m->list, log_str(slice_str(m->address)));
	if (member_set(w->site->db, m->id, "delivery", "nomail", BY, w->now, e) < 0 ||
	    queue_take_back(w->site->db, m->id, e) < 0)
		return -1;
	return tell(w, m, r, e);
}

int
complaint_handle(struct work *w, const struct report *r, struct err *e)
{
	struct slice type = r->v[0].diagnostic;
	struct member m;
	struct proof p;
	const char *by;
	int64_t chosen;
	int found = find_member(w, r, &m, &p, e);
	if (found < 0)
		return -1;
	log_info("%s: feedback report (%s) about %s", w->id, log_str(type),
		 found ? log_str(slice_str(m.address)) : "nobody whom a token of ours names");
	if (!found || !is_wish(type))
		return 0;
	struct bounce b = {
	    .list = m.list, .subscription = m.id, .seq = p.seq, .status = {NULL, 0}, .text = type};
	int64_t sent = p.sent ? p.sent : bounce_post_time(w->site->db, &b, e);
	int added = sent < 0 ? -1 : bounce_complaint(w->site->db, &b, w->now, e);
	if (added <= 0 || strcmp(m.delivery, "nomail") == 0)
		return added < 0 ? -1 : 0;
	if (member_event_delivery(w->site->db, w->arena, &m, &by, &chosen, e) < 0)
		return -1;
	if (chosen > sent) {
		log_info("%s: %s has chosen since; nothing changes", w->id,
			 log_str(slice_str(m.address)));
		return 0;
	}
	return stop(w, &m, r, e);
}

int
complaint_stopped(struct db *db, struct arena *a, const struct member *m, int64_t *since,
		  struct err *e)
{
	const char *by;
	*since = 0;
	if (strcmp(m->delivery, "nomail") != 0)
		return 0;
	int found = member_event_delivery(db, a, m, &by, since, e);
	if (found == 1 && strcmp(by, BY) != 0)
		*since = found = 0;
	return found;
}
