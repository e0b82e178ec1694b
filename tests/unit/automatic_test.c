/* SPDX-License-Identifier: GPL-2.0-or-later */
/* automatic: machines are known, and people are not taken for machines. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "mail/automatic.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct mail {
	const char *from; /* of the envelope */
	const char *head;
	bool automatic;
};

#define ANN "ann@example.org"

static const struct mail mails[] = {
    {ANN, "From: Ann <ann@example.org>\nSubject: subscribe\n", false},
    {ANN, "Auto-Submitted: no\nFrom: ann@example.org\n", false},
    {ANN, "Precedence: normal\nFrom: ann@example.org\n", false},
    {ANN, "Precedence: first-class\nFrom: ann@example.org\n", false},
    {ANN, "From: ann@example.org\nSubject: Re: Out of office\nIn-Reply-To: <x@y>\n", false},
    {ANN, "From: ann@example.org\nSubject: Vacation of the chair\n", false},
    {ANN, "From: ann@example.org\nSubject: help\nIn-Reply-To: <x@y>\n", false},
    {ANN, "From: Norepinephrine <norep@example.org>\n", false},
    {ANN, "From: bounceback@example.org\n", false},
    {"owner@example.org", "From: owner@example.org\n", false},

    {"", "From: ann@example.org\n", true},
    {ANN, "Auto-Submitted: auto-replied\nFrom: ann@example.org\n", true},
    {ANN, "Auto-Submitted: auto-generated (rejected)\nFrom: ann@example.org\n", true},
    {ANN, "auto-submitted: AUTO-NOTIFIED; x=no\nFrom: ann@example.org\n", true},
    {ANN, "Precedence: bulk\nFrom: ann@example.org\n", true},
    {ANN, "Precedence: JUNK\nFrom: ann@example.org\n", true},
    {ANN, "Precedence: list\nFrom: ann@example.org\n", true},
    {ANN, "List-Id: <x.example.org>\nFrom: ann@example.org\n", true},
    {ANN, "list-unsubscribe: <mailto:x@example.org>\nFrom: ann@example.org\n", true},
    {ANN, "X-Loop: x@example.org\nFrom: ann@example.org\n", true},
    {ANN, "X-Autoreply: yes\nFrom: ann@example.org\n", true},
    {ANN, "X-Auto-Response-Suppress: All\nFrom: ann@example.org\n", true},
    {ANN, "Content-Type: multipart/report; boundary=x\nFrom: ann@example.org\n", true},
    {ANN, "From: Mail Delivery <MAILER-DAEMON@mx.example.org>\n", true},
    {ANN, "From: no-reply@shop.example\n", true},
    {ANN, "From: NoReply@shop.example\n", true},
    {"MAILER-DAEMON", "From: x@example.org\n", true},
    {"owner-list@example.org", "From: ann@example.org\n", true},
    {"list-request@example.org", "From: ann@example.org\n", true},
    {ANN, "From: ann@example.org\nSubject: Out of Office: x\nIn-Reply-To: <x@y>\n", true},
    {ANN, "From: ann@example.org\nSubject: Automatic reply: x\nReferences: <x@y>\n", true},
    {ANN,
     "From: ann@example.org\nIn-Reply-To: <x@y>\n"
     "Subject: =?utf-8?q?R=C3=89PONSE_AUTOMATIQUE?=\n",
     true},
    {ANN, "From: ann@example.org\nIn-Reply-To: <x@y>\nSubject: Автоответ: x\n", true},
    {ANN, "From: ann@example.org\nIn-Reply-To: <x@y>\nSubject: 自动回复: x\n", true},
};

static void
test_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mails); i++) {
		struct arena *a = arena_new();
		struct message m;
		char *bytes = arena_printf(a, "%s\nbody\n", mails[i].head);
		message_parse(&m, a, slice_str(bytes));
		const char *why = automatic_reason(&m, slice_str(mails[i].from));
		if ((why != NULL) != mails[i].automatic)
			fail_msg("%s: <%s> %s", why ? why : "a person", mails[i].from,
				 mails[i].head);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_reasons)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
