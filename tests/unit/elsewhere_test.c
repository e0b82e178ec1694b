/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was posted to several lists: each page names the others, whichever came first. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "conf/text.h"
#include "mail/msgid.h"
#include "tests/unit/archive_site.h"

static struct archive_site site;

static int
setup(void **state)
{
	struct err e;

	(void)state;
	site_new(&site);
	if (text_load(&e) < 0)
		fail_msg("%s", e.text);
	site_lock(&site);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	archive_unlock(site.archive);
	text_unload();
	site_free(&site);
	return 0;
}

/* How many marks were worked off. */
static int64_t
write_pages(void)
{
	struct err e = {0};
	int64_t n, all = 0;

	while ((n = archive_write_pages(site.archive, 10000, &e)) > 0)
		all += n;
	if (n < 0)
		fail_msg("%s", e.text);
	return all;
}

static void
file_in(const char *list, int id, int64_t day, const char *refs)
{
	struct archive_input in = {list, site_message(&site, id, day, refs, "Words."),
				   START + 1000 * DAY};
	enum archive_result r;
	struct err e = {0};

	if (archive_add(site.archive, &in, 1, &r, NULL, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(r, ARCHIVE_STORED);
}

static const char *
key_of(int id)
{
	char key[KEY_SIZE];

	msgid_key(slice_str(arena_printf(site.arena, "m%d@x", id)), key);
	return arena_str(site.arena, slice_str(key));
}

/* The line of LIST/m/KEY/ or LIST/t/KEY/ that tells where else; "" if it has none. */
static const char *
also(const char *list, char kind, int id)
{
	const char *path = arena_printf(site.arena, "%s/html/%s/%c/%s/index.html", site.dir, list,
					kind, key_of(id));
	struct slice text;
	struct err e;
	size_t at;

	if (file_read(AT_FDCWD, path, 1 << 24, site.arena, &text, &e) < 0)
		fail_msg("%s", e.text);
	at = slice_find(text, SLICE("Also on:"));
	text = slice_from(text, at);
	return arena_str(site.arena, slice_sub(text, 0, slice_find(text, SLICE("</p>"))));
}

/* KEY in link is that of id. */
static void
assert_link(const char *line, const char *what, int id)
{
	struct slice rest = slice_str(what), part;
	const char *link = "";

	while (rest.n > 0) {
		bool key = slice_starts(rest, SLICE("KEY"));

		part = key ? slice_str(key_of(id))
			   : slice_sub(rest, 0, slice_find(rest, SLICE("KEY")));
		link = arena_printf(site.arena, "%s%.*s", link, SLICE_ARG(part));
		rest = slice_from(rest, key ? 3 : part.n);
	}
	if (!strstr(line, link))
		fail_msg("\"%s\" is not in \"%s\"", link, line);
}

static void
test_both_ways(void **state)
{
	(void)state;
	file_in("l", 1, 0, NULL);
	write_pages();
	assert_string_equal(also("l", 'm', 1), "");
	/* It comes to the other list when the first one's pages are long written. */
	file_in("b", 1, 0, NULL);
	write_pages();
	assert_link(also("l", 'm', 1), "href=\"../../../b/m/KEY/\"><bdi>b</bdi></a>", 1);
	assert_link(also("l", 'm', 1), "href=\"../../../b/t/KEY/#KEY\">its thread</a>", 1);
	assert_link(also("l", 't', 1), "href=\"../../../b/t/KEY/\"><bdi>b</bdi></a>", 1);
	assert_link(also("b", 'm', 1), "href=\"../../../l/m/KEY/\"><bdi>L</bdi></a>", 1);
	assert_link(also("b", 't', 1), "href=\"../../../l/t/KEY/\"><bdi>L</bdi></a>", 1);
}

static void
test_three(void **state)
{
	const char *line;

	(void)state;
	file_in("l", 1, 0, NULL);
	file_in("b", 1, 0, NULL);
	write_pages();
	file_in("c", 1, 0, NULL);
	write_pages();
	line = also("b", 't', 1);
	assert_link(line, "l/t/KEY/", 1);
	assert_link(line, "c/t/KEY/", 1);
	assert_null(strstr(line, "../b/"));
}

/* A thread's page names each thread once, and only those of its own messages. */
static void
test_thread(void **state)
{
	const char *line;

	(void)state;
	file_in("l", 1, 0, NULL);
	file_in("l", 2, 1, "<m1@x>");
	file_in("l", 3, 2, "<m1@x>");
	file_in("l", 9, 3, NULL);
	file_in("b", 2, 1, "<m1@x>");
	file_in("b", 3, 2, "<m1@x>");
	write_pages();
	/* There it is called by its absent first message. */
	line = also("l", 't', 1);
	assert_link(line, "b/t/KEY/\"", 1);
	assert_null(strstr(strstr(line, "<a") + 1, "<a"));
	assert_string_equal(also("l", 'm', 1), "");
	assert_link(also("l", 'm', 2), "b/m/KEY/", 2);
	assert_string_equal(also("l", 't', 9), "");
}

static void
test_withdrawn(void **state)
{
	struct err e = {0};

	(void)state;
	file_in("l", 1, 0, NULL);
	file_in("b", 1, 0, NULL);
	write_pages();
	assert_int_equal(
	    archive_withdraw(site.archive, "b", slice_str(key_of(1)), "why", false, &e), 0);
	write_pages();
	assert_string_equal(also("l", 'm', 1), "");
	assert_string_equal(also("l", 't', 1), "");
}

/* One Message-ID, other words: not the same post. A mere mention (a ghost) is none either. */
static void
test_not_the_same(void **state)
{
	struct archive_input in = {"l", site_message(&site, 1, 0, NULL, "Other."),
				   START + 1000 * DAY};
	enum archive_result r;

	(void)state;
	file_in("l", 1, 0, NULL);
	assert_int_equal(archive_add(site.archive, &in, 1, &r, NULL, NULL), 0);
	file_in("b", 2, 0, "<m1@x>");
	write_pages();
	assert_string_equal(also("l", 'm', 1), "");
	assert_string_equal(also("b", 'm', 2), "");
}

/* On more lists than are told: the work and the page stay small. */
static void
test_many(void **state)
{
	const char *line;
	int n = 0;

	(void)state;
	for (int i = 0; i < OVERVIEW_ELSEWHERE_MAX + 10; i++)
		file_in(arena_printf(site.arena, "list%02d", i), 1, 0, NULL);
	write_pages();
	for (line = also("list00", 't', 1); (line = strstr(line, "<a")); line++)
		n++;
	assert_int_equal(n, OVERVIEW_ELSEWHERE_MAX);
}

/* A list made anew has the same pages, and no other list's page lost its link. */
static void
test_rebuilt(void **state)
{
	const char *was;
	struct err e = {0};

	(void)state;
	file_in("l", 1, 0, NULL);
	file_in("b", 1, 0, NULL);
	write_pages();
	was = also("b", 't', 1);
	assert_int_equal(archive_rebuild(site.archive, "l", NULL, NULL, &e), 0);
	write_pages();
	assert_string_equal(also("b", 't', 1), was);
	assert_link(also("l", 'm', 1), "b/m/KEY/", 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {T(test_both_ways), T(test_three),        T(test_thread),
					   T(test_withdrawn), T(test_not_the_same), T(test_many),
					   T(test_rebuilt)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
