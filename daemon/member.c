/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * member: see member.h. One writer of memberships: every change goes through a function here that
 * writes its event in the same transaction.
 */
#include "daemon/member.h"

#include <string.h>

#include "daemon/member_event.h"
#include "daemon/option.h"
#include "daemon/queue.h"
#include "mail/address.h"

#define DECAY_S (7 * 86400) /* without bounces, for a point off */

#define COLUMNS                                                                                    \
	"id, list, address, wire, name, delivery, vacation, ack, copy, language, grp, since, "     \
	"posts, bounce_score, bounce_last, paused, digest_plain"

static void
member_read(struct db_query *q, struct arena *a, struct member *m)
{
	m->id = db_int(q, 0);
	m->list = arena_str(a, db_text(q, 1));
	m->address = arena_str(a, db_text(q, 2));
	m->wire = arena_str(a, db_text(q, 3));
	m->name = arena_str(a, db_text(q, 4));
	m->delivery = arena_str(a, db_text(q, 5));
	m->vacation = db_int(q, 6);
	m->ack = db_int(q, 7) != 0;
	m->copy = db_int(q, 8) != 0;
	m->language = arena_str(a, db_text(q, 9));
	m->group = arena_str(a, db_text(q, 10));
	m->since = db_int(q, 11);
	m->posts = db_int(q, 12);
	m->bounce_score = (int)db_int(q, 13);
	m->bounce_last = db_int(q, 14);
	m->paused = db_int(q, 15);
	m->digest_plain = db_int(q, 16) != 0;
}

/* The one row of a query that was just asked. */
static int
member_first(struct db_query *q, struct arena *a, struct member *m, struct err *e)
{
	int r = db_next(q, e);
	if (r == 1)
		member_read(q, a, m);
	db_end(q);
	return r;
}

int
member_find(struct db *db, struct arena *a, const char *list, struct slice address,
	    struct member *m, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM subscription WHERE list = ? AND address = ?",
		   "tt", list, address_canonical(a, address)) < 0)
		return -1;
	return member_first(&q, a, m, e);
}

int
member_by_id(struct db *db, struct arena *a, int64_t id, struct member *m, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM subscription WHERE id = ?", "i", id) < 0)
		return -1;
	return member_first(&q, a, m, e);
}

int
member_add(struct db *db, const char *list, struct slice wire, struct slice name,
	   const char *delivery, const char *language, const char *by, int64_t now, int64_t *id,
	   struct err *e)
{
	struct arena *a = arena_new();
	const char *address = address_canonical(a, wire);
	int ret = -1;
	int64_t n =
	    db_do(db, e,
		  "INSERT INTO subscription (list, address, wire, name, delivery, language,"
		  " since) VALUES (?, ?, ?, ?, ?, ?, ?)"
		  " ON CONFLICT (list, address) DO NOTHING",
		  "ttsstti", list, address, wire, name, delivery, language ? language : "", now);
	if (n < 0)
		goto out;
	if (n == 0) {
		ret = db_one_int(db, e, id,
				 "SELECT id FROM subscription WHERE list = ? AND address = ?", "tt",
				 list, address) < 0
			  ? -1
			  : 0;
		goto out;
	}
	*id = db_last_rowid(db);
	ret = member_event_add(db, list, address, "join", by, delivery, now, e) < 0 ? -1 : 1;
out:
	arena_free(a);
	return ret;
}

int
member_remove(struct db *db, int64_t id, const char *by, const char *why, int64_t now,
	      struct err *e)
{
	struct arena *a = arena_new();
	struct member m;
	int ret = member_by_id(db, a, id, &m, e);
	if (ret != 1)
		goto out;
	ret = -1;
	if (db_do(db, e, "DELETE FROM subscription WHERE id = ?", "i", id) < 0)
		goto out;
	if (queue_take_back(db, id, e) < 0 ||
	    member_event_add(db, m.list, m.address, "leave", by, why, now, e) < 0)
		goto out;
	ret = 1;
out:
	arena_free(a);
	return ret;
}

