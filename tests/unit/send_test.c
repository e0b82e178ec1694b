/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header of a post as sent (INTERFACE section 6), byte for byte. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/queue.h"
#include "daemon/send.h"
#include "mail/edit.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define ANN "ann@example.org"
#define LISTS(options)                                                                             \
	"list \"dc\" { title = \"Dynamic Coalition\" nonmember-posts = \"accept\" " options " }\n"
/* The post that came of these bytes: head and body as they would go out. */
static struct outmail *
sent(void **state, const char *options, struct slice bytes)
{
	struct listsite *s = listsite_begin(
	    state, arena_printf(((struct listsite *)*state)->a, LISTS("%s"), options));
	listsite_member(s, "dc", ANN);
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\n", bytes);
	listsite_run(s);
	assert_int_equal(listsite_count(s), 1);
	struct outmail *m = listsite_nth(s, 0);
	assert_string_equal(m->kind, "post");
	return m;
}

static void
assert_bytes(struct slice have, struct slice want)
{
	if (!slice_eq(have, want))
		print_error("have:\n%.*s\nwant:\n%.*s\n", SLICE_ARG(have), SLICE_ARG(want));
	assert_true(slice_eq(have, want));
}

static const char *
key_of(const char *msgid)
{
	static char key[KEY_SIZE];
	msgid_key(slice_str(msgid), key);
	return key;
}

static void
test_exactly(void **state)
{
	struct outmail *m =
	    sent(state, "",
		 SLICE("Return-Path: <old@example.org>\r\n"
		       "DKIM-Signature: v=1; d=example.org;\r\n\tb=abc\r\n =\r\n"
		       "Delivered-To: someone\r\n"
		       "X-Original-To: someone\r\n"
		       "From: Ann <" ANN ">\r\n"
		       "Bcc: secret@example.org\r\n"
		       "List-Unsubscribe: <https://elsewhere.example/u>,\r\n <mailto:x@y>\r\n"
		       "LIST-ID: <other.example>\r\n"
		       "list-unsubscribe-post: x\r\n"
		       "Archived-At: <https://elsewhere.example/1>\r\n"
		       "Precedence: bulk\r\n"
		       "Errors-To: someone\r\n"
		       "Disposition-Notification-To: " ANN "\r\n"
		       "Return-Receipt-To: " ANN "\r\n"
		       "X-Custom:   kept  as it   came  \r\n"
		       "Subject:\r\n  folded\r\n\tsubject\r\n"
		       "To: " LIST "\r\nMessage-ID: <m@example.org>\r\n"
		       "Sender: assistant@example.org\r\n"
		       "Listless: not a list field\r\n"
		       "MIME-Version: 1.0\r\n"
		       "\r\n"
		       "Dear all,\r\n\r\n.dot\r\n-- \r\nAnn\r\n"));
	char want[4096];
	snprintf(want, sizeof(want),
		 "List-Id: Dynamic Coalition <dc." DOMAIN ">\r\n"
		 "List-Post: <mailto:dc@" DOMAIN ">\r\n"
		 "List-Help: <mailto:dc-help@" DOMAIN ">\r\n"
		 "List-Subscribe: <mailto:dc-subscribe@" DOMAIN ">\r\n"
		 "List-Owner: <mailto:dc-owner@" DOMAIN ">\r\n"
		 "List-Archive: <" URL "/dc/>\r\n"
		 "Precedence: list\r\n"
		 "Archived-At: <" URL "/dc/m/%s/>\r\n"
		 "DKIM-Signature: v=1; d=example.org;\r\n\tb=abc\r\n =\r\n"
		 "From: Ann <" ANN ">\r\n"
		 "X-Custom:   kept  as it   came  \r\n"
		 "Subject:\r\n  folded\r\n\tsubject\r\n"
		 "To: " LIST "\r\nMessage-ID: <m@example.org>\r\n"
		 "Sender: assistant@example.org\r\n"
		 "Listless: not a list field\r\n"
		 "MIME-Version: 1.0\r\n"
		 "\r\n",
		 key_of("m@example.org"));
	assert_bytes(m->head, slice_str(want));
	assert_bytes(m->body, SLICE("Dear all,\r\n\r\n.dot\r\n-- \r\nAnn\r\n"));
}

/* An mbox's line ends: what is added has them too. */
static void
test_lf(void **state)
{
	struct outmail *m =
	    sent(state, "",
		 SLICE("From: " ANN "\nTo: " LIST "\nMessage-ID: <m@example.org>\n\nWords.\n"));
	assert_true(slice_find_char(m->head, '\r') == m->head.n);
	assert_true(slice_starts(m->head, SLICE("List-Id: Dynamic Coalition <dc." DOMAIN ">\n")));
	assert_true(slice_ends_ci(
	    m->head, SLICE("From: " ANN "\nTo: " LIST "\nMessage-ID: <m@example.org>\n\n")));
	assert_bytes(m->body, SLICE("Words.\n"));
}

