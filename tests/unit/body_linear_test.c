/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies that are long in one way: eight times as much of it may take some eight times as long, not
 * sixty-four. Processor time is compared with itself, never with a clock on the wall; what takes
 * too little to be measured passes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "archive/body.h"
#include "base/arena.h"

#define SMALL 24000
#define TIMES 8
#define RATIO_MAX 28    /* sixty-four if it were quadratic */
#define MEASURABLE 0.04 /* seconds of the larger one */
#define TRIES 3         /* the best counts: others work on this machine */

#define TEXT "From: a@b.c\n\n"
#define FLOWED "From: a@b.c\nContent-Type: text/plain; format=flowed\n\n"
#define HTML "From: a@b.c\nContent-Type: text/html; charset=utf-8\n\n"
#define MIXED "From: a@b.c\nContent-Type: multipart/mixed; boundary=b\n\n"
#define RELATED                                                                                    \
	"From: a@b.c\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: "          \
	"text/html\n\n"

static const struct {
	const char *head, *unit;
} shapes[] = {
    {TEXT, "a"},
    {TEXT, "a b"},
    {TEXT, ">"},
    {TEXT, "> "},
    {TEXT, ">\n"},
    {TEXT, "> a\nb\n"},
    {TEXT, "> a\n\nb\n\n"},
    {TEXT, "> a\n>> b\n>>>>>>>> c\n"},
    {TEXT, "\n"},
    {TEXT, " \n"},
    {TEXT, "@"},
    {TEXT, "a@b.c"},
    {TEXT, "a@"},
    {TEXT, ":"},
    {TEXT, "http://"},
    {TEXT, "http://a.b/ "},
    {TEXT, "http://a("},
    {TEXT, "From: x\n"},
    {TEXT, "From: x\ny\n"},
    {TEXT, "-----Original Message-----\n"},
    {TEXT, "On 5 May 2022, a@b.c wrote:\n\n"},
    {TEXT, "x\n\nOn 5 May 2022, a@b.c\n"},
    {TEXT, "wrote: 10:15 @ <a>:\n> x\n"},
    {TEXT, "-- \nx\n"},
    {TEXT, "--\n"},
    {TEXT, "_____________________\n"},
    {TEXT, "```\n"},
    {TEXT, "```\nx\n"},
    {TEXT, "0x"},
    {TEXT, "[1.2\n"},
    {TEXT, "a  b  c\n"},
    {TEXT, "+a\n\n"},
    {TEXT, "diff --git a b\n\n+x\n\ny\n\n"},
    {TEXT, "- a\n"},
    {TEXT, "\xd7\xa9\n\n"},
    {TEXT, "\xf0\xd2\xc9\n"},
    {TEXT, "\xc3\xa4 \xe9!"},
    {TEXT, "-----BEGIN PGP SIGNED MESSAGE-----\n"},
    {FLOWED, "a \n"},
    {FLOWED, ">> a \n> b \n"},
    {HTML, "a"},
    {HTML, "a "},
    {HTML, "<br>"},
    {HTML, "<p>x</p>"},
    {HTML, "<p>"},
    {HTML, "<div>x</div>"},
    {HTML, "&lt;"},
    {HTML, "<blockquote type=cite>x</blockquote>y"},
    {HTML, "<blockquote>x</blockquote>"},
    {HTML, "<table><tr><td>x</table>"},
    {HTML, "<table><tr><td>x<td>y<tr><td>z<td>u</table>"},
    {HTML, "<tr><td>x"},
    {HTML, "<ul><li>x</ul>"},
    {HTML, "<a href='https://a.b/'>x</a>"},
    {HTML, "<p>From: a@b.c<br>"},
    {HTML, "<"},
    {HTML, "<!-- "},
    {RELATED, "<img src='cid:x'>"},
    {MIXED, "--b\n\nx\n"},
    {MIXED, "--b\nContent-Type: image/png; name=a.png\n\n\x89PNG\r\n\x1a\n12345678901\n"},
    {MIXED, "--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n"},
    {MIXED, "--b\nContent-Type: text/calendar\n\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n"},
};

static double
render(const char *head, const char *unit, size_t size)
{
	struct body_style style = {"en", "lists.example.org", SLICE("plain words"), NULL};
	struct arena *a = arena_new();
	struct buf mail, out;
	struct message m;
	clock_t begun;
	double used;

	buf_init(&mail, BUF_NO_LIMIT);
	buf_init(&out, BUF_NO_LIMIT);
	buf_puts(&mail, head);
	while (mail.n < size)
		buf_puts(&mail, unit);
	buf_putc(&mail, '\n');
	begun = clock();
	message_parse(&m, a, buf_slice(&mail));
	body_put(&out, a, &m, &style);
	assert_int_equal(body_excerpt(a, &m, 280).n <= 280 * 4, 1);
	used = (double)(clock() - begun) / CLOCKS_PER_SEC;
	buf_free(&mail);
	buf_free(&out);
	arena_free(a);
	return used;
}

static void
test_ratios(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		const char *head = shapes[i].head, *unit = shapes[i].unit;
		double ratio = 1e9;

		for (int k = 0; k < TRIES && ratio > RATIO_MAX; k++) {
			double large = render(head, unit, SMALL * TIMES);
			double small = large < MEASURABLE ? large : render(head, unit, SMALL);
			double now = small > 0 ? large / small : 1;

			ratio = now < ratio ? now : ratio;
		}
		if (ratio > RATIO_MAX)
			fail_msg("%d times as much of \"%s\" takes %.1f times as long", TIMES, unit,
				 ratio);
	}
}

/* What is longer than is looked at says so. */
static void
test_ten_megabytes(void **state)
{
	struct body_style style = {"en", "lists.example.org", SLICE(""), NULL};
	struct arena *a = arena_new();
	struct buf mail, out;
	struct message m;

	(void)state;
	buf_init(&mail, BUF_NO_LIMIT);
	buf_init(&out, BUF_NO_LIMIT);
	buf_puts(&mail, TEXT);
	while (mail.n < 10000000)
		buf_puts(&mail, "a line that never ends, ");
	message_parse(&m, a, buf_slice(&mail));
	body_put(&out, a, &m, &style);
	assert_true(out.n > 1000000 && out.n < 4000000);
	assert_non_null(strstr(buf_str(&out), "Only the beginning of this long text is shown"));
	buf_free(&mail);
	buf_free(&out);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_ratios),
					   cmocka_unit_test(test_ten_megabytes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
