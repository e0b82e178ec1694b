/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One entry, one transaction: every function of an address, twice done, and torn in the middle. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/batch.h"
#include "daemon/ticket.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define EVE "eve@example.com"
#define MOD "mod@example.org"
#define LISTS                                                                                      \
	"list \"dc\" { moderators = { \"" MOD "\" } owners = { \"own@example.org\" }"              \
	" appeals = { \"ombud@example.org\" } }\n"                                                 \
	"list \"other\" { language = \"fr\" }\n"

static const char *
at(struct listsite *s, const char *local, const char *token)
{
	return arena_printf(s->a, "%s%s%s@" DOMAIN, local, token ? "+" : "", token ? token : "");
}

static int64_t
ticket(struct listsite *s, const char *kind, const char *list, const char *detail)
{
	struct ticket t = {
	    .kind = kind, .list = list, .address = EVE, .detail = detail, .expires = s->now + 1000};
	char token[TOKEN_SIZE];
	assert_int_equal(ticket_add(s->site.db, s->site.keys, &t, s->now, token, NULL), 0);
	return t.id;
}

/* Each address of section 2, as one mail, and whose mail that brings about with which subject. */
static void
test_every_function(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	int64_t ann = listsite_member(s, "dc", ANN), day = s->now / 86400;
	const char *join = listsite_token(s, "ticket", (uint64_t)ticket(s, "join", "dc", "mail"));
	const char *leave = listsite_token(s, "leave", (uint64_t)ann << 16 | (uint64_t)day);
	const char *site_leave = listsite_token(
	    s, "leave", (uint64_t)listsite_member(s, "other", ANN) << 16 | (uint64_t)day);
	const char *gone = listsite_token(s, "ticket", 77777);
	const struct {
		const char *from, *to, *subject, *answer_to, *answer;
	} cases[] = {
	    {ANN, at(s, "dc", NULL), "a post", ANN, "a post"},
	    {EVE, at(s, "dc-subscribe", NULL), "", EVE, "Please confirm: " EVE " joins dc"},
	    {EVE, at(s, "dc-join", NULL), "", EVE, "Please confirm: " EVE " joins dc"},
	    {EVE, at(s, "dc-subscribe", "digest"), "", EVE, "Please confirm: " EVE " joins dc"},
	    {ANN, at(s, "dc-subscribe", "nomail"), "", ANN, "You are a member of dc already"},
	    {ANN, at(s, "dc-unsubscribe", NULL), "", ANN, "Please confirm: " ANN " leaves dc"},
	    {EVE, at(s, "dc-leave", NULL), "", EVE, EVE " is not a member of dc"},
	    {EVE, at(s, "dc-confirm", join), "", EVE, "Welcome to dc"},
	    {EVE, at(s, "DC-Confirm", join), "", EVE, "This was confirmed already"},
	    {EVE, at(s, "dc-confirm", gone), "", EVE, "has nothing to answer any more"},
	    {EVE, at(s, "plenary-confirm", gone), "", EVE, "has nothing to answer any more"},
	    {EVE, at(s, "dc-request", NULL), "info", EVE, "Your commands to dc"},
	    {EVE, at(s, "dc-help", NULL), "", EVE, "Your commands to dc"},
	    {EVE, at(s, "other-help", NULL), "", EVE, "Vos commandes à other"},
	    {EVE, at(s, "dc-owner", NULL), "to the owner", "own@example.org", "to the owner"},
	    {EVE, at(s, "dc-appeal", NULL), "an appeal", "ombud@example.org", "an appeal"},
	    {EVE, at(s, "dc-moderate", gone), "accept", EVE, "has nothing to answer any more"},
	    {"", at(s, "dc-bounces", NULL), "Returned", NULL, NULL},
	    {"", at(s, "dc-bounces", listsite_token(s, "bounce", 1 << 16)), "x", NULL, NULL},
	    {EVE, at(s, "plenary", NULL), "lists", EVE, "Your commands to " DOMAIN},
	    {EVE, at(s, "postmaster", NULL), "help!", "root@example.org", "help!"},
	    {EVE, "postmaster", "bare", "root@example.org", "bare"},
	    {EVE, at(s, "dc-unsubscribe", leave), "", ANN, "You have left dc"},
	    {EVE, at(s, "plenary-unsubscribe", site_leave), "", ANN, "Vous avez quitté other"},
	    {ANN, at(s, "dc-unsubscribe", leave), "", ANN, ANN " is not a member of dc"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		listsite_forget(s);
		listsite_send(s, cases[i].from, cases[i].to,
			      arena_printf(s->a, "From: %s\nSubject: %s\n",
					   cases[i].from[0] ? cases[i].from : "x@example.org",
					   cases[i].subject),
			      "\n");
		if (!cases[i].answer_to) {
			assert_int_equal(listsite_count(s), 0);
			continue;
		}
		assert_contains(listsite_only(s, cases[i].answer_to)->subject, cases[i].answer);
	}
	assert_null(listsite_find(s, "dc", ANN));
	assert_non_null(listsite_find(s, "dc", EVE));
}

/* Addresses that were taken in and are gone since, or whose token lost its key. */
static void
test_gone_addresses(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_mail(s, EVE, "dc@" DOMAIN, "Subject: too late\n", "My words.\n");
	listsite_mail(s, EVE, "other-appeal@" DOMAIN, "Subject: nobody there\n", "x\n");
	listsite_mail(s, EVE, "dc-confirm+aaaaaaaaaaaaaaaaaaaaaaaaaa@" DOMAIN, "", "x\n");
	listsite_mail(s, EVE, "someone@elsewhere.example", "", "x\n");
	listsite_reload(s, "list \"other\" { }\n");
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, EVE), 4);
	for (int i = 0; i < 4; i++)
		assert_contains(listsite_nth(s, i)->subject, "no such address");
	assert_contains(listsite_nth(s, 0)->text, "dc@" DOMAIN);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM out o WHERE NOT EXISTS"
					 " (SELECT 1 FROM delivery WHERE out = o.id)"),
			 0);
}