static void
test_no_message_id(void **state)
{
	struct outmail *m =
	    sent(state, "", SLICE("From: " ANN "\r\nTo: " LIST "\r\n\r\nWords.\r\n"));
	struct slice id = outmail_field(m, "Message-ID"), at = outmail_field(m, "Archived-At");
	assert_true(slice_starts(id, SLICE("<generated-")));
	assert_true(slice_ends_ci(id, SLICE("@" DOMAIN ">")));
	assert_int_equal(id.n, strlen("<generated-") + 32 + strlen("@" DOMAIN ">"));
	char key[KEY_SIZE];
	msgid_key(slice_sub(id, 1, id.n - 2), key);
	assert_true(slice_find(at, slice_str(key)) < at.n);
}

static void
test_empty_body_and_no_end(void **state)
{
	struct outmail *m =
	    sent(state, "", SLICE("From: " ANN "\r\nTo: " LIST "\r\nMessage-ID: <m@example.org>"));
	assert_true(
	    slice_ends_ci(m->head, SLICE("To: " LIST "\r\nMessage-ID: <m@example.org>\r\n\r\n")));
	assert_int_equal(m->body.n, 0);
}

/* 8-bit bytes stay as they are, and the relay is told. */
static void
test_eight_bit(void **state)
{
	struct outmail *m = sent(state, "",
				 SLICE("From: " ANN "\r\nTo: " LIST
				       "\r\nMessage-ID: <m@example.org>\r\nSubject: h\xf6"
				       "flich\r\n\r\nGr\xfc\xdf"
				       "e\0.\r\n"));
	assert_true(slice_find(m->head, SLICE("Subject: h\xf6"
					      "flich\r\n")) < m->head.n);
	assert_bytes(m->body, SLICE("Gr\xfc\xdf"
				    "e\0.\r\n"));
	assert_int_equal(m->flags, QUEUE_8BIT);
}

static void
test_flags(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS(""));
	listsite_member(s, "dc", ANN);
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\n",
		     SLICE("From: " ANN "\r\nTo: " LIST "\r\nMessage-ID: <1@x>\r\n\r\nplain\r\n"));
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\nbody: 8bit\n",
		     SLICE("From: " ANN "\r\nTo: " LIST "\r\nMessage-ID: <2@x>\r\n\r\nplain\r\n"));
	listsite_put(s, "from: jos\xc3\xa9@example.org\nrcpt: " LIST "\nutf8: yes\nbody: 8bit\n",
		     SLICE("From: jos\xc3\xa9@example.org\r\nTo: " LIST
			   "\r\nMessage-ID: <3@x>\r\n\r\nplain\r\n"));
	listsite_run(s);
	assert_int_equal(listsite_nth(s, 0)->flags, 0);
	assert_int_equal(listsite_nth(s, 1)->flags, QUEUE_8BIT);
	assert_int_equal(listsite_nth(s, 2)->flags, QUEUE_8BIT | QUEUE_UTF8);
}

/* Nothing from a sender can end the header, add a field or take one of ours away. */
static void
test_hostile_names(void **state)
{
	struct outmail *m =
	    sent(state, "subject-prefix = \"[DC]\" rewrite-from = \"always\"",
		 SLICE("From: =?utf-8?Q?Eve=0D=0ABcc:_x=40y=0D=0A=0D=0Abody?= <" ANN ">\r\n"
		       "To: " LIST "\r\nMessage-ID: <m>\r\n"
		       "Subject: =?utf-8?Q?a=0D=0AX-Evil:_1=0D=0A=0D=0Abody?=\r\n"
		       "List-: empty suffix\r\n"
		       "List-Id : blank before the colon\r\n"
		       "precedence:\r\n"
		       "\r\n"
		       "Words.\r\n"));
	assert_int_equal(outmail_fields(m, "Bcc"), 0);
	assert_int_equal(outmail_fields(m, "X-Evil"), 0);
	assert_int_equal(outmail_fields(m, "Precedence"), 1);
	assert_int_equal(outmail_fields(m, "List-"), 0);
	assert_int_equal(outmail_fields(m, "List-Id"), 1);
	assert_int_equal(outmail_fields(m, "From"), 1);
	assert_string_equal(m->from, LIST);
	assert_bytes(m->body, SLICE("Words.\r\n"));
	/* The empty line stands once: at the end. */
	assert_true(slice_find(m->head, SLICE("\r\n\r\n")) == m->head.n - 4);
}

