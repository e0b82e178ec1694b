/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose word about a message's origin is believed, and what is one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/authserv.h"
#include "tests/unit/listsite.h"

static bool
vouches(struct listsite *s, const char *fields, const char *domain)
{
	struct message m;
	message_parse(&m, s->a,
		      slice_str(arena_printf(s->a, "%sFrom: x@%s\n\nx\n", fields, domain)));
	return authserv_vouches(s->a, s->conf, &m, slice_str(domain));
}

#define AR "Authentication-Results: mx.example.org"

static void
test_good(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"dc\" { }\n");
	static const char *const good[] = {
	    AR "; dkim=pass header.d=example.com\n",
	    AR "; dkim=pass header.i=@example.com\n",
	    AR "; dkim=pass header.d=EXAMPLE.com header.s=sel header.b=abc\n",
	    AR "; spf=pass smtp.mailfrom=example.com\n",
	    AR "; spf=pass smtp.mailfrom=bounce@mail.example.com\n",
	    AR "; spf=pass smtp.mailfrom=\"o d d; x\"@example.com\n",
	    AR "; dmarc=pass (p=none dis=none) header.from=example.com\n",
	    AR " 1; dkim=fail header.d=example.com;\n\tspf=pass smtp.mailfrom=example.com\n",
	    "AUTHENTICATION-RESULTS:  MX.example.ORG (our own) ;\n DKIM=Pass\n"
	    " (2048-bit key; (nested) \\) comment) header.d=example.com\n",
	    AR "; auth=pass smtp.auth=x; dkim=pass reason=\"good; really\" header.d=example.com\n",
	};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!vouches(s, good[i], "example.com"))
			print_message("%s", good[i]), fail();
	assert_true(
	    vouches(s, AR "; dkim=pass header.d=lists.un.example.co.uk\n", "mail.example.co.uk"));
}

static void
test_none(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"dc\" { }\n");
	static const char *const bad[] = {
	    "",
	    AR "\n",
	    AR "; none\n",
	    AR "; dkim=fail header.d=example.com\n",
	    AR "; dkim=none header.d=example.com\n",
	    AR "; dkim=passed header.d=example.com\n",
	    AR "; spf=softfail smtp.mailfrom=example.com\n",
	    AR "; dkim=pass header.d=example.org\n",
	    AR "; dkim=pass header.d=notexample.com\n",
	    AR "; dkim=pass header.d=com\n",
	    AR "; dkim=pass\n",
	    AR "; spf=pass smtp.helo=example.com\n",
	    AR "; iprev=pass policy.iprev=example.com\n",
	    /* somebody else's word */
	    "Authentication-Results: mx.evil.example; dkim=pass header.d=example.com\n",
	    "Authentication-Results: xmx.example.org; dkim=pass header.d=example.com\n",
	    "Authentication-Results: mx.example.org.evil.example; dkim=pass header.d=example.com\n",
	    "Authentication-Results: (mx.example.org) evil; dkim=pass header.d=example.com\n",
	    "X-Authentication-Results: mx.example.org; dkim=pass header.d=example.com\n",
	    "Authentication-Results: ; mx.example.org; dkim=pass header.d=example.com\n",
	    "Authentication-Results: dkim=pass header.d=example.com\n",
	    /* inside a comment */
	    AR "; dkim=fail (dkim=pass header.d=example.com) header.d=evil.example\n",
	    AR "; spf=none (; dkim=pass header.d=example.com ;)\n",
	    AR "; spf=none (\\) ; dkim=pass header.d=example.com ;)\n",
	    /* what a sender brings inside a quoted local part */
	    AR "; spf=pass smtp.mailfrom=\"; dkim=pass header.d=example.com ;\"@evil.example\n",
	    AR "; spf=pass smtp.mailfrom=\"x smtp.mailfrom=example.com \"@evil.example\n",
	    AR "; spf=pass smtp.mailfrom=\"x@example.com\"@evil.example\n",
	    AR "; spf=pass smtp.mailfrom=\"\\\";dkim=pass header.d=example.com;\"@evil.example\n",
	    AR "; spf=pass smtp.mailfrom=\"(\"@evil.example; x=y (\"; dkim=pass"
	       " header.d=example.com)\n",
	    AR "; dmarc=fail reason=\"header.from=example.com\" header.from=evil.example\n",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (vouches(s, bad[i], "example.com"))
			print_message("%s", bad[i]), fail();
	assert_false(vouches(s, AR "; dkim=pass header.d=a.co.uk\n", "b.co.uk"));
	assert_false(vouches(s, AR "; dkim=pass header.d=example.com\n", ""));
}

/* Whatever the field is, it ends. */
static void
test_odd(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"dc\" { }\n");
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	buf_puts(&b, AR "; dkim=pass header.d=example.com ");
	for (int i = 0; i < 30000; i++)
		buf_puts(&b, i % 2 ? "(" : "\\");
	buf_puts(&b, "\n");
	assert_false(vouches(s, buf_str(&b), "example.com")); /* longer than any real one */
	buf_clear(&b);
	buf_puts(&b, AR "; dkim=pass header.d=example.com (((((\"\\\n");
	assert_true(vouches(s, buf_str(&b), "example.com"));
	buf_free(&b);
}

static void
test_nobody_is_trusted(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"dc\" { }\n");
	s->conf->trusted_authserv.n = 0;
	assert_false(vouches(s, AR "; dkim=pass header.d=example.com\n", "example.com"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_good), TEST(test_none), TEST(test_odd),
					   TEST(test_nobody_is_trusted)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
