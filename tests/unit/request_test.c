/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joining and leaving: proof by answer, by token, by a trusted server; and nobody is flooded. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/flood.h"
#include "daemon/request.h"
#include "daemon/ticket.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define BOB "bob@example.net"
#define EVE "eve@example.com"
#define LISTS                                                                                      \
	"list \"dc\" { title = \"The Coalition\" description = \"What it is for.\" }\n"            \
	"list \"other\" { language = \"fr\" }\n"
#define VOUCHED(domain) "Authentication-Results: mx.example.org; dkim=pass header.d=" domain "\n"

static void
join(struct listsite *s, const char *who, const char *list)
{
	listsite_send(s, who, arena_printf(s->a, "%s-subscribe@" DOMAIN, list), "", "");
}

/* The link URL/c/TOKEN in a question. */
static const char *
confirm_token(struct listsite *s, const struct outmail *m)
{
	const char *p = strstr(m->text, URL "/c/");
	assert_non_null(p);
	return arena_str(s->a, slice_make(p + strlen(URL "/c/"), TOKEN_LENGTH));
}

static void
test_join(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, "Ann.Smith@Example.ORG", "dc-subscribe@" DOMAIN,
		      "From: \"Ann Smith\" <Ann.Smith@Example.ORG>\n", "");
	struct outmail *q = listsite_only(s, "Ann.Smith@example.org");
	assert_string_equal(q->subject,
			    "Please confirm: Ann.Smith@example.org joins The Coalition");
	assert_contains(q->text, "What it is for.");
	assert_contains(q->text, "25 November 2026, 14:49 UTC"); /* three days */
	assert_string_equal(q->from,
			    arena_printf(s->a, "dc-confirm+%s@" DOMAIN, confirm_token(s, q)));
	assert_null(listsite_find(s, "dc", "ann.smith@example.org"));
	listsite_forget(s);
	listsite_reply(s, q, "Ann.Smith@Example.ORG", "whatever");
	struct member *m = listsite_find(s, "dc", "ann.smith@example.org");
	assert_non_null(m);
	assert_string_equal(m->wire, "Ann.Smith@example.org"); /* as she writes it */
	assert_string_equal(m->delivery, "mail");
	assert_string_equal(m->language, "");
	struct outmail *w = listsite_only(s, "Ann.Smith@example.org");
	assert_string_equal(w->subject, "Welcome to The Coalition");
	const char *url = strstr(w->text, URL "/u/");
	assert_non_null(url);
	listsite_forget(s);
	listsite_send(
	    s, EVE,
	    arena_printf(s->a, "plenary-unsubscribe+%.26s@" DOMAIN, url + strlen(URL "/u/")), "",
	    "");
	assert_null(listsite_find(s, "dc", "ann.smith@example.org"));
	assert_string_equal(listsite_only(s, "Ann.Smith@example.org")->subject,
			    "You have left The Coalition");
}

static void
test_delivery_chosen(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, ANN, "dc-subscribe+digest@" DOMAIN, "", "");
	listsite_reply(s, listsite_only(s, ANN), ANN, "yes");
	listsite_send(s, BOB, "dc-join+NoMail@" DOMAIN, "", "");
	listsite_reply(s, listsite_only(s, BOB), BOB, "yes");
	assert_string_equal(listsite_find(s, "dc", ANN)->delivery, "digest");
	assert_string_equal(listsite_find(s, "dc", BOB)->delivery, "nomail");
}

static void
test_join_twice(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	join(s, ANN, "dc");
	join(s, ANN, "dc");
	/* Asked twice: the same question, and either answer will do. */
	assert_int_equal(listsite_count(s), 2);
	struct outmail *a = listsite_nth(s, 0), *b = listsite_nth(s, 1);
	assert_string_equal(a->from, b->from);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM ticket"), 1);
	listsite_reply(s, b, ANN, "yes");
	assert_non_null(listsite_find(s, "dc", ANN));
	listsite_forget(s);
	listsite_reply(s, a, ANN, "yes");
	assert_contains(listsite_only(s, ANN)->subject, "confirmed already");
	assert_contains(listsite_only(s, ANN)->text, "22 November 2026, 14:49 UTC");
	listsite_forget(s);
	join(s, ANN, "dc");
	assert_contains(listsite_only(s, ANN)->subject, "a member of The Coalition already");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM subscription"), 1);
}

