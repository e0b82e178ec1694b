/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/digests.h"

#include <stdlib.h>

#include "archive/forest.h"
#include "base/log.h"

struct digests {
	struct db *db;
	struct arena *arena; /* as long as one call */
};

/* key is NULL where no Message-ID is quoted; target and its date and rank are 0 where nothing fits.
 */
const char *const digests_schema[] = {
    "CREATE TABLE trace(id INTEGER PRIMARY KEY, trace BLOB NOT NULL)",
    "CREATE TABLE digest_reply(id INTEGER PRIMARY KEY, list INTEGER NOT NULL,"
    " date INTEGER NOT NULL, rank INTEGER NOT NULL, ref INTEGER NOT NULL, home INTEGER NOT NULL,"
    " keep INTEGER NOT NULL, key BLOB, evidence BLOB NOT NULL, title TEXT NOT NULL,"
    " target INTEGER NOT NULL, fit INTEGER NOT NULL, target_date INTEGER NOT NULL,"
    " target_rank INTEGER NOT NULL)",
    "CREATE INDEX digest_date ON digest_reply(list, date, rank)",
    "CREATE INDEX digest_ref ON digest_reply(ref) WHERE ref > 0",
    "CREATE INDEX digest_key ON digest_reply(list, key) WHERE key IS NOT NULL",
    NULL};

struct digests *
digests_new(struct db *db)
{
	struct digests *d = calloc(1, sizeof *d);

	if (!d)
		fatal("no memory");
	d->db = db;
	d->arena = arena_new();
	return d;
}

void
digests_free(struct digests *d)
{
	if (!d)
		return;
	arena_free(d->arena);
	free(d);
}

/* --- from the reply's side -------------------------------------------------------------------- */

static bool
is_better(const struct digest_target *a, const struct digest_target *b)
{
	if (a->fit != b->fit)
		return a->fit > b->fit;
	if (a->date != b->date)
		return a->date > b->date;
	return a->rank > b->rank;
}

/* The row of a candidate: id, key, date, rank, the row with its id, trace. */
static void
consider(struct digests *d, struct db_query *q, const struct digest_evidence *ev, int64_t home,
	 struct digest_target *best)
{
	struct slice key = db_blob(q, 1);
	struct digest_target t = {.row = db_int(q, 0), .date = db_int(q, 2), .rank = db_int(q, 3)};
	int64_t twin_of = db_int(q, 4);
	struct trace trace;

	arena_reset(d->arena);
	if (key.n != NODE_KEY_SIZE || (twin_of ? twin_of : t.row) == home ||
	    !trace_unpack(&trace, d->arena, db_blob(q, 5)))
		return;
	t.fit = digest_fit(ev, (const uint8_t *)key.p, t.date, &trace);
	if (t.fit > 0 && is_better(&t, best))
		*best = t;
}

#define CANDIDATE                                                                                  \
	"SELECT n.id, n.key, n.date, n.rank, n.twin_of, t.trace FROM node n"                       \
	" JOIN trace t ON t.id = n.id WHERE n.state <> 1 AND n.list = ?"

