/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Posts through the list role: who gets them, what holds, refuses or drops them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/moderate.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define ANN "ann@example.org"
#define BOB "bob@example.net"
#define EVE "eve@example.com"
#define MOD "mod@example.org"
#define ONE "list \"dc\" { title = \"Dynamic Coalition\" moderators = { \"" MOD "\" } }\n"

static void
test_distribution(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	listsite_member(s, "dc", BOB);
	listsite_member(s, "dc", "digest@example.net");
	listsite_set(s, "dc", "digest@example.net", "delivery", "digest");
	listsite_member(s, "dc", "nomail@example.net");
	listsite_set(s, "dc", "nomail@example.net", "delivery", "nomail");
	listsite_member(s, "dc", "away@example.net");
	listsite_set(s, "dc", "away@example.net", "vacation", "2026-12-01");
	const char *id = listsite_send(s, ANN, LIST, "Subject: Hello\n", "Words.\n");
	assert_int_equal(listsite_count(s), 1);
	struct outmail *m = listsite_nth(s, 0);
	assert_string_equal(m->kind, "post");
	assert_string_equal(m->to, ANN " " BOB);
	assert_string_equal(m->spool, id);
	assert_int_equal(m->seq, 1);
	assert_true(slice_is(m->body, "Words.\n"));
	assert_true(listsite_has(s, arena_printf(s->a, "out/%s", id)));
	assert_true(listsite_has(s, arena_printf(s->a, "feed/dc/new/%s", id)));
	assert_true(listsite_has(s, arena_printf(s->a, "digest/dc/%s", id)));
	assert_false(listsite_has(s, arena_printf(s->a, "spool/cur/%s", id)));
	assert_int_equal(listsite_find(s, "dc", ANN)->posts, 1);
	/* Vacation ends with its last day, and the numbers go on. */
	s->now += 10 * 86400;
	listsite_send(s, ANN, LIST, "Subject: Later\n", "Words.\n");
	assert_string_equal(listsite_nth(s, 1)->to, ANN " " BOB " away@example.net");
	assert_int_equal(listsite_nth(s, 1)->seq, 2);
}

static void
test_own_copy_and_ack(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	listsite_member(s, "dc", BOB);
	listsite_set(s, "dc", ANN, "copy", "off");
	listsite_set(s, "dc", ANN, "ack", "on");
	listsite_set(s, "dc", ANN, "language", "fr");
	listsite_send(s, ANN, LIST, "Subject: Hello\n", "Words.\n");
	assert_int_equal(listsite_count(s), 2);
	assert_string_equal(listsite_only(s, BOB)->kind, "post");
	struct outmail *ack = listsite_only(s, ANN);
	assert_string_equal(ack->kind, "notice");
	assert_string_equal(ack->language, "fr");
	assert_contains(ack->subject, "est parti");
	assert_contains(ack->text, "Hello");
}

static void
test_nobody_gets_it(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	listsite_set(s, "dc", ANN, "delivery", "nomail");
	const char *id = listsite_send(s, ANN, LIST, "Subject: Hello\n", "Words.\n");
	assert_int_equal(listsite_count(s), 0);
	assert_false(listsite_has(s, arena_printf(s->a, "out/%s", id)));
	assert_true(listsite_has(s, arena_printf(s->a, "feed/dc/new/%s", id)));
}

/* --- who may post --------------------------------------------------------------------------- */

static void
test_nonmember_held(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	const char *id = listsite_send(s, EVE, LIST, "From: Eve Example <" EVE ">\nSubject: Hi\n",
				       "A first line.\n\nMore of it.\n");
	assert_int_equal(listsite_held(s), 1);
	assert_int_equal(listsite_count(s), 2);
	struct outmail *mod = listsite_only(s, MOD), *author = listsite_only(s, EVE);
	assert_string_equal(mod->subject, "[dc held 1] Hi");
	assert_contains(mod->text, "Eve Example <" EVE ">");
	assert_contains(mod->text, "- its author is not a member of this list (" EVE ")");
	assert_contains(mod->text, "A first line.\n\nMore of it.");
	assert_contains(mod->text, "22 November 2026, 14:49 UTC");
	assert_contains(mod->text, "6 December 2026"); /* held-expire's 14 days */
	assert_true(strncmp(mod->from, "dc-moderate+", 12) == 0);
	assert_contains(author->subject, "waits for a moderator");
	assert_contains(author->text, "cancel");
	assert_string_not_equal(author->from, mod->from);
	assert_true(slice_is(outmail_field(author, "Auto-Submitted"), "auto-replied"));
	assert_true(slice_is(outmail_field(mod, "Auto-Submitted"), "auto-generated"));
	assert_int_equal(outmail_fields(author, "In-Reply-To"), 1);
	assert_int_equal(outmail_fields(mod, "In-Reply-To"), 0);
	assert_true(listsite_has(s, arena_printf(s->a, "held/%s", id)));
	assert_false(listsite_has(s, arena_printf(s->a, "out/%s", id)));
	assert_false(listsite_has(s, arena_printf(s->a, "feed/dc/new/%s", id)));
}

