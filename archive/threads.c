/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/threads.h"

#include <stdlib.h>
#include <string.h>

#include "archive/overview.h"
#include "base/clock.h"
#include "base/log.h"

struct month_change {
	int64_t list, month, messages, threads;
};

struct threads {
	struct db *db;
	struct marks *marks;
	int64_t epoch;
	struct month_change *changes;
	size_t nchanges, cap, hit;
};

const char *const threads_schema[] = {
    "CREATE TABLE epoch(n INTEGER NOT NULL)",
    "INSERT INTO epoch(n) VALUES(0)",
    "CREATE TABLE thread(id INTEGER PRIMARY KEY, list INTEGER NOT NULL, root INTEGER NOT NULL,"
    " root_key BLOB NOT NULL, root_epoch INTEGER NOT NULL, nodes INTEGER NOT NULL,"
    " messages INTEGER NOT NULL, first INTEGER NOT NULL, first_rank INTEGER NOT NULL,"
    " first_id INTEGER NOT NULL, last INTEGER NOT NULL)",
    "CREATE INDEX thread_first ON thread(list, first, root_key) WHERE messages > 0",
    "CREATE INDEX thread_last ON thread(list, last, root_key) WHERE messages > 0",
    "CREATE TABLE month(list INTEGER NOT NULL, month INTEGER NOT NULL,"
    " messages INTEGER NOT NULL, threads INTEGER NOT NULL, PRIMARY KEY(list, month))"
    " WITHOUT ROWID",
    NULL};

#define COLUMNS                                                                                    \
	"id, list, root, root_key, root_epoch, nodes, messages, first, first_rank, first_id, last"

int
threads_open(struct threads **out, struct db *db, struct marks *marks, struct err *e)
{
	struct threads *t = calloc(1, sizeof *t);

	if (!t)
		fatal("no memory");
	t->db = db;
	t->marks = marks;
	if (db_one_int(db, e, &t->epoch, "SELECT n FROM epoch", "") < 0) {
		free(t);
		return -1;
	}
	*out = t;
	return 0;
}

void
threads_close(struct threads *t)
{
	if (!t)
		return;
	free(t->changes);
	free(t);
}

int
threads_begin(struct threads *t, struct err *e)
{
	threads_forget(t);
	t->epoch++;
	return db_do(t->db, e, "UPDATE epoch SET n = ?", "i", t->epoch) < 0 ? -1 : 0;
}

void
threads_forget(struct threads *t)
{
	t->nchanges = t->hit = 0;
}

int64_t
threads_epoch(const struct threads *t)
{
	return t->epoch;
}

int
threads_flush(struct threads *t, struct err *e)
{
	int ret = -1;

	for (size_t i = 0; i < t->nchanges; i++) {
		const struct month_change *c = &t->changes[i];

		if (db_do(t->db, e,
			  "INSERT INTO month(list, month, messages, threads) VALUES(?, ?, ?, ?)"
			  " ON CONFLICT(list, month) DO UPDATE SET"
			  " messages = messages + excluded.messages,"
			  " threads = threads + excluded.threads",
			  "iiii", c->list, c->month, c->messages, c->threads) < 0)
			goto out;
	}
	ret = 0;
out:
	threads_forget(t);
	return ret;
}

/* --- months ----------------------------------------------------------------------------------- */

int
threads_month_of(int64_t date)
{
	int y, m, d;

	clock_civil(date, &y, &m, &d);
	return y * 100 + m;
}

static struct month_change *
change_of(struct threads *t, int64_t list, int month)
{
	size_t i = t->hit;

	/* Mail comes in months: the last one is the most likely one. */
	if (i < t->nchanges && t->changes[i].list == list && t->changes[i].month == month)
		return &t->changes[i];
	for (i = 0; i < t->nchanges; i++)
		if (t->changes[i].list == list && t->changes[i].month == month)
			break;
	if (i == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 64;
		t->changes = reallocarray(t->changes, t->cap, sizeof *t->changes);
		if (!t->changes)
			fatal("no memory");
	}
	if (i == t->nchanges)
		t->changes[t->nchanges++] = (struct month_change){list, month, 0, 0};
	t->hit = i;
	return &t->changes[i];
}

void
threads_month(struct threads *t, int64_t list, int64_t date, int by)
{
	int month = threads_month_of(date);

	change_of(t, list, month)->messages += by;
	marks_page(t->marks, DIRTY_MONTH_FIRST, list, month, 0);
	marks_page(t->marks, DIRTY_MBOX_MONTH, list, month, 0);
}

static void
begun(struct threads *t, const struct thread *th, int by)
{
	int month;

	if (th->messages == 0)
		return;
	month = threads_month_of(th->first);
	change_of(t, th->list, month)->threads += by;
	marks_page(t->marks, DIRTY_MONTH, th->list, month, th->first);
	marks_page(t->marks, DIRTY_MONTH_FIRST, th->list, month, 0);
}

