/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bouncing: from reports to a probe, a pause, warnings and the end, and back again. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/bouncing.h"
#include "tests/unit/listsite.h"

#define DAY ((int64_t)86400)
#define LIST "l@" DOMAIN
#define BEA "bea@example.net"

static const char config[] =
    "list \"l\" {\n title = \"Gardens\"\n moderators = { \"mod@x.org\" }\n}\n"
    "list \"fr\" {\n title = \"Jardins\"\n language = \"fr\"\n"
    " moderators = { \"mod@x.org\" }\n bounce-threshold = 1\n}\n";

/* The address that mail number seq to a member comes back to. */
static const char *
return_path(struct listsite *s, int64_t row, int64_t seq)
{
	const char *token =
	    listsite_token(s, "bounce", (uint64_t)row << 16 | ((uint64_t)seq & 0xffff));
	return listsite_printf(s, "l-bounces+%s@%s", token, DOMAIN);
}

static void
send_report(struct listsite *s, int64_t row, int64_t seq, const char *action, const char *status,
	    const char *words)
{
	listsite_send(s, "", return_path(s, row, seq),
		      "From: MAILER-DAEMON@mx.example.net\nSubject: Undelivered Mail\n"
		      "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b;\n"
		      " report-type=delivery-status\n",
		      listsite_printf(s,
				      "--b\n\nIt failed.\n--b\nContent-Type: "
				      "message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
				      "Final-Recipient: rfc822; " BEA "\nAction: %s\nStatus: %s\n"
				      "Diagnostic-Code: smtp; %s\n--b--\n",
				      action, status, words));
}

static void
gone(struct listsite *s, int64_t row, int64_t seq)
{
	send_report(s, row, seq, "failed", "5.1.1", "550 5.1.1 no such user");
}

static int
score(struct listsite *s)
{
	return listsite_find(s, "l", BEA)->bounce_score;
}

static int
look(struct listsite *s)
{
	struct err e = {0};
	int n = bouncing_run(&s->site, s->now, &e);
	if (n < 0)
		fail_msg("%s", e.text);
	return n;
}

static int64_t
events(struct listsite *s, const char *what)
{
	return listsite_int(
	    s, listsite_printf(s, "SELECT count(*) FROM member_event WHERE what = '%s'", what));
}

/* Five failures of five posts on as many days. */
static int64_t
five_failures(struct listsite *s)
{
	int64_t row = listsite_member(s, "l", BEA);
	for (int i = 1; i <= 5; i++) {
		assert_int_equal(look(s), 0);
		gone(s, row, i);
		s->now += DAY / 2;
	}
	assert_int_equal(score(s), 10);
	return row;
}

/* … up to the pause. */
static int64_t
paused(struct listsite *s)
{
	int64_t row = five_failures(s);
	assert_int_equal(look(s), 1);
	gone(s, row, 0);
	listsite_forget(s);
	assert_int_equal(look(s), 1);
	assert_true(listsite_find(s, "l", BEA)->paused > 0);
	return row;
}

static void
test_weights(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = listsite_member(s, "l", BEA);
	gone(s, row, 1);
	assert_int_equal(score(s), 2);
	send_report(s, row, 2, "failed", "5.2.2", "552 5.2.2 mailbox full");
	assert_int_equal(score(s), 3);
	send_report(s, row, 3, "failed", "4.4.7", "4.4.7 delivery time expired");
	assert_int_equal(score(s), 4);
	send_report(s, row, 4, "delayed", "4.4.1", "451 not yet");
	send_report(s, row, 5, "delivered", "2.0.0", "250 fine");
	send_report(s, row, 6, "failed", "5.7.1", "550 5.7.1 your network is blocked");
	send_report(s, row, 7, "failed", "5.7.26", "550 5.7.26 DMARC");
	send_report(s, row, 8, "failed", "5.6.0", "554 5.6.0 that is spam");
	assert_int_equal(score(s), 4);
	/* A person, an answering machine. */
	listsite_send(s, BEA, return_path(s, row, 9), "Subject: Re: hello\n", "I am here.\n");
	listsite_send(s, "", return_path(s, row, 9),
		      "Subject: Out of office\nAuto-Submitted: auto-replied\n",
		      "The following addresses had permanent fatal errors:\n> <" BEA ">\n");
	assert_int_equal(score(s), 4);
	assert_int_equal(listsite_count(s), 0);
	/* One who has left. */
	gone(s, 4711, 10);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM bounce WHERE subscription = 0"), 1);
}