static void
test_nonmember_accepted(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { nonmember-posts = \"accept\" }\n");
	listsite_member(s, "dc", ANN);
	listsite_send(s, EVE, LIST, "Subject: Hi\n", "Words.\n");
	assert_string_equal(listsite_only(s, ANN)->kind, "post");
	assert_int_equal(listsite_count(s), 1);
}

/* Refused, with the reason and the post itself; and once she has joined, the very same mail goes
 * through: it is no duplicate of one that never went out. */
static void
test_nonmember_rejected(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { nonmember-posts = \"reject\" }\n");
	const char *head = "Subject: Hi\nMessage-ID: <same@example.com>\n";
	listsite_send(s, EVE, LIST, head, "My words.\n");
	struct outmail *m = listsite_only(s, EVE);
	assert_contains(m->subject, "was not sent on");
	assert_contains(m->text, "its author is not a member of this list");
	assert_string_equal(m->from, "dc-owner@" DOMAIN);
	bool attached = false;
	for (size_t i = 0; i < m->message.nparts; i++)
		attached |= part_is(&m->message.parts[i], "message", "rfc822");
	assert_true(attached);
	assert_int_equal(listsite_held(s), 0);
	listsite_member(s, "dc", EVE);
	listsite_forget(s);
	listsite_send(s, EVE, LIST, head, "My words.\n");
	assert_string_equal(listsite_only(s, EVE)->kind, "post");
}

