/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Speakers: terms that begin and end by themselves, who is let in, and who is told of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/speaking.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define ANN "ann@example.org"
#define BOB "bob@example.net"
#define EVE "eve@example.com"
#define MOD "mod@example.org"
#define VOUCHED "Authentication-Results: mx.example.org; dkim=pass header.d=example.org\n"
#define DAY 86400
/* The fixture's now is 22 November 2026. */
#define SITE                                                                                       \
	"list \"dc\" { moderators = { \"" MOD "\" }\n"                                             \
	" group \"Government\" { seats = 2 }\n"                                                    \
	" speaker \"" EVE "\" { group = \"Government\" since = \"2026-01-01\""                     \
	" until = \"2026-12-31\" } }\n"

static struct listsite *
begin(void **state)
{
	struct listsite *s = listsite_begin(state, SITE);
	listsite_member(s, "dc", ANN);
	listsite_member(s, "dc", BOB);
	listsite_member(s, "dc", EVE);
	return s;
}

/* Does a post of this member go out at once? */
static bool
speaks(struct listsite *s, const char *who)
{
	static int n;
	int held = listsite_held(s);
	n++;
	listsite_send(s, who, LIST, listsite_printf(s, "Subject: number %d\n", n),
		      listsite_printf(s, "These are words %d.\n", n));
	return listsite_held(s) == held;
}

static const char *
command(struct listsite *s, const char *line)
{
	listsite_forget(s);
	listsite_send(s, MOD, "dc-request@" DOMAIN,
		      listsite_printf(s, "Subject: %s\n" VOUCHED, line), "");
	return listsite_only(s, MOD)->text;
}

static int
run(struct listsite *s)
{
	struct err e = {0};
	int told = speaking_run(&s->site, s->now, &e);
	if (told < 0)
		fail_msg("%s", e.text);
	return told;
}

static void
test_term(void **state)
{
	struct listsite *s = begin(state);
	int64_t end = LISTSITE_NOW - LISTSITE_NOW % DAY + 40 * DAY; /* of 31 December */
	assert_true(speaks(s, EVE));
	assert_false(speaks(s, ANN));
	assert_int_equal(run(s), 0);
	/* 30 days before: she and the moderators, once. */
	s->now = end - 30 * DAY - 1;
	assert_int_equal(run(s), 0);
	s->now++;
	listsite_forget(s);
	assert_int_equal(run(s), 1);
	assert_contains(listsite_only(s, EVE)->text, "31 December 2026");
	assert_contains(listsite_only(s, MOD)->text, "speak " EVE " until");
	assert_int_equal(run(s), 0);
	/* To the second. */
	s->now = end - 1;
	assert_true(speaks(s, EVE));
	assert_int_equal(run(s), 0);
	s->now = end;
	assert_false(speaks(s, EVE));
	listsite_forget(s);
	assert_int_equal(run(s), 1);
	assert_contains(listsite_only(s, EVE)->subject, "no speaker any more");
	assert_contains(listsite_only(s, MOD)->subject, "is over");
	assert_int_equal(run(s), 0);
	/* What was told is remembered as long as it could be told again. */
	s->now = end + SPEAKING_LATE - 1;
	assert_int_equal(run(s), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM term_told"), 2);
	s->now++;
	assert_int_equal(run(s), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM term_told"), 0);
}

static void
test_term_long_over(void **state)
{
	struct listsite *s = begin(state);
	/* A site that comes back, or takes up an old file, tells nobody of what was long ago. */
	s->now += 100 * DAY;
	assert_int_equal(run(s), 0);
	/* One that goes on is no end; a short one is not soon over from its beginning. */
	s->now -= 60 * DAY;
	listsite_reload(s, "list \"dc\" { speaker \"" EVE "\" { until = \"2026-12-31\" }\n"
			   "speaker \"" EVE
			   "\" { since = \"2027-01-01\" until = \"2027-01-10\" } }\n");
	assert_int_equal(run(s), 0);
}

static void
test_let_in(void **state)
{
	struct listsite *s = begin(state);
	assert_false(speaks(s, ANN));
	assert_contains(command(s, "speak " ANN " until 2026-11-30 because of the workshop"),
			"on the record");
	assert_contains(listsite_only(s, ANN)->text, "until 30 November 2026");
	assert_contains(listsite_only(s, ANN)->text, "because of the workshop");
	assert_true(speaks(s, ANN));
	assert_contains(command(s, "speak " ANN " until 2026-11-30"), "so already");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM conduct_event WHERE what = 'speak'"),
			 1);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM conduct_case"), 0);
	/* Longer; and back. */
	assert_contains(command(s, "speak " ANN), "on the record");
	assert_true(speaks(s, ANN));
	assert_contains(command(s, "hush " ANN), "on the record");
	assert_contains(listsite_only(s, ANN)->subject, "no speaker any more");
	assert_false(speaks(s, ANN));
	assert_contains(command(s, "hush " ANN), "Nobody let this address in");
}

static void
test_let_in_ends(void **state)
{
	struct listsite *s = begin(state);
	command(s, "speak " BOB " until 2026-11-23");
	s->now += DAY;
	assert_true(speaks(s, BOB));
	assert_int_equal(run(s), 0);
	s->now += DAY;
	assert_false(speaks(s, BOB)); /* before any chore has run */
	listsite_forget(s);
	assert_int_equal(run(s), 1);
	assert_contains(listsite_only(s, BOB)->subject, "no speaker any more");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM conduct_event WHERE what = 'hush'"
					 " AND by_whom = 'the clock'"),
			 1);
	assert_int_equal(run(s), 0);
}

static void
test_refusals(void **state)
{
	struct listsite *s = begin(state);
	assert_contains(command(s, "speak"), "Please name the address");
	assert_contains(command(s, "speak " ANN " until tomorrow"), "YYYY-MM-DD");
	assert_contains(command(s, "speak " ANN " until 2026-11-21"), "day is over");
	assert_contains(command(s, "speak " MOD), "about himself");
	assert_contains(command(s, "speak " EVE " until 2026-12-01"), "appointed speaker");
	assert_contains(command(s, "speak " EVE " until 2027-12-01"), "on the record");
	assert_contains(command(s, "hush"), "Please name the address");
	listsite_reload(s, "list \"dc\" { moderators = { \"" MOD "\" } }\n");
	assert_contains(command(s, "speak " ANN), "everyone speaks");
	/* Only a moderator. */
	listsite_forget(s);
	listsite_send(s, ANN, "dc-request@" DOMAIN, "Subject: speak " BOB "\n" VOUCHED, "");
	assert_contains(listsite_only(s, ANN)->text, "for the moderators");
}

static void
test_status(void **state)
{
	struct listsite *s = begin(state);
	listsite_send(s, EVE, "dc-request@" DOMAIN, "Subject: status\n", "");
	assert_contains(listsite_only(s, EVE)->text, "as a speaker's: on");
	assert_contains(listsite_only(s, EVE)->text, "until the end of: 31 December 2026");
	listsite_send(s, ANN, "dc-request@" DOMAIN, "Subject: status\n", "");
	assert_contains(listsite_only(s, ANN)->text, "as a speaker's: off");
}

static void
test_erased(void **state)
{
	struct listsite *s = begin(state);
	command(s, "speak " ANN);
	assert_int_equal(speaking_forget(s->site.db, SLICE(ANN), NULL), 0);
	assert_false(speaks(s, ANN));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_term),        TEST(test_term_long_over), TEST(test_let_in),
	    TEST(test_let_in_ends), TEST(test_refusals),       TEST(test_status),
	    TEST(test_erased),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
