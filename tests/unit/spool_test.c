/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The spool's invariants while all goes well, at its limits, and with a full disk. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spool.h"

static char top[64], dir[80];
static struct err e;

static int
setup(void **state)
{
	struct spool *sp;

	if (file_remove_tree(AT_FDCWD, dir, &e) < 0 || spool_open(&sp, dir, &e) < 0)
		return -1;
	*state = sp;
	return 0;
}

static int
teardown(void **state)
{
	spool_close(*state);
	return 0;
}

static const char *
path(const char *folder, const char *name)
{
	static char p[256];

	snprintf(p, sizeof p, "%s/%s/%s", dir, folder, name);
	return p;
}

static bool
there(const char *folder, const char *name)
{
	return access(path(folder, name), F_OK) == 0;
}

static void
put(struct spool *sp, const char *id, const char *text)
{
	struct slice part = slice_str(text);

	assert_int_equal(spool_put(sp, id, &part, 1, &e), 0);
}

static void
assert_counts(struct spool *sp, int64_t waiting, int64_t bad)
{
	int64_t w, b;

	assert_int_equal(spool_count(sp, &w, &b, &e), 0);
	assert_int_equal(w, waiting);
	assert_int_equal(b, bad);
}

static void
assert_claim(struct spool *sp, const char *want)
{
	char id[ID_MAX];

	assert_int_equal(spool_claim(sp, id, &e), want != NULL);
	if (want != NULL)
		assert_string_equal(id, want);
}

/* IDs in order of age; A1 is derived from A. */
#define A "0a000000000000000000000000"
#define A1 A "-a"
#define B "0b000000000000000000000000"
#define C "0c000000000000000000000000"

