/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was set aside is told to the site's owner: each file once, one mail a day. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "daemon/aside.h"
#include "tests/unit/listsite.h"

static int
look(struct listsite *s)
{
	struct err e = {0};
	int n = aside_run(&s->site, s->now, &e);
	if (n < 0)
		fail_msg("%s", e.text);
	return n;
}

static void
test_once(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"l\" { title = \"L\" }\n");
	assert_int_equal(look(s), 0);
	listsite_file(s, "spool/bad/one,2", SLICE("x"));
	listsite_file(s, "feed/l/bad/two", SLICE("x"));
	listsite_file(s, "feed/l/bad/.tmp-three", SLICE("x"));
	assert_int_equal(look(s), 1);
	struct outmail *m = listsite_only(s, s->conf->owner);
	assert_contains(m->text, "spool/bad/one,2");
	assert_contains(m->text, "feed/l/bad/two");
	assert_lacks(m->text, "tmp-");
	assert_int_equal(look(s), 0);
	/* The next one has to wait for a day to pass; the first two are not told again. */
	listsite_forget(s);
	listsite_file(s, "feed/l/bad/four", SLICE("x"));
	s->now += 3600;
	assert_int_equal(look(s), 0);
	s->now += 86400;
	assert_int_equal(look(s), 1);
	m = listsite_only(s, s->conf->owner);
	assert_contains(m->text, "feed/l/bad/four");
	assert_lacks(m->text, "two");
	s->now += 2 * 86400;
	assert_int_equal(look(s), 0);
}

static void
test_many(void **state)
{
	struct listsite *s = listsite_begin(state, "list \"l\" { language = \"fr\" }\n");
	for (int i = 0; i < 30; i++)
		listsite_file(s, listsite_printf(s, "spool/bad/file%d", i), SLICE("x"));
	assert_int_equal(look(s), 1);
	assert_contains(listsite_only(s, s->conf->owner)->text, "and 10 more");
	s->now += 2 * 86400;
	assert_int_equal(look(s), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)
	const struct CMUnitTest tests[] = {T(test_once), T(test_many)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
