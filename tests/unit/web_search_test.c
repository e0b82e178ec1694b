/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A result's texts come from strangers: what of them reaches a page. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "web/search.h"

#define ON SEARCH_MARK_BEGIN
#define OFF SEARCH_MARK_END
#define DOMAIN "lists.example.org"

static struct arena *arena;
static struct conf_list lists[] = {{.name = "dc", .title = "D & C"}};
static struct conf conf = {
    .domain = DOMAIN,
    .site_url = "https://" DOMAIN,
    .owner = "postmaster@example.org",
    .language = "en",
    .lists = lists,
    .nlists = 1,
};
static struct web web = {.conf = &conf};

static void
expect_snippet(const char *snippet, const char *html)
{
	struct buf b;

	buf_init(&b, 10000);
	search_put_snippet(&b, slice_str(snippet), DOMAIN);
	assert_string_equal(buf_str(&b), html);
	buf_free(&b);
}

static void
test_snippets(void **state)
{
	(void)state;
	expect_snippet("", "");
	expect_snippet("a " ON "b" OFF " c", "a <mark>b</mark> c");
	expect_snippet(ON "<script>" OFF "&\"", "<mark>&lt;script&gt;</mark>&amp;&quot;");
	/* Whatever order they come in, the markup is whole. */
	expect_snippet(OFF "a" ON "b" ON "c", "a<mark>bc</mark>");
	expect_snippet("a" OFF OFF "b", "ab");
	expect_snippet("a" ON, "a<mark></mark>");
	expect_snippet("\xee\x80", "\xef\xbf\xbd");
	/* An address is hidden, even when a part of it was searched for. */
	expect_snippet("by adele@example.com, of", "by a…@example.com, of");
	expect_snippet("by " ON "adele" OFF "@example.com now", "by a…@example.com now");
}

static void
test_plain(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	search_put_plain(&b, slice_str("a " ON "<b>" OFF " c" ON), DOMAIN);
	assert_string_equal(buf_str(&b), "a <b> c");
	buf_free(&b);
}

static bool
read_target(const char *target, struct web_request *rq, struct search *s)
{
	*rq = (struct web_request){.arena = arena, .method = WEB_GET, .lang = "en"};
	assert_int_equal(url_parse(&rq->url, arena, slice_str(target)), URL_GOOD);
	return search_read(&web, rq, s);
}

static void
test_reading(void **state)
{
	struct web_request rq;
	struct search s;
	struct buf b;

	(void)state;
	buf_init(&b, 5000);
	assert_true(read_target("/search?q=+a%26b++c%FF&sort=date&o=50&l=DC", &rq, &s));
	assert_true(slice_is(s.words, "a&b  c\xef\xbf\xbd"));
	assert_true(s.sort == INDEX_BY_DATE && s.offset == 50 && s.list == &lists[0]);
	search_put_url(&b, &s, 75, "json");
	assert_string_equal(buf_str(&b),
			    "search?q=a%26b%20%20c%EF%BF%BD&l=dc&sort=date&o=75&format=json");
	assert_true(read_target("/dc/search?q=x&l=other&o=-1&sort=nonsense", &rq, &s));
	assert_true(s.list == &lists[0] && s.offset == 0 && s.sort == INDEX_BY_RELEVANCE);
	assert_true(read_target("/search?o=10000", &rq, &s) && s.offset == SEARCH_OFFSET_MAX);
	assert_true(read_target("/search?o=10001", &rq, &s) && s.offset == 0);
	assert_false(read_target("/nope/search?q=x", &rq, &s));
	assert_false(read_target("/search?l=nope", &rq, &s));
	buf_free(&b);
}

static void
test_long_queries(void **state)
{
	char target[4 * SEARCH_QUERY_MAX] = "/search?q=";
	struct web_request rq;
	struct search s;

	(void)state;
	memset(target + strlen(target), 'x', SEARCH_QUERY_MAX);
	assert_true(read_target(target, &rq, &s));
	assert_int_equal(s.words.n, SEARCH_QUERY_MAX);
	strncat(target, "xx", 3);
	assert_true(read_target(target, &rq, &s));
	assert_true(s.words.n > 0 && s.words.n <= SEARCH_QUERY_MAX);
}

/* One hit whose every text is hostile, in each form. */
static void
test_forms(void **state)
{
	struct index_hit hit = {
	    .list = "dc",
	    .key = "k",
	    .thread_key = "t",
	    .subject = SLICE("</a><script>\x01\"'"),
	    .from_name = SLICE("\xff<b>"),
	    .from_address = SLICE("adele@example.com"),
	    .date = 0,
	    .snippet = SLICE("]]>" ON "<i>" OFF),
	};
	struct {
		void (*put)(struct web *, struct web_request *, struct web_response *,
			    const struct search *);
		const char *want;
	} forms[] = {
	    {search_page, "<mark>&lt;i&gt;</mark>"},
	    {search_json, "\"subject\": \"</a><script>\\\"'\""},
	    {search_atom, "<summary>]]&gt;&lt;i&gt;</summary>"},
	};
	struct web_request rq;
	struct search s;

	(void)state;
	assert_true(read_target("/dc/search?q=%3Cscript%3E", &rq, &s));
	s.result = (struct index_result){.hits = &hit, .n = 1, .estimated = 1, .exact = true};
	for (size_t i = 0; i < 3; i++) {
		struct web_response rs;

		web_response_init(&rs);
		forms[i].put(&web, &rq, &rs, &s);
		assert_non_null(strstr(buf_str(&rs.body), forms[i].want));
		assert_null(strchr(buf_str(&rs.body), '\x01'));
		assert_null(strchr(buf_str(&rs.body), '\xff'));
		if (i != 1)
			assert_null(strstr(buf_str(&rs.body), "<script"));
		web_response_free(&rs);
	}
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
	    cmocka_unit_test(test_snippets),
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test_setup_teardown(test_reading, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_long_queries, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
