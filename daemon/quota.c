/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quota: see quota.h.
 */
#include "daemon/quota.h"

#include "base/arena.h"
#include "mail/address.h"

#define DAY 86400

int64_t
quota_used(struct db *db, const struct conf_list *list, struct slice address, int64_t now,
	   struct err *e)
{
	struct arena *a = arena_new();
	int64_t n = 0;
	int r =
	    db_one_int(db, e, &n, "SELECT n FROM quota WHERE list = ? AND address = ? AND day = ?",
		       "tti", list->name, address_canonical(a, address), zone_day(list->zone, now));
	arena_free(a);
	return r < 0 ? -1 : n;
}

int
quota_count(struct db *db, const struct conf_list *list, struct slice address, int64_t now,
	    struct err *e)
{
	struct arena *a = arena_new();
	int64_t n =
	    db_do(db, e,
		  "INSERT INTO quota (list, address, day, n) VALUES (?, ?, ?, 1)"
		  " ON CONFLICT DO UPDATE SET n = n + 1",
		  "tti", list->name, address_canonical(a, address), zone_day(list->zone, now));
	arena_free(a);
	return n < 0 ? -1 : 0;
}

int
quota_forget(struct db *db, struct slice address, struct err *e)
{
	struct arena *a = arena_new();
	int64_t n =
	    db_do(db, e, "DELETE FROM quota WHERE address = ?", "t", address_canonical(a, address));
	arena_free(a);
	return n < 0 ? -1 : 0;
}

int
quota_trim(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e, "DELETE FROM quota WHERE day < ?", "i", now / DAY - 2) < 0 ? -1 : 0;
}
