/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session by scripted dialogues: what goes in, which replies come out, what is kept. Each is
 * run whole, byte by byte, and cut in two at every position; all runs must agree.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "mail/envelope.h"
#include "tests/unit/sessions.h"

#define AT "@lists.example.org"
#define HI "LHLO me\r\n"
#define EHLO "EHLO me\r\n"
#define FROM "MAIL FROM:<ann@example.com>\r\n"
#define TO "RCPT TO:<dc" AT ">\r\n"
#define SMALL "RCPT TO:<small" AT ">\r\n"
#define NEWS "RCPT TO:<dc-news" AT ">\r\n"
#define LARGE "RCPT TO:<large" AT ">\r\n"
#define MSG "Subject: x\r\n\r\nbody\r\n"
#define END ".\r\n"
#define QUIT "QUIT\r\n"
#define OPEN HI FROM TO "DATA\r\n" /* up to the message */

#define ENV "from: ann@example.com\nvia: lmtp\npeer: 192.0.2.1\nreceived: 0000000000000\n"
#define SMTP_ENV "from: ann@example.com\nvia: smtp\npeer: 192.0.2.1\nreceived: 0000000000000\n"
#define RCPT_DC "rcpt: dc" AT "\n"

static struct token_keys *keys;
static char leave_token[TOKEN_SIZE], ticket_token[TOKEN_SIZE];

