/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folding and words: what search takes for the same, in each script. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

#include "archive/terms.h"
#include "archive/words.h"
#include "base/arena.h"
#include "base/buf.h"

/* All words of a text on one level, with "+" before grams that adjoin. */
static char *
told(struct arena *a, const char *text, bool plain)
{
	struct fold *f = fold_new();
	struct buf b;
	struct words w;
	struct word word;
	char *out;

	buf_init(&b, BUF_NO_LIMIT);
	words_init(&w, f, slice_str(text));
	while (words_next(&w, &word)) {
		buf_puts(&b, b.n ? word.joined ? "+" : " " : "");
		buf_put_slice(&b, plain ? word.plain : word.exact);
	}
	out = arena_str(a, buf_slice(&b));
	buf_free(&b);
	fold_free(f);
	return out;
}

static const struct {
	const char *text, *exact, *plain;
} cases[] = {
    {"Hello, World 42 foo_bar", "hello world 42 foo_bar", NULL},
    {"don't T10-PI a.b@example.org", "don t t10 pi a b example org", NULL},
    {"", "", NULL},
    {"... -- !", "", NULL},
    {"Prête ÉCOLE", "prête école", "prete ecole"},
    {"Pre\u0302te E\u0301cole", "prête école", "prete ecole"},
    {"Straße MASSE", "strasse masse", NULL},
    {"ὈΔΥΣΣΕΎΣ οδος", "ὀδυσσεύσ οδοσ", "οδυσσευσ οδοσ"},
    {"Ёлка ёлка е\u0308лка", "елка елка елка", NULL},
    {"мой Мои\u0306 їжа за\u0301мок", "мой мой їжа замок", NULL},
    {"İstanbul ISPARTA ısparta i\u0307", "istanbul isparta isparta i", NULL},
    {"Łódź Ærø Þór", "łódź ærø þór", "lodz aero thor"},
    {"luật LUẬT lua\u0323\u0302t", "luật luật luật", "luat luat luat"},
    {"ﬁle ＦＵＬＬ ²", "file full 2", NULL},
    {"٢٠١٧ ۲۰۱۷ २०१७", "2017 2017 2017", NULL},
    /* harakat, tatweel, alef forms, yeh and kaf of two keyboards, teh marbuta */
    {"مُحَمَّد مـحـمـد", "محمد محمد", NULL},
    {"يدويًا يدوياً يدويا", "يدويا يدويا يدويا", "يدوي يدويا يدويا"},
    {"أحمد إحمد آحمد احمد", "احمد احمد احمد احمد", NULL},
    {"علی على ک", "علي علي ك", NULL},
    {"\u0645\u06cc\u200c\u0634\u0648\u062f", "\u0645\u064a \u0634\u0648\u062f", NULL},
    {"שָׁלוֹם", "שלום", NULL},
    {"soft\u00adhyphen \u200bzero", "softhyphen zero", NULL},
    {"京都", "京+都", NULL},
    {"Debianの設定。次", "debian の+設+定 次", NULL},
    {"設\n定", "設+定", NULL},
    {"設\n> 定", "設+定", NULL},
    {"設\n\n定", "設 定", NULL},
    {"ｶﾞｲﾄﾞ カ\u3099", "ガ+イ+ド ガ", NULL},
    {"데비안은 \u1112\u1161\u11ab", "데+비+안+은 한", NULL},
    {"데비\n안", "데+비 안", NULL},
    {"ที่นี่", "ที่+นี่", NULL},
    {"bad \xff\xfe utf8", "bad utf8", NULL},
    {"x\uE000y", "xy", NULL},
};

static void
test_words(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_string_equal(told(a, cases[i].text, false), cases[i].exact);
		assert_string_equal(told(a, cases[i].text, true),
				    cases[i].plain ? cases[i].plain : cases[i].exact);
	}
	arena_free(a);
}

static void
test_where(void **state)
{
	struct fold *f = fold_new();
	struct slice text = SLICE("  caf\u00e9, 京都");
	struct words w;
	struct word word;

	(void)state;
	words_init(&w, f, text);
	assert_true(words_next(&w, &word));
	assert_int_equal(word.start, 2);
	assert_int_equal(word.end, 7);
	assert_true(word.accented && !word.gram);
	assert_true(words_next(&w, &word));
	assert_int_equal(word.start, 9);
	assert_true(word.gram && !word.joined && !word.accented);
	assert_true(words_next(&w, &word));
	assert_int_equal(word.end, text.n);
	assert_true(word.joined);
	assert_false(words_next(&w, &word));
	fold_free(f);
}

