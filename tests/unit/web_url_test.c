/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request target means, and which page answers it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "web/http.h"
#include "web/routes.h"
#include "web/types.h"
#include "web/url.h"

static struct arena *arena;

static enum url_result
parse(struct url *u, const char *target)
{
	return url_parse(u, arena, slice_str(target));
}

static void
test_segments(void **state)
{
	struct url u;

	(void)state;
	assert_int_equal(parse(&u, "/"), URL_GOOD);
	assert_true(u.nseg == 0 && u.slash);
	assert_int_equal(parse(&u, "/a%20b/c?d=e?f"), URL_GOOD);
	assert_int_equal(u.nseg, 2);
	assert_true(slice_is(u.seg[0], "a b") && slice_is(u.seg[1], "c") && !u.slash);
	assert_true(slice_is(u.query, "d=e?f"));
	assert_int_equal(parse(&u, "/a/b/"), URL_GOOD);
	assert_true(u.nseg == 2 && u.slash);
	assert_int_equal(parse(&u, "/a%2Fb/"), URL_GOOD);
	assert_true(u.nseg == 1 && slice_is(u.seg[0], "a/b"));
	assert_int_equal(parse(&u, "/%C3%A9"), URL_GOOD);
	assert_true(slice_is(u.seg[0], "\xc3\xa9"));
	/* Once, not twice; a plus is a plus. */
	assert_int_equal(parse(&u, "/%252e%252e/a+b"), URL_GOOD);
	assert_true(slice_is(u.seg[0], "%2e%2e") && slice_is(u.seg[1], "a+b"));
	assert_int_equal(parse(&u, "https://host/a?b"), URL_GOOD);
	assert_true(u.nseg == 1 && slice_is(u.query, "b"));
	assert_int_equal(parse(&u, "http://host"), URL_GOOD);
	assert_true(u.nseg == 0 && u.slash);
}

static void
test_bad(void **state)
{
	static const char *const bad[] = {
	    "",          "*",     "a/b",          "ftp://x/", "/..",        "/a/../b",
	    "/%2e%2e/a", "/.%2E", "/.",           "/a/./b",   "/%00",       "/a%00b",
	    "/%",        "/%1",   "/%g1",         "/%0a",     "/a%7fb",     "/a\nb",
	    "/%2",       "/\x01", "javascript:/", "/a/%2e",   "/a/%2e%2e/", "/a?b\rc",
	};
	static const char *const missing[] = {"//", "//evil.example/", "/a//b", "/a//"};
	struct url u;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (parse(&u, bad[i]) != URL_BAD)
			fail_msg("%s is not bad", bad[i]);
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
		if (parse(&u, missing[i]) != URL_NOT_FOUND)
			fail_msg("%s might be there", missing[i]);
}

static void
test_too_many_segments(void **state)
{
	struct buf b;
	struct url u;

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < URL_SEGMENTS_MAX; i++)
		buf_puts(&b, "/x");
	assert_int_equal(parse(&u, buf_str(&b)), URL_GOOD);
	assert_int_equal(u.nseg, URL_SEGMENTS_MAX);
	buf_puts(&b, "/x");
	assert_int_equal(parse(&u, buf_str(&b)), URL_NOT_FOUND);
	buf_free(&b);
}

static void
test_query_and_rest(void **state)
{
	struct slice rest;
	struct url u;

	(void)state;
	assert_int_equal(parse(&u, "/dc/id/a/b%2Bc+d@e?q=one+two%26&q=x&bad=%zz&empty&n=%00"),
			 URL_GOOD);
	assert_true(url_rest(&u, arena, 2, &rest) && slice_is(rest, "a/b+c+d@e"));
	assert_false(url_rest(&u, arena, 9, &rest));
	assert_true(slice_is(url_query(&u, arena, "q"), "one two&"));
	assert_int_equal(url_query(&u, arena, "bad").n, 0);
	assert_int_equal(url_query(&u, arena, "empty").n, 0);
	assert_int_equal(url_query(&u, arena, "n").n, 0);
	assert_int_equal(url_query(&u, arena, "none").n, 0);
	assert_int_equal(parse(&u, "/dc/id/"), URL_GOOD);
	assert_false(url_rest(&u, arena, 2, &rest));
}

static void
test_put(void **state)
{
	struct buf b;
	struct url u;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(parse(&u, "/a%2Fb/%C3%A9 c%22/"), URL_GOOD);
	url_put(&b, &u, 0);
	assert_string_equal(buf_str(&b), "/a%2Fb/%C3%A9%20c%22/");
	buf_clear(&b);
	assert_int_equal(parse(&u, "/a?b=%20&\xac\"c{ \\"), URL_GOOD);
	url_put_query(&b, &u);
	assert_string_equal(buf_str(&b), "?b=%20&%AC%22c%7B%20%5C");
	buf_free(&b);
}