static void
test_author_is_from_not_sender(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	/* The return path is a forwarder's; the address in From is written otherwise. */
	listsite_send(s, "bounce-77@mailer.example", LIST, "From: \"Ann\" <ANN@Example.ORG>\n",
		      "Words.\n");
	assert_string_equal(listsite_only(s, ANN)->kind, "post");
	/* A member's return path does not make a stranger's post hers. */
	listsite_forget(s);
	listsite_send(s, ANN, LIST, "From: " EVE "\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
}

static void
test_first_posts(void **state)
{
	struct listsite *s = listsite_begin(
	    state, "list \"dc\" { hold-first-posts = 2 moderators = { \"" MOD "\" } }\n");
	listsite_member(s, "dc", ANN);
	listsite_send(s, ANN, LIST, "Subject: one\n", "Words.\n");
	assert_contains(listsite_only(s, MOD)->text, "first posts of a new member");
	listsite_reply(s, listsite_only(s, MOD), MOD, "accept");
	listsite_send(s, ANN, LIST, "Subject: two\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	listsite_sql(s, "UPDATE subscription SET posts = 2");
	listsite_forget(s);
	listsite_send(s, ANN, LIST, "Subject: three\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	assert_string_equal(listsite_only(s, ANN)->kind, "post");
}

static void
test_accepted_post_counts(void **state)
{
	struct listsite *s = listsite_begin(
	    state, "list \"dc\" { hold-first-posts = 1 moderators = { \"" MOD "\" } }\n");
	listsite_member(s, "dc", ANN);
	listsite_send(s, ANN, LIST, "Subject: one\n", "Words.\n");
	listsite_reply(s, listsite_only(s, MOD), MOD, "accept");
	assert_int_equal(listsite_find(s, "dc", ANN)->posts, 1);
	listsite_forget(s);
	listsite_send(s, ANN, LIST, "Subject: two\n", "Words.\n");
	assert_int_equal(listsite_held(s), 0);
	assert_string_equal(listsite_only(s, ANN)->kind, "post");
}

static void
test_speakers(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"dc\" { speakers = { \"" EVE
						   "\" } moderators = { \"" MOD "\" } }\n");
	listsite_member(s, "dc", ANN);
	listsite_send(s, EVE, LIST, "Subject: hers\n", "Words.\n"); /* no member, but a speaker */
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_count(s), 1);
	listsite_forget(s);
	listsite_send(s, ANN, LIST, "Subject: not hers\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	assert_contains(listsite_only(s, MOD)->text, "not one of this list's speakers");
	assert_lacks(listsite_only(s, MOD)->text, "not a member");
	/* All reasons are shown, the deciding one first. */
	listsite_forget(s);
	listsite_send(s, BOB, LIST, "Subject: nobody's\n", "Words.\n");
	const char *text = listsite_only(s, MOD)->text;
	const char *first = strstr(text, "not a member"), *second = strstr(text, "speakers");
	assert_non_null(first);
	assert_non_null(second);
	assert_true(first < second);
}

static void
test_size(void **state)
{
	struct listsite *s = listsite_begin(
	    state, "list \"dc\" { max-message-size = \"2K\" }\nlist \"other\" { }\n");
	struct buf b;
	listsite_member(s, "dc", ANN);
	listsite_member(s, "other", ANN);
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 60; i++)
		buf_puts(&b, "This line has fifty-one bytes with its end in a row.\n");
	listsite_send(s, ANN, LIST, "Subject: big\n", buf_str(&b));
	struct outmail *m = listsite_only(s, ANN);
	assert_contains(m->text, "it is larger than this list allows (3.2 KB)");
	listsite_forget(s);
	listsite_send(s, ANN, "other@" DOMAIN, "Subject: big\n", buf_str(&b));
	assert_string_equal(listsite_only(s, ANN)->kind, "post");
	/* In SMTP one answer is for all recipients: a notice instead. */
	listsite_forget(s);
	const char *envelope = "from: " ANN "\nrcpt: other@" DOMAIN "\nrejected: " LIST "\n";
	listsite_put(s, envelope,
		     slice_str(arena_printf(s->a,
					    "From: " ANN "\nTo: other@" DOMAIN ", " LIST
					    "\nSubject: huge\nMessage-ID: <h@x>\n\n%s",
					    buf_str(&b))));
	buf_free(&b);
	listsite_run(s);
	assert_int_equal(listsite_count(s), 2);
	m = strcmp(listsite_nth(s, 0)->kind, "post") ? listsite_nth(s, 0) : listsite_nth(s, 1);
	assert_contains(m->subject, "too large");
	assert_contains(m->text, "2 KB");
	assert_contains(m->text, "huge");
}

/* --- duplicates and loops ------------------------------------------------------------------- */

static void
test_duplicate(void **state)
{
	struct listsite *s = listsite_begin(state, ONE "list \"other\" { }\n");
	const char *head = "Subject: Hi\nMessage-ID: <same@example.com>\n";
	listsite_member(s, "dc", ANN);
	listsite_member(s, "other", BOB);
	listsite_send(s, ANN, LIST, head, "Words.\n");
	listsite_send(s, ANN, LIST, head, "Words.\n");
	assert_int_equal(listsite_count(s), 1);
	assert_int_equal(listsite_logged(s, "dropped: duplicate"), 1);
	/* Another list, or other words under the same Message-ID, are not the same post. */
	listsite_send(s, BOB, "other@" DOMAIN, head, "Words.\n");
	assert_int_equal(listsite_count(s), 2);
	listsite_send(s, ANN, LIST, head, "Other words.\n");
	assert_int_equal(listsite_count(s), 3);
	assert_false(slice_eq(outmail_field(listsite_nth(s, 0), "Archived-At"),
			      outmail_field(listsite_nth(s, 2), "Archived-At")));
}

static void
test_loops(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { nonmember-posts = \"accept\" }\n");
	listsite_member(s, "dc", ANN);
	listsite_send(s, ANN, LIST, "List-Id: Something <DC." DOMAIN ">\n", "Words.\n");
	listsite_send(s, ANN, LIST, "List-Id: Something\n <dc." DOMAIN ">\n", "Other words.\n");
	listsite_send(s, EVE, LIST, "From: <dc-owner@" DOMAIN ">\n", "Words.\n");
	listsite_send(s, EVE, LIST, "From: " LIST "\n", "Words.\n");
	assert_int_equal(listsite_count(s), 0);
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_logged(s, " dropped: "), 4);
	/* Another list's mark is none of ours. */
	listsite_send(s, ANN, LIST, "List-Id: <dc.elsewhere.example>\n", "Words.\n");
	assert_int_equal(listsite_count(s), 1);
}

