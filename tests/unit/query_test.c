/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search words of a query, their grammar, and their dates. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#include "archive/query.h"
#include "archive/snippet.h"
#include "archive/spell.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

#define NOW clock_from_civil(2026, 3, 31, 10, 30, 0)

/* The postfix form: words as field:word, filters as kind=value, operators as & | !. */
static char *
told(struct arena *a, struct slice text, const char **notice)
{
	static const char *const field[] = {"", "s:", "f:", "t:", "b:", "q:", "nq:", "n:"};
	static const char *const kind[] = {
	    "", "date", "l=", "thread=", "m=", "attachment", "&", "|", "!"};
	struct query q;
	struct buf b;
	char *out;

	query_parse(&q, text, NOW);
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < q.n; i++) {
		const struct query_item *o = &q.item[i];

		buf_puts(&b, i ? " " : "");
		if (o->kind == QUERY_WORDS) {
			buf_puts(&b, field[o->field]);
			buf_puts(&b, o->quoted ? "\"" : "");
		}
		buf_puts(&b, kind[o->kind]);
		buf_put_slice(&b, o->kind == QUERY_DATES || o->kind == QUERY_ATTACHMENT
				      ? (struct slice){NULL, 0}
				      : o->text);
		buf_puts(&b, o->quoted ? "\"" : o->open ? "*" : "");
	}
	out = arena_str(a, buf_slice(&b));
	buf_free(&b);
	if (notice)
		*notice = q.notice;
	return out;
}

static const struct {
	const char *text, *form;
} good[] = {
    {"", ""},
    {"  \t\n ", ""},
    {"one", "one"},
    {"one two three", "one two & three &"},
    {"one AND two OR three", "one two & three |"},
    {"one OR two three", "one two three & |"},
    {"one or two", "one or & two &"},
    {"(one OR two) three", "one two | three &"},
    {"((one))", "one"},
    {"one(two)three", "one two & three &"},
    {"-one", "one !"},
    {"one -two", "one two ! &"},
    {"one NOT two", "one two ! &"},
    {"one AND NOT two", "one two ! &"},
    {"NOT NOT one", "one ! !"},
    {"-(one two)", "one two & !"},
    {"-\"one two\"", "\"one two\" !"},
    {"- one -- two", "one two &"},
    {"T10-PI", "T10-PI"},
    {"s:one f:\"two three\" t:x b:y q:z nq:w n:a.pdf",
     "s:one f:\"two three\" & t:x & b:y & q:z & nq:w & n:a.pdf &"},
    {"S:one", "s:one"},
    {"-s:one", "s:one !"},
    {"x:one http://e.org/", "x:one http://e.org/ &"},
    {"m:<a(b)@c> m:d@e", "m=a(b)@c m=d@e |"},
    {"l:a l:b one", "l=a l=b | one &"},
    {"l:a AND l:b", "l=a l=b &"},
    {"-l:a -l:b", "l=a ! l=b ! &"},
    {"(l:a l:b)", "l=a l=b |"},
    {"thread:KEY has:attachment d:2017", "thread=KEY attachment & date &"},
    {"foo* s:bar* 京*", "foo* s:bar* & 京* &"},
    {"\"foo*\"", "\"foo*\""},
    {"&& one !!", "one"},
};

static const struct {
	const char *text, *form;
} bad[] = {
    {"AND", "and"},
    {"AND AND", "and and &"},
    {"OR (", "or"},
    {"one AND", "one"},
    {"OR one", "one"},
    {"one NOT", "one"},
    {"one OR AND two", "one two &"},
    {"(one", "one"},
    {"one)", "one"},
    {"()", ""},
    {"one () two", "one two &"},
    {"\"one two", "one two &"},
    {"s:one \"two (l:x", "s:one two & l=x &"},
    {"d:never one", "one"},
    {"d:2017-13", ""},
    {"has:horns one", "one"},
    {"l: one", "one"},
    {"fo* one", "fo one &"},
    {"from:ann one", "from:ann one &"},
    {"Subject: one", "Subject: one &"},
};

static void
test_grammar(void **state)
{
	struct arena *a = arena_new();
	const char *notice;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_string_equal(told(a, slice_str(good[i].text), &notice), good[i].form);
		if (notice)
			fail_msg("%s: %s", good[i].text, notice);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_string_equal(told(a, slice_str(bad[i].text), &notice), bad[i].form);
		if (!notice)
			fail_msg("%s: no notice", bad[i].text);
	}
	arena_free(a);
}

/* n times what, between before and after. */
static struct slice
many(struct buf *b, const char *before, const char *what, size_t n, const char *after)
{
	buf_clear(b);
	buf_puts(b, before);
	for (size_t i = 0; i < n; i++)
		buf_puts(b, what);
	buf_puts(b, after);
	return buf_slice(b);
}

