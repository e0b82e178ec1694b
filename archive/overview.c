/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The face of the overview: each table is its own module's (marks, lists, nodes, threads, letters),
 * and what a message changes in them is one transaction that begins and ends here.
 */
#include "archive/overview.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/digests.h"
#include "archive/fields.h"
#include "archive/forest.h"
#include "archive/letters.h"
#include "archive/lists.h"
#include "archive/marks.h"
#include "archive/nodes.h"
#include "archive/planting.h"
#include "archive/threads.h"
#include "archive/tree.h"
#include "archive/urls.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/hash.h"
#include "base/log.h"

/* Raised with every change of a table or of what is put into it: older files are made anew. */
#define OVERVIEW_VERSION "5"

struct overview {
	struct db *db;
	struct stat file;
	char *path;
	struct lists *lists;
	struct marks *marks;
	struct nodes *nodes;
	struct threads *threads;
	struct digests *digests;
	struct forest *forest;
	struct arena *scratch; /* as long as the overview */
	struct arena *answer;  /* as long as one call */
};

/* --- opening and transactions ----------------------------------------------------------------- */

static int
make_tables(struct db *db, struct err *e)
{
	static const char *const *const schemas[] = {marks_schema,   lists_schema,   nodes_schema,
						     threads_schema, digests_schema, letters_schema,
						     urls_schema};

	if (db_begin(db, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++)
		for (const char *const *sql = schemas[i]; *sql; sql++)
			if (db_do(db, e, *sql, "") < 0)
				goto back;
	if (db_do(db, e, "PRAGMA user_version = " OVERVIEW_VERSION, "") < 0 || db_commit(db, e) < 0)
		goto back;
	return 0;
back:
	db_rollback(db);
	return -1;
}

/* A new file gets its tables; one of another version is refused. */
static int
check_version(struct db *db, bool write, struct err *e)
{
	int64_t version = 0, tables = 0;

	if (db_one_int(db, e, &version, "PRAGMA user_version", "") < 0 ||
	    db_one_int(db, e, &tables, "SELECT count(*) FROM sqlite_schema", "") < 0)
		return -1;
	if (version == 0 && tables == 0 && write)
		return make_tables(db, e);
	if (version == atoi(OVERVIEW_VERSION))
		return 0;
	return err_permanent(e, "the overview is of version %lld, not " OVERVIEW_VERSION,
			     (long long)version);
}

static int
open_tables(struct overview *ov, const char *path, bool write, struct err *e)
{
	if (db_open(&ov->db, path, write ? DB_WRITE_NORMAL : DB_READ, NULL, e) < 0 ||
	    check_version(ov->db, write, e) < 0)
		return -1;
	/* Batches of thousands of rows: less spilling, fewer checkpoints. */
	if (write && (db_do(ov->db, e, "PRAGMA cache_size = -32768", "") < 0 ||
		      db_do(ov->db, e, "PRAGMA wal_autocheckpoint = 8192", "") < 0))
		return -1;
	if (stat(path, &ov->file) < 0)
		return err_errno(e, "%s", path);
	ov->lists = lists_new(ov->db);
	if (marks_open(&ov->marks, ov->db, e) < 0 || nodes_open(&ov->nodes, ov->db, e) < 0 ||
	    threads_open(&ov->threads, ov->db, ov->marks, e) < 0)
		return -1;
	ov->digests = digests_new(ov->db);
	ov->forest = forest_new(ov->nodes, ov->threads, ov->marks, ov->digests);
	return 0;
}

int
overview_open(struct overview **out, const char *path, bool write, struct err *e)
{
	struct overview *ov = calloc(1, sizeof *ov);

	*out = NULL;
	if (!ov)
		fatal("no memory");
	ov->scratch = arena_new();
	ov->answer = arena_new();
	ov->path = arena_str(ov->scratch, slice_str(path));
	if (open_tables(ov, ov->path, write, e) < 0) {
		overview_close(ov);
		errno = e && e->kind == ERR_PERMANENT ? EPROTO : EAGAIN;
		return -1;
	}
	*out = ov;
	return 0;
}

void
overview_close(struct overview *ov)
{
	if (!ov)
		return;
	if (ov->db && db_in_transaction(ov->db))
		db_rollback(ov->db);
	forest_free(ov->forest);
	digests_free(ov->digests);
	threads_close(ov->threads);
	nodes_close(ov->nodes);
	marks_close(ov->marks);
	lists_free(ov->lists);
	db_close(ov->db);
	arena_free(ov->answer);
	arena_free(ov->scratch);
	free(ov);
}

bool
overview_current(const struct overview *ov)
{
	struct stat now;

	return stat(ov->path, &now) == 0 && now.st_ino == ov->file.st_ino &&
	       now.st_dev == ov->file.st_dev;
}

int
overview_check(struct overview *ov, struct err *e)
{
	return db_check(ov->db, e);
}

int
overview_begin(struct overview *ov, struct err *e)
{
	if (db_begin(ov->db, e) < 0)
		return -1;
	if (nodes_begin(ov->nodes, e) == 0 && threads_begin(ov->threads, e) == 0)
		return 0;
	overview_rollback(ov);
	return -1;
}

int
overview_commit(struct overview *ov, struct err *e)
{
	if (forest_flush(ov->forest, e) == 0 && threads_flush(ov->threads, e) == 0 &&
	    marks_flush(ov->marks, e) == 0 && db_commit(ov->db, e) == 0)
		return 0;
	overview_rollback(ov);
	return -1;
}

void
overview_rollback(struct overview *ov)
{
	forest_forget(ov->forest);
	threads_forget(ov->threads);
	marks_forget(ov->marks);
	lists_forget(ov->lists);
	db_rollback(ov->db);
}

/* --- T3 --------------------------------------------------------------------------------------- */

/* 1 the list has key with this rank, 2 with another one, 0 it has not (or as a ghost), -1. */
static int
has(struct overview *ov, int64_t list, const char *key, int64_t rank, struct err *e)
{
	uint8_t bytes[NODE_KEY_SIZE];
	struct node n;
	int r;

	if (!planting_key(slice_str(key), bytes))
		return 0;
	r = node_find(ov->nodes, list, bytes, &n, e);
	if (r <= 0 || n.state == OVERVIEW_GHOST)
		return r < 0 ? -1 : 0;
	return n.rank == rank ? 1 : 2;
}

int
overview_resolve(struct overview *ov, const char *list, struct fields *f, struct err *e)
{
	uint8_t id_key[NODE_KEY_SIZE];
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	memcpy(f->key, f->id.key, KEY_SIZE);
	if (r <= 0 || !planting_key(slice_str(f->id.key), id_key))
		return r < 0 ? -1 : 0;
	r = has(ov, l, f->key, planting_rank(f, id_key), e);
	if (r != 2)
		return r;
	msgid_key_second(f->id.msgid, f->id.body_sha256, f->key);
	r = has(ov, l, f->key, planting_rank(f, id_key), e);
	return r < 0 ? -1 : r != 0;
}

static void
mark_elsewhere(void *arg, const struct node_elsewhere *o)
{
	struct marks *marks = arg;

	marks_page(marks, DIRTY_MESSAGE, o->list, o->there, 0);
	marks_page(marks, DIRTY_THREAD, o->list, o->thread, 1);
}

int
overview_add(struct overview *ov, const char *list, const struct fields *f,
	     enum overview_added *how, int64_t *id, struct err *e)
{
	struct planting p = {0};
	int r;

	arena_reset(ov->answer);
	if (lists_make(ov->lists, list, &p.list, e) < 0 || planting_of(&p, ov->answer, f, e) < 0)
		return -1;
	r = forest_plant(ov->forest, &p, id, e);
	*how = r == 1 ? OVERVIEW_ADDED : OVERVIEW_ALREADY_THERE;
	if (r <= 0)
		return r;
	marks_page(ov->marks, DIRTY_LIST, p.list, 0, 0);
	marks_page(ov->marks, DIRTY_FRONT, 0, 0, 0);
	if (nodes_elsewhere(ov->nodes, 0, *id, mark_elsewhere, ov->marks, e) < 0)
		return -1;
	return letters_add(ov->db, *id, f, e) < 0 || urls_add(ov->db, *id, f, e) < 0 ? -1 : 0;
}

int
overview_withdraw(struct overview *ov, const char *list, struct slice key, const char *reason,
		  int64_t when, struct err *e)
{
	uint8_t bytes[NODE_KEY_SIZE];
	struct node n;
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	if (r == 1 && !planting_key(key, bytes))
		r = 0;
	if (r == 1)
		r = node_find(ov->nodes, l, bytes, &n, e);
	if (r == 0)
		return err_permanent(e, "%s has no message %.*s", list, SLICE_ARG(key));
	if (r < 0 || forest_withdraw(ov->forest, n.id, e) < 0)
		return -1;
	marks_page(ov->marks, DIRTY_LIST, l, 0, 0);
	marks_page(ov->marks, DIRTY_FRONT, 0, 0, 0);
	if (nodes_elsewhere(ov->nodes, 0, n.id, mark_elsewhere, ov->marks, e) < 0)
		return -1;
	return urls_drop(ov->db, n.id, e) < 0 || letters_blank(ov->db, n.id, reason, when, e) < 0
		   ? -1
		   : 0;
}

/* --- logs ------------------------------------------------------------------------------------- */

int
overview_log_end(struct overview *ov, const char *list, int64_t *end, struct err *e)
{
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	*end = 0;
	return r <= 0 ? r : lists_log_end(ov->lists, l, end, e);
}

int
overview_set_log_end(struct overview *ov, const char *list, int64_t end, struct err *e)
{
	int64_t l;

	return lists_make(ov->lists, list, &l, e) < 0 ? -1
						      : lists_set_log_end(ov->lists, l, end, e);
}

int
overview_drop_list(struct overview *ov, const char *list, struct err *e)
{
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	if (r <= 0)
		return r;
	if (marks_drop_list(ov->marks, l, e) < 0 || digests_drop_list(ov->digests, l, e) < 0 ||
	    letters_drop_list(ov->db, l, e) < 0 || urls_drop_list(ov->db, l, e) < 0 ||
	    nodes_drop_list(ov->nodes, l, e) < 0 || threads_drop_list(ov->threads, l, e) < 0)
		return -1;
	return lists_set_log_end(ov->lists, l, 0, e);
}

/* --- asking ----------------------------------------------------------------------------------- */

int
overview_by_key(struct overview *ov, struct arena *a, const char *list, struct slice key,
		struct overview_message *m, struct err *e)
{
	uint8_t bytes[NODE_KEY_SIZE];
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	if (r <= 0 || !planting_key(key, bytes))
		return r < 0 ? -1 : 0;
	return letters_find(ov->db, ov->lists, a, l, bytes, m, e);
}

int
overview_by_id(struct overview *ov, struct arena *a, int64_t id, struct overview_message *m,
	       struct err *e)
{
	return letters_get(ov->db, ov->lists, a, id, m, e);
}

int
overview_by_msgid(struct overview *ov, struct arena *a, const char *list, struct slice msgid,
		  struct overview_message *m, struct err *e)
{
	char key[KEY_SIZE];

	msgid_key(msgid, key);
	return overview_by_key(ov, a, list, slice_str(key), m, e);
}

int
overview_thread(struct overview *ov, struct arena *a, int64_t thread, struct overview_message **ms,
		size_t *n, struct err *e)
{
	struct overview_message *rows;
	struct thread th;
	int r = threads_get(ov->threads, thread, &th, e);

	*n = 0;
	if (r <= 0)
		return r;
	if (letters_of_thread(ov->db, ov->lists, a, &th, &rows, n, e) < 0)
		return -1;
	*n = tree_order(a, rows, *n, ms);
	return 0;
}

/* A row as it is given out; its subject is that of its first message. */
static int
give_thread(struct overview *ov, struct arena *a, const struct thread *th,
	    struct overview_thread *t, struct err *e)
{
	struct overview_message m;
	int r = 0;

	*t = (struct overview_thread){.id = th->id,
				      .list = lists_name(ov->lists, th->list),
				      .first = th->first,
				      .last = th->last,
				      .messages = th->messages};
	hash_base32(th->root_key, NODE_KEY_SIZE, t->root_key);
	if (th->messages == 0)
		return 0;
	t->month = threads_month_of(th->first);
	r = letters_get(ov->db, ov->lists, a, th->first_id, &m, e);
	if (r == 1)
		t->subject = m.restored.n > 0 ? m.restored : m.subject_base;
	return r < 0 ? -1 : 0;
}

static int
give_threads(struct overview *ov, struct arena *a, const struct thread *ths, size_t n,
	     struct overview_thread **ts, struct err *e)
{
	*ts = arena_array(a, n, sizeof **ts);
	for (size_t i = 0; i < n; i++)
		if (give_thread(ov, a, &ths[i], &(*ts)[i], e) < 0)
			return -1;
	return 0;
}

int
overview_thread_info(struct overview *ov, struct arena *a, int64_t thread,
		     struct overview_thread *t, struct err *e)
{
	struct thread th;
	int r = threads_get(ov->threads, thread, &th, e);

	if (r <= 0)
		return r;
	return give_thread(ov, a, &th, t, e) < 0 ? -1 : 1;
}

struct elsewhere {
	struct node_elsewhere *v;
	size_t n, cap, run; /* run: of the last one's row */
};

static void
put_elsewhere(void *arg, const struct node_elsewhere *o)
{
	struct elsewhere *es = arg;

	es->run = es->n > 0 && es->v[es->n - 1].here == o->here ? es->run + 1 : 1;
	if (es->run > OVERVIEW_ELSEWHERE_MAX)
		return;
	if (es->n == es->cap) {
		es->cap = es->cap ? es->cap * 2 : 16;
		es->v = reallocarray(es->v, es->cap, sizeof *es->v);
		if (!es->v)
			fatal("no memory");
	}
	es->v[es->n++] = *o;
}

int
overview_elsewhere(struct overview *ov, struct arena *a, int64_t thread,
		   struct overview_elsewhere **out, size_t *n, struct err *e)
{
	struct elsewhere es = {0};
	struct thread th;
	int ret = -1;

	*n = 0;
	if (nodes_elsewhere(ov->nodes, thread, 0, put_elsewhere, &es, e) < 0)
		goto out;
	*out = arena_array(a, es.n, sizeof **out);
	for (size_t i = 0; i < es.n; i++) {
		struct overview_elsewhere *o = &(*out)[i];

		if (threads_get(ov->threads, es.v[i].thread, &th, e) < 0)
			goto out;
		*o = (struct overview_elsewhere){.id = es.v[i].here,
						 .list = lists_name(ov->lists, es.v[i].list)};
		hash_base32(th.root_key, NODE_KEY_SIZE, o->root_key);
	}
	*n = es.n;
	ret = 0;
out:
	free(es.v);
	return ret;
}

/* A month's time: [*from, *to). */
static void
month_span(int month, int64_t *from, int64_t *to)
{
	int year = month / 100, number = month % 100;

	*from = clock_from_civil(year, number, 1, 0, 0, 0);
	*to = number == 12 ? clock_from_civil(year + 1, 1, 1, 0, 0, 0)
			   : clock_from_civil(year, number + 1, 1, 0, 0, 0);
}

int
overview_month_threads(struct overview *ov, struct arena *a, const char *list, int month,
		       int64_t offset, size_t max, struct overview_thread **ts, size_t *n,
		       struct err *e)
{
	int64_t l, from, to;
	struct thread *ths;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	month_span(month, &from, &to);
	if (r <= 0)
		return r;
	if (threads_between(ov->threads, a, l, from, to, offset, max, &ths, n, e) < 0)
		return -1;
	return give_threads(ov, a, ths, *n, ts, e);
}

int
overview_month_before(struct overview *ov, const char *list, int month, int64_t date, int64_t *n,
		      struct err *e)
{
	static const uint8_t least[NODE_KEY_SIZE];
	int64_t l, from, to;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	month_span(month, &from, &to);
	return r <= 0 ? r : threads_before(ov->threads, l, from, date, least, n, e);
}

int
overview_month_place(struct overview *ov, int64_t thread, int *month, int64_t *n, struct err *e)
{
	struct thread th;
	int64_t from, to;
	int r = threads_get(ov->threads, thread, &th, e);

	if (r <= 0 || th.messages == 0)
		return r < 0 ? -1 : 0;
	*month = threads_month_of(th.first);
	month_span(*month, &from, &to);
	return threads_before(ov->threads, th.list, from, th.first, th.root_key, n, e) < 0 ? -1 : 1;
}

int
overview_recent_threads(struct overview *ov, struct arena *a, const char *list, size_t max,
			struct overview_thread **ts, size_t *n, struct err *e)
{
	struct thread *ths;
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	if (r <= 0)
		return r;
	if (threads_recent(ov->threads, a, l, max, &ths, n, e) < 0)
		return -1;
	return give_threads(ov, a, ths, *n, ts, e);
}

static int
find_thread(struct overview *ov, struct arena *a, int64_t id, struct overview_thread *t,
	    struct err *e)
{
	*t = (struct overview_thread){.id = 0};
	return id == 0 ? 0 : overview_thread_info(ov, a, id, t, e);
}

int
overview_threads_beside(struct overview *ov, struct arena *a, const struct overview_thread *t,
			struct overview_thread *before, struct overview_thread *after,
			struct err *e)
{
	uint8_t key[NODE_KEY_SIZE];
	int64_t l, ids[2] = {0, 0};
	int r = lists_find(ov->lists, t->list, &l, e);

	if (r < 0 || (r == 1 && t->messages > 0 && planting_key(slice_str(t->root_key), key) &&
		      threads_beside(ov->threads, l, t->first, key, &ids[0], &ids[1], e) < 0))
		return -1;
	return find_thread(ov, a, ids[0], before, e) < 0 || find_thread(ov, a, ids[1], after, e) < 0
		   ? -1
		   : 0;
}

int
overview_liveliest_threads(struct overview *ov, struct arena *a, const char *list, int64_t since,
			   size_t max, struct overview_thread **ts, size_t *n, struct err *e)
{
	struct thread *ths;
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	if (r <= 0)
		return r;
	if (threads_liveliest(ov->threads, a, l, since, max, &ths, n, e) < 0)
		return -1;
	return give_threads(ov, a, ths, *n, ts, e);
}

int
overview_writers(struct overview *ov, struct arena *a, const char *list, int64_t since, size_t max,
		 struct overview_writer **ws, size_t *n, struct err *e)
{
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	return r <= 0 ? r : letters_writers(ov->db, a, l, since, max, ws, n, e);
}

int
overview_month_files(struct overview *ov, struct arena *a, const char *list, int month, size_t max,
		     struct overview_message **ms, size_t *n, struct err *e)
{
	int64_t l, from, to;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	month_span(month, &from, &to);
	return r <= 0 ? r : letters_with_files(ov->db, ov->lists, a, l, from, to, max, ms, n, e);
}

int
overview_month_urls(struct overview *ov, struct arena *a, const char *list, int month, size_t max,
		    struct overview_url **us, size_t *n, struct err *e)
{
	int64_t l, from, to;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	month_span(month, &from, &to);
	return r <= 0 ? r : urls_between(ov->db, a, l, from, to, max, us, n, e);
}

int
overview_recent_messages(struct overview *ov, struct arena *a, const char *list, size_t max,
			 struct overview_message **ms, size_t *n, struct err *e)
{
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	return r <= 0 ? r : letters_newest(ov->db, ov->lists, a, l, max, ms, n, e);
}

int
overview_neighbours(struct overview *ov, const struct overview_message *m, int64_t *before,
		    int64_t *after, struct err *e)
{
	int64_t l;
	int r = lists_find(ov->lists, m->list, &l, e);

	*before = *after = 0;
	return r <= 0 ? r : nodes_beside(ov->nodes, l, m->date, m->rank, before, after, e);
}

int
overview_months(struct overview *ov, struct arena *a, const char *list, struct overview_month **ms,
		size_t *n, struct err *e)
{
	struct thread_month *months;
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	if (r <= 0 || threads_months(ov->threads, a, l, &months, n, e) < 0)
		return r == 0 ? 0 : -1;
	*ms = arena_array(a, *n, sizeof **ms);
	for (size_t i = 0; i < *n; i++)
		(*ms)[i] =
		    (struct overview_month){months[i].month, months[i].messages, months[i].threads};
	return 0;
}

int
overview_walk(struct overview *ov, struct arena *a, const char *list, int64_t after, size_t max,
	      struct overview_message **ms, size_t *n, struct err *e)
{
	struct node at = {.date = INT64_MIN, .rank = INT64_MIN};
	int64_t l;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	if (r <= 0)
		return r;
	if (after != 0 && node_get(ov->nodes, after, &at, e) < 0)
		return -1;
	return letters_after(ov->db, ov->lists, a, l, at.date, at.rank, max, ms, n, e);
}

int
overview_month_messages(struct overview *ov, struct arena *a, const char *list, int month,
			int64_t above, size_t max, struct overview_message **ms, size_t *n,
			struct err *e)
{
	int64_t l, from, to;
	int r = lists_find(ov->lists, list, &l, e);

	*n = 0;
	month_span(month, &from, &to);
	return r <= 0 ? r
		      : letters_between(ov->db, ov->lists, a, l, from, to, above, max, ms, n, e);
}

int
overview_totals(struct overview *ov, const char *list, struct overview_totals *t, struct err *e)
{
	struct thread_month *months;
	int64_t l;
	size_t n;
	int r = lists_find(ov->lists, list, &l, e);

	*t = (struct overview_totals){0};
	arena_reset(ov->answer);
	if (r <= 0 || threads_months(ov->threads, ov->answer, l, &months, &n, e) < 0)
		return r == 0 ? 0 : -1;
	for (size_t i = 0; i < n; i++) {
		t->messages += months[i].messages;
		t->threads += months[i].threads;
	}
	return letters_span(ov->db, l, &t->first, &t->last, e);
}

/* --- marks ------------------------------------------------------------------------------------ */

int
overview_dirty(struct overview *ov, struct arena *a, size_t max, struct dirty **ds, size_t *n,
	       struct err *e)
{
	struct mark *ms;

	*n = 0;
	if (marks_pages(ov->marks, a, max, &ms, n, e) < 0)
		return -1;
	*ds = arena_array(a, *n, sizeof **ds);
	for (size_t i = 0; i < *n; i++)
		(*ds)[i] = (struct dirty){ms[i].mark, (enum dirty_kind)ms[i].kind,
					  lists_name(ov->lists, ms[i].list), ms[i].ref, ms[i].arg};
	return 0;
}

int
overview_dirty_clear(struct overview *ov, const struct dirty *ds, size_t n, struct err *e)
{
	if (overview_begin(ov, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (marks_clear(ov->marks, ds[i].mark, e) < 0) {
			overview_rollback(ov);
			return -1;
		}
	return overview_commit(ov, e);
}

int
overview_mark(struct overview *ov, enum dirty_kind kind, const char *list, int64_t ref, int64_t arg,
	      struct err *e)
{
	bool alone = !db_in_transaction(ov->db);
	int64_t l;

	if (alone && overview_begin(ov, e) < 0)
		return -1;
	if (lists_make(ov->lists, list, &l, e) < 0) {
		if (alone)
			overview_rollback(ov);
		return -1;
	}
	marks_page(ov->marks, (int)kind, l, ref, arg);
	return alone ? overview_commit(ov, e) : 0;
}

int
overview_unindexed(struct overview *ov, struct arena *a, size_t max, int64_t **ids, size_t *n,
		   struct err *e)
{
	return marks_unindexed(ov->marks, a, max, ids, n, e);
}

int
overview_indexed(struct overview *ov, const int64_t *ids, size_t n, struct err *e)
{
	if (overview_begin(ov, e) < 0)
		return -1;
	if (marks_indexed(ov->marks, ids, n, e) < 0) {
		overview_rollback(ov);
		return -1;
	}
	return overview_commit(ov, e);
}

int
overview_reindex(struct overview *ov, const char *list, struct err *e)
{
	int64_t l = 0;
	int r = list ? lists_find(ov->lists, list, &l, e) : 1;

	return r <= 0 ? r : letters_reindex(ov->db, l, e);
}
