/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deciding about held posts: by one-word answers, by commands, twice, late, and by the clock. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/moderate.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define ANN "ann@example.org"
#define EVE "eve@example.com"
#define MOD "mod@example.org"
#define MOD2 "mod2@example.org"
#define LISTS "list \"dc\" { moderators = { \"" MOD "\", \"" MOD2 "\" } }\nlist \"other\" { }\n"

struct asked {
	struct outmail *mod, *mod2, *author;
	const char *id;
};

/* A stranger's post, and who was written to. */
static struct asked
held(void **state, const char *lists)
{
	struct listsite *s = *state;
	struct asked k;
	if (!s->conf) {
		listsite_begin(state, lists);
		listsite_member(s, "dc", ANN);
	}
	k.id = listsite_send(s, EVE, LIST, "Subject: Hello\n", "Her words.\n");
	k.mod = listsite_only(s, MOD);
	k.mod2 = listsite_only(s, MOD2);
	k.author = listsite_only(s, EVE);
	listsite_forget(s);
	return k;
}

static void
test_accept(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_reply(s, k.mod, MOD, "Accept");
	struct outmail *post = listsite_only(s, ANN);
	assert_string_equal(post->kind, "post");
	assert_true(slice_is(post->body, "Her words.\n"));
	assert_string_equal(listsite_only(s, MOD)->subject, "[dc held 1] accepted: Hello");
	assert_contains(listsite_only(s, EVE)->subject, "was accepted");
	assert_int_equal(listsite_count(s), 3);
	assert_int_equal(listsite_held(s), 0);
	assert_false(listsite_has(s, arena_printf(s->a, "held/%s", k.id)));
	assert_true(listsite_has(s, arena_printf(s->a, "feed/dc/new/%s-a1", k.id)));
	assert_int_equal(listsite_int(s, "SELECT settled FROM held"), 2);
}

/* Two moderators answer: the second is told who was first and when, and nothing is done twice. */
static void
test_race(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_reply(s, k.mod, MOD, "accept");
	listsite_forget(s);
	s->now += 3600;
	listsite_reply(s, k.mod2, MOD2, "reject, I think");
	struct outmail *m = listsite_only(s, MOD2);
	assert_string_equal(m->subject, "[dc held 1] was decided before: accepted");
	assert_contains(m->text, "accepted, by " MOD);
	assert_contains(m->text, "22 November 2026, 14:49 UTC");
	assert_int_equal(listsite_count(s), 1);
	listsite_forget(s);
	listsite_reply(s, k.mod, MOD, "accept"); /* the same one again */
	assert_contains(listsite_only(s, MOD)->subject, "was decided before");
	assert_int_equal(listsite_count(s), 1);
}

/* Both answers in one batch. */
static void
test_race_in_a_batch(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_mail(s, MOD, k.mod->from, "Subject: Re: x\n", "accept\n");
	listsite_mail(s, MOD2, k.mod2->from, "Subject: Re: x\n", "discard\n");
	listsite_mail(s, EVE, k.author->from, "Subject: Re: x\n", "cancel\n");
	listsite_run(s);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM held WHERE decision = 'accept'"), 1);
	assert_contains(listsite_only(s, MOD2)->subject, "was decided before: accepted");
	assert_int_equal(listsite_count_to(s, ANN), 1);
	assert_int_equal(listsite_count_to(s, EVE), 2); /* accepted; decided before */
}

static void
test_reject(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_reply(s, k.mod, MOD,
		       "Reject: this list is about\nsomething else.\n\nKind regards\n-- \nMod\n");
	struct outmail *m = listsite_only(s, EVE);
	assert_contains(m->subject, "was not accepted");
	assert_contains(m->text, "The reason given:\n\nthis list is about\nsomething else.");
	assert_lacks(m->text, "-- ");
	assert_lacks(m->text, "waits for you"); /* the quoted notice */
	assert_lacks(m->text, MOD);
	assert_int_equal(listsite_count_to(s, ANN), 0);
	assert_false(listsite_has(s, arena_printf(s->a, "held/%s", k.id)));
}

