/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines: one line each, whatever is logged; and fatal ends with 70. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

/* What run() writes to stderr in a child; its exit status in *code. */
static const char *
output_of(void (*run)(void), int *code)
{
	static char text[8192];
	size_t n = 0;
	ssize_t got;
	int pipes[2], status;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(pipes[1], STDERR_FILENO);
		run();
		_exit(0);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], text + n, sizeof text - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	*code = WEXITSTATUS(status);
	return text;
}

static void
some_lines(void)
{
	log_info("before %d", 1);
	log_init("list", true, false);
	log_debug("not to be seen");
	log_warning("two\nlines\r\x1b[1m");
	log_init("list", true, true);
	log_debug("%s", "seen");
	log_error("bad");
}

static void
lines(void **state)
{
	const char *text;
	char want[512];
	int code;
	long pid;

	(void)state;
	text = output_of(some_lines, &code);
	assert_int_equal(code, 0);
	assert_int_equal(sscanf(text, "plenary[%ld]", &pid), 1);
	snprintf(want, sizeof want,
		 "plenary[%ld]: info: before 1\n"
		 "list[%ld]: warning: two lines  [1m\n"
		 "list[%ld]: debug: seen\n"
		 "list[%ld]: error: bad\n",
		 pid, pid, pid, pid);
	assert_string_equal(text, want);
}

static void
a_long_line(void)
{
	char longer[5000];

	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	log_info("%s", longer);
}

static void
cut(void **state)
{
	int code;
	const char *text = output_of(a_long_line, &code);

	(void)state;
	assert_in_range(strlen(text), 2000, 2048);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void
an_end(void)
{
	fatal("no %s", "memory");
}

static void
fatal_end(void **state)
{
	int code;
	const char *text = output_of(an_end, &code);

	(void)state;
	assert_int_equal(code, 70);
	assert_non_null(strstr(text, "error: no memory\n"));
}

static void
strings(void **state)
{
	char longer[300];
	const char *s[8];

	(void)state;
	assert_string_equal(log_str(slice_make(NULL, 0)), "");
	assert_string_equal(log_str(SLICE("a\0b\n\x1b\x7f")), "a?b???");
	assert_string_equal(log_str(SLICE("\xc3\xa9\xff\xc2\x85\xe2\x80\xae")), "\xc3\xa9???");
	memset(longer, 'x', sizeof longer);
	assert_int_equal(strlen(log_str(slice_make(longer, sizeof longer))), 200);
	memcpy(longer + 199, "\xc3\xa9", 2); /* is not cut in its middle */
	assert_int_equal(strlen(log_str(slice_make(longer, sizeof longer))), 199);
	for (size_t i = 0; i < 8; i++)
		s[i] = log_str(slice_make(&"01234567"[i], 1));
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(s[i][0], '0' + (int)i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines),
	    cmocka_unit_test(cut),
	    cmocka_unit_test(fatal_end),
	    cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
