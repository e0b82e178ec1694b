/* SPDX-License-Identifier: GPL-2.0-or-later */
/* envelope: what is put is read back, and nothing can add a line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "mail/envelope.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
written_and_read_back(void **state)
{
	(void)state;
	struct buf b;
	struct err e;
	struct envelope env;
	struct slice v;

	buf_init(&b, BUF_NO_LIMIT);
	assert_int_equal(envelope_put(&b, "from", SLICE(""), &e), 0);
	assert_int_equal(envelope_put(&b, "rcpt", SLICE("a@example.org"), &e), 0);
	assert_int_equal(envelope_put(&b, "rcpt", SLICE(" b: c@example.org"), &e), 0);
	envelope_put_int(&b, "received", -12);
	assert_int_equal(envelope_put(&b, "rcpt", SLICE("\xc3\xa4@example.org"), &e), 0);
	envelope_end(&b);
	buf_puts(&b, "Subject: x\n\nbody\n");

	assert_int_equal(envelope_parse(&env, arena, buf_slice(&b), &e), 0);
	assert_int_equal(env.n, 5);
	assert_true(envelope_has(&env, "from"));
	assert_int_equal(envelope_get(&env, "from").n, 0);
	assert_false(envelope_has(&env, "fro"));
	assert_int_equal(envelope_int(&env, "received", 7), -12);
	assert_int_equal(envelope_int(&env, "seq", 7), 7);
	assert_int_equal(envelope_int(&env, "rcpt", 7), 7);
	assert_true(envelope_nth(&env, "rcpt", 0, &v) && slice_is(v, "a@example.org"));
	assert_true(envelope_nth(&env, "rcpt", 1, &v) && slice_is(v, " b: c@example.org"));
	assert_true(envelope_nth(&env, "rcpt", 2, &v) && slice_is(v, "\xc3\xa4@example.org"));
	assert_false(envelope_nth(&env, "rcpt", 3, &v));
	assert_int_equal(v.n, 0);
	assert_true(slice_is(env.message, "Subject: x\n\nbody\n"));
	buf_free(&b);
}

static void
control_characters_are_refused(void **state)
{
	(void)state;
	static const struct slice bad[] = {
	    SLICE("a\nrcpt: b"), SLICE("a\r"), SLICE("a\0b"), SLICE("\x7f"), SLICE("\t"),
	};
	struct buf b;
	struct err e;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(envelope_put(&b, "from", bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_PERMANENT);
	}
	assert_int_equal(envelope_put(&b, "Fr om", SLICE("x"), &e), -1);
	assert_int_equal(envelope_put(&b, "", SLICE("x"), &e), -1);
	assert_int_equal(b.n, 0);
	buf_free(&b);
}

static void
no_such_file(void **state)
{
	(void)state;
	static const struct slice bad[] = {
	    SLICE(""),          SLICE("from: x\n"),   SLICE("from: x"),
	    SLICE("from\n\n"),  SLICE("From: x\n\n"), SLICE(": x\n\n"),
	    SLICE("a: \r\n\n"), SLICE("a: b\0\n\n"),  SLICE("a: b\nc d: e\n\n"),
	};
	struct envelope env;
	struct err e;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(envelope_parse(&env, arena, bad[i], &e), -1);
		assert_int_equal(e.kind, ERR_PERMANENT);
	}
	assert_int_equal(envelope_parse(&env, arena, SLICE("\n"), &e), 0);
	assert_int_equal(env.n, 0);
	assert_int_equal(env.message.n, 0);
	assert_int_equal(envelope_parse(&env, arena, SLICE("a:\n\n\nx"), &e), 0);
	assert_true(envelope_has(&env, "a"));
	assert_true(slice_is(env.message, "\nx"));
}

static void
size_limit(void **state)
{
	(void)state;
	struct buf b;
	struct err e;
	struct envelope env;
	char *line = malloc(ENVELOPE_MAX);
	assert_non_null(line);
	memset(line, 'x', ENVELOPE_MAX);
	for (size_t over = 0; over < 2; over++) {
		buf_init(&b, BUF_NO_LIMIT);
		/* "a: " VALUE LF LF is ENVELOPE_MAX long, then one byte longer. */
		assert_int_equal(
		    envelope_put(&b, "a", slice_make(line, ENVELOPE_MAX - 5 + over), &e), 0);
		envelope_end(&b);
		assert_int_equal(envelope_parse(&env, arena, buf_slice(&b), &e), over ? -1 : 0);
		buf_free(&b);
	}
	free(line);
}

static void
many_recipients(void **state)
{
	(void)state;
	struct buf b;
	struct err e;
	struct envelope env;
	struct slice v;
	size_t n = 0;
	buf_init(&b, BUF_NO_LIMIT);
	assert_int_equal(envelope_put(&b, "from", SLICE("a@example.org"), &e), 0);
	for (int i = 0; i < 20000; i++)
		buf_printf(&b, "rcpt: r%d@example.org\n", i);
	envelope_end(&b);
	assert_int_equal(envelope_parse(&env, arena, buf_slice(&b), &e), 0);
	while (envelope_nth(&env, "rcpt", n, &v))
		n++;
	assert_int_equal(n, 20000);
	assert_true(envelope_nth(&env, "rcpt", 19999, &v) && slice_is(v, "r19999@example.org"));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(written_and_read_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(control_characters_are_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_such_file, setup, teardown),
	    cmocka_unit_test_setup_teardown(size_limit, setup, teardown),
	    cmocka_unit_test_setup_teardown(many_recipients, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
