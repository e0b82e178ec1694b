/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood: see flood.h.
 */
#include "daemon/flood.h"

int
flood_allow(struct db *db, const char *kind, const char *name, int max, int64_t now, struct err *e)
{
	int64_t n = db_do(db, e,
			  "INSERT INTO flood (kind, name, day, n) SELECT ?1, ?2, ?3, 1 WHERE ?4 > 0"
			  " ON CONFLICT (kind, name, day) DO UPDATE SET n = n + 1 WHERE n < ?4",
			  "ttii", kind, name, now / 86400, (int64_t)max);
	return n < 0 ? -1 : n > 0;
}

int
flood_trim(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e, "DELETE FROM flood WHERE day < ?", "i", now / 86400 - 1) < 0 ? -1 : 0;
}
