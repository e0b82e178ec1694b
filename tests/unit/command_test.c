/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands by mail: how they are found in what people's programs send, and what each answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <zlib.h>

#include "daemon/command.h"
#include "daemon/flood.h"
#include "mail/mbox.h"
#include "tests/unit/listsite.h"

#define TO "dc-request@" DOMAIN
#define ANN "ann@example.org"
#define EVE "eve@example.com"
#define MOD "mod@example.org"
#define LISTS                                                                                      \
	"list \"dc\" { title = \"The Coalition\" description = \"What it is for.\""                \
	" moderators = { \"" MOD "\" } }\n"                                                        \
	"list \"other\" { language = \"fr\" title = \"Autre\" }\n"
#define VOUCHED "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.org\n"

/* The text of the one answer to these commands. */
static const char *
ask(struct listsite *s, const char *who, const char *head, const char *body)
{
	listsite_forget(s);
	listsite_send(s, who, TO, head, body);
	return listsite_only(s, who)->text;
}

static int
occurrences(const char *text, const char *part)
{
	int n = 0;
	while ((text = strstr(text, part))) {
		n++;
		text += strlen(part);
	}
	return n;
}

/* --- finding them --------------------------------------------------------------------------- */

static void
test_subject_or_body(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	assert_contains(ask(s, EVE, "Subject: info\n", ""), "> info\nThe Coalition\nWhat it is");
	assert_contains(ask(s, EVE, "", "info\n"), "> info\nThe Coalition");
	assert_contains(ask(s, EVE, "Subject: Re: INFO\n", ""), "What it is for.");
	/* In the subject, so what else the mail says is nobody's command unless it is one. */
	const char *t = ask(s, EVE, "Subject: info\n", "Hello,\n\nplease tell me.\n\nlists\nEve\n");
	assert_contains(t, "> info");
	assert_contains(t, "> lists");
	assert_lacks(t, "no command");
	assert_int_equal(listsite_count(s), 1);
	/* One answer, in the order in which they were said, in a thread with the question. */
	t = ask(s, EVE, "Message-ID: <q@example.com>\n", "lists\ninfo\n");
	assert_true(strstr(t, "> lists") < strstr(t, "> info"));
	assert_true(
	    slice_is(outmail_field(listsite_only(s, EVE), "In-Reply-To"), "<q@example.com>"));
	/* Nothing said is a question for help. */
	assert_contains(ask(s, EVE, "", ""), "subscribe");
}

static void
test_what_is_nobodys_words(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	const char *t = ask(s, EVE, "Subject: Re: your mail\n",
			    "info\n\nOn Sun, 22 Nov 2026 at 14:49, dc <x@y.example> wrote:\n"
			    "> subscribe\n> > lists\n\n-- \nEve\nhelp\nunsubscribe\n");
	assert_contains(t, "> info");
	assert_lacks(t, "> subscribe");
	assert_lacks(t, "> lists");
	assert_lacks(t, "> help");
	assert_lacks(t, "> unsubscribe");
}

static void
test_programs_that_write_html(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	const char *t = ask(s, EVE, "Content-Type: text/html; charset=utf-8\n",
			    "<html><head><style>x{}</style></head><body><div>info</div>"
			    "<div>lists<br></div><p>&nbsp;</p></body></html>\n");
	assert_contains(t, "> info");
	assert_contains(t, "> lists");
	assert_lacks(t, "no command");
	t = ask(s, EVE, "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n",
		"--b\nContent-Type: text/plain\n\ninfo\n"
		"--b\nContent-Type: text/html\n\n<p>info</p>\n--b--\n");
	assert_int_equal(occurrences(t, "> info"), 1);
	t = ask(s, EVE,
		"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: base64\n",
		"aW5mbwpsaXN0cwo=\n");
	assert_contains(t, "> lists");
	t = ask(s, EVE, "", "Info.\n\nSent from my iPhone\n");
	assert_contains(t, "The Coalition");
	assert_lacks(t, "no command");
}

