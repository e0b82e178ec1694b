/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What did not go out: counted by reason, kept without a name, told in a file. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "daemon/moderate.h"
#include "daemon/nameless.h"
#include "daemon/refused.h"
#include "tests/unit/listsite.h"

#define LIST "dc@" DOMAIN
#define EVE "eve@example.com"
#define MOD "mod@example.org"
#define RULES                                                                                      \
	"moderators = { \"" MOD "\" } max-message-size = 2K discard-headers = { \"X-Spam: yes\" "  \
	"}\n"
#define CLOSED "list \"dc\" { " RULES " }\n"
#define OPEN "list \"dc\" { " RULES " open-record = posts }\n"

static const char *
file(struct listsite *s, bool *there)
{
	struct slice text = {NULL, 0};
	struct err e = {0};
	int r = file_read(AT_FDCWD, conf_path(s->conf, s->a, "conduct/dc+refused"), 1 << 20, s->a,
			  &text, &e);
	*there = r == 0;
	return arena_str(s->a, text);
}

/* The file, written anew. */
static const char *
told(struct listsite *s)
{
	int64_t written = -1;
	bool there;
	struct err e;
	assert_int_equal(
	    file_mkdirs(AT_FDCWD, conf_path(s->conf, s->a, "conduct"), 0755, false, &e), 0);
	assert_int_equal(refused_write(&s->site, &written, NULL), 1);
	assert_int_equal(refused_write(&s->site, &written, NULL), 0);
	return file(s, &there);
}

static void
decide(struct listsite *s, int64_t number, const char *decision)
{
	struct held h;
	assert_int_equal(
	    moderate_decide(&s->site, s->a, number, decision, MOD, "no", "t", s->now, &h, NULL), 1);
	assert_int_equal(moderate_settle(&s->site, &h, NULL), 0);
}

static void
send_some(struct listsite *s)
{
	char big[3000];
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	listsite_send(s, EVE, LIST, "X-Spam: YES\nSubject: a\n", "Words.\n");
	listsite_send(s, EVE, LIST, "Subject: b\n", big);
	for (int i = 1; i <= 4; i++)
		listsite_send(s, EVE, LIST, "From: \"Eve Example\" <" EVE ">\nSubject: Eve sells\n",
			      listsite_printf(s, "Offer %d\\\tof Eve.\n\nMore.\n-- \nEve\n", i));
	decide(s, 1, "reject");
	decide(s, 2, "discard");
	decide(s, 3, "cancel");
	decide(s, 4, "expire");
}

static void
test_counts(void **state)
{
	struct listsite *s = listsite_begin(state, CLOSED);
	bool there;
	send_some(s);
	assert_string_equal(
	    told(s), "count\t202611\tdiscarded\tits author is not a member of this list\t1\n"
		     "count\t202611\tdropped\tthe mail server marked it as something that this "
		     "list does not "
		     "take\t1\n"
		     "count\t202611\texpired\tits author is not a member of this list\t1\n"
		     "count\t202611\trefused\tit is larger than this list allows\t1\n"
		     "count\t202611\trejected\tits author is not a member of this list\t1\n");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM refused_post"), 0);
	/* The same thing again is one more of it, and another month another line. */
	listsite_send(s, EVE, LIST, "X-Spam: YES\nSubject: a\nMessage-ID: <n@x>\n", "Words.\n");
	s->now += 30 * 86400;
	listsite_send(s, EVE, LIST, "X-Spam: YES\nSubject: a\nMessage-ID: <m@x>\n", "Words.\n");
	assert_int_equal(listsite_int(s, "SELECT n FROM refused WHERE what = 'dropped'"
					 " ORDER BY month LIMIT 1"),
			 2);
	assert_contains(told(s), "count\t202612\tdropped\t");
	assert_true(file(s, &there) && there);
}

static int
note(void *arg, const struct refused_post *p)
{
	assert_string_equal(p->list, "dc");
	assert_true(p->id > 0 && p->t > 0 && p->subject[0] && p->text[0]);
	++*(int *)arg;
	return 0;
}

