/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compose: what is written reads back, and no value can add a line. */
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
#include "mail/address.h"
#include "mail/compose.h"
#include "mail/header.h"
#include "mail/message.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct arena *a;
static struct buf out;

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	buf_init(&out, BUF_NO_LIMIT);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&out);
	arena_free(a);
	return 0;
}

static struct compose
plain(void)
{
	return (struct compose){
	    .from_name = SLICE("Access list"),
	    .from = SLICE("access-owner@lists.example.org"),
	    .to_name = SLICE("Jane Doe"),
	    .to = SLICE("jane@example.org"),
	    .subject = SLICE("Welcome"),
	    .body = SLICE("Hello.\n\nBye.\n"),
	    .language = "en",
	    .msgid = SLICE("one@lists.example.org"),
	    .date = 1795359600,
	};
}

/* Every line ends in CRLF, has at most 998 bytes, and is printable ASCII or tab. */
static void
check_wire(struct slice s)
{
	size_t column = 0;
	assert_true(s.n > 2 && s.p[s.n - 1] == '\n');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\n') {
			assert_true(i > 0 && s.p[i - 1] == '\r');
			column = 0;
			continue;
		}
		assert_true(c != '\r' || (i + 1 < s.n && s.p[i + 1] == '\n'));
		assert_true(c == '\r' || c == '\t' || (c >= 0x20 && c < 0x7f));
		assert_true(++column <= 999);
	}
}

static struct message
compose_and_parse(const struct compose *c)
{
	struct message m;
	buf_clear(&out);
	compose_message(&out, c);
	check_wire(buf_slice(&out));
	message_parse(&m, a, buf_slice(&out));
	assert_int_equal(m.verdict, GUARD_OK);
	return m;
}

static void
check_value(const struct message *m, const char *name, const char *want)
{
	assert_string_equal(arena_str(a, header_text(a, message_value(m, name))), want);
}

static void
test_plain(void **state)
{
	(void)state;
	struct compose c = plain();
	struct slice extra[] = {SLICE("List-Id: <access.lists.example.org>"),
				SLICE("X-Note: folded\n here"), SLICE("no field"),
				SLICE("Bad Name: x"), SLICE("X-Uml: Ünï")};
	c.extra = extra;
	c.nextra = COUNT(extra);
	c.in_reply_to = SLICE("zero@example.org");
	c.reply_to = SLICE("access-confirm+abc@lists.example.org");
	struct message m = compose_and_parse(&c);
	check_value(&m, "From", "Access list <access-owner@lists.example.org>");
	check_value(&m, "To", "Jane Doe <jane@example.org>");
	check_value(&m, "Reply-To", "<access-confirm+abc@lists.example.org>");
	check_value(&m, "Subject", "Welcome");
	check_value(&m, "Date", "Sun, 22 Nov 2026 15:00:00 +0000");
	check_value(&m, "Message-ID", "<one@lists.example.org>");
	check_value(&m, "In-Reply-To", "<zero@example.org>");
	check_value(&m, "References", "<zero@example.org>");
	check_value(&m, "Auto-Submitted", "auto-generated");
	check_value(&m, "Content-Language", "en");
	check_value(&m, "Content-Transfer-Encoding", "7bit");
	check_value(&m, "List-Id", "<access.lists.example.org>");
	check_value(&m, "X-Note", "folded here");
	check_value(&m, "X-Uml", "Ünï");
	assert_null(message_field(&m, "Bad Name"));
	assert_int_equal(m.nparts, 1);
	assert_string_equal(arena_str(a, part_text(a, &m.parts[0], 1000)), "Hello.\n\nBye.\n");
}

static void
test_replied(void **state)
{
	(void)state;
	struct compose c = plain();
	c.auto_replied = true;
	c.to = c.language ? slice_make(NULL, 0) : c.to;
	c.language = NULL;
	struct message m = compose_and_parse(&c);
	check_value(&m, "Auto-Submitted", "auto-replied");
	check_value(&m, "To", "undisclosed-recipients:;");
	assert_null(message_field(&m, "Content-Language"));
	assert_null(message_field(&m, "Reply-To"));
}

/* Twice the same: a notice may be written again after a crash. */
static void
test_same(void **state)
{
	(void)state;
	struct compose c = plain();
	c.attached = SLICE("Subject: x\r\n\r\nbody\r\n");
	struct buf again;
	buf_init(&again, BUF_NO_LIMIT);
	compose_message(&out, &c);
	compose_message(&again, &c);
	assert_true(slice_eq(buf_slice(&out), buf_slice(&again)));
	buf_free(&again);
}

struct body {
	const char *text, *encoding;
};

static const struct body bodies[] = {
    {"ASCII only\n", "7bit"},
    {"", "7bit"},
    {"no line end", "7bit"},
    {"Grüße aus Genf, und noch viel mehr Text, der sonst schlicht ist.  \nFrom here\n.\n",
     "quoted-printable"},
    {"Добрый день, уважаемые участники коалиции.\n", "base64"},
    {"会议将于周五举行。\n", "base64"},
    {"soft = breaks: é " /* around the 76th column */
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n",
     "quoted-printable"},
};

