/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Summaries and reminders of what waits, and batches that are decided by a reply to them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/moderate.h"
#include "daemon/waiting.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define REQUEST "dc-request@" DOMAIN
#define ANN "ann@example.org"
#define EVE "eve@example.com"
#define MOD "mod@example.org"
#define MOD2 "mod2@example.org"
#define MODS "moderators = { \"" MOD "\", \"" MOD2 "\" }"
#define EACH "list \"dc\" { " MODS " }\nlist \"other\" { " MODS " }\n"
#define DAILY "list \"dc\" { " MODS " held-notices = daily }\n"
#define DAY 86400
#define VOUCHED                                                                                    \
	"Authentication-Results: mx.example.org; dkim=pass header.d=example.org\n"                 \
	"Subject: x\n"

static struct listsite *
begin(void **state, const char *lists, int posts)
{
	struct listsite *s = listsite_begin(state, lists);
	listsite_member(s, "dc", ANN);
	for (int i = 1; i <= posts; i++)
		listsite_send(s, EVE, LIST, listsite_printf(s, "Subject: post %d\n", i),
			      listsite_printf(s, "Words of %d.\n", i));
	listsite_forget(s);
	return s;
}

static int64_t
decided(struct listsite *s, const char *decision)
{
	return listsite_int(s, listsite_printf(s,
					       "SELECT coalesce(sum(1 << number), 0) FROM held"
					       " WHERE decision = '%s'",
					       decision));
}

static void
test_reminders(void **state)
{
	struct listsite *s = begin(state, EACH, 2);
	assert_int_equal(waiting_run(&s->site, s->now + 3 * DAY - 1, NULL), 0);
	assert_int_equal(waiting_run(&s->site, s->now + 3 * DAY, NULL), 2);
	assert_int_equal(waiting_run(&s->site, s->now + 3 * DAY + 60, NULL), 0);
	struct outmail *m = listsite_only(s, MOD);
	assert_string_equal(m->subject, "[dc held] 2 posts wait for a moderator");
	assert_contains(m->text, "This is a reminder");
	assert_contains(m->text, "1  post 1\n    " EVE);
	assert_contains(m->text, "Words of 2.");
	assert_contains(m->text, "expires on 6 December 2026");
	assert_lacks(m->text, "set notices each");
	/* Once more when a quarter of the time is left. */
	listsite_forget(s);
	s->now += 14 * DAY / 4 * 3;
	assert_int_equal(waiting_run(&s->site, s->now, NULL), 2);
	assert_int_equal(waiting_run(&s->site, s->now + DAY, NULL), 0);
	assert_int_equal(listsite_count(s), 2);
}

static void
test_no_reminder(void **state)
{
	struct listsite *s =
	    begin(state, "list \"dc\" { " MODS " held-remind = 0s posts-per-day = 1 }\n", 1);
	assert_int_equal(waiting_run(&s->site, s->now + 13 * DAY, NULL), 0);
	/* What goes out by itself asks for nobody. */
	listsite_reload(s, "list \"dc\" { " MODS " nonmember-posts = accept posts-per-day = 1 }\n");
	listsite_sql(s, "DELETE FROM held");
	listsite_send(s, ANN, LIST, "Subject: one\n", "x\n");
	listsite_send(s, ANN, LIST, "Subject: two\n", "x\n");
	assert_int_equal(listsite_held(s), 1);
	assert_int_equal(waiting_run(&s->site, s->now + 13 * DAY, NULL), 0);
}

