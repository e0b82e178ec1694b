/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crash points, and the spool killed at each of them. The test runs itself again as the process
 * that dies ("crash_test MODE DIR"): a writer that notes what it was told is safe, and a reader
 * that notes what it handled. After each death the invariants of base/spool.h are looked at, and
 * after a restart all must be as if nothing had happened.
 */
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
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/log.h"
#include "base/spool.h"

#define ENTRIES 4
static const char *const ids[ENTRIES] = {"0a000000000000000000000000", "0b000000000000000000000000",
					 "0c000000000000000000000000",
					 "0d000000000000000000000000"};
#define BODY SLICE("From: a\n\nbody\n")

static char top[64], dir[80], note_path[80], log_path[80], once_path[80];
static struct arena *a;

/* --- the processes that die ------------------------------------------------------------------ */

static void
note(const char *path, const char *word, const char *id)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);

	if (fd < 0 || dprintf(fd, "%s %s\n", word, id) < 0)
		_exit(3);
	close(fd);
}

static int
writer_simple(struct spool *sp, const char *notes)
{
	const struct slice parts[] = {BODY};

	for (size_t i = 0; i < ENTRIES; i++) {
		if (spool_put(sp, ids[i], parts, 1, NULL) < 0)
			return 3;
		note(notes, "safe", ids[i]);
	}
	return 0;
}

/* Two sessions that share a sync, twice. */
static int
writer_streaming(struct spool *sp, const char *notes)
{
	struct spool_file f[2];

	for (size_t i = 0; i < ENTRIES; i += 2) {
		for (size_t j = 0; j < 2; j++) {
			if (spool_begin(sp, ids[i + j], &f[j], NULL) < 0 ||
			    spool_write(&f[j], BODY.p, 5, NULL) < 0 ||
			    spool_write(&f[j], BODY.p + 5, BODY.n - 5, NULL) < 0 ||
			    spool_flush(&f[j], NULL) < 0)
				return 3;
		}
		for (size_t j = 0; j < 2; j++) {
			if (spool_publish(sp, &f[j], NULL) < 0)
				return 3;
		}
		if (spool_sync(sp, NULL) < 0)
			return 3;
		for (size_t j = 0; j < 2; j++)
			note(notes, "safe", ids[i + j]);
	}
	return 0;
}

static void
on_bad(void *arg, const char *id)
{
	note(arg, "bad", id);
}

/* Two in hand at once; the first is handled, the second put off once and then handled; the last
 * one is refused. */
static int
reader(struct spool *sp, const char *notes)
{
	char id[ID_MAX];
	struct slice s;
	bool put_off = false;
	int r;

	if (spool_recover(sp, on_bad, (void *)(uintptr_t)notes, NULL) < 0)
		return 3;
	while ((r = spool_claim(sp, id, NULL)) == 1) {
		if (spool_map(sp, id, &s, NULL) < 0 || !slice_eq(s, BODY))
			return 3;
		file_unmap(s);
		if (strcmp(id, ids[1]) == 0 && !put_off) {
			put_off = true;
			r = spool_defer(sp, id, 0, NULL);
		} else if (strcmp(id, ids[3]) == 0) {
			note(notes, "refused", id);
			r = spool_reject(sp, id, NULL);
		} else {
			note(notes, "handled", id);
			r = spool_done(sp, id, NULL);
		}
		if (r < 0)
			return 3;
	}
	return r < 0 ? 3 : 0;
}

/* Takes all in hand that it gets, and dies if ids[1] is among them. */
static int
poisoned(struct spool *sp, const char *notes)
{
	char id[ENTRIES][ID_MAX];
	size_t n = 0;

	if (spool_recover(sp, on_bad, (void *)(uintptr_t)notes, NULL) < 0)
		return 3;
	do {
		while (n < ENTRIES && spool_claim(sp, id[n], NULL) == 1)
			n++;
		for (size_t i = 0; i < n; i++) {
			if (strcmp(id[i], ids[1]) == 0)
				kill(getpid(), SIGKILL);
		}
		for (size_t i = 0; i < n; i++) {
			note(notes, "handled", id[i]);
			if (spool_done(sp, id[i], NULL) < 0)
				return 3;
		}
		n = 0;
	} while (spool_next_due(sp) == 0);
	return 0;
}

