/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads that rest: by the name of any message in them, and whatever a reply names. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/strand.h"
#include "mail/msgid.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define ANN "ann@example.org"
#define BOB "bob@example.net"
#define MOD "mod@example.org"
#define SITE "list \"dc\" { moderators = { \"" MOD "\" } }\n"
#define VOUCHED "Authentication-Results: mx.example.org; dkim=pass header.d=example.org\n"
#define DAY 86400

static const char *
key(struct listsite *s, const char *msgid)
{
	char k[KEY_SIZE];
	msgid_key(slice_str(msgid), k);
	return listsite_printf(s, "%s", k);
}

static struct listsite *
begin(void **state)
{
	struct listsite *s = listsite_begin(state, SITE);
	listsite_member(s, "dc", ANN);
	listsite_member(s, "dc", BOB);
	return s;
}

/* One post; head: its own lines. */
static void
post(struct listsite *s, const char *msgid, const char *subject, const char *head, const char *body)
{
	listsite_send(s, BOB, LIST,
		      listsite_printf(s, "Message-ID: <%s>\nSubject: %s\n%s", msgid, subject, head),
		      body);
}

/* What a moderator's command is answered. */
static const char *
command(struct listsite *s, const char *line)
{
	listsite_forget(s);
	listsite_send(s, MOD, "dc-request@" DOMAIN,
		      listsite_printf(s, "Subject: %s\n" VOUCHED, line), "");
	return listsite_only(s, MOD)->text;
}

static void
freeze(struct listsite *s, const char *msgid)
{
	assert_contains(command(s, listsite_printf(s, "freeze %s 3 why", key(s, msgid))),
			"It was done");
}

/* The thread that the last event is about. */
static bool
is_about(struct listsite *s, const char *msgid)
{
	return listsite_int(s, listsite_printf(s,
					       "SELECT about = '%s' FROM conduct_event"
					       " ORDER BY id DESC LIMIT 1",
					       key(s, msgid))) == 1;
}

