/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One copy a person of what reaches several lists: in one mail, in mails that come one after the
 * other, by an umbrella. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/send.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define BOB "bob@example.net"
#define EVE "eve@example.com"
#define LISTS                                                                                      \
	"list \"dc\" { title = \"All\" moderators = { \"mod@example.org\" } }\n"                   \
	"list \"dc-a\" { title = \"A\" moderators = { \"mod@example.org\" } umbrella = \"dc\" }\n" \
	"list \"dc-b\" { title = \"B\" moderators = { \"mod@example.org\" } umbrella = \"dc\" }\n" \
	"list \"x\" { title = \"X\" moderators = { \"mod@example.org\" } }\n"

static struct listsite *
begin(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "x", ANN);
	listsite_member(s, "x", EVE);
	listsite_member(s, "dc-a", ANN);
	listsite_member(s, "dc-a", BOB);
	listsite_member(s, "dc-a", EVE);
	s->now += 86400;
	return s;
}

/* Eve's post with a Message-ID, to one list in an entry of its own. */
static const char *
post(struct listsite *s, const char *list, const char *msgid, const char *body)
{
	s->now += 60;
	return listsite_send(s, EVE, listsite_printf(s, "%s@" DOMAIN, list),
			     listsite_printf(s, "Subject: Both\nMessage-ID: <%s>\n", msgid), body);
}

static void
test_one_entry(void **state)
{
	struct listsite *s = begin(state);
	const char *id =
	    listsite_put(s, "from: " EVE "\nrcpt: x@" DOMAIN "\nrcpt: dc-a@" DOMAIN "\n",
			 SLICE("From: " EVE "\nTo: x@" DOMAIN ", dc-a@" DOMAIN
			       "\nSubject: Both\nMessage-ID: <1@x>\n\nWords.\n"));
	listsite_run(s);
	assert_int_equal(listsite_count(s), 2);
	assert_string_equal(listsite_nth(s, 0)->to, ANN " " EVE);
	assert_contains(arena_str(s->a, outmail_field(listsite_nth(s, 0), "List-Id")),
			"<x." DOMAIN ">");
	assert_string_equal(listsite_nth(s, 1)->to, BOB);
	assert_true(listsite_has(s, listsite_printf(s, "feed/x/new/%s", id)));
	assert_true(listsite_has(s, listsite_printf(s, "feed/dc-a/new/%s", id)));
}

static void
test_two_entries(void **state)
{
	struct listsite *s = begin(state);
	post(s, "x", "1@x", "Words.\n");
	s->now += 3 * 86400; /* a moderator may have taken her time */
	const char *id = post(s, "dc-a", "1@x", "Words.\n");
	assert_int_equal(listsite_count(s), 2);
	assert_string_equal(listsite_nth(s, 0)->to, ANN " " EVE);
	assert_string_equal(listsite_nth(s, 1)->to, BOB);
	assert_int_equal(listsite_int(s, "SELECT recipients FROM out WHERE list = 'dc-a'"), 1);
	assert_true(listsite_has(s, listsite_printf(s, "feed/dc-a/new/%s", id)));
	assert_int_equal(listsite_int(s, "SELECT recipients FROM post WHERE list = 'dc-a'"), 1);
}

/* What only looks the same is another post: nobody can keep one from anyone by its Message-ID. */
static void
test_other_body(void **state)
{
	struct listsite *s = begin(state);
	post(s, "x", "1@x", "Words.\n");
	post(s, "dc-a", "1@x", "Other words.\n");
	assert_string_equal(listsite_nth(s, 1)->to, ANN " " BOB " " EVE);
}

/* Rather twice than never: what she is on the first list now does not tell what she was then. */
static void
test_changed_meanwhile(void **state)
{
	struct listsite *s = begin(state);
	listsite_set(s, "x", ANN, "delivery", "nomail");
	s->now += 60;
	post(s, "x", "1@x", "Words.\n");
	assert_string_equal(listsite_nth(s, 0)->to, EVE);
	/* She comes back to single mails after the post was sent. */
	struct err e = {0};
	s->now += 60;
	assert_int_equal(member_set(s->site.db, listsite_find(s, "x", ANN)->id, "delivery", "mail",
				    "self", s->now, &e),
			 0);
	post(s, "dc-a", "1@x", "Words.\n");
	assert_string_equal(listsite_nth(s, 1)->to, ANN " " BOB);
}

static void
test_joined_meanwhile(void **state)
{
	struct listsite *s = begin(state);
	struct err e = {0};
	int64_t id;
	post(s, "x", "1@x", "Words.\n");
	s->now += 60;
	assert_int_equal(member_add(s->site.db, "x", slice_str(BOB), slice_make(NULL, 0), "mail",
				    "", "self", s->now, &id, &e),
			 1);
	post(s, "dc-a", "1@x", "Words.\n");
	assert_string_equal(listsite_nth(s, 1)->to, BOB);
}

/* On vacation at the first list, not at the second. */
static void
test_vacation(void **state)
{
	struct listsite *s = begin(state);
	listsite_set(s, "x", ANN, "vacation", "2026-11-25");
	s->now += 60;
	post(s, "x", "1@x", "Words.\n");
	s->now += 7 * 86400;
	post(s, "dc-a", "1@x", "Words.\n");
	assert_string_equal(listsite_nth(s, 1)->to, ANN " " BOB);
}

