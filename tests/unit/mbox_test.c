/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mbox: what begins a message and what does not, quoting there and back. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "mail/mbox.h"

static void
assert_slice(struct slice got, const char *want)
{
	if (!slice_is(got, want))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(got), want);
}

static void
from_lines(void **state)
{
	(void)state;
	static const char *const lines[] = {
	    "From a@b.example Mon Jan  1 00:00:00 2001",
	    "From a@b.example  Mon Jan 01 00:00:00 +0100 2001",
	    "From a@b.example Mon, 1 Jan 2001 00:00:00 +0000 (UTC)",
	    "From a at b.example  Sat Nov  3 09:05:51 2001",
	    "From - Tue Jan 02 10:00:00 2001",
	    "From  Tue Jan 02 10:00:00 2001",
	    "From MAILER-DAEMON Fri Jul 08 12:08:34 2011",
	    "From mboxrd@z Thu Jan  1 00:00:00 1970",
	    "From x@y Tue Jan 2 10:00 CET 2001",
	    "From uucp Tue Jan  2 10:00:00 2001 remote from host",
	    "From \"a b\"@c.example Tue Jan  2 10:00:00 2001",
	    "From x@y 2001-01-02 10:00:00",
	    "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001",
	};
	static const char *const sentences[] = {
	    "From now on, all is well.",
	    "From January 2001 to May 2002 we had 10:00 meetings",
	    "From what I have seen Tue Jan  2 10:00:00 2001",
	    "From a@b.example",
	    "From 2001 to 2002",
	    "From Monday to Friday, 10:00 to 18:00",
	    "From: a@b.example Mon Jan  1 00:00:00 2001",
	    "From",
	    ">From a@b.example Mon Jan  1 00:00:00 2001",
	};
	char text[300];
	struct slice rest, line, raw;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(text, sizeof(text), "%s\nA: x\n\nb\n\n%s\r\nB: y\n", lines[i], lines[i]);
		rest = slice_str(text);
		assert_true(mbox_next(&rest, &line, &raw));
		assert_slice(line, lines[i]);
		assert_slice(raw, "A: x\n\nb\n");
		assert_true(mbox_next(&rest, &line, &raw));
		assert_slice(line, lines[i]);
		assert_slice(raw, "B: y\n");
		assert_false(mbox_next(&rest, &line, &raw));
	}
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
		snprintf(text, sizeof(text), "From a@b Mon Jan  1 00:00:00 2001\nA: x\n\n%s\nc\n",
			 sentences[i]);
		rest = slice_str(text);
		assert_true(mbox_next(&rest, &line, &raw));
		assert_int_equal(rest.n, 0);
		assert_int_equal(raw.n, strlen(text) - 34);
	}
}

static void
odd_files(void **state)
{
	(void)state;
	struct slice rest = SLICE(""), line, raw;
	assert_false(mbox_next(&rest, &line, &raw));
	rest = SLICE("no mailbox\n\nbut text");
	assert_true(mbox_next(&rest, &line, &raw));
	assert_slice(line, "");
	assert_slice(raw, "no mailbox\n\nbut text");
	assert_false(mbox_next(&rest, &line, &raw));
	/* Without an empty line before it, it is text, unless a header follows. */
	rest = SLICE("A: x\n\nFoo\nFrom a at b  Mon Jan  1 00:00:00 2001\nB: y\n");
	assert_true(mbox_next(&rest, &line, &raw));
	assert_slice(raw, "A: x\n\nFoo\n");
	assert_true(mbox_next(&rest, &line, &raw));
	assert_slice(raw, "B: y\n");
	rest = SLICE("A: x\n\nFoo\nFrom a@b Mon Jan  1 00:00:00 2001\nb");
	assert_true(mbox_next(&rest, &line, &raw));
	assert_int_equal(rest.n, 0);
	/* An empty message between two From lines; CRLF. */
	rest = SLICE("From a@b Mon Jan  1 00:00:00 2001\r\nFrom c@d Mon Jan  1 00:00:00 2001\r\n"
		     "A: x\r\n\r\nb\r\n\r\nFrom e@f Mon Jan  1 00:00:00 2001");
	assert_true(mbox_next(&rest, &line, &raw));
	assert_int_equal(raw.n, 0);
	assert_true(mbox_next(&rest, &line, &raw));
	assert_slice(line, "From c@d Mon Jan  1 00:00:00 2001");
	assert_slice(raw, "A: x\r\n\r\nb\r\n");
	assert_true(mbox_next(&rest, &line, &raw));
	assert_slice(line, "From e@f Mon Jan  1 00:00:00 2001");
	assert_int_equal(raw.n, 0);
	assert_false(mbox_next(&rest, &line, &raw));
}

static void
unquoting(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	struct slice same = SLICE("From x\n> From y\n>Fromage\nA >From z\n>");
	assert_ptr_equal(mbox_unquote(&b, same).p, same.p);
	assert_int_equal(b.n, 0);
	assert_slice(mbox_unquote(&b, SLICE(">From a\n>>From b\n\n>>>From c\r\nx\n>From ")),
		     "From a\n>From b\n\n>>From c\r\nx\nFrom ");
	buf_free(&b);
}

static void
written_and_read_back(void **state)
{
	(void)state;
	static const char *const messages[] = {
	    "A: x\n\nFrom here\n>From there\n>>From x\n",
	    "A: x\n\nbody\n\nFrom a@b Mon Jan  1 00:00:00 2001\n",
	    "",
	    "A: x\n\n\n\n",
	};
	struct buf b, u;
	struct slice rest, line, raw;
	buf_init(&b, BUF_NO_LIMIT);
	buf_init(&u, BUF_NO_LIMIT);
	for (size_t i = 0; i < 4; i++)
		mbox_put(&b, SLICE("a@b.example"), 981173106, slice_str(messages[i]));
	rest = buf_slice(&b);
	for (size_t i = 0; i < 4; i++) {
		assert_true(mbox_next(&rest, &line, &raw));
		assert_slice(line, "From a@b.example Sat Feb  3 04:05:06 2001");
		buf_clear(&u);
		assert_slice(mbox_unquote(&u, raw), messages[i]);
	}
	assert_false(mbox_next(&rest, &line, &raw));
	buf_clear(&b);
	mbox_put(&b, SLICE(" \n"), 0, SLICE("A: x\r\n\r\nlast\rline"));
	assert_slice(buf_slice(&b),
		     "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nA: x\n\nlast\rline\n\n");
	buf_clear(&b);
	mbox_put(&b, SLICE("a b\nFrom c"), 0, SLICE("x"));
	assert_slice(buf_slice(&b), "From a-b-From-c Thu Jan  1 00:00:00 1970\nx\n\n");
	buf_free(&b);
	buf_free(&u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(from_lines),
	    cmocka_unit_test(odd_files),
	    cmocka_unit_test(unquoting),
	    cmocka_unit_test(written_and_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
