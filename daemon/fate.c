/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fate: see fate.h.
 */
#include "daemon/fate.h"

#include "base/arena.h"
#include "mail/address.h"

int
fate_begin(struct db *db, int64_t out, const char *list, const struct fate *f, struct err *e)
{
	struct arena *a = arena_new();
	int64_t r = db_do(db, e,
			  "INSERT INTO fate (out, event, list, recipient, template, sent, state, t)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?6)",
			  "iittti", out, f->event, list,
			  address_canonical(a, slice_str(f->recipient)), f->template, f->sent);
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
fate_end(struct db *db, int64_t out, const char *state, struct slice error, int64_t now,
	 struct err *e)
{
	return db_do(db, e, "UPDATE fate SET state = ?, error = ?, t = ? WHERE out = ?", "tsii",
		     state, error, now, out) < 0
		   ? -1
		   : 0;
}

int
fate_bounced(struct db *db, const char *list, struct slice recipient, struct slice error,
	     int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	int64_t r = db_do(db, e,
			  "UPDATE fate SET state = 'bounced', error = ?1, t = ?2 WHERE out ="
			  " (SELECT out FROM fate WHERE recipient = ?3 AND list = ?4"
			  " AND state = 'delivered' AND t > ?5 ORDER BY out DESC LIMIT 1)",
			  "sitti", error, now, address_canonical(a, recipient), list,
			  now - FATE_BOUNCES_WITHIN);
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
fate_each(struct db *db, int64_t event, int (*each)(void *arg, const struct fate *f), void *arg,
	  struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int r = db_ask(db, &q, e,
		       "SELECT event, recipient, template, sent, state, t, error FROM fate"
		       " WHERE event = ? ORDER BY out",
		       "i", event);
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			struct fate f = {.event = db_int(&q, 0),
					 .recipient = arena_str(a, db_text(&q, 1)),
					 .template = arena_str(a, db_text(&q, 2)),
					 .sent = db_int(&q, 3),
					 .state = arena_str(a, db_text(&q, 4)),
					 .t = db_int(&q, 5),
					 .error = arena_str(a, db_text(&q, 6))};
			if (each(arg, &f) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
fate_forget(struct db *db, struct slice address, const char *name, struct err *e)
{
	struct arena *a = arena_new();
	int64_t r = db_do(db, e, "UPDATE fate SET recipient = ?, error = '' WHERE recipient = ?",
			  "tt", name, address_canonical(a, address));
	arena_free(a);
	return r < 0 ? -1 : 0;
}
