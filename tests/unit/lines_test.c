/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines: whose line is it. tests/data/lines/NAME.txt: each line has its kind (O own, Q quote,
 * A attribution, S signature), its depth and '|' before it; the same without these is the input.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "mail/readable.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char *
data_dir(void)
{
	static char dir[4096];
	const char *top = getenv("top_srcdir");
	snprintf(dir, sizeof dir, "%s/tests/data/lines", top ? top : ".");
	return dir;
}

static void
check_file(const char *name, struct slice want)
{
	struct arena *a = arena_new();
	struct buf in, got;
	struct slice rest = want, line;
	struct text_line *lines;
	buf_init(&in, BUF_NO_LIMIT);
	buf_init(&got, BUF_NO_LIMIT);
	while (slice_next_line(&rest, &line)) {
		buf_put_slice(&in, slice_from(line, 3));
		buf_putc(&in, '\n');
	}
	size_t n = readable_lines(a, buf_slice(&in), &lines);
	for (size_t i = 0; i < n; i++)
		buf_printf(&got, "%c%d|%.*s\n", "OQAS"[lines[i].kind], lines[i].depth,
			   SLICE_ARG(lines[i].text));
	if (!slice_eq(buf_slice(&got), want))
		print_error("file: %s\n", name);
	assert_string_equal(buf_str(&got), arena_str(a, want));
	buf_free(&in);
	buf_free(&got);
	arena_free(a);
}

static void
test_files(void **state)
{
	(void)state;
	DIR *dir = opendir(data_dir());
	struct dirent *d;
	int n = 0;
	if (!dir)
		fail_msg("no folder %s: set top_srcdir", data_dir());
	while ((d = readdir(dir))) {
		if (!slice_ends_ci(slice_str(d->d_name), SLICE(".txt")))
			continue;
		struct arena *a = arena_new();
		struct slice want;
		assert_int_equal(file_read(dirfd(dir), d->d_name, 1 << 20, a, &want, NULL), 0);
		check_file(d->d_name, want);
		arena_free(a);
		n++;
	}
	closedir(dir);
	assert_true(n >= 15);
}

/* Every line of the input comes out once, in order, whatever it holds. */
static void
test_all_lines(void **state)
{
	(void)state;
	static const char *const units[] = {
	    ">",       "> ",        ">>> ",
	    "-- \n",   "From: x\n", "On 5, wrote:\n",
	    "|",       "\n",        "_____________________\n",
	    "JD> x\n", "> \n\n",    "-----Original Message-----\nFrom: a\nDate: b\n"};
	for (size_t u = 0; u < COUNT(units); u++) {
		struct arena *a = arena_new();
		struct buf b;
		struct text_line *lines;
		buf_init(&b, BUF_NO_LIMIT);
		while (b.n < 200000)
			buf_puts(&b, units[u]);
		size_t n = readable_lines(a, buf_slice(&b), &lines), k = 0;
		struct slice rest = buf_slice(&b), line;
		for (; slice_next_line(&rest, &line); k++) {
			assert_true(k < n && lines[k].text.p == line.p &&
				    lines[k].text.n == line.n);
			assert_true((lines[k].kind == LINE_QUOTE) == (lines[k].depth > 0));
		}
		assert_int_equal(k, n);
		buf_free(&b);
		arena_free(a);
	}
}

struct pair {
	const char *in, *out;
};

static const struct pair flowed[] = {
    {"one \ntwo \nthree\nfour\n", "one two three\nfour\n"},
    {"> one \n> two\n>> three \n>> four\nown \ntext\n", "> one two\n>> three four\nown text\n"},
    {"one \n> two\n", "one \n> two\n"},                   /* depth changes: no flow (4.5) */
    {"text \n-- \nBob \nDoe\n", "text \n-- \nBob Doe\n"}, /* the signature mark (4.3) */
    {" stuffed\n From x\n", "stuffed\nFrom x\n"},
    {" > own words\n", " > own words\n"}, /* must not look like a quote */
    {">\n> \n", ">\n>\n"},
    {"one\n\ntwo\n", "one\n\ntwo\n"},
    {"end ", "end \n"},
    {"a \r\nb\r\n", "a b\n"},
    {"", ""},
};

static void
test_flowed(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	for (size_t i = 0; i < COUNT(flowed); i++) {
		struct slice got = text_unflow(a, slice_str(flowed[i].in), false);
		if (!slice_is(got, flowed[i].out))
			print_error("for: %s\n", flowed[i].in);
		assert_string_equal(arena_str(a, got), flowed[i].out);
	}
	/* DelSp: the space is the mark's, not the text's (4.6) */
	struct slice got = text_unflow(a, slice_str("日本 \n語\n"), true);
	assert_string_equal(arena_str(a, got), "日本語\n");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_files),
					   cmocka_unit_test(test_all_lines),
					   cmocka_unit_test(test_flowed)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
