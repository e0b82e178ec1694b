/* SPDX-License-Identifier: GPL-2.0-or-later */
/* msgid: ids as mail has them; the keys were computed with another implementation. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "mail/msgid.h"

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
assert_slice(struct slice got, const char *want)
{
	if (!slice_is(got, want))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(got), want);
}

static void
message_ids(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *id;
	} rows[] = {
	    {" <a@b>", "a@b"},
	    {"<a@b> (added by postmaster@c)", "a@b"},
	    {"\r\n <long\r\n id@b\t>", "longid@b"},
	    {"a@b", "a@b"},
	    {"bare", "bare"},
	    {"<a@b", "a@b"},
	    {"a@b>", "a@b"},
	    {"<<a@b>>", "a@b"},
	    {"<> <c@d>", "c@d"},
	    {"<>", ""},
	    {"", ""},
	    {"two words", ""},
	    {"<no-at-sign>", "no-at-sign"},
	    {"<Case@Kept.EXAMPLE>", "Case@Kept.EXAMPLE"},
	    {"<a\001b@c>", "ab@c"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_slice(msgid_parse(arena, slice_str(rows[i].raw)), rows[i].id);
}

static void
lists_of_ids(void **state)
{
	(void)state;
	struct slice *ids;
	assert_int_equal(msgid_parse_list(arena, SLICE(" <a@b>\r\n\t<c\r\n @d> junk,<e@f>"), &ids),
			 3);
	assert_slice(ids[0], "a@b");
	assert_slice(ids[1], "c@d");
	assert_slice(ids[2], "e@f");
	assert_int_equal(msgid_parse_list(arena, SLICE("Your message of Monday"), &ids), 0);
	assert_int_equal(msgid_parse_list(arena, SLICE("Monday"), &ids), 0);
	assert_int_equal(msgid_parse_list(arena, SLICE(" a@b "), &ids), 1);
	assert_slice(ids[0], "a@b");
	assert_int_equal(msgid_parse_list(arena, SLICE("a@b <c@d>"), &ids), 1);
	assert_slice(ids[0], "c@d");
	assert_int_equal(msgid_parse_list(arena, SLICE("<> < >"), &ids), 0);
	assert_int_equal(msgid_parse_list(arena, SLICE(""), &ids), 0);
}

static void
references_limit(void **state)
{
	(void)state;
	struct buf b;
	struct slice *ids;
	buf_init(&b, BUF_NO_LIMIT);
	for (int n = 1; n <= 20000; n++) {
		buf_printf(&b, "<%d@x> ", n);
		if (n != 99 && n != 100 && n != 101 && n != 20000)
			continue;
		size_t got = msgid_parse_list(arena, buf_slice(&b), &ids);
		assert_int_equal(got, n < REFERENCES_MAX ? n : REFERENCES_MAX);
		assert_slice(ids[0], "1@x");
		assert_slice(ids[1], arena_printf(arena, "%d@x", n > 100 ? n - 98 : 2));
		assert_slice(ids[got - 1], arena_printf(arena, "%d@x", n));
	}
	buf_free(&b);
}

static void
length_limit(void **state)
{
	(void)state;
	for (size_t n = MSGID_MAX - 1; n <= MSGID_MAX + 1; n++) {
		struct buf b;
		buf_init(&b, BUF_NO_LIMIT);
		buf_putc(&b, '<');
		for (size_t i = 0; i < n; i++)
			buf_putc(&b, 'x');
		buf_putc(&b, '>');
		struct slice id = msgid_parse(arena, buf_slice(&b));
		assert_int_equal(id.n, n > MSGID_MAX ? MSGID_MAX : n);
		buf_free(&b);
	}
}

static void
keys(void **state)
{
	(void)state;
	char key[KEY_SIZE];
	msgid_key(SLICE("87myycy5eh.fsf@example.org"), key);
	assert_string_equal(key, "4x5lrrb6r6wlwaead6jbtmg3uj2zwgrj");
	msgid_key_second(SLICE("a@b"),
			 "4a1e67f2fe1d1cc7b31d0ca2ec441da4778203a036a77da10344c85e24ff0f92", key);
	assert_string_equal(key, "uvfhxricprxmrrslqjxb6qxhampvqr7f");
	assert_true(key_valid(SLICE("4x5lrrb6r6wlwaead6jbtmg3uj2zwgrj")));
	assert_true(key_valid(SLICE("4X5LRRB6R6WLWAEAD6JBTMG3UJ2ZWGRJ")));
	assert_false(key_valid(SLICE("4x5lrrb6r6wlwaead6jbtmg3uj2zwgr")));
	assert_false(key_valid(SLICE("4x5lrrb6r6wlwaead6jbtmg3uj2zwgrjj")));
	assert_false(key_valid(SLICE("4x5lrrb6r6wlwaead6jbtmg3uj2zwgr1")));
	assert_false(key_valid(SLICE("../lrrb6r6wlwaead6jbtmg3uj2zwgrj")));
	assert_false(key_valid(SLICE("")));
}

static void
identity_of_a_message(void **state)
{
	(void)state;
	struct identity lf, crlf, none;
	msgid_identify(&lf, arena, SLICE("Message-ID: <a@b>\nX: y\n\nhello\nworld\n"),
		       "example.org");
	msgid_identify(&crlf, arena,
		       SLICE("X: z\r\nMESSAGE-ID:\r\n <a@b>\r\n\r\nhello\r\nworld\r\n"),
		       "example.org");
	assert_slice(lf.msgid, "a@b");
	assert_false(lf.generated);
	assert_string_equal(lf.body_sha256,
			    "4a1e67f2fe1d1cc7b31d0ca2ec441da4778203a036a77da10344c85e24ff0f92");
	assert_string_equal(lf.key, crlf.key);
	assert_string_equal(lf.body_sha256, crlf.body_sha256);

	msgid_identify(&none, arena, SLICE("Subject: x\r\n\r\nhello\r\nworld\r\n"), "example.org");
	assert_true(none.generated);
	assert_slice(none.msgid, "generated-3905749dd3e0355262fdd7534f1c91eb@example.org");
	assert_string_equal(none.key, "ybpwpxxksylhjli2m5snhzvwzdy2tkgd");
	/* An id in the body is none; an unreadable one neither, but a second field may have it. */
	msgid_identify(&none, arena, SLICE("Subject: x\n\nMessage-ID: <a@b>\n"), "example.org");
	assert_true(none.generated);
	msgid_identify(&none, arena, SLICE("Message-ID: <>\nMessage-ID: <c@d>\n\n"), "example.org");
	assert_slice(none.msgid, "c@d");
	msgid_identify(&none, arena, SLICE(""), "example.org");
	assert_true(none.generated);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(message_ids, setup, teardown),
	    cmocka_unit_test_setup_teardown(lists_of_ids, setup, teardown),
	    cmocka_unit_test_setup_teardown(references_limit, setup, teardown),
	    cmocka_unit_test_setup_teardown(length_limit, setup, teardown),
	    cmocka_unit_test_setup_teardown(keys, setup, teardown),
	    cmocka_unit_test_setup_teardown(identity_of_a_message, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
