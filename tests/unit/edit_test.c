/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit: what is not edited stays byte for byte, and nothing given can end the header. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "mail/edit.h"

/* The edited message, whole. */
static struct buf out;

static void
run(const struct header_edit *edit, struct slice bytes)
{
	struct slice body;
	buf_free(&out);
	edit_header(edit, bytes, &out, &body);
	buf_put_slice(&out, body);
}

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, BUF_NO_LIMIT);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&out);
	return 0;
}

static void
assert_out(struct slice want)
{
	if (!slice_eq(buf_slice(&out), want))
		fail_msg("\"%.*s\" is not \"%.*s\"", SLICE_ARG(buf_slice(&out)), SLICE_ARG(want));
}

static void
no_edit_changes_nothing(void **state)
{
	(void)state;
	static const struct slice same[] = {
	    SLICE("A: x\n\nbody\n"),           SLICE("A: x\r\nB:  y\r\n\t z \r\n\r\nbody\r\n"),
	    SLICE("A: x\r\nB: mixed\n\nbody"), SLICE("A : x\r\r\n\r\r\nbody"),
	    SLICE("A: a\0b\xff\n\n\n\n\0"),    SLICE("a:\n\n"),
	};
	struct header_edit none = {0};
	struct slice head, body;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		run(&none, same[i]);
		assert_out(same[i]);
		edit_split(same[i], &head, &body);
		assert_int_equal(head.n + body.n, same[i].n);
	}
}

static void
broken_headers(void **state)
{
	(void)state;
	static const struct {
		struct slice in, out;
	} rows[] = {
	    {SLICE("From a@b Mon\nA: x\n\nbody"), SLICE("X: 1\nA: x\n\nbody")},
	    {SLICE("A: x\nno field\n\nbody"), SLICE("X: 1\nA: x\n\nno field\n\nbody")},
	    {SLICE("A: x\r\ncut"), SLICE("X: 1\r\nA: x\r\n\r\ncut")},
	    {SLICE("A: x"), SLICE("X: 1\nA: x\n\n")},
	    {SLICE("only text\r\n"), SLICE("X: 1\r\n\r\nonly text\r\n")},
	    {SLICE("\n\nonly text\n"), SLICE("X: 1\n\n\n\nonly text\n")},
	    {SLICE(""), SLICE("X: 1\n\n")},
	};
	const struct slice add[] = {SLICE("X: 1")};
	struct header_edit edit = {.add = add, .nadd = 1};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		run(&edit, rows[i].in);
		assert_out(rows[i].out);
	}
}

static void
fields_are_dropped_and_added(void **state)
{
	(void)state;
	static const char *const drop[] = {"list-*", "Precedence", NULL};
	const struct slice add[] = {SLICE("List-Id: <x>"), SLICE("L: a\n b\n\n\n\tc")};
	struct header_edit edit = {.drop = drop, .add = add, .nadd = 2};
	run(&edit,
	    SLICE("Received: r\r\nLIST-Id: old\r\n folded\r\nPRECEDENCE: bulk\r\n"
		  "Precedence-X: kept\r\nList: kept\r\nList-Post: gone\r\n\r\nList-Id: body\r\n"));
	assert_out(SLICE("List-Id: <x>\r\nL: a\r\n b\r\n\tc\r\nReceived: r\r\n"
			 "Precedence-X: kept\r\nList: kept\r\n\r\nList-Id: body\r\n"));
}

static void
one_value_is_replaced(void **state)
{
	(void)state;
	struct header_edit edit = {.replace_name = "subject", .replace_value = SLICE("new\n text")};
	run(&edit, SLICE("A: x\nSubject: old\n fold\nSubject: second\n\nb"));
	assert_out(SLICE("A: x\nSubject: new\n text\nSubject: second\n\nb"));
	edit.replace_value = SLICE(" ");
	run(&edit, SLICE("SUBJECT: old\n\nb"));
	assert_out(SLICE("SUBJECT:\n\nb"));
}

static void
nothing_can_be_injected(void **state)
{
	(void)state;
	const struct slice add[] = {SLICE("X: a\r\n\r\nb\nEvil: c\rEvil: d"), SLICE("\n\n"),
				    SLICE("")};
	struct header_edit edit = {
	    .add = add, .nadd = 3, .replace_name = "A", .replace_value = SLICE("x\n\nEvil: y\n")};
	run(&edit, SLICE("A: old\n\nbody"));
	assert_out(SLICE("X: a\n b\n Evil: c Evil: d\nA: x\n Evil: y\n\nbody"));
}

static void
line_ends(void **state)
{
	(void)state;
	assert_true(edit_is_crlf(SLICE("a\r\nb\n")));
	assert_false(edit_is_crlf(SLICE("a\nb\r\n")));
	assert_false(edit_is_crlf(SLICE("\n")));
	assert_false(edit_is_crlf(SLICE("a\r")));
	assert_false(edit_is_crlf(SLICE("")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(no_edit_changes_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(broken_headers, setup, teardown),
	    cmocka_unit_test_setup_teardown(fields_are_dropped_and_added, setup, teardown),
	    cmocka_unit_test_setup_teardown(one_value_is_replaced, setup, teardown),
	    cmocka_unit_test_setup_teardown(nothing_can_be_injected, setup, teardown),
	    cmocka_unit_test(line_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