static void
test_daily(void **state)
{
	struct listsite *s = begin(state, DAILY, 3);
	assert_int_equal(listsite_count(s), 0);
	s->now += DAY - s->now % DAY - 1; /* the last second of the list's day */
	assert_int_equal(waiting_run(&s->site, s->now, NULL), 0);
	assert_int_equal(waiting_run(&s->site, ++s->now, NULL), 2);
	assert_int_equal(waiting_run(&s->site, s->now + DAY - 1, NULL), 0);
	struct outmail *m = listsite_only(s, MOD2);
	assert_string_equal(m->subject, "[dc held] 3 posts wait for a moderator");
	assert_lacks(m->text, "reminder");
	assert_contains(m->text, "set notices each");
	/* Each day again, as long as something waits. */
	listsite_forget(s);
	s->now += DAY;
	assert_int_equal(waiting_run(&s->site, s->now, NULL), 2);
	listsite_send(s, MOD, REQUEST, VOUCHED, "discard 1-3\n");
	listsite_forget(s);
	s->now += DAY;
	assert_int_equal(waiting_run(&s->site, s->now, NULL), 0);
	assert_int_equal(listsite_count(s), 0);
}

/* The list's default, and one's own choice. */
static void
test_choice(void **state)
{
	struct listsite *s = begin(state, EACH, 0);
	listsite_send(s, MOD, REQUEST, VOUCHED, "set notices daily\n");
	assert_contains(listsite_only(s, MOD)->text, "one mail a day");
	listsite_forget(s);
	listsite_send(s, EVE, LIST, "Subject: post 1\n", "Words.\n");
	assert_int_equal(listsite_count_to(s, MOD), 0);
	assert_int_equal(listsite_count_to(s, MOD2), 1);
	s->now += DAY;
	listsite_forget(s);
	assert_int_equal(waiting_run(&s->site, s->now, NULL), 1);
	assert_contains(listsite_only(s, MOD)->text, "post 1");
	listsite_forget(s);
	listsite_send(s, MOD, REQUEST, VOUCHED, "set notices each\n");
	assert_contains(listsite_only(s, MOD)->text, "These wait now:\n1  post 1");
	listsite_forget(s);
	listsite_send(s, MOD, REQUEST, VOUCHED, "set notices weekly\n");
	assert_contains(listsite_only(s, MOD)->text, "There are: set notices each");
	listsite_forget(s);
	listsite_send(s, ANN, REQUEST, VOUCHED, "set notices daily\n");
	assert_contains(listsite_only(s, ANN)->text, "for the moderators of the list");
	/* Of an unproved sender it is asked first. */
	listsite_forget(s);
	listsite_send(s, MOD2, REQUEST, "", "set notices daily\n");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM moderator WHERE notices = 'daily'"),
			 0);
}

static void
test_batches(void **state)
{
	struct listsite *s = begin(state, EACH, 9);
	listsite_send(s, MOD, REQUEST, VOUCHED,
		      "accept 1 3-4\nreject 2 7: 2 links are enough\ndiscard 5\xe2\x80\x93"
		      "6\n");
	assert_int_equal(decided(s, "accept"), 1 << 1 | 1 << 3 | 1 << 4);
	assert_int_equal(decided(s, "reject"), 1 << 2 | 1 << 7);
	assert_int_equal(decided(s, "discard"), 1 << 5 | 1 << 6);
	const char *t = listsite_only(s, MOD)->text;
	assert_contains(t,
			"> accept 1 3-4\n1  post 1: accepted\n3  post 3: accepted\n4  post 4: acc");
	assert_int_equal(listsite_count_to(s, ANN), 3);
	assert_int_equal(
	    listsite_int(s, "SELECT count(*) FROM held WHERE why = '2 links are enough'"), 2);
	assert_int_equal(listsite_int(s, "SELECT min(settled) FROM held WHERE decided > 0"), 2);
	/* Decided ones, unknown ones, nonsense: the rest is done all the same. */
	listsite_forget(s);
	listsite_send(
	    s, MOD2, REQUEST, VOUCHED,
	    "accept 3 8 99\ndiscard 9-5\ndiscard 1-999999\nreject because\ndiscard 50-60\n");
	t = listsite_only(s, MOD2)->text;
	assert_contains(t, "3  post 3: It was decided already: accepted, by " MOD);
	assert_contains(t, "8  post 8: accepted\n99: no held post");
	assert_contains(t, "> discard 9-5\nA range goes from");
	assert_contains(t, "> discard 1-999999\nA range may have a thousand");
	assert_contains(t, "> reject because\nPlease say which posts");
	assert_contains(t, "50-60: No held post of this list");
	assert_int_equal(listsite_held(s), 1);
}

