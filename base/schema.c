/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema: see schema.h. Each step is one transaction; another role may be at the same file.
 */
#include "config.h"

#include "base/schema.h"

#include <stdio.h>

static int
get_version(struct db *db, int *version, struct err *e)
{
	int64_t v = 0;

	if (db_one_int(db, e, &v, "PRAGMA user_version", "") < 0)
		return -1;
	*version = (int)v;
	return 0;
}

static int
refuse_newer(struct db *db, int version, const struct db_schema *schema, struct err *e)
{
	if (version <= schema->version)
		return 0;
	return err_permanent(e, "%s was written by a newer Plenary (version %d, this one knows %d)",
			     db_name(db), version, schema->version);
}

/* One step in one transaction. Another role may have been quicker: the version is read inside. */
static int
migrate_step(struct db *db, const struct db_schema *schema, int *version, struct err *e)
{
	char sql[64];

	if (db_begin(db, e) < 0)
		return -1;
	if (get_version(db, version, e) < 0)
		goto back;
	if (*version >= schema->version) {
		db_rollback(db);
		return 0;
	}
	if (db_run(db, schema->step[*version], e) < 0)
		goto back;
	snprintf(sql, sizeof sql, "PRAGMA user_version=%d", *version + 1);
	if (db_run(db, sql, e) < 0 || db_commit(db, e) < 0)
		goto back;
	++*version;
	return 0;
back:
	db_rollback(db);
	return err_prefix(e, "bringing it to version %d", *version + 1);
}

int
schema_migrate(struct db *db, const struct db_schema *schema, struct err *e)
{
	int version = 0;

	if (get_version(db, &version, e) < 0)
		return -1;
	while (version < schema->version)
		if (migrate_step(db, schema, &version, e) < 0)
			return -1;
	return refuse_newer(db, version, schema, e);
}

int
schema_refuse_newer(struct db *db, const struct db_schema *schema, struct err *e)
{
	int version = 0;

	return get_version(db, &version, e) < 0 ? -1 : refuse_newer(db, version, schema, e);
}

int
schema_refuse_other(struct db *db, const struct db_schema *schema, struct err *e)
{
	int version = 0;

	if (get_version(db, &version, e) < 0 || refuse_newer(db, version, schema, e) < 0)
		return -1;
	if (version < schema->version)
		return err_temporary(e, "%s is of version %d and waits for %d", db_name(db),
				     version, schema->version);
	return 0;
}
