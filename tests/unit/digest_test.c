/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests: when they go out, to whom, in which words, and that no post is lost or doubled. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/digest.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define BOB "bob@example.net"
#define EVE "eve@example.com"
#define ONE(options) "list \"dc\" { title = \"The Coalition\" " options " }\n"

static void
digester(struct listsite *s, const char *list, const char *address)
{
	listsite_member(s, list, address);
	listsite_set(s, list, address, "delivery", "digest");
}

static void
post(struct listsite *s, const char *to, int n, const char *text)
{
	listsite_send(s, ANN, arena_printf(s->a, "%s@" DOMAIN, to),
		      arena_printf(s->a, "From: Ann Example <" ANN ">\nSubject: post %d\n", n),
		      text);
}

static void
send_due(struct listsite *s)
{
	struct err e = {0};
	if (digest_send_due(&s->site, s->now, &e) < 0)
		fail_msg("%s", e.text);
}

/* Messages inside, as a reader of the mail finds them. */
static int
inner(const struct outmail *m)
{
	int n = 0;
	for (size_t i = 0; i < m->message.nparts; i++)
		n += m->message.parts[i].kind == PART_MESSAGE;
	return n;
}

static int
files(struct listsite *s, const char *list)
{
	char cmd[400], line[32] = "";
	snprintf(cmd, sizeof(cmd), "ls '%s/state/digest/%s' 2>/dev/null | wc -l", s->dir, list);
	FILE *f = popen(cmd, "r");
	assert_non_null(fgets(line, sizeof(line), f));
	pclose(f);
	return atoi(line);
}

static void
test_by_time(void **state)
{
	struct listsite *s = listsite_begin(state, ONE("digest-every = \"1d\""));
	listsite_member(s, "dc", ANN);
	digester(s, "dc", BOB);
	for (int i = 1; i <= 3; i++)
		post(s, "dc", i, "Words.\n");
	listsite_forget(s);
	s->now += 86399;
	send_due(s);
	assert_int_equal(listsite_count(s), 0);
	s->now += 1;
	send_due(s);
	struct outmail *m = listsite_only(s, BOB);
	assert_int_equal(listsite_count(s), 1);
	assert_string_equal(m->kind, "digest");
	assert_string_equal(m->subject, "The Coalition Digest, Vol 1, Issue 1");
	assert_string_equal(m->from, "dc@" DOMAIN);
	assert_int_equal(inner(m), 3);
	for (int i = 1; i <= 3; i++)
		assert_contains(m->text, arena_printf(s->a, "   %d. post %d (Ann Example)", i, i));
	assert_int_equal(outmail_fields(m, "List-Id"), 1);
	assert_int_equal(outmail_fields(m, "Precedence"), 1);
	/* The files go, nothing is sent twice, the next one has the next number. */
	send_due(s);
	assert_int_equal(files(s, "dc"), 0);
	assert_int_equal(listsite_count(s), 1);
	post(s, "dc", 4, "Words.\n");
	listsite_forget(s);
	s->now += 86400;
	send_due(s);
	assert_contains(listsite_only(s, BOB)->subject, "Vol 1, Issue 2");
	assert_int_equal(inner(listsite_only(s, BOB)), 1);
}

static void
test_by_size(void **state)
{
	struct listsite *s = listsite_begin(state, ONE("digest-size = \"2K\""));
	char text[1500];
	memset(text, 'x', sizeof(text));
	for (size_t i = 70; i < sizeof(text); i += 71)
		text[i] = '\n';
	text[sizeof(text) - 1] = '\0';
	listsite_member(s, "dc", ANN);
	digester(s, "dc", BOB);
	post(s, "dc", 1, text);
	send_due(s);
	assert_int_equal(listsite_count_to(s, BOB), 0);
	post(s, "dc", 2, text);
	send_due(s);
	assert_int_equal(inner(listsite_only(s, BOB)), 2);
}

static void
test_two_hundred(void **state)
{
	struct listsite *s = listsite_begin(state, ONE("digest-size = \"1G\""));
	listsite_member(s, "dc", ANN);
	listsite_set(s, "dc", ANN, "delivery", "nomail");
	digester(s, "dc", BOB);
	digester(s, "dc", EVE);
	listsite_set(s, "dc", EVE, "digest", "plain");
	for (int i = 1; i <= 200; i++) {
		listsite_mail(s, ANN, "dc@" DOMAIN, arena_printf(s->a, "Subject: post %d\n", i),
			      arena_printf(s->a, "The words of number %d.\n", i));
	}
	listsite_run(s);
	assert_int_equal(files(s, "dc"), 200);
	s->now += 86400;
	send_due(s);
	struct outmail *mime = listsite_only(s, BOB), *plain = listsite_only(s, EVE);
	assert_int_equal(inner(mime), 200);
	for (int i = 1; i <= 200; i++) {
		const char *words = arena_printf(s->a, "The words of number %d.\n", i);
		assert_true(slice_find(mime->body, slice_str(words)) < mime->body.n);
		assert_contains(plain->text, words);
	}
	assert_int_equal(plain->message.nparts, 1);
	/* RFC 1153: thirty hyphens behind each, "End of" with as many asterisks. */
	int n = 0;
	for (const char *p = plain->text; (p = strstr(p, "\n------------------------------\n\n"));
	     p++)
		n++;
	assert_int_equal(n, 200);
	assert_contains(plain->text, "End of The Coalition Digest, Vol 1, Issue 1\n"
				     "*******************************************\n");
}

