/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mail to the people behind a list or the site, and what comes to a return path. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/queue.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define EVE "eve@example.com"
#define LISTS                                                                                      \
	"list \"dc\" { owners = { \"one@example.org\", \"two@example.org\" }"                      \
	" appeals = { \"ombud@example.org\" } }\nlist \"bare\" { }\n"

static void
test_handed_on(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	struct slice message =
	    SLICE("Return-Path: <" EVE ">\r\nDKIM-Signature: v=1;\r\n b=x\r\nFrom: " EVE "\r\n"
		  "Subject: question\r\nX-Odd:  kept \r\n\r\nWords.\r\n.\r\n");
	const char *id = listsite_put(s, "from: " EVE "\nrcpt: dc-owner@" DOMAIN "\n", message);
	listsite_run(s);
	struct outmail *m = listsite_nth(s, 0);
	assert_int_equal(listsite_count(s), 1);
	assert_string_equal(m->to, "one@example.org two@example.org");
	assert_string_equal(m->kind, "notice");
	assert_int_equal(m->flags, QUEUE_NULL_RETURN);
	assert_true(slice_is(m->head, "X-Plenary-Forwarded: dc-owner@" DOMAIN "\r\n"
				      "DKIM-Signature: v=1;\r\n b=x\r\nFrom: " EVE "\r\n"
				      "Subject: question\r\nX-Odd:  kept \r\n\r\n"));
	assert_true(slice_is(m->body, "Words.\r\n.\r\n"));
	assert_true(listsite_has(s, arena_printf(s->a, "out/%s", id)));
	assert_false(listsite_has(s, arena_printf(s->a, "feed/dc/new/%s", id)));
}

static void
test_who_reads_what(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	static const struct {
		const char *to, *people;
	} cases[] = {{"bare-owner@" DOMAIN, "root@example.org"},
		     {"dc-appeal@" DOMAIN, "ombud@example.org"}, /* never the moderators */
		     {"postmaster@" DOMAIN, "root@example.org"},
		     {"Postmaster", "root@example.org"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		listsite_forget(s);
		/* Automatic mail and bounces too: a person must see what goes wrong. */
		listsite_send(s, i % 2 ? "" : EVE, cases[i].to,
			      "From: x@example.com\nAuto-Submitted: auto-generated\n", "x\n");
		assert_int_equal(listsite_count(s), 1);
		assert_string_equal(listsite_nth(s, 0)->to, cases[i].people);
	}
}

/* What comes round to the same address is dropped; what was handed on from another is not. */
static void
test_loop(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, EVE, "dc-owner@" DOMAIN, "X-Plenary-Forwarded: DC-owner@" DOMAIN "\n",
		      "x\n");
	assert_int_equal(listsite_count(s), 0);
	assert_int_equal(listsite_logged(s, "is dropped"), 1);
	listsite_send(s, EVE, "dc-owner@" DOMAIN,
		      "X-Plenary-Forwarded: board-owner@elsewhere.example\n", "x\n");
	assert_int_equal(listsite_count(s), 1);
	listsite_send(s, EVE, "dc-owner@" DOMAIN,
		      "X-Plenary-Forwarded: board-owner@elsewhere.example\n"
		      "X-Plenary-Forwarded: dc-owner@" DOMAIN "\n",
		      "x\n");
	assert_int_equal(listsite_count(s), 1);
}

static void
test_eight_bit(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	listsite_send(s, EVE, "dc-owner@" DOMAIN, "",
		      "h\xf6"
		      "flich\n");
	assert_int_equal(listsite_nth(s, 0)->flags, QUEUE_NULL_RETURN | QUEUE_8BIT);
}

/* --- return paths --------------------------------------------------------------------------- */

#define REPORT(action, status)                                                                     \
	"From: MAILER-DAEMON@example.org\nMIME-Version: 1.0\n"                                     \
	"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n",               \
	    "--b\nContent-Type: text/plain\n\nSorry.\n"                                            \
	    "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"              \
	    "Final-Recipient: rfc822; " ANN "\nAction: " action "\nStatus: " status "\n"           \
	    "Diagnostic-Code: smtp; 550 " status " no such user\n--b--\n"

static const char *
return_path(struct listsite *s, int64_t row)
{
	return arena_printf(s->a, "dc-bounces+%s@" DOMAIN,
			    listsite_token(s, "bounce", (uint64_t)row << 16 | 1));
}

/* Nothing is ever answered at a return path, and only a failure of the member's own counts. */
static void
test_return_path(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	int64_t row = listsite_member(s, "dc", ANN);
	const char *to = return_path(s, row);
	listsite_send(s, "", to, "From: x@example.org\nSubject: Out of office\n", "Away.\n");
	listsite_send(s, EVE, to, "Subject: a person's answer\n", "Hello?\n");
	listsite_send(s, "", to, REPORT("delayed", "4.4.1"));
	assert_int_equal(listsite_find(s, "dc", ANN)->bounce_score, 0);
	assert_int_equal(listsite_count(s), 0);
	listsite_send(s, "", to, REPORT("failed", "5.1.1"));
	assert_int_equal(listsite_find(s, "dc", ANN)->bounce_score, 2);
	/* A bounce of one who has left. */
	listsite_send(s, "", return_path(s, 4711), REPORT("failed", "5.1.1"));
	assert_int_equal(listsite_count(s), 0);
	assert_int_equal(listsite_find(s, "dc", ANN)->bounce_score, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_handed_on), TEST(test_who_reads_what),
					   TEST(test_loop), TEST(test_eight_bit),
					   TEST(test_return_path)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