static void
test_open_record(void **state)
{
	struct listsite *s = listsite_begin(state, OPEN);
	send_some(s);
	const char *t = told(s);
	/* What was sent back, by a rule or a moderator; what was dropped or discarded is not told.
	 */
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM refused_post"), 2);
	assert_contains(t, "post\t1795358975\tits author is not a member of this list\t[…] sells\t"
			   "Offer 1\\\\\\tof […].\\n\\nMore.\n");
	assert_lacks(t, "Eve");
	assert_lacks(t, EVE);
	assert_lacks(t, "Offer 2");
	/* Hers is what is stored of her, and nobody else's. */
	int hers = 0, others = 0;
	assert_int_equal(refused_each_of(s->site.db, SLICE("EVE@example.com"), note, &hers, NULL),
			 0);
	assert_int_equal(refused_each_of(s->site.db, SLICE(MOD), note, &others, NULL), 0);
	assert_true(hers == 2 && others == 0);
	/* The key is the list's to turn back. */
	listsite_reload(s, CLOSED);
	assert_lacks(told(s), "post\t");
	listsite_reload(s, OPEN);
	assert_contains(told(s), "post\t");
	assert_int_equal(refused_forget(s->site.db, SLICE("Eve@Example.com"), NULL), 0);
	assert_lacks(told(s), "post\t");
	assert_contains(told(s), "count\t");
}

static void
test_newest_are_kept(void **state)
{
	struct listsite *s = listsite_begin(state, OPEN);
	listsite_sql(s,
		     "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300)"
		     " INSERT INTO refused_post (list, t, reason, sender, subject, text)"
		     " SELECT 'dc', i, 'size', '', 's', 't' FROM c");
	listsite_send(s, EVE, LIST, "Subject: Hello\n", "Words.\n");
	decide(s, 1, "reject");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM refused_post"), REFUSED_POSTS_MAX);
	assert_int_equal(listsite_int(s, "SELECT max(t) FROM refused_post"), s->now);
}

static void
write_news(struct listsite *s, int64_t *written)
{
	assert_int_equal(refused_write(&s->site, written, NULL), 1);
	assert_int_equal(refused_write(&s->site, written, NULL), 0);
}

/* The file of a list is written anew when that list has news, and no other. */
static void
test_file_with_news(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"ab\" { " RULES " }\n" OPEN);
	char big[3000];
	int64_t written = -1;
	bool there;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(
	    file_mkdirs(AT_FDCWD, conf_path(s->conf, s->a, "conduct"), 0755, false, NULL), 0);
	assert_int_equal(refused_write(&s->site, &written, NULL), 1);
	listsite_send(s, EVE, LIST, "Subject: b\n", big);
	write_news(s, &written);
	assert_contains(file(s, &there), "post\t");
	listsite_file(s, "conduct/dc+refused", SLICE("stale"));
	listsite_send(s, EVE, "ab@" DOMAIN, "Subject: c\n", big);
	write_news(s, &written);
	assert_string_equal(file(s, &there), "stale");
	/* A post is taken out, or its author is erased. */
	listsite_send(s, EVE, LIST, "Subject: d\n", big);
	assert_int_equal(refused_remove(s->site.db, "dc",
					listsite_int(s, "SELECT min(id) FROM refused_post"), NULL),
			 1);
	write_news(s, &written);
	assert_contains(file(s, &there), "post\t");
	assert_int_equal(refused_forget(s->site.db, SLICE(EVE), NULL), 0);
	write_news(s, &written);
	assert_lacks(file(s, &there), "post\t");
}

static void
test_mask(void **state)
{
	static const char from[] = "Eve M\xc3\xa1rquez-Li <eve.b@example.com>";
	static const struct {
		const char *text, *masked;
	} rows[] = {
	    {"", ""},
	    {"Nothing to hide.", "Nothing to hide."},
	    {"write to ann@example.org, or <bob+x@example.net>.", "write to …@…, or <…@…>."},
	    {"mailto:ann@example.org", "mailto:…@…"},
	    {"I am Eve, EVE's, eve-b", "I am […], […]'s, […]-b"},
	    {"Everest and Steve and li", "Everest and Steve and li"},
	    {"M\xc3\xa1rquez was here", "[…] was here"},
	    {"@ and *a@b.c*!", "@ and *…@…*!"},
	    {"a@b@c", "…@…"},
	    {"\"ann\"@example.org or ann@[192.0.2.1]", "\"…@… or …@…]"},
	    {"\"Eve\" [ann@example.org] [Eve]", "\"[…]\" […@…] [[…]]"},
	    {"x \xf0\x9f\x98\x80 y", "x \xf0\x9f\x98\x80 y"},
	};
	struct arena *a = arena_new();
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    arena_str(a, nameless_mask(a, slice_str(rows[i].text), slice_str(from))),
		    rows[i].masked);
	assert_string_equal(arena_str(a, nameless_mask(a, SLICE("a b"), SLICE(""))), "a b");
	arena_free(a);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {TEST(test_counts), TEST(test_open_record),
					   TEST(test_newest_are_kept), TEST(test_file_with_news),
					   cmocka_unit_test(test_mask)};
	return cmocka_run_group_tests_name("refused", tests, NULL, NULL);
}
