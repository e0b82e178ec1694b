/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * member_event: see member_event.h. It knows no subscription but by the words it is given.
 */
#include "daemon/member_event.h"

#include "mail/address.h"

int
member_event_add(struct db *db, const char *list, const char *address, const char *what,
		 const char *by, const char *detail, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "INSERT INTO member_event (t, list, address, what, by_whom, detail)"
		     " VALUES (?, ?, ?, ?, ?, ?)",
		     "ittttt", now, list, address, what, by, detail ? detail : "") < 0
		   ? -1
		   : 0;
}

int
member_event_note(struct db *db, const struct member *m, const char *what, const char *detail,
		  int64_t now, struct err *e)
{
	return member_event_add(db, m->list, m->address, what, "plenary", detail, now, e);
}

int
member_event_each(struct db *db, struct slice address,
		  int (*each)(void *arg, const struct member_event *ev), void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int r = db_ask(db, &q, e,
		       "SELECT t, list, what, by_whom, detail FROM member_event"
		       " WHERE address = ? ORDER BY id",
		       "t", address_canonical(a, address));
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			struct member_event ev = {.t = db_int(&q, 0),
						  .list = arena_str(a, db_text(&q, 1)),
						  .what = arena_str(a, db_text(&q, 2)),
						  .by = arena_str(a, db_text(&q, 3)),
						  .detail = arena_str(a, db_text(&q, 4))};
			if (each(arg, &ev) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
member_event_delivery(struct db *db, struct arena *a, const struct member *m, const char **by,
		      int64_t *t, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT by_whom, t FROM member_event WHERE address = ? AND list = ?"
		   " AND what = 'set' AND (detail LIKE 'delivery=%' OR detail LIKE 'digest=%')"
		   " AND t >= ? ORDER BY id DESC LIMIT 1",
		   "tti", m->address, m->list, m->since) < 0)
		return -1;
	int r = db_next(&q, e);
	*by = r == 1 ? arena_str(a, db_text(&q, 0)) : "";
	*t = r == 1 ? db_int(&q, 1) : 0;
	db_end(&q);
	return r;
}

int64_t
member_event_forget(struct db *db, struct slice address, const char *name, struct err *e)
{
	struct arena *a = arena_new();
	const char *canonical = address_canonical(a, address);
	int64_t n =
	    db_do(db, e, "UPDATE member_event SET address = ?, detail = '' WHERE address = ?", "tt",
		  name, canonical);
	if (n >= 0 && db_do(db, e, "UPDATE member_event SET by_whom = ? WHERE by_whom = ?", "tt",
			    name, canonical) < 0)
		n = -1;
	arena_free(a);
	return n;
}
