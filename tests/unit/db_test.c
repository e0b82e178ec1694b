/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/db.h"
#include "base/file.h"

static char dir[64], path[128], other[128];

static const char *const steps[] = {
    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c); INSERT INTO t (b) VALUES ('one')",
    "ALTER TABLE t ADD COLUMN d TEXT",
    "CREATE TABLE u (t INTEGER REFERENCES t(a))",
};
static const struct db_schema v1 = {"test.db", steps, 1};
static const struct db_schema v3 = {"test.db", steps, 3};

static int
set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof dir, "%.40s/db-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/test.db", dir);
	snprintf(other, sizeof other, "%s/copy.db", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return file_remove_tree(AT_FDCWD, dir, NULL);
}

static struct db *
open_db(enum db_mode mode, const struct db_schema *schema)
{
	struct err e = {0};
	struct db *db;

	if (db_open(&db, path, mode, schema, &e) < 0)
		fail_msg("%s", e.text);
	return db;
}

static int64_t
count(struct db *db)
{
	int64_t n = -1;

	assert_int_equal(db_one_int(db, NULL, &n, "SELECT count(*) FROM t", ""), 1);
	return n;
}

static void
test_new_file_is_private_and_wal(void **state)
{
	struct db *db = open_db(DB_WRITE_FULL, &v3);
	struct db_query q;
	struct stat st;
	int64_t n = -1;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(db_one_int(db, NULL, &n, "PRAGMA user_version", ""), 1);
	assert_int_equal(n, 3);
	assert_int_equal(db_one_int(db, NULL, &n, "PRAGMA synchronous", ""), 1);
	assert_int_equal(n, 2);
	assert_int_equal(db_synchronous(db, false, NULL), 0);
	assert_int_equal(db_one_int(db, NULL, &n, "PRAGMA synchronous", ""), 1);
	assert_int_equal(n, 1);
	assert_int_equal(db_ask(db, &q, NULL, "PRAGMA journal_mode", ""), 0);
	assert_int_equal(db_next(&q, NULL), 1);
	assert_true(slice_is(db_text(&q, 0), "wal"));
	db_end(&q);
	db_close(db);
}

static void
test_values_come_back_as_bound(void **state)
{
	struct db *db = open_db(DB_WRITE_NORMAL, &v3);
	struct slice nul = {"a\0b", 3}, empty = {NULL, 0};
	struct db_query q;
	int64_t big = INT64_MIN;

	(void)state;
	assert_int_equal(db_do(db, NULL, "INSERT INTO t (a, b, c, d) VALUES (?, ?, ?, ?)", "isbt",
			       big, nul, nul, (const char *)NULL),
			 1);
	assert_int_equal(db_last_rowid(db), big);
	assert_int_equal(db_do(db, NULL, "INSERT INTO t (a, b, c, d) VALUES (?, ?, ?, ?)", "intb",
			       (int64_t)2, "two", empty),
			 1);
	assert_int_equal(
	    db_ask(db, &q, NULL, "SELECT a, b, c, d FROM t WHERE a != 1 ORDER BY a", ""), 0);
	assert_int_equal(db_next(&q, NULL), 1);
	assert_true(db_int(&q, 0) == big);
	assert_true(slice_eq(db_text(&q, 1), nul));
	assert_true(slice_eq(db_blob(&q, 2), nul));
	assert_true(db_null(&q, 3));
	assert_int_equal(db_text(&q, 3).n, 0);
	assert_int_equal(db_next(&q, NULL), 1);
	assert_true(db_null(&q, 1));
	assert_true(slice_is(db_text(&q, 2), "two"));
	assert_false(db_null(&q, 3)); /* an empty slice is empty, not NULL */
	assert_int_equal(db_next(&q, NULL), 0);
	db_end(&q);
	db_close(db);
}

static void
test_changes_are_counted(void **state)
{
	struct db *db = open_db(DB_WRITE_NORMAL, &v3);

	(void)state;
	assert_int_equal(db_do(db, NULL, "INSERT INTO t (b) VALUES ('x'), ('y')", ""), 2);
	assert_int_equal(db_do(db, NULL, "CREATE TABLE w (z)", ""), 0);
	assert_int_equal(db_do(db, NULL, "INSERT OR IGNORE INTO t (b) VALUES ('x')", ""), 0);
	assert_int_equal(db_do(db, NULL, "UPDATE t SET d = ?", "t", "z"), 3);
	assert_int_equal(db_do(db, NULL, "DELETE FROM t WHERE a = ?", "i", (int64_t)99), 0);
	db_close(db);
}

/* The same text inside its own loop must not disturb it. */
static void
test_query_within_itself(void **state)
{
	static const char sql[] = "SELECT a FROM t ORDER BY a";
	struct db *db = open_db(DB_WRITE_NORMAL, &v3);
	struct db_query q, r;
	int seen = 0;

	(void)state;
	assert_int_equal(db_do(db, NULL, "INSERT INTO t (b) VALUES ('x'), ('y')", ""), 2);
	assert_int_equal(db_ask(db, &q, NULL, sql, ""), 0);
	while (db_next(&q, NULL) == 1) {
		assert_int_equal(db_ask(db, &r, NULL, sql, ""), 0);
		while (db_next(&r, NULL) == 1)
			seen++;
		db_end(&r);
	}
	db_end(&q);
	db_end(&q); /* twice is harmless */
	assert_int_equal(seen, 9);
	db_close(db);
}

