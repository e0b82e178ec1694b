/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * moderator: see moderator.h.
 */
#include "daemon/moderator.h"

#include <string.h>

#include "base/arena.h"
#include "mail/address.h"

static const char *const words[] = {[NOTICES_EACH] = "each", [NOTICES_DAILY] = "daily"};

bool
moderator_is(const struct conf_list *l, struct slice address)
{
	return strings_has_address(&l->moderators, address) ||
	       strings_has_address(&l->owners, address);
}

int
moderator_notices(struct db *db, const struct conf_list *l, struct slice address, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int ret = db_ask(db, &q, e, "SELECT notices FROM moderator WHERE list = ? AND address = ?",
			 "tt", l->name, address_canonical(a, address));
	if (ret == 0) {
		int r = db_next(&q, e);
		ret = r < 0 ? -1 : (int)l->held_notices;
		for (int i = NOTICES_EACH; r == 1 && i <= NOTICES_DAILY; i++)
			if (slice_is(db_text(&q, 0), words[i]))
				ret = i;
		db_end(&q);
	}
	arena_free(a);
	return ret;
}

int
moderator_set_notices(struct db *db, const struct conf_list *l, struct slice address,
		      enum held_notices notices, struct err *e)
{
	struct arena *a = arena_new();
	int64_t n = db_do(db, e,
			  "INSERT INTO moderator (list, address, notices) VALUES (?1, ?2, ?3)"
			  " ON CONFLICT DO UPDATE SET notices = ?3",
			  "ttt", l->name, address_canonical(a, address), words[notices]);
	arena_free(a);
	return n < 0 ? -1 : 0;
}

int64_t
moderator_summed(struct db *db, const struct conf_list *l, struct slice address, struct err *e)
{
	struct arena *a = arena_new();
	int64_t day = 0;
	int r =
	    db_one_int(db, e, &day, "SELECT summed FROM moderator WHERE list = ? AND address = ?",
		       "tt", l->name, address_canonical(a, address));
	arena_free(a);
	return r < 0 ? -1 : day;
}

int
moderator_note_summary(struct db *db, const struct conf_list *l, struct slice address, int64_t day,
		       struct err *e)
{
	struct arena *a = arena_new();
	int64_t n = db_do(db, e,
			  "INSERT INTO moderator (list, address, summed) VALUES (?1, ?2, ?3)"
			  " ON CONFLICT DO UPDATE SET summed = ?3",
			  "tti", l->name, address_canonical(a, address), day);
	arena_free(a);
	return n < 0 ? -1 : 0;
}

int
moderator_each_of(struct db *db, struct slice address,
		  int (*each)(void *arg, const char *list, const char *notices), void *arg,
		  struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int r = db_ask(db, &q, e,
		       "SELECT list, notices FROM moderator WHERE address = ? AND notices <> ''"
		       " ORDER BY list",
		       "t", address_canonical(a, address));
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1)
			if (each(arg, arena_str(a, db_text(&q, 0)), arena_str(a, db_text(&q, 1))) <
			    0)
				break;
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
moderator_forget(struct db *db, struct slice address, struct err *e)
{
	struct arena *a = arena_new();
	int64_t n = db_do(db, e, "DELETE FROM moderator WHERE address = ?", "t",
			  address_canonical(a, address));
	arena_free(a);
	return n < 0 ? -1 : 0;
}
