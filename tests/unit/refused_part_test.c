/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of LIST/conduct/ about what a post is asked and about posts that did not go out: what
 * is said of a configuration, and of a file with anything in it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/clock.h"
#include "conf/text.h"
#include "tests/unit/archive_site.h"

static struct archive_site site;

static int
setup(void **state)
{
	struct err e;

	(void)state;
	site_new(&site);
	site.list.zone = zone_find("UTC");
	site.list.held_expire = 14 * DAY;
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

/* The page, the list role's file being this (NULL: none). */
static const char *
page(const char *text)
{
	struct err e = {0};
	struct slice part = slice_str(text), out;
	const char *dir = arena_printf(site.arena, "%s/conduct", site.dir);

	assert_int_equal(file_mkdirs(AT_FDCWD, dir, 0755, false, &e), 0);
	if (text)
		assert_int_equal(file_put_derived(AT_FDCWD,
						  arena_printf(site.arena, "%s/l+refused", dir),
						  &part, 1, 0644, &e),
				 0);
	if (archive_take_conduct(site.archive, &site.list, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(
	    file_read(AT_FDCWD, arena_printf(site.arena, "%s/html/l/conduct/index.html", site.dir),
		      1 << 24, site.arena, &out, &e),
	    0);
	return arena_str(site.arena, out);
}

static void
has(const char *text, const char *part, bool yes)
{
	if ((strstr(text, part) != NULL) != yes)
		fail_msg("%s: %s\n%s", yes ? "not in it" : "in it", part, text);
}

static void
test_nothing(void **state)
{
	const char *p = page(NULL);
	(void)state;
	has(p, "There was none so far", true);
	has(p, "<table>", false);
	has(p, "midnight", false);
	has(p, "is sent back: ", false);
	has(p, "reminded", false);
	has(p, "programs are asked", false);
}

static void
test_what_is_in_force(void **state)
{
	static const char *kinds[] = {".exe", "video/*"};
	static const char *hooks[] = {"/secret/place/words<b>"};
	static const struct conf_header_rule rules[] = {{"X-Spam", "yes*", "X-Spam: <i>yes*"}};
	const struct strings both = {kinds, 2};
	(void)state;
	site.list.posts_per_day = 3;
	site.list.max_message_size = 20 << 10;
	site.list.reject_attachments = site.list.hold_attachments = both;
	site.list.discard_headers = site.list.reject_headers = site.list.hold_headers =
	    (struct conf_header_rules){rules, 1};
	site.list.hooks = (struct strings){hooks, 1};
	site.list.held_remind = 2 * DAY;
	site.list.open_record = RECORD_POSTS;
	const char *p = page(NULL);
	has(p, "more than 20 KB is sent back", true);
	has(p, "sent back: <bdi>.exe, video/*</bdi>", true);
	has(p, "moderator first: <bdi>.exe, video/*</bdi>", true);
	has(p, "filters mark so is dropped: <bdi>X-Spam: &lt;i&gt;yes*</bdi>", true);
	has(p, "filters mark so is sent back: ", true);
	has(p, "filters mark so is read by a moderator first: ", true);
	has(p, "midnight of this place: <bdi>UTC</bdi>", true);
	has(p, "too: <bdi>words&lt;b&gt;</bdi>", true);
	has(p, "/secret/", false);
	has(p, "reminded of it after 2 days", true);
	has(p, "can be read below", true);
	site.list.nonmember_posts = NONMEMBER_REJECT;
	has(page(NULL), "not members is sent back", true);
	site.list.nonmember_posts = NONMEMBER_ACCEPT;
	has(page(NULL), "Everyone may post, members or not", true);
}

#define TOKEN "abcdefghijklmnopqrstuvwxyz"

static void
test_counts_and_posts(void **state)
{
	const char *p = page("count\t202611\trejected\tit is larger than this list allows\t12\n"
			     "count\t202610\tdropped\t<script>\t1\n"
			     "post\t1795358975\tit is larger than this list allows\tOne\\ttwo "
			     "<x>\tWords\\nof \\\\ it.\n");
	(void)state;
	has(p,
	    "<td>November 2026</td><td>rejected by a moderator</td><td>it is larger than this list "
	    "allows</td><td>12</td>",
	    true);
	has(p, "<td>October 2026</td><td>dropped by a rule</td><td>&lt;script&gt;</td><td>1</td>",
	    true);
	has(p, "two &lt;x&gt;", true);
	has(p, "of \\ it.", true);
	has(p, "22 November 2026", true);
	p = page(arena_printf(
	    site.arena, "post\t1\tx\t%s/u/" TOKEN "\t> %s/u/" TOKEN "\\nl-leave+" TOKEN "@%s\n",
	    site.conf.site_url, site.conf.site_url, site.conf.domain));
	has(p, "/u/xxxxxxxxxxxxxxxxxxxxxxxxxx", true);
	has(p, TOKEN, false);
}

/* A file cut short, of another version, or of anything: a page comes of it. */
static void
test_damaged(void **state)
{
	static const char *const files[] = {
	    "",
	    "\n\n",
	    "count\n",
	    "count\t202611\n",
	    "count\t202613\trejected\tx\t1\n",
	    "count\t0\trejected\tx\t1\n",
	    "count\t202611\teaten\tx\t1\n",
	    "count\t202611\trejected\tx\t-1\n",
	    "count\t202611\trejected\tx\t99999999999999999999\n",
	    "post\n",
	    "post\tsoon\tx\tSECRET\tSECRET\n",
	    "other\tSECRET\n",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *p = page(files[i]);
		has(p, "Posts that did not go out", true);
		has(p, "<td>", false);
		has(p, "SECRET", false);
	}
	has(page("post\t1\tx\ty\tends in \\"), "ends in \\", true);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {TEST(test_nothing), TEST(test_what_is_in_force),
					   TEST(test_counts_and_posts), TEST(test_damaged)};
	return cmocka_run_group_tests_name("refused_part", tests, NULL, NULL);
}