/* --- automatic mail ------------------------------------------------------------------------- */

static void
test_automatic_is_held_and_never_answered(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_member(s, "dc", ANN);
	listsite_send(s, ANN, LIST, "Auto-Submitted: auto-replied\nSubject: away\n", "Away.\n");
	assert_int_equal(listsite_held(s), 1);
	assert_int_equal(listsite_count_to(s, ANN), 0);
	struct outmail *mod = listsite_only(s, MOD);
	assert_contains(mod->text, "it is an automatic answer");
	listsite_reply(s, mod, MOD, "reject because it is one");
	assert_int_equal(listsite_count_to(s, ANN), 0);
	/* Neither when it expires: a bounce that came to the list's own address. */
	listsite_send(s, "", LIST, "From: MAILER-DAEMON@example.net\n", "No such user.\n");
	assert_int_equal(listsite_held(s), 1);
	s->now += 15 * 86400;
	struct err e = {0};
	listsite_forget(s);
	listsite_send(s, MOD, "dc-help@" DOMAIN, "", ""); /* whatever: the role is awake */
	listsite_forget(s);
	assert_int_equal(moderate_sweep(&s->site, s->now, &e), 0);
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_count(s), 0);
	/* What a program writes by itself (a build's report) is a post like others. */
	listsite_send(s, ANN, LIST, "Auto-Submitted: auto-generated\n", "Report.\n");
	assert_string_equal(listsite_only(s, ANN)->kind, "post");
}

static void
test_no_author(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_put(s, "from: " EVE "\nrcpt: " LIST "\n", SLICE("no header at all\n"));
	listsite_put(s, "from: " EVE "\nrcpt: " LIST "\n",
		     SLICE("From: nobody in particular\n\nx\n"));
	listsite_put(s, "from: " EVE "\nrcpt: " LIST "\n", SLICE(""));
	assert_int_equal(listsite_run(s), 3);
	assert_int_equal(listsite_held(s), 3);
	assert_contains(listsite_nth(s, 0)->text, "does not say who wrote it");
	assert_int_equal(listsite_count_to(s, EVE), 3); /* her envelope is all that is known */
}

static void
test_header_too_long(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { nonmember-posts = \"accept\" }\n");
	struct buf b;
	listsite_member(s, "dc", ANN);
	buf_init(&b, BUF_NO_LIMIT);
	buf_puts(&b, "From: " ANN "\nMessage-ID: <x@example.org>\n");
	while (b.n < 2 * 1024 * 1024)
		buf_puts(&b, "X-Filler: something that fills the header line by line\n");
	buf_puts(&b, "\nWords.\n");
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\n", buf_slice(&b));
	buf_free(&b);
	listsite_run(s);
	struct outmail *m = listsite_only(s, ANN);
	assert_string_equal(m->kind, "notice");
	assert_contains(m->text, "its header is too long");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM seen"), 1);
}

/* A forged From must not make the list a cannon. */
static void
test_notices_to_an_author_are_few(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { nonmember-posts = \"reject\" }\n");
	for (int i = 0; i < 15; i++)
		listsite_send(s, EVE, LIST, arena_printf(s->a, "From: Eve+%d@example.com\n", i),
			      "Words.\n");
	assert_int_equal(listsite_count(s), 10);
	s->now += 86400;
	listsite_send(s, EVE, LIST, "Subject: tomorrow\n", "Words.\n");
	assert_int_equal(listsite_count(s), 11);
}

/* --- several lists -------------------------------------------------------------------------- */

#define UMBRELLA                                                                                   \
	"list \"all\" { moderators = { \"" MOD "\" } }\n"                                          \
	"list \"dc-a\" { umbrella = \"all\" }\nlist \"dc-b\" { umbrella = \"all\" }\n"

