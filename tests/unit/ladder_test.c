/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The conduct ladder by mail: steps, second words, appeals and who stands behind them, what the
 * list is told, and what becomes of it all when people, clocks and configurations change. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/announce.h"
#include "daemon/appeal.h"
#include "daemon/conduct.h"
#include "daemon/person.h"
#include "daemon/request.h"
#include "daemon/seen.h"
#include "daemon/step.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define ANN "ann@example.org"
#define BOB "bob@example.org"
#define EVE "eve@example.org"
#define FAY "fay@example.org"
#define MOD "mod@example.org"
#define TWO "second@example.org"
#define OMBUD "ombud@example.org"
#define PEOPLE "moderators = { \"" MOD "\", \"" TWO "\" } appeals = { \"" OMBUD "\" }"
#define ONE "list \"dc\" { " PEOPLE " }\n"
#define SIGNED "list \"dc\" { " PEOPLE " appeal-cosigners = 2 }\n"
#define VOUCHED "Authentication-Results: mx.example.org; dkim=pass header.d=example.org\n"
#define DAY 86400

static struct listsite *
begin(void **state, const char *lists)
{
	static const char *const members[] = {ANN, BOB, EVE, FAY};
	struct listsite *s = listsite_begin(state, lists);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		listsite_member(s, "dc", members[i]);
	return s;
}

/* The n-th mail to somebody (from 0) with these words in its subject; NULL. */
static struct outmail *
find(struct listsite *s, const char *who, const char *subject, int n)
{
	int all = listsite_count(s);
	for (int i = 0; i < all; i++) {
		struct outmail *m = listsite_nth(s, i);
		if (strstr(m->to, who) && strstr(m->subject, subject) && n-- == 0)
			return m;
	}
	return NULL;
}

static struct outmail *
told(struct listsite *s, const char *who, const char *subject)
{
	struct outmail *m = find(s, who, subject, 0);
	if (!m)
		fail_msg("%s was not told \"%s\"", who, subject);
	return m;
}

/* A mail that a trusted server vouches for. */
static void
proven(struct listsite *s, const char *who, const char *to, const char *subject, const char *body)
{
	listsite_send(s, who, to, listsite_printf(s, "Subject: %s\n" VOUCHED, subject), body);
}

/* A command; the text of its answer. */
static const char *
command(struct listsite *s, const char *who, const char *line)
{
	listsite_forget(s);
	proven(s, who, "dc-request@" DOMAIN, line, "");
	for (int i = 0; i < listsite_count(s); i++) {
		struct outmail *m = listsite_nth(s, i);
		if (strcmp(m->to, who) == 0 && strncmp(m->text, "> ", 2) == 0)
			return m->text;
	}
	fail_msg("%s got no answer to %s", who, line);
	return "";
}

static void
sweep(struct listsite *s)
{
	assert_true(step_sweep(&s->site, s->now, NULL) >= 0);
	listsite_run(s);
}

static int64_t
events(struct listsite *s, const char *what)
{
	return listsite_int(
	    s, listsite_printf(s, "SELECT count(*) FROM conduct_event WHERE what = '%s'", what));
}

/* ANN is reminded and warned. */
static void
warned(struct listsite *s)
{
	assert_contains(command(s, MOD, "remind " ANN " one"), "It was done");
	assert_contains(command(s, MOD, "warn " ANN " two"), "It was done");
}

static void
suspended(struct listsite *s)
{
	warned(s);
	assert_contains(command(s, MOD, "suspend " ANN " three"), "Two moderators");
	listsite_reply(s, told(s, TWO, "Do you agree"), TWO, "agree\n");
	assert_int_equal(listsite_int(s,
				      "SELECT count(*) FROM conduct_event WHERE step = 'suspension'"
				      " AND what = 'step'"),
			 1);
}

/* --- what the list is told ------------------------------------------------------------------- */

