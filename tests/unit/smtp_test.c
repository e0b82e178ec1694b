/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sender's side of SMTP by scripted dialogues: what it must say, word for word, and what the
 * relay answers, in pieces of every size. And replies by their limits.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "daemon/reply.h"
#include "daemon/smtp.h"

#define JOBS 4
#define RCPTS 3

/* One session with its jobs and what became of them: "a:sent b:550 5.1.1 no; ". */
struct play {
	struct smtp *s;
	struct smtp_mail mail;
	struct smtp_job job[JOBS];
	struct smtp_rcpt rcpt[JOBS][RCPTS];
	struct buf results;
	int done;
	bool tls;
	struct err err;
};

/* A line of a dialogue. */
struct line {
	char who; /* C what we say, S what the relay says, X it is refused with these words, H the
		     handshake, L the connection is lost and a new one opened, R the results */
	const char *text;
};

#define EHLO "EHLO us.example\r\n"
#define OFFER "250-relay\r\n250-PIPELINING\r\n250-SIZE 99\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
#define READY                                                                                      \
	{'S', "220 relay\r\n"}, {'C', EHLO},                                                       \
	{                                                                                          \
		'S', OFFER                                                                         \
	}

static void
on_result(void *arg, struct smtp_job *job, struct smtp_rcpt *r, enum smtp_what what,
	  enum smtp_about about, struct slice text)
{
	static const char *const words[] = {"sent", "later", "never"};
	static const char *const of[] = {"rcpt", "data", "other"};
	struct play *p = arg;
	(void)job;
	buf_printf(&p->results, "%c:%s", r->address.p[0], words[what]);
	if (what != SMTP_SENT)
		buf_printf(&p->results, "(%s: %.*s)", of[about], SLICE_ARG(text));
	buf_puts(&p->results, " ");
}

static void
on_done(void *arg, struct smtp_job *job)
{
	struct play *p = arg;
	(void)job;
	p->done++;
}

static void
start(struct play *p, bool tls)
{
	const struct smtp_calls calls = {p, on_result, on_done};
	memset(p, 0, sizeof(*p));
	p->mail.head = SLICE("H: h\r\n\r\n");
	p->mail.body = SLICE("body\r\n");
	p->tls = tls;
	buf_init(&p->results, 65536);
	p->s = smtp_new("us.example", &calls);
	smtp_open(p->s, tls);
}

/* Job i to addresses, separated by spaces. */
static void
add_job(struct play *p, int i, const char *addresses)
{
	struct slice rest = slice_str(addresses), word;
	struct smtp_job *job = &p->job[i];
	*job = (struct smtp_job){.mail = &p->mail,
				 .return_path = SLICE("back@us.example"),
				 .lines = SLICE("L: l\r\n"),
				 .rcpt = p->rcpt[i]};
	while (slice_next_word(&rest, &word))
		job->rcpt[job->nrcpt++] = (struct smtp_rcpt){.address = word};
	smtp_submit(p->s, job);
}

/* All that it wants to say now, taken in pieces of a size. */
static void
expect_said(struct play *p, const char *text, size_t piece)
{
	struct iovec iov[PARTS_MAX];
	struct buf said;
	int n;
	buf_init(&said, 1 << 20);
	while ((n = smtp_output(p->s, iov)) > 0) {
		size_t take = iov[0].iov_len < piece ? iov[0].iov_len : piece;
		buf_put(&said, iov[0].iov_base, take);
		smtp_wrote(p->s, take);
	}
	assert_string_equal(buf_str(&said), text);
	buf_free(&said);
}

static int
feed(struct play *p, const char *text, size_t piece)
{
	struct slice s = slice_str(text);
	while (s.n > 0) {
		if (smtp_take(p->s, slice_sub(s, 0, piece), &p->err) < 0)
			return -1;
		s = slice_from(s, piece < s.n ? piece : s.n);
	}
	return 0;
}