/* Another list's posts are not hers here, whatever their numbers. */
static void
test_other_list(void **state)
{
	struct listsite *s = begin(state, EACH, 1);
	listsite_send(s, EVE, "other@" DOMAIN, "Subject: elsewhere\n", "x\n");
	listsite_forget(s);
	listsite_send(s, MOD, REQUEST, VOUCHED, "accept 2\naccept 1-2\n");
	assert_contains(listsite_only(s, MOD)->text, "2: no held post of this list");
	assert_int_equal(decided(s, "accept"), 1 << 1);
}

/* One reply decides about all that the mail showed, and about nothing that has come since. */
static void
test_reply(void **state)
{
	struct listsite *s = begin(state, DAILY, 4);
	s->now += DAY;
	assert_int_equal(waiting_run(&s->site, s->now, NULL), 2);
	struct outmail *m = listsite_only(s, MOD), *m2 = listsite_only(s, MOD2);
	listsite_send(s, EVE, LIST, "Subject: post 5\n", "Late words.\n");
	listsite_forget(s);
	listsite_reply(s, m, MOD, "Accept 1\nreject 2 off topic\nmembers\ndiscard 3-9\naccept 5");
	const char *t = listsite_only(s, MOD)->text;
	assert_contains(t, "1  post 1: accepted");
	assert_contains(t,
			"> discard 3-9\n3  post 3: discarded\n4  post 4: discarded\n5 came after");
	assert_contains(t, "> members\nA reply to this mail is about posts that wait.");
	assert_lacks(t, ANN);
	assert_int_equal(decided(s, "accept"), 1 << 1);
	assert_int_equal(listsite_held(s), 1);
	/* Again, by the same one and by the other. */
	listsite_forget(s);
	listsite_reply(s, m, MOD, "accept 1");
	assert_contains(listsite_only(s, MOD)->text, "decided already: accepted, by " MOD);
	listsite_reply(s, m2, MOD2, "discard 1-3");
	assert_contains(listsite_only(s, MOD2)->text,
			"3  post 3: It was decided already: discarded");
	assert_int_equal(decided(s, "discard"), 1 << 3 | 1 << 4);
}

static void
test_reply_that_does_not_count(void **state)
{
	struct listsite *s = begin(state, DAILY "list \"other\" { " MODS " }\n", 2);
	s->now += DAY;
	assert_int_equal(waiting_run(&s->site, s->now, NULL), 2);
	struct outmail *m = listsite_only(s, MOD);
	listsite_forget(s);
	/* A machine's answer; the token at another list's address. */
	listsite_send(s, MOD, m->from, "Auto-Submitted: auto-replied\nSubject: Re: x\n",
		      "accept 1\n");
	assert_int_equal(listsite_count(s), 0);
	const char *plus = strchr(m->from, '+');
	listsite_send(s, MOD, listsite_printf(s, "other-moderate%s", plus), "Subject: x\n",
		      "accept 1\n");
	assert_contains(listsite_only(s, MOD)->subject, "nothing to answer any more");
	/* She is no moderator any more. */
	listsite_reload(s, "list \"dc\" { moderators = { \"" MOD2 "\" } }\n");
	listsite_forget(s);
	listsite_reply(s, m, MOD, "accept 1");
	assert_contains(listsite_only(s, MOD)->subject, "nothing to answer any more");
	/* Too late. */
	listsite_reload(s, DAILY);
	listsite_forget(s);
	s->now += 14 * DAY;
	listsite_reply(s, m, MOD, "accept 1");
	assert_contains(listsite_only(s, MOD)->subject, "nothing to answer any more");
	assert_int_equal(listsite_held(s), 2);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_reminders), TEST(test_no_reminder),
	    TEST(test_daily),     TEST(test_choice),
	    TEST(test_batches),   TEST(test_other_list),
	    TEST(test_reply),     TEST(test_reply_that_does_not_count),
	};
	return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
