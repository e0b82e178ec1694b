/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dsn: delivery reports as mail servers write them. */
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
#include "mail/dsn.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char head[] =
    "From: MAILER-DAEMON@mx.example.org\nContent-Type: multipart/report;"
    " report-type=delivery-status; boundary=b\n\n--b\n\nCould not be delivered.\n\n--b\n";

struct report {
	const char *type;   /* further fields of the part */
	const char *status; /* its body */
	const char *want;   /* "address action status diagnostic" a line */
};

static const char *const action_names[] = {"failed", "delayed", "delivered", "relayed", "expanded"};

static const struct report reports[] = {
    {"",
     "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; ann@example.net\n"
     "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <ann@example.net>:\n"
     "    User unknown\n",
     "ann@example.net failed 5.1.1 550 5.1.1 <ann@example.net>: User unknown\n"},
    {"",
     "Reporting-MTA: dns; mx\n\nOriginal-Recipient: rfc822;ann@example.org\n"
     "Final-Recipient: rfc822;ann@inside.example.net\nAction: Failed\nStatus: 5.0.0\n\n"
     "Final-Recipient: RFC822; <bob@example.net>\nAction: delayed\nStatus: 4.4.1 (timeout)\n",
     "ann@example.org failed 5.0.0 \nbob@example.net delayed 4.4.1 \n"},
    {"", "Arrival-Date: x\n\n\n\nFinal-Recipient: ann@example.net\nAction: delivered\n",
     "ann@example.net delivered  \n"},
    {"", "\nFinal-Recipient: rfc822; ann@example.net\nStatus: 5.2.2\n",
     "ann@example.net failed 5.2.2 \n"}, /* no action: the status says it */
    {"", "\nFinal-Recipient: utf-8; jürgen@example.net\nAction: relayed (to x)\nStatus: 2.0.0\n",
     "jürgen@example.net relayed 2.0.0 \n"},
    {"", "\nFinal-Recipient: rfc822; ann@example.net\n", ""},
    {"", "\nFinal-Recipient: rfc822; nobody\nAction: failed\nStatus: 5.1.1\n", ""},
    {"", "\nFinal-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 9.9\n",
     "ann@example.net failed  \n"},
    {"", "", ""},
    {"Content-Transfer-Encoding: base64\n",
     "DQpGaW5hbC1SZWNpcGllbnQ6IHJmYzgyMjsgYW5uQGV4YW1wbGUubmV0DQpBY3Rpb246IGZhaWxlZA0KU3RhdHVz"
     "OiA1LjEuMQ0K\n",
     "ann@example.net failed 5.1.1 \n"},
    {"", "not a field\nFinal-Recipient: rfc822; ann@example.net\nAction: failed\nStatus: 5.1.1\n",
     "ann@example.net failed 5.1.1 \n"},
};

static void
test_reports(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < COUNT(reports); i++) {
		struct arena *a = arena_new();
		struct message m;
		struct dsn_recipient *r;
		char *bytes =
		    arena_printf(a, "%sContent-Type: message/delivery-status\n%s\n%s\n--b--\n",
				 head, reports[i].type, reports[i].status);
		message_parse(&m, a, slice_str(bytes));
		size_t n = dsn_parse(&m, a, false, &r);
		buf_clear(&b);
		for (size_t k = 0; k < n; k++)
			buf_printf(&b, "%.*s %s %.*s %.*s\n", SLICE_ARG(r[k].recipient),
				   action_names[r[k].action], SLICE_ARG(r[k].status),
				   SLICE_ARG(r[k].diagnostic));
		assert_string_equal(buf_str(&b), reports[i].want);
		arena_free(a);
	}
	buf_free(&b);
}

static void
test_none(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct message m;
	struct dsn_recipient *r;
	message_parse(&m, a, SLICE("Subject: x\n\nFinal-Recipient: rfc822; a@b.c\n"));
	assert_int_equal(dsn_parse(&m, a, false, &r), 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_reports),
					   cmocka_unit_test(test_none)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
