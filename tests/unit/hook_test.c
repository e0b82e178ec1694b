/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hooks as the list role runs them: real programs, the real walls, one loop. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "daemon/hook.h"
#include "tests/unit/listsite.h"

#define ANN "ann@example.org"
#define LIST "dc@" DOMAIN

static struct listsite *s;
static struct event_base *loop;
static struct hooks *hooks;
static int wakes;

static void
wake(void *arg)
{
	(void)arg;
	wakes++;
	event_base_loopbreak(loop);
}

/* A program in the test's folder. */
static const char *
script(struct listsite *ls, const char *name, const char *text)
{
	const char *path = listsite_printf(ls, "%s/hooks/%s", ls->dir, name);
	struct slice part = slice_str(listsite_printf(ls, "#!/bin/sh\n%s\n", text));
	char *dir = listsite_printf(ls, "%s/hooks", ls->dir);
	(void)mkdir(dir, 0755);
	assert_int_equal(file_put_derived(AT_FDCWD, path, &part, 1, 0755, NULL), 0);
	return path;
}

/* A site whose list dc has these hooks, by their scripts. */
static void
begin(void **state, const char *const *texts)
{
	struct listsite *ls = *state;
	struct buf conf;
	const char *top = getenv("top_builddir");
	buf_init(&conf, 10000);
	buf_puts(&conf, "list \"dc\" { hooks = {");
	for (int i = 0; texts[i]; i++)
		buf_printf(&conf, "%s \"%s\"", i ? "," : "",
			   script(ls, listsite_printf(ls, "h%d", i), texts[i]));
	buf_puts(&conf, " } }\nlist \"plain\" { }\n");
	s = listsite_begin(state, buf_str(&conf));
	buf_free(&conf);
	listsite_member(s, "dc", ANN);
	loop = event_base_new();
	wakes = 0;
	hooks =
	    hooks_open(loop, listsite_printf(s, "%s/plenary-hook", top ? top : "."), wake, NULL);
}

static void
end(void)
{
	hooks_close(hooks);
	event_base_free(loop);
}

static void
open_entry(struct work *w, const char *to, const char *head, const char *body)
{
	char id[ID_MAX];
	listsite_mail(s, ANN, to, head, body);
	assert_int_equal(spool_claim(s->site.spool, id, NULL), 1);
	assert_int_equal(work_open(w, &s->site, id, s->now, NULL), 0);
}

static void
close_entry(struct work *w)
{
	assert_int_equal(spool_done(s->site.spool, w->id, NULL), 0);
	work_close(w);
}

static void
wait_over(struct hook_run *r)
{
	while (!hook_is_over(r))
		event_base_dispatch(loop);
}

/* What the hooks of one post to the list say. */
static enum verdict
ask(const char *body, char *reasons, size_t size)
{
	struct work w;
	struct hook_run *r;
	open_entry(&w, LIST, "Subject: S\nMessage-ID: <one@x>\n", body);
	assert_int_equal(hook_start(hooks, &w, &r, NULL), 1);
	wait_over(r);
	hook_end(r);
	assert_non_null(w.said);
	assert_null(w.said->next);
	enum verdict v = w.said->verdict;
	snprintf(reasons, size, "%s", w.said->reasons);
	close_entry(&w);
	return v;
}

static void
test_verdicts(void **state)
{
	char why[1000];
	begin(state, (const char *[]){
			 "while IFS= read -r l; do case $l in\n"
			 "CODE*) set -- $l; shift; c=$1; shift; echo \"$*\"; echo more; exit $c;;\n"
			 "esac; done",
			 NULL});
	assert_int_equal(ask("CODE 0 fine\n", why, sizeof(why)), VERDICT_PASS);
	assert_string_equal(why, "");
	assert_int_equal(ask("CODE 10 looks odd\n", why, sizeof(why)), VERDICT_HOLD);
	assert_string_equal(why, "hook\tlooks odd\n");
	assert_int_equal(ask("CODE 20 no\033[2J\tthanks\n", why, sizeof(why)), VERDICT_REJECT);
	assert_string_equal(why, "hook\tno[2J thanks\n");
	assert_int_equal(ask("CODE 30\n", why, sizeof(why)), VERDICT_DISCARD);
	assert_string_equal(why, "hook\t\n");
	assert_int_equal(ask("CODE 1 broken\n", why, sizeof(why)), VERDICT_HOLD);
	assert_string_equal(why, "hook-failed\th0, 1\n");
	end();
}

