/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address: lists as real mail has them, validity, and the forms by which addresses are compared. */
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
#include "mail/guard.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct pair {
	const char *in, *out;
};

/* out: each address as "name|text", joined by " ; ". */
static const struct pair lists[] = {
    {"jdoe@example.org", "|jdoe@example.org"},
    {"<jdoe@example.org>", "|jdoe@example.org"},
    {"John Doe <jdoe@Example.ORG>", "John Doe|jdoe@example.org"},
    {"John Doe<jdoe@example.org>", "John Doe|jdoe@example.org"},
    {"\"Doe, John\" <jdoe@example.org>", "Doe, John|jdoe@example.org"},
    {"Doe, John <jdoe@example.org>", "Doe, John|jdoe@example.org"},
    {"Doe, John, Chair <jdoe@example.org>, <b@c.d>", "Doe, John, Chair|jdoe@example.org ; |b@c.d"},
    {"John Q. Doe <jdoe@example.org>", "John Q. Doe|jdoe@example.org"},
    {"\"John \\\"JD\\\" Doe\" <jdoe@example.org>", "John \"JD\" Doe|jdoe@example.org"},
    {"jdoe@example.org (John Doe)", "John Doe|jdoe@example.org"},
    {"John <jdoe@example.org> (work)", "John|jdoe@example.org"},
    {"<jdoe@example.org> (work)", "work|jdoe@example.org"},
    {"<jdoe@example.org> John", "John|jdoe@example.org"},
    {"jdoe@example.org <jdoe@example.org>", "jdoe@example.org|jdoe@example.org"},
    {"'John' <jdoe@example.org>", "John|jdoe@example.org"},
    {"=?utf-8?q?Jos=C3=A9?= <j@example.org>", "José|j@example.org"},
    {"\"=?utf-8?q?Jos=C3=A9?=\" <j@example.org>", "José|j@example.org"},
    {"=?utf-8?q?Jos?= =?utf-8?q?=C3=A9?= <j@example.org>", "José|j@example.org"},
    {"Jos\xe9 <j@example.org>", "José|j@example.org"},
    {"Name (x) Doe <j@example.org>", "Name Doe|j@example.org"},
    {"\"two  spaces\" <j@example.org>", "two  spaces|j@example.org"},
    {"a@b.c, d@e.f", "|a@b.c ; |d@e.f"},
    {"a@b.c; d@e.f", "|a@b.c ; |d@e.f"},
    {"a@b.c d@e.f", "|a@b.c ; |d@e.f"},
    {"a@b.c, , d@e.f", "|a@b.c ; |d@e.f"},
    {", a@b.c,", "|a@b.c"},
    {"A <a@b.c> D <d@e.f>", "A|a@b.c ; D|d@e.f"},
    {"Group: a@b.c, D <d@e.f>;", "|a@b.c ; D|d@e.f"},
    {"One: a@b.c; Two: d@e.f;, x@y.z", "|a@b.c ; |d@e.f ; |x@y.z"},
    {"undisclosed-recipients:;", ""},
    {"MAILER-DAEMON <>", ""},
    {"MAILER-DAEMON <>, a@b.c", "|a@b.c"},
    {"nobody", ""},
    {"", ""},
    {"jdoe at example.org", ""},
    {"jdoe at example.org (John Doe)", ""},
    {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete|pete@silly.test"},
    {"jdoe @ example.org", "|jdoe@example.org"},
    {"John <jdoe@ example . org>", "John|jdoe@example.org"},
    {"John <@relay.one,@relay.two:jdoe@example.org>", "John|jdoe@example.org"},
    {"\"john doe\"@example.org", "|\"john doe\"@example.org"},
    {"\"jdoe\"@example.org", "|jdoe@example.org"},
    {"<\"a\\\"b@c\"@example.org>", "|\"a\\\"b@c\"@example.org"},
    {"John <jdoe@example.org", "John|jdoe@example.org"},
    {"John <jdoe@example.org, b@c.d", "John|jdoe@example.org ; |b@c.d"},
    {"\"John <jdoe@example.org>", "John|jdoe@example.org"},
    {"John (the one <jdoe@example.org>", "John (the one|jdoe@example.org"},
    {"John Doe jdoe@example.org", "John Doe|jdoe@example.org"},
    {"<mailto:jdoe@example.org?subject=x>", "|jdoe@example.org"},
    {"jdoe@[192.0.2.1]", "|jdoe@[192.0.2.1]"},
    {"jdoe@example.org.", "|jdoe@example.org"},
    {"jdoe@bücher.example", "|jdoe@xn--bcher-kva.example"},
    {"jürgen@example.org", "|jürgen@example.org"},
    {"root@localhost", "|root@localhost"},
    {"a..b.@docomo.example", "|a..b.@docomo.example"},
    {"bad@-, good@example.org", "|good@example.org"},
    {"bad@a..b, good@example.org", "|good@example.org"},
    {"<john doe@example.org>, b@c.d", "|b@c.d"},
    {"a@b@c.d", ""},
    /* an address inside an encoded word is a name, never a recipient */
    {"=?utf-8?q?=3Cevil=40x.org=3E?= <good@example.org>", "<evil@x.org>|good@example.org"},
    {"=?utf-8?q?evil=40x.org?=", ""},
};

static void
flatten(struct arena *a, struct slice in, struct buf *b)
{
	struct address *list;
	size_t n = address_parse_list(a, in, &list);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(b, " ; ");
		buf_put_slice(b, list[i].name);
		buf_putc(b, '|');
		buf_put_slice(b, list[i].text);
	}
}