/* At, below and above the longest word; two long words that differ late stay two. */
static void
test_long(void **state)
{
	struct fold *f = fold_new();
	char text[3][WORD_MAX * 4];
	char kept[2][WORD_MAX];
	struct words w;
	struct word word;

	(void)state;
	for (size_t n = WORD_MAX - 1; n <= WORD_MAX + 1; n++) {
		memset(text[0], 'A', n);
		words_init(&w, f, slice_make(text[0], n));
		assert_true(words_next(&w, &word));
		assert_int_equal(word.exact.n, n < WORD_MAX ? n : WORD_MAX);
		assert_int_equal(word.end, n);
		assert_false(words_next(&w, &word));
	}
	for (int i = 0; i < 2; i++) {
		memset(text[i], 'b', sizeof text[i]);
		text[i][sizeof text[i] - 1] = i ? 'x' : 'y';
		words_init(&w, f, slice_make(text[i], sizeof text[i]));
		assert_true(words_next(&w, &word));
		assert_int_equal(word.exact.n, WORD_MAX);
		memcpy(kept[i], word.exact.p, WORD_MAX);
	}
	assert_memory_not_equal(kept[0], kept[1], WORD_MAX);
	for (size_t i = 0; i < sizeof text[2]; i++)
		text[2][i] = "\xc3\xa9"[i % 2];
	words_init(&w, f, slice_make(text[2], sizeof text[2]));
	assert_true(words_next(&w, &word));
	assert_true(word.exact.n <= WORD_MAX && word.accented);
	fold_free(f);
}

static const struct term *
found(const struct term *all, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(all[i].text, text))
			return &all[i];
	return NULL;
}

static void
test_terms(void **state)
{
	struct fold *f = fold_new();
	struct terms *t = terms_new();
	const struct term *all, *one;
	size_t n;

	(void)state;
	for (int round = 0; round < 2; round++) { /* the second time after terms_clear */
		terms_add_text(t, f, TERM_SUBJECT, SLICE("Café open"), TERMS_PAIRS | TERMS_STEMS);
		terms_add_text(t, f, TERM_OWN, SLICE("the café, the 京都"), TERMS_PAIRS);
		terms_add_text(t, f, TERM_QUOTED, SLICE("the the the"), TERMS_FAINT);
		terms_add(t, TERM_LIST, SLICE("dc"));
		n = terms_finish(t, &all);
		one = found(all, n, "the");
		assert_non_null(one);
		assert_int_equal(one->count, 2);
		assert_false(one->stem);
		assert_non_null(found(all, n, "cafe"));
		assert_non_null(found(all, n, "café"));
		assert_true(found(all, n, "Scafé")->stem);
		assert_false(found(all, n, "Scafe")->stem);
		assert_non_null(found(all, n, "京"));
		assert_non_null(found(all, n, "京都"));
		assert_int_equal(found(all, n, "Qthe")->count, 1);
		assert_non_null(found(all, n, "Ldc"));
		assert_int_equal(n, 11);
		terms_clear(t);
	}
	terms_free(t);
	fold_free(f);
}

#define ARMOUR "mQINBFfEDGoBEADqKcLMcfrUrOUF9KX4hcTDLl0cBXLcCwPGlQGf6NDxmTjHRyMu"

static void
test_screen(void **state)
{
	struct fold *f = fold_new();
	struct terms *t = terms_new();
	const struct term *all;
	size_t n;

	(void)state;
	terms_add_text(
	    t, f, TERM_OWN,
	    SLICE("before\n" ARMOUR "\n" ARMOUR "\n" ARMOUR "\nbetween\n" ARMOUR "\nafter"),
	    TERMS_PAIRS | TERMS_SCREEN);
	n = terms_finish(t, &all);
	/* Two lines in a row and more go; one alone may be something that is looked for. */
	assert_int_equal(n, 4);
	assert_non_null(found(all, n, "before"));
	assert_non_null(found(all, n, "between"));
	assert_non_null(found(all, n, "after"));
	terms_free(t);
	fold_free(f);
}

static void
test_many(void **state)
{
	struct fold *f = fold_new();
	struct terms *t = terms_new();
	const struct term *all;
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < TERMS_MAX + 5; i++)
		buf_printf(&b, "w%d ", i);
	terms_add_text(t, f, TERM_OWN, buf_slice(&b), TERMS_PAIRS);
	assert_int_equal(terms_finish(t, &all), TERMS_MAX);
	assert_int_equal(found(all, TERMS_MAX, "w777")->count, 1);
	buf_free(&b);
	terms_free(t);
	fold_free(f);
}