static void
test_umbrella(void **state)
{
	struct listsite *s = listsite_begin(state, UMBRELLA);
	listsite_member(s, "all", ANN);
	listsite_member(s, "dc-a", ANN);
	listsite_member(s, "dc-a", BOB);
	listsite_member(s, "dc-b", BOB);
	listsite_member(s, "dc-b", EVE);
	/* A member of a coalition's list may post to its umbrella; each gets one copy. */
	listsite_send(s, EVE, "all@" DOMAIN, "Subject: to all\n", "Words.\n");
	assert_int_equal(listsite_held(s), 0);
	assert_int_equal(listsite_count(s), 3);
	assert_string_equal(listsite_nth(s, 0)->to, ANN);
	assert_string_equal(listsite_nth(s, 1)->to, BOB);
	assert_string_equal(listsite_nth(s, 2)->to, EVE);
	assert_string_equal(listsite_nth(s, 1)->list, "dc-a"); /* whose leave link it carries */
	for (int i = 0; i < 3; i++)
		assert_contains(arena_str(s->a, outmail_field(listsite_nth(s, i), "List-Id")),
				"<all." DOMAIN ">");
	/* The other way round it is no umbrella. */
	listsite_forget(s);
	listsite_send(s, EVE, "dc-a@" DOMAIN, "Subject: not there\n", "Words.\n");
	assert_int_equal(listsite_held(s), 1);
	listsite_forget(s);
	listsite_send(s, BOB, "dc-a@" DOMAIN, "Subject: there\n", "Words.\n");
	assert_string_equal(listsite_nth(s, 0)->to, ANN " " BOB);
	assert_int_equal(listsite_count(s), 1);
}

/* Posts of the umbrella and of the list under it have numbers of one row: bounces and digests of
 * the list go by them. */
static void
test_umbrella_numbers(void **state)
{
	struct listsite *s = listsite_begin(state, UMBRELLA);
	listsite_member(s, "dc-a", ANN);
	listsite_send(s, ANN, "dc-a@" DOMAIN, "Subject: one\n", "Words.\n");
	listsite_send(s, ANN, "all@" DOMAIN, "Subject: two\n", "Words.\n");
	listsite_send(s, ANN, "dc-a@" DOMAIN, "Subject: three\n", "Words.\n");
	for (int i = 0; i < 3; i++)
		assert_int_equal(listsite_nth(s, i)->seq, i + 1);
}

static void
test_umbrella_own_copy(void **state)
{
	struct listsite *s = listsite_begin(state, UMBRELLA);
	listsite_member(s, "dc-a", ANN);
	listsite_member(s, "dc-a", BOB);
	listsite_set(s, "dc-a", ANN, "copy", "off");
	listsite_send(s, ANN, "all@" DOMAIN, "Subject: one\n", "Words.\n");
	assert_string_equal(listsite_nth(s, 0)->to, BOB);
	listsite_member(s, "all", ANN);
	listsite_set(s, "all", ANN, "copy", "off");
	listsite_set(s, "dc-a", ANN, "copy", "on");
	listsite_forget(s);
	listsite_send(s, ANN, "all@" DOMAIN, "Subject: two\n", "Words.\n");
	assert_int_equal(listsite_count_to(s, ANN), 0);
}

static void
test_two_lists_in_one_entry(void **state)
{
	struct listsite *s =
	    listsite_begin(state, ONE "list \"two\" { moderators = { \"" MOD "\" } }\n");
	listsite_member(s, "dc", ANN);
	listsite_member(s, "dc", BOB);
	listsite_member(s, "two", BOB);
	listsite_member(s, "two", "carl@example.net");
	const char *id = listsite_put(s, "from: " BOB "\nrcpt: " LIST "\nrcpt: two@" DOMAIN "\n",
				      SLICE("From: " BOB "\r\nTo: " LIST ", two@" DOMAIN
					    "\r\nMessage-ID: <x@y.example>\r\n\r\nWords.\r\n"));
	assert_int_equal(listsite_run(s), 1);
	assert_int_equal(listsite_count(s), 2);
	assert_string_equal(listsite_nth(s, 0)->to, ANN " " BOB);
	assert_string_equal(listsite_nth(s, 1)->to, "carl@example.net"); /* Bob has one already */
	assert_true(listsite_has(s, arena_printf(s->a, "feed/dc/new/%s", id)));
	assert_true(listsite_has(s, arena_printf(s->a, "feed/two/new/%s", id)));
	/* Passed by one, held by the other. */
	listsite_forget(s);
	id = listsite_put(s, "from: " ANN "\nrcpt: " LIST "\nrcpt: two@" DOMAIN "\n",
			  SLICE("From: " ANN "\r\nTo: " LIST ", two@" DOMAIN
				"\r\nMessage-ID: <z@y.example>\r\n\r\nWords.\r\n"));
	assert_int_equal(listsite_run(s), 1);
	assert_int_equal(listsite_held(s), 1);
	assert_true(listsite_has(s, arena_printf(s->a, "out/%s", id)));
	assert_true(listsite_has(s, arena_printf(s->a, "held/%s", id)));
	assert_true(listsite_has(s, arena_printf(s->a, "feed/dc/new/%s", id)));
	assert_false(listsite_has(s, arena_printf(s->a, "feed/two/new/%s", id)));
}

