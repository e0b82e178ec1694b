/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of conduct as the archive knows it: its seals in the list's log, once each; the two
 * against each other; the public log's pages, feed and numbers; the speakers' part of a list's
 * page.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <unistd.h>

#include "archive/conduct_words.h"
#include "archive/pages.h"
#include "archive/record.h"
#include "archive/speakers_part.h"
#include "base/clock.h"
#include "base/file.h"
#include "conf/text.h"
#include "tests/unit/archive_site.h"

#define SEAL(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define A SEAL("aa")
#define B SEAL("bb")
#define C SEAL("cc")
#define NOVEMBER "1795358975" /* 22 November 2026 */
#define MARCH "1773100000"    /* 10 March 2026 */
#define LAST "1741500000"     /* 9 March 2025 */
#define RULE                                                                                       \
	"step \"warning\" { by = \"moderator\" audience = \"list\" after = \"reminder\""           \
	" within = \"15552000s\" does = \"message\" }"
#define HARD                                                                                       \
	"step \"suspension\" { by = \"two-moderators\" audience = \"list\" lasts = \"2592000s\""   \
	" does = \"suspend\" }"
#define WARNING "event\t2\t" LAST "\tstep\twarning\tann@…\t0\t\t0\t" RULE "\t" A "\n"
#define SUSPENSION                                                                                 \
	"event\t5\t" MARCH "\tstep\tsuspension\tann@…\t" NOVEMBER "\t\t0\t" HARD "\t" B "\n"
#define LIFT "event\t9\t" NOVEMBER "\tlift\tsuspension\tann@…\t0\t\t5\t\t" C "\n"
#define HIDDEN "seal\t7\t" NOVEMBER "\t" A "\n"

static struct archive_site site;

static int
setup(void **state)
{
	(void)state;
	site_new(&site);
	assert_int_equal(text_load(NULL), 0);
	site_lock(&site);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	archive_unlock(site.archive);
	site_free(&site);
	text_unload();
	return 0;
}

/* What the list role would write; then what archived does with it. */
static void
tell(const char *text)
{
	struct slice part = slice_str(text);
	struct err e = {0};
	const char *dir = conf_path(&site.conf, site.arena, "conduct");

	assert_int_equal(file_mkdirs(AT_FDCWD, dir, 0755, false, &e), 0);
	assert_int_equal(
	    file_put_derived(AT_FDCWD, arena_printf(site.arena, "%s/l", dir), &part, 1, 0644, &e),
	    0);
}

static void
take(const char *text)
{
	struct err e = {0};

	tell(text);
	if (archive_take_conduct(site.archive, &site.list, &e) < 0)
		fail_msg("%s", e.text);
}

static const char *
content(const char *path)
{
	struct slice text;
	struct err e = {0};

	if (file_read(AT_FDCWD, conf_path(&site.conf, site.arena, "%s", path), 1 << 20, site.arena,
		      &text, &e) < 0)
		fail_msg("%s", e.text);
	return arena_str(site.arena, text);
}

static void
has(const char *path, const char *words)
{
	if (!strstr(content(path), words))
		fail_msg("%s has not: %s", path, words);
}

static void
has_not(const char *path, const char *words)
{
	if (strstr(content(path), words))
		fail_msg("%s has: %s", path, words);
}

