/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report: what comes back, in the shapes that mail servers give it; reasons by codes and words. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "mail/report.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define FILE_MAX ((size_t)1 << 20)

/* A file of tests/data/bounces and what is read in it: "address status reason hard|soft points" a
 * line; nothing for what is no report. msgid: of the returned message. */
static const struct sample {
	const char *file, *want, *msgid;
} samples[] = {
    {"arf", "bea@example.net - complaint soft 0\n", "t1@lists.example.org"},
    {"challenge", "", ""},
    {"domino", "bea@example.net - gone hard 2\n", ""},
    {"dsn-after-data", "bea@example.net 5.0.0 gone soft 1\n", "t1@lists.example.org"},
    {"dsn-delayed", "bea@example.net 4.4.1 delayed soft 0\n", "t1@lists.example.org"},
    {"dsn-delivered", "bea@example.net 2.0.0 delivered soft 0\n", "t1@lists.example.org"},
    {"dsn-dmarc", "bea@example.net 5.7.26 auth soft 0\n", "t1@lists.example.org"},
    {"dsn-expired", "bea@example.net 4.4.7 expired soft 1\n", "t1@lists.example.org"},
    {"dsn-in-text", "bea@example.net 5.1.1 gone hard 2\n", ""},
    {"dsn-of-dsn", "postmaster@example.com 5.2.1 gone soft 1\n", "inner@mx.example.com"},
    {"dsn-sender", "bea@example.net 5.1.8 policy soft 0\n", "t1@lists.example.org"},
    {"dsn-spam", "bea@example.net 5.0.0 content soft 0\n", "t1@lists.example.org"},
    {"dsn-too-big", "bea@example.net 5.3.4 too-big soft 0\n", "t1@lists.example.org"},
    {"dsn-two", "bea@example.net 5.2.2 full soft 1\ncol@example.com 5.7.1 policy soft 0\n",
     "t1@lists.example.org"},
    {"dsn-unknown", "bea@example.net 5.1.1 gone hard 2\n", "t1@lists.example.org"},
    {"exchange", "bea@example.net - gone hard 2\n", ""},
    {"exim", "bea@example.net - gone hard 2\n", "t1@lists.example.org"},
    {"exim-warning", "bea@example.net - delayed soft 0\n", ""},
    {"html-only", "bea@example.net 5.1.10 gone hard 2\n", ""},
    {"local-parts", "bea@aol.example - policy soft 0\n", ""},
    {"nobody-named", "bea@example.net - full soft 1\n", "t1@lists.example.org"},
    {"person", "", ""},
    {"person-forward", "", ""},
    {"qmail", "bea@example.net 5.1.1 gone hard 2\ncol@example.net 4.2.2 full soft 1\n",
     "t1@lists.example.org"},
    {"receipt", "- - delivered soft 0\n", ""},
    {"russian", "bea@example.net - gone hard 2\n", ""},
    {"sendmail-old", "bea@example.net - gone hard 2\n", "t1@lists.example.org"},
    {"spam", "", ""},
    {"truncated", "bea@example.net 5.1.1 gone hard 2\n", ""},
    {"vacation", "bea@example.net - vacation soft 0\n", ""},
};

static const char *
or_dash(struct arena *a, struct slice s)
{
	return s.n > 0 ? arena_str(a, s) : "-";
}

static void
describe(struct buf *b, struct arena *a, const struct report *r)
{
	buf_clear(b);
	for (size_t i = 0; i < r->n; i++)
		buf_printf(b, "%s %s %s %s %d\n", or_dash(a, r->v[i].recipient),
			   or_dash(a, r->v[i].status), report_reason_name(r->v[i].reason),
			   r->v[i].hard ? "hard" : "soft", report_points(&r->v[i]));
}

static struct slice
read_sample(struct arena *a, const char *file)
{
	const char *source = getenv("top_srcdir");
	struct slice bytes;
	struct err e;
	char *path = arena_printf(a, "%s/tests/data/bounces/%s.eml", source ? source : ".", file);
	if (file_read(AT_FDCWD, path, FILE_MAX, a, &bytes, &e) < 0)
		fail_msg("%s", e.text);
	return bytes;
}

/* The same bytes with every LF replaced by end. */
static struct slice
with_ends(struct arena *a, struct slice s, const char *end)
{
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			buf_puts(&b, end);
		else
			buf_putc(&b, s.p[i]);
	struct slice copy = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return copy;
}

/* From a person where the sample's own return path is one's; else from nobody. */
static void
parse(struct report *r, struct arena *a, struct slice bytes)
{
	struct message m;
	bool empty = slice_starts(bytes, SLICE("Return-Path: <>"));
	message_parse(&m, a, bytes);
	report_parse(r, a, &m, empty ? slice_make(NULL, 0) : SLICE("ann@example.org"));
}

static void
test_samples(void **state)
{
	static const char *const ends[] = {"\n", "\r\n", "\r"};
	(void)state;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < COUNT(samples) * COUNT(ends); i++) {
		const struct sample *s = &samples[i / COUNT(ends)];
		struct arena *a = arena_new();
		struct report r;
		parse(&r, a, with_ends(a, read_sample(a, s->file), ends[i % COUNT(ends)]));
		describe(&b, a, &r);
		if (strcmp(buf_str(&b), s->want) != 0)
			fail_msg("%s (line ends %zu): %s", s->file, i % COUNT(ends), buf_str(&b));
		assert_int_equal(r.is_report, s->want[0] != 0);
		assert_string_equal(arena_str(a, r.original_msgid), s->msgid);
		if (r.original_msgid.n > 0 && r.original_msgid.p[0] == 't')
			assert_string_equal(arena_str(a, r.original_subject), "[garden] Tomatoes");
		arena_free(a);
	}
	buf_free(&b);
}

