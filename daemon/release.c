/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * release: see release.h. A post is let go as if a moderator had accepted it, by "the clock". One
 * of an author at a time: it counts for the day only when it has gone out.
 */
#include "daemon/release.h"

#include <string.h>

#include "base/log.h"
#include "daemon/conduct.h"
#include "daemon/moderate.h"
#include "daemon/quota.h"
#include "daemon/reasons.h"

struct candidate {
	int64_t number;
	const char *list, *sender, *reasons, *spool;
	struct candidate *next;
};

struct sweep {
	struct site *site;
	struct arena *a;
	int64_t now;
	struct candidate *first, **last;
};

static int
note(void *arg, const struct held *h)
{
	struct sweep *s = arg;
	int64_t until;
	if (!reasons_pass_by_themselves(h->reasons, &until))
		return 0;
	for (struct candidate *c = s->first; c; c = c->next)
		if (strcmp(c->list, h->list) == 0 && strcmp(c->sender, h->sender) == 0)
			return 0;
	struct candidate *c = arena_zalloc(s->a, sizeof(*c));
	c->number = h->number;
	c->list = arena_str(s->a, slice_str(h->list));
	c->sender = arena_str(s->a, slice_str(h->sender));
	c->reasons = arena_str(s->a, slice_str(h->reasons));
	c->spool = arena_str(s->a, slice_str(h->spool));
	*s->last = c;
	s->last = &c->next;
	return 0;
}

/* 1 nothing holds it any more, 0, -1. */
static int
is_free(struct sweep *s, const struct candidate *c, struct err *e)
{
	const struct conf_list *l = conf_list_find(s->site->conf, slice_str(c->list));
	struct slice rest = slice_str(c->reasons), line, check, detail;
	struct conduct_event ev;
	int r;
	while (slice_next_line(&rest, &line)) {
		slice_cut(line, '\t', &check, &detail);
		if (slice_is(check, "cooled")) {
			struct slice key = detail, until;
			slice_cut(detail, ' ', &until, &key);
			r = conduct_cooled(s->site->db, s->a, c->list, "freeze",
					   arena_str(s->a, key), s->now, &ev, e);
			if (r != 0)
				return r < 0 ? -1 : 0;
		} else if (l && l->posts_per_day > 0) {
			int64_t n = quota_used(s->site->db, l, slice_str(c->sender), s->now, e);
			if (n < 0 || n >= l->posts_per_day)
				return n < 0 ? -1 : 0;
		}
	}
	return 1;
}

static int
let_go(struct sweep *s, const struct candidate *c, struct err *e)
{
	struct db *db = s->site->db;
	struct held h;
	char id[ID_MAX];
	id_derive(id, c->spool, arena_printf(s->a, "r%lld", (long long)c->number));
	if (db_begin(db, e) < 0)
		return -1;
	int first =
	    moderate_decide(s->site, s->a, c->number, "accept", "the clock", "", id, s->now, &h, e);
	if (first < 0 || db_commit(db, e) < 0) {
		db_rollback(db);
		return -1;
	}
	if (first == 0)
		return 0;
	log_info("held post %lld of %s goes out by itself", (long long)c->number, c->list);
	return moderate_settle(s->site, &h, e);
}

int
release_sweep(struct site *site, int64_t now, struct err *e)
{
	struct sweep s = {.site = site, .a = arena_new(), .now = now};
	int n = 0, r;
	s.last = &s.first;
	r = held_each(site->db, NULL, note, &s, e);
	for (struct candidate *c = s.first; c && r >= 0; c = c->next) {
		r = is_free(&s, c, e);
		if (r == 1) {
			r = let_go(&s, c, e);
			n++;
		}
	}
	arena_free(s.a);
	return r < 0 ? -1 : n;
}
