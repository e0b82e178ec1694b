/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Search in fifteen languages against a table of words and the messages that hold them (whole words
 * after NFKC and case folding; for Chinese and Japanese pieces of text). All of them must be found;
 * how much else is found is printed, and bounded where words are asked for as they stand.
 */
#include "config.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "archive/index.h"
#include "base/file.h"
#include "base/hash.h"
#include "mail/msgid.h"
#include "tests/tools/maildocs.h"

#define PAGE 200

struct score {
	char language[8];
	int wanted, found, right;
	int first; /* right ones among the first as many as are wanted */
};

struct corpus {
	struct arena *a;
	struct maildocs docs;
	struct index_reader *reader;
	char dir[64];
	struct slice table;
};

static bool
is_wanted(struct slice ids, const char *key)
{
	struct slice id;
	char k[KEY_SIZE];

	while (slice_next_word(&ids, &id)) {
		msgid_key(id, k);
		if (strcmp(k, key) == 0)
			return true;
	}
	return false;
}

/* One row of the table, asked as text. */
static struct score
ask(struct corpus *c, const char *language, const char *text, struct slice ids)
{
	struct index_query q = {.text = slice_str(text), .list = language, .limit = PAGE};
	struct index_result res;
	struct slice rest = ids, id;
	struct score s;
	struct err e;

	memset(&s, 0, sizeof s);
	while (slice_next_word(&rest, &id))
		s.wanted++;
	do {
		if (index_search(c->reader, c->a, &q, &res, &e) < 0)
			fail_msg("%s: %s", text, e.text);
		for (size_t i = 0; i < res.n; i++) {
			bool right = is_wanted(ids, res.hits[i].key);

			s.right += right;
			s.first += right && q.offset + (int64_t)i < s.wanted;
		}
		s.found += (int)res.n;
		q.offset += PAGE;
	} while (res.n == PAGE);
	if (s.right != s.wanted)
		print_message("%s: %s: %d of %d found\n", language, text, s.right, s.wanted);
	return s;
}

static void
sum(struct score *to, const struct score *one)
{
	to->wanted += one->wanted;
	to->found += one->found;
	to->right += one->right;
	to->first += one->first;
}

static void
print_score(const struct score *s, const char *how)
{
	if (s->wanted > 0)
		print_message("%-6s %-7s recall %4d/%4d  precision %.3f  of the first %.3f\n",
			      s->language, how, s->right, s->wanted,
			      1.0 * s->right / (s->found ? s->found : 1),
			      1.0 * s->first / s->wanted);
}

/* Asks all; the sum. */
static struct score
run(struct corpus *c, bool quoted)
{
	const char *how = quoted ? "\"word\"" : "word";
	struct slice table = c->table, line, field[5];
	struct score s, all, one;

	memset(&s, 0, sizeof s);
	memset(&all, 0, sizeof all);
	strcpy(all.language, "all");
	(void)slice_next_line(&table, &line);
	while (slice_next_line(&table, &line)) {
		for (int i = 0; i < 5; i++)
			slice_cut(line, '\t', &field[i], &line);
		if (!slice_is(field[0], s.language)) {
			print_score(&s, how);
			memset(&s, 0, sizeof s);
			snprintf(s.language, sizeof s.language, "%.*s", SLICE_ARG(field[0]));
		}
		one = ask(c, s.language,
			  arena_printf(c->a, quoted ? "\"%.*s\"" : "%.*s", SLICE_ARG(field[1])),
			  field[4]);
		sum(&s, &one);
		sum(&all, &one);
	}
	print_score(&s, how);
	print_score(&all, how);
	return all;
}

/* Two rows ask for what the table cut off an Arabic word at a vowel point. */
#define CUT_OFF 2

static void
test_as_it_stands(void **state)
{
	struct score s;

	if (!*state)
		skip();
	s = run(*state, true);
	assert_true(s.wanted > 1000);
	assert_true(s.right + CUT_OFF >= s.wanted);
	assert_true(s.right >= 0.95 * s.found);
	assert_true(s.first >= 0.95 * s.wanted);
}

/* Words without quotes are found in their other forms too, but not first. */
static void
test_words(void **state)
{
	struct score s;

	if (!*state)
		skip();
	s = run(*state, false);
	assert_true(s.right + CUT_OFF >= s.wanted);
	assert_true(s.first >= 0.8 * s.wanted);
}

static void
load(struct corpus *c, const char *folder)
{
	struct slice table = c->table, line, language, rest;
	char last[8] = "lang";

	while (slice_next_line(&table, &line)) {
		char *path;

		slice_cut(line, '\t', &language, &rest);
		if (slice_is(language, last))
			continue;
		snprintf(last, sizeof last, "%.*s", SLICE_ARG(language));
		path = arena_printf(c->a, "%s/multilang/%s.mbox", folder, last);
		assert_int_equal(
		    maildocs_add(&c->docs, c->a, path, arena_str(c->a, language), 100000), 0);
	}
	assert_true(c->docs.n > 5000);
}

static int
set_up(void **state)
{
	const char *folder = getenv("PLENARY_CORPORA");
	struct corpus *c;
	struct index_writer *w;
	struct err e;

	*state = NULL;
	if (!folder) {
		print_message("SKIP: PLENARY_CORPORA is not set: search in fifteen languages is "
			      "not tested\n");
		return 0;
	}
	c = calloc(1, sizeof *c);
	assert_non_null(c);
	c->a = arena_new();
	assert_int_equal(file_read(AT_FDCWD, arena_printf(c->a, "%s/multilang/QUERIES.tsv", folder),
				   1 << 20, c->a, &c->table, &e),
			 0);
	load(c, folder);
	snprintf(c->dir, sizeof c->dir, "/tmp/plenary-corpus-XXXXXX");
	assert_non_null(mkdtemp(c->dir));
	assert_int_equal(index_writer_open(&w, c->dir, &e), 0);
	assert_int_equal(index_put_many(w, c->docs.doc, c->docs.n, &e), 0);
	assert_int_equal(index_commit(w, &e), 0);
	index_writer_close(w);
	assert_int_equal(index_reader_open(&c->reader, c->dir, &e), 0);
	*state = c;
	return 0;
}

static int
tear_down(void **state)
{
	struct corpus *c = *state;
	struct err e;

	if (!c)
		return 0;
	index_reader_close(c->reader);
	assert_int_equal(file_remove_tree(AT_FDCWD, c->dir, &e), 0);
	free(c->docs.doc);
	arena_free(c->a);
	free(c);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_as_it_stands),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