static void
test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct compose c = plain();
		c.body = slice_str(bodies[i].text);
		struct message m = compose_and_parse(&c);
		check_value(&m, "Content-Transfer-Encoding", bodies[i].encoding);
		struct slice got = slice_trim(part_text(a, &m.parts[0], 100000));
		assert_string_equal(arena_str(a, got), arena_str(a, slice_trim(c.body)));
	}
}

static void
test_long_line(void **state)
{
	(void)state;
	for (size_t n = 997; n <= 999; n++) {
		char text[1000];
		memset(text, 'x', n);
		struct compose c = plain();
		c.body = slice_make(text, n);
		struct message m = compose_and_parse(&c);
		check_value(&m, "Content-Transfer-Encoding", n > 998 ? "quoted-printable" : "7bit");
		assert_int_equal(slice_trim(part_text(a, &m.parts[0], 10000)).n, n);
	}
}

static void
test_hostile(void **state)
{
	(void)state;
	static const char evil[] = "x\r\nBcc: victim@example.org\r\n\r\nbody";
	struct compose c = plain();
	c.from_name = c.to_name = c.subject = slice_str(evil);
	c.to = c.from = c.reply_to = slice_str("a@b.org>\r\nBcc: victim@example.org");
	c.msgid = c.in_reply_to = slice_str("id>\r\nBcc: victim@example.org\r\n");
	c.language = "en\r\nBcc: x";
	struct slice extra[] = {SLICE("X-A: 1\r\nBcc: victim@example.org"),
				SLICE("X-B\r\nBcc: victim@example.org")};
	c.extra = extra;
	c.nextra = COUNT(extra);
	c.body = slice_make("a\0b\r\x01\x7f", 7);
	struct message m = compose_and_parse(&c);
	assert_null(message_field(&m, "Bcc"));
	assert_non_null(message_field(&m, "X-A"));
	assert_int_equal(m.nparts, 1);
}

static void
test_attached(void **state)
{
	(void)state;
	static const char ascii[] = "From: a@b.org\r\nSubject: held\r\n\r\nbody\r\n";
	struct compose c = plain();
	c.attached = slice_str(ascii);
	struct message m = compose_and_parse(&c);
	assert_int_equal(m.nparts, 4);
	assert_true(part_is(&m.parts[0], "multipart", "mixed"));
	assert_true(part_is(&m.parts[1], "text", "plain"));
	assert_true(part_is(&m.parts[2], "message", "rfc822"));
	assert_true(slice_is(slice_trim(m.parts[3].body), "body"));

	/* 8-bit: never raw on the wire */
	c.attached = SLICE("Subject: h\xc3\xa9l"
			   "d\n\nb\xf6"
			   "dy\n");
	m = compose_and_parse(&c);
	assert_true(part_is(&m.parts[2], "message", "global"));
	assert_true(slice_is(m.parts[2].encoding, "base64"));
	struct slice back = part_decode(a, &m.parts[2], 10000);
	assert_true(slice_eq(back, c.attached));

	c.head_only = true;
	m = compose_and_parse(&c);
	assert_int_equal(m.nparts, 3);
	assert_true(part_is(&m.parts[2], "text", "rfc822-headers"));
	assert_true(slice_is(slice_trim(part_text(a, &m.parts[2], 1000)), "Subject: héld"));
}

static void
test_attach_max(void **state)
{
	(void)state;
	struct compose c = plain();
	c.attached = SLICE("Subject: x\r\n\r\n12345\r\n");
	for (int64_t max = (int64_t)c.attached.n - 1; max <= (int64_t)c.attached.n + 1; max++) {
		c.attach_max = max;
		struct message m = compose_and_parse(&c);
		bool whole = max >= (int64_t)c.attached.n;
		assert_true(part_is(&m.parts[2], whole ? "message" : "text",
				    whole ? "rfc822" : "rfc822-headers"));
	}
}

/* An attached message that knows the boundary does not end its part. */
static void
test_boundary(void **state)
{
	(void)state;
	struct compose c = plain();
	c.attached = SLICE("Subject: x\r\n\r\nbody\r\n");
	struct message m = compose_and_parse(&c);
	struct slice boundary = mime_parameter(a, m.parts[0].content_type, "boundary");
	char *evil =
	    arena_printf(a, "Subject: x\r\n\r\n\r\n--%s--\r\nafter\r\n", arena_str(a, boundary));
	c.attached = slice_str(evil);
	m = compose_and_parse(&c);
	assert_int_equal(m.nparts, 4);
	assert_true(slice_find(m.parts[3].body, SLICE("after")) < m.parts[3].body.n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_plain, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_replied, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_same, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bodies, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_long_line, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_hostile, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_attached, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_attach_max, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_boundary, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