static int
log_lines(void)
{
	int n = 0;

	for (const char *p = content("archive/log/l"); (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

static void
note(void *arg, const char *text)
{
	buf_printf(arg, "%s\n", text);
}

/* All that verifying finds. */
static const char *
findings(void)
{
	struct err e = {0};
	const char *text;
	struct buf b;
	int64_t n;

	buf_init(&b, BUF_NO_LIMIT);
	n = archive_verify(site.archive, "l", note, &b, &e);
	if (n < 0)
		fail_msg("%s", e.text);
	text = arena_str(site.arena, buf_slice(&b));
	assert_int_equal(n == 0, text[0] == '\0');
	buf_free(&b);
	return text;
}

static void
finds(const char *record, const char *words)
{
	tell(record);
	if (!strstr(findings(), words))
		fail_msg("it does not say \"%s\" but: %s", words, findings());
}

/* --- seals ------------------------------------------------------------------------------------ */

static void
test_once(void **state)
{
	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL, "words"));
	take(WARNING SUSPENSION);
	assert_int_equal(log_lines(), 3);
	has("archive/log/l", "\tconduct\t-\t2025-03-09T");
	has("archive/log/l", A "\t-\t2\t");
	has_not("archive/log/l", "ann");
	take(WARNING SUSPENSION);
	assert_int_equal(log_lines(), 3);
	/* A message between them; what is new comes behind it; another process looks, too. */
	site_add(&site, site_message(&site, 2, 1, NULL, "more"));
	take(WARNING SUSPENSION HIDDEN);
	assert_int_equal(log_lines(), 5);
	archive_unlock(site.archive);
	archive_close(site.archive);
	assert_int_equal(archive_open(&site.archive, &site.conf, NULL), 0);
	site_lock(&site);
	take(WARNING SUSPENSION HIDDEN LIFT);
	assert_int_equal(log_lines(), 6);
	assert_string_equal(findings(), "");
}

static void
test_rebuilt(void **state)
{
	const char *dump;
	struct err e = {0};

	(void)state;
	site_add(&site, site_message(&site, 1, 0, NULL, "words"));
	take(WARNING SUSPENSION);
	site_add(&site, site_message(&site, 2, 1, "<m1@x>", "more"));
	dump = site_dump(&site, site.arena);
	assert_int_equal(archive_rebuild(site.archive, NULL, NULL, NULL, &e), 0);
	assert_string_equal(site_dump(&site, site.arena), dump);
	assert_int_equal(log_lines(), 4);
	take(WARNING SUSPENSION);
	assert_int_equal(log_lines(), 4);
	assert_string_equal(findings(), "");
}

static void
test_findings(void **state)
{
	(void)state;
	take(WARNING SUSPENSION LIFT);
	assert_string_equal(findings(), "");
	finds(WARNING LIFT, "event 5 of the record of conduct, logged on ");
	finds(WARNING LIFT, "is not in list.db any more\n");
	finds(WARNING SUSPENSION, "event 9 of the record of conduct, logged on ");
	finds("", "event 2 of the record of conduct, logged on ");
	finds(WARNING "seal\t5\t" MARCH "\t" C "\n" LIFT,
	      "event 5 of the record of conduct in list.db is not the one that was logged on ");
	finds(WARNING SUSPENSION HIDDEN LIFT,
	      "event 7 of the record of conduct in list.db was never logged, though later ones "
	      "were");
	assert_int_equal(unlink(conf_path(&site.conf, site.arena, "conduct/l")), 0);
	assert_non_null(strstr(findings(), "event 9 of the record"));
	/* The log was cut: what is there since more than a day has to be in it. */
	finds(WARNING SUSPENSION LIFT "seal\t10\t" LAST "\t" A "\n",
	      "event 10 of the record of conduct, of 2025-03-09");
	tell(arena_printf(site.arena, WARNING SUSPENSION LIFT "seal\t10\t%lld\t" A "\n",
			  (long long)clock_now()));
	assert_string_equal(findings(), "");
}

/* --- pages ------------------------------------------------------------------------------------ */

static void
test_log(void **state)
{
	const char *page = "html/l/conduct/index.html", *year = "html/l/conduct/2026/index.html";

	(void)state;
	take("");
	has(page, "No step was ever taken on this list.");
	take(WARNING SUSPENSION HIDDEN LIFT "event\t10\t" NOVEMBER "\tfreeze\t\t\t" NOVEMBER
					    "\tabcdefghijklmnopqrstuvwxyz234567\t0\t\t" B "\n");
	has(page, "The step “<bdi>warning</bdi>” was taken about <bdi>ann@…</bdi>.");
	has(page, "id=\"e9\"");
	has(page, "href=\"../../l/conduct/2026/#e5\">See no. 5</a>");
	has(page, "<a href=\"../../l/conduct/2025/\">2025</a> <small>(1)</small>");
	has(page, "href=\"../../l/conduct/#r1\">Rule “warning”, version 1</a>");
	has(page, "<li id=\"r2\"><h3>“suspension”, version 1</h3>");
	has(page, "It ends by itself after 30 days.");
	has(page, "<link rel=\"alternate\" type=\"application/atom+xml\"");
	has(page, "href=\"../../l/conduct/atom.xml\"");
	has(page, "/t/abcdefghijklmnopqrstuvwxyz234567/");
	has(page, "<code>" B "</code>");
	has_not(page, "id=\"e7\"");
	has(year, "Public log of 2026");
	has(year, "id=\"e5\"");
	has_not(year, "id=\"e2\"");
	has("html/l/conduct/2025/index.html", "id=\"e2\"");
	has("html/l/conduct/atom.xml", "<id>https://lists.example.org/l/conduct/2026/#e9</id>");
	has("html/l/conduct/atom.xml",
	    "<title>The step “suspension” about ann@… was lifted.</title>");
	has("html/l/conduct/atom.xml", "<updated>2026-11-22T");
	has_not("html/l/conduct/atom.xml", "#e7<");
}

static void
test_long_log(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 1; i <= 60; i++)
		buf_printf(&b, "event\t%d\t%d\tstep\twarning\t\t0\t\t0\t" RULE "\t" A "\n", i,
			   1773100000 + i * 3600);
	take(arena_str(site.arena, buf_slice(&b)));
	buf_free(&b);
	has("html/l/conduct/index.html", "id=\"e60\"");
	has("html/l/conduct/index.html", "id=\"e41\"");
	has_not("html/l/conduct/index.html", "id=\"e40\"");
	has("html/l/conduct/2026/index.html", "id=\"e1\"");
	has("html/l/conduct/index.html", "The step “<bdi>warning</bdi>” was taken about a member.");
}