static const struct mode {
	const char *name;
	int (*run)(struct spool *sp, const char *notes);
} modes[] = {
    {"put", writer_simple}, {"stream", writer_streaming}, {"read", reader}, {"poisoned", poisoned}};

static int
run_mode(const char *name, const char *spool_dir, const char *notes)
{
	struct spool *sp;
	int ret = 2;

	log_init("test", true, false);
	if (spool_open(&sp, spool_dir, NULL) < 0)
		return 3;
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		if (strcmp(modes[i].name, name) == 0)
			ret = modes[i].run(sp, notes);
	}
	spool_close(sp);
	return ret;
}

/* --- running them ----------------------------------------------------------------------------- */

/* True if it came to its end, false if it was killed. */
static bool
run(const char *mode, const char *crash)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (crash != NULL)
			setenv("PLENARY_CRASH", crash, 1);
		execl("/proc/self/exe", "crash_test", mode, dir, note_path, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return false;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	return true;
}

static int
noted(const char *word, const char *id)
{
	const char *line = arena_printf(a, "%s %s\n", word, id);
	struct slice text;
	int n = 0;
	size_t at;

	if (file_read(AT_FDCWD, note_path, 1 << 16, a, &text, NULL) < 0)
		return 0;
	while ((at = slice_find(text, slice_str(line))) < text.n) {
		text = slice_from(text, at + 1);
		n++;
	}
	return n;
}

/* In how many places of the spool an ID stands; each copy is whole. */
static int
places(const char *id)
{
	static const char *const where[][2] = {{"new", ""}, {"new", ",1"}, {"new", ",2"},
					       {"cur", ""}, {"cur", ",1"}, {"cur", ",2"},
					       {"bad", ""}};
	int n = 0;

	for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
		const char *name = arena_printf(a, "%s/%s/%s%s", dir, where[i][0], id, where[i][1]);
		struct slice s;

		if (file_read(AT_FDCWD, name, 1 << 16, a, &s, NULL) == 0) {
			assert_true(slice_eq(s, BODY));
			n++;
		}
	}
	return n;
}

static void
clear(void)
{
	assert_int_equal(file_remove_tree(AT_FDCWD, dir, NULL), 0);
	unlink(note_path);
}

static void
fill(void)
{
	const struct slice parts[] = {BODY};
	struct spool *sp;

	assert_int_equal(spool_open(&sp, dir, NULL), 0);
	for (size_t i = 0; i < ENTRIES; i++)
		assert_int_equal(spool_put(sp, ids[i], parts, 1, NULL), 0);
	spool_close(sp);
}

static const char *const points[] = {"file.written",   "file.renamed",   "file.synced",
				     "spool.written",  "spool.renamed",  "spool.synced",
				     "spool.claimed",  "spool.removed",  "spool.deferred",
				     "spool.rejected", "spool.recovered"};

/* Kills mode at each passage of each point; returns how many deaths there were. */
static int
sweep(const char *mode, void (*prepare)(void), void (*look)(void), void (*look_at_end)(void))
{
	int deaths = 0;

	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		for (int n = 1;; n++) {
			bool ended;

			clear();
			if (prepare != NULL)
				prepare();
			ended = run(mode, arena_printf(a, "test:%s:%d", points[i], n));
			look();
			if (!ended)
				assert_true(run(mode, NULL));
			look_at_end();
			if (ended)
				break;
			deaths++;
		}
	}
	return deaths;
}

static void
look_written(void)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		int n = places(ids[i]);

		assert_true(n <= 1);
		if (noted("safe", ids[i]) > 0)
			assert_int_equal(n, 1);
	}
}

static void
look_all_written(void)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		assert_int_equal(places(ids[i]), 1);
		assert_true(noted("safe", ids[i]) > 0);
	}
}

static void
look_read(void)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		int n = places(ids[i]);

		assert_true(n == 1 || (n == 0 && noted("handled", ids[i]) > 0));
	}
	assert_int_equal(noted("bad", ids[0]) + noted("bad", ids[1]), 0);
}