/* Members get one mail in their language and form; one whose vacation has begun, none. */
static void
test_groups(void **state)
{
	struct listsite *s = listsite_begin(state, ONE(""));
	listsite_member(s, "dc", ANN);
	digester(s, "dc", BOB);
	digester(s, "dc", "fr@example.net");
	listsite_set(s, "dc", "fr@example.net", "language", "fr");
	digester(s, "dc", "away@example.net");
	listsite_set(s, "dc", "away@example.net", "vacation", "2027-01-01");
	post(s, "dc", 1, "Words.\n");
	listsite_forget(s);
	s->now += 86400;
	send_due(s);
	assert_int_equal(listsite_count(s), 2);
	assert_string_equal(listsite_only(s, BOB)->to, BOB);
	struct outmail *fr = listsite_only(s, "fr@example.net");
	assert_string_equal(fr->language, "fr");
	assert_string_equal(fr->subject, "The Coalition : recueil, vol 1, numéro 1");
	assert_string_not_equal(fr->spool, listsite_only(s, BOB)->spool);
}

/* The first post of two lists' digests may be the same one: each has its own mail. */
static void
test_cross_post(void **state)
{
	struct listsite *s =
	    listsite_begin(state, ONE("") "list \"other\" { nonmember-posts = \"accept\" }\n");
	listsite_member(s, "dc", ANN);
	digester(s, "dc", BOB);
	digester(s, "other", EVE);
	listsite_put(s, "from: " ANN "\nrcpt: dc@" DOMAIN "\nrcpt: other@" DOMAIN "\n",
		     SLICE("From: " ANN "\nTo: dc@" DOMAIN ", other@" DOMAIN
			   "\nSubject: for both\nMessage-ID: <1@x>\n\nx\n"));
	listsite_run(s);
	post(s, "dc", 2, "for dc alone\n");
	post(s, "other", 3, "for the other alone\n");
	s->now += 86400;
	send_due(s);
	struct outmail *b = listsite_only(s, BOB), *e = listsite_only(s, EVE);
	assert_string_not_equal(b->spool, e->spool);
	assert_contains(b->text, "1. for both");
	assert_contains(e->text, "1. for both");
	assert_contains(b->text, "post 2");
	assert_lacks(b->text, "post 3");
	assert_contains(e->text, "post 3");
	assert_lacks(e->text, "post 2");
	assert_true(slice_find(b->body, SLICE("Archived-At: <" URL "/dc/m/")) < b->body.n);
	assert_true(slice_find(e->body, SLICE("Archived-At: <" URL "/other/m/")) < e->body.n);
}

/* Posts to the umbrella and to the list under it in one digest: both are there, each with the
 * address that it has in its own archive. */
static void
test_umbrella(void **state)
{
	struct listsite *s = listsite_begin(
	    state, "list \"all\" { nonmember-posts = \"accept\" }\n"
		   "list \"dc-a\" { umbrella = \"all\" nonmember-posts = \"accept\" }\n");
	digester(s, "dc-a", BOB);
	post(s, "all", 1, "Words.\n");
	post(s, "all", 2, "Words.\n");
	post(s, "dc-a", 3, "Words.\n");
	post(s, "all", 4, "Words.\n");
	s->now += 86400;
	send_due(s);
	struct outmail *m = listsite_only(s, BOB);
	assert_int_equal(inner(m), 4);
	int all = 0, a = 0;
	for (size_t i = 1; i < m->message.nparts; i++) {
		const struct field *f = part_field(&m->message.parts[i], "Archived-At");
		if (f && slice_find(f->value, SLICE("/all/m/")) < f->value.n)
			all++;
		if (f && slice_find(f->value, SLICE("/dc-a/m/")) < f->value.n)
			a++;
	}
	assert_int_equal(all, 3);
	assert_int_equal(a, 1);
}

