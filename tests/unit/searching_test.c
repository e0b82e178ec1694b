/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "search" with programs in the place of plenary-archive: good, slow and broken ones.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "daemon/batch.h"
#include "daemon/searching.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define EVE "eve@example.com"
#define REQUEST "dc-request@" DOMAIN
#define KEY "dgjxupmwozazkokaiecugvxukxovqjmt"
#define LONG_MS 60000

static struct listsite *s;
static struct event_base *loop;

static void
wake(void *arg)
{
	(void)arg;
	event_base_loopbreak(loop);
}

/* The script stands in for plenary-archive; $DIR is the test's folder. */
static void
open_with(const char *script, int64_t deadline_ms)
{
	const char *path = listsite_printf(s, "%s/archive", s->dir);
	struct slice part =
	    slice_str(listsite_printf(s, "#!/bin/sh\nDIR=%s\n%s\n", s->dir, script));
	assert_int_equal(file_put_derived(AT_FDCWD, path, &part, 1, 0755, NULL), 0);
	loop = event_base_new();
	s->site.searches = searches_open(loop, s->conf, path, deadline_ms, wake, NULL);
}

static void
begin(void **state, const char *script)
{
	s = listsite_begin(state, "list \"dc\" { title = \"Coalition\" }\n"
				  "list \"x\" { title = \"Other\" }\n");
	listsite_member(s, "dc", ANN);
	open_with(script, LONG_MS);
}

static void
end(void)
{
	batch_put_back(&s->site);
	searches_close(s->site.searches);
	s->site.searches = NULL;
	event_base_free(loop);
}

/* Until n mails are queued. */
static void
wait_count(int n)
{
	listsite_run(s);
	while (listsite_count(s) < n) {
		event_base_dispatch(loop);
		listsite_run(s);
	}
}

static const char *
ask(const char *to, const char *body)
{
	listsite_forget(s);
	listsite_mail(s, ANN, to, "", body);
	wait_count(1);
	return listsite_only(s, ANN)->text;
}

static const char *
written(const char *name)
{
	struct slice bytes;
	assert_int_equal(file_read(AT_FDCWD, listsite_printf(s, "%s/%s", s->dir, name), 4096, s->a,
				   &bytes, NULL),
			 0);
	return arena_str(s->a, bytes);
}

#define HIT(n)                                                                                     \
	"{\"key\": \"" KEY "\", \"list\": \"dc\", \"from\": \"Eve\", \"subject\": \"Post " n       \
	"\", \"date\": \"2017-10-05T08:00:00Z\", \"snippet\": \"x\"}"

static void
test_hits(void **state)
{
	begin(state, "echo '[" HIT("1") "," HIT("2") "]'; echo \"$*\" > $DIR/argv");
	const char *text = ask(REQUEST, "search open \"lists\"\n");
	assert_contains(text, "> search open \"lists\"\nPost 1\n  Eve, 5 October 2017\n  " URL
			      "/dc/m/" KEY "/\nPost 2\n");
	assert_string_equal(
	    written("argv"),
	    listsite_printf(s, "-f %s/conf --json search --list dc  open \"lists\"\n", s->dir));
	/* The site's robot searches all lists; what looks like an option is none. */
	ask("plenary@" DOMAIN, "*search* --list x\n");
	assert_string_equal(written("argv"),
			    listsite_printf(s, "-f %s/conf --json search  --list x\n", s->dir));
	end();
}

static void
test_many_and_none(void **state)
{
	begin(state, "case \"$*\" in *none*) echo '[]'; exit;; esac\n"
		     "printf '['\n"
		     "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\n"
		     "do printf '%s' '" HIT("a") ",'; done\n"
						 "echo '" HIT("last") "]'");
	const char *text = ask(REQUEST, "search caf\xc3\xa9 open\nsearch none\nsearch\n");
	assert_contains(text, "Post a");
	assert_lacks(text, "Post last");
	assert_contains(text, "There are more:\n" URL "/dc/search?q=caf%C3%A9%20open\n");
	assert_contains(text, "Nothing was found.");
	assert_contains(text, "wants the words");
	end();
}