static void
test_broken_header(void **state)
{
	struct outmail *m =
	    sent(state, "",
		 SLICE("From: " ANN "\r\nTo: " LIST "\r\nMessage-ID: <m@example.org>\r\n"
		       "this line is no field\r\nList-Id: <in.the.body>\r\n"));
	/* What ends a header ends it for everyone; from there on it is the author's text. */
	assert_true(slice_find(m->head, SLICE("no field")) == m->head.n);
	assert_bytes(m->body, SLICE("this line is no field\r\nList-Id: <in.the.body>\r\n"));
}

/* --- what settings ask for ------------------------------------------------------------------ */

static const char *
subject_of(void **state, const char *subject)
{
	static int counter;
	struct listsite *s = *state;
	if (!s->conf) {
		listsite_begin(state, LISTS("subject-prefix = \"[DC]\""));
		listsite_member(s, "dc", ANN);
	}
	const char *bytes = arena_printf(
	    s->a, "From: " ANN "\r\nTo: " LIST "\r\nMessage-ID: <%d@x>\r\n%s\r\nWords.\r\n",
	    counter++, subject);
	listsite_forget(s);
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\n", slice_str(bytes));
	listsite_run(s);
	return listsite_nth(s, 0)->subject;
}

static void
test_subject_prefix(void **state)
{
	assert_string_equal(subject_of(state, "Subject: Agenda\r\n"), "[DC] Agenda");
	assert_string_equal(subject_of(state, "Subject: Re: [DC] Agenda\r\n"), "Re: [DC] Agenda");
	assert_string_equal(subject_of(state, "Subject: re: [dc] agenda\r\n"), "re: [dc] agenda");
	assert_string_equal(subject_of(state, "Subject: Re: Agenda\r\n"), "[DC] Re: Agenda");
	assert_string_equal(subject_of(state, "Subject: =?utf-8?Q?R=C3=A9union?=\r\n"),
			    "[DC] Réunion");
	assert_string_equal(subject_of(state, "Subject: r\xe9union\r\n"), "[DC] réunion");
	assert_string_equal(subject_of(state, ""), "");
	const char *text = "A very long subject that has to be folded because it goes on and on "
			   "and on until no screen is wide enough for it";
	struct listsite *s = *state;
	assert_string_equal(subject_of(state, arena_printf(s->a, "Subject: %s\r\n", text)),
			    arena_printf(s->a, "[DC] %s", text));
	struct slice rest = listsite_nth(s, 0)->head, line;
	while (slice_next_line(&rest, &line))
		if (line.n > 78 && !slice_starts(line, SLICE("Archived-At:")))
			fail_msg("%.*s", SLICE_ARG(line));
}

static void
test_reply_to_list(void **state)
{
	struct outmail *m =
	    sent(state, "reply-to = \"list\"",
		 SLICE("From: " ANN "\r\nReply-To: elsewhere@example.org\r\nReply-To: twice@x\r\n"
		       "To: " LIST "\r\nMessage-ID: <m@example.org>\r\n\r\nx\r\n"));
	assert_bytes(outmail_field(m, "Reply-To"), SLICE("<" LIST ">"));
}

static void
test_reply_to_author(void **state)
{
	struct outmail *m = sent(state, "reply-to = \"author\"",
				 SLICE("From: " ANN "\r\nReply-To: elsewhere@example.org\r\n"
				       "To: " LIST "\r\nMessage-ID: <m@example.org>\r\n\r\nx\r\n"));
	assert_bytes(outmail_field(m, "Reply-To"), SLICE("elsewhere@example.org"));
}

static void
test_rewrite_from(void **state)
{
	struct outmail *m =
	    sent(state, "rewrite-from = \"always\"",
		 SLICE("X-First: 1\r\n"
		       "From: =?utf-8?Q?Ren=C3=A9e?= <" ANN ">\r\n"
		       "X-Last: 1\r\nTo: " LIST "\r\nMessage-ID: <m@example.org>\r\n\r\nx\r\n"));
	struct slice from = outmail_field(m, "From"), reply = outmail_field(m, "Reply-To");
	struct listsite *s = *state;
	struct address a;
	assert_true(address_parse_first(s->a, from, &a));
	assert_true(slice_is(a.name, "Renée via dc"));
	assert_true(slice_is(a.text, LIST));
	assert_true(address_parse_first(s->a, reply, &a));
	assert_true(slice_is(a.name, "Renée"));
	assert_true(slice_is(a.text, ANN));
	/* In its place: a signature over the other fields finds them in their order. */
	assert_true(slice_find(m->head, SLICE("X-First: 1\r\nFrom:")) < m->head.n);
	/* The archive's copy is the author's. */
	struct slice stored;
	const char *path = conf_path(s->conf, s->a, "feed/dc/new/%s", m->spool);
	FILE *f = fopen(path, "r");
	char bytes[1000];
	assert_non_null(f);
	stored = slice_make(bytes, fread(bytes, 1, sizeof(bytes), f));
	fclose(f);
	assert_true(slice_find(stored, SLICE("From: =?utf-8?Q?Ren=C3=A9e?= <" ANN ">")) < stored.n);
}

