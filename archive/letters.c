/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/letters.h"

#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"

/* base is NULL where it is the whole subject, as in every second message. */
const char *const letters_schema[] = {
    "CREATE TABLE message(id INTEGER PRIMARY KEY, received INTEGER NOT NULL, subject TEXT NOT NULL,"
    " base TEXT, from_name TEXT NOT NULL, from_address TEXT NOT NULL, size INTEGER NOT NULL,"
    " attachments INTEGER NOT NULL, reason TEXT)",
    "CREATE VIEW letter AS SELECT n.id AS id, n.list AS list, n.key AS key, n.msgid AS msgid,"
    " n.state AS state, n.thread AS thread, n.parent AS parent, n.date AS date, n.rank AS rank,"
    " m.received AS received, m.subject AS subject, coalesce(m.base, m.subject) AS base,"
    " m.from_name AS from_name, m.from_address AS from_address, m.size AS size,"
    " m.attachments AS attachments, m.reason AS reason, d.keep = 0 AS digest,"
    " coalesce(nullif(coalesce(t.base, t.subject), ''), d.title) AS restored"
    " FROM node n LEFT JOIN message m ON m.id = n.id LEFT JOIN digest_reply d ON d.id = n.id"
    " LEFT JOIN message t ON t.id = d.target",
    NULL};

#define LETTER                                                                                     \
	"SELECT id, list, key, msgid, state, thread, parent, date, rank, received, subject, base," \
	" from_name, from_address, size, attachments, reason, digest, restored FROM letter"

int
letters_add(struct db *db, int64_t id, const struct fields *f, struct err *e)
{
	bool whole = slice_eq(f->subject, f->subject_base);
	int64_t r;

	if (whole)
		r = db_do(db, e,
			  "INSERT INTO message(id, received, subject, base, from_name,"
			  " from_address, size, attachments) VALUES(?, ?, ?, NULL, ?, ?, ?, ?)",
			  "iisssii", id, f->received, f->subject, f->from_name, f->from_address,
			  f->size, (int64_t)f->attachments);
	else
		r = db_do(db, e,
			  "INSERT INTO message(id, received, subject, base, from_name,"
			  " from_address, size, attachments) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
			  "iissssii", id, f->received, f->subject, f->subject_base, f->from_name,
			  f->from_address, f->size, (int64_t)f->attachments);
	return r < 0 ? -1 : 0;
}

int
letters_blank(struct db *db, int64_t id, const char *reason, int64_t when, struct err *e)
{
	return db_do(db, e,
		     "UPDATE message SET subject = '', base = NULL, from_name = '',"
		     " from_address = '', size = 0, attachments = 0, reason = ?, received = ? "
		     "WHERE id = ?",
		     "tii", reason, when, id) < 0
		   ? -1
		   : 0;
}

int
letters_drop_list(struct db *db, int64_t list, struct err *e)
{
	return db_do(db, e, "DELETE FROM message WHERE id IN (SELECT id FROM node WHERE list = ?)",
		     "i", list) < 0
		   ? -1
		   : 0;
}