static void
test_two_questions_one_membership(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	join(s, ANN, "dc");
	listsite_send(s, ANN, "dc-subscribe+digest@" DOMAIN, "", "");
	struct outmail *a = listsite_nth(s, 0), *b = listsite_nth(s, 1);
	assert_string_not_equal(a->from, b->from);
	listsite_reply(s, a, ANN, "yes");
	listsite_forget(s);
	listsite_reply(s, b, ANN, "yes");
	assert_contains(listsite_only(s, ANN)->subject, "already");
	assert_string_equal(listsite_find(s, "dc", ANN)->delivery, "mail");
}

static void
test_leave(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	listsite_set(s, "dc", ANN, "language", "fr");
	listsite_send(s, ANN, "dc-leave@" DOMAIN, "", "");
	struct outmail *q = listsite_only(s, ANN);
	assert_string_equal(q->language, "fr"); /* hers, not the list's */
	assert_non_null(listsite_find(s, "dc", ANN));
	listsite_forget(s);
	listsite_reply(s, q, ANN, "oui");
	assert_null(listsite_find(s, "dc", ANN));
	assert_string_equal(listsite_only(s, ANN)->language, "fr");
	listsite_forget(s);
	listsite_reply(s, q, ANN, "oui");
	assert_contains(listsite_only(s, ANN)->subject, "confirm");
}

/* Posts that wait for a member who left are taken back; the goodbye is not. */
static void
test_leave_takes_back(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	int64_t id = listsite_member(s, "dc", ANN);
	listsite_member(s, "dc", BOB);
	listsite_send(s, BOB, "dc@" DOMAIN, "", "Words.\n");
	assert_string_equal(listsite_nth(s, 0)->to, ANN " " BOB);
	const char *token =
	    listsite_token(s, "leave", (uint64_t)id << 16 | (uint64_t)(s->now / 86400 & 0xffff));
	listsite_send(s, ANN, arena_printf(s->a, "dc-unsubscribe+%s@" DOMAIN, token), "", "");
	assert_string_equal(listsite_nth(s, 0)->to, BOB);
	assert_string_equal(listsite_nth(s, 1)->to, ANN);
}

static void
test_leave_link_age(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	int64_t id = listsite_member(s, "dc", ANN);
	const char *token =
	    listsite_token(s, "leave", (uint64_t)id << 16 | (uint64_t)(s->now / 86400 & 0xffff));
	const char *to = arena_printf(s->a, "plenary-unsubscribe+%s@" DOMAIN, token);
	/* Too old: the question, to the member, whoever or whatever carries the link. */
	s->now += 401 * 86400;
	listsite_send(s, "", to, "From: someone@example.com\nAuto-Submitted: auto-generated\n", "");
	assert_non_null(listsite_find(s, "dc", ANN));
	struct outmail *q = listsite_only(s, ANN);
	assert_contains(q->subject, "Please confirm: " ANN " leaves");
	listsite_reply(s, q, ANN, "yes");
	assert_null(listsite_find(s, "dc", ANN));
	/* Good for 400 days, and then on the very last one. */
	s->now -= 401 * 86400;
	id = listsite_member(s, "dc", BOB);
	token =
	    listsite_token(s, "leave", (uint64_t)id << 16 | (uint64_t)(s->now / 86400 & 0xffff));
	s->now += 400 * 86400;
	listsite_send(s, "", arena_printf(s->a, "dc-unsubscribe+%s@" DOMAIN, token),
		      "From: someone@example.com\n", "");
	assert_null(listsite_find(s, "dc", BOB));
}

static void
test_leave_token_of_another_list(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	int64_t id = listsite_member(s, "dc", ANN);
	const char *token =
	    listsite_token(s, "leave", (uint64_t)id << 16 | (uint64_t)(s->now / 86400 & 0xffff));
	listsite_send(s, EVE, arena_printf(s->a, "other-unsubscribe+%s@" DOMAIN, token), "", "");
	assert_non_null(listsite_find(s, "dc", ANN));
	assert_int_equal(listsite_count_to(s, ANN), 0);
	listsite_send(s, EVE, arena_printf(s->a, "DC-Leave+%s@" DOMAIN, token), "", "");
	assert_null(listsite_find(s, "dc", ANN));
}

static void
test_confirm_token_of_another_list(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	join(s, ANN, "dc");
	const char *token = confirm_token(s, listsite_only(s, ANN));
	listsite_forget(s);
	listsite_send(s, ANN, arena_printf(s->a, "other-confirm+%s@" DOMAIN, token), "", "");
	assert_contains(listsite_only(s, ANN)->subject, "plus de réponse");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM subscription"), 0);
	/* Nor is it a moderator's answer. */
	listsite_forget(s);
	listsite_send(s, ANN, arena_printf(s->a, "dc-moderate+%s@" DOMAIN, token), "", "accept\n");
	assert_contains(listsite_only(s, ANN)->subject, "nothing to answer");
	listsite_send(s, ANN, arena_printf(s->a, "plenary-confirm+%s@" DOMAIN, token), "", "");
	assert_non_null(listsite_find(s, "dc", ANN));
}