static void
test_lists(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct arena *a = arena_new();
		buf_clear(&b);
		flatten(a, slice_str(lists[i].in), &b);
		if (strcmp(buf_str(&b), lists[i].out) != 0)
			print_error("for: %s\n", lists[i].in);
		assert_string_equal(buf_str(&b), lists[i].out);
		struct address first;
		assert_int_equal(address_parse_first(a, slice_str(lists[i].in), &first),
				 lists[i].out[0] != '\0');
		arena_free(a);
	}
	buf_free(&b);
}

static void
test_parts(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct address ad;
	assert_true(address_parse_first(a, SLICE("\"a b\"@Example.org"), &ad));
	assert_true(slice_is(ad.local, "a b"));
	assert_true(slice_is(ad.domain, "example.org"));
	assert_true(slice_is(ad.text, "\"a b\"@example.org"));
	arena_free(a);
}

static void
test_limits(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	struct address *list;
	for (size_t count = ADDRESS_LIST_MAX - 1; count <= ADDRESS_LIST_MAX + 1; count++) {
		buf_clear(&b);
		for (size_t i = 0; i < count; i++)
			buf_puts(&b, "a@b.c, ");
		size_t want = count > ADDRESS_LIST_MAX ? ADDRESS_LIST_MAX : count;
		assert_int_equal(address_parse_list(a, buf_slice(&b), &list), want);
	}
	buf_free(&b);
	arena_free(a);
}

/* What costs the square of its length, or the stack, where code nests or searches again. */
static void
test_linear(void **state)
{
	(void)state;
	static const char *const units[] = {"(",       "<",    "\"",     ":",   ",",      "a,",
					    "a:",      "<\",", "(a@b.c", "\\",  "a@b.c:", " ",
					    "<a@b.c>", "@",    "a@b.c ", "<   "};
	char *big = malloc(GUARD_FIELD_MAX + 8);
	for (size_t u = 0; u < COUNT(units); u++) {
		struct arena *a = arena_new();
		size_t len = strlen(units[u]);
		for (size_t i = 0; i < GUARD_FIELD_MAX + 8; i++)
			big[i] = units[u][i % len];
		struct address *list;
		size_t n = address_parse_list(a, slice_make(big, GUARD_FIELD_MAX + 8), &list);
		assert_true(n <= ADDRESS_LIST_MAX);
		arena_free(a);
	}
	free(big);
}

static const char *const valid[] = {
    "a@example.org",           "a.b+c@example.org",   "a@localhost",      "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",    "\"a b\"@example.org", "a..b@example.org", "o'neil@example.org",
    "a@xn--bcher-kva.example", "a@bücher.example",    "a=b@example.org",  "a@under_score.example",
};