static void
test_routes(void **state)
{
	static const struct {
		const char *pattern, *target;
		bool matches;
	} rows[] = {
	    {"search", "/search", true},
	    {"search", "/search/", true},
	    {"search", "/search/x", false},
	    {"search", "/", false},
	    {"*/search", "/dc/search", true},
	    {"*/search", "/search", false},
	    {"u/*", "/u/x", true},
	    {"u/*", "/u/", false},
	    {"u/*", "/u/x/y", false},
	    {"*/id/**", "/dc/id/a/b/c", true},
	    {"*/id/**", "/dc/id", true},
	    {"*/id/**", "/dc/m/x", false},
	    {"**", "/", true},
	    {"**", "/a/b", true},
	    {"search", "/sear%63h", true},
	    {"*/search", "/a%2Fsearch", false},
	};
	struct url u;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(parse(&u, rows[i].target), URL_GOOD);
		if (route_matches(rows[i].pattern, &u) != rows[i].matches)
			fail_msg("%s and %s", rows[i].pattern, rows[i].target);
	}
	/* Only these take a POST. */
	assert_int_equal(parse(&u, "/u/x"), URL_GOOD);
	assert_true(route_site(&u)->methods & WEB_POST);
	assert_int_equal(parse(&u, "/dc/"), URL_GOOD);
	assert_false(route_site(&u)->methods & WEB_POST);
	/* The monitor's pages are at its own door only. */
	assert_int_equal(parse(&u, "/metrics"), URL_GOOD);
	assert_ptr_not_equal((void *)route_site(&u)->serve, (void *)route_monitor(&u)->serve);
}

static void
test_types(void **state)
{
	static const struct {
		const char *target, *type;
		bool attachment;
	} rows[] = {
	    {"/dc/", "text/html; charset=utf-8", false},
	    {"/dc/m/k/raw", "text/plain", false},
	    {"/dc/m/k/1/x.html", "application/octet-stream", true},
	    {"/dc/m/k/1/x.svg", "application/octet-stream", true},
	    {"/dc/m/k/1/atom.xml", "application/octet-stream", true},
	    {"/dc/m/k/1/X.PDF", "application/pdf", true},
	    {"/dc/m/k/1/raw", "application/octet-stream", true},
	    {"/dc/atom.xml", "application/atom+xml", false},
	    {"/dc/t/k/mbox.gz", "application/gzip", false},
	    {"/dc/raw", "application/octet-stream", false},
	    {"/static/plenary.css", "text/css; charset=utf-8", false},
	};
	struct url u;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct type t;

		assert_int_equal(parse(&u, rows[i].target), URL_GOOD);
		t = type_of(&u, u.slash);
		assert_string_equal(t.type, rows[i].type);
		assert_int_equal(t.attachment, rows[i].attachment);
	}
}

static const char *
dishonest(enum web_method method, const char *const *fields)
{
	struct http_fields f = {.method = method};

	for (; *fields; fields += 2)
		http_take_field(&f, slice_str(fields[0]), slice_str(fields[1]));
	return http_dishonest(&f);
}

static void
test_fields(void **state)
{
#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})
	(void)state;
	assert_null(dishonest(WEB_GET, FIELDS("Host", "x", "X", "a\tb \xc3\xa9")));
	assert_null(dishonest(WEB_GET, FIELDS("Content-Length", "0")));
	assert_null(dishonest(WEB_POST, FIELDS("Content-Length", "3")));
	assert_null(dishonest(WEB_POST, FIELDS("Transfer-Encoding", "Chunked")));
	assert_non_null(dishonest(WEB_POST, FIELDS("Content-Length", "3", "content-length", "3")));
	assert_non_null(
	    dishonest(WEB_POST, FIELDS("Content-Length", "3", "Transfer-Encoding", "chunked")));
	assert_non_null(dishonest(WEB_POST, FIELDS("Transfer-Encoding", "gzip, chunked")));
	assert_non_null(dishonest(
	    WEB_POST, FIELDS("Transfer-Encoding", "chunked", "Transfer-Encoding", "chunked")));
	assert_non_null(dishonest(WEB_POST, FIELDS("Content-Length ", "3")));
	assert_non_null(dishonest(WEB_GET, FIELDS("Content-Length", "3")));
	assert_non_null(dishonest(WEB_GET, FIELDS("Transfer-Encoding", "chunked")));
	assert_non_null(dishonest(WEB_GET, FIELDS("X", "a\rb")));
	assert_non_null(dishonest(WEB_GET, FIELDS("", "a")));
	assert_non_null(dishonest(WEB_GET, FIELDS("Host", "a", "Host", "a")));
}

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_segments, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bad, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_too_many_segments, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_query_and_rest, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_put, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_routes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_types, set_up, tear_down),
	    cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