static const struct dialogue {
	const char *name;
	enum session_kind kind;
	const char *in;
	const char *replies; /* codes, with enhanced ones, after the greeting */
	const char *kept;
} dialogues[] = {
    {"a post", SESSION_LMTP, OPEN MSG END QUIT, "250 250/2.1.0 250/2.1.5 354 250/2.0.0 221/2.0.0",
     ENV RCPT_DC "\n" MSG},
    {"by SMTP", SESSION_SMTP, EHLO FROM TO "DATA\r\n" MSG END QUIT,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0 221/2.0.0", SMTP_ENV RCPT_DC "\n" MSG},
    {"HELO", SESSION_SMTP, "HELO me\r\n" FROM TO "DATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0", SMTP_ENV RCPT_DC "\n" MSG},
    {"any case", SESSION_LMTP,
     "lhlo me\r\nmail from:<ann@EXAMPLE.com>\r\nrcpt to:<DC@Lists.Example.Org>\r\ndata\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0", ENV "rcpt: DC" AT "\n\n" MSG},
    {"a reply a recipient in LMTP", SESSION_LMTP, HI FROM TO NEWS LARGE "DATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 250/2.1.5 250/2.1.5 354 250/2.0.0 250/2.0.0 250/2.0.0",
     ENV RCPT_DC "rcpt: dc-news" AT "\nrcpt: large" AT "\n\n" MSG},
    {"one reply in SMTP", SESSION_SMTP, EHLO FROM TO NEWS "DATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 250/2.1.5 354 250/2.0.0",
     SMTP_ENV RCPT_DC "rcpt: dc-news" AT "\n\n" MSG},
    {"twice the same recipient", SESSION_LMTP, HI FROM TO TO "DATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 250/2.1.5 354 250/2.0.0 250/2.0.0", ENV RCPT_DC "\n" MSG},
    {"null return path", SESSION_LMTP, HI "MAIL FROM:<>\r\n" TO "DATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0",
     "from: \nvia: lmtp\npeer: 192.0.2.1\nreceived: 0000000000000\n" RCPT_DC "\n" MSG},
    {"source route", SESSION_LMTP,
     HI "MAIL FROM:<@a,@b:ann@example.com>\r\nRCPT TO:<@x.example:dc" AT ">\r\nDATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0", ENV RCPT_DC "\n" MSG},
    {"quoted local part", SESSION_LMTP, HI FROM "RCPT TO:<\"d\\c\"" AT ">\r\nDATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0", ENV RCPT_DC "\n" MSG},
    {"parameters", SESSION_LMTP,
     HI "MAIL FROM:<ann@example.com> SIZE=30 BODY=8BITMIME SMTPUTF8\r\n" TO "DATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0", ENV "utf8: yes\nbody: 8bit\n" RCPT_DC "\n" MSG},
    {"BODY=7BIT", SESSION_LMTP, HI "MAIL FROM:<ann@example.com> body=7bit\r\nRSET\r\n",
     "250 250/2.1.0 250/2.0.0", ""},
    {"wrong parameters", SESSION_LMTP,
     HI "MAIL FROM:<a@b.c> SIZE=\r\nMAIL FROM:<a@b.c> SIZE=x\r\nMAIL FROM:<a@b.c> SIZE=-1\r\n"
	"MAIL FROM:<a@b.c> BODY=BINARYMIME\r\nMAIL FROM:<a@b.c> SMTPUTF8=1\r\n"
	"MAIL FROM:<a@b.c> RET=FULL\r\nMAIL FROM:<a@b.c>SIZE=1\r\n" FROM "RCPT TO:<dc" AT
	"> NOTIFY=NEVER\r\n",
     "250 501/5.5.4 501/5.5.4 501/5.5.4 501/5.5.4 501/5.5.4 555/5.5.4 501/5.5.4 250/2.1.0 "
     "555/5.5.4",
     ""},
    {"bad addresses", SESSION_LMTP,
     HI "MAIL FROM:ann@example.com\r\nMAIL FROM:<ann>\r\nMAIL FROM:<a b@c.d>\r\n"
	"MAIL FROM:<a@b@c>\r\nMAIL TO:<a@b.c>\r\nMAIL\r\n" FROM
	"RCPT TO:<>\r\nRCPT TO:<dc>\r\nRCPT FROM:<a@b.c>\r\nRCPT TO:<dc" AT "\r\n",
     "250 501/5.5.4 501/5.1.7 501/5.1.7 501/5.1.7 501/5.5.4 501/5.5.4 250/2.1.0 501/5.1.3 "
     "501/5.1.3 501/5.5.4 501/5.5.4",
     ""},
    {"UTF-8 addresses", SESSION_LMTP,
     HI "MAIL FROM:<j\303\266@b.c>\r\nMAIL FROM:<j\303@b.c> SMTPUTF8\r\n" FROM
	"RCPT TO:<j\303\266" AT ">\r\nRSET\r\nMAIL FROM:<j\303\266@b.c> SMTPUTF8\r\n" TO
	"DATA\r\n" MSG END,
     "250 553/5.6.7 501/5.1.7 250/2.1.0 553/5.6.7 250/2.0.0 250/2.1.0 250/2.1.5 354 250/2.0.0",
     "from: j\303\266@b.c\nvia: lmtp\npeer: 192.0.2.1\nreceived: 0000000000000\nutf8: "
     "yes\n" RCPT_DC "\n" MSG},
    {"who does not exist", SESSION_LMTP,
     HI FROM "RCPT TO:<nobody" AT ">\r\nRCPT TO:<dc-nothing" AT ">\r\nRCPT TO:<a@example.com>\r\n"
	     "RCPT TO:<dc@sub.lists.example.org>\r\nRCPT TO:<dc-confirm" AT ">\r\n"
	     "RCPT TO:<dc-news-appeal" AT ">\r\nRCPT TO:<dc-appeal" AT ">\r\n"
	     "RCPT TO:<dc-confirm+aaaaaaaaaaaaaaaaaaaaaaaaaa" AT ">\r\n",
     "250 250/2.1.0 550/5.1.1 550/5.1.1 550/5.7.1 550/5.7.1 550/5.1.1 550/5.7.1 250/2.1.5 "
     "550/5.1.1",
     ""},
    {"postmaster", SESSION_LMTP,
     HI FROM "RCPT TO:<Postmaster>\r\nRCPT TO:<POSTMASTER" AT ">\r\nDATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 250/2.1.5 354 250/2.0.0 250/2.0.0",
     ENV "rcpt: postmaster\nrcpt: POSTMASTER" AT "\n\n" MSG},
    {"the site", SESSION_LMTP,
     HI FROM "RCPT TO:<plenary" AT ">\r\nRCPT TO:<plenary-help" AT ">\r\n",
     "250 250/2.1.0 250/2.1.5 550/5.1.1", ""},
    {"out of sequence", SESSION_LMTP,
     FROM TO "DATA\r\n" HI TO "DATA\r\n" FROM FROM "DATA\r\n" TO "LHLO again\r\n" TO
	     "RSET\r\nRSET\r\n",
     "503/5.5.1 503/5.5.1 503/5.5.1 250 503/5.5.1 503/5.5.1 250/2.1.0 503/5.5.1 503/5.5.1 "
     "250/2.1.5 250 503/5.5.1 250/2.0.0 250/2.0.0",
     ""},
    {"no recipient was taken", SESSION_LMTP,
     HI FROM "RCPT TO:<x" AT ">\r\nDATA\r\n" TO "DATA x\r\n",
     "250 250/2.1.0 550/5.1.1 503/5.5.1 250/2.1.5 501/5.5.4", ""},
    {"LMTP refuses EHLO and HELO", SESSION_LMTP, EHLO "HELO me\r\nLHLO\r\n" FROM,
     "500/5.5.1 500/5.5.1 501/5.5.4 503/5.5.1", ""},
    {"SMTP refuses LHLO", SESSION_SMTP, HI "EHLO\r\nHELO\r\n" FROM,
     "500/5.5.1 501/5.5.4 501/5.5.4 503/5.5.1", ""},
    {"the small verbs", SESSION_SMTP,
     "NOOP\r\nNOOP x\r\nHELP\r\nHELP MAIL\r\nVRFY dc\r\nVRFY\r\nEXPN dc\r\nSTARTTLS\r\nXYZ\r\n\r\n"
     "RSET\r\n" FROM,
     "250/2.0.0 250/2.0.0 214/2.0.0 214/2.0.0 252/2.1.5 501/5.5.4 502/5.5.1 502/5.5.1 500/5.5.1 "
     "500/5.5.1 250/2.0.0 503/5.5.1",
     ""},
    {"after QUIT", SESSION_SMTP, QUIT EHLO FROM, "221/2.0.0", ""},
    {"a browser", SESSION_SMTP, "GET / HTTP/1.1\r\nHost: x\r\n\r\n" EHLO, "421/4.7.0", ""},
    {"commands in strict lines", SESSION_SMTP, "EHLO me\nNOOP\r\nNO\rOP\r\nNOOP\x01\r\n",
     "500/5.5.2 250/2.0.0 500/5.5.2 500/5.5.2", ""},
    {"RSET drops a transaction", SESSION_LMTP,
     HI FROM TO "RSET\r\nDATA\r\n" FROM NEWS "DATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 250/2.0.0 503/5.5.1 250/2.1.0 250/2.1.5 354 250/2.0.0",
     ENV "rcpt: dc-news" AT "\n\n" MSG},
    {"two in one session", SESSION_LMTP,
     OPEN MSG END FROM NEWS "DATA\r\n"
			    "two\r\n" END QUIT,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0 250/2.1.0 250/2.1.5 354 250/2.0.0 221/2.0.0",
     ENV RCPT_DC "\n" MSG ENV "rcpt: dc-news" AT "\n\ntwo\r\n"},
    {"empty message", SESSION_LMTP, OPEN END, "250 250/2.1.0 250/2.1.5 354 250/2.0.0",
     ENV RCPT_DC "\n"},
    {"dots", SESSION_LMTP, OPEN "..\r\n...x\r\n.y\r\na.\r\n" END,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0", ENV RCPT_DC "\n.\r\n..x\r\ny\r\na.\r\n"},
    {"commands in a message", SESSION_LMTP, OPEN QUIT FROM TO "DATA\r\n" END,
     "250 250/2.1.0 250/2.1.5 354 250/2.0.0", ENV RCPT_DC "\n" QUIT FROM TO "DATA\r\n"},
    {"hung up in DATA", SESSION_LMTP, OPEN MSG, "250 250/2.1.0 250/2.1.5 354", ""},
    /* Smuggling: each must be one message, refused, and what seems to follow is no command. */
    {"LF . LF", SESSION_LMTP, OPEN "a\n.\nMAIL FROM:<x@y.z>\r\n" END,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11", ""},
    {"LF . CR LF", SESSION_LMTP, OPEN "a\n.\r\nMAIL FROM:<x@y.z>\r\n" END,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11", ""},
    {"CR LF . LF", SESSION_LMTP, OPEN "a\r\n.\nMAIL FROM:<x@y.z>\r\n" END,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11", ""},
    {"CR LF . CR", SESSION_LMTP, OPEN "a\r\n.\rMAIL FROM:<x@y.z>\r\n" END,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11", ""},
    {"CR . CR", SESSION_LMTP, OPEN "a\r.\rMAIL FROM:<x@y.z>\r\n" END,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11", ""},
    {"CR . CR LF", SESSION_LMTP, OPEN "a\r.\r\nMAIL FROM:<x@y.z>\r\n" END,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11", ""},
    {"CR CR LF . CR LF", SESSION_LMTP, OPEN "a\r\r\n.\r\n" QUIT,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11 221/2.0.0", ""},
    {"CR LF . CR CR LF", SESSION_LMTP, OPEN "a\r\n.\r\r\nb\r\n" END QUIT,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11 221/2.0.0", ""},
    {". LF first", SESSION_LMTP, OPEN ".\nb\r\n" END QUIT,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11 221/2.0.0", ""},
    {"a LF in the header", SESSION_LMTP, OPEN "Subject: a\nX: y\r\n\r\n" END QUIT,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11 221/2.0.0", ""},
    {"the next one is fine", SESSION_LMTP, OPEN "a\nb\r\n" END FROM TO "DATA\r\n" MSG END,
     "250 250/2.1.0 250/2.1.5 354 554/5.6.11 250/2.1.0 250/2.1.5 354 250/2.0.0",
     ENV RCPT_DC "\n" MSG},
    {"bare, for each recipient", SESSION_LMTP, HI FROM TO NEWS "DATA\r\na\nb\r\n" END,
     "250 250/2.1.0 250/2.1.5 250/2.1.5 354 554/5.6.11 554/5.6.11", ""},
};

static struct slice
codes(struct slice out, struct buf *b)
{
	struct slice line, word;

	while (slice_next_line(&out, &line)) {
		if (line.n < 4 || line.p[3] == '-')
			continue;
		if (b->n > 0)
			buf_putc(b, ' ');
		buf_put(b, line.p, 3);
		line = slice_from(line, 4);
		if (slice_next_word(&line, &word) && word.n >= 5 && word.p[1] == '.' &&
		    word.p[0] >= '2' && word.p[0] <= '5' && word.p[3] == '.') {
			buf_putc(b, '/');
			buf_put_slice(b, word);
		}
	}
	return buf_slice(b);
}

/* The whole input in pieces of `step` bytes, or cut once at `cut`. */
static void
run(struct sessions *t, enum session_kind kind, struct slice in, size_t cut, size_t step)
{
	sessions_begin(t, kind, keys);
	if (cut > 0) {
		sessions_feed(t, slice_sub(in, 0, cut));
		sessions_feed(t, slice_from(in, cut));
	}
	for (size_t at = 0; cut == 0 && at < in.n; at += step)
		sessions_feed(t, slice_sub(in, at, step));
	sessions_end(t);
}

static void
assert_same(const char *what, const char *name, struct slice want, struct slice got)
{
	if (slice_eq(want, got))
		return;
	fail_msg("%s: %s\n--- want\n%.*s\n--- got\n%.*s", name, what, SLICE_ARG(want),
		 SLICE_ARG(got));
}

static void
expect_codes(const char *name, struct sessions *t, const char *want)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	assert_same("replies", name, slice_str(want), codes(buf_slice(&t->out), &b));
	buf_free(&b);
}

static void
test_dialogues(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dialogues / sizeof *dialogues; i++) {
		const struct dialogue *d = &dialogues[i];
		struct slice in = slice_str(d->in);
		struct sessions whole, cut;
		char want[1000];

		run(&whole, d->kind, in, 0, in.n);
		snprintf(want, sizeof want, "220 %s", d->replies);
		expect_codes(d->name, &whole, want);
		assert_same("kept", d->name, slice_str(d->kept), buf_slice(&whole.kept));
		for (size_t at = 0; at <= in.n; at++) {
			/* at == 0: byte by byte */
			run(&cut, d->kind, in, at, 1);
			assert_same("replies when cut", d->name, buf_slice(&whole.out),
				    buf_slice(&cut.out));
			assert_same("kept when cut", d->name, buf_slice(&whole.kept),
				    buf_slice(&cut.kept));
			sessions_free(&cut);
		}
		sessions_free(&whole);
	}
}

/* --- what needs more than a table ----------------------------------------------------------- */

static void
feed(struct sessions *t, const char *text)
{
	sessions_feed(t, slice_str(text));
}

static void
feed_n(struct sessions *t, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		feed(t, text);
}

static size_t
count(struct slice s, const char *needle)
{
	size_t n = 0, at;
	struct slice what = slice_str(needle);

	while ((at = slice_find(s, what)) < s.n) {
		n++;
		s = slice_from(s, at + what.n);
	}
	return n;
}

static size_t
said(const struct sessions *t, const char *needle)
{
	return count(buf_slice(&t->out), needle);
}

static void
done(struct sessions *t)
{
	sessions_end(t);
	sessions_free(t);
}

static void
test_greeting(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, HI);
	assert_same("hello", "lmtp",
		    SLICE("220 lists.example.org LMTP Plenary\r\n250-lists.example.org\r\n"
			  "250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n"
			  "250-SMTPUTF8\r\n250 SIZE 8000\r\n"),
		    buf_slice(&t.out));
	done(&t);
	sessions_begin(&t, SESSION_SMTP, keys);
	feed(&t, "HELO me\r\n");
	assert_same("hello", "smtp",
		    SLICE("220 lists.example.org ESMTP Plenary\r\n250 lists.example.org\r\n"),
		    buf_slice(&t.out));
	done(&t);
}

static void
test_line_limit(void **state)
{
	(void)state;
	for (int over = -1; over <= 1; over++) {
		for (int cut = 0; cut < 2; cut++) {
			size_t n = (size_t)(SESSION_LINE_MAX + over);
			struct sessions t;
			struct buf line;

			buf_init(&line, BUF_NO_LIMIT);
			buf_puts(&line, "NOOP ");
			while (line.n < n)
				buf_putc(&line, 'x');
			buf_puts(&line, "\r\n");
			sessions_begin(&t, SESSION_SMTP, keys);
			for (size_t at = 0; at < line.n; at += cut ? 1 : line.n)
				sessions_feed(&t,
					      slice_sub(buf_slice(&line), at, cut ? 1 : line.n));
			feed(&t, "NOOP\r\n");
			expect_codes("line", &t,
				     over > 0 ? "220 500/5.5.6 250/2.0.0"
					      : "220 250/2.0.0 250/2.0.0");
			done(&t);
			buf_free(&line);
		}
	}
}

/* A line without end is one error, and no memory. */
static void
test_endless_line(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_SMTP, keys);
	feed_n(&t, "0123456789abcdef", 10000);
	assert_true(t.rest.n <= SESSION_LINE_MAX + 1);
	feed(&t, "\r\nNOOP\r\n");
	expect_codes("endless", &t, "220 500/5.5.6 250/2.0.0");
	done(&t);
}

static void
test_recipient_limit(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, HI FROM);
	feed_n(&t, TO, SESSION_RECIPIENTS_MAX - 1);
	feed(&t, NEWS);
	assert_int_equal(said(&t, "250 2.1.5"), SESSION_RECIPIENTS_MAX);
	assert_int_equal(said(&t, "452 4.5.3"), 0);
	feed_n(&t, TO, 30);
	assert_int_equal(said(&t, "452 4.5.3"), 30);
	feed(&t, "DATA\r\n" MSG END);
	assert_int_equal(said(&t, "250 2.0.0"), SESSION_RECIPIENTS_MAX);
	assert_int_equal(count(buf_slice(&t.kept), "rcpt: "), 2);
	assert_int_equal(t.site.stats.recipients, SESSION_RECIPIENTS_MAX);
	done(&t);
}

static void
test_error_limit(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed_n(&t, "WHAT\r\n", SESSION_ERRORS_MAX - 1);
	assert_false(session_closed(t.session));
	feed(&t, OPEN MSG END); /* a message that was taken begins the count anew */
	feed_n(&t, "WHAT\r\n", SESSION_ERRORS_MAX - 1);
	assert_false(session_closed(t.session));
	feed(&t, "WHAT\r\n" HI);
	assert_true(session_closed(t.session));
	assert_int_equal(said(&t, "421 4.7.0"), 1);
	assert_int_equal(t.nkept, 1);
	done(&t);
}

static void
test_harvest_limit(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, HI FROM);
	feed_n(&t, "RCPT TO:<x" AT ">\r\n", SESSION_REFUSED_MAX - 1);
	assert_false(session_closed(t.session));
	feed(&t, "RCPT TO:<x" AT ">\r\n");
	assert_true(session_closed(t.session));
	assert_int_equal(t.site.stats.refused_rcpt, SESSION_REFUSED_MAX);
	done(&t);
}

static void
test_message_limit(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, HI);
	feed_n(&t, FROM TO "DATA\r\nx\r\n.\r\n", SESSION_MESSAGES_MAX - 1);
	assert_false(session_closed(t.session));
	feed(&t, FROM TO "DATA\r\nx\r\n.\r\n");
	assert_true(session_closed(t.session));
	assert_int_equal(t.nkept, SESSION_MESSAGES_MAX);
	assert_int_equal(said(&t, "421 4.3.2"), 1);
	done(&t);
}

static void
test_loop(void **state)
{
	(void)state;
	for (size_t n = SESSION_RECEIVED_MAX; n <= SESSION_RECEIVED_MAX + 1; n++) {
		struct sessions t;

		sessions_begin(&t, SESSION_LMTP, keys);
		feed(&t, OPEN);
		feed_n(&t, "received: from a by b\r\n\tid c\r\n", n);
		feed(&t, "\r\n");
		feed_n(&t, "Received: in the body they do not count\r\n", 60);
		feed(&t, END);
		assert_int_equal(said(&t, "554 5.4.6"), n > SESSION_RECEIVED_MAX);
		assert_int_equal(t.nkept, n <= SESSION_RECEIVED_MAX);
		done(&t);
	}
}

/* A body of n bytes, lines included; n > 60. */
static void
feed_size(struct sessions *t, size_t n)
{
	for (; n > 60; n -= 20)
		feed(t, "123456789012345678\r\n");
	while (n-- > 2)
		feed(t, "x");
	feed(t, "\r\n");
}

static const struct {
	const char *rcpt;
	enum session_kind kind;
	size_t size;
	const char *replies;
	const char *rejected;
	int kept;
} sizes[] = {
    {SMALL, SESSION_LMTP, SMALL_SIZE_MAX, "250/2.0.0", "", 1},
    {SMALL, SESSION_LMTP, SMALL_SIZE_MAX + 1, "552/5.3.4", "", 0},
    {SMALL, SESSION_SMTP, SMALL_SIZE_MAX + 1, "552/5.3.4", "", 0},
    {SMALL TO, SESSION_LMTP, SMALL_SIZE_MAX + 1, "552/5.3.4 250/2.0.0", "", 1},
    {SMALL TO, SESSION_SMTP, SMALL_SIZE_MAX + 1, "250/2.0.0", "small" AT, 1},
    {TO SMALL, SESSION_SMTP, SMALL_SIZE_MAX, "250/2.0.0", "", 1},
    {TO, SESSION_LMTP, SITE_SIZE_MAX, "250/2.0.0", "", 1},
    {TO, SESSION_LMTP, SITE_SIZE_MAX + 1, "552/5.3.4", "", 0},
    {TO LARGE SMALL, SESSION_LMTP, SITE_SIZE_MAX + 1, "552/5.3.4 250/2.0.0 552/5.3.4", "", 1},
    {LARGE, SESSION_SMTP, LARGE_SIZE_MAX, "250/2.0.0", "", 1},
    {LARGE, SESSION_LMTP, LARGE_SIZE_MAX + 1, "552/5.3.4", "", 0},
    {TO LARGE, SESSION_LMTP, LARGE_SIZE_MAX + 1, "552/5.3.4 552/5.3.4", "", 0},
    {"RCPT TO:<dc-request" AT ">\r\n", SESSION_LMTP, SITE_SIZE_MAX + 1, "552/5.3.4", "", 0},
};

static void
test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct arena *a = arena_new();
		struct sessions t;
		struct envelope env;
		struct err e;
		char name[20];

		snprintf(name, sizeof name, "size %zu", i);
		sessions_begin(&t, sizes[i].kind, keys);
		feed(&t, sizes[i].kind == SESSION_LMTP ? HI FROM : EHLO FROM);
		feed(&t, sizes[i].rcpt);
		feed(&t, "DATA\r\n");
		feed_size(&t, sizes[i].size);
		buf_clear(&t.out);
		feed(&t, END);
		expect_codes(name, &t, sizes[i].replies);
		assert_int_equal(t.nkept, sizes[i].kept);
		if (sizes[i].kept) {
			assert_int_equal(envelope_parse(&env, a, buf_slice(&t.kept), &e), 0);
			assert_int_equal(env.message.n, sizes[i].size);
			assert_same("rejected", name, slice_str(sizes[i].rejected),
				    envelope_get(&env, "rejected"));
		}
		done(&t);
		arena_free(a);
	}
}

static void
test_size_at_mail(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, HI "MAIL FROM:<a@b.c> SIZE=8000\r\nRSET\r\nMAIL FROM:<a@b.c> SIZE=8001\r\n"
		    "MAIL FROM:<a@b.c> SIZE=99999999999999999999\r\n");
	expect_codes("SIZE", &t, "220 250 250/2.1.0 250/2.0.0 552/5.3.4 501/5.5.4");
	done(&t);
}

/* Who never ends is hung up on. */
static void
test_excess(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, OPEN);
	feed_n(&t, "0123456789\r\n", LARGE_SIZE_MAX * SESSION_EXCESS_MAX / 12);
	assert_false(session_closed(t.session));
	assert_int_equal(t.aborted, 1);
	feed_n(&t, "0123456789\r\n", LARGE_SIZE_MAX);
	assert_true(session_closed(t.session));
	assert_int_equal(t.nkept, 0);
	done(&t);
}

static void
test_storage_fails(void **state)
{
	static const struct {
		enum session_result how;
		const char *reply;
	} ways[] = {{SESSION_FULL, "452 4.3.1"}, {SESSION_FAILED, "451 4.3.0"}};
	struct sessions t;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (int step = 0; step < 3; step++) {
			sessions_begin(&t, SESSION_LMTP, keys);
			t.begin = step == 0 ? ways[i].how : SESSION_KEPT;
			t.write_fails_at = step == 1 ? 5 : 0;
			t.write = ways[i].how;
			t.commit = step == 2 ? ways[i].how : SESSION_KEPT;
			feed(&t, HI FROM TO NEWS "DATA\r\n");
			if (step > 0)
				feed(&t, MSG END);
			assert_int_equal(said(&t, ways[i].reply), step == 0 ? 1 : 2);
			assert_int_equal(said(&t, "250 2.0.0"), 0);
			assert_int_equal(t.nkept, 0);
			assert_int_equal(t.site.stats.deferred, 1);
			/* The session goes on. */
			t.begin = t.commit = SESSION_KEPT;
			t.write_fails_at = 0;
			feed(&t, FROM TO "DATA\r\n" MSG END);
			assert_int_equal(t.nkept, 1);
			done(&t);
		}
	}
	sessions_begin(&t, SESSION_LMTP, keys);
	t.full = true;
	feed(&t, HI FROM TO);
	expect_codes("full", &t, "220 250 452/4.3.1 503/5.5.1");
	done(&t);
}

