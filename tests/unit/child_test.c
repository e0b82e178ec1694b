/* SPDX-License-Identifier: GPL-2.0-or-later */
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
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"

static struct child_result res;
static struct buf out;

static int
run(const char *script, struct slice input, int64_t deadline_ms, struct err *e)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	const char *const envp[] = {"PATH=/usr/bin:/bin", "COLOUR=blue", NULL};

	memset(&res, 0x55, sizeof res);
	return child_run(argv, envp, input, &out, deadline_ms, &res, e);
}

static void
test_input_output_exit(void **state)
{
	(void)state;
	assert_int_equal(run("tr a-z A-Z; exit 20", SLICE("hello"), 10000, NULL), 0);
	assert_int_equal(res.end, CHILD_EXITED);
	assert_int_equal(res.code, 20);
	assert_true(slice_is(buf_slice(&out), "HELLO"));
}

/* More than any pipe holds, both ways, and input that nobody reads. */
static void
test_big_input(void **state)
{
	size_t n = 3000000;
	char *p = malloc(n);

	(void)state;
	memset(p, 'x', n);
	assert_int_equal(run("cat", slice_make(p, n), 20000, NULL), 0);
	assert_int_equal(res.end, CHILD_EXITED);
	assert_int_equal(out.n, n);
	buf_clear(&out);
	assert_int_equal(run("exec <&-; echo done", slice_make(p, n), 20000, NULL), 0);
	assert_true(slice_is(buf_slice(&out), "done\n"));
	free(p);
}

static void
test_nothing_is_inherited(void **state)
{
	int fd = open("/dev/null", O_RDONLY); /* without close-on-exec */

	(void)state;
	setenv("SECRET", "s", 1);
	/* The shell itself looks, so that no pipe of its own is in the way: 0, 1, 2 and the folder. */
	assert_int_equal(run("echo $COLOUR$SECRET; set -- /proc/$$/fd/*; echo $#", slice_str(NULL),
			     10000, NULL),
			 0);
	assert_true(slice_is(buf_slice(&out), "blue\n4\n"));
	close(fd);
}

static void
test_signals_are_default(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run("kill -PIPE $$; echo alive", slice_str(NULL), 10000, NULL), 0);
	(void)signal(SIGPIPE, SIG_DFL);
	assert_int_equal(res.end, CHILD_KILLED);
	assert_int_equal(res.code, SIGPIPE);
	assert_int_equal(out.n, 0);
}

/* The deadline ends the grandchildren, too. */
static void
test_deadline_kills_the_group(void **state)
{
	int64_t began = clock_mono();
	pid_t pid;

	(void)state;
	assert_int_equal(run("sleep 300 & echo $!; wait", slice_str(NULL), 300, NULL), 0);
	assert_int_equal(res.end, CHILD_TIMEOUT);
	assert_true(clock_mono() - began < 60000);
	pid = atoi(buf_str(&out));
	assert_true(pid > 1);
	for (int i = 0; i < 1000 && kill(pid, 0) == 0; i++) {
		char path[64], stat[256] = "";
		FILE *f;

		/* Where nobody reaps orphans, a zombie is dead enough. */
		snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
		f = fopen(path, "r");
		if (!f)
			break;
		if (fgets(stat, sizeof stat, f) && strstr(stat, ") Z")) {
			fclose(f);
			break;
		}
		fclose(f);
		usleep(10000);
		assert_true(i < 999);
	}
}

/* A daemonized grandchild with the pipe open does not hold us up. */
static void
test_grandchild_with_the_pipe(void **state)
{
	int64_t began = clock_mono();

	(void)state;
	assert_int_equal(run("setsid sleep 3 & echo here", slice_str(NULL), 60000, NULL), 0);
	assert_int_equal(res.end, CHILD_EXITED);
	assert_true(slice_is(buf_slice(&out), "here\n"));
	assert_true(clock_mono() - began < 3000);
}

static void
test_flood(void **state)
{
	(void)state;
	buf_free(&out);
	buf_init(&out, 1000);
	assert_int_equal(run("yes", slice_str(NULL), 60000, NULL), 0);
	assert_int_equal(res.end, CHILD_FLOODED);
	assert_int_equal(out.n, 1000);
	buf_clear(&out);
	assert_int_equal(run("head -c 1000 /dev/zero", slice_str(NULL), 60000, NULL), 0);
	assert_int_equal(res.end, CHILD_EXITED);
	assert_int_equal(out.n, 1000);
	buf_clear(&out);
	assert_int_equal(run("head -c 1001 /dev/zero", slice_str(NULL), 60000, NULL), 0);
	assert_int_equal(res.end, CHILD_FLOODED);
}

static void
test_program_that_is_not_there(void **state)
{
	const char *const argv[] = {"/nowhere/program", NULL}, *const envp[] = {NULL};
	struct err e = {0};

	(void)state;
	assert_int_equal(child_run(argv, envp, slice_str(NULL), &out, 1000, &res, &e), -1);
	assert_non_null(strstr(e.text, "/nowhere/program"));
	assert_int_equal(child_start(argv[0], argv, NULL, 0, &e), -1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
test_start_keeps_what_is_named(void **state)
{
	const char *const argv[] = {"/bin/sh", "-c",
				    "[ -e /proc/$$/fd/$LOSE ] && echo lost >&$KEEP;"
				    "echo $INHERITED >&$KEEP; exit 3",
				    NULL};
	struct err e = {0};
	char text[64] = "", number[16];
	int keep[2], lose[2], status;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(keep, O_CLOEXEC), 0);
	assert_int_equal(pipe(lose), 0);
	snprintf(number, sizeof number, "%d", keep[1]);
	setenv("KEEP", number, 1);
	snprintf(number, sizeof number, "%d", lose[1]);
	setenv("LOSE", number, 1);
	setenv("INHERITED", "yes", 1);
	pid = child_start("/bin/sh", argv, &keep[1], 1, &e);
	assert_true(pid > 0);
	close(keep[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 3);
	for (size_t at = 0; (n = read(keep[0], text + at, sizeof text - at - 1)) > 0;)
		at += (size_t)n;
	assert_string_equal(text, "yes\n");
	assert_int_equal(fcntl(lose[0], F_GETFD), 0); /* ours stays as it was */
	close(keep[0]);
	close(lose[0]);
	close(lose[1]);
}

static void
test_started_child_dies_with_us(void **state)
{
	const char *const argv[] = {"/bin/sleep", "300", NULL};
	int p[2], fds[2], status;
	pid_t middle;
	char c;

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	fds[0] = p[1];
	middle = fork();
	if (middle == 0)
		_exit(child_start(argv[0], argv, fds, 1, NULL) > 0 ? 0 : 1);
	close(p[1]);
	assert_int_equal(waitpid(middle, &status, 0), middle);
	assert_int_equal(status, 0);
	assert_int_equal(read(p[0], &c, 1), 0); /* its end of the pipe closes long before 300 s */
	close(p[0]);
}

static int
set_up(void **state)
{
	(void)state;
	buf_init(&out, 4000000);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(test_input_output_exit),
	    T(test_big_input),
	    T(test_nothing_is_inherited),
	    T(test_signals_are_default),
	    T(test_deadline_kills_the_group),
	    T(test_grandchild_with_the_pipe),
	    T(test_flood),
	    T(test_program_that_is_not_there),
	    T(test_start_keeps_what_is_named),
	    T(test_started_child_dies_with_us),
	};

	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