static void
test_reject_from_a_telephone(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_reply(s, k.mod, MOD, "reject off topic\n\nSent from my iPhone");
	assert_contains(listsite_only(s, EVE)->text, "off topic");
	assert_lacks(listsite_only(s, EVE)->text, "iPhone");
}

static void
test_reject_without_why(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_reply(s, k.mod, MOD, "reject.");
	assert_lacks(listsite_only(s, EVE)->text, "The reason given");
}

static void
test_discard(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_reply(s, k.mod, MOD, "DISCARD!");
	assert_int_equal(listsite_count_to(s, EVE), 0);
	assert_int_equal(listsite_count_to(s, ANN), 0);
	assert_false(listsite_has(s, arena_printf(s->a, "held/%s", k.id)));
}

static void
test_subject_alone(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_send(s, MOD, k.mod->from, "Subject: accept\n", "");
	assert_int_equal(listsite_count_to(s, ANN), 1);
}

static void
test_html_only(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_send(s, MOD, k.mod->from,
		      "Subject: Re: x\nContent-Type: text/html; charset=utf-8\n",
		      "<html><body><div dir=\"ltr\">accept</div><br><div class=\"gmail_quote\">"
		      "<div class=\"gmail_attr\">On Sun, 22 Nov 2026 at 14:49, dc &lt;"
		      "x@y&gt; wrote:<br></div><blockquote class=\"gmail_quote\">reject discard"
		      "</blockquote></div></body></html>\n");
	assert_int_equal(listsite_count_to(s, ANN), 1);
}

static void
test_unclear(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_reply(s, k.mod, MOD, "I am not sure whether to accept this.");
	struct outmail *m = listsite_only(s, MOD);
	assert_contains(m->subject, "Please answer with one word");
	assert_int_equal(listsite_held(s), 1);
	listsite_forget(s);
	listsite_reply(s, m, MOD, "accept"); /* to that mail itself */
	assert_int_equal(listsite_count_to(s, ANN), 1);
}

static void
test_cancel(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	/* The author's token can't accept, a moderator's can't cancel. */
	listsite_reply(s, k.author, EVE, "accept");
	assert_contains(listsite_only(s, EVE)->subject, "please answer with one word");
	listsite_reply(s, k.mod, MOD, "cancel");
	assert_contains(listsite_only(s, MOD)->subject, "Please answer with one word");
	assert_int_equal(listsite_held(s), 1);
	listsite_forget(s);
	listsite_reply(s, k.author, EVE, "cancel");
	assert_int_equal(listsite_held(s), 0);
	assert_contains(listsite_only(s, EVE)->subject, "taken back by its author: Hello");
	assert_false(listsite_has(s, arena_printf(s->a, "held/%s", k.id)));
	listsite_forget(s);
	listsite_reply(s, k.mod, MOD, "accept");
	assert_contains(listsite_only(s, MOD)->text, "taken back by its author, by " EVE);
	assert_int_equal(listsite_count_to(s, ANN), 0);
}

static void
test_expire(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	struct err e;
	assert_int_equal(moderate_sweep(&s->site, s->now + 14 * 86400 - 1, &e), 0);
	assert_int_equal(listsite_held(s), 1);
	s->now += 14 * 86400;
	assert_int_equal(moderate_sweep(&s->site, s->now, &e), 0);
	assert_int_equal(listsite_held(s), 0);
	assert_contains(listsite_only(s, EVE)->subject, "has expired");
	assert_false(listsite_has(s, arena_printf(s->a, "held/%s", k.id)));
	assert_int_equal(moderate_sweep(&s->site, s->now, &e), 0);
	assert_int_equal(listsite_count(s), 1);
	listsite_reply(s, k.mod, MOD, "accept");
	assert_contains(listsite_only(s, MOD)->subject, "was decided before: expired");
	assert_int_equal(listsite_count_to(s, ANN), 0);
}