/* NUL is data; it is no command. */
static void
test_nul(void **state)
{
	static const char message[] = "Subject: x\r\n\r\na\0b\0\r\n.\r\n";
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, OPEN);
	sessions_feed(&t, slice_make(message, sizeof message - 1));
	assert_int_equal(t.nkept, 1);
	assert_true(slice_find(buf_slice(&t.kept), slice_make("a\0b\0\r\n", 6)) < t.kept.n);
	sessions_feed(&t, slice_make("NO\0OP\r\n", 7));
	assert_int_equal(said(&t, "500 5.5.2"), 1);
	done(&t);
}

static void
test_tokens(void **state)
{
	struct sessions t;
	char line[200];

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, HI "MAIL FROM:<>\r\n");
	snprintf(line, sizeof line, "RCPT TO:<plenary-unsubscribe+%s" AT ">\r\n", leave_token);
	feed(&t, line);
	snprintf(line, sizeof line, "RCPT TO:<DC-UNSUBSCRIBE+%s" AT ">\r\n", leave_token);
	feed(&t, line);
	snprintf(line, sizeof line, "RCPT TO:<dc-confirm+%s" AT ">\r\n", ticket_token);
	feed(&t, line);
	snprintf(line, sizeof line, "RCPT TO:<dc-confirm+%s" AT ">\r\n", leave_token);
	feed(&t, line);
	leave_token[3] = leave_token[3] == 'a' ? 'b' : 'a';
	snprintf(line, sizeof line, "RCPT TO:<dc-unsubscribe+%s" AT ">\r\n", leave_token);
	feed(&t, line);
	feed(&t, "RSET\r\n" QUIT);
	expect_codes(
	    "tokens", &t,
	    "220 250 250/2.1.0 250/2.1.5 250/2.1.5 250/2.1.5 550/5.1.1 550/5.1.1 250/2.0.0 "
	    "221/2.0.0");
	assert_int_equal(said(&t, "250 2.1.5 ok\r\n"), 3);
	done(&t);
}