/* The author wants no copy from the one list, and one from the other: the other gives it. */
static void
test_author(void **state)
{
	struct listsite *s = begin(state);
	listsite_set(s, "x", EVE, "copy", "off");
	s->now += 60;
	post(s, "x", "1@x", "Words.\n");
	assert_string_equal(listsite_nth(s, 0)->to, ANN);
	post(s, "dc-a", "1@x", "Words.\n");
	assert_string_equal(listsite_nth(s, 1)->to, BOB " " EVE);
}

/* A list under a list under the umbrella: each person once, on all three floors. */
static void
test_two_umbrellas(void **state)
{
	struct listsite *s = listsite_begin(
	    state, LISTS
	    "list \"dc-a-x\" { moderators = { \"mod@example.org\" } umbrella = \"dc-a\" }\n"
	    "list \"dc-a-x-y\" { moderators = { \"mod@example.org\" } umbrella = \"dc-a-x\" }\n");
	listsite_member(s, "dc", BOB);
	listsite_member(s, "dc-a", ANN);
	listsite_member(s, "dc-a-x", ANN);
	listsite_member(s, "dc-a-x", EVE);
	listsite_member(s, "dc-a-x-y", EVE);
	listsite_member(s, "dc-a-x-y", "zoe@example.org");
	listsite_set(s, "dc-a-x-y", "zoe@example.org", "delivery", "digest");
	listsite_member(s, "dc-b", BOB);
	s->now += 86400;
	/* Eve may post to the topmost one: she is below it. */
	post(s, "dc", "1@x", "Words.\n");
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_count(s), 3);
	assert_int_equal(listsite_count_to(s, ANN), 1);
	assert_int_equal(listsite_count_to(s, BOB), 1);
	assert_int_equal(listsite_count_to(s, EVE), 1);
	assert_int_equal(
	    listsite_int(s, "SELECT count(*) FROM digest_item WHERE list = 'dc-a-x-y'"), 1);
	/* Upwards nothing goes. */
	listsite_forget(s);
	post(s, "dc-a-x", "2@x", "Words.\n");
	assert_int_equal(listsite_count_to(s, ANN), 1);
	assert_int_equal(listsite_count_to(s, EVE), 1);
	assert_int_equal(listsite_count_to(s, BOB), 0);
}

static void
test_umbrella(void **state)
{
	struct listsite *s = begin(state);
	listsite_member(s, "dc-b", ANN);
	listsite_member(s, "dc-a", "zoe@example.org");
	listsite_set(s, "dc-a", "zoe@example.org", "delivery", "digest");
	s->now += 60;
	/* Eve is a member of a list under it: she may post. */
	post(s, "dc", "1@x", "Words.\n");
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_count(s), 1);
	struct outmail *m = listsite_nth(s, 0);
	assert_string_equal(m->to, ANN " " BOB " " EVE);
	assert_string_equal(m->list, "dc-a");
	assert_contains(arena_str(s->a, outmail_field(m, "List-Id")), "<dc." DOMAIN ">");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM digest_item"), 1);
	/* The same to a list under it: archived there, nobody gets it twice, no digest has it
	 * twice.
	 */
	const char *id = post(s, "dc-a", "1@x", "Words.\n");
	assert_int_equal(listsite_count(s), 1);
	assert_true(listsite_has(s, listsite_printf(s, "feed/dc-a/new/%s", id)));
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM digest_item"), 1);
	/* A stranger's post to the umbrella waits. */
	listsite_send(s, "who@example.org", "dc@" DOMAIN, "", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
}

/* Who leaves by the link of a copy leaves the list through which it came, and no other. */
static void
test_leave_link(void **state)
{
	struct listsite *s = begin(state);
	struct buf lines, path;
	listsite_member(s, "dc", "old@example.org");
	listsite_member(s, "dc-b", BOB);
	s->now += 60;
	post(s, "dc", "1@x", "Words.\n");
	int64_t row =
	    listsite_int(s, "SELECT subscription FROM delivery WHERE recipient = '" BOB "'");
	const char *list = NULL;
	for (int i = 0; i < listsite_count(s); i++)
		if (strstr(listsite_nth(s, i)->to, BOB))
			list = listsite_nth(s, i)->list;
	assert_string_equal(list, "dc-a");
	buf_init(&lines, 4096);
	buf_init(&path, 4096);
	send_personal(s->conf, s->site.keys, list, row, 1, s->now, &lines, &path);
	const char *mailto = strstr(buf_str(&lines), "mailto:");
	assert_non_null(mailto);
	mailto += strlen("mailto:");
	struct slice address = slice_sub(slice_str(mailto), 0, strcspn(mailto, ">"));
	assert_true(slice_starts(address, SLICE("dc-a-unsubscribe+")));
	listsite_send(s, BOB, arena_str(s->a, address), "", "");
	assert_null(listsite_find(s, "dc-a", BOB));
	assert_non_null(listsite_find(s, "dc-b", BOB));
	assert_contains(listsite_nth(s, listsite_count(s) - 1)->text, "dc-a");
	buf_free(&lines);
	buf_free(&path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_one_entry),        TEST(test_two_entries),
	    TEST(test_other_body),       TEST(test_changed_meanwhile),
	    TEST(test_joined_meanwhile), TEST(test_vacation),
	    TEST(test_author),           TEST(test_umbrella),
	    TEST(test_two_umbrellas),    TEST(test_leave_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
