/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files: whole or not at all, also with a full disk; trees go without following links. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
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

static char dir[64];
static int fd = -1;
static struct arena *a;

static const char *
content(const char *name)
{
	struct slice s;
	struct err e;

	assert_int_equal(file_read(fd, name, 1 << 24, a, &s, &e), 0);
	return s.p;
}

static int
put(const char *name, const char *text)
{
	struct slice part = slice_str(text);
	struct err e;

	return file_put(fd, name, &part, 1, 0644, &e);
}

static void
put_and_read(void **state)
{
	const struct slice parts[] = {SLICE("a"), {NULL, 0}, SLICE("b\0c"), SLICE("d")};
	struct slice s;
	struct stat st;
	struct err e;

	(void)state;
	assert_int_equal(file_put(fd, "f", parts, 4, 0640, &e), 0);
	assert_int_equal(file_read(fd, "f", 5, a, &s, &e), 0);
	assert_int_equal(s.n, 5);
	assert_memory_equal(s.p, "ab\0cd", 6);
	assert_int_equal(fstatat(fd, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(file_read(fd, "f", 4, a, &s, &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	assert_int_equal(put("f", "other"), 0);
	assert_string_equal(content("f"), "other");
	assert_int_equal(file_put_derived(fd, "g", NULL, 0, 0600, &e), 0);
	assert_string_equal(content("g"), "");
	assert_int_equal(file_read(fd, "none", 9, a, &s, &e), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(e.kind, ERR_PERMANENT);
}

static void
many_parts(void **state)
{
	struct slice parts[1000];
	struct slice s;
	struct err e;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		parts[i] = slice_make("0123456789", i % 11);
	assert_int_equal(file_put(fd, "many", parts, 1000, 0600, &e), 0);
	assert_int_equal(file_read(fd, "many", 1 << 20, a, &s, &e), 0);
	for (size_t i = 0; i < 1000; i++) {
		assert_true(slice_starts(s, parts[i]));
		s = slice_from(s, parts[i].n);
	}
	assert_int_equal(s.n, 0);
}

static void
subfolders(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(file_mkdirs(fd, "x/y//z/", 0700, true, &e), 0);
	assert_int_equal(file_mkdirs(fd, "x/y/z", 0700, false, &e), 0);
	assert_int_equal(put("x/y/z/f", "deep"), 0);
	assert_string_equal(content("x/y/z/f"), "deep");
	assert_int_equal(put("nowhere/f", "x"), -1);
	assert_int_equal(put("plain", "x"), 0);
	assert_int_equal(file_mkdirs(fd, "plain/under", 0700, true, &e), -1);
	assert_int_equal(file_mkdirs(fd, "plain", 0700, true, &e), -1);
	assert_int_equal(file_sync_dir_at(fd, "x/y", &e), 0);
	assert_int_equal(file_sync_dir_at(fd, "none", &e), -1);
	assert_int_equal(file_sync_dir(fd, &e), 0);
}

static void
not_regular(void **state)
{
	struct slice s;
	struct err e;

	(void)state;
	assert_int_equal(mkfifoat(fd, "fifo", 0600), 0);
	assert_int_equal(file_read(fd, "fifo", 9, a, &s, &e), -1); /* and does not hang */
	assert_int_equal(file_map(fd, "fifo", &s, &e), -1);
	assert_int_equal(file_read(fd, ".", 9, a, &s, &e), -1);
}

static void
maps(void **state)
{
	struct slice s;
	struct err e;

	(void)state;
	assert_int_equal(put("m", "mapped"), 0);
	assert_int_equal(file_map(fd, "m", &s, &e), 0);
	assert_true(slice_is(s, "mapped"));
	assert_int_equal(put("m", "a new one"), 0);
	assert_true(slice_is(s, "mapped")); /* the old one is still whole */
	file_unmap(s);
	assert_int_equal(put("m", ""), 0);
	assert_int_equal(file_map(fd, "m", &s, &e), 0);
	assert_int_equal(s.n, 0);
	file_unmap(s);
	assert_int_equal(file_map(fd, "none", &s, &e), -1);
	assert_int_equal(errno, ENOENT);
	assert_true(file_free_bytes(fd) > 0);
	assert_true(file_free_bytes(-1) == -1);
}

/* A write that stops half-way, as with a full disk: the old content stays, nothing is left over. */
static void
full(void **state)
{
	static char big[1 << 16];
	int status;
	pid_t pid;

	(void)state;
	memset(big, 'x', sizeof big - 1);
	assert_int_equal(put("full", "old"), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit limit = {10000, 10000};
		struct slice part = slice_str(big);
		struct err e;

		signal(SIGXFSZ, SIG_IGN);
		if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
			_exit(2);
		if (file_put(fd, "full", &part, 1, 0600, &e) == 0 ||
		    file_put_derived(fd, "full", &part, 1, 0600, &e) == 0)
			_exit(3);
		_exit(e.kind != ERR_TEMPORARY || faccessat(fd, ".tmp-full", F_OK, 0) == 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(content("full"), "old");
}

static void
trees(void **state)
{
	char deep[64 * 2 + 16] = "tree";
	struct err e;

	(void)state;
	assert_int_equal(file_mkdirs(fd, "tree/a/b/c", 0700, false, &e), 0);
	assert_int_equal(file_mkdirs(fd, "tree/a/d", 0700, false, &e), 0);
	assert_int_equal(file_mkdirs(fd, "kept", 0700, false, &e), 0);
	assert_int_equal(put("kept/f", "safe"), 0);
	assert_int_equal(put("tree/a/b/f", "x"), 0);
	assert_int_equal(put("tree/g", "x"), 0);
	assert_int_equal(symlinkat("../../kept", fd, "tree/a/link"), 0);
	assert_int_equal(file_remove_tree(fd, "tree", &e), 0);
	assert_int_equal(faccessat(fd, "tree", F_OK, 0), -1);
	assert_string_equal(content("kept/f"), "safe");
	assert_int_equal(file_remove_tree(fd, "tree", &e), 0); /* missing is fine */
	assert_int_equal(file_remove_tree(fd, "kept/f", &e), 0);
	assert_int_equal(symlinkat("kept", fd, "link"), 0);
	assert_int_equal(file_remove_tree(fd, "link", &e), 0);
	assert_int_equal(faccessat(fd, "kept", F_OK, 0), 0);
	/* 64 folders are the most; 65 are refused, and nothing is left open or lost. */
	for (int i = 1; i < 64; i++)
		strcat(deep, "/x");
	assert_int_equal(file_mkdirs(fd, deep, 0700, false, &e), 0);
	assert_int_equal(file_remove_tree(fd, "tree", &e), 0);
	strcat(deep, "/x");
	assert_int_equal(file_mkdirs(fd, deep, 0700, false, &e), 0);
	assert_int_equal(file_remove_tree(fd, "tree", &e), -1);
	assert_int_equal(e.kind, ERR_PERMANENT);
	assert_int_equal(file_remove_tree(fd, "tree/x/x", &e), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put_and_read), cmocka_unit_test(many_parts),
	    cmocka_unit_test(subfolders),   cmocka_unit_test(not_regular),
	    cmocka_unit_test(maps),         cmocka_unit_test(full),
	    cmocka_unit_test(trees),
	};
	const char *tmp = getenv("TMPDIR");
	int ret;

	umask(022);
	snprintf(dir, sizeof dir, "%.40s/file-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL || (fd = open(dir, O_RDONLY | O_DIRECTORY)) < 0)
		return 1;
	a = arena_new();
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(a);
	close(fd);
	return file_remove_tree(AT_FDCWD, dir, NULL) < 0 ? 1 : ret;
}