static void
test_term_length(void **state)
{
	char text[400], a[TERM_MAX], b[TERM_MAX];

	(void)state;
	memset(text, 'k', sizeof text);
	assert_int_equal(term_make(a, "M", slice_make(text, TERM_MAX - 1)), TERM_MAX);
	assert_int_equal(term_make(a, "M", slice_make(text, TERM_MAX)), TERM_MAX - 1);
	text[399] = 'x';
	assert_int_equal(term_make(a, "M", slice_make(text, 400)), TERM_MAX - 1);
	text[399] = 'y';
	assert_int_equal(term_make(b, "M", slice_make(text, 400)), TERM_MAX - 1);
	assert_memory_not_equal(a, b, TERM_MAX - 1);
}

/* Is every hash of the phrase in the set? */
static bool
side_by_side(struct fold *f, struct slice set, const char *phrase, char field, bool triples)
{
	struct neighbours nb = {.field = field, .triples = triples};
	struct words w;
	struct word word;
	uint32_t hashes[100];
	size_t n = 0;

	words_init(&w, f, slice_str(phrase));
	while (n < 98 && words_next(&w, &word))
		n += neighbours_next(&nb, &word, hashes + n);
	return pairs_have(set, hashes, n);
}

static void
test_pairs(void **state)
{
	struct fold *f = fold_new();
	struct terms *t = terms_new();
	struct buf b;
	struct slice set;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	terms_add_text(t, f, TERM_OWN, SLICE("one two three one four, a café. 東京都で京の"),
		       TERMS_PAIRS | TERMS_TRIPLES);
	terms_add_text(t, f, TERM_OWN, SLICE("five"), TERMS_PAIRS | TERMS_TRIPLES);
	terms_add_text(t, f, TERM_QUOTED, SLICE("six seven eight six nine"), TERMS_PAIRS);
	terms_pairs(t, &b);
	set = buf_slice(&b);
	assert_true(side_by_side(f, set, "one two three one four", 0, true));
	assert_true(side_by_side(f, set, "three one", 0, true));
	assert_true(side_by_side(f, set, "A Café", 0, true));
	assert_true(side_by_side(f, set, "a cafe", 0, true));
	assert_false(side_by_side(f, set, "two one", 0, true));
	assert_false(side_by_side(f, set, "two three one two", 0, true));
	assert_false(side_by_side(f, set, "の five", 0, true));
	assert_false(side_by_side(f, set, "one two", 'Q', false));
	assert_true(side_by_side(f, set, "seven eight six nine", 'Q', false));
	assert_false(side_by_side(f, set, "nine six", 'Q', false));
	assert_true(side_by_side(f, set, "東京都で", 0, true));
	assert_false(side_by_side(f, set, "都で京", 'Q', true));
	assert_false(side_by_side(f, set, "京都京", 0, true));
	buf_free(&b);
	terms_free(t);
	fold_free(f);
}

/* Sets of all sizes: everything that is in one is found, little that is not; and damage is no. */
static void
test_pair_sets(void **state)
{
	static uint32_t all[PAIRS_MAX + 1], copy[PAIRS_MAX + 1];
	static const size_t sizes[] = {1, 2, 3, 100, 1000, PAIRS_MAX - 1, PAIRS_MAX, PAIRS_MAX + 1};
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		size_t n = sizes[s], wrong = 0;

		for (size_t i = 0; i < n; i++)
			copy[i] = all[i] = pair_hash('S', (uint32_t)i + 1, (uint32_t)s, 0);
		buf_clear(&b);
		pairs_encode(&b, copy, n);
		assert_true(buf_slice(&b).n <= n * 2 + 4);
		for (size_t i = 0; i < n; i += 1 + n / 500)
			assert_true(pairs_have(buf_slice(&b), &all[i], 1));
		assert_true(pairs_have(buf_slice(&b), all, n < 50 ? n : 50));
		for (uint32_t i = 0; i < 2000; i++) {
			uint32_t other = pair_hash('A', i, (uint32_t)s, 7);

			wrong += pairs_have(buf_slice(&b), &other, 1);
		}
		assert_true(n > PAIRS_MAX ? wrong == 2000 : wrong < 3 * (2000 >> PAIRS_MISTAKE));
		for (size_t cut = 0; cut < buf_slice(&b).n && cut < 300; cut++)
			(void)pairs_have(slice_sub(buf_slice(&b), 0, cut), &all[n - 1], 1);
	}
	buf_clear(&b);
	pairs_encode(&b, all, 0);
	assert_int_equal(buf_slice(&b).n, 0);
	assert_false(pairs_have(buf_slice(&b), all, 1));
	assert_false(pairs_have(SLICE("\xff\xff\xff\xff\xff\xff\xff"), all, 1));
	assert_false(
	    pairs_have(SLICE("\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), all, 1));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),       cmocka_unit_test(test_where),
	    cmocka_unit_test(test_long),        cmocka_unit_test(test_terms),
	    cmocka_unit_test(test_screen),      cmocka_unit_test(test_many),
	    cmocka_unit_test(test_term_length), cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_pair_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
