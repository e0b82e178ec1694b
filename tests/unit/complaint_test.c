/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a spam button brings about: no more posts, one mail that says so, and a way back. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/bounce.h"
#include "daemon/bouncing.h"
#include "daemon/complaint.h"
#include "tests/unit/listsite.h"

#define DAY ((int64_t)86400)
#define LIST "l@" DOMAIN
#define BEA "bea@example.net"
#define EVE "eve@example.com"

static const char config[] =
    "list \"l\" {\n title = \"Gardens\"\n moderators = { \"mod@x.org\" }\n}\n"
    "list \"fr\" {\n title = \"Jardins\"\n language = \"fr\"\n"
    " moderators = { \"mod@x.org\" }\n}\n";

/* A member to whom post 1 of the list went. */
static struct listsite *
begin(void **state, int64_t *row)
{
	struct listsite *s = listsite_begin(state, config);
	*row = listsite_member(s, "l", BEA);
	listsite_member(s, "l", EVE);
	s->now += DAY;
	listsite_send(s, EVE, LIST, "Subject: Roses\n", "Words.\n");
	s->now += 60;
	listsite_forget(s);
	return s;
}

static const char *
return_path(struct listsite *s, int64_t row, int64_t seq)
{
	const char *token =
	    listsite_token(s, "bounce", (uint64_t)row << 16 | ((uint64_t)seq & 0xffff));
	return listsite_printf(s, "l-bounces+%s@%s", token, DOMAIN);
}

/* A report as a hub sends it: type, fields of the feedback part, header of the returned mail. */
static void
report(struct listsite *s, const char *to, const char *type, const char *fields,
       const char *returned)
{
	listsite_send(s, "", to,
		      "From: fbl@hub.example\nSubject: Abuse report\nMIME-Version: 1.0\n"
		      "Content-Type: multipart/report; boundary=b; report-type=feedback-report\n",
		      listsite_printf(s,
				      "--b\n\nThis is an abuse report.\n--b\nContent-Type: "
				      "message/feedback-report\n\nFeedback-Type: %s\nVersion: 1\n"
				      "User-Agent: Hub/1\n%s\n--b\nContent-Type: "
				      "message/rfc822\n\n%sSubject: Roses\nMessage-ID: <1@x>\n\n"
				      "Words.\n--b--\n",
				      type, fields, returned));
	s->now += 60;
}

static const char *
delivery(struct listsite *s)
{
	return listsite_find(s, "l", BEA)->delivery;
}

static int64_t
complaints(struct listsite *s, int64_t row)
{
	int64_t n, last;
	assert_int_equal(bounce_complaints(s->site.db, row, &n, &last, NULL), 0);
	return n;
}

static bool
stopped(struct listsite *s)
{
	int64_t since;
	int r = complaint_stopped(s->site.db, s->a, listsite_find(s, "l", BEA), &since, NULL);
	assert_true(r >= 0);
	assert_int_equal(since > 0, r);
	return r == 1;
}

static void
test_stops(void **state)
{
	int64_t row;
	struct listsite *s = begin(state, &row);
	assert_int_equal(listsite_int(s, listsite_printf(s,
							 "SELECT count(*) FROM delivery WHERE"
							 " subscription = %lld",
							 (long long)row)),
			 1);
	report(s, return_path(s, row, 1), "abuse", "", "");
	assert_string_equal(delivery(s), "nomail");
	assert_true(stopped(s));
	assert_int_equal(complaints(s, row), 1);
	assert_int_equal(listsite_find(s, "l", BEA)->bounce_score, 0);
	/* What waited for her is taken back. */
	assert_int_equal(listsite_int(s, listsite_printf(s,
							 "SELECT count(*) FROM delivery WHERE"
							 " subscription = %lld",
							 (long long)row)),
			 0);
	struct outmail *m = listsite_only(s, BEA);
	assert_contains(m->subject, "Gardens");
	assert_contains(m->text, "Roses");
	assert_contains(m->from, "l-confirm+");
	assert_int_equal(listsite_count(s), 1); /* nobody else is told */
	/* The next post does not go to her. */
	listsite_forget(s);
	listsite_send(s, EVE, LIST, "Subject: More\n", "More.\n");
	assert_int_equal(listsite_count_to(s, BEA), 0);
}