static void
test_environment(void **state)
{
	char why[1000];
	begin(state, (const char *[]){
			 "echo \"$PLENARY_LIST $PLENARY_SENDER $PLENARY_FROM "
			 "$PLENARY_MEMBER $PLENARY_KEY $PLENARY_MESSAGE_ID "
			 "$PLENARY_SIZE $PLENARY_STANDING $(env | grep -c TEST_SECRET)\"; exit 10",
			 NULL});
	setenv("TEST_SECRET", "x", 1);
	assert_int_equal(ask("Hello.\n", why, sizeof(why)), VERDICT_HOLD);
	unsetenv("TEST_SECRET");
	char key[KEY_SIZE];
	msgid_key(SLICE("one@x"), key);
	assert_contains(why, listsite_printf(s, "hook\tdc %s %s yes %s one@x ", ANN, ANN, key));
	assert_contains(why, " good 0\n");
	end();
}

static void
test_several(void **state)
{
	char why[1000];
	begin(state, (const char *[]){"echo first; exit 10", "exit 0", "echo third; exit 20",
				      "echo never; exit 30", NULL});
	/* The first that is not pass decides; after a rejection nobody is asked any more. */
	assert_int_equal(ask("Hello.\n", why, sizeof(why)), VERDICT_HOLD);
	assert_string_equal(why, "hook\tfirst\nhook\tthird\n");
	end();
}

static void
test_broken(void **state)
{
	char why[1000];
	begin(state, (const char *[]){"kill -9 $$", "exec yes", "exec /no/such/program", NULL});
	assert_int_equal(ask("Hello.\n", why, sizeof(why)), VERDICT_HOLD);
	assert_string_equal(why, "hook-killed\th0, 9\nhook-flood\th1\nhook-failed\th2, 127\n");
	end();
}

/* A post through the hooks and the transaction. */
static void
decide(const char *msgid, const char *body)
{
	struct work w;
	struct hook_run *r;
	open_entry(&w, LIST, listsite_printf(s, "Subject: S\nMessage-ID: <%s>\n", msgid), body);
	assert_int_equal(hook_start(hooks, &w, &r, NULL), 1);
	wait_over(r);
	hook_end(r);
	w.rcpt = SLICE(LIST);
	route_classify(s->conf, w.rcpt, &w.route);
	assert_int_equal(db_begin(s->site.db, NULL), 0);
	assert_int_equal(post_handle(&w, NULL), 0);
	assert_int_equal(db_commit(s->site.db, NULL), 0);
	close_entry(&w);
}

static int64_t
reports(void)
{
	return listsite_int(s, "SELECT count(*) FROM conduct_event WHERE what = 'report'");
}

static void
test_cases(void **state)
{
	char key[KEY_SIZE];
	begin(state, (const char *[]){
			 "grep -q rude && { echo why; echo x; printf 'case: calls\tnames\n"
			 "case: two\n'; exit 10; }; exit 0",
			 "grep -q 'case' && { echo no; echo 'case: never'; exit 20; }; exit 0",
			 "echo 'case: a reason'; exit 10", NULL});
	decide("one@x", "a rude word\n");
	assert_int_equal(listsite_held(s), 1);
	assert_int_equal(reports(), 1);
	msgid_key(SLICE("one@x"), key);
	assert_int_equal(
	    listsite_int(s, listsite_printf(s,
					    "SELECT count(*) FROM conduct_event WHERE about = '%s'"
					    " AND why = 'calls names' AND by_whom = 'hook h0'"
					    " AND address = '" ANN "'",
					    key)),
	    1);
	/* The moderators have the post itself, and hear that nothing proves whose it is. */
	struct outmail *m = NULL;
	for (int i = 0; i < listsite_count(s); i++)
		if (strstr(listsite_nth(s, i)->subject, "A filter reports"))
			m = listsite_nth(s, i);
	assert_non_null(m);
	assert_contains(m->text, "hook h0 of");
	assert_contains(m->text, "calls names");
	assert_contains(m->text, "Nothing proves");
	assert_contains(m->text, "a rude word");
	/* Only one that holds asks for one; the first line is a reason, whatever it says. */
	decide("two@x", "a case\n");
	decide("three@x", "words\n");
	assert_int_equal(reports(), 1);
	/* So many a day about a member. */
	for (int i = 0; i < 8; i++)
		decide(listsite_printf(s, "m%d@x", i), "a rude word\n");
	assert_int_equal(reports(), 5);
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM conduct_case"), 1);
	/* Of whom the list has no member there is nothing to decide. */
	listsite_sql(s, "DELETE FROM subscription");
	s->now += 86400;
	decide("last@x", "a rude word\n");
	assert_int_equal(reports(), 5);
	end();
}

