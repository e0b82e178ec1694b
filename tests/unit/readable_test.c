/* SPDX-License-Identifier: GPL-2.0-or-later */
/* readable: which parts are the body, which are attachments, and the whole text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "mail/readable.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

#define MULTI(type, b) "Content-Type: multipart/" type "; boundary=" b "\n\n"
#define PART(b, type) "--" b "\nContent-Type: " type "\n"
#define END(b) "--" b "--\n"

struct mail {
	const char *what, *bytes;
	const char *parts; /* T text, H html, F forwarded, digits attachments, in order */
	const char *text;
};

static const struct mail mails[] = {
    {"plain", "Subject: x\n\nhello\n", "T", "hello\n"},
    {"no header at all", "hello\n", "T", "hello\n"},
    {"html alone", "Content-Type: text/html\n\n<p>hello<p>you", "H", "hello\n\nyou\n"},
    {"alternative: plain wins",
     MULTI("alternative", "b")
	 PART("b", "text/plain") "\nplain\n" PART("b", "text/html") "\n<p>html\n" END("b"),
     "T", "plain\n"},
    {"alternative: order does not matter",
     MULTI("alternative", "b")
	 PART("b", "text/html") "\n<p>html\n" PART("b", "text/plain") "\nplain\n" END("b"),
     "T", "plain\n"},
    {"alternative: an empty plain part loses",
     MULTI("alternative", "b")
	 PART("b", "text/plain") "\n \n\n" PART("b", "text/html") "\n<p>html\n" END("b"),
     "H", "html\n"},
    {"alternative: an excuse loses",
     MULTI("alternative", "b") PART("b", "text/plain") "\nThis mail is in HTML format.\n" PART(
	 "b", "text/html") "\n<p>Here is what I really wanted to say, which is so long that nobody "
			   "could take the"
			   " other part for it, whatever it says about its format.\n" END("b"),
     "H",
     "Here is what I really wanted to say, which is so long that nobody could take the other"
     " part for it, whatever it says about its format.\n"},
    {"alternative: talk about HTML is no excuse",
     MULTI("alternative", "b") PART("b", "text/plain") "\nDo we allow HTML?\n" PART(
	 "b", "text/html") "\n<p>Do we allow HTML?\n" END("b"),
     "T", "Do we allow HTML?\n"},
    {"alternative with a calendar",
     MULTI("alternative", "b") PART("b", "text/plain") "\nplain\n" PART(
	 "b", "text/calendar") "\nBEGIN:VCALENDAR\n" END("b"),
     "T1", "plain\n"},
    {"alternative: a text of blanks that have no width",
     MULTI("alternative", "a") PART("a", "text/plain") "\n\xc2\xa0\xe2\x80\x8b\n" PART(
	 "a", "text/html") "\n<p>words\n" END("a"),
     "H", "words\n"},
    {"alternative: a text that sends elsewhere",
     MULTI("alternative", "a") PART("a", "text/plain") "\nView this mail in your browser\n" PART(
	 "a",
	 "text/html") "\n<p>words, and many of them: one two three four five six seven eight "
		      "nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen\n" END(
			  "a"),
     "H",
     "words, and many of them: one two three four five six seven eight nine ten eleven twelve "
     "thirteen fourteen fifteen sixteen seventeen\n"},
    {"related in alternative: the picture is a file",
     MULTI("alternative", "a") PART(
	 "a", "text/plain") "\nplain\n"
			    "--a\n" MULTI("related", "r") PART("r", "text/html") "\n<p>html\n" PART(
				"r", "image/png") "Content-ID: <1>\n\nPNG\n" END("r") END("a"),
     "T1", "plain\n"},
    {"related alone: its root",
     MULTI("related", "r")
	 PART("r", "text/html") "\n<p>root\n" PART("r", "text/html") "\n<p>frame\n" END("r"),
     "H1", "root\n"},
    {"related: start names the root",
     "Content-Type: multipart/related; boundary=r; start=\"<2>\"\n\n" PART(
	 "r",
	 "text/html") "Content-ID: <1>\n\n<p>one\n" PART("r",
							 "text/html") "Content-ID: "
								      "<2>\n\n<p>two\n" END("r"),
     "1H", "two\n"},
    {"mixed: inline texts, a file between",
     MULTI("mixed", "m") PART("m", "text/plain") "\none\n" PART(
	 "m", "application/pdf") "\nPDF\n" PART("m", "text/plain") "\ntwo\n" END("m"),
     "T1T", "one\n\ntwo\n"},
    {"mixed: a text file is a file",
     MULTI("mixed", "m") PART("m", "text/plain") "\none\n" PART(
	 "m", "text/plain") "Content-Disposition: "
			    "attachment; "
			    "filename=a.txt\n\ntwo\n" PART("m", "text/csv") "\n1,2\n" END("m"),
     "T12", "one\n"},
    {"attachments of the branch that is not shown",
     MULTI("alternative", "a") PART("a", "text/plain") "\nplain\n--a\n" MULTI("mixed", "m")
	 PART("m", "text/html") "\n<p>html\n" PART("m", "application/pdf") "\nPDF\n" PART(
	     "m", "text/html") "\n<p>more\n" END("m") END("a"),
     "T1", "plain\n"},
    {"signed: the first; the signature is a file",
     MULTI("signed", "s") PART("s", "text/plain") "\nsigned\n" PART(
	 "s", "application/pgp-signature") "\nPGP\n" END("s"),
     "T1", "signed\n"},
    {"a forwarded message",
     MULTI("mixed", "m") PART("m", "text/plain") "\nsee below\n" PART(
	 "m", "message/rfc822") "\nFrom: Ann <ann@example.org>\nReceived: x\nSubject: "
				"=?utf-8?q?caf=C3=A9?=\n\ninner\n" END("m"),
     "TFT", "see below\n\nFrom: Ann <ann@example.org>\nSubject: café\n\ninner\n"},
    {"a report",
     MULTI("report", "r") PART("r", "text/plain") "\nfailed\n" PART(
	 "r",
	 "message/delivery-status") "\nReporting-MTA: dns; x\n" PART("r",
								     "text/rfc822-headers") "\nSubj"
											    "ect: "
											    "y"
											    "\n" END(
												"r"),
     "TTT", "failed\n\nReporting-MTA: dns; x\n\nSubject: y\n"},
    {"only a file", "Content-Type: application/pdf\n\nPDF\n", "1", ""},
    {"flowed", "Content-Type: text/plain; format=flowed\n\none \ntwo\n", "T", "one two\n"},
    {"flowed with delsp", "Content-Type: text/plain; format=flowed; delsp=yes\n\none \ntwo\n", "T",
     "onetwo\n"},
    {"quoted-printable latin-1",
     "Content-Type: text/plain; charset=iso-8859-1\n"
     "Content-Transfer-Encoding: quoted-printable\n\ncaf=E9\n",
     "T", "café\n"},
};