static void
play_line(struct play *p, const struct line *l, size_t piece)
{
	switch (l->who) {
	case 'C':
		expect_said(p, l->text, piece);
		break;
	case 'S':
		if (feed(p, l->text, piece) < 0)
			fail_msg("refused: %s", p->err.text);
		break;
	case 'X':
		assert_int_equal(feed(p, l->text, piece), -1);
		break;
	case 'H':
		assert_int_equal(smtp_state(p->s), SMTP_HANDSHAKE);
		smtp_secured(p->s);
		break;
	case 'L':
		smtp_lost(p->s, l->text);
		smtp_open(p->s, p->tls);
		break;
	default:
		assert_string_equal(buf_str(&p->results), l->text);
	}
}

/* Plays it in pieces of every size that makes a difference; jobs as prepared by set_up. */
static void
play(const struct line *lines, size_t n, void (*set_up)(struct play *), bool tls)
{
	static const size_t pieces[] = {1, 2, 3, 5, 7, 1000};
	for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
		struct play p;
		start(&p, tls);
		set_up(&p);
		for (size_t i = 0; i < n; i++)
			play_line(&p, &lines[i], pieces[k]);
		buf_free(&p.results);
		smtp_free(p.s);
	}
}

#define PLAY(set_up, tls, ...)                                                                     \
	do {                                                                                       \
		const struct line lines[] = {__VA_ARGS__};                                         \
		play(lines, sizeof(lines) / sizeof(lines[0]), set_up, tls);                        \
	} while (0)

static void
one_job(struct play *p)
{
	add_job(p, 0, "a@x b@x");
}

static void
two_jobs(struct play *p)
{
	add_job(p, 0, "a@x");
	add_job(p, 1, "b@x c@x");
}

static void
no_job(struct play *p)
{
	(void)p;
}

#define MAIL "MAIL FROM:<back@us.example> SIZE=20\r\n"
#define CONTENT "L: l\r\nH: h\r\n\r\nbody\r\n.\r\n"

static void
test_pipelined(void **state)
{
	(void)state;
	PLAY(two_jobs, false, READY, {'C', MAIL "RCPT TO:<a@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n250 ok\r\n354 go\r\n"},
	     {'C', CONTENT MAIL "RCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"},
	     {'S', "250-2.0.0 queued\r\n250 as 1\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"},
	     {'R', "a:sent "}, {'C', CONTENT}, {'S', "250 2.0.0 queued\r\n"},
	     {'R', "a:sent b:sent c:sent "}, {'C', ""});
}

static void
test_step_by_step(void **state)
{
	(void)state;
	PLAY(one_job, false, {'S', "220 relay\r\n"}, {'C', EHLO}, {'S', "502 what?\r\n"},
	     {'C', "HELO us.example\r\n"}, {'S', "250 relay\r\n"},
	     {'C', "MAIL FROM:<back@us.example>\r\n"}, {'S', "250 ok\r\n"},
	     {'C', "RCPT TO:<a@x>\r\n"}, {'S', "250 ok\r\n"}, {'C', "RCPT TO:<b@x>\r\n"},
	     {'S', "251 ok\n"}, {'C', "DATA\r\n"}, {'S', "354 go\r\n"}, {'C', CONTENT},
	     {'S', "250 ok\r\n"}, {'R', "a:sent b:sent "});
}

static void
test_step_by_step_refused(void **state)
{
	(void)state;
	PLAY(two_jobs, false, {'S', "220 relay\r\n"}, {'C', EHLO}, {'S', "250 relay\r\n"},
	     {'C', "MAIL FROM:<back@us.example>\r\n"}, {'S', "250 ok\r\n"},
	     {'C', "RCPT TO:<a@x>\r\n"}, {'S', "550 no\r\n"}, {'C', "RSET\r\n"},
	     {'S', "250 ok\r\n"}, {'C', "MAIL FROM:<back@us.example>\r\n"}, {'S', "452 full\r\n"},
	     {'R', "a:never(rcpt: 550 no) b:later(other: 452 full) c:later(other: 452 full) "},
	     {'C', ""});
}