static void
look_all_read(void)
{
	for (size_t i = 0; i < ENTRIES - 1; i++) {
		int n = noted("handled", ids[i]);

		assert_int_equal(places(ids[i]), 0);
		assert_true(n == 1 || n == 2); /* twice only around the one death */
	}
	assert_int_equal(places(ids[ENTRIES - 1]), 1); /* in bad/ */
	assert_true(noted("refused", ids[ENTRIES - 1]) > 0);
}

static void
killed_while_writing(void **state)
{
	(void)state;
	/* three points, four passages each */
	assert_int_equal(sweep("put", NULL, look_written, look_all_written), 3 * ENTRIES);
	/* as many files and names, half as many syncs */
	assert_int_equal(sweep("stream", NULL, look_written, look_all_written),
			 2 * ENTRIES + ENTRIES / 2);
}

static void
killed_while_reading(void **state)
{
	(void)state;
	/* five claims (one after the deferral), three removals, a deferral, a refusal */
	assert_int_equal(sweep("read", fill, look_read, look_all_read), 5 + 3 + 1 + 1);
}

/* Killed while reading, and then again while what was left in cur/ goes back. */
static void
killed_while_recovering(void **state)
{
	(void)state;
	clear();
	fill();
	assert_false(run("read", "test:spool.claimed:1"));
	assert_false(run("read", "test:spool.recovered:1"));
	look_read();
	assert_true(run("read", NULL));
	look_all_read();
}

static void
a_poisonous_entry(void **state)
{
	int deaths = 0;

	(void)state;
	clear();
	fill();
	while (!run("poisoned", NULL))
		assert_true(++deaths <= 3);
	assert_int_equal(deaths, 3);
	assert_int_equal(noted("bad", ids[1]), 1);
	assert_int_equal(noted("handled", ids[1]), 0);
	assert_int_equal(places(ids[1]), 1);
	for (size_t i = 0; i < ENTRIES; i++) {
		if (i != 1) {
			assert_int_equal(noted("handled", ids[i]), 1);
			assert_int_equal(noted("bad", ids[i]), 0);
			assert_int_equal(places(ids[i]), 0);
		}
	}
}

static void
environment(void **state)
{
	struct slice text;

	(void)state;
	clear();
	setenv("PLENARY_CRASH_LOG", log_path, 1);
	assert_true(run("put", "other:spool.written"));
	unsetenv("PLENARY_CRASH_LOG");
	assert_int_equal(file_read(AT_FDCWD, log_path, 1 << 16, a, &text, NULL), 0);
	assert_true(slice_is(text, "test:spool.written\ntest:spool.renamed\ntest:spool.synced\n"));
	clear();
	setenv("PLENARY_CRASH_ONCE", once_path, 1);
	assert_false(run("put", "test:spool.written"));
	assert_true(run("put", "test:spool.written"));
	unsetenv("PLENARY_CRASH_ONCE");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(killed_while_writing),
	    cmocka_unit_test(killed_while_reading),
	    cmocka_unit_test(killed_while_recovering),
	    cmocka_unit_test(a_poisonous_entry),
	    cmocka_unit_test(environment),
	};
	const char *tmp = getenv("TMPDIR");
	int ret;

	if (argc == 4)
		return run_mode(argv[1], argv[2], argv[3]);
#ifndef CRASH_POINTS
	fprintf(stderr, "SKIP: crash_test needs --enable-crash-points\n");
	return 77; /* automake's "skipped" */
#endif
	snprintf(top, sizeof top, "%.40s/crash-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(top) == NULL)
		return 1;
	snprintf(dir, sizeof dir, "%s/s", top);
	snprintf(note_path, sizeof note_path, "%s/notes", top);
	snprintf(log_path, sizeof log_path, "%s/log", top);
	snprintf(once_path, sizeof once_path, "%s/once", top);
	a = arena_new();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(a);
	return file_remove_tree(AT_FDCWD, top, NULL) < 0 ? 1 : ret;
}