static void
test_rewrite_from_without_name(void **state)
{
	struct outmail *m = sent(
	    state, "rewrite-from = \"always\" reply-to = \"list\"",
	    SLICE("From: " ANN "\r\nTo: " LIST "\r\nMessage-ID: <m@example.org>\r\n\r\nx\r\n"));
	assert_bytes(outmail_field(m, "From"), SLICE("ann via dc <" LIST ">"));
	assert_bytes(outmail_field(m, "Reply-To"), SLICE("<" LIST ">,\r\n <" ANN ">"));
}

/* A title of any text is a good List-Id. */
static void
test_list_id(void **state)
{
	struct listsite *s =
	    listsite_begin(state, "list \"dc\" { title = \"Coalition: Ünï, <code> \\\"& more\\\"\" "
				  "nonmember-posts = \"accept\" }\n");
	listsite_member(s, "dc", ANN);
	listsite_send(s, ANN, LIST, "", "x\n");
	struct slice id = outmail_field(listsite_nth(s, 0), "List-Id");
	assert_true(slice_ends_ci(id, SLICE("<dc." DOMAIN ">")));
	for (size_t i = 0; i < id.n; i++)
		assert_true((unsigned char)id.p[i] < 0x80);
}

static void
test_shared_copies(void **state)
{
	assert_string_equal(
	    sent(state, "copies = \"shared\"",
		 SLICE("From: " ANN "\r\nTo: " LIST "\r\nMessage-ID: <m@x>\r\n\r\nx\r\n"))
		->copies,
	    "shared");
}

/* --- each recipient's own ------------------------------------------------------------------- */

static void
test_personal(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS(""));
	struct buf lines, path;
	uint64_t payload;
	int64_t day = s->now / 86400;
	buf_init(&lines, BUF_NO_LIMIT);
	buf_init(&path, BUF_NO_LIMIT);
	send_personal(s->conf, s->site.keys, "dc", 7, 65539, s->now, &lines, &path);
	const char *leave = listsite_token(s, "leave", 7 << 16 | (uint64_t)day);
	const char *bounce = listsite_token(s, "bounce", 7 << 16 | 3);
	assert_string_equal(buf_str(&path), arena_printf(s->a, "dc-bounces+%s@" DOMAIN, bounce));
	assert_string_equal(buf_str(&lines),
			    arena_printf(s->a,
					 "List-Unsubscribe: <" URL "/u/%s>,\r\n"
					 " <mailto:dc-unsubscribe+%s@" DOMAIN ">\r\n"
					 "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
					 leave, leave));
	assert_true(token_check(s->site.keys, "leave", "", slice_str(leave), &payload));
	assert_false(token_check(s->site.keys, "bounce", "", slice_str(leave), &payload));
	buf_clear(&lines);
	buf_clear(&path);
	/* A list's longest name: a local part has 64 bytes at most (RFC 5321 4.5.3.1.1). */
	const char *long_name = "a-list-with-a-name-of-fifty-bytes-which-is-allowed";
	send_personal(s->conf, s->site.keys, long_name, 7, 1, s->now, &lines, &path);
	assert_true(slice_starts(buf_slice(&path), SLICE("plenary-bounces+")));
	assert_contains(buf_str(&lines), "<mailto:plenary-unsubscribe+");
	buf_clear(&lines);
	buf_clear(&path);
	send_personal(s->conf, s->site.keys, "dc", 0, 1, s->now, &lines, &path);
	assert_string_equal(buf_str(&lines),
			    "List-Unsubscribe: <mailto:dc-unsubscribe@" DOMAIN ">\r\n");
	buf_free(&lines);
	buf_free(&path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_exactly),
	    TEST(test_lf),
	    TEST(test_no_message_id),
	    TEST(test_empty_body_and_no_end),
	    TEST(test_eight_bit),
	    TEST(test_flags),
	    TEST(test_hostile_names),
	    TEST(test_broken_header),
	    TEST(test_subject_prefix),
	    TEST(test_reply_to_list),
	    TEST(test_reply_to_author),
	    TEST(test_rewrite_from),
	    TEST(test_rewrite_from_without_name),
	    TEST(test_list_id),
	    TEST(test_shared_copies),
	    TEST(test_personal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
