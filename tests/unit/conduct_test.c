/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of conduct, what is in force by it, and the checks that ask it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/conduct.h"
#include "daemon/held.h"
#include "daemon/moderate.h"
#include "daemon/quota.h"
#include "daemon/release.h"
#include "mail/msgid.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define ANN "ann@example.org"
#define BOB "bob@example.net"
#define MOD "mod@example.org"
#define ONE "list \"dc\" { moderators = { \"" MOD "\" } }\n"
#define DAY 86400

/* One event about a member. */
static struct conduct_event
put(struct listsite *s, const char *address, const char *what, const char *step, const char *does,
    int64_t until, int64_t refers)
{
	struct conduct_event ev = {.list = "dc",
				   .address = address,
				   .what = what,
				   .step = step,
				   .does = does,
				   .audience = "list",
				   .by = MOD,
				   .why = "words",
				   .until = until,
				   .refers = refers};
	if (address[0])
		assert_int_equal(
		    conduct_case(s->site.db, "dc", slice_str(address), s->now, &ev.case_id, NULL),
		    0);
	assert_int_equal(conduct_add(s->site.db, &ev, s->now, NULL), 0);
	return ev;
}

static struct standing
standing(struct listsite *s, const char *address)
{
	struct standing st;
	assert_int_equal(
	    conduct_standing(s->site.db, s->a, "dc", slice_str(address), s->now, &st, NULL), 0);
	return st;
}

static void
test_standing(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	assert_int_equal(standing(s, ANN).does, STEP_MESSAGE);
	put(s, ANN, "step", "warning", "message", 0, 0);
	assert_int_equal(standing(s, ANN).does, STEP_MESSAGE);
	put(s, ANN, "step", "moderation", "hold", s->now + 60 * DAY, 0);
	assert_int_equal(standing(s, ANN).does, STEP_HOLD);
	struct conduct_event hard =
	    put(s, ANN, "step", "suspension", "suspend", s->now + 30 * DAY, 0);
	struct standing st = standing(s, "Ann@EXAMPLE.org");
	assert_int_equal(st.does, STEP_SUSPEND);
	assert_int_equal(st.until, s->now + 30 * DAY);
	assert_int_equal(st.event, hard.id);
	assert_string_equal(st.step, "suspension");
	assert_int_equal(standing(s, BOB).does, STEP_MESSAGE);
	/* It ends by itself, at its very second; the longer one goes on. */
	s->now += 30 * DAY - 1;
	assert_int_equal(standing(s, ANN).does, STEP_SUSPEND);
	s->now += 1;
	assert_int_equal(standing(s, ANN).does, STEP_HOLD);
	s->now += 30 * DAY;
	assert_int_equal(standing(s, ANN).does, STEP_MESSAGE);
}

static void
test_taken_back(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	struct conduct_event ev, found;
	ev = put(s, ANN, "step", "suspension", "suspend", s->now + DAY, 0);
	assert_int_equal(
	    conduct_last_step(s->site.db, s->a, "dc", SLICE(ANN), "suspension", 0, &found, NULL),
	    1);
	put(s, ANN, "appeal", "", "", 0, ev.id);
	assert_int_equal(standing(s, ANN).does, STEP_SUSPEND);
	put(s, ANN, "overturn", "", "", 0, ev.id);
	assert_int_equal(standing(s, ANN).does, STEP_MESSAGE);
	/* What was taken back is no ground for a further step. */
	assert_int_equal(
	    conduct_last_step(s->site.db, s->a, "dc", SLICE(ANN), "suspension", 0, &found, NULL),
	    0);
	ev = put(s, ANN, "step", "warning", "message", 0, 0);
	assert_int_equal(
	    conduct_last_step(s->site.db, s->a, "dc", SLICE(ANN), "warning", s->now, &found, NULL),
	    1);
	assert_int_equal(found.id, ev.id);
	assert_int_equal(conduct_last_step(s->site.db, s->a, "dc", SLICE(ANN), "warning",
					   s->now + 1, &found, NULL),
			 0);
}

