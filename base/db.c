/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db: SQLite with one manner (the header is the manual).
 *
 * Invariants: 1. No statement (base/statement.h) is left stepping between calls but those of open
 * queries, so that no read transaction is held by accident. 2. Temporary data stays in memory: a
 * sandboxed role has no /tmp.
 */
#include "config.h"

#include "base/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/schema.h"
#include "base/statement.h"

#define BUSY_MS 10000     /* longer than any transaction of ours by far */
#define BUSY_POLL_US 5000 /* where SQLite does not wait by itself */

struct db {
	sqlite3 *h;
	char name[64]; /* for messages */
	struct statements statements;
};

static int
fail(struct db *db, int rc, struct err *e)
{
	return statement_fail(db->name, rc, db->h ? sqlite3_errmsg(db->h) : sqlite3_errstr(rc), e);
}

/* --- opening -------------------------------------------------------------------------------- */

int
db_run(struct db *db, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(db, rc, e);
}

const char *
db_name(const struct db *db)
{
	return db->name;
}

/*
 * WAL lets readers and the one writer go on side by side. Turning a new file into it needs the
 * file alone for a moment, and SQLite does not call its busy handler there.
 */
static int
go_wal(struct db *db, struct err *e)
{
	int64_t until = clock_mono() + BUSY_MS;
	int rc;

	while ((rc = sqlite3_exec(db->h, "PRAGMA journal_mode=WAL", NULL, NULL, NULL)) ==
		   SQLITE_BUSY &&
	       clock_mono() < until)
		usleep(BUSY_POLL_US);
	return rc == SQLITE_OK ? 0 : fail(db, rc, e);
}

static int
set_up(struct db *db, enum db_mode mode, const struct db_schema *schema, struct err *e)
{
	sqlite3_busy_timeout(db->h, BUSY_MS);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* 'text' is text and "name" is a name: a misspelt column is an error, not a string. */
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	if (db_run(db, "PRAGMA cache_size=-2048; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON",
		   e) < 0)
		return -1;
	if (mode == DB_READ)
		return schema ? schema_refuse_other(db, schema, e) : 0;
	/* A newer file is refused before a byte of it changes. */
	if (schema && schema_refuse_newer(db, schema, e) < 0)
		return -1;
	if (go_wal(db, e) < 0 || db_synchronous(db, mode == DB_WRITE_FULL, e) < 0)
		return -1;
	return schema ? schema_migrate(db, schema, e) : 0;
}

/*
 * Makes the file with its mode before SQLite would (which gives -wal and -shm the same one). Only
 * a new file is opened: closing a second descriptor of a database drops this process's locks.
 */
static int
make_file(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? 0 : err_errno(e, "%s", path);
	close(fd);
	return 0;
}

int
db_open(struct db **out, const char *path, enum db_mode mode, const struct db_schema *schema,
	struct err *e)
{
	const char *slash = strrchr(path, '/');
	struct db *db = calloc(1, sizeof *db);
	int flags = mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	int rc;

	*out = NULL;
	if (!db)
		fatal("no memory");
	snprintf(db->name, sizeof db->name, "%s", slash ? slash + 1 : path);
	if (mode != DB_READ && make_file(path, e) < 0)
		goto bad;
	rc = sqlite3_open_v2(path, &db->h, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
			     NULL);
	if (rc != SQLITE_OK) {
		fail(db, rc, e);
		goto bad;
	}
	db->statements.h = db->h;
	db->statements.name = db->name;
	if (set_up(db, mode, schema, e) < 0)
		goto bad;
	*out = db;
	return 0;
bad:
	db_close(db);
	return -1;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	statements_free(&db->statements);
	if (db->h && sqlite3_close(db->h) != SQLITE_OK)
		fatal("%s: closed with an open query", db->name);
	free(db);
}

/* --- transactions --------------------------------------------------------------------------- */

bool
db_in_transaction(struct db *db)
{
	return !sqlite3_get_autocommit(db->h);
}

int
db_begin(struct db *db, struct err *e)
{
	if (db_in_transaction(db))
		fatal("%s: a transaction in a transaction", db->name);
	return db_do(db, e, "BEGIN IMMEDIATE", "") < 0 ? -1 : 0;
}

int
db_commit(struct db *db, struct err *e)
{
	/* A full disk makes SQLite roll back by itself: what was begun is gone, and may be redone.
	 */
	if (!db_in_transaction(db))
		return err_temporary(e, "%s: the transaction was rolled back", db->name);
	return db_do(db, e, "COMMIT", "") < 0 ? -1 : 0;
}

void
db_rollback(struct db *db)
{
	struct err e = {0};

	if (db_in_transaction(db) && db_do(db, &e, "ROLLBACK", "") < 0)
		log_warning("rollback: %s", e.text);
}