static void
test_expired(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	struct err e;
	join(s, ANN, "dc");
	struct outmail *q = listsite_only(s, ANN);
	s->now += TICKET_JOIN_EXPIRES;
	listsite_forget(s);
	listsite_reply(s, q, ANN, "yes");
	assert_contains(listsite_only(s, ANN)->subject, "came too late");
	assert_null(listsite_find(s, "dc", ANN));
	assert_int_equal(ticket_expire(s->site.db, s->now, &e), 1);
	listsite_forget(s);
	listsite_reply(s, q, ANN, "yes");
	assert_contains(listsite_only(s, ANN)->subject, "came too late");
	/* A new one is asked, not the old one again. */
	listsite_forget(s);
	join(s, ANN, "dc");
	assert_string_not_equal(listsite_only(s, ANN)->from, q->from);
	listsite_reply(s, listsite_only(s, ANN), ANN, "yes");
	assert_non_null(listsite_find(s, "dc", ANN));
}

static void
test_automatic_asks_and_confirms_nothing(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, ANN, "dc-subscribe@" DOMAIN, "Auto-Submitted: auto-replied\n", "");
	listsite_send(s, "", "dc-subscribe@" DOMAIN, "From: " ANN "\n", "");
	listsite_send(s, ANN, "dc-leave@" DOMAIN, "Precedence: bulk\n", "");
	listsite_send(s, "", "dc-help@" DOMAIN, "From: <>\n", "");
	assert_int_equal(listsite_count(s), 0);
	join(s, ANN, "dc");
	struct outmail *q = listsite_only(s, ANN);
	listsite_send(s, ANN, q->from, "Auto-Submitted: auto-replied\nSubject: away\n", "Away.\n");
	listsite_send(s, "", q->from, "From: MAILER-DAEMON@example.org\n", "No such user.\n");
	listsite_send(s, ANN, q->from,
		      "Subject: Out of office: Please confirm\nIn-Reply-To: <x@y>\n", "Away.\n");
	assert_null(listsite_find(s, "dc", ANN));
	assert_int_equal(listsite_count(s), 1);
	listsite_reply(s, q, ANN, "");
	assert_non_null(listsite_find(s, "dc", ANN));
}

/* --- floods --------------------------------------------------------------------------------- */

static void
test_flood(void **state)
{
	struct listsite *s = listsite_begin(
	    state, "list \"aa\" { }\nlist \"bb\" { }\nlist \"cc\" { }\nlist \"dd\" { }\n");
	static const char *const lists[] = {"aa", "bb", "cc", "dd"};
	for (int i = 0; i < 4; i++)
		join(s, arena_printf(s->a, "Eve+%d@Example.com", i), lists[i]);
	assert_int_equal(listsite_count(s), FLOOD_REQUESTS);
	listsite_forget(s);
	static const char *const dots[] = {"e.v.e@gmail.com", "eve@googlemail.com",
					   "E.Ve+x@gmail.com", "ev.e@gmail.com", "eve@gmail.com"};
	for (int i = 0; i < 5; i++)
		join(s, dots[i], "aa");
	assert_int_equal(listsite_count(s), FLOOD_REQUESTS);
	/* Commands are no way round it. */
	listsite_forget(s);
	listsite_send(s, "eve@example.com", "dd-request@" DOMAIN, "Subject: subscribe\n", "");
	struct outmail *m = listsite_only(s, "eve@example.com");
	assert_contains(m->text, "too many questions");
	assert_string_equal(m->from, "dd-owner@" DOMAIN);
	listsite_forget(s);
	s->now += 86400;
	join(s, "eve@example.com", "dd");
	assert_contains(listsite_only(s, "eve@example.com")->subject, "Please confirm");
}

/* Whose server vouches joins at once: as many lists as she likes in one sitting. */
static void
test_vouched(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, ANN, "dc-subscribe@" DOMAIN, VOUCHED("example.org"), "");
	assert_non_null(listsite_find(s, "dc", ANN));
	assert_string_equal(listsite_only(s, ANN)->subject, "Welcome to The Coalition");
	listsite_forget(s);
	listsite_send(s, ANN, "dc-leave@" DOMAIN, VOUCHED("mail.example.org"), "");
	assert_null(listsite_find(s, "dc", ANN));
	assert_contains(listsite_only(s, ANN)->subject, "You have left");
	/* Somebody else's server vouches for somebody else. */
	listsite_forget(s);
	listsite_send(s, ANN, "dc-subscribe@" DOMAIN, VOUCHED("example.com"), "");
	assert_null(listsite_find(s, "dc", ANN));
	assert_contains(listsite_only(s, ANN)->subject, "Please confirm");
}