/* Held by two lists, it is one file that both decide about. */
static void
test_held_by_two_lists(void **state)
{
	struct listsite *s =
	    listsite_begin(state, ONE "list \"two\" { moderators = { \"two@example.org\" } }\n");
	listsite_member(s, "dc", ANN);
	listsite_member(s, "two", BOB);
	const char *id =
	    listsite_put(s, "from: " EVE "\nrcpt: " LIST "\nrcpt: two@" DOMAIN "\n",
			 SLICE("From: " EVE "\r\nMessage-ID: <x@y.example>\r\n\r\nWords.\r\n"));
	listsite_run(s);
	assert_int_equal(listsite_held(s), 2);
	struct outmail *one = listsite_only(s, MOD), *two = listsite_only(s, "two@example.org");
	listsite_reply(s, one, MOD, "accept");
	assert_int_equal(listsite_held(s), 1);
	assert_true(listsite_has(s, arena_printf(s->a, "held/%s", id)));
	assert_string_equal(listsite_only(s, ANN)->kind, "post");
	assert_int_equal(listsite_count_to(s, BOB), 0);
	listsite_reply(s, two, "two@example.org", "accept");
	assert_false(listsite_has(s, arena_printf(s->a, "held/%s", id)));
	assert_string_equal(listsite_only(s, BOB)->kind, "post");
}

static void
test_attachments_are_named(void **state)
{
	struct listsite *s = listsite_begin(state, ONE);
	listsite_send(
	    s, EVE, LIST,
	    "Subject: =?utf-8?Q?R=C3=A9sum=C3=A9?=\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=b\n",
	    "--b\nContent-Type: text/html; charset=utf-8\n\n"
	    "<p>Good <b>morning</b> to you</p><script>bad()</script>\n"
	    "--b\nContent-Type: application/pdf; name=\"plan.pdf\"\n"
	    "Content-Disposition: attachment; filename=\"../../plan.pdf\"\n\nxxxx\n--b--\n");
	struct outmail *m = listsite_only(s, MOD);
	assert_string_equal(m->subject, "[dc held 1] Résumé");
	assert_contains(m->text, "Good morning to you");
	assert_lacks(m->text, "bad()");
	assert_contains(m->text, "plan.pdf (application/pdf");
	assert_lacks(m->text, "../");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_distribution),
	    TEST(test_own_copy_and_ack),
	    TEST(test_nobody_gets_it),
	    TEST(test_nonmember_held),
	    TEST(test_nonmember_accepted),
	    TEST(test_nonmember_rejected),
	    TEST(test_author_is_from_not_sender),
	    TEST(test_first_posts),
	    TEST(test_accepted_post_counts),
	    TEST(test_speakers),
	    TEST(test_size),
	    TEST(test_duplicate),
	    TEST(test_loops),
	    TEST(test_automatic_is_held_and_never_answered),
	    TEST(test_no_author),
	    TEST(test_header_too_long),
	    TEST(test_notices_to_an_author_are_few),
	    TEST(test_umbrella),
	    TEST(test_umbrella_numbers),
	    TEST(test_umbrella_own_copy),
	    TEST(test_two_lists_in_one_entry),
	    TEST(test_held_by_two_lists),
	    TEST(test_attachments_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
