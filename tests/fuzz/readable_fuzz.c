/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reader sees, from hostile bytes: HTML as text and cleaned, lines, flowed text, a whole
 * mail. Checked besides not crashing: cleaned HTML passes the strict reader, text is clean, every
 * line comes out once and in order, parts are numbered without gaps.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/utf8.h"
#include "mail/automatic.h"
#include "mail/dsn.h"
#include "mail/readable.h"
#include "tests/unit/html_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool good, const char *what)
{
	if (!good) {
		log_error("not so: %s", what);
		abort(); /* so that the fuzzer keeps the input */
	}
}

static void
check_html(struct arena *a, struct slice html)
{
	struct buf b;
	char why[200];
	buf_init(&b, BUF_NO_LIMIT);
	html_clean(&b, html);
	must(html_check(buf_slice(&b), why, sizeof why), why);
	buf_free(&b);
	struct slice text = html_to_text(a, html);
	must(text.n <= READABLE_MAX, "text keeps its limit");
	must(slice_eq(utf8_cleaned(a, text), text), "text is clean");
}

static void
check_lines(struct arena *a, struct slice text)
{
	struct text_line *lines;
	size_t n = readable_lines(a, text, &lines), i = 0;
	struct slice rest = text, line;
	for (; slice_next_line(&rest, &line); i++) {
		must(i < n && lines[i].text.p == line.p && lines[i].text.n == line.n,
		     "every line once, in order");
		must((lines[i].kind == LINE_QUOTE) == (lines[i].depth > 0), "quotes have a depth");
	}
	must(i == n, "no line is added");
	struct slice flat = text_unflow(a, text, text.n % 2);
	must(flat.n <= 2 * text.n + 2, "unflowing adds no more than line ends and marks");
}

static void
check_mail(struct arena *a, struct slice bytes)
{
	struct message m;
	struct readable_part *list;
	struct dsn_recipient *recipients;
	message_parse(&m, a, bytes);
	size_t n = readable_parts(&m, a, &list);
	int number = 0;
	for (size_t i = 0; i < n; i++) {
		must(list[i].part >= 0 && (size_t)list[i].part < m.nparts, "a part of the message");
		must(i == 0 || list[i].part > list[i - 1].part, "in order");
		if (list[i].kind == READABLE_ATTACHMENT)
			must(list[i].number == ++number, "attachments are numbered");
	}
	struct slice text = readable_text(&m, a);
	must(text.n <= READABLE_MAX, "text keeps its limit");
	must(slice_eq(utf8_cleaned(a, text), text), "text is clean");
	(void)automatic_reason(&m, SLICE("a@example.org"));
	size_t found = dsn_parse(&m, a, false, &recipients);
	for (size_t i = 0; i < found; i++)
		must(recipients[i].recipient.n > 0, "a report names its recipient");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct slice s = slice_make((const char *)data, size);
	check_html(a, s);
	check_lines(a, s);
	check_mail(a, s);
	arena_free(a);
	return 0;
}
