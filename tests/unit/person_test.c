/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lists know about a member, told to her: status, which, data; and its erasure. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "daemon/bounce.h"
#include "daemon/moderate.h"
#include "daemon/person.h"
#include "daemon/vacation.h"
#include "mail/part.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define EVE "eve@example.com"
#define MOD "mod@example.org"
#define TWO                                                                                        \
	"list \"dc\" { title = \"Coalition\" moderators = { \"" MOD "\" } }\n"                     \
	"list \"x\" { title = \"Other\" moderators = { \"" MOD "\" } hold-first-posts = 5 }\n"
#define REQUEST "dc-request@" DOMAIN
#define SITE "plenary@" DOMAIN

static void
must(int r, const struct err *e)
{
	if (r < 0)
		fail_msg("%s", e->text);
}

static struct listsite *
begin(void **state)
{
	struct listsite *s = listsite_begin(state, TWO);
	listsite_member(s, "dc", ANN);
	listsite_member(s, "x", ANN);
	listsite_member(s, "dc", EVE);
	return s;
}

/* --- status and which ----------------------------------------------------------------------- */

static void
test_which(void **state)
{
	struct listsite *s = begin(state);
	listsite_set(s, "dc", ANN, "digest", "plain");
	listsite_set(s, "x", ANN, "vacation", "2026-12-01");
	listsite_send(s, ANN, SITE, "", "which\n");
	const char *text = listsite_only(s, ANN)->text;
	assert_contains(text, "dc@" DOMAIN "\n  Delivery: many posts in one mail (digest), as one "
			      "plain text");
	assert_contains(text, "x@" DOMAIN "\n  Delivery: each post as it comes\n"
			      "  No mail until the end of: 1 December 2026");
}

static void
test_status(void **state)
{
	struct listsite *s = begin(state);
	struct err e = {0};
	listsite_set(s, "dc", ANN, "vacation", "2026-12-01");
	must(member_pause(s->site.db, listsite_find(s, "dc", ANN)->id, s->now, &e), &e);
	listsite_send(s, ANN, "x@" DOMAIN, "Subject: My first\n", "Words.\n");
	listsite_forget(s);
	listsite_send(s, ANN, REQUEST, "", "set ack on\n");
	listsite_forget(s);
	listsite_send(s, ANN, SITE, "", "status\n");
	const char *text = listsite_only(s, ANN)->text;
	assert_contains(text, "No mail until the end of: 1 December 2026\n"
			      "To get mail before that day, send: set vacation off\n");
	assert_contains(text, "To get mail again, send: set mail\n");
	assert_contains(text, "Posts that wait for a moderator:\n- My first (22 November 2026)");
	assert_contains(text, "Questions that wait for your reply by mail:\n- dc@" DOMAIN
			      ": whether commands are yours (25 November 2026");
	/* Of one list: nothing of the other. */
	listsite_forget(s);
	listsite_send(s, ANN, "x-request@" DOMAIN, "", "status\n");
	text = listsite_only(s, ANN)->text;
	assert_lacks(text, "set vacation off");
	assert_lacks(text, "whether commands are yours");
	/* A stranger is told what to do. */
	listsite_send(s, "who@example.net", REQUEST, "", "status\n");
	assert_contains(listsite_only(s, "who@example.net")->text, "To join, send: subscribe");
}

static void
test_vacation_off(void **state)
{
	struct listsite *s = begin(state);
	const char *head = "Authentication-Results: mx.example.org; dkim=pass "
			   "header.d=example.org\n";
	listsite_send(s, ANN, REQUEST, head, "set vacation 2026-12-01.\n");
	assert_true(listsite_find(s, "dc", ANN)->vacation > s->now);
	assert_contains(listsite_only(s, ANN)->text, "Mail comes again by itself");
	listsite_forget(s);
	listsite_send(s, ANN, REQUEST, head, "set vacation off\n");
	assert_int_equal(listsite_find(s, "dc", ANN)->vacation, 0);
	assert_lacks(listsite_only(s, ANN)->text, "by itself");
}

static void
test_vacation_over(void **state)
{
	struct listsite *s = begin(state);
	struct err e = {0};
	listsite_set(s, "dc", ANN, "vacation", "2026-12-01");
	listsite_set(s, "dc", ANN, "language", "fr");
	listsite_set(s, "x", ANN, "vacation", "2026-12-01");
	listsite_set(s, "x", ANN, "delivery", "nomail");
	assert_int_equal(vacation_run(&s->site, s->now, &e), 0);
	s->now += 10 * 86400;
	assert_int_equal(vacation_run(&s->site, s->now, &e), 1);
	struct outmail *m = listsite_only(s, ANN);
	assert_string_equal(m->language, "fr");
	assert_contains(m->text, "1er d\xc3\xa9"
				 "cembre 2026");
	assert_int_equal(listsite_find(s, "dc", ANN)->vacation, 0);
	assert_int_equal(listsite_find(s, "x", ANN)->vacation, 0);
	assert_int_equal(vacation_run(&s->site, s->now, &e), 0);
}

