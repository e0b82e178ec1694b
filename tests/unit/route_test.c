/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which addresses there are, by a table; and that tokens verify for their own purpose only. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "daemon/route.h"

static const struct conf_list lists[] = {
    {.name = "a"},
    {.name = "a-b"},
    {.name = "dc"},
    {.name = "dc.news_1"},
};

static struct conf conf = {
    .domain = "lists.example.org",
    .delimiter = '+',
    .lists = lists,
    .nlists = sizeof lists / sizeof *lists,
};

static const struct {
	const char *local; /* without a domain: ours is put behind it */
	enum route_function function;
	const char *list; /* NULL: none */
	const char *token;
	enum route_delivery delivery;
} rows[] = {
    {"dc", ROUTE_POST, "dc", "", 0},
    {"DC", ROUTE_POST, "dc", "", 0},
    {"dc.news_1", ROUTE_POST, "dc.news_1", "", 0},
    {"a-b", ROUTE_POST, "a-b", "", 0},
    {"a-b-owner", ROUTE_OWNER, "a-b", "", 0},
    {"a-owner", ROUTE_OWNER, "a", "", 0},
    {"dc-subscribe", ROUTE_SUBSCRIBE, "dc", "", ROUTE_EACH_POST},
    {"dc-join", ROUTE_SUBSCRIBE, "dc", "", ROUTE_EACH_POST},
    {"dc-subscribe+digest", ROUTE_SUBSCRIBE, "dc", "", ROUTE_DIGEST},
    {"DC-Join+NoMail", ROUTE_SUBSCRIBE, "dc", "", ROUTE_NOMAIL},
    {"dc-subscribe+weekly", ROUTE_NONE, NULL, "", 0},
    {"dc-subscribe+", ROUTE_NONE, NULL, "", 0},
    {"dc-unsubscribe", ROUTE_UNSUBSCRIBE, "dc", "", 0},
    {"dc-leave", ROUTE_UNSUBSCRIBE, "dc", "", 0},
    {"dc-unsubscribe+tOkEn", ROUTE_LEAVE, "dc", "tOkEn", 0},
    {"dc-leave+t", ROUTE_LEAVE, "dc", "t", 0},
    {"dc-confirm+t", ROUTE_CONFIRM, "dc", "t", 0},
    {"dc-confirm", ROUTE_NONE, NULL, "", 0},
    {"dc-request", ROUTE_REQUEST, "dc", "", 0},
    {"dc-request+x", ROUTE_NONE, NULL, "", 0},
    {"dc-help", ROUTE_HELP, "dc", "", 0},
    {"dc-moderate+t", ROUTE_MODERATE, "dc", "t", 0},
    {"dc-moderate", ROUTE_NONE, NULL, "", 0},
    {"dc-bounces+t", ROUTE_BOUNCES, "dc", "t", 0},
    {"dc-bounces", ROUTE_BOUNCES, "dc", "", 0},
    {"dc-appeal", ROUTE_APPEAL, "dc", "", 0},
    {"dc-helper", ROUTE_NONE, NULL, "", 0},
    {"dc-", ROUTE_NONE, NULL, "", 0},
    {"-owner", ROUTE_NONE, NULL, "", 0},
    {"dc+x", ROUTE_NONE, NULL, "", 0},
    {"nobody", ROUTE_NONE, NULL, "", 0},
    {"nobody-owner", ROUTE_NONE, NULL, "", 0},
    {"plenary", ROUTE_SITE, NULL, "", 0},
    {"Plenary", ROUTE_SITE, NULL, "", 0},
    {"plenary-unsubscribe+t", ROUTE_LEAVE, NULL, "t", 0},
    {"plenary-confirm+t", ROUTE_CONFIRM, NULL, "t", 0},
    {"plenary-moderate+t", ROUTE_MODERATE, NULL, "t", 0},
    {"plenary-bounces+t", ROUTE_BOUNCES, NULL, "t", 0},
    {"plenary-bounces", ROUTE_BOUNCES, NULL, "", 0},
    {"plenary-unsubscribe", ROUTE_NONE, NULL, "", 0},
    {"plenary-subscribe+digest", ROUTE_NONE, NULL, "", 0},
    {"plenary-owner", ROUTE_NONE, NULL, "", 0},
    {"postmaster", ROUTE_POSTMASTER, NULL, "", 0},
    {"POSTmaster", ROUTE_POSTMASTER, NULL, "", 0},
};

static void
test_rows(void **state)
{
	struct arena *a = arena_new();
	struct route r;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		route_classify(
		    &conf, slice_str(arena_printf(a, "%s@Lists.EXAMPLE.org", rows[i].local)), &r);
		if (r.function != rows[i].function || r.delivery != rows[i].delivery ||
		    !slice_is(r.token, rows[i].token) || !r.list != !rows[i].list ||
		    (r.list && strcmp(r.list->name, rows[i].list) != 0))
			fail_msg("%s: %s, list %s, token \"%.*s\"", rows[i].local,
				 route_name(r.function), r.list ? r.list->name : "none",
				 SLICE_ARG(r.token));
	}
	arena_free(a);
}

