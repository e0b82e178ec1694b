/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held: see held.h. Who decides first wins, by the WHERE of one UPDATE; everyone after that is told
 * who it was.
 */
#include "daemon/held.h"

#include <string.h>

#include "conf/text.h"
#include "mail/address.h"

#define COLUMNS                                                                                    \
	"number, spool, list, sender, from_text, subject, msgid, reasons, excerpt, received, "     \
	"expires, decided, decision, decided_by, why, settled, "                                   \
	"reminded"

static void
held_read(struct db_query *q, struct arena *a, struct held *h)
{
	h->number = db_int(q, 0);
	h->spool = arena_str(a, db_text(q, 1));
	h->list = arena_str(a, db_text(q, 2));
	h->sender = arena_str(a, db_text(q, 3));
	h->from = arena_str(a, db_text(q, 4));
	h->subject = arena_str(a, db_text(q, 5));
	h->msgid = arena_str(a, db_text(q, 6));
	h->reasons = arena_str(a, db_text(q, 7));
	h->excerpt = arena_str(a, db_text(q, 8));
	h->received = db_int(q, 9);
	h->expires = db_int(q, 10);
	h->decided = db_int(q, 11);
	h->decision = arena_str(a, db_text(q, 12));
	h->decided_by = arena_str(a, db_text(q, 13));
	h->why = arena_str(a, db_text(q, 14));
	h->settled = (int)db_int(q, 15);
	h->reminded = (int)db_int(q, 16);
}

int
held_add(struct db *db, struct held *h, int64_t now, struct err *e)
{
	(void)now;
	if (db_do(db, e,
		  "INSERT INTO held (spool, list, sender, from_text, subject, msgid, reasons,"
		  " excerpt, received, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		  "ttttttttii", h->spool, h->list, h->sender, h->from, h->subject, h->msgid,
		  h->reasons, h->excerpt, h->received, h->expires) < 0)
		return -1;
	h->number = db_last_rowid(db);
	return 0;
}

static int
held_first(struct db_query *q, struct arena *a, struct held *h, struct err *e)
{
	int r = db_next(q, e);
	if (r == 1)
		held_read(q, a, h);
	db_end(q);
	return r;
}

int
held_get(struct db *db, struct arena *a, int64_t number, struct held *h, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM held WHERE number = ?", "i", number) < 0)
		return -1;
	return held_first(&q, a, h, e);
}

int
held_by_spool(struct db *db, struct arena *a, const char *spool, const char *list, struct held *h,
	      struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM held WHERE spool = ? AND list = ?", "tt",
		   spool, list) < 0)
		return -1;
	return held_first(&q, a, h, e);
}

int
held_decide(struct db *db, struct arena *a, int64_t number, const char *decision, const char *by,
	    const char *why, int64_t now, struct held *h, struct err *e)
{
	int64_t n = db_do(db, e,
			  "UPDATE held SET decided = ?, decision = ?, decided_by = ?, why = ?"
			  " WHERE number = ? AND decided = 0",
			  "ittti", now, decision, by, why, number);
	if (n < 0)
		return -1;
	int r = held_get(db, a, number, h, e);
	if (r == 0)
		return err_permanent(e, "no held post has the number %lld", (long long)number);
	return r < 0 ? -1 : n > 0;
}

int
held_need_count(struct db *db, const char *spool, int64_t *n, struct err *e)
{
	return db_one_int(db, e, n, "SELECT count(*) FROM held WHERE spool = ? AND settled = 0",
			  "t", spool) < 0
		   ? -1
		   : 0;
}

int
held_settle(struct db *db, int64_t number, int settled, struct err *e)
{
	return db_do(db, e,
		     "UPDATE held SET settled = ?1 WHERE number = ?2 AND decided > 0"
		     " AND settled < ?1",
		     "ii", (int64_t)settled, number) < 0
		   ? -1
		   : 0;
}

int
held_remind(struct db *db, int64_t number, int reminded, struct err *e)
{
	return db_do(db, e, "UPDATE held SET reminded = ? WHERE number = ?", "ii",
		     (int64_t)reminded, number) < 0
		   ? -1
		   : 0;
}

const char *
held_decision_phrase(const char *decision)
{
	static const struct {
		const char *decision, *phrase;
	} phrases[] = {{"accept", N_("accepted")},
		       {"reject", N_("rejected")},
		       {"discard", N_("discarded")},
		       {"cancel", N_("taken back by its author")},
		       {"expire", N_("expired")}};
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (strcmp(phrases[i].decision, decision) == 0)
			return phrases[i].phrase;
	return N_("undecided");
}