/* --- data ----------------------------------------------------------------------------------- */

/* The file attached to a mail, parsed. */
static json_t *
attached(struct listsite *s, const struct outmail *m)
{
	for (size_t i = 0; i < m->message.nparts; i++) {
		const struct part *p = &m->message.parts[i];
		if (!slice_is_ci(p->type, "application") || !slice_is_ci(p->subtype, "json"))
			continue;
		assert_true(slice_is(part_filename(s->a, p), "plenary-data.json"));
		struct slice bytes = part_decode(s->a, p, 1 << 20);
		json_t *doc = json_loadb(bytes.p, bytes.n, 0, NULL);
		assert_non_null(doc);
		return doc;
	}
	fail_msg("no file in the mail");
	return NULL;
}

/* Something in every table. */
static void
fill(struct listsite *s)
{
	struct err e = {0};
	struct bounce b = {.list = "dc",
			   .subscription = listsite_find(s, "dc", ANN)->id,
			   .seq = 7,
			   .hard = true,
			   .members_fault = true,
			   .status = SLICE("5.1.1"),
			   .text = SLICE("550 5.1.1 <" ANN "> no such user")};
	must(bounce_record(s->site.db, &b, s->now, &e), &e);
	listsite_set(s, "dc", ANN, "group", "Civil society");
	listsite_send(s, EVE, "dc@" DOMAIN, "Subject: Agenda\n", "Words of Eve.\n");
	listsite_send(s, ANN, "x@" DOMAIN, "Subject: Held\n", "My held words.\n");
	listsite_send(s, ANN, REQUEST, "", "set ack on\n");
}

static void
test_data(void **state)
{
	struct listsite *s = begin(state);
	fill(s);
	listsite_forget(s);
	listsite_send(s, ANN, SITE, "", "data\n");
	/* Anyone can write her address into a From line: she is asked first. */
	assert_int_equal(listsite_count(s), 2);
	struct outmail *question = listsite_nth(s, 0);
	assert_true(strstr(question->from, "confirm+") != NULL);
	listsite_forget(s);
	listsite_reply(s, question, ANN, "yes\n");
	struct outmail *m = listsite_only(s, ANN);
	assert_contains(m->text, "stored about your address");
	json_t *doc = attached(s, m);
	assert_string_equal(json_string_value(json_object_get(doc, "address")), ANN);
	json_t *list = json_object_get(doc, "memberships");
	assert_int_equal(json_array_size(list), 2);
	json_t *dc = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(dc, "group")), "Civil society");
	assert_true(json_is_null(json_object_get(dc, "vacation")));
	assert_int_equal(json_array_size(json_object_get(doc, "bounces")), 1);
	assert_true(json_array_size(json_object_get(doc, "events")) >= 3);
	assert_int_equal(json_array_size(json_object_get(doc, "requests")), 3);
	json_t *held = json_array_get(json_object_get(doc, "held_posts"), 0);
	assert_string_equal(json_string_value(json_object_get(held, "excerpt")), "My held words.");
	assert_true(json_array_size(json_object_get(doc, "waiting_mail")) >= 2);
	assert_true(json_array_size(json_object_get(doc, "counters")) >= 1);
	char *all = json_dumps(doc, 0);
	assert_lacks(all, EVE);
	assert_lacks(all, "+");
	free(all);
	json_decref(doc);
}

static void
test_data_of_nobody(void **state)
{
	struct listsite *s = begin(state);
	struct slice json;
	struct err e = {0};
	must(person_data(&s->site, s->a, SLICE("Who@Example.NET"), s->now, &json, &e), &e);
	json_t *doc = json_loadb(json.p, json.n, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(doc, "address")), "who@example.net");
	assert_int_equal(json_array_size(json_object_get(doc, "memberships")), 0);
	json_decref(doc);
}

/* --- erasure -------------------------------------------------------------------------------- */

/* How many tables have the address anywhere, but for the answer that is on its way to her. */
static int64_t
traces(struct listsite *s, const char *who)
{
	static const char *const columns[][2] = {
	    {"subscription", "address || wire"},
	    {"member_event", "address || by_whom || detail"},
	    {"ticket", "address || detail || outcome"},
	    {"held", "sender || from_text || msgid || excerpt || reasons || decided_by || why"},
	    {"flood", "name"},
	    {"quota", "address"},
	    {"moderator", "address"},
	    {"refused_post", "sender || text"},
	    {"bounce", "text"},
	};
	int64_t n = 0;
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		n += listsite_int(
		    s, listsite_printf(s, "SELECT count(*) FROM %s WHERE instr(lower(%s), '%s')",
				       columns[i][0], columns[i][1], who));
	return n;
}