static void
test_some_refused(void **state)
{
	(void)state;
	PLAY(one_job, false, READY, {'C', MAIL "RCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n550-5.1.1 no\r\n550 such user\r\n250 ok\r\n354 go\r\n"},
	     {'R', "a:never(rcpt: 550 5.1.1 no such user) "}, {'C', CONTENT}, {'S', "250 ok\r\n"},
	     {'R', "a:never(rcpt: 550 5.1.1 no such user) b:sent "});
}

/* RFC 2920 3.1: DATA may be taken though nobody is there: then an empty message ends it. */
static void
test_all_refused_but_data(void **state)
{
	(void)state;
	PLAY(two_jobs, false, READY, {'C', MAIL "RCPT TO:<a@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n450 later\r\n354 go\r\n"},
	     {'C', ".\r\n" MAIL "RCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"},
	     {'S', "554 nothing\r\n250 ok\r\n550 no\r\n550 no\r\n554 nobody\r\n"},
	     {'R', "a:later(rcpt: 450 later) b:never(rcpt: 550 no) c:never(rcpt: 550 no) "},
	     {'C', ""});
}

static void
test_data_refused(void **state)
{
	(void)state;
	PLAY(two_jobs, false, READY, {'C', MAIL "RCPT TO:<a@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n250 ok\r\n451 sick\r\n"}, {'R', "a:later(data: 451 sick) "},
	     {'C', "RSET\r\n" MAIL "RCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n550 you\r\n503 bad\r\n503 bad\r\n503 bad\r\n"},
	     {'R', "a:later(data: 451 sick) b:never(other: 550 you) c:never(other: 550 you) "});
}

static void
test_message_refused(void **state)
{
	(void)state;
	PLAY(one_job, false, READY, {'C', MAIL "RCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"}, {'C', CONTENT},
	     {'S', "552 5.3.4 too big\r\n"},
	     {'R', "a:never(data: 552 5.3.4 too big) b:never(data: 552 5.3.4 too big) "});
}

/* Before its message was sent, a job is tried again; afterwards never. */
static void
test_lost_connections(void **state)
{
	(void)state;
	PLAY(two_jobs, false, READY, {'C', MAIL "RCPT TO:<a@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n250 ok\r\n"}, {'L', "gone"}, READY,
	     {'C', MAIL "RCPT TO:<a@x>\r\nDATA\r\n"}, {'S', "250 ok\r\n250 ok\r\n354 go\r\n"},
	     {'C', CONTENT MAIL "RCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"}, {'L', "lost"},
	     {'R', "a:later(other: lost) "}, READY,
	     {'C', MAIL "RCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"}, {'X', "421 closing\r\n"},
	     {'L', "once more"}, READY, {'C', MAIL "RCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"},
	     {'L', "enough"},
	     {'R', "a:later(other: lost) b:later(other: enough) c:later(other: enough) "});
}

static void
test_refused_on_first_connection_only_told_once(void **state)
{
	(void)state;
	PLAY(one_job, false, READY, {'C', MAIL "RCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n550 no\r\n250 ok\r\n"}, {'L', "gone"}, READY,
	     {'C', MAIL "RCPT TO:<b@x>\r\nDATA\r\n"}, {'S', "250 ok\r\n250 ok\r\n354 go\r\n"},
	     {'C', CONTENT}, {'S', "250 ok\r\n"}, {'R', "a:never(rcpt: 550 no) b:sent "});
}

static void
test_lies(void **state)
{
	(void)state;
	PLAY(one_job, false, READY, {'X', "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"});
	PLAY(no_job, false, READY, {'C', ""}, {'X', "250 hello?\r\n"});
	PLAY(no_job, false, {'X', "hello\r\n"});
	PLAY(no_job, false, {'X', "999 hello\r\n"});
	PLAY(no_job, false, {'X', "554 go away\r\n"});
	PLAY(one_job, false, READY, {'C', MAIL "RCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"},
	     {'S', "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"},
	     /* the end of the message is not written yet */
	     {'X', "250 got it\r\n"});
}