static size_t
operands(struct slice text, const char **notice)
{
	struct query q;
	size_t n = 0;

	query_parse(&q, text, NOW);
	for (size_t i = 0; i < q.n; i++)
		n += q.item[i].kind < QUERY_AND;
	*notice = q.notice;
	assert_true(q.n <= QUERY_ITEMS_MAX);
	return n;
}

/* Each limit at, below and above. */
static void
test_limits(void **state)
{
	struct buf b;
	const char *notice;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t n = QUERY_OPERANDS_MAX - 1; n <= QUERY_OPERANDS_MAX + 1; n++) {
		assert_int_equal(operands(many(&b, "", "w ", n, ""), &notice),
				 n < QUERY_OPERANDS_MAX ? n : QUERY_OPERANDS_MAX);
		assert_int_equal(notice != NULL, n > QUERY_OPERANDS_MAX);
	}
	for (size_t n = QUERY_DEPTH_MAX - 1; n <= QUERY_DEPTH_MAX + 1; n++) {
		struct buf close;

		buf_init(&close, BUF_NO_LIMIT);
		many(&close, "", ")", n, "");
		assert_int_equal(operands(many(&b, "", "(", n, ""), &notice), 0);
		many(&b, "", "(", n, "w");
		buf_put_slice(&b, buf_slice(&close));
		assert_int_equal(operands(buf_slice(&b), &notice), 1);
		assert_int_equal(notice != NULL, n > QUERY_DEPTH_MAX);
		buf_free(&close);
	}
	for (size_t n = QUERY_BYTES_MAX - 1; n <= QUERY_BYTES_MAX + 1; n++) {
		assert_int_equal(operands(many(&b, "", "x", n, ""), &notice), 1);
		assert_int_equal(notice != NULL, n > QUERY_BYTES_MAX);
	}
	/* An open group that is cut off at the limit of operands is closed there. */
	assert_int_equal(operands(many(&b, "(a (", "w ", 100, "))"), &notice), QUERY_OPERANDS_MAX);
	(void)operands(many(&b, "", "-", 2000, "w"), &notice);
	(void)operands(many(&b, "", "NOT ", 500, "w"), &notice);
	(void)operands(many(&b, "", "l:a ", 500, ""), &notice);
	(void)operands(many(&b, "", "\xe4\xba", 1500, ""), &notice);
	buf_free(&b);
}

#define AT(y, mo, d, h, mi, s) clock_from_civil(y, mo, d, h, mi, s)
#define FIRST INT64_MIN
#define LAST INT64_MAX

static void
test_dates(void **state)
{
	const struct {
		const char *text;
		int64_t from, to;
	} cases[] = {
	    {"2017", AT(2017, 1, 1, 0, 0, 0), AT(2017, 12, 31, 23, 59, 59)},
	    {"2017-10", AT(2017, 10, 1, 0, 0, 0), AT(2017, 10, 31, 23, 59, 59)},
	    {"201712", AT(2017, 12, 1, 0, 0, 0), AT(2017, 12, 31, 23, 59, 59)},
	    {"2017-10-03", AT(2017, 10, 3, 0, 0, 0), AT(2017, 10, 3, 23, 59, 59)},
	    {"2017/10/03", AT(2017, 10, 3, 0, 0, 0), AT(2017, 10, 3, 23, 59, 59)},
	    {"20240229", AT(2024, 2, 29, 0, 0, 0), AT(2024, 2, 29, 23, 59, 59)},
	    {"20171003142501", AT(2017, 10, 3, 14, 25, 1), AT(2017, 10, 3, 14, 25, 1)},
	    {"2017-10..", AT(2017, 10, 1, 0, 0, 0), LAST},
	    {"..2017-10", FIRST, AT(2017, 10, 31, 23, 59, 59)},
	    {"20260101..20260201", AT(2026, 1, 1, 0, 0, 0), AT(2026, 2, 1, 23, 59, 59)},
	    {"today", AT(2026, 3, 31, 0, 0, 0), AT(2026, 3, 31, 23, 59, 59)},
	    {"yesterday", AT(2026, 3, 30, 0, 0, 0), AT(2026, 3, 30, 23, 59, 59)},
	    {"2.days.ago", AT(2026, 3, 29, 0, 0, 0), AT(2026, 3, 29, 23, 59, 59)},
	    {"1.month.ago..", AT(2026, 2, 28, 10, 30, 0), LAST}, /* no 31 February */
	    {"2.months.ago..now", AT(2026, 1, 31, 10, 30, 0), NOW},
	    {"13.months.ago..", AT(2025, 2, 28, 10, 30, 0), LAST},
	    {"last.year..", AT(2025, 3, 31, 10, 30, 0), LAST},
	    {"1.week..yesterday", AT(2026, 3, 24, 10, 30, 0), AT(2026, 3, 30, 23, 59, 59)},
	    {"3.hours.ago..", AT(2026, 3, 31, 7, 30, 0), LAST},
	};
	static const char *const wrong[] = {
	    "",           "..",           "x",        "2017-13",  "2017-02-30",  "20230229",
	    "17",         "2017-1",       "2017..x",  "x..2017",  "1.fortnight", "-1.days.ago",
	    "1.day.ere",  "100001.days",  "last.ago", "2017-10-", "2017-10-03x", "20171003250000",
	    "9999999999", "last.day.ago", "2017--10",
	};
	int64_t from, to;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (!query_dates(slice_str(cases[i].text), NOW, &from, &to))
			fail_msg("%s", cases[i].text);
		if (from != cases[i].from || to != cases[i].to)
			fail_msg("%s: %lld %lld", cases[i].text, (long long)from, (long long)to);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (query_dates(slice_str(wrong[i]), NOW, &from, &to))
			fail_msg("%s", wrong[i]);
	assert_true(query_dates(SLICE("100000.months.ago.."), NOW, &from, &to));
	assert_int_equal(from, 0);
}