/* Any reply brings the posts back, as she had them. */
static void
test_back(void **state)
{
	int64_t row;
	struct listsite *s = begin(state, &row);
	listsite_sql(s, "UPDATE subscription SET delivery = 'digest' WHERE address = '" BEA "'");
	report(s, return_path(s, row, 1), "abuse", "", "");
	assert_string_equal(delivery(s), "nomail");
	struct outmail *m = listsite_only(s, BEA);
	listsite_forget(s);
	listsite_reply(s, m, BEA, "A slip!\n");
	assert_string_equal(delivery(s), "digest");
	assert_false(stopped(s));
	assert_contains(listsite_only(s, BEA)->text, "come to " BEA " again");
	/* A report about a post from before that comes late changes nothing, nor does a double. */
	listsite_forget(s);
	report(s, return_path(s, row, 1), "abuse", "", "");
	report(s, return_path(s, row, 2), "abuse", "", "");
	assert_string_equal(delivery(s), "digest");
	assert_int_equal(complaints(s, row), 2);
	assert_int_equal(listsite_count(s), 0);
	/* One about a later post does. */
	s->now += DAY;
	listsite_send(s, EVE, LIST, "Subject: More\n", "More.\n");
	listsite_forget(s);
	s->now += 60;
	report(s, return_path(s, row, 2), "abuse", "", ""); /* that number, long ago: the same */
	assert_string_equal(delivery(s), "digest");
	s->now += 31 * DAY;
	listsite_send(s, EVE, LIST, "Subject: Third\n", "Third.\n");
	listsite_forget(s);
	s->now += 60;
	report(s, return_path(s, row, 3), "opt-out", "", "");
	assert_string_equal(delivery(s), "nomail");
	assert_int_equal(listsite_count(s), 1);
}

/* To the address that is registered with hubs: the token is in what they send along. */
static void
test_tokens_inside(void **state)
{
	int64_t row;
	struct listsite *s = begin(state, &row);
	const char *bare = "plenary-bounces@" DOMAIN;
	const char *leave = listsite_token(
	    s, "leave", (uint64_t)row << 16 | ((uint64_t)((s->now + DAY) / DAY) & 0xffff));
	report(s, bare, "abuse", "", "");
	report(s, bare, "abuse", "Original-Rcpt-To: <" BEA ">\n", "Return-Path: <" BEA ">\n");
	report(s, "l-bounces@" DOMAIN, "abuse",
	       "Original-Mail-From: <l-bounces+aaaaaaaaaaaaaaaaaaaaaaaaaa@" DOMAIN ">\n",
	       "List-Unsubscribe: <mailto:l-unsubscribe+bbbbbbbbbbbbbbbbbbbbbbbbbb@" DOMAIN ">\n");
	assert_string_equal(delivery(s), "mail");
	assert_int_equal(complaints(s, row), 0);
	assert_int_equal(listsite_count(s), 0);
	report(s, bare, "abuse", "",
	       listsite_printf(s, "Return-Path: <%s>\n", return_path(s, row, 1)));
	assert_string_equal(delivery(s), "nomail");
	listsite_set(s, "l", BEA, "delivery", "mail");
	s->now += DAY;
	report(s, bare, "abuse",
	       listsite_printf(s, "Original-Mail-From: <%s>\n", return_path(s, row, 2)), "");
	assert_int_equal(complaints(s, row), 2);
	listsite_sql(s, "DELETE FROM member_event");
	report(s, bare, "abuse", "",
	       listsite_printf(s,
			       "List-Unsubscribe: <" URL
			       "/u/%s>,\n <mailto:l-unsubscribe+%s@" DOMAIN "?subject=x>\n",
			       leave, leave));
	assert_string_equal(delivery(s), "nomail");
}

/* Not her wish, or not hers alone. */
static void
test_nothing(void **state)
{
	int64_t row;
	struct listsite *s = begin(state, &row);
	report(s, return_path(s, row, 1), "not-spam", "", "");
	report(s, return_path(s, row, 1), "virus", "", "");
	report(s, return_path(s, row, 1), "auth-failure", "", "");
	report(s, return_path(s, 0, 1), "abuse", "Original-Rcpt-To: <" BEA ">\n", "");
	report(s, return_path(s, 4711, 1), "abuse", "", "");
	assert_string_equal(delivery(s), "mail");
	assert_int_equal(complaints(s, row), 0);
	assert_int_equal(listsite_count(s), 0);
	/* Who gets none already is told nothing. */
	listsite_set(s, "l", BEA, "delivery", "nomail");
	report(s, return_path(s, row, 1), "abuse", "", "");
	assert_int_equal(complaints(s, row), 1);
	assert_false(stopped(s));
	assert_int_equal(listsite_count(s), 0);
}

static void
test_french(void **state)
{
	struct listsite *s = listsite_begin(state, config);
	int64_t row = listsite_member(s, "fr", BEA);
	report(s,
	       listsite_printf(s, "fr-bounces+%s@" DOMAIN,
			       listsite_token(s, "bounce", (uint64_t)row << 16 | 1)),
	       "abuse", "", "");
	struct outmail *m = listsite_only(s, BEA);
	assert_string_equal(m->language, "fr");
	assert_contains(m->text, "signalé comme indésirable");
}

static void
test_status(void **state)
{
	int64_t row;
	struct listsite *s = begin(state, &row);
	report(s, return_path(s, row, 1), "abuse", "", "");
	listsite_forget(s);
	listsite_send(s, BEA, "l-request@" DOMAIN, "Subject: status\n", "");
	struct outmail *m = listsite_only(s, BEA);
	assert_contains(m->text, "reported a post as spam, since: 23 November 2026");
	assert_contains(m->text, "send: set mail");
	assert_contains(m->text, "reported as spam: 1 (");
	assert_contains(m->text, "whether you want posts again");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {T(test_stops),   T(test_back),   T(test_tokens_inside),
					   T(test_nothing), T(test_french), T(test_status)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