/* A search that takes its time holds up nobody else's mail, and not what else its mail asks. */
static void
test_slow(void **state)
{
	struct slice none = SLICE("x");
	begin(state, "while [ ! -e $DIR/go ]; do sleep 0.01; done; echo '[" HIT("1") "]'");
	listsite_mail(s, ANN, REQUEST, "", "search words\nwhich\n");
	listsite_run(s);
	assert_int_equal(listsite_count(s), 0);
	listsite_mail(s, EVE, REQUEST, "", "info\n");
	listsite_mail(s, ANN, "dc@" DOMAIN, "Subject: Post\n", "Words.\n");
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, EVE), 1);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM out WHERE kind = 'post'"), 1);
	assert_int_equal(
	    file_put_derived(AT_FDCWD, listsite_printf(s, "%s/go", s->dir), &none, 1, 0644, NULL),
	    0);
	listsite_forget(s);
	wait_count(1);
	assert_contains(listsite_only(s, ANN)->text, "Post 1");
	assert_contains(listsite_only(s, ANN)->text, "dc@" DOMAIN);
	end();
}

static void
test_broken(void **state)
{
	begin(state, "case \"$*\" in\n"
		     "*broken1*) exit 1;;\n"
		     "*broken2*) echo '[{';;\n"
		     "*broken3*) echo '{\"a\": 1}';;\n"
		     "*broken4*) kill -9 $$;;\n"
		     "*broken5*) yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;;\n"
		     "*broken6*) echo '[{}, {\"key\": 5}]';;\n"
		     "esac");
	for (int i = 1; i <= 5; i++)
		assert_contains(
		    ask(REQUEST, listsite_printf(s, "search broken%d\n", i)),
		    listsite_printf(s, "The same search as a page:\n" URL "/dc/search?q=broken%d\n",
				    i));
	/* Fields that are not there are shown empty. */
	assert_lacks(ask(REQUEST, "search broken6\n"), "The same search");
	end();
}

/* The deadline is for the whole mail: what stands behind the slow one is not begun any more. */
static void
test_deadline(void **state)
{
	begin(state, "true");
	end();
	open_with("case \"$*\" in *slow*) sleep 60;; *) echo '[]'; echo x > $DIR/ran;; esac", 100);
	const char *text = ask(REQUEST, "search slow\nsearch quick\n");
	assert_contains(text, "/dc/search?q=slow\n");
	assert_contains(text, "/dc/search?q=quick\n");
	assert_int_equal(listsite_logged(s, "takes too long"), 1);
	end();
}

/* So many of one mail; none for a machine; the role may end while one runs. */
static void
test_bounds(void **state)
{
	begin(state, "echo x >> $DIR/runs; echo '[]'");
	const char *text = ask(REQUEST, "search a\nsearch b\nsearch c\nsearch d\nend\nsearch e\n");
	assert_contains(text, "/dc/search?q=d\n");
	assert_int_equal(strlen(written("runs")), 2 * SEARCHES_OF_A_MAIL);
	listsite_forget(s);
	listsite_send(s, ANN, REQUEST, "Auto-Submitted: auto-replied\n", "search a\n");
	assert_int_equal(listsite_count(s), 0);
	assert_int_equal(strlen(written("runs")), 2 * SEARCHES_OF_A_MAIL);
	/* Who has had her answers of today makes nobody search. */
	listsite_sql(s, "INSERT INTO flood (kind, name, day, n) SELECT 'answer', "
			"'who@example.net', day, 20 FROM flood"
			" WHERE kind = 'answer' LIMIT 1");
	listsite_send(s, "who@example.net", REQUEST, "", "search a\n");
	assert_int_equal(listsite_count(s), 0);
	assert_int_equal(strlen(written("runs")), 2 * SEARCHES_OF_A_MAIL);
	listsite_mail(s, ANN, REQUEST, "", "search a\n");
	listsite_run(s);
	end();
	/* Where nothing can be searched, the answer says where it can be. */
	listsite_restart(s);
	listsite_run(s);
	assert_contains(listsite_only(s, ANN)->text, "could not be searched for by mail now");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_hits),   TEST(test_many_and_none), TEST(test_slow),
	    TEST(test_broken), TEST(test_deadline),      TEST(test_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