static void
test_mails(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mails); i++) {
		struct arena *a = arena_new();
		struct message m;
		struct readable_part *list;
		char parts[100] = "";
		message_parse(&m, a, slice_str(mails[i].bytes));
		size_t n = readable_parts(&m, a, &list);
		for (size_t k = 0; k < n && k < 99; k++)
			parts[k] = list[k].kind == READABLE_ATTACHMENT
				       ? (char)('0' + list[k].number)
				       : "TH?F"[list[k].kind];
		struct slice text = readable_text(&m, a);
		if (strcmp(parts, mails[i].parts) != 0 || !slice_is(text, mails[i].text))
			fail_msg("%s:\n got %s [%.*s]\nwant %s [%s]", mails[i].what, parts,
				 SLICE_ARG(text), mails[i].parts, mails[i].text);
		arena_free(a);
	}
}

/* More text than is looked at: cut, between characters. */
static void
test_limit(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct buf b;
	struct message m;
	buf_init(&b, BUF_NO_LIMIT);
	buf_puts(&b, "Content-Type: text/plain; charset=iso-8859-1\n\n");
	for (size_t i = 0; i < READABLE_MAX; i++)
		buf_puts(&b, i % 60 ? "\xe9" : "\n");
	message_parse(&m, a, buf_slice(&b));
	struct slice text = readable_text(&m, a);
	assert_true(text.n > READABLE_MAX / 2 && text.n <= READABLE_MAX);
	assert_true(utf8_valid(text));
	buf_free(&b);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_mails),
					   cmocka_unit_test(test_limit)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