static void
test_announcement(void **state)
{
	struct listsite *s = begin(state, ONE);
	listsite_set(s, "dc", BOB, "delivery", "digest");
	listsite_set(s, "dc", FAY, "delivery", "nomail");
	warned(s);
	struct outmail *m = told(s, EVE, "warning");
	/* One mail of the list: to those who get posts, but for whom it is about. */
	assert_string_equal(m->kind, "post");
	assert_string_equal(m->to, EVE);
	assert_string_equal(m->from, "dc-owner@" DOMAIN);
	assert_int_equal(outmail_fields(m, "List-Id"), 1);
	assert_int_equal(outmail_fields(m, "Archived-At"), 1);
	assert_contains(m->text, ANN);
	assert_contains(m->text, "two");
	/* Into the digest and to the archive under the same name. */
	assert_true(listsite_has(s, listsite_printf(s, "digest/dc/%s", m->spool)));
	assert_true(listsite_has(s, listsite_printf(s, "feed/dc/new/%s", m->spool)));
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM announcement"), 0);
	assert_string_equal(told(s, ANN, "warning")->kind, "notice");
	/* Nobody is taken for its author. */
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM out WHERE kind = 'post'"), 1);
}

/* The row is there again, as after a crash between the entry and its end: nobody is told twice. */
static void
test_announced_once(void **state)
{
	struct listsite *s = begin(state, ONE);
	warned(s);
	struct outmail *m = told(s, EVE, "warning");
	int64_t event = listsite_int(s, "SELECT max(id) FROM conduct_event");
	for (int i = 0; i < 2; i++) {
		listsite_sql(s, listsite_printf(s,
						"INSERT INTO announcement VALUES ('%s', %lld,"
						" 'conduct-list')",
						m->spool, (long long)event));
		assert_int_equal(announce_put(&s->site, NULL), 1);
		/* Put, and put again before it is taken. */
		listsite_sql(s, listsite_printf(s,
						"INSERT INTO announcement VALUES ('%s', %lld,"
						" 'conduct-list')",
						m->spool, (long long)event));
		listsite_run(s);
	}
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM out WHERE kind = 'post'"), 1);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM announcement"), 0);
	/* Of a list that is no more nobody is told. */
	listsite_sql(
	    s, listsite_printf(s, "INSERT INTO announcement VALUES ('x', %lld, 'conduct-list')",
			       (long long)event));
	listsite_reload(s, "list \"other\" { }\n");
	assert_int_equal(announce_put(&s->site, NULL), 1);
	assert_int_equal(listsite_run(s), 0);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM announcement"), 0);
}