static void
test_unknown_lines(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	const char *t = ask(s, EVE, "", "subscibe\nhlep\nxyzzy\n");
	assert_contains(t, "> subscibe\nThis is no command. Did you mean \"subscribe\"?");
	assert_contains(t, "> hlep\nThis is no command. Did you mean \"help\"?");
	assert_contains(t, "> xyzzy\nThis is no command. \"help\" lists them all.");
	/* A letter to the robot: some lines are answered, and it says where it stopped. */
	t = ask(s, EVE, "", "Dear all,\nI would like\nto know\nwhat this is.\ninfo\n");
	assert_int_equal(occurrences(t, "This is no command"), COMMAND_UNKNOWN_MAX);
	assert_contains(t, "What stands below was not read.");
	assert_lacks(t, "> info");
}

static void
test_too_many(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "lists\n");
	const char *t = ask(s, EVE, "", buf_str(&b));
	assert_int_equal(occurrences(t, "> lists"), COMMANDS_MAX);
	assert_contains(t, "too many commands");
	assert_int_equal(listsite_count(s), 1);
	/* As long as a line may be, and longer. */
	buf_clear(&b);
	buf_puts(&b, "set group ");
	for (int i = 0; i < 20000; i++)
		buf_putc(&b, 'x');
	t = ask(s, EVE, "", buf_str(&b));
	assert_contains(t, "This is no command");
	assert_true(strlen(t) < 2000);
	buf_free(&b);
}

static void
test_end(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	const char *t = ask(s, EVE, "", "info\nend\nlists\n");
	assert_contains(t, "> end\nWhat stands below was not read.");
	assert_lacks(t, "> lists");
}

/* RFC 3834: never to a machine; nor to whom nobody is. */
static void
test_never_to_machines(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	static const char *const heads[] = {
	    "Auto-Submitted: auto-replied\n",
	    "Precedence: bulk\n",
	    "List-Id: <x.example>\n",
	    "X-Auto-Response-Suppress: All\n",
	    "From: noreply@example.com\n",
	    "Subject: Abwesenheitsnotiz\nIn-Reply-To: <x@y>\n",
	    "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN?=: x\nReferences: <x@y>\n",
	    "Subject: =?utf-8?Q?R=C3=A9ponse_automatique?= : absent\nIn-Reply-To: <x@y>\n",
	    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",
	};
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		listsite_send(s, EVE, TO, heads[i], "help\n");
	listsite_send(s, "", TO, "From: " EVE "\n", "help\n");
	assert_int_equal(listsite_count(s), 0);
	assert_int_equal(listsite_logged(s, "is not answered"), 10);
	listsite_send(s, EVE, TO, "From: nobody at all\n", "lists\n");
	assert_int_equal(listsite_count_to(s, EVE), 1); /* her envelope is good */
}

static void
test_answers_a_day(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	for (int i = 0; i < FLOOD_ANSWERS_STRANGER + 3; i++)
		listsite_send(s, arena_printf(s->a, "eve+%d@example.com", i), TO, "", "info\n");
	assert_int_equal(listsite_count(s), FLOOD_ANSWERS_STRANGER);
}

/* --- reading -------------------------------------------------------------------------------- */

static void
test_site(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	listsite_send(s, ANN, "plenary@" DOMAIN, "", "lists\nwhich\nsubscribe\nhelp\n");
	struct outmail *m = listsite_only(s, ANN);
	assert_string_equal(m->from, "plenary@" DOMAIN);
	assert_contains(m->text, "> lists\ndc@" DOMAIN "\n  The Coalition\nother@" DOMAIN);
	assert_contains(m->text, "> which\ndc@" DOMAIN "\n");
	assert_contains(m->text, "> subscribe\nPlease send this command to a list's own address");
	assert_contains(m->text, "LIST-subscribe@" DOMAIN);
}

