/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db: SQLite with one manner: prepared once, bound by type letters, errors as struct err.
 *
 * Type letters of values: i int64_t · t const char * (NULL: SQL NULL) · s struct slice ·
 * b struct slice as BLOB · n NULL (takes no argument). All are copied or used before the call
 * returns. SQL texts must be string literals (statements are cached by their address).
 */
#ifndef BASE_DB_H
#define BASE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct db;
struct statement;
struct sqlite3_stmt;

enum db_mode {
	DB_WRITE_FULL,   /* read and write, WAL, synchronous=FULL: a lost commit would lose mail */
	DB_WRITE_NORMAL, /* the same, synchronous=NORMAL: a lost commit is only done again */
	DB_READ          /* read only */
};

/* One step of a schema: SQL that leads from user_version i to i+1. Steps are never changed once
 * released. */
struct db_schema {
	const char *name;        /* "list.db" */
	const char *const *step; /* step[0] makes an empty file version 1 */
	int version;             /* number of steps */
};

/*
 * Opens path; with a write mode makes it (0600) and migrates step by step, each step in its own
 * transaction. A file of a newer version is refused (permanent: "was written by a newer Plenary
 * …"); DB_READ refuses an older one for now (temporary). Waits up to 10 s for locks. schema may be
 * NULL: no versions. REFERENCES are enforced, and "x" is a name, never a string.
 * Errors: busy, full, I/O and opening are temporary; damage, constraints and wrong SQL permanent.
 */
int db_open(struct db **db, const char *path, enum db_mode mode, const struct db_schema *schema,
	    struct err *e) __attribute__((warn_unused_result));
void db_close(struct db *db);

/* BEGIN IMMEDIATE / COMMIT / ROLLBACK. Never nested. Rollback has no way to fail that a caller
 * could mend. */
int db_begin(struct db *db, struct err *e) __attribute__((warn_unused_result));
int db_commit(struct db *db, struct err *e) __attribute__((warn_unused_result));
void db_rollback(struct db *db);
bool db_in_transaction(struct db *db);
/* Switches PRAGMA synchronous between FULL and NORMAL outside of a transaction. */
int db_synchronous(struct db *db, bool full, struct err *e) __attribute__((warn_unused_result));

/* Runs SQL of any number of statements without values, as the steps of a schema are. */
int db_run(struct db *db, const char *sql, struct err *e) __attribute__((warn_unused_result));
/* The file's name without its folder, for messages. */
const char *db_name(const struct db *db);
/* Runs a statement to its end: the number of rows it changed itself, or -1. */
int64_t db_do(struct db *db, struct err *e, const char *sql, const char *types, ...)
    __attribute__((warn_unused_result));
int64_t db_last_rowid(struct db *db);

/*
 * A query: db_ask, then db_next until it is not 1, then db_end (always, also after errors).
 *	struct db_query q;
 *	if (db_ask(db, &q, e, "SELECT a, b FROM t WHERE c = ?", "t", name) < 0) return -1;
 *	while ((r = db_next(&q, e)) == 1) use(db_int(&q, 0), db_text(&q, 1));
 *	db_end(&q);
 * Slices from db_text and db_blob live until the next db_next or db_end.
 */
struct db_query {
	struct db *db;
	struct sqlite3_stmt *stmt;
	struct statement *entry;
};
int db_ask(struct db *db, struct db_query *q, struct err *e, const char *sql, const char *types,
	   ...) __attribute__((warn_unused_result));
int db_next(struct db_query *q, struct err *e)
    __attribute__((warn_unused_result)); /* 1 a row, 0 the end, -1 */
void db_end(struct db_query *q);
bool db_null(struct db_query *q, int col);
int64_t db_int(struct db_query *q, int col);
struct slice db_text(struct db_query *q, int col);
struct slice db_blob(struct db_query *q, int col);

/* A query for one integer: 1 and *out, 0 when there is no row (or it is NULL), -1. */
int db_one_int(struct db *db, struct err *e, int64_t *out, const char *sql, const char *types, ...)
    __attribute__((warn_unused_result));
/* PRAGMA quick_check: 0 good, -1 with the first finding. */
int db_check(struct db *db, struct err *e) __attribute__((warn_unused_result));
/* A consistent copy while others write (sqlite3_backup); replaces path when it is whole. */
int db_copy(struct db *db, const char *path, struct err *e) __attribute__((warn_unused_result));

#endif
