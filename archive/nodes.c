/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct nodes {
	struct db *db;
	int64_t next;
};

/* state 1 is a ghost. The partial indexes leave out what is never looked for in them. */
const char *const nodes_schema[] = {
    "CREATE TABLE node(id INTEGER PRIMARY KEY, list INTEGER NOT NULL, key BLOB NOT NULL,"
    " msgid TEXT NOT NULL, state INTEGER NOT NULL, thread INTEGER NOT NULL,"
    " parent INTEGER NOT NULL, wanted INTEGER NOT NULL, weak INTEGER NOT NULL,"
    " cut INTEGER NOT NULL, want_date INTEGER NOT NULL, want_rank INTEGER NOT NULL,"
    " twin_of INTEGER NOT NULL, date INTEGER NOT NULL, rank INTEGER NOT NULL,"
    " subject INTEGER NOT NULL, bare INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX node_key ON node(key, list)",
    "CREATE INDEX node_thread ON node(thread)",
    "CREATE INDEX node_parent ON node(parent) WHERE parent > 0",
    "CREATE INDEX node_date ON node(list, date, rank) WHERE state <> 1",
    "CREATE INDEX node_subject ON node(list, subject, date, rank) WHERE subject <> 0",
    NULL};

#define COLUMNS                                                                                    \
	"id, list, key, state, thread, parent, wanted, weak, cut, want_date, want_rank, twin_of,"  \
	" date, rank, subject, bare"

void
ids_put(struct ids *ids, int64_t id)
{
	if (ids->n == ids->cap) {
		ids->cap = ids->cap ? ids->cap * 2 : 64;
		ids->v = reallocarray(ids->v, ids->cap, sizeof *ids->v);
		if (!ids->v)
			fatal("no memory");
	}
	ids->v[ids->n++] = id;
}

int
nodes_open(struct nodes **out, struct db *db, struct err *e)
{
	struct nodes *ns = calloc(1, sizeof *ns);

	if (!ns)
		fatal("no memory");
	ns->db = db;
	*out = ns;
	return nodes_begin(ns, e);
}

void
nodes_close(struct nodes *ns)
{
	free(ns);
}

int
nodes_begin(struct nodes *ns, struct err *e)
{
	int64_t greatest = 0;

	if (db_one_int(ns->db, e, &greatest, "SELECT max(id) FROM node", "") < 0)
		return -1;
	/* Rows of a list that was dropped are not used again by this process. */
	if (greatest >= ns->next)
		ns->next = greatest + 1;
	return 0;
}

int64_t
nodes_next(const struct nodes *ns)
{
	return ns->next;
}