static void
test_stop(void **state)
{
	struct sessions t;

	(void)state;
	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, HI FROM TO);
	session_stop(t.session, &t.out);
	expect_codes("stop", &t, "220 250 250/2.1.0 250/2.1.5 421/4.3.2");
	assert_true(session_closed(t.session));
	done(&t);

	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, OPEN);
	session_stop(t.session, &t.out);
	assert_false(session_closed(t.session));
	feed(&t, MSG END);
	expect_codes("stop in DATA", &t, "220 250 250/2.1.0 250/2.1.5 354 250/2.0.0 421/4.3.2");
	assert_true(session_closed(t.session));
	assert_int_equal(t.nkept, 1);
	done(&t);

	sessions_begin(&t, SESSION_LMTP, keys);
	feed(&t, OPEN MSG);
	session_timeout(t.session, &t.out);
	expect_codes("timeout", &t, "220 250 250/2.1.0 250/2.1.5 354 421/4.4.2");
	assert_int_equal(t.aborted, 1);
	done(&t);
}

static int
set_up(void **state)
{
	char dir[] = "/tmp/session_test.XXXXXX", path[64];
	struct err e;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof path, "%s/token.key", dir);
	if (token_keys_load(&keys, path, true, &e) < 0)
		return -1;
	token_make(keys, "leave", "", 7, leave_token);
	token_make(keys, "ticket", "", 7, ticket_token);
	unlink(path);
	return rmdir(dir);
}

static int
tear_down(void **state)
{
	(void)state;
	token_keys_free(keys);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dialogues),
	    cmocka_unit_test(test_greeting),
	    cmocka_unit_test(test_line_limit),
	    cmocka_unit_test(test_endless_line),
	    cmocka_unit_test(test_recipient_limit),
	    cmocka_unit_test(test_error_limit),
	    cmocka_unit_test(test_harvest_limit),
	    cmocka_unit_test(test_message_limit),
	    cmocka_unit_test(test_loop),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_size_at_mail),
	    cmocka_unit_test(test_excess),
	    cmocka_unit_test(test_storage_fails),
	    cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