static enum route_function
classify(const char *address)
{
	struct route r;

	route_classify(&conf, slice_str(address), &r);
	return r.function;
}

static void
test_domains(void **state)
{
	(void)state;
	assert_int_equal(classify("postmaster"), ROUTE_POSTMASTER);
	assert_int_equal(classify("dc"), ROUTE_NONE);
	assert_int_equal(classify(""), ROUTE_NONE);
	assert_int_equal(classify("@lists.example.org"), ROUTE_NONE);
	assert_int_equal(classify("dc@example.org"), ROUTE_ELSEWHERE);
	assert_int_equal(classify("postmaster@example.org"), ROUTE_ELSEWHERE);
	assert_int_equal(classify("dc@[127.0.0.1]"), ROUTE_ELSEWHERE);
	assert_int_equal(classify("dc@lists.example.org.evil.example"), ROUTE_ELSEWHERE);
	assert_int_equal(classify("dc@lists.ex\303\244mple.org"), ROUTE_ELSEWHERE);
}

static void
test_idn_domain(void **state)
{
	(void)state;
	conf.domain = "listen.xn--bcher-kva.example";
	assert_int_equal(classify("dc@listen.b\303\274cher.example"), ROUTE_POST);
	assert_int_equal(classify("dc@LISTEN.XN--BCHER-KVA.example"), ROUTE_POST);
	assert_int_equal(classify("dc@listen.bucher.example"), ROUTE_ELSEWHERE);
	conf.domain = "lists.example.org";
}

static void
test_delimiter(void **state)
{
	struct route r;

	(void)state;
	conf.delimiter = '-';
	route_classify(&conf, SLICE("dc-confirm-abc@lists.example.org"), &r);
	assert_int_equal(r.function, ROUTE_CONFIRM);
	assert_true(slice_is(r.token, "abc"));
	assert_int_equal(classify("dc-subscribe-digest@lists.example.org"), ROUTE_SUBSCRIBE);
	assert_int_equal(classify("dc-confirm+abc@lists.example.org"), ROUTE_NONE);
	conf.delimiter = '+';
}

/* What one of two configured names means goes to the longer one. */
static void
test_longest_name(void **state)
{
	static const struct conf_list two[] = {{.name = "x"}, {.name = "x-owner"}};
	struct conf c = conf;
	struct route r;

	(void)state;
	c.lists = two;
	c.nlists = 2;
	route_classify(&c, SLICE("x-owner@lists.example.org"), &r);
	assert_int_equal(r.function, ROUTE_POST);
	assert_ptr_equal(r.list, &two[1]);
	route_classify(&c, SLICE("x-owner-help@lists.example.org"), &r);
	assert_int_equal(r.function, ROUTE_HELP);
	assert_ptr_equal(r.list, &two[1]);
}

static void
test_verify(void **state)
{
	static const struct {
		const char *robot, *purpose;
	} ways[] = {{"dc-unsubscribe", "leave"},
		    {"plenary-leave", "leave"},
		    {"dc-confirm", "ticket"},
		    {"a-b-moderate", "ticket"},
		    {"dc-bounces", "bounce"}};
	static const char *const purposes[] = {"leave", "ticket", "bounce", "other"};
	char dir[] = "/tmp/route_test.XXXXXX", path[64], token[TOKEN_SIZE];
	struct token_keys *keys;
	struct arena *a = arena_new();
	struct route r;
	struct err e;
	uint64_t payload;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/token.key", dir);
	assert_int_equal(token_keys_load(&keys, path, true, &e), 0);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		for (size_t k = 0; k < sizeof purposes / sizeof *purposes; k++) {
			bool good = strcmp(purposes[k], ways[i].purpose) == 0;

			token_make(keys, purposes[k], "", 4711, token);
			route_classify(&conf,
				       slice_str(arena_printf(a, "%s+%s@lists.example.org",
							      ways[i].robot, token)),
				       &r);
			assert_int_equal(route_verify(&r, keys, &payload), good);
			assert_true(!good || payload == 4711);
		}
		token_make(keys, ways[i].purpose, "dc", 4711, token);
		r.token = slice_str(token);
		assert_false(route_verify(&r, keys, &payload));
	}
	route_classify(&conf, SLICE("dc-bounces@lists.example.org"), &r);
	assert_true(route_verify(&r, keys, &payload));
	route_classify(&conf, SLICE("dc-owner@lists.example.org"), &r);
	assert_true(route_verify(&r, keys, &payload));
	token_keys_free(keys);
	unlink(path);
	rmdir(dir);
	arena_free(a);
}

static void
test_names(void **state)
{
	(void)state;
	for (int f = 0; f < ROUTE_FUNCTIONS; f++)
		assert_true(strlen(route_name((enum route_function)f)) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),         cmocka_unit_test(test_domains),
	    cmocka_unit_test(test_idn_domain),   cmocka_unit_test(test_delimiter),
	    cmocka_unit_test(test_longest_name), cmocka_unit_test(test_verify),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