static void
test_record_is_whole(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	struct err e = {0};
	int64_t at;
	put(s, ANN, "report", "", "", 0, 0);
	put(s, ANN, "step", "reminder", "message", 0, 0);
	put(s, BOB, "step", "reminder", "message", 0, 0);
	assert_int_equal(conduct_verify(s->site.db, "dc", &at, NULL), 1);
	/* The database itself refuses to edit or to forget. */
	assert_int_equal(db_do(s->site.db, &e, "UPDATE conduct_event SET why = 'other'", ""), -1);
	assert_contains(e.text, "never edited");
	assert_int_equal(db_do(s->site.db, &e, "DELETE FROM conduct_event", ""), -1);
	/* Who goes round it is found out, at the first event that is not as it was. */
	listsite_sql(s, "DROP TRIGGER conduct_event_stays");
	listsite_sql(s, "UPDATE conduct_event SET why = 'other' WHERE id = 2");
	assert_int_equal(conduct_verify(s->site.db, "dc", &at, NULL), 0);
	assert_int_equal(at, 2);
	listsite_sql(s, "UPDATE conduct_event SET why = 'words' WHERE id = 2");
	assert_int_equal(conduct_verify(s->site.db, "dc", &at, NULL), 1);
	listsite_sql(s, "DROP TRIGGER conduct_event_remains");
	listsite_sql(s, "DELETE FROM conduct_event WHERE id = 2");
	assert_int_equal(conduct_verify(s->site.db, "dc", &at, NULL), 0);
	assert_int_equal(at, 3);
}

static void
test_rule(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	const struct conf_list *l = &s->conf->lists[0];
	assert_string_equal(conduct_rule(s->a, &l->steps[0]),
			    "step \"reminder\" { by = \"moderator\" audience = \"member\" "
			    "does = \"message\" }");
	assert_string_equal(conduct_rule(s->a, &l->steps[2]),
			    "step \"suspension\" { by = \"two-moderators\" audience = \"list\" "
			    "after = \"warning\" within = \"15552000s\" lasts = \"2592000s\" "
			    "does = \"suspend\" }");
}

static void
test_suspended_post(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"dc\" { moderators = { \"" MOD
						   "\" } appeals = { \"om@example.org\" } }\n");
	listsite_member(s, "dc", ANN);
	put(s, ANN, "step", "suspension", "suspend", s->now + 30 * DAY, 0);
	listsite_send(s, ANN, LIST, "Subject: Hello\n", "Words.\n");
	assert_int_equal(listsite_count(s), 1);
	struct outmail *m = listsite_only(s, ANN);
	assert_contains(m->text, "22 December 2026");
	assert_contains(m->text, "dc-appeal@" DOMAIN);
	assert_contains(m->text, "still a member");
	assert_contains(m->text, "words");
	assert_int_equal(listsite_held(s), 0);
	/* The same post may come again when it is over. */
	s->now += 30 * DAY;
	listsite_forget(s);
	listsite_send(s, ANN, LIST, "Subject: Hello\nMessage-ID: <again@x>\n", "Words.\n");
	assert_string_equal(listsite_nth(s, 0)->kind, "post");
}

static void
test_moderated_post(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	put(s, ANN, "step", "moderation", "hold", s->now + 30 * DAY, 0);
	listsite_send(s, ANN, LIST, "Subject: Hello\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	assert_contains(listsite_only(s, MOD)->text, "posts are held for a time");
}

static void
test_posts_per_day(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"dc\" { moderators = { \"" MOD
						   "\" } posts-per-day = 2 }\n");
	listsite_member(s, "dc", ANN);
	listsite_member(s, "dc", BOB);
	for (int i = 0; i < 5; i++)
		listsite_send(s, ANN, LIST, "Subject: Hello\n", "Words.\n");
	assert_int_equal(quota_used(s->site.db, s->conf->lists, SLICE(ANN), s->now, NULL), 2);
	assert_int_equal(listsite_held(s), 3);
	/* No moderator is asked; the author knows when. */
	assert_int_equal(listsite_count_to(s, MOD), 0);
	listsite_send(s, BOB, LIST, "Subject: Mine\n", "Words.\n");
	assert_int_equal(listsite_held(s), 3);
	assert_int_equal(release_sweep(&s->site, s->now, NULL), 0);
	/* The next day: in order, each counted before the next one. */
	s->now = zone_next_day(s->conf->lists->zone, s->now);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(release_sweep(&s->site, s->now, NULL), i < 2);
		listsite_run(s);
	}
	assert_int_equal(listsite_held(s), 1);
	assert_int_equal(quota_used(s->site.db, s->conf->lists, SLICE(ANN), s->now, NULL), 2);
	s->now = zone_next_day(s->conf->lists->zone, s->now);
	assert_int_equal(release_sweep(&s->site, s->now, NULL), 1);
	listsite_run(s);
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM out WHERE kind = 'post'"), 6);
	assert_int_equal(quota_trim(s->site.db, s->now + 3 * DAY, NULL), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM quota"), 0);
}