static void
test_transactions(void **state)
{
	struct db *db = open_db(DB_WRITE_FULL, &v3);
	struct err e = {0};

	(void)state;
	assert_int_equal(db_begin(db, NULL), 0);
	assert_true(db_in_transaction(db));
	assert_int_equal(db_do(db, NULL, "DELETE FROM t", ""), 1);
	db_rollback(db);
	assert_false(db_in_transaction(db));
	assert_int_equal(count(db), 1);
	db_rollback(db); /* nothing to do */
	assert_int_equal(db_begin(db, NULL), 0);
	assert_int_equal(db_do(db, NULL, "DELETE FROM t", ""), 1);
	assert_int_equal(db_commit(db, NULL), 0);
	assert_int_equal(count(db), 0);
	assert_int_equal(db_commit(db, &e), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY);
	db_close(db);
}

static void
test_migration(void **state)
{
	struct db *db = open_db(DB_WRITE_FULL, &v1);
	struct err e = {0};

	(void)state;
	db_close(db);
	assert_int_equal(db_open(&db, path, DB_READ, &v3, &e), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY);
	db = open_db(DB_WRITE_FULL, &v3);
	assert_int_equal(count(db), 1); /* step 0 did not run again */
	assert_int_equal(db_do(db, NULL, "UPDATE t SET d = 'x'", ""), 1);
	db_close(db);
	for (int mode = DB_WRITE_FULL; mode <= DB_READ; mode++) {
		assert_int_equal(db_open(&db, path, (enum db_mode)mode, &v1, &e), -1);
		assert_int_equal(e.kind, ERR_PERMANENT);
		assert_non_null(strstr(e.text, "was written by a newer Plenary"));
		assert_null(db);
	}
}