static struct slice
key_slice(const uint8_t key[NODE_KEY_SIZE])
{
	return slice_make((const char *)key, NODE_KEY_SIZE);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void
read_row(struct db_query *q, struct node *n)
{
	struct slice key = db_blob(q, 2);

	n->id = db_int(q, 0);
	n->list = db_int(q, 1);
	memset(n->key, 0, NODE_KEY_SIZE);
	if (key.n == NODE_KEY_SIZE)
		memcpy(n->key, key.p, NODE_KEY_SIZE);
	n->state = (int)db_int(q, 3);
	n->thread = db_int(q, 4);
	n->parent = db_int(q, 5);
	n->wanted = db_int(q, 6);
	n->weak = db_int(q, 7) != 0;
	n->cut = db_int(q, 8) != 0;
	n->want_date = db_int(q, 9);
	n->want_rank = db_int(q, 10);
	n->twin_of = db_int(q, 11);
	n->date = db_int(q, 12);
	n->rank = db_int(q, 13);
	n->subject = db_int(q, 14);
	n->bare = db_int(q, 15) != 0;
}

/* 1, 0, -1, after db_ask said ask. */
static int
one_row(struct db_query *q, int ask, struct node *n, struct err *e)
{
	int r;

	if (ask < 0)
		return -1;
	r = db_next(q, e);
	if (r == 1)
		read_row(q, n);
	db_end(q);
	return r;
}

int
node_get(struct nodes *ns, int64_t id, struct node *n, struct err *e)
{
	struct db_query q;
	int ask = db_ask(ns->db, &q, e, "SELECT " COLUMNS " FROM node WHERE id = ?", "i", id);
	int r = one_row(&q, ask, n, e);

	if (r == 0)
		return err_permanent(e, "the overview is damaged: row %lld is missing",
				     (long long)id);
	return r < 0 ? -1 : 0;
}

int
node_find(struct nodes *ns, int64_t list, const uint8_t key[NODE_KEY_SIZE], struct node *n,
	  struct err *e)
{
	struct db_query q;
	int ask = db_ask(ns->db, &q, e, "SELECT " COLUMNS " FROM node WHERE list = ? AND key = ?",
			 "ib", list, key_slice(key));

	return one_row(&q, ask, n, e);
}

int
node_children(struct nodes *ns, int64_t id, struct ids *ids, struct err *e)
{
	struct db_query q;
	int r;

	if (db_ask(ns->db, &q, e, "SELECT id FROM node WHERE parent = ? AND parent > 0", "i", id) <
	    0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		ids_put(ids, db_int(&q, 0));
	db_end(&q);
	return r;
}

int
nodes_of_thread(struct nodes *ns, int64_t thread, void (*each)(void *arg, const struct node *n),
		void *arg, struct err *e)
{
	struct db_query q;
	struct node n;
	int r;

	if (db_ask(ns->db, &q, e, "SELECT " COLUMNS " FROM node WHERE thread = ?", "i", thread) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1) {
		read_row(&q, &n);
		each(arg, &n);
	}
	db_end(&q);
	return r;
}

int
node_same_subject(struct nodes *ns, const struct node *n, bool after, struct node *out,
		  struct err *e)
{
	struct db_query q;
	int ask;

	if (n->subject == 0)
		return 0;
	ask = after ? db_ask(ns->db, &q, e,
			     "SELECT " COLUMNS " FROM node WHERE list = ? AND subject = ?"
			     " AND subject <> 0 AND (date, rank) > (?, ?)"
			     " ORDER BY date, rank LIMIT 1",
			     "iiii", n->list, n->subject, n->date, n->rank)
		    : db_ask(ns->db, &q, e,
			     "SELECT " COLUMNS " FROM node WHERE list = ? AND subject = ?"
			     " AND subject <> 0 AND (date, rank) < (?, ?)"
			     " ORDER BY date DESC, rank DESC LIMIT 1",
			     "iiii", n->list, n->subject, n->date, n->rank);
	return one_row(&q, ask, out, e);
}

int
nodes_beside(struct nodes *ns, int64_t list, int64_t date, int64_t rank, int64_t *before,
	     int64_t *after, struct err *e)
{
	*before = *after = 0;
	if (db_one_int(ns->db, e, before,
		       "SELECT id FROM node WHERE list = ? AND state <> 1"
		       " AND (date, rank) < (?, ?) ORDER BY date DESC, rank DESC LIMIT 1",
		       "iii", list, date, rank) < 0)
		return -1;
	return db_one_int(ns->db, e, after,
			  "SELECT id FROM node WHERE list = ? AND state <> 1"
			  " AND (date, rank) > (?, ?) ORDER BY date, rank LIMIT 1",
			  "iii", list, date, rank) < 0
		   ? -1
		   : 0;
}

/* Present messages with one key in two lists: n is here, o elsewhere. */
#define ELSEWHERE                                                                                  \
	"SELECT n.id, o.list, o.thread, o.id FROM node n JOIN node o ON o.key = n.key"             \
	" AND o.list <> n.list AND o.state = 0"

int
nodes_elsewhere(struct nodes *ns, int64_t thread, int64_t id,
		void (*each)(void *arg, const struct node_elsewhere *o), void *arg, struct err *e)
{
	struct db_query q;
	int r = thread
		    ? db_ask(ns->db, &q, e,
			     ELSEWHERE " WHERE n.thread = ? AND n.state = 0"
				       " ORDER BY n.id, o.list",
			     "i", thread)
		    : db_ask(ns->db, &q, e, ELSEWHERE " WHERE n.id = ? ORDER BY o.list", "i", id);

	if (r < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		each(arg, &(struct node_elsewhere){db_int(&q, 0), db_int(&q, 1), db_int(&q, 2),
						   db_int(&q, 3)});
	db_end(&q);
	return r;
}

/* --- writing ---------------------------------------------------------------------------------- */

int
node_insert(struct nodes *ns, struct node *n, struct slice msgid, struct err *e)
{
	n->id = ns->next++;
	return db_do(ns->db, e,
		     "INSERT INTO node(id, list, key, msgid, state, thread, parent, wanted, weak,"
		     " cut, want_date, want_rank, twin_of, date, rank, subject, bare)"
		     " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)",
		     "iibsiiiiiiiiiiii", n->id, n->list, key_slice(n->key), msgid,
		     (int64_t)n->state, n->thread, n->parent, n->wanted, (int64_t)n->weak,
		     n->want_date, n->want_rank, n->twin_of, n->date, n->rank, n->subject,
		     (int64_t)n->bare) < 0
		   ? -1
		   : 0;
}

int
node_put_wish(struct nodes *ns, const struct node *n, struct err *e)
{
	return db_do(ns->db, e,
		     "UPDATE node SET wanted = ?, weak = ?, cut = ?, want_date = ?, want_rank = ?"
		     " WHERE id = ?",
		     "iiiiii", n->wanted, (int64_t)n->weak, (int64_t)n->cut, n->want_date,
		     n->want_rank, n->id) < 0
		   ? -1
		   : 0;
}

int
node_put_place(struct nodes *ns, const struct node *n, struct err *e)
{
	return db_do(ns->db, e, "UPDATE node SET parent = ?, thread = ? WHERE id = ?", "iii",
		     n->parent, n->thread, n->id) < 0
		   ? -1
		   : 0;
}

int
node_put_message(struct nodes *ns, const struct node *n, struct err *e)
{
	return db_do(ns->db, e,
		     "UPDATE node SET state = ?, date = ?, rank = ?, subject = ?, bare = ?"
		     " WHERE id = ?",
		     "iiiiii", (int64_t)n->state, n->date, n->rank, n->subject, (int64_t)n->bare,
		     n->id) < 0
		   ? -1
		   : 0;
}

int
nodes_relabel(struct nodes *ns, int64_t thread, int64_t into, struct err *e)
{
	return db_do(ns->db, e, "UPDATE node SET thread = ? WHERE thread = ?", "ii", into, thread) <
		       0
		   ? -1
		   : 0;
}

int
nodes_drop_list(struct nodes *ns, int64_t list, struct err *e)
{
	return db_do(ns->db, e, "DELETE FROM node WHERE list = ?", "i", list) < 0 ? -1 : 0;
}
