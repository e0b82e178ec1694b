/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about policies, answered by the test itself, and what is kept of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/policies.h"
#include "tests/unit/scratch.h"

#define ASKED_MAX (POLICIES_ASKED_MAX + 10)

/* The lookups that were begun. */
static struct {
	char name[300];
	void (*done)(void *arg, const struct txt_answer *answer);
	void *arg;
} asked[ASKED_MAX];
static size_t nasked, nanswered;
static int woken;
static struct policies *p;
static struct policy policy;

static void
lookup(void *arg, const char *name, void (*done)(void *, const struct txt_answer *), void *done_arg)
{
	(void)arg;
	assert_true(nasked < ASKED_MAX);
	snprintf(asked[nasked].name, sizeof(asked[nasked].name), "%s", name);
	asked[nasked].done = done;
	asked[nasked++].arg = done_arg;
}

static void
wake(void *arg)
{
	(void)arg;
	woken++;
}

static int
setup(void **state)
{
	int ret = scratch_setup(state);
	struct scratch *s = *state;
	nasked = nanswered = 0;
	woken = 0;
	p = policies_new(s->db, lookup, NULL, wake, NULL);
	return ret;
}

static int
teardown(void **state)
{
	policies_free(p);
	return scratch_teardown(state);
}

/* The next lookup must be for this name; the text (NULL: no record) is the answer. */
static void
reply(const char *name, const char *text, int64_t ttl)
{
	struct txt_answer answer = {.status = text ? TXT_FOUND : TXT_NOTHING, .ttl = ttl};
	assert_true(nanswered < nasked);
	assert_string_equal(asked[nanswered].name, name);
	if (text)
		answer.text[answer.n++] = slice_str(text);
	nanswered++;
	asked[nanswered - 1].done(asked[nanswered - 1].arg, &answer);
}

static void
reply_failure(const char *name)
{
	struct txt_answer answer = {.status = TXT_FAILED, .why = "nobody is there"};
	assert_string_equal(asked[nanswered].name, name);
	nanswered++;
	asked[nanswered - 1].done(asked[nanswered - 1].arg, &answer);
}

static int
ask(const char *domain, int64_t now, struct policy_question **q)
{
	return policies_ask(p, slice_str(domain), now, &policy, q);
}

/* Must be known at that time, without a question. */
static void
assert_known(const char *domain, int64_t now, int says)
{
	struct policy_question *q;
	size_t before = nasked;
	assert_int_equal(ask(domain, now, &q), 1);
	assert_int_equal((int)policy.says, says);
	assert_int_equal(nasked, before);
}

static void
assert_unknown(const char *domain, int64_t now)
{
	struct policy_question *q;
	assert_int_equal(ask(domain, now, &q), 0);
	policies_let_go(q);
}

/* Asks, and takes the answer that reply() gave in between. */
static struct policy_question *
begin(const char *domain)
{
	struct policy_question *q;
	assert_int_equal(ask(domain, clock_now(), &q), 0);
	assert_false(policies_answered(q, &policy));
	return q;
}

static void
end(struct policy_question *q, int says)
{
	assert_true(policies_answered(q, &policy));
	assert_int_equal((int)policy.says, says);
	policies_let_go(q);
}

static void
test_own_record(void **state)
{
	struct policy_question *q = begin("Example.ORG");
	(void)state;
	reply("_dmarc.example.org", "v=DMARC1; p=reject; adkim=s", 3600);
	assert_int_equal(woken, 1);
	end(q, POLICY_ENFORCES);
	assert_true(policy.strict);
	assert_known("example.org", clock_now(), POLICY_ENFORCES);
	assert_true(policy.strict);
}

static void
test_organisation(void **state)
{
	struct policy_question *q = begin("a.b.example.co.uk");
	(void)state;
	reply("_dmarc.a.b.example.co.uk", NULL, 0);
	assert_int_equal(woken, 0);
	assert_false(policies_answered(q, &policy));
	reply("_dmarc.example.co.uk", "v=DMARC1; p=none; sp=quarantine", 0);
	end(q, POLICY_ENFORCES);
	assert_int_equal(nasked, 2);
	/* and what is known of the organisation need not be asked again */
	assert_known("example.co.uk", clock_now(), POLICY_NONE);
	q = begin("other.example.co.uk");
	reply("_dmarc.other.example.co.uk", "unrelated text", 0);
	end(q, POLICY_ENFORCES);
	assert_int_equal(nasked, 3);
	/* an own record counts before the organisation's */
	q = begin("third.example.co.uk");
	reply("_dmarc.third.example.co.uk", "v=DMARC1; p=none; sp=reject", 0);
	end(q, POLICY_NONE);
}

static void
test_nothing(void **state)
{
	struct policy_question *q = begin("example.org");
	(void)state;
	reply("_dmarc.example.org", NULL, 0);
	end(q, POLICY_NONE);
	q = begin("sub.example.org");
	reply("_dmarc.sub.example.org", NULL, 0);
	end(q, POLICY_NONE);
	assert_int_equal(nasked, 2);
	assert_known("nodot", 0, POLICY_NONE);
	assert_known("[192.0.2.1]", 0, POLICY_NONE);
	assert_known("", 0, POLICY_NONE);
	char name[300];
	memset(name, 'a', sizeof(name));
	name[250] = '.';
	name[260] = '\0';
	assert_known(name, 0, POLICY_NONE);
}

