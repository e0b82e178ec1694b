/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8: the table of well-formed sequences at its edges, and cleaning. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/utf8.h"

static void
valid(void **state)
{
	static const char *const good[] = {"",
					   "plain, longer than one word of eight",
					   "\xc2\x80",
					   "\xdf\xbf",
					   "\xe0\xa0\x80",
					   "\xed\x9f\xbf",
					   "\xee\x80\x80",
					   "\xef\xbf\xbf",
					   "\xf0\x90\x80\x80",
					   "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80",
					  "\xc0\x80",
					  "\xc1\xbf",
					  "\xe0\x9f\xbf",
					  "\xed\xa0\x80",
					  "\xed\xbf\xbf",
					  "\xf0\x8f\xbf\xbf",
					  "\xf4\x90\x80\x80",
					  "\xf5\x80\x80\x80",
					  "\xff",
					  "\xc3",
					  "\xe2\x82",
					  "\xf0\x9f\x98",
					  "aaaaaaaaaaaaaa\xff",
					  "\xc3(",
					  "\xe2(\xa1",
					  "\xe2\x82("};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(utf8_valid(slice_str(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(utf8_valid(slice_str(bad[i])));
	assert_true(utf8_valid(slice_make(NULL, 0)));
}

/* All code points go through put and next and come back. */
static void
round_trip(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 16);
	for (uint32_t cp = 0; cp <= 0x110000; cp++) {
		bool fine = cp <= 0x10ffff && !(cp >= 0xd800 && cp <= 0xdfff);
		struct slice s;
		uint32_t back = 0;

		buf_clear(&b);
		utf8_put(&b, cp);
		s = buf_slice(&b);
		assert_true(utf8_valid(s));
		assert_true(utf8_next(&s, &back));
		assert_int_equal(back, fine ? cp : 0xfffd);
		assert_int_equal(s.n, 0);
		assert_false(utf8_next(&s, &back));
	}
	buf_free(&b);
}

static void
maximal_part(void **state)
{
	/* Unicode 3.9, table 3-8: one replacement for each maximal subpart. */
	struct slice s = SLICE("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64");
	static const uint32_t want[] = {0x61,   0xfffd, 0xfffd, 0xfffd, 0x62,
					0xfffd, 0x63,   0xfffd, 0xfffd, 0x64};
	uint32_t cp;

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		assert_true(utf8_next(&s, &cp));
		assert_int_equal(cp, want[i]);
	}
	assert_int_equal(s.n, 0);
}

static void
clean(void **state)
{
	static const struct {
		struct slice in;
		const char *out;
	} cases[] = {
	    {SLICE(""), ""},
	    {SLICE("a\tb\nc"), "a\tb\nc"},
	    {SLICE("a\r\nb\rc\r"), "a\nb\nc\n"},
	    {SLICE("\r\r\n"), "\n\n"},
	    {SLICE("a\0b\x01\x1b[31m\x7f"), "ab[31m"},
	    {SLICE("\xc2\x85\xc2\x9f\xc2\xa0"), "\xc2\xa0"}, /* C1 */
	    {SLICE("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbdx"), "\xef\xbf\xbdx"},
	    {SLICE("\xe9t\xe9"), "\xef\xbf\xbdt\xef\xbf\xbd"},
	    {SLICE("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};
	struct arena *a = arena_new();
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice out;

		buf_clear(&b);
		utf8_clean(&b, cases[i].in);
		assert_string_equal(buf_str(&b), cases[i].out);
		out = utf8_cleaned(a, cases[i].in);
		assert_true(slice_is(out, cases[i].out));
		assert_ptr_equal(utf8_cleaned(a, out).p, out.p); /* clean: not copied */
	}
	buf_free(&b);
	arena_free(a);
}

static void
counts(void **state)
{
	struct slice s = SLICE("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");

	(void)state;
	assert_int_equal(utf8_length(s), 5);
	assert_int_equal(utf8_head(s, 0).n, 0);
	assert_int_equal(utf8_head(s, 2).n, 3);
	assert_int_equal(utf8_head(s, 4).n, 10);
	assert_int_equal(utf8_head(s, 99).n, s.n);
	assert_int_equal(utf8_length(SLICE("\xff\xff")), 2);
	assert_true(utf8_is_bidi_control(0x202e));
	assert_true(utf8_is_bidi_control(0x2066));
	assert_false(utf8_is_bidi_control(0x2065));
	assert_false(utf8_is_bidi_control('a'));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(valid), cmocka_unit_test(round_trip), cmocka_unit_test(maximal_part),
	    cmocka_unit_test(clean), cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