/* The token of a member of one list in the return path of another. */
static void
test_token_of_another_list(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = listsite_member(s, "fr", BEA);
	gone(s, row, 1);
	assert_int_equal(listsite_find(s, "fr", BEA)->bounce_score, 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM bounce WHERE subscription = 0"), 1);
}

/* A post whose copies come back from everywhere counts for nobody. */
static void
test_breaker(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t rows[12];
	for (int i = 0; i < 12; i++)
		rows[i] = listsite_member(s, "l", listsite_printf(s, "m%d@example.net", i));
	listsite_send(s, "m0@example.net", LIST, "From: m0@example.net\n", "Hello\n");
	assert_int_equal(listsite_int(s, "SELECT recipients FROM post WHERE seq = 1"), 12);
	for (int i = 0; i < 9; i++)
		gone(s, rows[i], 1);
	assert_int_equal(listsite_int(s, "SELECT sum(bounce_score) FROM subscription"), 18);
	gone(s, rows[9], 1);
	gone(s, rows[10], 1);
	assert_int_equal(listsite_int(s, "SELECT sum(bounce_score) FROM subscription"), 0);
}

static void
test_decay(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = listsite_member(s, "l", BEA);
	gone(s, row, 1);
	send_report(s, row, 2, "failed", "5.2.2", "552 5.2.2 full");
	s->now += 7 * DAY - 60;
	look(s);
	assert_int_equal(score(s), 3);
	s->now += 120;
	look(s);
	look(s);
	assert_int_equal(score(s), 1);
	s->now += 7 * DAY;
	look(s);
	assert_int_equal(score(s), 0);
	look(s);
	assert_int_equal(score(s), 0);
	assert_int_equal(listsite_count(s), 0);
}

static void
test_probe_arrives(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = five_failures(s);
	listsite_forget(s);
	assert_int_equal(look(s), 1);
	assert_int_equal(look(s), 0);
	struct outmail *m = listsite_only(s, BEA);
	assert_string_equal(m->kind, "probe");
	assert_int_equal(m->flags, 0); /* a return path that is not <> */
	assert_int_equal(m->seq, 0);
	assert_int_equal(
	    listsite_int(s, listsite_printf(s, "SELECT subscription FROM delivery WHERE out = %lld",
					    (long long)m->id)),
	    row);
	assert_contains(m->text, "no such user");
	assert_int_equal(events(s, "probe"), 1);
	/* More posts come back meanwhile, but not the probe. */
	gone(s, row, 6);
	s->now += 6 * DAY;
	look(s);
	assert_int_equal(listsite_find(s, "l", BEA)->paused, 0);
	s->now += 2 * DAY;
	look(s);
	assert_int_equal(score(s), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM bouncing"), 0);
}

/* A refusal that is not the member's fault says nothing of a probe. */
static void
test_probe_refused_by_policy(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = five_failures(s);
	look(s);
	send_report(s, row, 0, "failed", "5.7.1", "550 5.7.1 blocked");
	look(s);
	assert_int_equal(listsite_find(s, "l", BEA)->paused, 0);
}

static void
test_pause_to_the_end(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	paused(s);
	struct outmail *m = listsite_only(s, BEA);
	assert_string_equal(m->kind, "notice");
	assert_true(strncmp(m->from, "l-confirm+", 10) == 0);
	assert_int_equal(events(s, "pause"), 1);
	/* No post goes to her. */
	listsite_forget(s);
	listsite_member(s, "l", "ann@example.org");
	listsite_send(s, "ann@example.org", LIST, "From: ann@example.org\n", "Hello\n");
	assert_int_equal(listsite_count_to(s, BEA), 0);
	int64_t begun = s->now;
	for (int week = 1; week <= 3; week++) {
		listsite_forget(s);
		s->now = begun + week * 7 * DAY - 1;
		assert_int_equal(look(s), 0);
		s->now++;
		assert_int_equal(look(s), 1);
		assert_contains(listsite_only(s, BEA)->subject, "Are you still there?");
		assert_int_equal(events(s, "warning"), week);
	}
	listsite_forget(s);
	s->now += 7 * DAY;
	assert_int_equal(look(s), 1);
	assert_contains(listsite_only(s, BEA)->subject, "has ended");
	assert_null(listsite_find(s, "l", BEA));
	assert_int_equal(events(s, "leave"), 1);
	assert_int_equal(look(s), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM bouncing"), 0);
}

static void
test_back_by_any_reply(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = paused(s);
	struct outmail *notice = listsite_only(s, BEA);
	/* A machine is not back. */
	listsite_send(s, "", notice->from, "Subject: Out of office\nAuto-Submitted: auto-replied\n",
		      "Away.\n");
	assert_true(listsite_find(s, "l", BEA)->paused > 0);
	listsite_forget(s);
	listsite_reply(s, notice, BEA, "I am back!\n");
	assert_int_equal(listsite_find(s, "l", BEA)->paused, 0);
	assert_int_equal(score(s), 0);
	assert_int_equal(events(s, "resume"), 1);
	assert_contains(listsite_only(s, BEA)->subject, "Welcome back");
	/* Nothing follows. */
	s->now += 30 * DAY;
	listsite_forget(s);
	assert_int_equal(look(s), 0);
	assert_int_equal(listsite_count(s), 0);
	assert_int_equal(listsite_find(s, "l", BEA)->id, row);
}

/* "set mail" ends a pause as well, and a second trouble begins from the start. */
static void
test_back_by_command(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = paused(s);
	listsite_set(s, "l", BEA, "delivery", "mail");
	assert_int_equal(score(s), 0);
	s->now += 2 * DAY; /* at most five points a day */
	for (int i = 20; i < 25; i++)
		gone(s, row, i);
	listsite_forget(s);
	assert_int_equal(look(s), 1);
	assert_string_equal(listsite_only(s, BEA)->kind, "probe");
}

static void
test_in_french_and_with_a_threshold(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = listsite_member(s, "fr", BEA);
	listsite_sql(s,
		     listsite_printf(s,
				     "UPDATE subscription SET bounce_score = 2, bounce_last = %lld"
				     " WHERE id = %lld",
				     (long long)s->now, (long long)row));
	listsite_forget(s);
	assert_int_equal(look(s), 1);
	assert_contains(listsite_only(s, BEA)->subject, "Un essai");
	assert_string_equal(listsite_only(s, BEA)->language, "fr");
}

/* Shared copies have no member's token: the report says who. */
static void
test_shared_copies(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	listsite_member(s, "l", BEA);
	gone(s, 0, 3);
	assert_int_equal(score(s), 2);
}

static void
test_status_tells(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	paused(s);
	listsite_forget(s);
	listsite_send(s, BEA, "l-request@" DOMAIN, "From: " BEA "\nSubject: status\n", "\n");
	struct outmail *m = listsite_only(s, BEA);
	assert_contains(m->text, "Stopped because mail to you came back");
	assert_contains(m->text, "Your membership ends");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {
	    T(test_weights),          T(test_token_of_another_list),
	    T(test_breaker),          T(test_decay),
	    T(test_probe_arrives),    T(test_probe_refused_by_policy),
	    T(test_pause_to_the_end), T(test_back_by_any_reply),
	    T(test_back_by_command),  T(test_in_french_and_with_a_threshold),
	    T(test_shared_copies),    T(test_status_tells),
	};
	return cmocka_run_group_tests_name("bouncing", tests, NULL, NULL);
}