static void
test_token_of_another_list(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	const char *token = strchr(k.mod->from, '+') + 1;
	listsite_send(s, MOD, arena_printf(s->a, "other-moderate+%s", token), "", "accept\n");
	assert_contains(listsite_only(s, MOD)->subject, "nothing to answer");
	assert_int_equal(listsite_held(s), 1);
	listsite_forget(s);
	listsite_send(s, MOD, arena_printf(s->a, "dc-confirm+%s", token), "", "accept\n");
	assert_contains(listsite_only(s, MOD)->subject, "nothing to answer");
	assert_int_equal(listsite_held(s), 1);
	listsite_send(s, MOD, arena_printf(s->a, "plenary-moderate+%s", token), "", "accept\n");
	assert_int_equal(listsite_held(s), 0);
}

static void
test_automatic_decides_nothing(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	listsite_send(s, MOD, k.mod->from, "Auto-Submitted: auto-replied\n", "accept\n");
	listsite_send(s, "", k.mod->from, "From: MAILER-DAEMON@example.org\n", "accept\n");
	assert_int_equal(listsite_held(s), 1);
	assert_int_equal(listsite_count(s), 0);
}

/* Killed between the decision and its files: the sweep at start does the rest. */
static void
test_settled_after_a_crash(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	struct held h;
	struct err e;
	assert_int_equal(db_begin(s->site.db, &e), 0);
	assert_int_equal(moderate_decide(&s->site, s->a, 1, "accept", MOD, "", "x", s->now, &h, &e),
			 1);
	assert_int_equal(db_commit(s->site.db, &e), 0);
	assert_true(listsite_has(s, arena_printf(s->a, "held/%s", k.id)));
	assert_int_equal(moderate_sweep(&s->site, s->now, &e), 0);
	assert_false(listsite_has(s, arena_printf(s->a, "held/%s", k.id)));
	assert_int_equal(listsite_run(s), 1);
	assert_int_equal(listsite_count_to(s, ANN), 1);
	/* And once more from the start: nothing is done twice. */
	assert_int_equal(moderate_settle(&s->site, &h, &e), 0);
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, ANN), 1);
}

/* Decided by the command before the role has linked the file: it must not be taken for done. */
static void
test_decided_before_its_file_is_there(void **state)
{
	struct asked k = held(state, LISTS);
	struct listsite *s = *state;
	struct held h;
	struct err e;
	const char *file = conf_path(s->conf, s->a, "held/%s", k.id);
	const char *away = conf_path(s->conf, s->a, "away");
	assert_int_equal(rename(file, away), 0);
	assert_int_equal(db_begin(s->site.db, &e), 0);
	assert_int_equal(
	    moderate_decide(&s->site, s->a, 1, "accept", "admin", "", "x", s->now, &h, &e), 1);
	assert_int_equal(db_commit(s->site.db, &e), 0);
	assert_int_equal(moderate_settle(&s->site, &h, &e), 0);
	assert_int_equal(rename(away, file), 0);
	s->now += 30 * 86400;
	assert_int_equal(moderate_sweep(&s->site, s->now, &e), 0);
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, ANN), 1);
}

static void
test_languages(void **state)
{
	struct asked k = held(state, "list \"dc\" { language = \"fr\" moderators = { \"" MOD
				     "\", \"" MOD2 "\" } }\n");
	struct listsite *s = *state;
	assert_string_equal(k.mod->language, "fr");
	assert_contains(k.mod->text, "son auteur n’est pas membre");
	listsite_reply(s, k.mod, MOD, "reject pas ici");
	assert_string_equal(listsite_only(s, EVE)->language, "fr");
	assert_string_equal(listsite_only(s, MOD)->subject, "[dc en attente 1] refusé : Hello");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_accept),
	    TEST(test_race),
	    TEST(test_race_in_a_batch),
	    TEST(test_reject),
	    TEST(test_reject_from_a_telephone),
	    TEST(test_reject_without_why),
	    TEST(test_discard),
	    TEST(test_subject_alone),
	    TEST(test_html_only),
	    TEST(test_unclear),
	    TEST(test_cancel),
	    TEST(test_expire),
	    TEST(test_token_of_another_list),
	    TEST(test_automatic_decides_nothing),
	    TEST(test_settled_after_a_crash),
	    TEST(test_decided_before_its_file_is_there),
	    TEST(test_languages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
