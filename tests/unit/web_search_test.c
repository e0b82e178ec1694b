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
	assert_true(read_target("/search?q=x&year=2017&author=00ff99aa&has=attachment"
				"&collapse=thread&facets=1",
				&rq, &s));
	assert_true(s.year == 2017 && s.attachment && s.collapse && s.facets);
	buf_clear(&b);
	search_put_url(&b, &s, 25, NULL);
	assert_string_equal(buf_str(&b), "search?q=x&collapse=thread&year=2017&author=00ff99aa"
					 "&has=attachment&o=25");
	assert_true(read_target("/search?q=x&year=20177&author=%22%3E&has=x&collapse=1", &rq, &s));
	assert_true(s.year == 0 && s.author.n == 0 && !s.attachment && !s.collapse);
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

/* What narrows a search: links to it, links away from it, and nobody's address. */
static void
test_narrowing(void **state)
{
	struct index_facet years[] = {{"2018", SLICE("2018"), 3}, {"2017", SLICE("2017"), 2}};
	struct index_facet authors[] = {{"0123abcd", SLICE("<b>Ann"), 4},
					{"89abcdef", SLICE("adele@example.com"), 1}};
	struct index_facets facets = {.v = {[INDEX_YEARS] = years, [INDEX_AUTHORS] = authors},
				      .n = {[INDEX_YEARS] = 2, [INDEX_AUTHORS] = 2},
				      .exact = true};
	struct web_request rq;
	struct web_response rs;
	struct search s;

	(void)state;
	assert_true(read_target("/dc/search?q=x&sort=date&has=attachment&o=25", &rq, &s));
	s.result = (struct index_result){.facets = facets, .estimated = 5, .exact = true};
	web_response_init(&rs);
	search_page(&web, &rq, &rs, &s);
	/* further in */
	assert_non_null(strstr(buf_str(&rs.body),
			       "<a href=\"search?q=x&amp;sort=date&amp;year=2018"
			       "&amp;has=attachment\"><bdi>2018</bdi></a> <small> 3</small>"));
	assert_non_null(strstr(buf_str(&rs.body), "author=0123abcd"));
	assert_non_null(strstr(buf_str(&rs.body), "&lt;b&gt;Ann"));
	assert_null(strstr(buf_str(&rs.body), "adele@"));
	/* out again */
	assert_non_null(strstr(buf_str(&rs.body), "href=\"search?q=x&amp;sort=date\""));
	assert_non_null(
	    strstr(buf_str(&rs.body), "href=\"../search?q=x&amp;sort=date&amp;has=attachment\""));
	web_response_free(&rs);
	/* the same for programs */
	s.facets = true;
	web_response_init(&rs);
	search_json(&web, &rq, &rs, &s);
	assert_non_null(strstr(buf_str(&rs.body), "\"total\": 5"));
	assert_non_null(strstr(buf_str(&rs.body),
			       "\"url\": \"https://" DOMAIN "/dc/search?q=x&sort=date&year=2018"
			       "&has=attachment&format=json&facets=1\""));
	assert_null(strstr(buf_str(&rs.body), "adele@"));
	web_response_free(&rs);
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
	    cmocka_unit_test_setup_teardown(test_narrowing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