/* Cut anywhere, none of them crashes or names anybody but those whom the whole names. */
static void
test_truncated(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++) {
		struct arena *files = arena_new(), *a = arena_new();
		struct slice whole = read_sample(files, samples[i].file);
		for (size_t n = 0; n < whole.n; n += 7) {
			struct report r;
			parse(&r, a, slice_sub(whole, 0, n));
			assert_true(r.is_report || r.n == 0);
			arena_reset(a);
		}
		arena_free(files);
		arena_free(a);
	}
}

static const struct {
	const char *status, *words, *context, *want;
} verdicts[] = {
    {"5.1.1", "", "", "gone hard"},
    {"4.1.1", "", "", "gone hard"},
    {"4.1.2", "", "", "gone soft"},
    {"5.1.6", "", "", "moved hard"},
    {"5.2.1", "", "", "gone soft"},
    {"5.2.2", "", "", "full soft"},
    {"4.4.7", "", "", "expired soft"},
    {"5.7.1", "", "", "policy soft"},
    {"5.7.26", "", "", "auth soft"},
    {"", "", "", "other soft"},
    {"5.0.0", "", "", "other soft"},
    {"5.0.0", "rejected", "", "other soft"},
    /* words that mean one thing beat a code that means another */
    {"5.7.1", "550 5.7.1 No such user", "", "gone hard"},
    {"5.1.1", "550 5.1.1 over quota", "", "full soft"},
    {"5.0.0", "552 Mailbox  is\r\n full", "", "full soft"},
    /* phrases are found across continued reply lines, and at words only */
    {"", "550-5.1.1 There is no such\r\n550 5.1.1 user", "", "gone hard"},
    {"", "550 xhelo y", "", "other soft"},
    /* the refusing server's code beats the reporting one's */
    {"5.1.1", "550 5.7.1 listed by our filter", "", "policy soft"},
    {"5.2.2", "550 5.0.0 oh no", "", "full soft"},
    /* the sender is no recipient */
    {"5.1.8", "user unknown", "", "policy soft"},
    {"", "550 sender domain does not exist", "", "policy soft"},
    /* for ever: RCPT, an enhanced code, or the mail system's own word */
    {"", "550 user unknown", "", "gone soft"},
    {"", "550 user unknown", "after RCPT TO:<a@example.org>", "gone hard"},
    {"", "550 host unknown", "", "gone hard"},
    {"", "no such user", "", "gone hard"},
    {"5.2.0", "550 user unknown", "", "gone soft"},
    /* what else is said may be milder */
    {"5.1.1", "user unknown", "the account is disabled", "gone soft"},
    {"5.1.1", "user unknown", "not enough disk space", "full soft"},
    {"", "host not found, try again", "", "expired soft"},
};

static void
test_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		char text[64];
		struct report_verdict v =
		    report_reason_find(slice_str(verdicts[i].status), slice_str(verdicts[i].words),
				       slice_str(verdicts[i].context));
		snprintf(text, sizeof text, "%s %s", report_reason_name(v.reason),
			 v.hard ? "hard" : "soft");
		if (strcmp(text, verdicts[i].want) != 0)
			fail_msg("\"%s\" \"%s\": %s", verdicts[i].status, verdicts[i].words, text);
	}
}

static void
test_status_in_words(void **state)
{
	static const char *const cases[][2] = {
	    {"550 5.1.1 x", "5.1.1"},
	    {"550-5.7.26 y", "5.7.26"},
	    {"no (#5.4.4)", "5.4.4"},
	    {"[#4.1.9].", "4.1.9"},
	    {"192.0.2.5 said", ""},
	    {"Exim 4.52", ""},
	    {"x5.1.1", ""},
	    {"5.1.1.9", ""},
	    {"5.1.1234", ""},
	    {"6.1.1", ""},
	    {"version 5.1.1. End", "5.1.1"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice s = report_status_find(slice_str(cases[i][0]));
		if (!slice_is(s, cases[i][1]))
			fail_msg("%s: %.*s", cases[i][0], SLICE_ARG(s));
	}
}

/* A report on more than a report may hold, all in one text, and one endless line. */
static void
test_limits(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct report r;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	buf_puts(&b, "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: failure notice\n\n"
		     "Not delivered to the following addresses:\n");
	for (int i = 0; i < 3000; i++)
		buf_printf(&b, "<u%d@example.net>:\n", i);
	parse(&r, a, buf_slice(&b));
	assert_int_equal(r.n, 1000);
	buf_clear(&b);
	buf_puts(&b,
		 "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: failure notice\n\n");
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "550 <");
	parse(&r, a, buf_slice(&b));
	assert_int_equal(r.n, 1);
	assert_int_equal(r.v[0].recipient.n, 0);
	buf_free(&b);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_samples), cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_reasons), cmocka_unit_test(test_status_in_words),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
