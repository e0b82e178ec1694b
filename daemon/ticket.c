/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticket: see ticket.h. A row outlives its use, so that a used token is answered and not ignored.
 */
#include "daemon/ticket.h"

#include "mail/address.h"

#define COLUMNS "id, kind, list, address, detail, language, created, expires, done, outcome"
#define KEPT (400 * 86400) /* as long as a leave link is good */

static void
ticket_read(struct db_query *q, struct arena *a, struct ticket *t)
{
	t->id = db_int(q, 0);
	t->kind = arena_str(a, db_text(q, 1));
	t->list = arena_str(a, db_text(q, 2));
	t->address = arena_str(a, db_text(q, 3));
	t->detail = arena_str(a, db_text(q, 4));
	t->language = arena_str(a, db_text(q, 5));
	t->created = db_int(q, 6);
	t->expires = db_int(q, 7);
	t->done = db_int(q, 8);
	t->outcome = arena_str(a, db_text(q, 9));
}

int
ticket_add(struct db *db, const struct token_keys *keys, struct ticket *t, int64_t now,
	   char token[TOKEN_SIZE], struct err *e)
{
	struct arena *a = arena_new();
	int64_t n =
	    db_do(db, e,
		  "INSERT INTO ticket (kind, list, address, detail, language, created,"
		  " expires) VALUES (?, ?, ?, ?, ?, ?, ?)",
		  "tttttii", t->kind, t->list, address_canonical(a, slice_str(t->address)),
		  t->detail ? t->detail : "", t->language ? t->language : "", now, t->expires);
	arena_free(a);
	if (n < 0)
		return -1;
	t->id = db_last_rowid(db);
	token_make(keys, "ticket", "", (uint64_t)t->id, token);
	return 0;
}

int
ticket_open_one(struct db *db, struct arena *a, const struct token_keys *keys, const char *kind,
		const char *list, struct slice address, const char *detail, int64_t now,
		struct ticket *t, char token[TOKEN_SIZE], struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM ticket WHERE list = ? AND address = ? AND kind = ?"
		   " AND done = 0 AND detail = ? AND expires > ? ORDER BY id DESC LIMIT 1",
		   "tttti", list, address_canonical(a, address), kind, detail, now) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		ticket_read(&q, a, t);
	db_end(&q);
	if (r == 1)
		token_make(keys, "ticket", "", (uint64_t)t->id, token);
	return r;
}

int
ticket_get(struct db *db, struct arena *a, int64_t id, struct ticket *t, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM ticket WHERE id = ?", "i", id) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		ticket_read(&q, a, t);
	db_end(&q);
	return r;
}

int
ticket_each_of(struct db *db, struct slice address, int (*each)(void *arg, const struct ticket *t),
	       void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	struct ticket t;
	int r = db_ask(db, &q, e, "SELECT " COLUMNS " FROM ticket WHERE address = ? ORDER BY id",
		       "t", address_canonical(a, address));
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			ticket_read(&q, a, &t);
			if (each(arg, &t) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
ticket_forget(struct db *db, struct slice address, const char *name, struct err *e)
{
	struct arena *a = arena_new();
	const char *canonical = address_canonical(a, address);
	int ret = 0;
	/* An outcome is "accept by ADDRESS". */
	if (db_do(db, e,
		  "DELETE FROM ticket WHERE address = ? AND NOT (kind = 'moderate' AND done = 0)",
		  "t", canonical) < 0 ||
	    db_do(db, e,
		  "UPDATE ticket SET outcome = replace(outcome, 'by ' || ?1, 'by ' || ?2)"
		  " WHERE outcome LIKE '% by %' AND substr(outcome, -length(?1) - 1) = ' ' || ?1",
		  "tt", canonical, name) < 0)
		ret = -1;
	arena_free(a);
	return ret;
}

int
ticket_use(struct db *db, int64_t id, const char *outcome, int64_t now, struct err *e)
{
	return (int)db_do(db, e,
			  "UPDATE ticket SET done = ?, outcome = ? WHERE id = ? AND done = 0",
			  "iti", now, outcome, id);
}

int
ticket_close(struct db *db, const char *detail, const char *outcome, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "UPDATE ticket SET done = ?, outcome = ? WHERE detail = ? AND done = 0"
		     " AND kind IN ('moderate', 'cancel')",
		     "itt", now, outcome, detail) < 0
		   ? -1
		   : 0;
}

int64_t
ticket_expire(struct db *db, int64_t now, struct err *e)
{
	if (db_do(db, e, "DELETE FROM ticket WHERE done > 0 AND done < ?", "i", now - KEPT) < 0)
		return -1;
	return db_do(db, e,
		     "UPDATE ticket SET done = ?1, outcome = 'expired'"
		     " WHERE done = 0 AND expires <= ?1",
		     "i", now);
}