static void
test_cooled_thread(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	char key[KEY_SIZE];
	listsite_member(s, "dc", ANN);
	msgid_key(SLICE("root@x"), key);
	struct conduct_event ev = {
	    .list = "dc", .what = "freeze", .by = MOD, .about = key, .until = s->now + 3 * DAY};
	assert_int_equal(conduct_add(s->site.db, &ev, s->now, NULL), 0);
	listsite_send(s, ANN, LIST, "Subject: Other\nReferences: <other@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 0);
	listsite_send(s, ANN, LIST, "Subject: Re\nReferences: <root@x> <mid@x>\n", "Words.\n");
	listsite_send(s, ANN, LIST, "Subject: Re\nIn-Reply-To: <root@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 2);
	assert_int_equal(listsite_count_to(s, MOD), 0);
	s->now += 2 * DAY;
	assert_int_equal(release_sweep(&s->site, s->now, NULL), 0);
	put(s, "", "thaw", "", "", 0, ev.id);
	assert_int_equal(release_sweep(&s->site, s->now, NULL), 1);
	assert_int_equal(release_sweep(&s->site, s->now, NULL), 1);
	listsite_run(s);
	assert_int_equal(listsite_held(s), 0);
	listsite_send(s, ANN, LIST, "Subject: Re\nReferences: <root@x>\n", "Words.\n");
	assert_int_equal(listsite_held(s), 0);
}

static void
test_emergency(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	put(s, "", "emergency", "", "", s->now + DAY, 0);
	listsite_send(s, ANN, LIST, "Subject: Hello\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	assert_contains(listsite_only(s, MOD)->text, "all posts to this list are held");
	assert_int_equal(release_sweep(&s->site, s->now + 2 * DAY, NULL), 0);
	s->now += DAY;
	listsite_send(s, ANN, LIST, "Subject: Hello 2\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
}

static void
test_destination_and_recipients(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	struct buf to;
	listsite_member(s, "dc", ANN);
	listsite_send(s, ANN, LIST, "Subject: Blind\nTo: undisclosed-recipients:;\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	assert_contains(listsite_only(s, MOD)->text, "does not name the list");
	listsite_send(s, ANN, LIST, "Subject: Old\nTo: friend@x.org\nCc: DC@old.example\n", "W.\n");
	assert_int_equal(listsite_held(s), 1);
	for (int n = 29; n <= 30; n++) {
		buf_init(&to, 10000);
		buf_puts(&to, "To: " LIST);
		for (int i = 0; i < n; i++)
			buf_printf(&to, ",\n a%d@example.org", i);
		buf_printf(&to, "\nSubject: Many %d\n", n);
		listsite_send(s, ANN, LIST, buf_str(&to), "Words.\n");
		assert_int_equal(listsite_held(s), n == 29 ? 1 : 2);
		buf_free(&to);
	}
}

/* A post of Ann's with one attachment. */
static void
attach(struct listsite *s, const char *type, const char *name)
{
	listsite_forget(s);
	listsite_send(s, ANN, LIST, "Content-Type: multipart/mixed; boundary=b\nSubject: See\n",
		      listsite_printf(s,
				      "--b\n\nText.\n--b\nContent-Type: %s\n"
				      "Content-Disposition: attachment%s\n\nx\n--b--\n",
				      type, name));
}

static void
test_program_attached(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	attach(s, "application/x", "; filename=\"agenda.pdf\"");
	assert_int_equal(listsite_held(s), 0);
	attach(s, "application/x", "; filename=\"agenda.EXE\"");
	assert_int_equal(listsite_held(s), 1);
	assert_contains(listsite_only(s, MOD)->text, "moderator looks at first (agenda.EXE)");
}

static void
test_kinds_of_attachments(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { moderators = { \"" MOD "\" } hold-attachments = {"
				  " \"video/*\" } reject-attachments = { \".scr\","
				  " \"application/x-msdownload\" } }\n");
	listsite_member(s, "dc", ANN);
	attach(s, "application/x", "; filename=\"agenda.exe\""); /* the default is replaced */
	assert_int_equal(listsite_held(s), 0);
	attach(s, "Video/MP4", "");
	assert_int_equal(listsite_held(s), 1);
	assert_contains(listsite_only(s, MOD)->text, "looks at first (video/mp4)");
	attach(s, "text/plain", "; filename=\"x.scr\"");
	assert_contains(listsite_only(s, ANN)->text, "does not take (x.scr)");
	attach(s, "Application/X-MSDownload", "; filename=\"x\"");
	assert_contains(listsite_only(s, ANN)->text, "does not take (x)");
	assert_int_equal(listsite_held(s), 1);
}

/* The mail server's verdicts: a stranger's spam is dropped before it is held for being a
 * stranger's; wherever the line stands. */
static void
test_header_rules(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { moderators = { \"" MOD "\" }"
				  " discard-headers = { \"X-Spam-Level: ??????????*\" }"
				  " reject-headers = { \"X-Virus-Status: Infected*\" }"
				  " hold-headers = { \"X-Spam-Flag: yes\", \"X-Bulk: *\" } }\n");
	listsite_member(s, "dc", ANN);
	listsite_send(s, BOB, LIST, "Subject: One\nX-Spam-Level: **********\n", "Words.\n");
	assert_int_equal(listsite_count(s) + listsite_held(s), 0);
	listsite_send(s, ANN, LIST, "X-Virus-Status: Infected\n (Eicar)\nSubject: Two\n",
		      "Words.\n");
	assert_contains(listsite_only(s, ANN)->text, "does not take (X-Virus-Status: Infected*)");
	assert_int_equal(listsite_held(s), 0);
	listsite_forget(s);
	listsite_send(s, ANN, LIST, "X-SPAM-FLAG:YES\nSubject: Three\n", "Words.\n");
	assert_contains(listsite_only(s, MOD)->text,
			"the mail server marked it (X-Spam-Flag: yes)");
	listsite_send(s, ANN, LIST, "Subject: Four\nX-Bulk:\n", "Words.\n");
	assert_int_equal(listsite_held(s), 2);
	/* Nearly so, or in the body. */
	listsite_forget(s);
	listsite_send(s, ANN, LIST,
		      "Subject: Five\nX-Spam-Flag: yes and no\nX-Spam-Level: *****\n"
		      "X-Spam-Flags: yes\n",
		      "X-Spam-Flag: YES\n");
	assert_int_equal(listsite_held(s), 2);
	assert_string_equal(listsite_only(s, ANN)->kind, "post");
}

/* The day turns where the list is, in winter an hour before it does in Greenwich. */
static void
test_day_of_a_place(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { moderators = { \"" MOD "\" } posts-per-day = 1"
				  " time-zone = \"Europe/Paris\" }\n");
	listsite_member(s, "dc", ANN);
	s->now += 23 * 3600 - s->now % DAY - 60; /* 23:59 there */
	listsite_send(s, ANN, LIST, "Subject: One\n", "Words.\n");
	listsite_send(s, ANN, LIST, "Subject: Two\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	assert_contains(listsite_nth(s, 1)->text, "23:00 UTC");
	s->now += 59;
	assert_int_equal(release_sweep(&s->site, s->now, NULL), 0);
	s->now++;
	assert_int_equal(release_sweep(&s->site, s->now, NULL), 1);
	listsite_run(s);
	assert_int_equal(listsite_held(s), 0);
	listsite_send(s, ANN, LIST, "Subject: Three\n", "Words.\n"); /* the new day's was Two */
	assert_int_equal(listsite_held(s), 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_standing),         TEST(test_taken_back),
	    TEST(test_record_is_whole),  TEST(test_rule),
	    TEST(test_suspended_post),   TEST(test_moderated_post),
	    TEST(test_posts_per_day),    TEST(test_cooled_thread),
	    TEST(test_emergency),        TEST(test_destination_and_recipients),
	    TEST(test_program_attached), TEST(test_kinds_of_attachments),
	    TEST(test_header_rules),     TEST(test_day_of_a_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
