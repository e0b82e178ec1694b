/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who can be a member, in which spelling, and how much may be asked from where. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/flood.h"
#include "daemon/limits.h"
#include "daemon/newcomer.h"
#include "tests/unit/listsite.h"

#define TWO                                                                                        \
	"list \"dc\" { title = \"Coalition\" moderators = { \"mod@example.org\" } }\n"             \
	"list \"dc-a\" { title = \"Coalition A\" moderators = { \"mod@example.org\" } }\n"
#define JOIN "dc-subscribe@" DOMAIN

static void
test_judge(void **state)
{
	static const struct {
		const char *address;
		enum newcomer is;
	} rows[] = {
	    {"ann@example.org", NEWCOMER_FINE},
	    {"Ann.Example+lists@Example.ORG", NEWCOMER_FINE},
	    {"j\xc3\xbcrgen@m\xc3\xbcller.example", NEWCOMER_FINE},
	    {"info@example.org", NEWCOMER_FINE},
	    {"team-help@example.org", NEWCOMER_FINE},
	    {"person@" DOMAIN, NEWCOMER_FINE},
	    {"dc@" DOMAIN, NEWCOMER_OURS},
	    {"DC-A@LISTS.EXAMPLE.ORG", NEWCOMER_OURS},
	    {"dc+anything@" DOMAIN, NEWCOMER_OURS},
	    {"dc-request@" DOMAIN, NEWCOMER_OURS},
	    {"dc-unsubscribe@" DOMAIN, NEWCOMER_OURS},
	    {"dc-bounces+abc@" DOMAIN, NEWCOMER_OURS},
	    {"plenary@" DOMAIN, NEWCOMER_OURS},
	    {"postmaster@" DOMAIN, NEWCOMER_OURS},
	    {"other-request@lists.example.net", NEWCOMER_ROBOT},
	    {"Other-Bounces@lists.example.net", NEWCOMER_ROBOT},
	    {"mailer-daemon@example.net", NEWCOMER_ROBOT},
	    {"no-reply@example.net", NEWCOMER_ROBOT},
	    {"noreply+123@example.net", NEWCOMER_ROBOT},
	    {"NoReply@example.net", NEWCOMER_ROBOT},
	    {"plenary@lists.example.net", NEWCOMER_ROBOT},
	    {"postmaster@example.net", NEWCOMER_ROBOT},
	    {"ann", NEWCOMER_NO_ADDRESS},
	    {"", NEWCOMER_NO_ADDRESS},
	    {"a b@example.org", NEWCOMER_NO_ADDRESS},
	};
	struct listsite *s = listsite_begin(state, TWO);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (newcomer_judge(s->conf, slice_str(rows[i].address)) != rows[i].is)
			fail_msg("%s is not %d", rows[i].address, rows[i].is);
}

/* One person is one member, however she or her program writes the address. */
static void
test_canonical(void **state)
{
	struct listsite *s = listsite_begin(state, TWO);
	listsite_member(s, "dc", "Ann@Example.ORG");
	listsite_send(s, "ann@example.org", JOIN, "", "");
	assert_contains(listsite_only(s, "ann@example.org")->subject, "already");
	listsite_member(s, "dc", "j\xc3\xbcrgen@m\xc3\xbcller.example");
	assert_non_null(listsite_find(s, "dc", "J\xc3\x9cRGEN@xn--mller-kva.example"));
	assert_null(listsite_find(s, "dc", "jurgen@muller.example"));
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM subscription"), 2);
}

static void
test_refused_clearly(void **state)
{
	struct listsite *s = listsite_begin(state, TWO);
	listsite_send(s, "postmaster@example.net", JOIN, "", "");
	struct outmail *m = listsite_only(s, "postmaster@example.net");
	assert_contains(m->text, "to a mailing list or to a program");
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM ticket"), 0);
	listsite_forget(s);
	listsite_send(s, "postmaster@example.net", "dc-request@" DOMAIN, "", "subscribe\n");
	assert_contains(listsite_only(s, "postmaster@example.net")->text, "can't be a member");
	/* One of our own would only be talking to itself. */
	listsite_forget(s);
	listsite_send(s, "dc-a@" DOMAIN, JOIN, "", "");
	assert_int_equal(listsite_count(s), 0);
}