static void
test_failed_step_leaves_the_old_version(void **state)
{
	static const char *const bad[] = {"CREATE TABLE t (a)",
					  "CREATE TABLE x (a); INSERT INTO nowhere VALUES (1)"};
	const struct db_schema good1 = {"test.db", bad, 1}, bad2 = {"test.db", bad, 2};
	struct db *db = open_db(DB_WRITE_FULL, &good1);
	struct err e = {0};
	int64_t n;

	(void)state;
	db_close(db);
	assert_int_equal(db_open(&db, path, DB_WRITE_FULL, &bad2, &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	db = open_db(DB_READ, &good1);
	assert_int_equal(
	    db_one_int(db, NULL, &n, "SELECT count(*) FROM sqlite_schema WHERE name = 'x'", ""), 1);
	assert_int_equal(n, 0);
	db_close(db);
}

/* Roles start together: each finds the file new. */
static void
test_racing_migrations(void **state)
{
	struct db *db;
	int status;

	(void)state;
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			_exit(db_open(&db, path, DB_WRITE_FULL, &v3, NULL) == 0 ? 0 : 1);
	for (int i = 0; i < 4; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	db = open_db(DB_READ, &v3);
	assert_int_equal(count(db), 1);
	db_close(db);
}

static void
test_reader_without_and_beside_a_writer(void **state)
{
	struct db *db, *reader;
	struct err e = {0};

	(void)state;
	assert_int_equal(db_open(&reader, path, DB_READ, &v3, &e), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY); /* not there yet */
	assert_int_equal(access(path, F_OK), -1);
	db_close(open_db(DB_WRITE_FULL, &v3));
	reader = open_db(DB_READ, &v3); /* nobody keeps the WAL */
	assert_int_equal(count(reader), 1);
	assert_int_equal(db_do(reader, &e, "DELETE FROM t", ""), -1);
	db = open_db(DB_WRITE_FULL, &v3);
	assert_int_equal(db_begin(db, NULL), 0);
	assert_int_equal(db_do(db, NULL, "DELETE FROM t", ""), 1);
	assert_int_equal(count(reader), 1);
	assert_int_equal(db_commit(db, NULL), 0);
	assert_int_equal(count(reader), 0); /* no read transaction was left behind */
	db_close(reader);
	db_close(db);
}

static void
test_kinds_of_errors(void **state)
{
	struct db *db = open_db(DB_WRITE_FULL, &v3), *two = open_db(DB_WRITE_FULL, &v3);
	struct err e = {0};
	struct db_query q;

	(void)state;
	assert_int_equal(db_do(db, &e, "INSERT INTO t (b) VALUES ('one')", ""), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	assert_int_equal(db_do(db, &e, "INSERT INTO u VALUES (77)", ""), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	assert_non_null(strstr(e.text, "FOREIGN KEY"));
	assert_int_equal(db_ask(db, &q, &e, "SELECT nothing FROM t", ""), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	db_end(&q);
	assert_int_equal(db_do(db, &e, "UPDATE t SET b = \"misspelt\"", ""), -1);

	assert_int_equal(db_do(two, NULL, "PRAGMA busy_timeout=20", ""), 0);
	assert_int_equal(db_begin(db, NULL), 0);
	assert_int_equal(db_begin(two, &e), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY);
	assert_false(db_in_transaction(two));
	db_rollback(db);
	assert_int_equal(db_begin(two, &e), 0);
	db_rollback(two);
	db_close(two);

	assert_int_equal(db_do(db, NULL, "PRAGMA max_page_count=8", ""), 0);
	assert_int_equal(db_begin(db, NULL), 0);
	assert_int_equal(db_do(db, &e, "INSERT INTO t (c) VALUES (zeroblob(100000))", ""), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY); /* full */
	db_rollback(db);
	assert_int_equal(count(db), 1);
	db_close(db);
}

static void
test_one_int(void **state)
{
	struct db *db = open_db(DB_WRITE_FULL, &v3);
	int64_t n = 7;

	(void)state;
	assert_int_equal(db_one_int(db, NULL, &n, "SELECT a FROM t WHERE b = ?", "t", "no"), 0);
	assert_int_equal(db_one_int(db, NULL, &n, "SELECT d FROM t", ""), 0);
	assert_int_equal(n, 7);
	assert_int_equal(db_one_int(db, NULL, &n, "SELECT a FROM t WHERE b = ?", "t", "one"), 1);
	assert_int_equal(n, 1);
	assert_int_equal(db_one_int(db, NULL, &n, "SELECT x FROM t", ""), -1);
	db_close(db);
}

static void
test_damage_is_found(void **state)
{
	struct db *db = open_db(DB_WRITE_FULL, &v3);
	struct err e = {0};
	char junk[4096];
	int fd;

	(void)state;
	assert_int_equal(db_check(db, NULL), 0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(db_do(db, NULL, "INSERT INTO t (c) VALUES (randomblob(500))", ""),
				 1);
	db_close(db); /* the last one out writes the WAL back */
	memset(junk, 0xa5, sizeof junk);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, junk, sizeof junk, 4096), sizeof junk);
	db = open_db(DB_READ, &v3);
	assert_int_equal(db_check(db, &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	db_close(db);
	assert_int_equal(pwrite(fd, junk, sizeof junk, 0), sizeof junk);
	close(fd);
	assert_int_equal(db_open(&db, path, DB_WRITE_FULL, &v3, &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
}

static void
test_copy_beside_a_writer(void **state)
{
	struct db *db = open_db(DB_WRITE_FULL, &v3), *writer = open_db(DB_WRITE_FULL, &v3), *copy;
	struct err e = {0};
	struct stat st;

	(void)state;
	assert_int_equal(db_begin(writer, NULL), 0);
	assert_int_equal(db_do(writer, NULL, "DELETE FROM t", ""), 1);
	assert_int_equal(db_copy(db, other, NULL), 0);
	assert_int_equal(db_copy(db, other, NULL), 0); /* replaces */
	assert_int_equal(db_commit(writer, NULL), 0);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(db_open(&copy, other, DB_READ, &v3, &e), 0);
	assert_int_equal(count(copy), 1);
	assert_int_equal(count(db), 0);
	db_close(copy);
	db_close(writer);
	snprintf(other, sizeof other, "%s/absent/copy.db", dir);
	assert_int_equal(db_copy(db, other, &e), -1);
	assert_int_equal(e.kind, ERR_TEMPORARY);
	db_close(db);
}

static void
die(void (*what)(struct db *))
{
	struct db *db = open_db(DB_WRITE_FULL, &v3);
	int status;

	fflush(NULL);
	if (fork() == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		what(db);
		_exit(0);
	}
	assert_true(wait(&status) > 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	db_close(db);
}

static void
begin_twice(struct db *db)
{
	if (db_begin(db, NULL) == 0)
		(void)!db_begin(db, NULL);
}

static void
wrong_count(struct db *db)
{
	(void)!db_do(db, NULL, "DELETE FROM t WHERE a = ?", "");
}

static void
two_statements(struct db *db)
{
	(void)!db_do(db, NULL, "DELETE FROM t; DELETE FROM u", "");
}

static void
changing_text(struct db *db)
{
	char sql[64] = "DELETE FROM t WHERE a = 5";

	if (db_do(db, NULL, sql, "") == 0) {
		strcpy(sql, "DELETE FROM t WHERE a = 1");
		(void)!db_do(db, NULL, sql, "");
	}
}

static void
test_misuse_is_fatal(void **state)
{
	(void)state;
	die(begin_twice);
	die(wrong_count);
	die(two_statements);
	die(changing_text);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_new_file_is_private_and_wal),
	    T(test_values_come_back_as_bound),
	    T(test_changes_are_counted),
	    T(test_query_within_itself),
	    T(test_transactions),
	    T(test_migration),
	    T(test_failed_step_leaves_the_old_version),
	    T(test_racing_migrations),
	    T(test_reader_without_and_beside_a_writer),
	    T(test_kinds_of_errors),
	    T(test_one_int),
	    T(test_damage_is_found),
	    T(test_copy_beside_a_writer),
	    T(test_misuse_is_fatal),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