static void
test_which_and_status(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	assert_contains(ask(s, ANN, "", "which\nstatus\n"),
			"Your address is on none of our lists.");
	assert_contains(listsite_only(s, ANN)->text, "You are not a member with this address.");
	listsite_member(s, "dc", ANN);
	listsite_member(s, "other", ANN);
	listsite_set(s, "dc", ANN, "delivery", "digest");
	listsite_set(s, "dc", ANN, "vacation", "2026-12-24");
	listsite_set(s, "dc", ANN, "group", "Civil society");
	listsite_set(s, "dc", ANN, "bounce_score", "1.5");
	const char *t = ask(s, ANN, "", "status\nwhich\n");
	assert_contains(t, "Member since: 21 November 2026");
	assert_contains(t, "Delivery: many posts in one mail (digest)");
	assert_contains(t, "No mail until the end of: 24 December 2026");
	assert_contains(t, "Stakeholder group: Civil society");
	assert_contains(t, "1.5");
	assert_contains(t, "other@" DOMAIN);
	assert_int_equal(occurrences(t, "Member since"), 1); /* of this list alone */
	listsite_forget(s);
	listsite_send(s, ANN, "plenary@" DOMAIN, "", "status\n");
	assert_int_equal(occurrences(listsite_only(s, ANN)->text, "Member since"), 2);
	/* What waits for a moderator is hers to know, too. */
	listsite_send(s, EVE, "dc@" DOMAIN, "Subject: My held post\n", "x\n");
	assert_contains(ask(s, EVE, "", "status\n"), "- My held post (22 November 2026)");
	assert_lacks(ask(s, ANN, "", "status\n"), "My held post");
}

static void
test_languages(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, EVE, "other-request@" DOMAIN, "", "info\nhlep\n");
	struct outmail *m = listsite_only(s, EVE);
	assert_string_equal(m->language, "fr");
	assert_contains(m->text, "Pour s’inscrire");
	listsite_member(s, "dc", ANN);
	listsite_set(s, "dc", ANN, "language", "fr");
	ask(s, ANN, "", "status\n");
	assert_string_equal(listsite_only(s, ANN)->language, "fr");
}

/* --- changing ------------------------------------------------------------------------------- */

static void
test_a_change_asks_first(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	listsite_send(s, ANN, TO, "", "set digest\nlists\nset copy off\n");
	assert_int_equal(listsite_count(s), 2);
	struct outmail *q = listsite_nth(s, 0), *answer = listsite_nth(s, 1);
	if (strncmp(q->from, "dc-confirm+", 11)) {
		struct outmail *other = q;
		q = answer;
		answer = other;
	}
	assert_contains(q->subject, "Please confirm your commands");
	assert_contains(q->text, "set digest\nset copy off\n");
	assert_lacks(q->text, "\nlists");
	assert_contains(answer->text, "> lists\ndc@" DOMAIN);
	assert_contains(answer->text, "> set digest\nWe have sent a question");
	assert_string_equal(listsite_find(s, "dc", ANN)->delivery, "mail");
	listsite_forget(s);
	listsite_reply(s, q, ANN, "ok");
	assert_string_equal(listsite_find(s, "dc", ANN)->delivery, "digest");
	assert_false(listsite_find(s, "dc", ANN)->copy);
	assert_contains(listsite_only(s, ANN)->text, "> set digest\nDone.");
	listsite_forget(s);
	listsite_reply(s, q, ANN, "ok");
	assert_contains(listsite_only(s, ANN)->subject, "confirmed already");
}

static void
test_a_vouched_change_is_done(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	const char *t = ask(s, ANN, VOUCHED,
			    "set nomail\nset language fr\nset ack on\nset vacation 2026-12-31\n"
			    "set group Academia\nset vacation 2026-02-31\nset\nset bounce_score 0\n"
			    "set digest plain\n");
	struct member *m = listsite_find(s, "dc", ANN);
	assert_string_equal(m->delivery, "digest");
	assert_string_equal(m->language, "fr");
	assert_true(m->ack);
	assert_string_equal(m->group, "Academia");
	assert_int_equal(occurrences(t, "Done."), 6);
	assert_int_equal(occurrences(t, "This can't be set so."), 3);
}

static void
test_subscribe_and_unsubscribe(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, ANN, TO, VOUCHED "Subject: subscribe digest\n", "");
	assert_string_equal(listsite_find(s, "dc", ANN)->delivery, "digest");
	assert_int_equal(listsite_count(s), 2); /* the welcome and the answer */
	assert_contains(ask(s, ANN, "", "subscribe\n"), "You are a member already");
	listsite_forget(s);
	listsite_send(s, ANN, TO, VOUCHED, "leave\n");
	assert_null(listsite_find(s, "dc", ANN));
	assert_contains(ask(s, ANN, "", "unsubscribe\n"), "not a member with this address");
	listsite_forget(s);
	listsite_send(s, EVE, TO, VOUCHED, "subscribe\n"); /* vouched for another domain */
	assert_null(listsite_find(s, "dc", EVE));
	assert_int_equal(listsite_count_to(s, EVE), 2);
}