/* --- options -------------------------------------------------------------------------------- */

/* Whoever was paused and wants mail again begins with a clean score, else the next look would pause
 * her anew. */
#define BACK "bounce_score = CASE WHEN paused > 0 THEN 0 ELSE bounce_score END, paused = 0"

/* ?1 what was read, ?2 the row. */
static const char *const updates[OPTIONS] = {
    [OPTION_DELIVERY] = "UPDATE subscription SET delivery = ?1, " BACK " WHERE id = ?2",
    [OPTION_VACATION] = "UPDATE subscription SET vacation = ?1 WHERE id = ?2",
    [OPTION_DIGEST] =
	"UPDATE subscription SET digest_plain = ?1, delivery = 'digest', " BACK " WHERE id = ?2",
    [OPTION_ACK] = "UPDATE subscription SET ack = ?1 WHERE id = ?2",
    [OPTION_COPY] = "UPDATE subscription SET copy = ?1 WHERE id = ?2",
    [OPTION_LANGUAGE] = "UPDATE subscription SET language = ?1 WHERE id = ?2",
    [OPTION_GROUP] = "UPDATE subscription SET grp = ?1 WHERE id = ?2",
    [OPTION_BOUNCE_SCORE] = "UPDATE subscription SET bounce_score = ?1 WHERE id = ?2",
};

int
member_set(struct db *db, int64_t id, const char *key, const char *value, const char *by,
	   int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	struct option o;
	struct member m;
	int64_t n;
	int found, ret = -1;
	if (option_read(a, key, slice_str(value), &o, e) < 0)
		goto out;
	found = member_by_id(db, a, id, &m, e);
	if (found != 1) {
		if (found == 0)
			err_permanent(e, "the member has left");
		goto out;
	}
	n = o.text ? db_do(db, e, updates[o.which], "ti", o.text, id)
		   : db_do(db, e, updates[o.which], "ii", o.number, id);
	if (n < 0 || member_event_add(db, m.list, m.address, "set", by,
				      arena_printf(a, "%s=%s", key, value), now, e) < 0)
		goto out;
	ret = 0;
out:
	arena_free(a);
	return ret;
}

/* --- bounces -------------------------------------------------------------------------------- */

int
member_bounced(struct db *db, int64_t id, int half_points, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "UPDATE subscription SET bounce_score = max(bounce_score + ?1, 0),"
		     " bounce_last = CASE WHEN ?1 > 0 THEN ?2 ELSE bounce_last END WHERE id = ?3",
		     "iii", (int64_t)half_points, now, id) < 0
		   ? -1
		   : 0;
}

int64_t
member_decay(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "UPDATE subscription INDEXED BY subscription_bounced"
		     " SET bounce_score = max(bounce_score - 2, 0),"
		     " decayed = max(bounce_last, decayed) + ?2"
		     " WHERE bounce_score > 0 AND paused = 0"
		     " AND max(bounce_last, decayed) + ?2 <= ?1",
		     "ii", now, (int64_t)DECAY_S);
}

/* sql changes the row ?1 to ?2 if it is not so yet. */
static int
change_pause(struct db *db, int64_t id, const char *sql, int64_t since, const char *what,
	     const char *by, int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	struct member m;
	int ret = member_by_id(db, a, id, &m, e);
	if (ret == 1)
		ret = (int)db_do(db, e, sql, "ii", id, since);
	if (ret == 1 && member_event_add(db, m.list, m.address, what, by, "", now, e) < 0)
		ret = -1;
	arena_free(a);
	return ret;
}

int
member_pause(struct db *db, int64_t id, int64_t now, struct err *e)
{
	return change_pause(db, id,
			    "UPDATE subscription SET paused = ?2 WHERE id = ?1 AND paused = 0", now,
			    "pause", "plenary", now, e);
}

int
member_resume(struct db *db, int64_t id, const char *by, int64_t now, struct err *e)
{
	return change_pause(db, id,
			    "UPDATE subscription SET paused = ?2, bounce_score = 0"
			    " WHERE id = ?1 AND paused > 0",
			    0, "resume", by, now, e);
}