static void
test_starttls(void **state)
{
	(void)state;
	PLAY(one_job, true, {'S', "220 relay\r\n"}, {'C', EHLO},
	     {'S', "250-relay\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 STARTTLS\r\n"},
	     {'C', "STARTTLS\r\n"}, {'S', "220 go\r\n"}, {'H', ""}, {'C', EHLO},
	     /* what was offered in the clear counts no more */
	     {'S', "250-relay\r\n250 STARTTLS\r\n"}, {'C', "MAIL FROM:<back@us.example>\r\n"});
	PLAY(one_job, true, {'S', "220 relay\r\n"}, {'C', EHLO}, {'S', "250 STARTTLS\r\n"},
	     {'C', "STARTTLS\r\n"}, {'X', "454 not now\r\n"});
	/* not asked for on loopback */
	PLAY(one_job, false, {'S', "220 relay\r\n"}, {'C', EHLO}, {'S', "250 STARTTLS\r\n"},
	     {'C', "MAIL FROM:<back@us.example>\r\n"});
}

/* Words that were slipped in before TLS stood must not count behind it (CVE-2011-0411's class). */
static void
test_starttls_injection(void **state)
{
	struct play p;
	(void)state;
	start(&p, true);
	assert_int_equal(feed(&p, "220 relay\r\n", 100), 0);
	expect_said(&p, EHLO, 100);
	assert_int_equal(feed(&p, "250 STARTTLS\r\n", 100), 0);
	expect_said(&p, "STARTTLS\r\n", 100);
	assert_int_equal(feed(&p, "220 go\r\n250 SMTPUTF8\r\n", 100), -1);
	buf_free(&p.results);
	smtp_free(p.s);
}

static void
utf8_jobs(struct play *p)
{
	p->mail.eight = true;
	add_job(p, 0, "a@x \xc3\xa4@x");
}

static void
test_parameters(void **state)
{
	(void)state;
	PLAY(utf8_jobs, false, READY,
	     {'C', "MAIL FROM:<back@us.example> SIZE=20 BODY=8BITMIME SMTPUTF8\r\n"
		   "RCPT TO:<a@x>\r\nRCPT TO:<\xc3\xa4@x>\r\nDATA\r\n"});
	PLAY(utf8_jobs, false, {'S', "220 relay\r\n"}, {'C', EHLO}, {'S', "250 PIPELINING\r\n"},
	     {'C', "MAIL FROM:<back@us.example>\r\nRCPT TO:<a@x>\r\nDATA\r\n"},
	     {'R', "\xc3:never(other: 553 5.6.7 the relay does not take internationalised mail"
		   " (SMTPUTF8)) "});
}

static void
test_unsafe_addresses(void **state)
{
	static const char *const bad[] = {"a\r\nRSET@x", "a\n@x", "a>@x",  "a<@x",   "a b@x",
					  "\"a@x",       "",      "a\t@x", "a\x7f@x"};
	static const char *const good[] = {"\"a b\"@x", "\"a>\\\"b\"@x", "a'b@x", "a+b@x"};
	(void)state;
	for (int g = 0; g < 2; g++)
		for (size_t i = 0; i < (g ? 4 : 9); i++) {
			struct play p;
			start(&p, false);
			p.job[0] =
			    (struct smtp_job){.mail = &p.mail, .rcpt = p.rcpt[0], .nrcpt = 1};
			p.rcpt[0][0] =
			    (struct smtp_rcpt){.address = slice_str(g ? good[i] : bad[i])};
			smtp_submit(p.s, &p.job[0]);
			assert_int_equal(feed(&p, "220 relay\r\n", 100), 0);
			expect_said(&p, EHLO, 100);
			assert_int_equal(feed(&p, OFFER, 100), 0);
			assert_int_equal(p.done, g ? 0 : 1);
			buf_free(&p.results);
			smtp_free(p.s);
		}
}