static void
test_excerpt(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	excerpt_make(&b,
		     SLICE("  a\r\n\r\n b\t\xee\x80\x80"
			   "c\xff 設\n定 데비\n안\x01"),
		     100);
	assert_string_equal(buf_str(&b), "a b c\xef\xbf\xbd 設定 데비 안");
	buf_clear(&b);
	excerpt_make(&b, SLICE("one two four three five"), 23);
	assert_string_equal(buf_str(&b), "one two four…"); /* no half of a word */
	for (size_t max = 5; max < 12; max++) {
		buf_clear(&b);
		excerpt_make(&b, SLICE("京都京都"), max);
		assert_true(b.n <= max && b.n % 3 == 0);
	}
	buf_free(&b);
}

static struct slice
snippet(struct arena *a, struct slice text, const char *w1, const char *w2)
{
	struct fold *f = fold_new();
	struct slice words[2] = {slice_str(w1), slice_str(w2)};
	struct needle n[2] = {{words, w2 ? 2 : 1, false, {NULL, 0}}};
	struct needles all = {.needle = n, .n = 1};
	struct slice out = snippet_make(a, f, text, &all);

	fold_free(f);
	return out;
}

#define B SNIPPET_BEGIN
#define E SNIPPET_END

static void
test_snippet(void **state)
{
	struct arena *a = arena_new();
	struct buf b;
	struct slice s;

	(void)state;
	assert_true(slice_is(snippet(a, SLICE("Café open"), "cafe", NULL), B "Café" E " open"));
	assert_true(slice_is(snippet(a, SLICE("one two. Two one"), "two", "two"),
			     "one " B "two. Two" E " one"));
	assert_true(slice_is(snippet(a, SLICE("東京都で"), "京", "都"), "東" B "京都" E "で"));
	assert_true(slice_is(snippet(a, SLICE("nothing here"), "x", NULL), "nothing here"));
	assert_int_equal(snippet(a, SLICE(""), "x", NULL).n, 0);
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 100; i++)
		buf_printf(&b, "word%d ", i);
	s = snippet(a, buf_slice(&b), "word80", NULL);
	assert_true(slice_starts(s, SLICE("\xe2\x80\xa6 word")));
	assert_true(slice_find(s, SLICE(B "word80" E)) < s.n);
	assert_true(s.n <= SNIPPET_CHARS + 20);
	s = snippet(a, buf_slice(&b), "word99", NULL);
	assert_true(slice_find(s, SLICE(B "word99" E)) < s.n);
	assert_true(s.n > SNIPPET_CHARS - 20);
	buf_free(&b);
	arena_free(a);
}

struct seen {
	const char *wanted;
	int found, all;
};

static void
see(void *arg, struct slice word)
{
	struct seen *s = arg;

	s->all++;
	s->found += slice_is(word, s->wanted);
}

static void
test_spell(void **state)
{
	static const struct {
		const char *word, *wanted;
		bool is;
	} cases[] = {
	    {"helo", "hello", true},     {"helllo", "hello", true}, {"hlelo", "hello", true},
	    {"hallo", "hello", true},    {"ello", "hello", true},   {"hell", "hello", true},
	    {"hullu", "hello", false},   {"првет", "привет", true}, {"γεα", "γεια", false},
	    {"γειβ", "γεια", true},      {"abc", "abcd", false},    {"abc4", "abcd", false},
	    {"京都東京", "京都", false}, {"", "a", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct seen s = {cases[i].wanted, 0, 0};
		bool any = spell_edits(slice_str(cases[i].word), see, &s);

		assert_int_equal(any, s.all > 0);
		if ((s.found > 0) != cases[i].is)
			fail_msg("%s: %d", cases[i].word, s.found);
	}
	for (size_t n = SPELL_MIN - 1; n <= SPELL_MAX + 1; n++) {
		char text[SPELL_MAX + 2];
		struct seen s = {"", 0, 0};

		memset(text, 'q', sizeof text);
		assert_int_equal(spell_edits(slice_make(text, n), see, &s),
				 n >= SPELL_MIN && n <= SPELL_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grammar), cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_dates),   cmocka_unit_test(test_excerpt),
	    cmocka_unit_test(test_snippet), cmocka_unit_test(test_spell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