static void
test_versions(void **state)
{
	(void)state;
	take(WARNING "event\t3\t" MARCH "\tstep\twarning\t\t0\t\t0\tstep \"warning\" { by = "
		     "\"owner\" audience = \"member\" does = \"message\" }\t" B "\n");
	has("html/l/conduct/index.html", "“warning”, version 2");
	has("html/l/conduct/index.html", "Only an owner of the list may take this step.");
	has("html/l/conduct/index.html", "First applied on 9 March 2026.");
}

static void
test_rule_words(void **state)
{
	struct conf_step s;

	(void)state;
	step_of_rule(&s, site.arena, SLICE(HARD));
	assert_string_equal(s.name, "suspension");
	assert_int_equal(s.by, STEP_BY_TWO_MODERATORS);
	assert_int_equal(s.audience, STEP_TO_LIST);
	assert_int_equal(s.does, STEP_SUSPEND);
	assert_int_equal(s.lasts, 2592000);
	step_of_rule(&s, site.arena, SLICE(RULE));
	assert_string_equal(s.after, "reminder");
	assert_int_equal(s.within, 15552000);
	step_of_rule(&s, site.arena,
		     SLICE("step \"a\" { by = \"nobody\" odd = \"x\" lasts = \"never"));
	assert_string_equal(s.name, "a");
	assert_int_equal(s.lasts, 0);
	step_of_rule(&s, site.arena, SLICE(""));
	assert_string_equal(s.name, "");
}

static void
test_figures(void **state)
{
	const char *page = "html/l/conduct/index.html", *json = "html/l/conduct/figures.json";

	(void)state;
	take("");
	has(json, "[]");
	has_not(page, "<table");
	take("figure\t2025\treports\t3\nfigure\t2025\twait\t216000\nfigure\t2026\tcases\t1\n");
	has(page, "<caption>Moderation in numbers, by year</caption>");
	has(page, "<th scope=\"col\">2026</th><th scope=\"col\">2025</th>");
	has(page, "<th scope=\"row\">Reports by members</th><td>0</td><td>3</td>");
	has_not(page, "Appeals: the step was upheld"); /* nothing of it */
	has(json, "{\"year\": 2025, \"reports\": 3, \"cases\": 0,");
	has(json, "\"median_days\": 2.5}");
	has(page, "</th><td></td><td>2 days</td>");
	take("figure\t2026\twait\t1\n");
	has(page, "<td>less than an hour</td>");
	take("figure\t2026\twait\t90007\n");
	has(page, "<td>25 hours</td>");
}

static void
test_speakers(void **state)
{
	const char *page = "html/l/about/index.html";
	int64_t now = clock_now();
	struct conf_group groups[] = {{"Government", 2}, {"Civil <b>", 1}};
	struct conf_speaker speakers[] = {
	    {"ann@example.org", "Ann <i>", "government", now - 10 * DAY, now + 10 * DAY},
	    {"bob@example.org", "", NULL, 0, 0},
	    {"old@example.org", "Old One", "Government", 0, now - DAY},
	    {"new@example.org", "New One", "Civil <b>", now + DAY, 0},
	};

	(void)state;
	take("");
	has_not(page, "Who speaks");
	site.list.groups = groups;
	site.list.ngroups = 2;
	site.list.appointed = speakers;
	site.list.nappointed = 4;
	take("group\tGovernment\t7\n");
	has(page, "<h2>Who speaks</h2>");
	has(page, "<th scope=\"row\"><bdi>Ann &lt;i&gt;</bdi></th><td><bdi>Government</bdi></td>");
	has(page, "<th scope=\"row\"><bdi>bob@…</bdi></th><td><bdi></bdi></td><td>without an end");
	has(page, "from <time");
	has_not(page, "Old One");
	has_not(page, "bob@example.org");
	has(page, "<bdi>Government</bdi></th><td>2</td><td>1</td>");
	has(page, "<bdi>Civil &lt;b&gt;</bdi></th><td>1</td><td>0</td>");
	has(page, "</svg></td><td>7</td>");
	has(page, "</svg></td><td>–</td>");
	/* What the page says turns with each beginning and end of a term, and else never. */
	size_t turns = speakers_turns(&site.list, now);
	assert_int_equal(speakers_turns(&site.list, now + DAY - 1), turns);
	assert_int_equal(speakers_turns(&site.list, now + DAY), turns + 1);
	assert_int_equal(speakers_turns(&site.list, now + 10 * DAY - 1), turns + 1);
	assert_int_equal(speakers_turns(&site.list, now + 10 * DAY), turns + 2);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(test_once),       T(test_rebuilt),  T(test_findings),
	    T(test_log),        T(test_long_log), T(test_versions),
	    T(test_rule_words), T(test_figures),  T(test_speakers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