int
db_synchronous(struct db *db, bool full, struct err *e)
{
	return db_run(db, full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", e);
}

/* --- running -------------------------------------------------------------------------------- */

int64_t
db_do(struct db *db, struct err *e, const char *sql, const char *types, ...)
{
	struct statement *s = statement_get(&db->statements, sql, e);
	sqlite3_int64 before = sqlite3_total_changes64(db->h);
	int64_t ret = -1;
	va_list ap;
	int rc;

	if (!s)
		return -1;
	va_start(ap, types);
	rc = statement_bind(&db->statements, s, false, e, types, ap);
	va_end(ap);
	if (rc < 0)
		goto out;
	while ((rc = sqlite3_step(s->stmt)) == SQLITE_ROW)
		;
	if (rc != SQLITE_DONE) {
		fail(db, rc, e);
		goto out;
	}
	/* sqlite3_changes tells of the last statement that could change rows, not of this one. */
	ret = sqlite3_total_changes64(db->h) == before ? 0 : sqlite3_changes64(db->h);
out:
	statement_put(s);
	return ret;
}

int64_t
db_last_rowid(struct db *db)
{
	return sqlite3_last_insert_rowid(db->h);
}

static int
ask(struct db *db, struct db_query *q, struct err *e, const char *sql, const char *types,
    va_list ap)
{
	struct statement *s = statement_get(&db->statements, sql, e);

	*q = (struct db_query){.db = db};
	if (!s)
		return -1;
	if (statement_bind(&db->statements, s, true, e, types, ap) < 0) {
		statement_put(s);
		return -1;
	}
	q->stmt = s->stmt;
	q->entry = s;
	return 0;
}

int
db_ask(struct db *db, struct db_query *q, struct err *e, const char *sql, const char *types, ...)
{
	va_list ap;
	int r;

	va_start(ap, types);
	r = ask(db, q, e, sql, types, ap);
	va_end(ap);
	return r;
}

int
db_next(struct db_query *q, struct err *e)
{
	int rc = sqlite3_step(q->stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		return fail(q->db, rc, e);
	/* Another step would run the query again: this lets the read transaction go, too. */
	(void)sqlite3_reset(q->stmt);
	return 0;
}

void
db_end(struct db_query *q)
{
	if (q->entry)
		statement_put(q->entry);
	q->entry = NULL;
	q->stmt = NULL;
}

bool
db_null(struct db_query *q, int col)
{
	return sqlite3_column_type(q->stmt, col) == SQLITE_NULL;
}

int64_t
db_int(struct db_query *q, int col)
{
	return sqlite3_column_int64(q->stmt, col);
}

struct slice
db_text(struct db_query *q, int col)
{
	const char *p = (const char *)sqlite3_column_text(q->stmt, col);

	return slice_make(p, p ? (size_t)sqlite3_column_bytes(q->stmt, col) : 0);
}

struct slice
db_blob(struct db_query *q, int col)
{
	const char *p = sqlite3_column_blob(q->stmt, col);

	return slice_make(p, p ? (size_t)sqlite3_column_bytes(q->stmt, col) : 0);
}

int
db_one_int(struct db *db, struct err *e, int64_t *out, const char *sql, const char *types, ...)
{
	struct db_query q;
	va_list ap;
	int r;

	va_start(ap, types);
	r = ask(db, &q, e, sql, types, ap);
	va_end(ap);
	if (r < 0)
		return -1;
	r = db_next(&q, e);
	if (r == 1 && db_null(&q, 0))
		r = 0;
	else if (r == 1)
		*out = db_int(&q, 0);
	db_end(&q);
	return r;
}

/* --- care ----------------------------------------------------------------------------------- */

int
db_check(struct db *db, struct err *e)
{
	struct db_query q;
	struct slice s;
	int r;

	if (db_ask(db, &q, e, "PRAGMA quick_check(1)", "") < 0)
		return -1;
	r = db_next(&q, e);
	if (r == 1) {
		s = db_text(&q, 0);
		r = slice_is(s, "ok")
			? 0
			: err_permanent(e, "%s is damaged: %.*s", db->name, SLICE_ARG(s));
	}
	db_end(&q);
	return r;
}

/* All pages in one step are one read transaction: writers go on, and nothing starts over. */
static int
backup(struct db *db, const char *path, struct err *e)
{
	sqlite3 *to = NULL;
	sqlite3_backup *b;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc == SQLITE_OK) {
		b = sqlite3_backup_init(to, "main", db->h, "main");
		if (b) {
			(void)sqlite3_backup_step(b, -1);
			rc = sqlite3_backup_finish(b);
		} else {
			rc = sqlite3_errcode(to);
		}
	}
	if (rc != SQLITE_OK)
		statement_fail(path, rc, to ? sqlite3_errmsg(to) : sqlite3_errstr(rc), e);
	sqlite3_close(to);
	return rc == SQLITE_OK ? 0 : -1;
}

int
db_copy(struct db *db, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char tmp[PATH_MAX], dir[PATH_MAX];

	if ((size_t)snprintf(tmp, sizeof tmp, "%s.tmp", path) >= sizeof tmp)
		return err_permanent(e, "%s: the name is too long", path);
	snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	unlink(tmp);
	if (make_file(tmp, e) < 0)
		return -1;
	if (backup(db, tmp, e) < 0)
		goto bad;
	if (rename(tmp, path) < 0) {
		err_errno(e, "%s", path);
		goto bad;
	}
	return file_sync_dir_at(AT_FDCWD, dir, e);
bad:
	unlink(tmp);
	return -1;
}
