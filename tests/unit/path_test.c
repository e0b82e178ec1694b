/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths and parameters of MAIL and RCPT, by tables. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/path.h"
#include "mail/address.h"

static const struct {
	const char *args;
	const char *path; /* NULL: refused */
	const char *params;
} takes[] = {
    {"TO:<a@b>", "a@b", ""},
    {"to:<a@b>", "a@b", ""},
    {"TO: <a@b>", "a@b", ""},
    {"TO:<>", "", ""},
    {"TO:<a@b> X=1 Y", "a@b", " X=1 Y"},
    {"TO:<\"a>b\"@c>", "\"a>b\"@c", ""},
    {"TO:<\"a\\\">b\"@c> X", "\"a\\\">b\"@c", " X"},
    {"TO:<a@b>X", NULL, ""},
    {"TO:<a@b", NULL, ""},
    {"TO:<\"a@b>", NULL, ""},
    {"TO:a@b", NULL, ""},
    {"TO:", NULL, ""},
    {"TO", NULL, ""},
    {"", NULL, ""},
    {"FROM:<a@b>", NULL, ""},
};

static void
test_take(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
		struct slice args = slice_str(takes[i].args), path = SLICE("");
		bool good = path_take(&args, "TO:", &path);

		if (good != (takes[i].path != NULL) ||
		    (good && (!slice_is(path, takes[i].path) || !slice_is(args, takes[i].params))))
			fail_msg("%s: \"%.*s\" \"%.*s\"", takes[i].args, SLICE_ARG(path),
				 SLICE_ARG(args));
	}
}

static const struct {
	const char *path;
	bool utf8;
	enum path_fault fault;
	const char *address;
} addresses[] = {
    {"", false, PATH_GOOD, ""},
    {"Ann@Example.COM", false, PATH_GOOD, "Ann@example.com"},
    {"a..b.@docomo.example", false, PATH_GOOD, "a..b.@docomo.example"},
    {"a+b=c/d!e#f@x.y", false, PATH_GOOD, "a+b=c/d!e#f@x.y"},
    {"\"ann\"@b.c", false, PATH_GOOD, "ann@b.c"},
    {"\"\\a\\n\\n\"@b.c", false, PATH_GOOD, "ann@b.c"},
    {"\"a b\"@b.c", false, PATH_GOOD, "\"a b\"@b.c"},
    {"\"a\\\"\\\\b\"@b.c", false, PATH_GOOD, "\"a\\\"\\\\b\"@b.c"},
    {"\"\"@b.c", false, PATH_GOOD, "\"\"@b.c"},
    {"\"a@b\"@c.d", false, PATH_GOOD, "\"a@b\"@c.d"},
    {"@one,@two:ann@b.c", false, PATH_GOOD, "ann@b.c"},
    {"ann@[192.0.2.1]", false, PATH_GOOD, "ann@[192.0.2.1]"},
    {"ann@[IPv6:2001:db8::1]", false, PATH_GOOD, "ann@[ipv6:2001:db8::1]"},
    {"ann@localhost", false, PATH_GOOD, "ann@localhost"},
    {"ann@my_host", false, PATH_GOOD, "ann@my_host"},
    {"POSTMASTER", false, PATH_GOOD, "postmaster"},
    {"postmaster@b.c", false, PATH_GOOD, "postmaster@b.c"},
    {"ann", false, PATH_SYNTAX, ""},
    {"ann@", false, PATH_SYNTAX, ""},
    {"@b.c", false, PATH_SYNTAX, ""},
    {"@b.c:", false, PATH_SYNTAX, ""},
    {"a@b@c", false, PATH_SYNTAX, ""},
    {"a b@c.d", false, PATH_SYNTAX, ""},
    {"a,b@c.d", false, PATH_SYNTAX, ""},
    {"a<b@c.d", false, PATH_SYNTAX, ""},
    {"a@b..c", false, PATH_SYNTAX, ""},
    {"a@.b", false, PATH_SYNTAX, ""},
    {"a@b.", false, PATH_SYNTAX, ""},
    {"a@-b", false, PATH_SYNTAX, ""},
    {"a@b c", false, PATH_SYNTAX, ""},
    {"a@b/c", false, PATH_SYNTAX, ""},
    {"a@[1.2.3.4", false, PATH_SYNTAX, ""},
    {"a@[]", false, PATH_SYNTAX, ""},
    {"a@[1\x01]", false, PATH_SYNTAX, ""},
    {"a\x01@b.c", false, PATH_SYNTAX, ""},
    {"\"a\nb\"@b.c", false, PATH_SYNTAX, ""},
    {"\"a\\\nb\"@b.c", false, PATH_SYNTAX, ""},
    {"\"a@b.c", false, PATH_SYNTAX, ""},
    {"\"a\"b@b.c", false, PATH_SYNTAX, ""},
    {"\"a\\", false, PATH_SYNTAX, ""},
    {"j\303\266@b.c", false, PATH_UTF8, ""},
    {"j\303\266@b.c", true, PATH_GOOD, "j\303\266@b.c"},
    {"a@b\303\274cher.c", true, PATH_GOOD, "a@b\303\274cher.c"},
    {"j\303@b.c", true, PATH_SYNTAX, ""},
    {"\377@b.c", true, PATH_SYNTAX, ""},
};

static void
test_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		enum path_fault fault;
		struct buf b;

		buf_init(&b, BUF_NO_LIMIT);
		fault = path_address(slice_str(addresses[i].path), addresses[i].utf8, &b);
		if (fault != addresses[i].fault || !slice_is(buf_slice(&b), addresses[i].address))
			fail_msg("%s: fault %d, \"%s\"", addresses[i].path, fault, buf_str(&b));
		buf_free(&b);
	}
}

static void
test_length(void **state)
{
	(void)state;
	for (size_t n = ADDRESS_MAX - 1; n <= ADDRESS_MAX + 1; n++) {
		struct buf path, b;

		buf_init(&path, BUF_NO_LIMIT);
		buf_init(&b, BUF_NO_LIMIT);
		while (path.n < n - 4)
			buf_putc(&path, 'x');
		buf_puts(&path, "@b.c");
		assert_int_equal(path_address(buf_slice(&path), false, &b),
				 n > ADDRESS_MAX ? PATH_SYNTAX : PATH_GOOD);
		buf_free(&path);
		buf_free(&b);
	}
}

static void
test_params(void **state)
{
	struct slice s = SLICE("  SIZE=10 UTF8  X=a=b "), key, value;

	(void)state;
	assert_true(path_next_param(&s, &key, &value));
	assert_true(slice_is(key, "SIZE") && slice_is(value, "10"));
	assert_true(path_next_param(&s, &key, &value));
	assert_true(slice_is(key, "UTF8") && value.n == 0);
	assert_true(path_next_param(&s, &key, &value));
	assert_true(slice_is(key, "X") && slice_is(value, "a=b"));
	assert_false(path_next_param(&s, &key, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_take),
	    cmocka_unit_test(test_address),
	    cmocka_unit_test(test_length),
	    cmocka_unit_test(test_params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