static void
test_by_any_key(void **state)
{
	struct listsite *s = begin(state);
	post(s, "root@x", "hot", "", "Words.\n");
	post(s, "mid@x", "Re: hot", "References: <root@x>\n", "Words.\n");
	post(s, "other@x", "cool", "", "Words.\n");
	freeze(s, "mid@x");
	assert_true(is_about(s, "root@x"));
	assert_contains(command(s, listsite_printf(s, "freeze %s 3", key(s, "root@x"))),
			"rests already");
	/* A reply to any of them, whichever of its ancestors it names. */
	post(s, "r1@x", "Re: hot", "In-Reply-To: <mid@x>\n", "Words.\n");
	post(s, "r2@x", "another name", "References: <root@x> <mid@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 2);
	post(s, "r3@x", "Re: cool", "References: <other@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 2);
	/* By a Message-ID, too. */
	assert_contains(command(s, "thaw <mid@x>"), "It was done");
	assert_true(is_about(s, "root@x"));
	post(s, "r4@x", "Re: hot", "In-Reply-To: <mid@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 2);
	assert_contains(command(s, "thaw <mid@x>"), "does not rest");
}

static void
test_unknown(void **state)
{
	struct listsite *s = begin(state);
	assert_contains(command(s, listsite_printf(s, "freeze %s 3", key(s, "none@x"))),
			"has nothing under that name");
	assert_contains(command(s, listsite_printf(s, "freeze %s 31", key(s, "none@x"))),
			"1 to 30 days");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM conduct_event"), 0);
}

static void
test_late_parent(void **state)
{
	struct listsite *s = begin(state);
	post(s, "root@x", "hot", "", "Words.\n");
	post(s, "child@x", "child", "In-Reply-To: <late@x>\n", "Words.\n");
	freeze(s, "child@x");
	assert_true(is_about(s, "late@x"));
	post(s, "r1@x", "r1", "In-Reply-To: <late@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	/* The parent comes, and hangs on another thread: the two are one, and all of it rests. */
	post(s, "late@x", "Re: hot", "In-Reply-To: <root@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	post(s, "r2@x", "r2", "In-Reply-To: <root@x>\n", "Words.\n");
	post(s, "r3@x", "r3", "In-Reply-To: <child@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 3);
	/* Somebody's References tell where a message hangs that never came. */
	post(s, "far@x", "far", "References: <base@x> <never@x>\n", "Words.\n");
	freeze(s, "base@x");
	post(s, "r4@x", "r4", "In-Reply-To: <never@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 4);
}

static void
test_by_subject(void **state)
{
	struct listsite *s = begin(state);
	post(s, "root@x", "Hot", "", "Words.\n");
	freeze(s, "root@x");
	post(s, "r1@x", "RE: hot", "", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	/* No reply by any sign; a reply of another subject; one that names what it answers. */
	post(s, "r2@x", "Hot", "", "Words.\n");
	post(s, "r3@x", "Re: hotter", "", "Words.\n");
	post(s, "r4@x", "Re: hot", "In-Reply-To: <elsewhere@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
}

static void
test_by_digest(void **state)
{
	struct listsite *s = begin(state);
	const char *digest = "In-Reply-To: <digest-06h08s-d0-abc@" DOMAIN ">\n";
	post(s, "root@x", "Hot", "", "Words.\n");
	post(s, "other@x", "Cool", "", "Words.\n");
	freeze(s, "root@x");
	post(s, "r1@x", "Re: hot", digest, "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	post(s, "r2@x", "Re: dc Digest, Vol 1, Issue 3", digest,
	     "Words.\n> Subject: Hot\n> From: Bob\n>\n> Words.\n");
	assert_int_equal(listsite_held(s), 2);
	post(s, "r3@x", "Re: dc Digest, Vol 1, Issue 3", digest,
	     "Words.\n> Message-ID: <root@x>\n>\n> Words.\n");
	assert_int_equal(listsite_held(s), 3);
	/* Of another thread; of all; of none. */
	post(s, "r4@x", "Re: cool", digest, "Words.\n");
	post(s, "r5@x", "Re: dc Digest, Vol 1, Issue 3", digest,
	     "Words.\n> Subject: Hot\n> x\n> Subject: Cool\n> y\n");
	post(s, "r6@x", "Re: dc Digest, Vol 1, Issue 3", digest, "Words.\n");
	assert_int_equal(listsite_held(s), 3);
}

/* What was there before the list role noted anything, as the archive publishes it. */
static void
published(struct listsite *s, const char *msgid, const char *references)
{
	listsite_file(s, listsite_printf(s, "html/dc/m/%s/raw", key(s, msgid)),
		      slice_str(listsite_printf(s, "Message-ID: <%s>\nSubject: Old\n%s\nWords.\n",
						msgid, references)));
}

static void
test_published(void **state)
{
	struct listsite *s = begin(state);
	published(s, "root@x", "");
	published(s, "a@x", "In-Reply-To: <root@x>\n");
	published(s, "b@x", "References: <root@x> <a@x>\n");
	published(s, "c@x", "In-Reply-To: <a@x>\n");
	freeze(s, "b@x");
	assert_true(is_about(s, "root@x"));
	post(s, "r1@x", "r1", "In-Reply-To: <c@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	post(s, "r2@x", "r2", "In-Reply-To: <d@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
}

static void
test_circle(void **state)
{
	struct listsite *s = begin(state);
	post(s, "a@x", "a", "In-Reply-To: <b@x>\n", "Words.\n");
	post(s, "b@x", "b", "In-Reply-To: <a@x>\n", "Words.\n");
	post(s, "c@x", "c", "In-Reply-To: <c@x>\n", "Words.\n");
	published(s, "y@x", "In-Reply-To: <z@x>\n");
	published(s, "z@x", "In-Reply-To: <y@x>\n");
	freeze(s, "a@x");
	freeze(s, "z@x");
	post(s, "r@x", "r", "In-Reply-To: <b@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
}

static void
test_trim(void **state)
{
	struct listsite *s = begin(state);
	post(s, "root@x", "Hot", "", "Words.\n");
	assert_int_equal(strand_trim(s->site.db, s->now + 180 * DAY, NULL), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM strand"), 1);
	assert_int_equal(strand_trim(s->site.db, s->now + 180 * DAY + 1, NULL), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM strand"), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_by_any_key), TEST(test_unknown),   TEST(test_late_parent),
	    TEST(test_by_subject), TEST(test_by_digest), TEST(test_published),
	    TEST(test_circle),     TEST(test_trim),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