static const char *
host_of(struct listsite *s, const char *peer, const char *received)
{
	struct work w;
	struct err e = {0};
	char id[ID_MAX];
	const char *envelope = listsite_printf(s, "from: ann@Example.ORG\nrcpt: " JOIN "\n%s%s%s",
					       peer[0] ? "peer: " : "", peer, peer[0] ? "\n" : "");
	listsite_put(s, envelope,
		     slice_str(listsite_printf(
			 s, "%s%sFrom: ann@example.org\n\n", received[0] ? "Received: " : "",
			 received[0] ? listsite_printf(s, "%s\n", received) : "")));
	assert_int_equal(spool_claim(s->site.spool, id, &e), 1);
	assert_int_equal(work_open(&w, &s->site, id, s->now, &e), 0);
	const char *host = arena_str(s->a, slice_str(newcomer_host(&w)));
	assert_string_equal(newcomer_domain(&w), "domain:example.org");
	work_close(&w);
	assert_int_equal(spool_done(s->site.spool, id, &e), 0);
	return host;
}

static void
test_host(void **state)
{
	struct listsite *s = listsite_begin(state, TWO);
	assert_string_equal(host_of(s, "", ""), "");
	assert_string_equal(host_of(s, "192.0.2.7", ""), "net:192.0.2.7");
	assert_string_equal(host_of(s, "127.0.0.1", ""), "");
	assert_string_equal(host_of(s, "10.1.2.3", ""), "");
	assert_string_equal(host_of(s, "::ffff:192.0.2.8", ""), "net:192.0.2.8");
	assert_string_equal(host_of(s, "2001:db8:1:2:3:4:5:6", ""), "net:2001:db8:1:2::/64");
	/* Behind a local server: what that one saw, not what it was told. */
	assert_string_equal(host_of(s, "local",
				    "from mx.example.net (unknown [198.51.100.9])\n"
				    "\tby mx.example.org (Postfix) with ESMTPS id 1"),
			    "net:198.51.100.9");
	assert_string_equal(
	    host_of(s, "127.0.0.1", "from [203.0.113.1] (host [IPv6:2001:db8::1]) by mx"),
	    "net:2001:db8::/64");
	assert_string_equal(host_of(s, "local", "by mx.example.org with local"), "");
	assert_string_equal(host_of(s, "local", "from [203.0.113.1] by mx.example.org"), "");
}

/* However many people one host names, so many are asked; its own are not stopped by others'. */
static void
test_source_limit(void **state)
{
	struct listsite *s = listsite_begin(state, TWO);
	struct err e = {0};
	struct buf b;
	for (int i = 0; i < FLOOD_SOURCE_HOST + 20; i++) {
		const char *who = listsite_printf(s, "victim%d@example%d.org", i, i);
		listsite_put(
		    s, listsite_printf(s, "from: %s\nrcpt: " JOIN "\npeer: 192.0.2.1\n", who),
		    slice_str(listsite_printf(s, "From: %s\nMessage-ID: <%d@x>\n\n", who, i)));
	}
	listsite_run(s);
	assert_int_equal(listsite_count(s), FLOOD_SOURCE_HOST);
	assert_true(listsite_logged(s, "net:192.0.2.1 named") >= 20);
	listsite_put(s, "from: eve@example.com\nrcpt: " JOIN "\npeer: 192.0.2.2\n",
		     SLICE("From: eve@example.com\nMessage-ID: <eve@x>\n\n"));
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, "eve@example.com"), 1);
	/* Who is a member is no stranger: she is answered whatever her host did. */
	listsite_member(s, "dc", "ann@example.org");
	listsite_put(s, "from: ann@example.org\nrcpt: dc-request@" DOMAIN "\npeer: 192.0.2.1\n",
		     SLICE("From: ann@example.org\nMessage-ID: <ann@x>\n\nwhich\n"));
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, "ann@example.org"), 1);
	assert_int_equal(flood_used(s->site.db, "source", "net:192.0.2.1", s->now),
			 FLOOD_SOURCE_HOST);
	assert_int_equal(flood_used(s->site.db, "source", "net:192.0.2.9", s->now), 0);
	/* The next day is another one. */
	s->now += 86400;
	listsite_put(s, "from: zoe@example.com\nrcpt: " JOIN "\npeer: 192.0.2.1\n",
		     SLICE("From: zoe@example.com\nMessage-ID: <zoe@x>\n\n"));
	listsite_run(s);
	assert_int_equal(listsite_count_to(s, "zoe@example.com"), 1);
	/* The site's owner hears of it, once. */
	listsite_forget(s);
	assert_int_equal(limits_run(&s->site, s->now, &e), 1);
	struct outmail *m = listsite_only(s, s->conf->owner);
	assert_contains(m->text, "20 × mails to strangers because of requests from 192.0.2.1");
	assert_int_equal(limits_run(&s->site, s->now, &e), 0);
	assert_int_equal(listsite_count(s), 1);
	buf_init(&b, BUF_NO_LIMIT);
	flood_metrics(&b);
	assert_contains(buf_str(&b), "plenary_list_flood_refused_total{kind=\"source\"} 20\n");
	buf_free(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_judge), TEST(test_canonical),    TEST(test_refused_clearly),
	    TEST(test_host),  TEST(test_source_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