static void
test_erase(void **state)
{
	struct listsite *s = begin(state);
	fill(s);
	assert_true(traces(s, ANN) > 5);
	int64_t events = listsite_int(s, "SELECT count(*) FROM member_event");
	listsite_forget(s);
	/* A server's word is not enough for what can't be undone. */
	listsite_send(s, ANN, SITE,
		      "Authentication-Results: mx.example.org; dkim=pass header.d=example.org\n",
		      "erase\n");
	assert_non_null(listsite_find(s, "dc", ANN));
	struct outmail *question = listsite_nth(s, 0);
	listsite_forget(s);
	listsite_reply(s, question, ANN, "yes\n");
	struct outmail *m = listsite_only(s, ANN);
	assert_contains(m->text, "have ended");
	assert_contains(m->text, "public archive");
	assert_null(listsite_find(s, "dc", ANN));
	assert_null(listsite_find(s, "x", ANN));
	assert_int_equal(traces(s, ANN), 0);
	assert_int_equal(
	    listsite_int(s, "SELECT count(*) FROM delivery WHERE recipient = '" ANN "'"), 1);
	/* Two left; what had happened is still told, of nobody. */
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM member_event"), events + 2);
	assert_int_equal(listsite_int(s, "SELECT count(DISTINCT address) FROM member_event"
					 " WHERE address LIKE 'erased-%'"),
			 1);
	/* Her held post is gone with its file; others lost nothing. */
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM held WHERE settled = 2"), 1);
	assert_non_null(listsite_find(s, "dc", EVE));
	assert_int_equal(
	    listsite_int(s, "SELECT count(*) FROM delivery WHERE recipient = '" EVE "'"), 1);
	/* The question was answered once; and she may come back. */
	listsite_forget(s);
	listsite_reply(s, question, ANN, "yes\n");
	assert_null(listsite_find(s, "dc", ANN));
	listsite_send(s, ANN, "dc-subscribe@" DOMAIN,
		      "Authentication-Results: mx.example.org; dkim=pass header.d=example.org\n",
		      "");
	assert_non_null(listsite_find(s, "dc", ANN));
}

/* A moderator's open question stays hers to answer, and the past no longer names her. */
static void
test_erase_moderator(void **state)
{
	struct listsite *s = begin(state);
	struct err e = {0};
	struct person_erased n;
	struct held h;
	listsite_send(s, ANN, "x@" DOMAIN, "Subject: One\n", "Words.\n");
	must(moderate_decide(&s->site, s->a, 1, "accept", MOD, "", "t", s->now, &h, &e), &e);
	listsite_send(s, ANN, "x@" DOMAIN, "Subject: Two\n", "More words.\n");
	must(db_begin(s->site.db, &e), &e);
	must(person_erase(&s->site, s->a, slice_str(MOD), "admin", s->now, &n, &e), &e);
	must(db_commit(s->site.db, &e), &e);
	assert_int_equal(n.memberships, 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM ticket WHERE address = '" MOD "'"),
			 1);
	assert_int_equal(
	    listsite_int(s, "SELECT count(*) FROM held WHERE decided_by LIKE 'erased-%'"), 1);
	assert_int_equal(
	    listsite_int(s, "SELECT count(*) FROM ticket WHERE outcome LIKE '%" MOD "'"), 0);
}

/* Nothing of somebody whose address only contains hers. */
static void
test_erase_neighbours(void **state)
{
	struct listsite *s = begin(state);
	struct err e = {0};
	struct person_erased n;
	listsite_member(s, "dc", "jo" ANN);
	listsite_member(s, "dc", ANN ".au");
	must(db_begin(s->site.db, &e), &e);
	must(person_erase(&s->site, s->a, SLICE("ANN@EXAMPLE.ORG"), "admin", s->now, &n, &e), &e);
	must(db_commit(s->site.db, &e), &e);
	assert_int_equal(n.memberships, 2);
	assert_non_null(listsite_find(s, "dc", "jo" ANN));
	assert_non_null(listsite_find(s, "dc", ANN ".au"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_which),
	    TEST(test_status),
	    TEST(test_vacation_off),
	    TEST(test_vacation_over),
	    TEST(test_data),
	    TEST(test_data_of_nobody),
	    TEST(test_erase),
	    TEST(test_erase_moderator),
	    TEST(test_erase_neighbours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