static void
test_cooling(void **state)
{
	struct listsite *s = begin(state, ONE);
	proven(s, BOB, LIST, "hot", "Words.\n");
	assert_contains(command(s, MOD, "emergency on spam wave"), "list was told");
	assert_contains(told(s, ANN, "held for the moment")->text, "spam wave");
	assert_string_equal(told(s, ANN, "held for the moment")->kind, "post");
	assert_contains(command(s, MOD, "emergency on"), "on already");
	proven(s, ANN, LIST, "in between", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	/* It ends by itself, and the list is told. */
	s->now += 7 * DAY;
	listsite_forget(s);
	sweep(s);
	assert_string_equal(told(s, ANN, "go out again")->kind, "post");
	assert_contains(command(s, MOD, "emergency off"), "off already");
	assert_int_equal(events(s, "calm"), 1);
}

/* --- appeals ---------------------------------------------------------------------------------- */

static void
test_appeal_is_confirmed(void **state)
{
	struct listsite *s = begin(state, ONE);
	warned(s);
	listsite_forget(s);
	/* Anyone could have written it: she is asked, and nobody else hears of it. */
	listsite_send(s, ANN, "dc-appeal@" DOMAIN, "Subject: I appeal\n",
		      "It was a joke.\n\nAll laughed.\n");
	assert_int_equal(listsite_count(s), 1);
	struct outmail *question = told(s, ANN, "confirm your appeal");
	assert_contains(question->text, "It was a joke.");
	assert_int_equal(events(s, "appeal"), 0);
	listsite_forget(s);
	listsite_reply(s, question, ANN, "yes\n");
	assert_int_equal(events(s, "appeal"), 1);
	assert_contains(told(s, OMBUD, "Appeal against warning")->text, "All laughed.");
	told(s, ANN, "has arrived");
	assert_int_equal(listsite_count_to(s, MOD), 0);
	/* A moderator reads neither in the case what it says. */
	const char *text = command(s, MOD, "case 1");
	assert_contains(text, "appeal warning");
	assert_lacks(text, "joke");
	/* A second one against the same step is handed on as a letter. */
	listsite_forget(s);
	proven(s, ANN, "dc-appeal@" DOMAIN, "more", "And another thing.\n");
	assert_int_equal(events(s, "appeal"), 1);
	assert_int_equal(listsite_count_to(s, OMBUD), 1);
}

/* Forged again and again: the true one is not lost in the end. */
static void
test_appeal_is_never_lost(void **state)
{
	struct listsite *s = begin(state, ONE);
	warned(s);
	for (int i = 0; i < 60 && !find(s, OMBUD, "appeal", 0); i++)
		listsite_send(s, ANN, "dc-appeal@" DOMAIN, "Subject: my appeal\n",
			      listsite_printf(s, "Words %d.\n", i));
	assert_non_null(find(s, OMBUD, "appeal", 0));
	assert_int_equal(events(s, "appeal"), 0);
}

static void
test_appeal_by_answer(void **state)
{
	struct listsite *s = begin(state, ONE);
	warned(s);
	struct outmail *step = told(s, ANN, "warning");
	listsite_forget(s);
	/* From the address that only she has, without any other proof. */
	listsite_reply(s, step, ANN, "Appeal: it was a joke.\n");
	assert_contains(told(s, OMBUD, "Appeal against")->text, "it was a joke.");
	assert_int_equal(events(s, "answer"), 0);
	listsite_reply(s, step, ANN, "appeal once more\n");
	told(s, ANN, "nothing to appeal against");
	listsite_reply(s, step, ANN, "I did not mean it.\n");
	assert_int_equal(events(s, "answer"), 1);
	/* Ninety days on, the address is good for nothing. */
	s->now += 90 * DAY;
	listsite_forget(s);
	listsite_reply(s, step, ANN, "late words\n");
	assert_int_equal(events(s, "answer"), 1);
	assert_int_equal(listsite_count_to(s, MOD), 0);
}

/* One paragraph without an end, as telephones write it: its beginning counts, not nothing. */
static void
test_long_words(void **state)
{
	struct listsite *s = begin(state, ONE);
	char text[24003] = "x";
	for (size_t i = 1; i < 24000; i += 6)
		memcpy(text + i, "\xc3\xa9\xc3\xa9. ", 6);
	memcpy(text + 24001, "\n", 2);
	warned(s);
	listsite_reply(s, told(s, ANN, "warning"), ANN, text);
	assert_int_equal(listsite_int(s, "SELECT length(CAST(why AS BLOB)) FROM conduct_event"
					 " WHERE what = 'answer'"),
			 STEP_WHY_MAX - 1); /* no half a letter */
	listsite_send(s, ANN, "dc-appeal@" DOMAIN, "Content-Type: text/plain; charset=utf-8\n",
		      text);
	assert_int_equal(listsite_int(s, "SELECT length(CAST(detail AS BLOB)) FROM ticket"
					 " WHERE kind = 'appellant'"),
			 APPEAL_WORDS_MAX - 1);
}

static const char *
cosign_address(struct listsite *s)
{
	struct outmail *m = told(s, ANN, "needs 2 other members");
	const char *at = strstr(m->text, "dc-moderate+");
	assert_non_null(at);
	return listsite_printf(s, "%.*s", (int)strcspn(at, " \n"), at);
}

static void
test_petition(void **state)
{
	struct listsite *s = begin(state, SIGNED);
	warned(s);
	listsite_forget(s);
	proven(s, ANN, "dc-appeal@" DOMAIN, "I appeal", "It was a joke.\n");
	const char *to = cosign_address(s);
	/* To write again is no way around it. */
	proven(s, ANN, "dc-appeal@" DOMAIN, "I appeal", "Listen to me.\n");
	assert_non_null(find(s, ANN, "needs 2 other members", 1));
	assert_int_equal(events(s, "petition"), 1);
	assert_int_equal(listsite_count_to(s, OMBUD), 0);
	assert_contains(command(s, ANN, "status"), "0 of 2");
	/* Words that do not count: her own, hers by another name, a moderator's, the appeal body's,
	 * a stranger's. */
	static const char *const others[] = {ANN, "ann+too@example.org", MOD, OMBUD,
					     "nobody@example.org"};
	listsite_member(s, "dc", "ann+too@example.org");
	listsite_member(s, "dc", MOD);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		proven(s, others[i], to, "", "");
	assert_int_equal(events(s, "cosign"), 0);
	/* One from a server that vouches, once; one that has to say that it was he. */
	proven(s, BOB, to, "yes", "");
	proven(s, BOB, to, "yes", "");
	assert_int_equal(events(s, "cosign"), 1);
	assert_contains(told(s, BOB, "")->text, "");
	listsite_forget(s);
	listsite_send(s, EVE, to, "Subject: yes\n", "");
	assert_int_equal(events(s, "cosign"), 1);
	listsite_reply(s, told(s, EVE, "confirm your commands"), EVE, "yes\n");
	assert_int_equal(events(s, "cosign"), 2);
	/* Now the appeal body gets it, with their names; nobody else does. */
	struct outmail *appeal = told(s, OMBUD, "Appeal against warning");
	assert_contains(appeal->text, BOB);
	assert_contains(appeal->text, EVE);
	assert_contains(appeal->text, "It was a joke.");
	told(s, ANN, "has arrived");
	assert_int_equal(events(s, "appeal"), 1);
	const char *text = command(s, MOD, "case 1");
	assert_lacks(text, BOB);
	assert_lacks(text, "joke");
	/* Nor does she learn it, by "status" or from all that is stored about her. */
	assert_lacks(command(s, ANN, "status"), BOB);
	struct slice json;
	assert_int_equal(person_data(&s->site, s->a, SLICE(ANN), s->now, &json, NULL), 0);
	assert_contains(arena_str(s->a, json), "cosign");
	assert_lacks(arena_str(s->a, json), BOB);
	/* The address is good for nothing any more; the petition ends without another word. */
	listsite_forget(s);
	proven(s, FAY, to, "yes", "");
	assert_contains(told(s, FAY, "")->text, "does not wait");
	s->now += 15 * DAY;
	listsite_forget(s);
	sweep(s);
	assert_int_equal(listsite_count(s), 0);
	listsite_reply(s, appeal, OMBUD, "overturn a joke it was\n");
	assert_int_equal(events(s, "overturn"), 1);
}

static void
test_petition_lapses(void **state)
{
	struct listsite *s = begin(state, SIGNED);
	warned(s);
	listsite_forget(s);
	proven(s, ANN, "dc-appeal@" DOMAIN, "I appeal", "It was a joke.\n");
	const char *to = cosign_address(s);
	proven(s, BOB, to, "yes", "");
	/* By the token alone as a command; of another list's address nothing comes. */
	const char *token = strchr(to, '+') + 1;
	const char *line = listsite_printf(s, "cosign %.*s", (int)strcspn(token, "@"), token);
	assert_contains(command(s, BOB, line), "already");
	assert_contains(command(s, BOB, "cosign abc"), "does not wait");
	s->now += 14 * DAY;
	listsite_forget(s);
	sweep(s);
	assert_contains(told(s, ANN, "has lapsed")->text, "It was a joke.");
	assert_int_equal(events(s, "lapse"), 1);
	sweep(s);
	assert_int_equal(events(s, "lapse"), 1);
	assert_contains(command(s, EVE, line), "does not wait");
	assert_int_equal(events(s, "appeal"), 0);
	/* She may try again. */
	listsite_forget(s);
	proven(s, ANN, "dc-appeal@" DOMAIN, "I appeal", "Please.\n");
	cosign_address(s);
	/* Lifted meanwhile, there is nothing to stand behind. */
	const char *again = cosign_address(s);
	assert_contains(command(s, MOD, "lift " ANN), "nothing");
	listsite_sql(s,
		     "INSERT INTO conduct_event SELECT NULL, case_id, t, list, address, 'overturn',"
		     " step, does, audience, by_whom, '', about, rule, 0, 2, hash"
		     " FROM conduct_event WHERE id = 2");
	listsite_forget(s);
	proven(s, BOB, again, "yes", "");
	assert_contains(told(s, BOB, "")->text, "does not wait");
}

/* --- people, clocks, tokens ------------------------------------------------------------------- */

static void
test_verdict(void **state)
{
	struct listsite *s = begin(state, ONE);
	warned(s);
	proven(s, ANN, "dc-appeal@" DOMAIN, "I appeal", "It was a joke.\n");
	struct outmail *appeal = told(s, OMBUD, "Appeal against");
	/* Whoever has become a moderator since decides about steps no more. */
	listsite_reload(s, "list \"dc\" { moderators = { \"" MOD "\", \"" OMBUD "\" } }\n");
	listsite_reply(s, appeal, OMBUD, "overturn\n");
	listsite_reload(s, "list \"dc\" { " PEOPLE " }\nlist \"other\" { }\n");
	/* The token of one list at the address of another. */
	const char *at = strchr(appeal->from, '+');
	listsite_send(s, OMBUD, listsite_printf(s, "other-moderate%s", at), "Subject: x\n",
		      "overturn\n");
	assert_int_equal(events(s, "overturn"), 0);
	/* After its time. */
	s->now += 90 * DAY;
	listsite_reply(s, appeal, OMBUD, "overturn\n");
	assert_int_equal(events(s, "overturn"), 0);
	s->now -= DAY;
	listsite_reply(s, appeal, OMBUD, "overturn\n");
	listsite_reply(s, appeal, OMBUD, "uphold\n");
	assert_int_equal(events(s, "overturn"), 1);
	assert_int_equal(events(s, "uphold"), 0);
}

static void
test_moderator_is_gone(void **state)
{
	struct listsite *s = begin(state, ONE);
	warned(s);
	command(s, MOD, "suspend " ANN " three");
	struct outmail *question = told(s, TWO, "Do you agree");
	/* Who proposed it is no moderator any more: his word is none. */
	listsite_reload(s, "list \"dc\" { moderators = { \"" TWO "\", \"third@example.org\" } }\n");
	listsite_forget(s);
	listsite_reply(s, question, TWO, "agree\n");
	assert_contains(told(s, TWO, "Your answer")->text, "nothing (any more)");
	assert_int_equal(events(s, "agree"), 0);
	/* Two others can still do it. */
	assert_contains(command(s, TWO, "suspend " ANN " four"), "Two moderators");
	struct outmail *second = told(s, "third@example.org", "Do you agree");
	listsite_forget(s);
	s->now += 8 * DAY;
	sweep(s);
	/* Both proposals are over: the first one when there was another, the second one by the
	 * clock. */
	assert_int_equal(events(s, "lapse"), 2);
	assert_int_equal(listsite_count_to(s, MOD), 0);
	assert_non_null(find(s, TWO, "No second word", 0));
	assert_null(find(s, TWO, "No second word", 1));
	listsite_reply(s, second, "third@example.org", "agree\n");
	assert_int_equal(events(s, "agree"), 0);
	/* A moderator who was one when he was asked, and is none when he answers. */
	command(s, TWO, "suspend " ANN " five");
	second = told(s, "third@example.org", "Do you agree");
	listsite_reload(s, "list \"dc\" { moderators = { \"" TWO "\" } }\n");
	listsite_reply(s, second, "third@example.org", "agree\n");
	assert_int_equal(events(s, "agree"), 0);
	/* And the end of what was proposed by who is gone is told to who is there. */
	listsite_reload(s, "list \"dc\" { moderators = { \"" MOD "\" } }\n");
	s->now += 8 * DAY;
	listsite_forget(s);
	sweep(s);
	assert_int_equal(events(s, "lapse"), 3);
	told(s, MOD, "No second word");
	assert_int_equal(listsite_count_to(s, TWO), 0);
}

static void
test_concerned(void **state)
{
	struct listsite *s = begin(state, ONE);
	listsite_member(s, "dc", MOD);
	assert_contains(command(s, MOD, "remind " MOD), "about himself");
	assert_contains(command(s, TWO, "remind " MOD " please"), "It was done");
	/* She hears of it as a member, and reads nothing about herself as a moderator. */
	assert_non_null(find(s, MOD, "reminder", 0));
	assert_null(find(s, MOD, "[dc case", 0));
	assert_contains(command(s, MOD, "case 1"), "about you");
	assert_contains(command(s, MOD, "lift " MOD), "about himself");
	/* A command in somebody's name, without a proof, is asked about. */
	listsite_forget(s);
	listsite_send(s, MOD, "dc-request@" DOMAIN, "Subject: remind " ANN " forged\n", "");
	told(s, MOD, "confirm your commands");
	assert_int_equal(events(s, "step"), 1);
	/* Out of order. */
	assert_contains(command(s, MOD, "warn " ANN), "must have come before");
	assert_contains(command(s, MOD, "suspend " ANN), "must have come before");
	assert_contains(command(s, MOD, "step banish " ANN), "no step of this name");
	assert_contains(command(s, BOB, "remind " ANN), "for the moderators");
	assert_int_equal(events(s, "step"), 1);
}

static void
test_clock(void **state)
{
	struct listsite *s = begin(state, ONE);
	suspended(s);
	int64_t then = s->now;
	/* Backwards by a day: all of it stands, and the record stays whole. */
	s->now -= DAY;
	proven(s, ANN, LIST, "may I", "Words.\n");
	told(s, ANN, "was not sent on");
	sweep(s);
	assert_int_equal(events(s, "end"), 0);
	assert_contains(command(s, MOD, "remind " BOB " x"), "It was done");
	int64_t at;
	assert_int_equal(conduct_verify(s->site.db, "dc", &at, NULL), 1);
	/* Forwards by a year: over, and said once. */
	s->now = then + 365 * DAY;
	listsite_forget(s);
	sweep(s);
	sweep(s);
	assert_int_equal(events(s, "end"), 1);
	assert_int_equal(listsite_count_to(s, ANN), 1);
	proven(s, ANN, LIST, "back again", "Words.\n");
	assert_string_equal(told(s, BOB, "back again")->kind, "post");
	assert_contains(command(s, MOD, "suspend " ANN), "must have come before");
	assert_int_equal(conduct_verify(s->site.db, "dc", &at, NULL), 1);
}

/* --- where somebody stands -------------------------------------------------------------------- */

static void
test_status(void **state)
{
	struct listsite *s = begin(state, ONE);
	warned(s);
	const char *text = command(s, ANN, "status");
	assert_contains(text, "step warning");
	assert_contains(text, "| two");
	assert_contains(text, "suspension (21 May 2027)");
	assert_lacks(text, MOD);
	s->now += 181 * DAY;
	assert_lacks(command(s, ANN, "status"), "may come next");
	assert_lacks(command(s, BOB, "status"), "may come next");
}

static void
test_joining_again(void **state)
{
	struct listsite *s = begin(state, ONE);
	suspended(s);
	listsite_forget(s);
	proven(s, ANN, "dc-subscribe@" DOMAIN, "", "");
	assert_contains(told(s, ANN, "already")->text,
			"may not post to this list until 22 December");
	listsite_forget(s);
	proven(s, ANN, "dc-unsubscribe@" DOMAIN, "", "");
	assert_null(listsite_find(s, "dc", ANN));
	listsite_forget(s);
	listsite_send(s, ANN, "dc-subscribe@" DOMAIN, "Subject: x\n", "");
	struct outmail *question = told(s, ANN, "joins");
	assert_contains(question->text, "may not post");
	assert_contains(question->text, "three");
	assert_contains(question->text, "dc-appeal@" DOMAIN);
	listsite_forget(s);
	listsite_reply(s, question, ANN, "yes\n");
	struct outmail *welcome = told(s, ANN, "Welcome");
	assert_contains(welcome->text, "You receive and read everything.");
	assert_contains(welcome->text, "three");
	/* Nothing of it to others. */
	listsite_send(s, "gil@example.org", "dc-subscribe@" DOMAIN, "Subject: x\n", "");
	assert_lacks(told(s, "gil@example.org", "joins")->text, "may not post");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_announcement),
	    TEST(test_announced_once),
	    TEST(test_cooling),
	    TEST(test_appeal_is_confirmed),
	    TEST(test_appeal_is_never_lost),
	    TEST(test_appeal_by_answer),
	    TEST(test_long_words),
	    TEST(test_petition),
	    TEST(test_petition_lapses),
	    TEST(test_verdict),
	    TEST(test_moderator_is_gone),
	    TEST(test_concerned),
	    TEST(test_clock),
	    TEST(test_status),
	    TEST(test_joining_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
