/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Subscriptions: joining, leaving, options, and what is noted of each change. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/log.h"
#include "daemon/member.h"
#include "tests/unit/scratch.h"

#define NOW SCRATCH_NOW

static void
test_join_and_leave(void **state)
{
	struct scratch *s = *state;
	struct member m;
	int64_t id, again;
	assert_int_equal(member_add(s->db, "l", SLICE("Anna@Example.ORG"), SLICE("Anna"), "digest",
				    "fr", "self", NOW, &id, NULL),
			 1);
	/* The same person, however she writes the domain; nothing changes. */
	assert_int_equal(member_add(s->db, "l", SLICE("Anna@example.org"), SLICE("B"), "mail", "",
				    "admin", NOW, &again, NULL),
			 0);
	assert_int_equal(again, id);
	assert_int_equal(member_find(s->db, s->a, "l", SLICE("Anna@EXAMPLE.org"), &m, NULL), 1);
	assert_string_equal(m.wire, "Anna@Example.ORG");
	assert_string_equal(m.name, "Anna");
	assert_string_equal(m.delivery, "digest");
	assert_string_equal(m.language, "fr");
	assert_true(m.copy && !m.ack && m.since == NOW && m.id == id);
	assert_int_equal(member_find(s->db, s->a, "m", SLICE("Anna@example.org"), &m, NULL), 0);
	assert_int_equal(member_count(s->db, "l"), 1);
	assert_int_equal(member_remove(s->db, id, "self", "token", NOW, NULL), 1);
	assert_int_equal(member_remove(s->db, id, "self", "token", NOW, NULL), 0);
	assert_int_equal(member_by_id(s->db, s->a, id, &m, NULL), 0);
	assert_int_equal(member_count(s->db, "l"), 0);
	/* A row's number is in tokens: it is never used again. */
	assert_true(scratch_member(s, "l", "b@x") > id);
}

static void
test_options(void **state)
{
	static const struct {
		const char *key, *value;
		bool good;
	} rows[] = {
	    {"delivery", "nomail", true},
	    {"delivery", "DIGEST", true},
	    {"delivery", "never", false},
	    {"vacation", "2027-02-28", true},
	    {"vacation", "2027-02-29", false},
	    {"vacation", "off", true},
	    {"vacation", "tomorrow", false},
	    {"ack", "on", true},
	    {"ack", "yes", false},
	    {"copy", "off", true},
	    {"bounce_score", "1.5", true},
	    {"bounce_score", "1.4", false},
	    {"bounce_score", "-1", false},
	    {"group", "Civil society", true},
	    {"shoe-size", "43", false},
	};
	struct scratch *s = *state;
	int64_t id = scratch_member(s, "l", "x@x");
	struct member m;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = {0};
		int r = member_set(s->db, id, rows[i].key, rows[i].value, "self", NOW, &e);
		if ((r == 0) != rows[i].good)
			fail_msg("%s=%s: %s", rows[i].key, rows[i].value, e.text);
		if (r < 0)
			assert_int_equal(e.kind, ERR_PERMANENT);
	}
	assert_int_equal(member_by_id(s->db, s->a, id, &m, NULL), 1);
	assert_string_equal(m.delivery, "digest");
	assert_string_equal(m.group, "Civil society");
	assert_true(m.ack && !m.copy && m.vacation == 0 && m.bounce_score == 3);
	assert_int_equal(member_set(s->db, 999, "ack", "on", "self", NOW, NULL), -1);
}

static int
join_names(void *arg, const struct member *m)
{
	char *names = arg;
	strcat(names, m->address);
	strcat(names, " ");
	return strlen(names) > 100 ? -1 : 0;
}

static void
test_walking(void **state)
{
	struct scratch *s = *state;
	char names[200] = "";
	struct member *ms;
	size_t n;
	scratch_member(s, "l", "b@x");
	scratch_member(s, "l", "a@x");
	scratch_member(s, "k", "b@x");
	assert_int_equal(member_each(s->db, "l", join_names, names, NULL), 0);
	assert_string_equal(names, "a@x b@x ");
	names[0] = '\0';
	assert_int_equal(member_each(s->db, NULL, join_names, names, NULL), 0);
	assert_string_equal(names, "b@x a@x b@x ");
	assert_int_equal(member_of(s->db, s->a, SLICE("b@X"), &ms, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_string_equal(ms[0].list, "k");
	assert_string_equal(ms[1].list, "l");
	assert_int_equal(member_of(s->db, s->a, SLICE("nobody@x"), &ms, &n, NULL), 0);
	assert_int_equal(n, 0);
}

static void
test_counts(void **state)
{
	struct scratch *s = *state;
	int64_t id = scratch_member(s, "l", "x@x");
	struct member m;
	assert_int_equal(member_posted(s->db, id, NULL), 0);
	assert_int_equal(member_posted(s->db, id, NULL), 0);
	assert_int_equal(member_bounced(s->db, id, 3, NOW + 5, NULL), 0);
	assert_int_equal(member_by_id(s->db, s->a, id, &m, NULL), 1);
	assert_true(m.posts == 2 && m.bounce_score == 3 && m.bounce_last == NOW + 5);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {T(test_join_and_leave), T(test_options), T(test_walking),
					   T(test_counts)};
	return cmocka_run_group_tests_name("member", tests, NULL, NULL);
}