int
member_posted(struct db *db, int64_t id, struct err *e)
{
	return db_do(db, e, "UPDATE subscription SET posts = posts + 1 WHERE id = ?", "i", id) < 0
		   ? -1
		   : 0;
}

/* --- walking -------------------------------------------------------------------------------- */

int
member_each(struct db *db, const char *list, int (*each)(void *arg, const struct member *m),
	    void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	struct member m;
	int r;
	r = list ? db_ask(db, &q, e,
			  "SELECT " COLUMNS " FROM subscription WHERE list = ? ORDER BY address",
			  "t", list)
		 : db_ask(db, &q, e, "SELECT " COLUMNS " FROM subscription ORDER BY list, address",
			  "");
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			arena_reset(a);
			member_read(&q, a, &m);
			if (each(arg, &m) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

/* All rows of a query that was just asked. */
static int
member_all(struct db_query *q, struct arena *a, struct member **ms, size_t *n, struct err *e)
{
	size_t cap = 0;
	int r;
	*ms = NULL;
	*n = 0;
	while ((r = db_next(q, e)) == 1) {
		if (*n == cap) {
			struct member *more = arena_array(a, cap ? cap * 2 : 8, sizeof(**ms));
			if (*n)
				memcpy(more, *ms, *n * sizeof(**ms));
			cap = cap ? cap * 2 : 8;
			*ms = more;
		}
		member_read(q, a, &(*ms)[(*n)++]);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
member_of(struct db *db, struct arena *a, struct slice address, struct member **ms, size_t *n,
	  struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM subscription WHERE address = ? ORDER BY list", "t",
		   address_canonical(a, address)) < 0)
		return -1;
	return member_all(&q, a, ms, n, e);
}

int
member_bouncing(struct db *db, struct arena *a, const char *list, int half_points,
		struct member **ms, size_t *n, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM subscription"
		   " WHERE list = ? AND bounce_score >= ? AND bounce_score > 0 AND paused = 0",
		   "ti", list, (int64_t)half_points) < 0)
		return -1;
	return member_all(&q, a, ms, n, e);
}

int
member_returned(struct db *db, struct arena *a, int64_t now, struct member **ms, size_t *n,
		struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM subscription"
		   " WHERE vacation > 0 AND vacation < ? ORDER BY vacation LIMIT 500",
		   "i", now) < 0)
		return -1;
	return member_all(&q, a, ms, n, e);
}

int64_t
member_count(struct db *db, const char *list)
{
	int64_t n = 0;
	return db_one_int(db, NULL, &n, "SELECT count(*) FROM subscription WHERE list = ?", "t",
			  list) < 0
		   ? -1
		   : n;
}

bool
member_has_mail(struct db *db, const char *list)
{
	int64_t n = 0;
	/* After an error the answer is yes: what hangs on it is only work for nothing. */
	return db_one_int(db, NULL, &n,
			  "SELECT EXISTS (SELECT 1 FROM subscription"
			  " WHERE list = ? AND delivery = 'mail' AND paused = 0)",
			  "t", list) < 0 ||
	       n != 0;
}

int
member_has_digests(struct db *db, const char *list, struct err *e)
{
	int64_t n = 0;
	return db_one_int(db, e, &n,
			  "SELECT EXISTS (SELECT 1 FROM subscription"
			  " WHERE list = ? AND delivery = 'digest')",
			  "t", list) < 0
		   ? -1
		   : n != 0;
}

int
member_each_digest(struct db *db, const char *list,
		   int (*each)(void *arg, const char *language, bool plain), void *arg,
		   struct err *e)
{
	struct db_query q;
	struct arena *a = arena_new();
	int r = db_ask(db, &q, e,
		       "SELECT DISTINCT language, digest_plain FROM subscription"
		       " WHERE list = ? AND delivery = 'digest' ORDER BY language, digest_plain",
		       "t", list);
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1)
			if (each(arg, arena_str(a, db_text(&q, 0)), db_int(&q, 1) != 0) < 0)
				break;
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}
