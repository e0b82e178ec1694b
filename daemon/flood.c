/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood: see flood.h.
 */
#include "daemon/flood.h"

#include <string.h>

/* Since the start of this process, for the administrator. */
static struct {
	const char *kind;
	int64_t allowed, refused;
} counts[FLOOD_KINDS_MAX];

static void
count(const char *kind, bool allowed)
{
	for (size_t i = 0; i < FLOOD_KINDS_MAX; i++) {
		if (counts[i].kind && strcmp(counts[i].kind, kind) != 0)
			continue;
		counts[i].kind = kind;
		counts[i].allowed += allowed;
		counts[i].refused += !allowed;
		return;
	}
}

int
flood_allow(struct db *db, const char *kind, const char *name, int max, int64_t now, struct err *e)
{
	int64_t n = db_do(db, e,
			  "INSERT INTO flood (kind, name, day, n) SELECT ?1, ?2, ?3, 1 WHERE ?4 > 0"
			  " ON CONFLICT (kind, name, day) DO UPDATE SET n = n + 1 WHERE n < ?4",
			  "ttii", kind, name, now / 86400, (int64_t)max);
	if (n < 0)
		return -1;
	count(kind, n > 0);
	if (n == 0 && db_do(db, e,
			    "UPDATE flood SET refused = refused + 1"
			    " WHERE kind = ? AND name = ? AND day = ?",
			    "tti", kind, name, now / 86400) < 0)
		return -1;
	return n > 0;
}

int
flood_each_cut(struct db *db, bool untold, int64_t now,
	       int (*each)(void *arg, const struct flood_cut *cut), void *arg, struct err *e)
{
	struct db_query q;
	struct arena *a = arena_new();
	int r = db_ask(db, &q, e,
		       "SELECT day, kind, name, n, refused FROM flood WHERE refused > 0"
		       " AND day > ?1 - ?2 AND (?3 = 0 OR (told = 0 AND day < ?1))"
		       " ORDER BY day DESC, refused DESC, kind, name",
		       "iii", now / 86400, (int64_t)FLOOD_KEPT, (int64_t)untold);
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			arena_reset(a);
			struct flood_cut cut = {db_int(&q, 0), arena_str(a, db_text(&q, 1)),
						arena_str(a, db_text(&q, 2)), db_int(&q, 3),
						db_int(&q, 4)};
			if (each(arg, &cut) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
flood_told(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e, "UPDATE flood SET told = 1 WHERE refused > 0 AND told = 0 AND day < ?",
		     "i", now / 86400) < 0
		   ? -1
		   : 0;
}

int64_t
flood_used(struct db *db, const char *kind, const char *name, int64_t now)
{
	int64_t n = 0;
	return db_one_int(db, NULL, &n,
			  "SELECT n FROM flood WHERE kind = ? AND name = ? AND day = ?", "tti",
			  kind, name, now / 86400) < 0
		   ? 0
		   : n;
}

void
flood_metrics(struct buf *out)
{
	for (size_t i = 0; i < FLOOD_KINDS_MAX && counts[i].kind; i++)
		buf_printf(out,
			   "plenary_list_flood_allowed_total{kind=\"%s\"} %lld\n"
			   "plenary_list_flood_refused_total{kind=\"%s\"} %lld\n",
			   counts[i].kind, (long long)counts[i].allowed, counts[i].kind,
			   (long long)counts[i].refused);
}

/* "NAME/LIST": of hers in one list. */
#define OF_NAME " (name = ?1 OR substr(name, 1, length(?1) + 1) = ?1 || '/')"

int
flood_each_of(struct db *db, const char *name,
	      int (*each)(void *arg, const char *kind, int64_t day, int64_t n), void *arg,
	      struct err *e)
{
	struct db_query q;
	struct arena *a = arena_new();
	int r =
	    db_ask(db, &q, e, "SELECT kind, day, n FROM flood WHERE" OF_NAME " ORDER BY day, kind",
		   "t", name);
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			arena_reset(a);
			if (each(arg, arena_str(a, db_text(&q, 0)), db_int(&q, 1), db_int(&q, 2)) <
			    0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
flood_forget(struct db *db, const char *name, struct err *e)
{
	return db_do(db, e, "DELETE FROM flood WHERE" OF_NAME, "t", name) < 0 ? -1 : 0;
}

int
flood_trim(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e, "DELETE FROM flood WHERE day < ? AND (refused = 0 OR day < ?)", "ii",
		     now / 86400 - 1, now / 86400 - FLOOD_KEPT) < 0
		   ? -1
		   : 0;
}