static void
test_confirm(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, ANN, "dc-subscribe@" DOMAIN, "", "");
	const char *token = strchr(listsite_only(s, ANN)->from, '+') + 1;
	char upper[TOKEN_SIZE];
	for (size_t i = 0; i < TOKEN_LENGTH; i++)
		upper[i] = (char)(token[i] >= 'a' ? token[i] - 32 : token[i]);
	upper[TOKEN_LENGTH] = '\0';
	assert_contains(ask(s, ANN, "Subject: confirm aaaaaaaaaaaaaaaaaaaaaaaaaa\n", ""),
			"not a code that we gave out");
	assert_contains(ask(s, ANN, "Subject: confirm\n", ""), "not a code that we gave out");
	listsite_send(s, ANN, TO, arena_printf(s->a, "Subject: confirm %s\n", upper), "");
	assert_non_null(listsite_find(s, "dc", ANN));
}

/* --- moderators ----------------------------------------------------------------------------- */

static void
test_moderators_only(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	listsite_send(s, EVE, "dc@" DOMAIN, "Subject: secret\n", "Held words.\n");
	const char *t =
	    ask(s, ANN, VOUCHED, "held\nshow 1\naccept 1\nreject 1\ndiscard 1\nmembers\n");
	assert_int_equal(occurrences(t, "for the moderators of the list"), 6);
	assert_lacks(t, "secret");
	assert_lacks(t, "Held words");
	assert_int_equal(listsite_held(s), 1);
	listsite_forget(s);
	listsite_send(s, MOD, "plenary@" DOMAIN, VOUCHED, "held\n");
	assert_contains(listsite_only(s, MOD)->text, "to a list's own address");
}

static void
test_moderators_commands(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_member(s, "dc", ANN);
	for (int i = 1; i <= 3; i++)
		listsite_send(s, EVE, "dc@" DOMAIN, arena_printf(s->a, "Subject: post %d\n", i),
			      "Held words.\n");
	const char *t = ask(s, MOD, "", "held\nshow 2\nshow 99\nmembers\n");
	assert_contains(t, "1  post 1\n    " EVE);
	assert_contains(t, "- its author is not a member of this list");
	assert_contains(t, "Subject: post 2\n\nHeld words.");
	assert_contains(t, "> show 99\n99: no held post of this list has this number.");
	assert_contains(t, "> members\n" ANN);
	/* From: proves nothing. */
	listsite_forget(s);
	listsite_send(s, MOD, TO, "", "accept 1\n");
	assert_int_equal(listsite_held(s), 3);
	struct outmail *q = strncmp(listsite_nth(s, 0)->from, "dc-confirm+", 11)
				? listsite_nth(s, 1)
				: listsite_nth(s, 0);
	listsite_reply(s, q, MOD, "yes");
	assert_int_equal(listsite_held(s), 2);
	assert_int_equal(listsite_count_to(s, ANN), 1);
	listsite_forget(s);
	listsite_send(s, MOD, TO, VOUCHED,
		      "reject 2 It is off topic.\ndiscard 3\naccept 3\nheld\n");
	t = listsite_only(s, MOD)->text;
	assert_contains(t, "> discard 3\n3  post 3: discarded");
	assert_contains(t, "> accept 3\n3  post 3: It was decided already: discarded, by " MOD);
	assert_contains(t, "> held\nNo post waits for a moderator.");
	assert_contains(listsite_only(s, EVE)->text, "It is off topic.");
	assert_int_equal(listsite_count_to(s, ANN), 0);
}

/* --- the archive ---------------------------------------------------------------------------- */

#define POST(n, text)                                                                              \
	"From: Ann <" ANN ">\nDate: Sun, 22 Nov 2026 10:0" n ":00 +0000\nSubject: Subject " n      \
	"\nMessage-ID: <" n "@example.org>\nContent-Type: text/plain; charset=utf-8\n\n" text "\n"