/* It can neither read what is the site's, nor write, nor get out of the group that is killed. */
static void
test_walls(void **state)
{
	char why[1000];
	struct listsite *ls = *state;
	begin(state,
	      (const char *[]){listsite_printf(ls,
					       "cat %s/state/list.db >/dev/null 2>&1 && exit 1\n"
					       "echo x 2>/dev/null > %s/hooks/x && exit 2\n"
					       "setsid true 2>/dev/null && exit 3\n"
					       "cat $0 >/dev/null || exit 4\n"
					       "cat /etc/passwd >/dev/null || exit 5\n"
					       "echo walls; exit 10",
					       ls->dir, ls->dir),
			       NULL});
	assert_int_equal(ask("Hello.\n", why, sizeof(why)), VERDICT_HOLD);
	assert_string_equal(why, "hook\twalls\n");
	end();
}

/* A hook that hangs is ended at its deadline with all that it began; meanwhile others are asked. */
static void
test_hangs(void **state)
{
	struct work slow, quick;
	struct hook_run *a, *b;
	struct listsite *ls = *state;
	begin(state, (const char *[]){listsite_printf(ls, "case $PLENARY_MESSAGE_ID in slow*)\n"
							  "sleep 1000 & sleep 1000;; esac"),
				      NULL});
	open_entry(&slow, LIST, "Message-ID: <slow@x>\n", "Hello.\n");
	open_entry(&quick, LIST, "Message-ID: <quick@x>\n", "Hello.\n");
	int64_t begun = clock_mono();
	assert_int_equal(hook_start(hooks, &slow, &a, NULL), 1);
	assert_int_equal(hook_start(hooks, &quick, &b, NULL), 1);
	wait_over(b);
	assert_false(hook_is_over(a));
	assert_int_equal(quick.said->verdict, VERDICT_PASS);
	hook_end(b);
	wait_over(a);
	assert_true(clock_mono() - begun >= HOOK_DEADLINE_MS - 100);
	assert_int_equal(slow.said->verdict, VERDICT_HOLD);
	assert_string_equal(slow.said->reasons, "hook-late\th0\n");
	hook_end(a);
	assert_int_equal(wakes, 2);
	close_entry(&slow);
	close_entry(&quick);
	end();
}

/* More than may run at one time: all are asked in the end. And what is given up is ended. */
static void
test_many(void **state)
{
	struct work w[HOOKS_OF_A_LIST + 4], gone;
	struct hook_run *r[HOOKS_OF_A_LIST + 4], *g;
	begin(state, (const char *[]){
			 "case $PLENARY_MESSAGE_ID in gone*) sleep 1000;; esac; exit 10", NULL});
	open_entry(&gone, LIST, "Message-ID: <gone@x>\n", "Hello.\n");
	assert_int_equal(hook_start(hooks, &gone, &g, NULL), 1);
	for (int i = 0; i < HOOKS_OF_A_LIST + 4; i++) {
		open_entry(&w[i], LIST, "", "Hello.\n");
		assert_int_equal(hook_start(hooks, &w[i], &r[i], NULL), 1);
	}
	hook_end(g);
	close_entry(&gone);
	for (int i = 0; i < HOOKS_OF_A_LIST + 4; i++) {
		wait_over(r[i]);
		assert_int_equal(w[i].said->verdict, VERDICT_HOLD);
		hook_end(r[i]);
		close_entry(&w[i]);
	}
	end();
}

static void
test_not_asked(void **state)
{
	struct work w;
	struct hook_run *r;
	begin(state, (const char *[]){"exit 10", NULL});
	open_entry(&w, "plain@" DOMAIN, "", "Hello.\n");
	assert_int_equal(hook_start(hooks, &w, &r, NULL), 0);
	close_entry(&w);
	/* A post that is dropped anyway, since it went round. */
	open_entry(&w, LIST, "List-Id: <dc." DOMAIN ">\n", "Hello.\n");
	assert_int_equal(hook_start(hooks, &w, &r, NULL), 0);
	assert_null(w.said);
	close_entry(&w);
	end();
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_verdicts), TEST(test_environment), TEST(test_several),
	    TEST(test_broken),   TEST(test_cases),       TEST(test_walls),
	    TEST(test_hangs),    TEST(test_many),        TEST(test_not_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