/* How long each kind of answer is believed. */
static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t ttl, kept;
	} table[] = {
	    {"v=DMARC1; p=reject", 1, 300},
	    {"v=DMARC1; p=reject", 0, 300},
	    {"v=DMARC1; p=reject", 1000, 1000},
	    {"v=DMARC1; p=reject", 86400, 86400},
	    {"v=DMARC1; p=reject", 999999, 86400},
	    {NULL, 10, 300},
	    {NULL, 7200, 7200},
	    {NULL, 999999, 86400},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char domain[40], name[60];
		snprintf(domain, sizeof(domain), "d%zu.example", i);
		snprintf(name, sizeof(name), "_dmarc.%s", domain);
		int64_t before = clock_now();
		struct policy_question *q = begin(domain);
		reply(name, table[i].text, table[i].ttl);
		end(q, table[i].text ? POLICY_ENFORCES : POLICY_NONE);
		int64_t after = clock_now();
		policies_keep(p, after);
		assert_known(domain, before + table[i].kept - 1,
			     table[i].text ? POLICY_ENFORCES : POLICY_NONE);
		assert_unknown(domain, after + table[i].kept);
		reply(name, table[i].text, table[i].ttl);
	}
}

static void
test_failure(void **state)
{
	struct policy_question *q = begin("sub.example.org");
	(void)state;
	reply_failure("_dmarc.sub.example.org");
	end(q, POLICY_UNREACHABLE);
	policies_keep(p, clock_now());
	assert_known("sub.example.org", clock_now() + 55, POLICY_UNREACHABLE);
	assert_unknown("sub.example.org", clock_now() + 61);
	reply_failure("_dmarc.sub.example.org");
	/* at the second step, too */
	q = begin("sub.example.net");
	reply("_dmarc.sub.example.net", NULL, 0);
	reply_failure("_dmarc.example.net");
	end(q, POLICY_UNREACHABLE);
}

/* Those who ask the same while it is being asked share one lookup, and all get its answer. */
static void
test_shared(void **state)
{
	struct policy_question *q = begin("example.org"), *r = begin("EXAMPLE.org"),
			       *gone = begin("example.org");
	(void)state;
	assert_int_equal(nasked, 1);
	policies_let_go(gone);
	reply("_dmarc.example.org", "v=DMARC1; p=reject", 0);
	assert_int_equal(woken, 1);
	end(q, POLICY_ENFORCES);
	end(r, POLICY_ENFORCES);
}

/* Nobody waits any more when the answer comes: it is kept all the same. */
static void
test_abandoned(void **state)
{
	(void)state;
	policies_let_go(begin("example.org"));
	reply("_dmarc.example.org", "v=DMARC1; p=reject", 0);
	assert_known("example.org", clock_now(), POLICY_ENFORCES);
	policies_let_go(begin("example.net")); /* never answered: freed at the end */
}

static void
test_crowd(void **state)
{
	struct policy_question *q[POLICIES_ASKED_MAX], *more;
	char domain[40];
	(void)state;
	for (size_t i = 0; i < POLICIES_ASKED_MAX; i++) {
		snprintf(domain, sizeof(domain), "d%zu.example", i);
		q[i] = begin(domain);
	}
	assert_int_equal(ask("one.too.many.example", clock_now(), &more), -1);
	/* what is being asked already can be waited for */
	assert_int_equal(ask("d5.example", clock_now(), &more), 0);
	policies_let_go(more);
	reply("_dmarc.d0.example", "v=DMARC1; p=reject", 0);
	end(q[0], POLICY_ENFORCES);
	more = begin("now.there-is-room.example");
	policies_let_go(more);
	for (size_t i = 1; i < POLICIES_ASKED_MAX; i++)
		policies_let_go(q[i]);
}

/* What is kept outlives the process, and goes when it is old. */
static void
test_kept(void **state)
{
	struct scratch *s = *state;
	struct err e;
	int64_t n, now = clock_now();
	struct policy_question *q = begin("example.org");
	reply("_dmarc.example.org", "v=DMARC1; p=reject; sp=none; adkim=s", 600);
	end(q, POLICY_ENFORCES);
	policies_keep(p, now);
	policies_free(p);
	p = policies_new(s->db, lookup, NULL, wake, NULL);
	assert_known("example.org", now, POLICY_ENFORCES);
	assert_true(policy.strict);
	assert_int_equal(db_begin(s->db, &e), 0);
	assert_int_equal(policies_trim(s->db, now + 500, &e), 0);
	assert_int_equal(db_one_int(s->db, &e, &n, "SELECT count(*) FROM dmarc_cache", ""), 1);
	assert_int_equal(n, 1);
	assert_int_equal(policies_trim(s->db, now + 700, &e), 0);
	assert_int_equal(db_one_int(s->db, &e, &n, "SELECT count(*) FROM dmarc_cache", ""), 1);
	assert_int_equal(n, 0);
	assert_int_equal(db_commit(s->db, &e), 0);
	assert_unknown("example.org", now);
}

/* A database that can't be written costs the cache only. */
static void
test_no_cache(void **state)
{
	struct scratch *s = *state;
	struct err e;
	assert_int_equal(db_do(s->db, &e, "DROP TABLE dmarc_cache", ""), 0);
	struct policy_question *q = begin("example.org");
	reply("_dmarc.example.org", "v=DMARC1; p=reject", 600);
	end(q, POLICY_ENFORCES);
	policies_keep(p, clock_now());
	assert_false(db_in_transaction(s->db));
	q = begin("example.org");
	reply("_dmarc.example.org", "v=DMARC1; p=none", 600);
	end(q, POLICY_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_own_record, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_organisation, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_times, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_failure, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_shared, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_abandoned, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_crowd, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_cache, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