static const char *const invalid[] = {
    "",
    "a",
    "@",
    "a@",
    "@example.org",
    "a@b@example.org",
    "a@example",
    "a@-x.org",
    "a@.org",
    "a@a..org",
    "a@org.",
    "a b@example.org",
    "a\n@example.org",
    "a@example.org\n",
    "<a@example.org>",
    "a@exa mple.org",
    "a,b@example.org",
    "a@[192.0.2.300]",
    "a@[x]",
    "\"a@example.org",
    "\"a\"b\"@example.org",
    "a\"b@example.org",
    "\"a@b\"@example.org",
    "a@example.org>",
    "a@example.org\r\nRCPT TO:<x@y.z>",
};

static void
test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(valid); i++)
		if (!address_valid(slice_str(valid[i]), false))
			fail_msg("refused: %s", valid[i]);
	for (size_t i = 0; i < COUNT(invalid); i++)
		if (address_valid(slice_str(invalid[i]), true))
			fail_msg("taken: %s", invalid[i]);
	assert_false(address_valid(slice_make("a\0b@example.org", 15), true));
	assert_false(address_valid(slice_str("jürgen@example.org"), false));
	assert_true(address_valid(slice_str("jürgen@example.org"), true));
	assert_false(address_valid(slice_str("j\xfcrgen@example.org"), true));
	char text[ADDRESS_MAX + 2];
	for (size_t n = ADDRESS_MAX - 1; n <= ADDRESS_MAX + 1; n++) {
		memset(text, 'a', n);
		memcpy(text + n - 12, "@example.org", 12);
		assert_int_equal(address_valid(slice_make(text, n), false), n <= ADDRESS_MAX);
	}
}

static const struct pair canonical[] = {
    {"Jane.Doe@Example.ORG", "jane.doe@example.org"},
    {" jane@example.org ", "jane@example.org"},
    {"\"Jane\"@example.org", "jane@example.org"},
    {"\"Jane Doe\"@example.org", "\"jane doe\"@example.org"},
    {"jane+tag@example.org", "jane+tag@example.org"},
    {"jane@BÜCHER.example", "jane@xn--bcher-kva.example"},
    {"jane@xn--BCHER-kva.example", "jane@xn--bcher-kva.example"},
    {"JÜRGEN@example.org", "jürgen@example.org"},
    {"ju\xcc\x88rgen@example.org", "jürgen@example.org"}, /* u and a combining diaeresis */
    {"nobody", "nobody"},
    {"", ""},
};

static const struct pair flood[] = {
    {"Jane.Doe+list@Example.org", "jane.doe@example.org"},
    {"j.a.n.e+x+y@gmail.com", "jane@gmail.com"},
    {"Jane@GoogleMail.com", "jane@gmail.com"},
    {"+only@example.org", "+only@example.org"},
};

static void
test_forms(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	for (size_t i = 0; i < COUNT(canonical); i++) {
		char *once = address_canonical(a, slice_str(canonical[i].in));
		assert_string_equal(once, canonical[i].out);
		assert_string_equal(address_canonical(a, slice_str(once)), once);
	}
	for (size_t i = 0; i < COUNT(flood); i++)
		assert_string_equal(address_flood_key(a, slice_str(flood[i].in)), flood[i].out);
	assert_true(address_eq(SLICE("A@Example.org"), SLICE("a@example.org")));
	assert_true(address_eq(SLICE("a@bücher.example"), SLICE("a@xn--bcher-kva.example")));
	assert_false(address_eq(SLICE("a+b@example.org"), SLICE("a@example.org")));
	assert_false(address_eq(SLICE("a.b@gmail.com"), SLICE("ab@gmail.com")));
	assert_true(address_needs_utf8(SLICE("jürgen@example.org")));
	assert_false(address_needs_utf8(SLICE("juergen@example.org")));
	struct slice local, domain;
	assert_true(address_split(SLICE("\"a@b\"@c.d"), &local, &domain));
	assert_true(slice_is(local, "\"a@b\"") && slice_is(domain, "c.d"));
	assert_false(address_split(SLICE("nobody"), &local, &domain));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lists),  cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_limits), cmocka_unit_test(test_linear),
	    cmocka_unit_test(test_valid),  cmocka_unit_test(test_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