static void
oldest_first(void **state)
{
	struct spool *sp = *state;
	struct slice s;

	assert_claim(sp, NULL);
	put(sp, B, "b");
	put(sp, C, "");
	put(sp, A1, "a1");
	put(sp, A, "a");
	assert_counts(sp, 4, 0);
	assert_claim(sp, A);
	assert_claim(sp, A1);
	assert_claim(sp, B);
	assert_int_equal(spool_map(sp, B, &s, &e), 0);
	assert_true(slice_is(s, "b"));
	file_unmap(s);
	assert_claim(sp, C);
	assert_int_equal(spool_map(sp, C, &s, &e), 0);
	assert_int_equal(s.n, 0);
	assert_claim(sp, NULL);
	assert_int_equal(spool_done(sp, C, &e), 0);
	assert_int_equal(spool_done(sp, A, &e), 0);
	assert_int_equal(spool_done(sp, A, &e), 0); /* missing is fine */
	assert_int_equal(spool_map(sp, A, &s, &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	assert_int_equal(spool_reject(sp, B, &e), 0);
	assert_true(there("bad", B));
	assert_counts(sp, 0, 1);
	assert_int_equal(spool_done(sp, A1, &e), 0);
	assert_claim(sp, NULL);
}

static void
streaming(void **state)
{
	struct spool *sp = *state;
	struct spool_file f, g;
	struct slice s;

	assert_int_equal(spool_begin(sp, A, &f, &e), 0);
	assert_int_equal(spool_begin(sp, B, &g, &e), 0);
	assert_int_equal(spool_write(&f, "one ", 4, &e), 0);
	assert_int_equal(spool_write(&g, "gone", 4, &e), 0);
	assert_int_equal(spool_write(&f, "two", 3, &e), 0);
	assert_true(f.size == 7);
	assert_claim(sp, NULL); /* nothing is seen before it is published */
	spool_abort(sp, &g);
	assert_false(there("tmp", B));
	assert_int_equal(spool_flush(&f, &e), 0);
	assert_claim(sp, NULL);
	assert_int_equal(spool_publish(sp, &f, &e), 0);
	assert_int_equal(spool_sync(sp, &e), 0);
	assert_claim(sp, A);
	assert_int_equal(spool_map(sp, A, &s, &e), 0);
	assert_true(slice_is(s, "one two"));
	file_unmap(s);
}

static void
published_twice(void **state)
{
	struct spool *sp = *state;

	put(sp, A, "x");
	put(sp, A, "x");
	assert_counts(sp, 1, 0);
	assert_claim(sp, A);
	put(sp, A, "x"); /* in hand */
	assert_counts(sp, 0, 0);
	assert_int_equal(spool_reject(sp, A, &e), 0);
	put(sp, A, "x"); /* in bad/ */
	assert_counts(sp, 0, 1);
	assert_claim(sp, NULL);
	put(sp, B, "x");
	assert_claim(sp, B);
	assert_int_equal(spool_recover(sp, NULL, NULL, &e), 1);
	assert_true(there("new", B ",1"));
	put(sp, B, "x"); /* waits with a death */
	assert_counts(sp, 1, 1);
	assert_false(there("tmp", B));
	assert_false(there("new", B));
}

/* The writer looked before the reader's rename: two names of one ID. The reader mends it. */
static void
published_twice_at_once(void **state)
{
	struct spool *sp = *state;
	char from[256];

	put(sp, A, "x");
	snprintf(from, sizeof from, "%s", path("new", A));
	assert_int_equal(link(from, path("new", A ",1")), 0);
	put(sp, B, "x");
	assert_claim(sp, A);
	assert_true(there("cur", A ",1"));
	assert_false(there("new", A));
	put(sp, C, "x");
	assert_int_equal(link(from, path("new", B ",2")), -1); /* A's file went to cur/ */
	assert_claim(sp, NULL);                                /* a death is in hand alone */
	assert_int_equal(spool_done(sp, A, &e), 0);
	assert_claim(sp, B);
	/* B again, while it is in hand. */
	snprintf(from, sizeof from, "%s", path("cur", B));
	assert_int_equal(link(from, path("new", B)), 0);
	assert_claim(sp, C);
	assert_claim(sp, NULL);
	assert_false(there("new", B));
	assert_true(there("cur", B));
}

static void
linked_onwards(void **state)
{
	struct spool *sp = *state;
	struct slice s;
	int fd = open(top, O_RDONLY | O_DIRECTORY);

	put(sp, A, "x");
	assert_int_equal(spool_link(sp, A, fd, "other", &e), -1); /* not in hand */
	assert_claim(sp, A);
	assert_int_equal(spool_link(sp, A, fd, "other", &e), 0);
	assert_int_equal(spool_link(sp, A, fd, "other", &e), 0);
	assert_int_equal(spool_done(sp, A, &e), 0);
	assert_int_equal(file_map(fd, "other", &s, &e), 0);
	assert_true(slice_is(s, "x"));
	file_unmap(s);
	assert_int_equal(unlinkat(fd, "other", 0), 0);
	close(fd);
}

static const char *bad_id[8];
static int nbad;

static void
on_bad(void *arg, const char *id)
{
	assert_ptr_equal(arg, bad_id);
	bad_id[nbad++] = strdup(id);
}

static void
third_death(void **state)
{
	struct spool *sp = *state;
	struct slice s;

	nbad = 0;
	put(sp, A, "x");
	for (int deaths = 1; deaths <= 3; deaths++) {
		assert_claim(sp, A);
		assert_int_equal(spool_map(sp, A, &s, &e), 0); /* whatever its name is now */
		file_unmap(s);
		spool_close(sp);
		assert_int_equal(spool_open(&sp, dir, &e), 0);
		*state = sp;
		assert_int_equal(spool_map(sp, A, &s, &e),
				 0); /* by a reader that never claimed it */
		file_unmap(s);
		assert_int_equal(spool_recover(sp, on_bad, bad_id, &e), deaths < 3);
		assert_int_equal(nbad, deaths == 3);
		assert_int_equal(spool_recover(sp, on_bad, bad_id, &e), 0);
	}
	assert_string_equal(bad_id[0], A);
	free((void *)(uintptr_t)bad_id[0]);
	assert_true(there("bad", A));
	assert_counts(sp, 0, 1);
	assert_claim(sp, NULL);
}

/* A batch dies with one poisonous entry: the others must not be condemned with it. */
static void
in_hand_alone(void **state)
{
	struct spool *sp = *state;

	put(sp, A, "innocent");
	put(sp, B, "poison");
	assert_claim(sp, A);
	assert_claim(sp, B);
	spool_close(sp);
	assert_int_equal(spool_open(&sp, dir, &e), 0);
	*state = sp;
	assert_int_equal(spool_recover(sp, NULL, NULL, &e), 2);
	put(sp, C, "new");
	assert_claim(sp, A);
	assert_claim(sp, NULL);
	assert_true(spool_next_due(sp) > 0);
	assert_int_equal(spool_done(sp, A, &e), 0);
	assert_true(spool_next_due(sp) == 0);
	assert_claim(sp, B);
	assert_claim(sp, NULL);
	assert_int_equal(spool_done(sp, B, &e), 0);
	assert_claim(sp, C);
	assert_claim(sp, NULL);
	assert_true(spool_next_due(sp) == -1);
}

static void
deferred(void **state)
{
	struct spool *sp = *state;

	assert_true(spool_next_due(sp) == -1);
	put(sp, A, "x");
	put(sp, B, "x");
	assert_claim(sp, A);
	assert_int_equal(spool_defer(sp, A, 100000, &e), 0);
	assert_claim(sp, B);
	assert_int_equal(spool_defer(sp, B, 50000, &e), 0);
	assert_in_range(spool_next_due(sp), 1, 50000);
	assert_claim(sp, NULL);
	assert_counts(sp, 2, 0);
	/* A reader that starts again has forgotten the delay, not the entry. */
	spool_close(sp);
	assert_int_equal(spool_open(&sp, dir, &e), 0);
	*state = sp;
	assert_int_equal(spool_recover(sp, NULL, NULL, &e), 0);
	assert_claim(sp, A);
	assert_int_equal(spool_defer(sp, A, 0, &e), 0);
	assert_true(spool_next_due(sp) == 0);
	assert_claim(sp, B);
	assert_claim(sp, A);
	assert_true(spool_next_due(sp) == -1);
	/* The deaths of a deferred entry are not forgotten. */
	assert_int_equal(spool_recover(sp, NULL, NULL, &e), 2);
}

static void
foreign_names(void **state)
{
	static const char *const names[] = {
	    "README", ".hidden", A ",3", A ",0", A ",", A ",1x", "UPPER000000000000000000000"};
	struct spool *sp = *state;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		close(open(path("new", names[i]), O_CREAT | O_WRONLY, 0600));
	assert_counts(sp, 0, 0);
	assert_claim(sp, NULL);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_true(there("new", names[i]));
}

static void
old_leftovers(void **state)
{
	struct spool *sp = *state;
	struct spool_file f;
	const struct timespec old[2] = {{1000, 0}, {1000, 0}};

	assert_int_equal(spool_begin(sp, A, &f, &e), 0);
	assert_int_equal(spool_begin(sp, B, &f, &e), 0);
	assert_int_equal(spool_flush(&f, &e), 0);
	assert_int_equal(utimensat(AT_FDCWD, path("tmp", B), old, 0), 0);
	assert_int_equal(spool_recover(sp, NULL, NULL, &e), 0);
	assert_true(there("tmp", A)); /* may still be written */
	assert_false(there("tmp", B));
}

/* Many entries that come while others go: each is claimed once, and none is forgotten. */
static void
many(void **state)
{
	enum { N = 3000 };
	struct spool *sp = *state;
	char id[ID_MAX], last[ID_MAX] = "";
	int claimed = 0, made = 0, fd = open(path("new", "."), O_RDONLY | O_DIRECTORY);

	while (claimed < N) {
		for (int i = 0; i < 1000 && made < N; i++, made++) {
			id_new(id);
			close(openat(fd, id, O_CREAT | O_EXCL | O_WRONLY, 0600));
		}
		for (int i = 0; i < 500 || made == N; i++) {
			int r = spool_claim(sp, id, &e);

			assert_true(r >= 0);
			if (r == 0)
				break;
			assert_string_not_equal(id, last);
			memcpy(last, id, sizeof id);
			claimed++;
			if (i % 3 != 0) /* some stay in hand */
				assert_int_equal(spool_done(sp, id, &e), 0);
		}
	}
	assert_int_equal(claimed, N);
	assert_claim(sp, NULL);
	close(fd);
}

/* The disk is full: -1 and temporary, nothing published, nothing left in tmp/. */
static void
full(void **state)
{
	static char big[1 << 16];
	struct spool *sp = *state;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit limit = {10000, 10000};
		struct slice part = slice_make(big, sizeof big);
		struct spool_file f;

		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
			_exit(2);
		if (spool_put(sp, A, &part, 1, &e) == 0 || e.kind != ERR_TEMPORARY)
			_exit(3);
		if (spool_begin(sp, B, &f, &e) < 0 || spool_write(&f, big, 5000, &e) < 0)
			_exit(4);
		if (spool_write(&f, big, 6000, &e) == 0 || e.kind != ERR_TEMPORARY)
			_exit(5);
		spool_abort(sp, &f);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_counts(sp, 0, 0);
	assert_false(there("tmp", A));
	assert_false(there("tmp", B));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(oldest_first),
	    CASE(linked_onwards),
	    CASE(streaming),
	    CASE(published_twice),
	    CASE(published_twice_at_once),
	    CASE(third_death),
	    CASE(in_hand_alone),
	    CASE(deferred),
	    CASE(foreign_names),
	    CASE(old_leftovers),
	    CASE(many),
	    CASE(full),
	};
	const char *tmp = getenv("TMPDIR");
	int ret;

	snprintf(top, sizeof top, "%.40s/spool-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(top) == NULL)
		return 1;
	snprintf(dir, sizeof dir, "%s/s", top);
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	return file_remove_tree(AT_FDCWD, top, NULL) < 0 ? 1 : ret;
}