static void
put_mailbox(struct listsite *s, const char *path, const char *const *posts, size_t n)
{
	struct buf plain;
	unsigned char out[65536];
	z_stream z = {.next_out = out, .avail_out = sizeof(out)};
	buf_init(&plain, BUF_NO_LIMIT);
	for (size_t i = 0; i < n; i++)
		mbox_put(&plain, SLICE("x@y"), s->now, slice_str(posts[i]));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)plain.p;
	z.avail_in = (uInt)plain.n;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	listsite_file(s, path, slice_make((char *)out, z.total_out));
	deflateEnd(&z);
	buf_free(&plain);
}

static void
test_archive(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	static const char *const posts[] = {POST("1", "From the first\n>From it"),
					    POST("2", "Zweite höfliche Antwort")};
	char key[KEY_SIZE];
	msgid_key(SLICE("1@example.org"), key);
	listsite_file(s, arena_printf(s->a, "html/dc/m/%s/raw", key), slice_str(posts[0]));
	put_mailbox(s, arena_printf(s->a, "html/dc/t/%s/mbox.gz", key), posts, 2);
	put_mailbox(s, "html/dc/2026/11/mbox.gz", posts, 2);
	const char *t = ask(s, EVE, "", arena_printf(s->a, "get %s\nget <1@example.org>\n", key));
	assert_int_equal(occurrences(t, "Subject: Subject 1\n"), 2);
	assert_contains(t, "From the first\n>From it");
	t = ask(s, EVE, "", arena_printf(s->a, "get thread %s\n", key));
	assert_contains(t, "From the first\n>From it");
	assert_contains(t, "höfliche");
	t = ask(s, EVE, "", "index\nindex 2026-11\nindex 2025-01\nindex 2026-13\nindex x\n");
	assert_int_equal(occurrences(t, key), 2);
	assert_contains(t,
			"> index 2025-01\nThe archive of this list has nothing under that name.");
	assert_int_equal(occurrences(t, "wants a month as YYYY-MM"), 2);
	t = ask(s, EVE, "",
		"get ../../../list.db\nget\nget thread\nget thread ..\n"
		"get abcdefghijklmnopqrstuvwxyz234567\nget <nobody@nowhere>\n");
	assert_int_equal(occurrences(t, "\"get\" wants the key"), 4);
	assert_int_equal(occurrences(t, "has nothing under that name"), 2);
}

/* What can't be shown is not our sender's fault: she is told where it is. */
static void
test_archive_damaged(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_file(s, "html/dc/2026/11/mbox.gz", SLICE("this is no gzip file"));
	const char *t = ask(s, EVE, "", "index\ninfo\n");
	assert_contains(t, "This can't be sent by mail. It is here:\n" URL "/dc/2026/11/mbox.gz");
	assert_contains(t, "The Coalition");
}

static void
test_answer_too_long(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	struct buf b;
	char key[KEY_SIZE];
	msgid_key(SLICE("1@example.org"), key);
	buf_init(&b, BUF_NO_LIMIT);
	buf_puts(&b, POST("1", "x"));
	while (b.n < 55000)
		buf_puts(&b, "words and words and words and words and words and words\n");
	listsite_file(s, arena_printf(s->a, "html/dc/m/%s/raw", key), buf_slice(&b));
	buf_clear(&b);
	for (int i = 0; i < 12; i++)
		buf_printf(&b, "get %s\n", key);
	const char *t = ask(s, EVE, "", buf_str(&b));
	assert_contains(t, "The answer was too long for one mail and ends here.");
	assert_true(strlen(t) < 600000);
	buf_free(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_subject_or_body),
	    TEST(test_what_is_nobodys_words),
	    TEST(test_programs_that_write_html),
	    TEST(test_unknown_lines),
	    TEST(test_too_many),
	    TEST(test_end),
	    TEST(test_never_to_machines),
	    TEST(test_answers_a_day),
	    TEST(test_site),
	    TEST(test_which_and_status),
	    TEST(test_languages),
	    TEST(test_a_change_asks_first),
	    TEST(test_a_vouched_change_is_done),
	    TEST(test_subscribe_and_unsubscribe),
	    TEST(test_confirm),
	    TEST(test_moderators_only),
	    TEST(test_moderators_commands),
	    TEST(test_archive),
	    TEST(test_archive_damaged),
	    TEST(test_answer_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