/* Leaving is never refused because one asked often: a member's questions have a limit of their own.
 */
static void
test_member_is_no_stranger(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	for (int i = 0; i < FLOOD_REQUESTS + 2; i++)
		listsite_send(s, ANN, "dc-leave@" DOMAIN, "", "");
	assert_int_equal(listsite_count(s), FLOOD_REQUESTS + 2);
	for (int i = 0; i < FLOOD_QUESTIONS; i++)
		listsite_send(s, ANN, "dc-leave@" DOMAIN, "", "");
	assert_int_equal(listsite_count(s), FLOOD_QUESTIONS);
}

/* "not a member" and "already a member" are mails too, which a forged From could ask for. */
static void
test_plain_answers_are_limited(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	for (int i = 0; i < FLOOD_ANSWERS_STRANGER + 5; i++)
		listsite_send(s, EVE, "dc-leave@" DOMAIN, "", "");
	assert_int_equal(listsite_count(s), FLOOD_ANSWERS_STRANGER);
	listsite_send(s, EVE, "dc-help@" DOMAIN, "", "");
	assert_int_equal(listsite_count(s), FLOOD_ANSWERS_STRANGER);
	listsite_member(s, "dc", ANN);
	listsite_forget(s);
	for (int i = 0; i < FLOOD_ANSWERS + 5; i++)
		listsite_send(s, ANN, i % 2 ? "dc-join@" DOMAIN : "other-leave@" DOMAIN, "", "");
	assert_int_equal(listsite_count(s), FLOOD_ANSWERS);
}

/* --- who can't be a member ------------------------------------------------------------------ */

static void
test_lists_join_no_lists(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	static const char *const robots[] = {"other@" DOMAIN, "dc@" DOMAIN, "plenary@" DOMAIN,
					     "other-request@" DOMAIN, "postmaster@" DOMAIN};
	for (size_t i = 0; i < sizeof(robots) / sizeof(robots[0]); i++) {
		listsite_send(s, EVE, "dc-subscribe@" DOMAIN,
			      arena_printf(s->a, "From: %s\n" VOUCHED(DOMAIN), robots[i]), "");
		assert_null(listsite_find(s, "dc", robots[i]));
	}
	listsite_send(s, EVE, "dc-subscribe@" DOMAIN, "From: nobody\n", "");
	listsite_send(s, EVE, "dc-subscribe@" DOMAIN, "From: a@b\n", "");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM subscription"), 0);
}

static void
test_utf8_address(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, "josé@bücher.example", "dc-subscribe@" DOMAIN, "", "");
	struct outmail *q = listsite_nth(s, 0);
	assert_true(q->flags & 1); /* QUEUE_UTF8 */
	listsite_reply(s, q, "josé@bücher.example", "sí");
	assert_non_null(listsite_find(s, "dc", "josé@bücher.example"));
	assert_non_null(listsite_find(s, "dc", "josé@xn--bcher-kva.example"));
}

/* A list that the configuration has no longer. */
static void
test_list_gone(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	join(s, ANN, "dc");
	const char *token = confirm_token(s, listsite_only(s, ANN));
	listsite_reload(s, "list \"other\" { }\n");
	listsite_forget(s);
	listsite_send(s, ANN, arena_printf(s->a, "plenary-confirm+%s@" DOMAIN, token), "", "");
	assert_contains(listsite_only(s, ANN)->subject, "nothing to answer");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_join),
	    TEST(test_delivery_chosen),
	    TEST(test_join_twice),
	    TEST(test_two_questions_one_membership),
	    TEST(test_leave),
	    TEST(test_leave_takes_back),
	    TEST(test_leave_link_age),
	    TEST(test_leave_token_of_another_list),
	    TEST(test_confirm_token_of_another_list),
	    TEST(test_expired),
	    TEST(test_automatic_asks_and_confirms_nothing),
	    TEST(test_flood),
	    TEST(test_vouched),
	    TEST(test_member_is_no_stranger),
	    TEST(test_plain_answers_are_limited),
	    TEST(test_lists_join_no_lists),
	    TEST(test_utf8_address),
	    TEST(test_list_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