/* A crash after the commit: the entry comes again and only its links are made. */
static void
test_second_run(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	struct slice post =
	    SLICE("From: " ANN "\r\nTo: dc@" DOMAIN "\r\nMessage-ID: <m@x>\r\n\r\nWords.\r\n");
	struct slice held = SLICE("From: " EVE "\r\nMessage-ID: <n@x>\r\n\r\nWords.\r\n");
	const char *a = listsite_put(s, "from: " ANN "\nrcpt: dc@" DOMAIN "\n", post);
	const char *b = listsite_put(s, "from: " EVE "\nrcpt: dc@" DOMAIN "\n", held);
	listsite_run(s);
	int mails = listsite_count(s);
	for (int i = 0; i < 2; i++) {
		const char *id = i ? b : a;
		struct slice parts[] = {
		    slice_str(
			arena_printf(s->a, "from: %s\nrcpt: dc@" DOMAIN "\n\n", i ? EVE : ANN)),
		    i ? held : post};
		assert_int_equal(spool_put(s->site.spool, id, parts, 2, NULL), 0);
	}
	assert_int_equal(listsite_run(s), 2);
	assert_int_equal(listsite_count(s), mails);
	assert_int_equal(listsite_held(s), 1);
	assert_int_equal(listsite_find(s, "dc", ANN)->posts, 1);
	assert_true(listsite_has(s, arena_printf(s->a, "out/%s", a)));
	assert_true(listsite_has(s, arena_printf(s->a, "held/%s", b)));
}

static struct slice
asking(struct listsite *s, const char *msgid, const char *body)
{
	return slice_str(listsite_printf(
	    s, "From: " EVE "\r\nMessage-ID: <%s>\r\nSubject: info\r\n\r\n%s", msgid, body));
}

/* Killed between the rename and its 250, intake has the mail and the mail server sends it again:
 * one answer. Whoever asks again asks anew. */
static void
test_second_try(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	const char *envelope = "from: " EVE "\nrcpt: dc-request@" DOMAIN "\n";
	struct slice first = asking(s, "1@x", "");
	listsite_put(s, envelope, first);
	listsite_put(s, envelope, first);
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, EVE), 1);
	assert_true(listsite_logged(s, "nothing is done twice") == 1);
	/* Later, too; but not for ever. */
	s->now += 86400 - 60;
	listsite_put(s, envelope, first);
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, EVE), 1);
	s->now += 120;
	listsite_put(s, envelope, first);
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, EVE), 2);
	/* Another mail with the same words; other words, another address, another sender with the
	 * same id; no id at all. */
	listsite_put(s, envelope, asking(s, "2@x", ""));
	listsite_put(s, envelope, asking(s, "1@x", "help\n"));
	listsite_put(s, "from: " EVE "\nrcpt: plenary@" DOMAIN "\n", first);
	listsite_put(s, "from: x@example.org\nrcpt: dc-request@" DOMAIN "\n", first);
	for (int i = 0; i < 2; i++)
		listsite_put(s, envelope, SLICE("From: " EVE "\r\nSubject: info\r\n\r\n"));
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, EVE), 8);
}

/* All rows there are. */
static int64_t
rows(struct listsite *s)
{
	return listsite_int(s, "SELECT (SELECT count(*) FROM out) + (SELECT count(*) FROM delivery)"
			       " + (SELECT count(*) FROM seen) + (SELECT count(*) FROM list_seq)"
			       " + (SELECT count(*) FROM duplicate) + (SELECT count(*) FROM held)"
			       " + (SELECT count(*) FROM ticket) + (SELECT count(*) FROM flood)"
			       " + (SELECT sum(posts) FROM subscription)");
}

/* Any statement of T1 that fails takes all of the entry back; it is done when the trouble is over.
 */