static void
test_quit(void **state)
{
	struct play p;
	(void)state;
	start(&p, false);
	assert_int_equal(feed(&p, "220 relay\r\n", 100), 0);
	expect_said(&p, EHLO, 100);
	assert_int_equal(feed(&p, OFFER, 100), 0);
	assert_int_equal(smtp_patience(p.s), -1);
	assert_false(smtp_has_jobs(p.s));
	smtp_quit(p.s);
	expect_said(&p, "QUIT\r\n", 100);
	assert_int_equal(smtp_patience(p.s), SMTP_REPLY_MS);
	assert_int_equal(feed(&p, "221 bye\r\n", 100), -1);
	buf_free(&p.results);
	smtp_free(p.s);
}

/* --- replies by their limits ------------------------------------------------------------------ */

static enum reply_got
reply_of(struct reply *r, const struct buf *b)
{
	struct slice s = buf_slice(b);
	enum reply_got got = REPLY_MORE;
	reply_init(r);
	while (s.n > 0 && got != REPLY_NONSENSE) {
		got = reply_take(r, &s);
		if (got == REPLY_LINE && r->last)
			break;
	}
	return got;
}

static void
test_reply_limits(void **state)
{
	struct reply r;
	struct buf b;
	(void)state;
	buf_init(&b, 1 << 20);
	for (int over = -1; over <= 1; over++) { /* a line of 512 bytes with its end */
		buf_clear(&b);
		buf_puts(&b, "250 ");
		while (b.n < (size_t)(REPLY_LINE_MAX - 2 + over))
			buf_putc(&b, 'x');
		buf_puts(&b, "\r\n");
		assert_int_equal(reply_of(&r, &b), over > 0 ? REPLY_NONSENSE : REPLY_LINE);
		if (over <= 0)
			assert_int_equal(reply_text(&r).n, REPLY_TEXT_MAX);
	}
	for (int over = -1; over <= 1; over++) { /* lines */
		buf_clear(&b);
		for (int i = 1; i < REPLY_LINES_MAX + over; i++)
			buf_puts(&b, "250-x\r\n");
		buf_puts(&b, "250 x\r\n");
		assert_int_equal(reply_of(&r, &b), over > 0 ? REPLY_NONSENSE : REPLY_LINE);
	}
	buf_free(&b);
}

static void
test_replies(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *words;
	} rows[] = {
	    {"250\r\n", 250, "250"},
	    {"250 \r\n", 250, "250"},
	    {"250 ok\n", 250, "250 ok"},
	    {"550-5.1.1 no\r\n550-such\r\n550 user\r\n", 550, "550 5.1.1 no such user"},
	    {"25\r\n", 0, NULL},
	    {"2500 ok\r\n", 0, NULL},
	    {"150 ok\r\n", 0, NULL},
	    {"\r\n", 0, NULL},
	    {"2 0 ok\r\n", 0, NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reply r;
		struct buf b;
		buf_init(&b, 1000);
		buf_puts(&b, rows[i].text);
		assert_int_equal(reply_of(&r, &b), rows[i].words ? REPLY_LINE : REPLY_NONSENSE);
		if (rows[i].words) {
			assert_int_equal(r.code, rows[i].code);
			assert_string_equal(r.text, rows[i].words);
		}
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pipelined),
	    cmocka_unit_test(test_step_by_step),
	    cmocka_unit_test(test_step_by_step_refused),
	    cmocka_unit_test(test_some_refused),
	    cmocka_unit_test(test_all_refused_but_data),
	    cmocka_unit_test(test_data_refused),
	    cmocka_unit_test(test_message_refused),
	    cmocka_unit_test(test_lost_connections),
	    cmocka_unit_test(test_refused_on_first_connection_only_told_once),
	    cmocka_unit_test(test_lies),
	    cmocka_unit_test(test_starttls),
	    cmocka_unit_test(test_starttls_injection),
	    cmocka_unit_test(test_parameters),
	    cmocka_unit_test(test_unsafe_addresses),
	    cmocka_unit_test(test_quit),
	    cmocka_unit_test(test_reply_limits),
	    cmocka_unit_test(test_replies),
	};
	return cmocka_run_group_tests_name("smtp", tests, NULL, NULL);
}