int
digests_find(struct digests *d, const struct digest_evidence *ev, const struct node *reply,
	     int64_t home, struct digest_target *best, struct err *e)
{
	struct db_query q;
	int r;

	*best = (struct digest_target){0};
	if (ev->by_id) {
		if (db_ask(d->db, &q, e, CANDIDATE " AND n.key = ?", "ib", reply->list,
			   slice_make((const char *)ev->key, NODE_KEY_SIZE)) < 0)
			return -1;
		while ((r = db_next(&q, e)) == 1)
			consider(d, &q, ev, home, best);
		db_end(&q);
		if (r < 0 || best->row != 0)
			return r;
	}
	if (db_ask(d->db, &q, e, CANDIDATE " AND n.date >= ? AND (n.date, n.rank) < (?, ?)", "iiii",
		   reply->list, reply->date - FOREST_SUBJECT_WINDOW, reply->date, reply->rank) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		consider(d, &q, ev, home, best);
	db_end(&q);
	return r;
}

int
digests_add_reply(struct digests *d, const struct node *n, int64_t ref,
		  const struct digest_evidence *ev, const struct digest_target *best, struct err *e)
{
	struct slice key = slice_make((const char *)ev->key, NODE_KEY_SIZE);
	int64_t r;

	arena_reset(d->arena);
	r = db_do(d->db, e,
		  "INSERT INTO digest_reply(id, list, date, rank, ref, home, keep, key, evidence,"
		  " title, target, fit, target_date, target_rank)"
		  " VALUES(?, ?, ?, ?, ?, ?, ?, nullif(?, x''), ?, ?, ?, ?, ?, ?)",
		  "iiiiiiibbsiiii", n->id, n->list, n->date, n->rank, ref,
		  n->twin_of ? n->twin_of : n->id, (int64_t)ev->keep_reference,
		  ev->by_id ? key : SLICE(""), digest_pack(ev, d->arena), ev->title, best->row,
		  (int64_t)best->fit, best->date, best->rank);
	return r < 0 ? -1 : 0;
}

int
digests_add_trace(struct digests *d, int64_t id, struct slice trace, struct err *e)
{
	return db_do(d->db, e, "INSERT OR REPLACE INTO trace(id, trace) VALUES(?, ?)", "ib", id,
		     trace) < 0
		   ? -1
		   : 0;
}

/* --- from the message's side ------------------------------------------------------------------ */

struct met {
	int64_t reply;
	struct digest_target target;
};

struct mets {
	struct met *v;
	size_t n, cap;
};

static void
put_met(struct mets *ms, struct met m)
{
	if (ms->n == ms->cap) {
		ms->cap = ms->cap ? ms->cap * 2 : 16;
		ms->v = reallocarray(ms->v, ms->cap, sizeof *ms->v);
		if (!ms->v)
			fatal("no memory");
	}
	ms->v[ms->n++] = m;
}

#define REPLY                                                                                      \
	"SELECT id, home, evidence, target, fit, target_date, target_rank FROM digest_reply"       \
	" WHERE list = ?"

/* All replies that a query finds: does n fit better than what they have? */
static int
compare(struct db_query *q, const struct node *n, int64_t home,
	const struct trace *t, struct mets *ms, struct err *e)
{
	struct arena *a = arena_new();
	int r;

	while ((r = db_next(q, e)) == 1) {
		struct digest_target now = {.row = n->id, .date = n->date, .rank = n->rank};
		struct digest_target had = {db_int(q, 3), (int)db_int(q, 4), db_int(q, 5),
					    db_int(q, 6)};
		struct digest_evidence ev;

		arena_reset(a);
		if (db_int(q, 1) == home || !digest_unpack(&ev, a, db_blob(q, 2)))
			continue;
		now.fit = digest_fit(&ev, n->key, n->date, t);
		if (now.fit > 0 && is_better(&now, &had))
			put_met(ms, (struct met){db_int(q, 0), now});
	}
	db_end(q);
	arena_free(a);
	return r;
}

static int
find_met(struct digests *d, const struct node *n, int64_t home, const struct trace *t,
	 struct mets *ms, struct err *e)
{
	struct db_query q;

	if (db_ask(d->db, &q, e, REPLY " AND (date, rank) > (?, ?) AND date <= ?", "iiii", n->list,
		   n->date, n->rank, n->date + FOREST_SUBJECT_WINDOW) < 0 ||
	    compare(&q, n, home, t, ms, e) < 0)
		return -1;
	if (db_ask(d->db, &q, e, REPLY " AND key = ? AND key IS NOT NULL", "ib", n->list,
		   slice_make((const char *)n->key, NODE_KEY_SIZE)) < 0)
		return -1;
	return compare(&q, n, home, t, ms, e);
}

static int
find_waiting(struct digests *d, int64_t ref, struct ids *moved, struct err *e)
{
	struct db_query q;
	int r;

	if (db_ask(d->db, &q, e, "SELECT id FROM digest_reply WHERE ref = ? AND ref > 0", "i",
		   ref) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		ids_put(moved, db_int(&q, 0));
	db_end(&q);
	return r;
}

int
digests_met(struct digests *d, const struct node *n, int64_t home, struct slice trace,
	    struct ids *moved, struct err *e)
{
	struct mets ms = {0};
	struct trace t;
	int ret = -1;

	arena_reset(d->arena);
	if (trace.n > 0 && trace_unpack(&t, d->arena, trace) &&
	    find_met(d, n, home, &t, &ms, e) < 0)
		goto out;
	for (size_t i = 0; i < ms.n; i++) {
		const struct digest_target *best = &ms.v[i].target;

		if (db_do(d->db, e,
			  "UPDATE digest_reply SET target = ?, fit = ?, target_date = ?,"
			  " target_rank = ? WHERE id = ?",
			  "iiiii", best->row, (int64_t)best->fit, best->date, best->rank,
			  ms.v[i].reply) < 0)
			goto out;
		ids_put(moved, ms.v[i].reply);
	}
	ret = find_waiting(d, n->id, moved, e);
out:
	free(ms.v);
	return ret;
}

int
digests_wish(struct digests *d, int64_t id, struct digest_wish *w, struct err *e)
{
	struct db_query q;
	int r;

	if (db_ask(d->db, &q, e, "SELECT ref, target, keep FROM digest_reply WHERE id = ?", "i",
		   id) < 0)
		return -1;
	r = db_next(&q, e);
	if (r == 1)
		*w = (struct digest_wish){db_int(&q, 0), db_int(&q, 1), db_int(&q, 2) != 0};
	db_end(&q);
	return r;
}

/* --- what goes -------------------------------------------------------------------------------- */

int
digests_withdraw(struct digests *d, int64_t id, struct err *e)
{
	return db_do(d->db, e, "DELETE FROM trace WHERE id = ?", "i", id) < 0 ||
		       db_do(d->db, e, "UPDATE digest_reply SET title = '' WHERE id = ?", "i", id) <
			   0
		   ? -1
		   : 0;
}

int
digests_drop_list(struct digests *d, int64_t list, struct err *e)
{
	return db_do(d->db, e, "DELETE FROM trace WHERE id IN (SELECT id FROM node WHERE list = ?)",
		     "i", list) < 0 ||
		       db_do(d->db, e, "DELETE FROM digest_reply WHERE list = ?", "i", list) < 0
		   ? -1
		   : 0;
}