static int
held_walk(struct db_query *q, int (*each)(void *arg, const struct held *h), void *arg,
	  struct err *e)
{
	struct arena *a = arena_new();
	struct held h;
	int r;
	while ((r = db_next(q, e)) == 1) {
		arena_reset(a);
		held_read(q, a, &h);
		if (each(arg, &h) < 0)
			break;
	}
	db_end(q);
	arena_free(a);
	return r < 0 ? -1 : 0;
}

/* "+number": by an index over what waits, since rows that were decided stay for ever. */
int
held_each(struct db *db, const char *list, int (*each)(void *arg, const struct held *h), void *arg,
	  struct err *e)
{
	struct db_query q;
	int r = list
		    ? db_ask(db, &q, e,
			     "SELECT " COLUMNS " FROM held WHERE decided = 0 AND list = ?"
			     " ORDER BY number",
			     "t", list)
		    : db_ask(db, &q, e,
			     "SELECT " COLUMNS " FROM held WHERE decided = 0 ORDER BY +number", "");
	return r < 0 ? -1 : held_walk(&q, each, arg, e);
}

int64_t
held_open(struct db *db, const char *list, struct err *e)
{
	int64_t n = 0;
	return db_one_int(db, e, &n, "SELECT count(*) FROM held WHERE decided = 0 AND list = ?",
			  "t", list) < 0
		   ? -1
		   : n;
}

int
held_each_unsettled(struct db *db, int (*each)(void *arg, const struct held *h), void *arg,
		    struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM held WHERE decided > 0 AND settled < 2"
		   " ORDER BY +number",
		   "") < 0)
		return -1;
	return held_walk(&q, each, arg, e);
}

int
held_each_expired(struct db *db, int64_t now, int (*each)(void *arg, const struct held *h),
		  void *arg, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM held WHERE decided = 0 AND expires <= ?"
		   " ORDER BY +number",
		   "i", now) < 0)
		return -1;
	return held_walk(&q, each, arg, e);
}

/* Senders stand as they write themselves: all rows are looked at, which is for rare requests. */
struct of {
	struct slice address;
	int (*each)(void *arg, const struct held *h);
	void *arg;
};

static int
held_if_of(void *arg, const struct held *h)
{
	struct of *of = arg;
	return h->sender[0] && address_eq(slice_str(h->sender), of->address) ? of->each(of->arg, h)
									     : 0;
}

int
held_each_of(struct db *db, struct slice address, int (*each)(void *arg, const struct held *h),
	     void *arg, struct err *e)
{
	struct of of = {address, each, arg};
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM held ORDER BY number", "") < 0)
		return -1;
	return held_walk(&q, held_if_of, &of, e);
}

struct numbers {
	struct arena *a;
	int64_t *v;
	size_t n, cap;
};

static int
held_number(void *arg, const struct held *h)
{
	struct numbers *ns = arg;
	if (ns->n == ns->cap) {
		size_t cap = ns->cap ? ns->cap * 2 : 64;
		int64_t *more = arena_array(ns->a, cap, sizeof(*more));
		if (ns->n)
			memcpy(more, ns->v, ns->n * sizeof(*more));
		ns->v = more;
		ns->cap = cap;
	}
	ns->v[ns->n++] = h->number;
	return 0;
}

int64_t
held_forget(struct db *db, struct slice address, const char *name, struct err *e)
{
	struct numbers ns = {.a = arena_new()};
	int64_t n = held_each_of(db, address, held_number, &ns, e);
	for (size_t i = 0; n >= 0 && i < ns.n; i++)
		if (db_do(db, e,
			  "UPDATE held SET sender = '', from_text = ?, subject = '', msgid = '',"
			  " excerpt = '', reasons = '', why = '' WHERE number = ? AND decided > 0",
			  "ti", name, ns.v[i]) < 0)
			n = -1;
	if (n >= 0 && db_do(db, e, "UPDATE held SET decided_by = ? WHERE decided_by = ?", "tt",
			    name, address_canonical(ns.a, address)) < 0)
		n = -1;
	if (n >= 0)
		n = (int64_t)ns.n;
	arena_free(ns.a);
	return n;
}

bool
held_needs_file(struct db *db, const char *spool)
{
	int64_t n = 0;
	return db_one_int(db, NULL, &n, "SELECT count(*) FROM held WHERE spool = ? AND settled < ?",
			  "ti", spool, (int64_t)HELD_SETTLED) < 0 ||
	       n > 0;
}
