/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slices: nothing is read past an end, and nothing that is empty is read at all. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/slice.h"

#define S(lit) SLICE(lit)
static const struct slice none;

static void
assert_slice(struct slice s, const char *want)
{
	assert_int_equal(s.n, strlen(want));
	assert_memory_equal(s.n > 0 ? s.p : want, want, s.n);
}

static void
equal(void **state)
{
	(void)state;
	assert_true(slice_eq(none, S("")));
	assert_true(slice_eq(S("a\0b"), S("a\0b")));
	assert_false(slice_eq(S("a\0b"), S("a\0c")));
	assert_false(slice_eq(S("a"), S("ab")));
	assert_true(slice_eq_ci(S("LiSt-Id"), S("list-ID")));
	assert_false(slice_eq_ci(S("@"), S("`"))); /* 0x40 and 0x60 are no letters */
	assert_false(slice_eq_ci(S("["), S("{")));
	assert_false(slice_eq_ci(S("\xc4"), S("\xe4"))); /* only ASCII folds */
	assert_true(slice_is(S("x"), "x"));
	assert_true(slice_is(none, NULL));
	assert_true(slice_is_ci(S("From"), "FROM"));
}

static void
ends(void **state)
{
	(void)state;
	assert_true(slice_starts(S("abc"), S("ab")));
	assert_true(slice_starts(none, S("")));
	assert_false(slice_starts(S("a"), S("ab")));
	assert_true(slice_starts_ci(S("RE: x"), S("re:")));
	assert_true(slice_ends_ci(S("a.TXT"), S(".txt")));
	assert_true(slice_ends_ci(none, none));
	assert_false(slice_ends_ci(S("t"), S("txt")));
	assert_false(slice_ends_ci(S("xabc"), S("abd")));
}

static void
order(void **state)
{
	(void)state;
	assert_true(slice_cmp(S("a"), S("b")) < 0);
	assert_true(slice_cmp(S("ab"), S("a")) > 0);
	assert_true(slice_cmp(S("\x80"), S("a")) > 0); /* bytes are unsigned */
	assert_int_equal(slice_cmp(none, S("")), 0);
}

static void
parts(void **state)
{
	(void)state;
	assert_slice(slice_from(S("abc"), 1), "bc");
	assert_slice(slice_from(S("abc"), 9), "");
	assert_slice(slice_from(none, 9), "");
	assert_slice(slice_sub(S("abc"), 1, 1), "b");
	assert_slice(slice_sub(S("abc"), 2, SIZE_MAX), "c");
	assert_slice(slice_trim(S(" \t\r\n\v\fa b \n")), "a b");
	assert_slice(slice_trim(S("  ")), "");
	assert_slice(slice_trim(none), "");
}

static void
find(void **state)
{
	(void)state;
	assert_int_equal(slice_find_char(S("ab"), 'b'), 1);
	assert_int_equal(slice_find_char(S("ab"), 'c'), 2);
	assert_int_equal(slice_find_char(none, 'c'), 0);
	assert_int_equal(slice_find(S("a\0bc"), S("bc")), 2);
	assert_int_equal(slice_find(S("ab"), S("abc")), 2);
	assert_int_equal(slice_find(S("ab"), none), 0);
	assert_int_equal(slice_find(none, S("x")), 0);
	assert_int_equal(slice_find_ci(S("xxBoUndary"), S("boundary")), 2);
	assert_int_equal(slice_find_ci(S("xxBoUndar"), S("boundary")), 9);
	assert_int_equal(slice_find_ci(S("aAaAb"), S("AB")), 3);
	assert_int_equal(slice_find_ci(S("1=2=3"), S("=3")), 3);
	assert_int_equal(slice_find_ci(none, S("x")), 0);
}

/* Each answer of the quick search is that of the plainest one, over all short texts of 3 letters.
 */
static void
find_ci_agrees(void **state)
{
	static const char letter[] = "aAb";
	char text[6];

	(void)state;
	for (int code = 0; code < 729; code++) {
		for (int i = 0, c = code; i < 6; i++, c /= 3)
			text[i] = letter[c % 3];
		for (size_t n = 1; n <= 3; n++) {
			struct slice s = slice_make(text, 3 + n),
				     needle = slice_make(text + 6 - n, n);
			size_t plain = 0;

			while (plain < s.n && !slice_starts_ci(slice_from(s, plain), needle))
				plain++;
			assert_int_equal(slice_find_ci(s, needle), plain);
		}
	}
}

static void
cut(void **state)
{
	struct slice head, rest;

	(void)state;
	assert_true(slice_cut(S("k=v=w"), '=', &head, &rest));
	assert_slice(head, "k");
	assert_slice(rest, "v=w");
	assert_false(slice_cut(S("kv"), '=', &head, &rest));
	assert_slice(head, "kv");
	assert_slice(rest, "");
	assert_true(slice_cut(S("k="), '=', &head, &rest));
	assert_slice(rest, "");
}

static void
lines(void **state)
{
	struct slice s = S("a\r\n\nb\rc\r\r\nlast\r"), line;

	(void)state;
	assert_true(slice_next_line(&s, &line));
	assert_slice(line, "a");
	assert_true(slice_next_line(&s, &line));
	assert_slice(line, "");
	assert_true(slice_next_line(&s, &line));
	assert_slice(line, "b\rc\r");
	assert_true(slice_next_line(&s, &line));
	assert_slice(line, "last\r"); /* no LF: no CRLF either */
	assert_false(slice_next_line(&s, &line));
}

static void
words(void **state)
{
	struct slice s = S("  one\ttwo \n"), word;

	(void)state;
	assert_true(slice_next_word(&s, &word));
	assert_slice(word, "one");
	assert_true(slice_next_word(&s, &word));
	assert_slice(word, "two");
	assert_false(slice_next_word(&s, &word));
	assert_int_equal(s.n, 0);
}

static void
like(void **state)
{
	char text[1001], stars[201];

	(void)state;
	assert_true(slice_like_ci(S("YES"), S("yes")));
	assert_false(slice_like_ci(S("yes, indeed"), S("yes")));
	assert_true(slice_like_ci(S("Yes, score=9.1"), S("yes,*")));
	assert_true(slice_like_ci(S("a b c"), S("*B*")));
	assert_true(slice_like_ci(S("aab"), S("*ab")));
	assert_false(slice_like_ci(S("aba"), S("*ab")));
	assert_true(slice_like_ci(S("*****"), S("????*")));
	assert_false(slice_like_ci(S("***"), S("????*")));
	assert_true(slice_like_ci(S(""), S("*")));
	assert_true(slice_like_ci(S(""), S("")));
	assert_false(slice_like_ci(S(""), S("?")));
	assert_false(slice_like_ci(S("x"), S("")));
	assert_true(slice_like_ci(slice_make("a\0b", 3), S("a?b")));
	/* The worst there is comes to an end. */
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < sizeof(stars) - 1; i++)
		stars[i] = i % 2 ? 'a' : '*';
	stars[sizeof(stars) - 1] = '\0';
	assert_true(slice_like_ci(slice_str(text), slice_str(stars)));
	stars[sizeof(stars) - 2] = 'b';
	assert_false(slice_like_ci(slice_str(text), slice_str(stars)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(equal), cmocka_unit_test(ends),  cmocka_unit_test(order),
	    cmocka_unit_test(parts), cmocka_unit_test(find),  cmocka_unit_test(find_ci_agrees),
	    cmocka_unit_test(cut),   cmocka_unit_test(lines), cmocka_unit_test(words),
	    cmocka_unit_test(like),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