int
letters_reindex(struct db *db, int64_t list, struct err *e)
{
	return db_do(db, e,
		     "INSERT OR IGNORE INTO unindexed(id) SELECT id FROM letter"
		     " WHERE state = 0 AND (list = ?1 OR ?1 = 0)",
		     "i", list) < 0
		   ? -1
		   : 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void
read_row(struct db_query *q, struct lists *ls, struct arena *a, struct overview_message *m)
{
	struct slice key = db_blob(q, 2);

	*m = (struct overview_message){.id = db_int(q, 0),
				       .list = lists_name(ls, db_int(q, 1)),
				       .msgid = utf8_cleaned(a, arena_dup(a, db_text(q, 3))),
				       .state = (enum overview_state)db_int(q, 4),
				       .thread = db_int(q, 5),
				       .parent = db_int(q, 6),
				       .date = db_int(q, 7),
				       .rank = db_int(q, 8)};
	if (key.n == NODE_KEY_SIZE)
		hash_base32((const uint8_t *)key.p, key.n, m->key);
	if (m->state == OVERVIEW_GHOST)
		return;
	m->month = threads_month_of(m->date);
	m->received = db_int(q, 9);
	m->subject = arena_dup(a, db_text(q, 10));
	m->subject_base = arena_dup(a, db_text(q, 11));
	m->from_name = arena_dup(a, db_text(q, 12));
	m->from_address = arena_dup(a, db_text(q, 13));
	m->size = db_int(q, 14);
	m->attachments = (int)db_int(q, 15);
	m->reason = arena_dup(a, db_text(q, 16));
	m->digest = db_int(q, 17) == 1; /* NULL: none */
	if (m->digest && m->state == OVERVIEW_PRESENT)
		m->restored = arena_dup(a, db_text(q, 18));
}

static int
one(struct db_query *q, struct lists *ls, struct arena *a, struct overview_message *m,
    struct err *e)
{
	int r = db_next(q, e);

	if (r == 1)
		read_row(q, ls, a, m);
	db_end(q);
	return r;
}

static int
many(struct db_query *q, struct lists *ls, struct arena *a, size_t max,
     struct overview_message **ms, size_t *n, struct err *e)
{
	int r = 0;

	*n = 0;
	*ms = arena_array(a, max, sizeof **ms);
	while (*n < max && (r = db_next(q, e)) == 1)
		read_row(q, ls, a, &(*ms)[(*n)++]);
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
letters_get(struct db *db, struct lists *ls, struct arena *a, int64_t id,
	    struct overview_message *m, struct err *e)
{
	struct db_query q;

	if (db_ask(db, &q, e, LETTER " WHERE id = ?", "i", id) < 0)
		return -1;
	return one(&q, ls, a, m, e);
}

int
letters_find(struct db *db, struct lists *ls, struct arena *a, int64_t list,
	     const uint8_t key[NODE_KEY_SIZE], struct overview_message *m, struct err *e)
{
	struct db_query q;

	if (db_ask(db, &q, e, LETTER " WHERE list = ? AND key = ?", "ib", list,
		   slice_make((const char *)key, NODE_KEY_SIZE)) < 0)
		return -1;
	return one(&q, ls, a, m, e);
}

int
letters_of_thread(struct db *db, struct lists *ls, struct arena *a, const struct thread *th,
		  struct overview_message **ms, size_t *n, struct err *e)
{
	struct db_query q;

	if (db_ask(db, &q, e, LETTER " WHERE thread = ?", "i", th->id) < 0)
		return -1;
	return many(&q, ls, a, (size_t)th->nodes, ms, n, e);
}

int
letters_newest(struct db *db, struct lists *ls, struct arena *a, int64_t list, size_t max,
	       struct overview_message **ms, size_t *n, struct err *e)
{
	struct db_query q;

	if (db_ask(db, &q, e,
		   LETTER " WHERE list = ? AND state <> 1 AND state = 0"
			  " ORDER BY date DESC, rank DESC LIMIT ?",
		   "ii", list, (int64_t)max) < 0)
		return -1;
	return many(&q, ls, a, max, ms, n, e);
}

int
letters_after(struct db *db, struct lists *ls, struct arena *a, int64_t list, int64_t date,
	      int64_t rank, size_t max, struct overview_message **ms, size_t *n, struct err *e)
{
	struct db_query q;

	if (db_ask(db, &q, e,
		   LETTER " WHERE list = ? AND state <> 1 AND state = 0 AND (date, rank) > (?, ?)"
			  " ORDER BY date, rank LIMIT ?",
		   "iiii", list, date, rank, (int64_t)max) < 0)
		return -1;
	return many(&q, ls, a, max, ms, n, e);
}

int
letters_between(struct db *db, struct lists *ls, struct arena *a, int64_t list, int64_t from,
		int64_t to, int64_t above, size_t max, struct overview_message **ms, size_t *n,
		struct err *e)
{
	struct db_query q;

	if (db_ask(db, &q, e,
		   LETTER " WHERE list = ? AND state <> 1 AND state = 0 AND date >= ? AND date < ?"
			  " AND id > ? ORDER BY id LIMIT ?",
		   "iiiii", list, from, to, above, (int64_t)max) < 0)
		return -1;
	return many(&q, ls, a, max, ms, n, e);
}

int
letters_with_files(struct db *db, struct lists *ls, struct arena *a, int64_t list, int64_t from,
		   int64_t to, size_t max, struct overview_message **ms, size_t *n, struct err *e)
{
	struct db_query q;

	if (db_ask(db, &q, e,
		   LETTER " WHERE list = ? AND state <> 1 AND state = 0 AND date >= ? AND date < ?"
			  " AND attachments > 0 ORDER BY date, rank LIMIT ?",
		   "iiii", list, from, to, (int64_t)max) < 0)
		return -1;
	return many(&q, ls, a, max, ms, n, e);
}

/* A person is an address; her name is that of her latest message. */
int
letters_writers(struct db *db, struct arena *a, int64_t list, int64_t since, size_t max,
		struct overview_writer **ws, size_t *n, struct err *e)
{
	struct db_query q;
	int r = 0;

	*n = 0;
	*ws = arena_array(a, max, sizeof **ws);
	if (db_ask(db, &q, e,
		   "SELECT m.from_name, m.from_address, count(*) AS c, max(n.date)"
		   " FROM node n JOIN message m ON m.id = n.id"
		   " WHERE n.list = ? AND n.state <> 1 AND n.state = 0 AND n.date >= ?"
		   " GROUP BY lower(CASE m.from_address WHEN '' THEN m.from_name"
		   " ELSE m.from_address END) ORDER BY c DESC, max(n.date) DESC LIMIT ?",
		   "iii", list, since, (int64_t)max) < 0)
		return -1;
	while (*n < max && (r = db_next(&q, e)) == 1)
		(*ws)[(*n)++] = (struct overview_writer){.name = arena_dup(a, db_text(&q, 0)),
							 .address = arena_dup(a, db_text(&q, 1)),
							 .messages = db_int(&q, 2)};
	db_end(&q);
	return r < 0 ? -1 : 0;
}

int
letters_span(struct db *db, int64_t list, int64_t *first, int64_t *last, struct err *e)
{
	*first = *last = 0;
	if (db_one_int(db, e, first,
		       "SELECT date FROM letter WHERE list = ? AND state <> 1 AND state = 0"
		       " ORDER BY date, rank LIMIT 1",
		       "i", list) < 0)
		return -1;
	return db_one_int(db, e, last,
			  "SELECT date FROM letter WHERE list = ? AND state <> 1 AND state = 0"
			  " ORDER BY date DESC, rank DESC LIMIT 1",
			  "i", list) < 0
		   ? -1
		   : 0;
}
