/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema: which version a database is of (PRAGMA user_version), and how it is brought to ours; for
 * base/db.h alone, whose db_open says what comes of it.
 */
#ifndef BASE_SCHEMA_H
#define BASE_SCHEMA_H

#include "base/db.h"
#include "base/err.h"

/* Takes the steps that are missing, each in its own transaction. Where another process is quicker,
 * its steps count. */
int schema_migrate(struct db *db, const struct db_schema *schema, struct err *e)
    __attribute__((warn_unused_result));
/* A file that a newer server wrote is a permanent error. It changes nothing. */
int schema_refuse_newer(struct db *db, const struct db_schema *schema, struct err *e)
    __attribute__((warn_unused_result));
/* The same; and one that nobody has brought to our version yet is a temporary error. */
int schema_refuse_other(struct db *db, const struct db_schema *schema, struct err *e)
    __attribute__((warn_unused_result));

#endif