static void
test_torn_transaction(void **state)
{
	static const struct {
		const char *table, *author;
	} cases[] = {{"out", ANN},      {"delivery", ANN},  {"seen", ANN},
		     {"list_seq", ANN}, {"seen", EVE},      {"held", EVE},
		     {"ticket", EVE},   {"duplicate", EVE}, {"flood", EVE}};
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *id =
		    listsite_mail(s, cases[i].author, "dc@" DOMAIN, "Subject: x\n", "Words.\n");
		int64_t before = rows(s);
		listsite_sql(s, arena_printf(s->a,
					     "CREATE TRIGGER torn BEFORE INSERT ON %s"
					     " BEGIN SELECT RAISE(ABORT, 'torn'); END",
					     cases[i].table));
		assert_int_equal(listsite_run(s), 1);
		assert_int_equal(rows(s), before);
		assert_false(listsite_has(s, arena_printf(s->a, "out/%s", id)));
		assert_false(listsite_has(s, arena_printf(s->a, "held/%s", id)));
		assert_false(listsite_has(s, arena_printf(s->a, "feed/dc/new/%s", id)));
		/* A trigger's word is permanent, so it was set aside; a person puts it back. */
		listsite_sql(s, "DROP TRIGGER torn");
		listsite_forget(s);
		const char *bad = conf_path(s->conf, s->a, "spool/bad/%s", id);
		assert_int_equal(rename(bad, conf_path(s->conf, s->a, "spool/new/%s", id)), 0);
		listsite_restart(s);
		assert_int_equal(listsite_run(s), 1);
		assert_true(rows(s) > before);
		assert_string_equal(listsite_nth(s, 0)->to,
				    strcmp(cases[i].author, ANN) ? MOD : ANN);
	}
}

/* One bad entry holds up nobody of its batch. */
static void
test_batch_taken_apart(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	listsite_sql(s, "CREATE TRIGGER torn BEFORE INSERT ON held WHEN new.subject = 'bad'"
			" BEGIN SELECT RAISE(ABORT, 'torn'); END");
	listsite_mail(s, ANN, "dc@" DOMAIN, "", "one\n");
	const char *id = listsite_mail(s, EVE, "dc@" DOMAIN, "Subject: bad\n", "Words.\n");
	listsite_mail(s, EVE, "dc@" DOMAIN, "Subject: good\n", "Words.\n");
	listsite_mail(s, ANN, "dc@" DOMAIN, "", "two\n");
	assert_int_equal(listsite_run(s), 4);
	assert_int_equal(listsite_count_to(s, ANN), 2);
	assert_int_equal(listsite_count_to(s, MOD), 1);
	assert_int_equal(listsite_find(s, "dc", ANN)->posts, 2);
	assert_true(listsite_has(s, arena_printf(s->a, "spool/bad/%s", id)));
	assert_int_equal(listsite_logged(s, "torn"), 2);
	assert_int_equal(listsite_logged(s, "taken apart"), 1);
}

/* What is temporary waits and is tried again. */
static void
test_busy(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	listsite_mail(s, ANN, "dc@" DOMAIN, "", "Words.\n");
	listsite_sql(s, "PRAGMA max_page_count = 1"); /* the disk is full */
	for (int i = 0; i < 50; i++)
		listsite_mail(s, EVE, "dc@" DOMAIN, "",
			      arena_printf(s->a, "%0500d\n", i)); /* enough to need a page */
	listsite_run(s);
	int64_t waiting, bad;
	assert_int_equal(spool_count(s->site.spool, &waiting, &bad, NULL), 0);
	assert_int_equal(bad, 0);
	assert_true(waiting > 0);
	listsite_sql(s, "PRAGMA max_page_count = 1000000");
	listsite_restart(s);
	listsite_run(s);
	assert_int_equal(listsite_held(s), 50);
	assert_int_equal(listsite_find(s, "dc", ANN)->posts, 1);
}

/* What is no entry at all is set aside, the rest goes on. */
static void
test_no_entry(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	char id[ID_MAX];
	id_new(id);
	struct slice junk = SLICE("this is no envelope");
	assert_int_equal(spool_put(s->site.spool, id, &junk, 1, NULL), 0);
	listsite_mail(s, EVE, "dc-owner@" DOMAIN, "", "Words.\n");
	assert_int_equal(listsite_run(s), 1);
	assert_true(listsite_has(s, arena_printf(s->a, "spool/bad/%s", id)));
	assert_int_equal(listsite_count(s), 1);
}

/* More than a batch. */
static void
test_many(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	for (int i = 0; i < BATCH_MAX * 2 + 3; i++)
		listsite_mail(s, ANN, "dc@" DOMAIN, arena_printf(s->a, "Subject: %d\n", i), "x\n");
	assert_int_equal(listsite_run(s), BATCH_MAX * 2 + 3);
	assert_int_equal(listsite_count(s), BATCH_MAX * 2 + 3);
	assert_int_equal(listsite_int(s, "SELECT max(seq) FROM out"), BATCH_MAX * 2 + 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_every_function),   TEST(test_gone_addresses),    TEST(test_second_run),
	    TEST(test_torn_transaction), TEST(test_batch_taken_apart), TEST(test_busy),
	    TEST(test_no_entry),         TEST(test_second_try),        TEST(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