/* The posts are what they were: the same bytes but for the fields a post loses. */
static void
test_bytes(void **state)
{
	struct listsite *s = listsite_begin(state, ONE("nonmember-posts = \"accept\""));
	digester(s, "dc", BOB);
	listsite_put(s, "from: " ANN "\nrcpt: dc@" DOMAIN "\n",
		     SLICE("Return-Path: <x@y>\r\nFrom: =?iso-8859-1?Q?Ren=E9e?= <" ANN
			   ">\r\nTo: dc@" DOMAIN "\r\n"
			   "Subject:  folded\r\n\tsubject\r\nMessage-ID: <1@x>\r\n"
			   "Content-Type: text/plain; charset=iso-8859-1\r\n"
			   "Content-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdf"
			   "e\r\n--not a boundary\r\n.\r\n"));
	listsite_put(s, "from: " ANN "\nrcpt: dc@" DOMAIN "\n", SLICE("no header, just words\r\n"));
	listsite_run(s);
	s->now += 86400;
	send_due(s);
	struct outmail *m = listsite_only(s, BOB);
	assert_true(
	    slice_find(m->body,
		       SLICE("From: =?iso-8859-1?Q?Ren=E9e?= <" ANN ">\r\nTo: dc@" DOMAIN "\r\n"
			     "Subject:  folded\r\n\tsubject\r\nMessage-ID: <1@x>\r\n"
			     "Content-Type: text/plain; charset=iso-8859-1\r\n"
			     "Content-Transfer-Encoding: 8bit\r\n\r\nGr\xfc\xdf"
			     "e\r\n--not a boundary\r\n.\r\n")) < m->body.n);
	assert_true(slice_find(m->body, SLICE("Return-Path")) == m->body.n);
	assert_contains(m->text, "folded subject (Renée)");
}

/* Too much for one mail: the rest is the next one's, and none is lost. */
static void
test_too_much_for_one(void **state)
{
	struct listsite *s = listsite_begin(state, ONE("nonmember-posts = \"accept\""));
	size_t size = 9 << 20;
	char *bytes = arena_alloc(s->a, size);
	digester(s, "dc", BOB);
	memset(bytes, 'x', size);
	for (size_t i = 70; i < size; i += 71)
		bytes[i] = '\n';
	for (int i = 0; i < 5; i++) {
		int n = snprintf(bytes, 200,
				 "From: " ANN "\nTo: dc@" DOMAIN
				 "\nSubject: big %d\nMessage-ID: <%d@x>\n\n",
				 i, i);
		bytes[n] = 'x';
		listsite_put(s, "from: " ANN "\nrcpt: dc@" DOMAIN "\n", slice_make(bytes, size));
		listsite_run(s);
	}
	send_due(s);
	assert_int_equal(listsite_count_to(s, BOB), 1);
	send_due(s);
	assert_int_equal(listsite_count_to(s, BOB), 2);
	assert_int_equal(inner(listsite_nth(s, 0)) + inner(listsite_nth(s, 1)), 5);
	send_due(s);
	assert_int_equal(files(s, "dc"), 0);
}

/* Written but not committed: the next build writes the same under the same name. */
static void
test_torn(void **state)
{
	struct listsite *s = listsite_begin(state, ONE("") "list \"other\" { }\n");
	struct err e = {0};
	listsite_member(s, "dc", ANN);
	digester(s, "dc", BOB);
	listsite_member(s, "other", ANN);
	digester(s, "other", EVE);
	post(s, "dc", 1, "Words.\n");
	post(s, "other", 2, "Words.\n");
	listsite_forget(s);
	s->now += 86400;
	listsite_sql(s, "CREATE TRIGGER torn BEFORE INSERT ON digest_issue WHEN new.list = 'dc'"
			" BEGIN SELECT RAISE(ABORT, 'torn'); END");
	assert_int_equal(digest_send_due(&s->site, s->now, &e), -1);
	assert_non_null(strstr(e.text, "torn"));
	assert_int_equal(listsite_count_to(s, BOB), 0);
	assert_int_equal(listsite_count_to(s, EVE), 1); /* one list's trouble is no other's */
	listsite_sql(s, "DROP TRIGGER torn");
	send_due(s);
	assert_int_equal(inner(listsite_only(s, BOB)), 1);
	assert_int_equal(listsite_count_to(s, EVE), 1);
}

/* A file that is gone: said, and the others go out. */
static void
test_lost_file(void **state)
{
	struct listsite *s = listsite_begin(state, ONE(""));
	listsite_member(s, "dc", ANN);
	digester(s, "dc", BOB);
	const char *id = listsite_send(s, ANN, "dc@" DOMAIN, "Subject: lost\n", "x\n");
	post(s, "dc", 2, "Words.\n");
	assert_int_equal(unlink(conf_path(s->conf, s->a, "digest/dc/%s", id)), 0);
	s->now += 86400;
	listsite_forget(s);
	send_due(s);
	assert_int_equal(inner(listsite_only(s, BOB)), 1);
	assert_int_equal(listsite_logged(s, "error: digest of dc"), 1);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM digest_item"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_by_time),   TEST(test_by_size),          TEST(test_two_hundred),
	    TEST(test_groups),    TEST(test_cross_post),       TEST(test_umbrella),
	    TEST(test_bytes),     TEST(test_too_much_for_one), TEST(test_torn),
	    TEST(test_lost_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
