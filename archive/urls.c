/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/urls.h"

const char *const urls_schema[] = {
    "CREATE TABLE url(id INTEGER NOT NULL, place INTEGER NOT NULL, url TEXT NOT NULL,"
    " PRIMARY KEY(id, place)) WITHOUT ROWID",
    NULL};

int
urls_add(struct db *db, int64_t id, const struct fields *f, struct err *e)
{
	for (size_t i = 0; i < f->nurls; i++)
		if (db_do(db, e, "INSERT OR REPLACE INTO url(id, place, url) VALUES(?, ?, ?)",
			  "iis", id, (int64_t)i, f->urls[i]) < 0)
			return -1;
	return 0;
}

int
urls_drop(struct db *db, int64_t id, struct err *e)
{
	return db_do(db, e, "DELETE FROM url WHERE id = ?", "i", id) < 0 ? -1 : 0;
}

int
urls_drop_list(struct db *db, int64_t list, struct err *e)
{
	return db_do(db, e, "DELETE FROM url WHERE id IN (SELECT id FROM node WHERE list = ?)", "i",
		     list) < 0
		   ? -1
		   : 0;
}

int
urls_between(struct db *db, struct arena *a, int64_t list, int64_t from, int64_t to, size_t max,
	     struct overview_url **us, size_t *n, struct err *e)
{
	struct db_query q;
	int r = 0;

	*n = 0;
	*us = arena_array(a, max, sizeof **us);
	/* With one min() SQLite takes the other columns from that row: the first who posted it. */
	if (db_ask(db, &q, e,
		   "SELECT u.url, n.id, count(*), min(n.date) AS d FROM node n JOIN url u"
		   " ON u.id = n.id WHERE n.list = ? AND n.state <> 1 AND n.state = 0"
		   " AND n.date >= ? AND n.date < ? GROUP BY u.url ORDER BY d, n.id, u.place"
		   " LIMIT ?",
		   "iiii", list, from, to, (int64_t)max) < 0)
		return -1;
	while (*n < max && (r = db_next(&q, e)) == 1)
		(*us)[(*n)++] = (struct overview_url){.url = arena_dup(a, db_text(&q, 0)),
						      .message = db_int(&q, 1),
						      .messages = db_int(&q, 2)};
	db_end(&q);
	return r < 0 ? -1 : 0;
}