/* Has it the same place in the same month? */
static bool
stays(const struct thread *was, const struct thread *th)
{
	return was->messages > 0 && th->messages > 0 && was->first == th->first &&
	       memcmp(was->root_key, th->root_key, NODE_KEY_SIZE) == 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void
mark_thread(struct threads *t, const struct thread *th)
{
	marks_page(t->marks, DIRTY_THREAD, th->list, th->id, 1);
	marks_page(t->marks, DIRTY_MBOX_THREAD, th->list, th->id, 0);
}

int
threads_beside(struct threads *t, int64_t list, int64_t first,
	       const uint8_t root_key[NODE_KEY_SIZE], int64_t *before, int64_t *after,
	       struct err *e)
{
	struct slice key = slice_make((const char *)root_key, NODE_KEY_SIZE);

	*before = *after = 0;
	if (db_one_int(t->db, e, before,
		       "SELECT id FROM thread WHERE list = ? AND messages > 0"
		       " AND (first, root_key) < (?, ?) ORDER BY first DESC, root_key DESC LIMIT 1",
		       "iib", list, first, key) < 0)
		return -1;
	return db_one_int(t->db, e, after,
			  "SELECT id FROM thread WHERE list = ? AND messages > 0"
			  " AND (first, root_key) > (?, ?) ORDER BY first, root_key LIMIT 1",
			  "iib", list, first, key) < 0
		   ? -1
		   : 0;
}

/* The threads on both sides of a place that changed: their pages lead to each other, or to what
 * stands between them. */
static int
mark_beside(struct threads *t, const struct thread *th, struct err *e)
{
	int64_t beside[2];

	if (th->messages == 0)
		return 0;
	if (threads_beside(t, th->list, th->first, th->root_key, &beside[0], &beside[1], e) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (beside[i] != 0)
			marks_page(t->marks, DIRTY_THREAD_BESIDE, th->list, beside[i], 0);
	return 0;
}

int
threads_add(struct threads *t, struct thread *th, struct err *e)
{
	if (db_do(t->db, e,
		  "INSERT INTO thread(list, root, root_key, root_epoch, nodes, messages, first,"
		  " first_rank, first_id, last) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		  "iibiiiiiii", th->list, th->root,
		  slice_make((const char *)th->root_key, NODE_KEY_SIZE), th->root_epoch, th->nodes,
		  th->messages, th->first, th->first_rank, th->first_id, th->last) < 0)
		return -1;
	th->id = db_last_rowid(t->db);
	begun(t, th, 1);
	/* A tree of nothing but ghosts has no page. */
	if (th->messages > 0)
		mark_thread(t, th);
	return mark_beside(t, th, e);
}

static void
read_row(struct db_query *q, struct thread *th)
{
	struct slice key = db_blob(q, 3);

	th->id = db_int(q, 0);
	th->list = db_int(q, 1);
	th->root = db_int(q, 2);
	memset(th->root_key, 0, NODE_KEY_SIZE);
	if (key.n == NODE_KEY_SIZE)
		memcpy(th->root_key, key.p, NODE_KEY_SIZE);
	th->root_epoch = db_int(q, 4);
	th->nodes = db_int(q, 5);
	th->messages = db_int(q, 6);
	th->first = db_int(q, 7);
	th->first_rank = db_int(q, 8);
	th->first_id = db_int(q, 9);
	th->last = db_int(q, 10);
}

int
threads_get(struct threads *t, int64_t id, struct thread *th, struct err *e)
{
	struct db_query q;
	int r;

	if (db_ask(t->db, &q, e, "SELECT " COLUMNS " FROM thread WHERE id = ?", "i", id) < 0)
		return -1;
	r = db_next(&q, e);
	if (r == 1)
		read_row(&q, th);
	db_end(&q);
	return r;
}

/* The common change: a message more at the end. The root and first keep their index. */
static int
put_counts(struct threads *t, const struct thread *th, struct err *e)
{
	return db_do(t->db, e, "UPDATE thread SET nodes = ?, messages = ?, last = ? WHERE id = ?",
		     "iiii", th->nodes, th->messages, th->last, th->id) < 0
		   ? -1
		   : 0;
}

static int
put_whole(struct threads *t, const struct thread *th, struct err *e)
{
	return db_do(t->db, e,
		     "UPDATE thread SET root = ?, root_key = ?, root_epoch = ?, nodes = ?,"
		     " messages = ?, first = ?, first_rank = ?, first_id = ?, last = ?"
		     " WHERE id = ?",
		     "ibiiiiiiii", th->root, slice_make((const char *)th->root_key, NODE_KEY_SIZE),
		     th->root_epoch, th->nodes, th->messages, th->first, th->first_rank,
		     th->first_id, th->last, th->id) < 0
		   ? -1
		   : 0;
}

int
threads_put(struct threads *t, const struct thread *was, const struct thread *th, struct err *e)
{
	if (stays(was, th)) {
		marks_page(t->marks, DIRTY_MONTH_THREAD, th->list, th->id, 0);
	} else {
		begun(t, was, -1);
		begun(t, th, 1);
	}
	if (was->messages > 0 || th->messages > 0)
		mark_thread(t, th);
	if (was->root == th->root && was->first_id == th->first_id && was->messages > 0 &&
	    th->messages > 0)
		return put_counts(t, th, e);
	if (put_whole(t, th, e) < 0)
		return -1;
	/* Of another first message the thread has another subject, too. */
	if (stays(was, th) && was->first_id == th->first_id)
		return 0;
	return mark_beside(t, was, e) < 0 || mark_beside(t, th, e) < 0 ? -1 : 0;
}

int
threads_remove(struct threads *t, const struct thread *was, struct err *e)
{
	begun(t, was, -1);
	if (db_do(t->db, e, "DELETE FROM thread WHERE id = ?", "i", was->id) < 0)
		return -1;
	return mark_beside(t, was, e);
}

void
thread_count(struct thread *th, int64_t id, int64_t date, int64_t rank)
{
	if (th->messages == 0 || date < th->first || (date == th->first && rank < th->first_rank)) {
		th->first = date;
		th->first_rank = rank;
		th->first_id = id;
	}
	if (th->messages == 0 || date > th->last)
		th->last = date;
	th->messages++;
}

void
thread_absorb(struct thread *th, const struct thread *from)
{
	int64_t sum = th->messages + from->messages;

	th->nodes += from->nodes;
	if (from->messages == 0)
		return;
	thread_count(th, from->first_id, from->first, from->first_rank);
	if (from->last > th->last)
		th->last = from->last;
	th->messages = sum;
}

int
threads_drop_list(struct threads *t, int64_t list, struct err *e)
{
	return db_do(t->db, e, "DELETE FROM thread WHERE list = ?", "i", list) < 0 ||
		       db_do(t->db, e, "DELETE FROM month WHERE list = ?", "i", list) < 0
		   ? -1
		   : 0;
}

/* --- asking ----------------------------------------------------------------------------------- */

static int
collect(struct db_query *q, struct arena *a, size_t max, struct thread **out, size_t *n,
	struct err *e)
{
	int r = 0;

	*n = 0;
	*out = arena_array(a, max, sizeof **out);
	while (*n < max && (r = db_next(q, e)) == 1)
		read_row(q, &(*out)[(*n)++]);
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
threads_between(struct threads *t, struct arena *a, int64_t list, int64_t from, int64_t to,
		int64_t offset, size_t max, struct thread **out, size_t *n, struct err *e)
{
	struct db_query q;

	if (db_ask(t->db, &q, e,
		   "SELECT " COLUMNS " FROM thread WHERE list = ? AND first >= ? AND first < ?"
		   " AND messages > 0 ORDER BY first, root_key LIMIT ? OFFSET ?",
		   "iiiii", list, from, to, (int64_t)max, offset) < 0)
		return -1;
	return collect(&q, a, max, out, n, e);
}

int
threads_before(struct threads *t, int64_t list, int64_t from, int64_t first,
	       const uint8_t key[NODE_KEY_SIZE], int64_t *n, struct err *e)
{
	return db_one_int(t->db, e, n,
			  "SELECT count(*) FROM thread WHERE list = ? AND first >= ?"
			  " AND (first, root_key) < (?, ?) AND messages > 0",
			  "iiib", list, from, first,
			  slice_make((const char *)key, NODE_KEY_SIZE)) < 0
		   ? -1
		   : 0;
}

int
threads_recent(struct threads *t, struct arena *a, int64_t list, size_t max, struct thread **out,
	       size_t *n, struct err *e)
{
	struct db_query q;

	if (db_ask(t->db, &q, e,
		   "SELECT " COLUMNS " FROM thread WHERE list = ? AND messages > 0"
		   " ORDER BY last DESC, root_key DESC LIMIT ?",
		   "ii", list, (int64_t)max) < 0)
		return -1;
	return collect(&q, a, max, out, n, e);
}

int
threads_liveliest(struct threads *t, struct arena *a, int64_t list, int64_t since, size_t max,
		  struct thread **out, size_t *n, struct err *e)
{
	struct db_query q;

	if (db_ask(t->db, &q, e,
		   "SELECT " COLUMNS " FROM thread WHERE list = ? AND messages > 0 AND last >= ?"
		   " ORDER BY messages DESC, last DESC, root_key LIMIT ?",
		   "iii", list, since, (int64_t)max) < 0)
		return -1;
	return collect(&q, a, max, out, n, e);
}

int
threads_months(struct threads *t, struct arena *a, int64_t list, struct thread_month **out,
	       size_t *n, struct err *e)
{
	struct db_query q;
	int64_t count = 0;
	int r;

	*n = 0;
	if (db_one_int(t->db, e, &count, "SELECT count(*) FROM month WHERE list = ?", "i", list) <
	    0)
		return -1;
	*out = arena_array(a, (size_t)count, sizeof **out);
	if (db_ask(t->db, &q, e,
		   "SELECT month, messages, threads FROM month WHERE list = ?"
		   " AND (messages > 0 OR threads > 0) ORDER BY month DESC LIMIT ?",
		   "ii", list, count) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		(*out)[(*n)++] =
		    (struct thread_month){(int)db_int(&q, 0), db_int(&q, 1), db_int(&q, 2)};
	db_end(&q);
	return r;
}
