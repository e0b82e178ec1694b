/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the From of a post becomes the list's: the table of INTERFACE section 8. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "daemon/authserv.h"
#include "daemon/rewrite.h"
#include "tests/unit/listsite.h"

#define LISTS                                                                                      \
	"list \"dmarc\" { rewrite-from = \"dmarc\" }\n"                                            \
	"list \"always\" { rewrite-from = \"always\" }\n"                                          \
	"list \"never\" { rewrite-from = \"never\" }\n"
#define SIGNED(d, h) "DKIM-Signature: v=1; d=" d "; s=s; h=" h "; bh=x; b=y\n"
#define SOME "from:to:subject"
#define AR(text) "Authentication-Results: mx.example.org; " text "\n"

static const struct rewrite_changes nothing;

/* A post of that address with these fields. */
static struct work
post(struct listsite *s, const char *author, const char *fields)
{
	struct work w = {.site = &s->site, .arena = s->a, .now = LISTSITE_NOW};
	const char *bytes = listsite_printf(s, "%sFrom: %s\n\nHello.\n", fields, author);
	message_parse(&w.message, s->a, slice_str(bytes));
	if (!address_parse_first(s->a, slice_str(author), &w.author))
		memset(&w.author, 0, sizeof(w.author));
	return w;
}

static enum rewrite_verdict
decide(struct work *w, const char *list, const struct rewrite_changes *c, int says, bool strict)
{
	struct policy p = {.strict = strict};
	p.says = (__typeof__(p.says))says;
	return rewrite_decide(w, conf_list_find(w->site->conf, slice_str(list)), c, &p);
}

static void
test_settings(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	struct work w = post(s, "a@enforced.example", ""), nobody = post(s, "", "");
	assert_int_equal(decide(&w, "always", &nothing, POLICY_NONE, false), REWRITE_ACT);
	assert_int_equal(decide(&w, "never", &nothing, POLICY_ENFORCES, false), REWRITE_LEAVE);
	assert_int_equal(decide(&w, "dmarc", &nothing, POLICY_ENFORCES, false), REWRITE_ACT);
	assert_int_equal(decide(&nobody, "always", &nothing, POLICY_ENFORCES, false),
			 REWRITE_LEAVE);
	assert_int_equal(decide(&nobody, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_LEAVE);
	struct work own = post(s, "a@" DOMAIN, ""), below = post(s, "a@sub." DOMAIN, "");
	struct work beside = post(s, "a@other" DOMAIN, "");
	assert_int_equal(decide(&own, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_LEAVE);
	assert_int_equal(decide(&own, "always", &nothing, POLICY_UNKNOWN, false), REWRITE_ACT);
	assert_int_equal(decide(&below, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_LEAVE);
	assert_int_equal(decide(&beside, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_ASK);
}

/* Without anything else that decides, the policy does. */
static void
test_policies(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	struct work w = post(s, "a@d.example", "");
	assert_int_equal(decide(&w, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_ASK);
	assert_int_equal(decide(&w, "dmarc", &nothing, POLICY_NONE, false), REWRITE_LEAVE);
	assert_int_equal(decide(&w, "dmarc", &nothing, POLICY_ENFORCES, false), REWRITE_ACT);
	assert_int_equal(decide(&w, "dmarc", &nothing, POLICY_UNREACHABLE, false), REWRITE_ACT);
}

static void
test_signatures(void **state)
{
	static const struct rewrite_changes subject = {.subject = true}, reply = {.reply_to = true},
					    body = {.body = true}, msgid = {.msgid = true};
	static const struct {
		const char *fields;
		const struct rewrite_changes *changes;
		bool strict, acts;
	} table[] = {
	    {SIGNED("d.example", SOME), &nothing, false, false},
	    {SIGNED("d.example", SOME), &nothing, true, false},
	    {SIGNED("D.Example", SOME), &nothing, true, false},
	    {SIGNED("mail.d.example", SOME), &nothing, false, false},
	    {SIGNED("mail.d.example", SOME), &nothing, true, true},
	    {SIGNED("other.example", SOME), &nothing, false, true},
	    {SIGNED("example", SOME), &nothing, false, true},
	    {SIGNED("other.example", SOME) SIGNED("d.example", SOME), &nothing, false, false},
	    {SIGNED("d.example", SOME), &subject, false, true},
	    {SIGNED("d.example", "from:to"), &subject, false, false},
	    {SIGNED("d.example", SOME), &reply, false, false},
	    {SIGNED("d.example", SOME ":reply-to"), &reply, false, true},
	    {SIGNED("d.example", SOME ":reply-to"), &nothing, false, false},
	    {SIGNED("d.example", SOME), &body, false, true},
	    {SIGNED("d.example", SOME ":message-id"), &msgid, false, true},
	    {SIGNED("d.example", SOME ":list-unsubscribe"), &nothing, false, true},
	    {SIGNED("d.example", SOME ":Precedence"), &nothing, false, true},
	    /* of two the one that is not hurt counts */
	    {SIGNED("d.example", SOME ":list-id") SIGNED("d.example", SOME), &nothing, false,
	     false},
	    {"DKIM-Signature: v=1; d=d.example; h=from; b=x; x=1795358974\n", &nothing, false,
	     true},
	    {"DKIM-Signature: v=1; d=d.example; h=from; b=x; x=1795358976\n", &nothing, false,
	     false},
	    {"DKIM-Signature: nonsense\n", &nothing, false, true},
	    {"X-DKIM-Signature: v=1; d=d.example; h=from; b=x\n", &nothing, false, true},
	};
	struct listsite *s = listsite_begin(state, LISTS);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct work w = post(s, "a@d.example", table[i].fields);
		int want = table[i].acts ? REWRITE_ACT : REWRITE_LEAVE;
		if (decide(&w, "dmarc", table[i].changes, POLICY_ENFORCES, table[i].strict) !=
		    (enum rewrite_verdict)want)
			print_message("%zu: %s", i, table[i].fields), fail();
	}
}

/* A signature of the very domain, good whatever the policy is: nobody has to be asked. */
static void
test_not_asked(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	struct work w = post(s, "a@d.example", SIGNED("d.example", SOME));
	assert_int_equal(decide(&w, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_LEAVE);
	w = post(s, "a@d.example", SIGNED("mail.d.example", SOME));
	assert_int_equal(decide(&w, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_ASK);
}

static void
test_results_about_signatures(void **state)
{
	static const struct {
		const char *results;
		bool acts;
	} table[] = {
	    {AR("dkim=pass header.d=d.example"), false},
	    {AR("dkim=fail header.d=d.example"), true},
	    {AR("dkim=fail (bad body hash) header.i=@d.example"), true},
	    {AR("dkim=permerror header.d=d.example"), true},
	    {AR("dkim=temperror header.d=d.example"), false},
	    {AR("dkim=fail header.d=other.example"), false},
	    {AR("dkim=fail header.d=d.example; dkim=pass header.d=d.example"), false},
	    {AR("dkim=pass header.d=d.example; dkim=neutral header.d=d.example"), false},
	    {AR("dkim=fail header.d=d.example") AR("dkim=pass header.d=d.example"), false},
	    {AR("spf=pass smtp.mailfrom=d.example"), false},
	    {"Authentication-Results: elsewhere; dkim=fail header.d=d.example\n", false},
	};
	struct listsite *s = listsite_begin(state, LISTS);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *fields =
		    listsite_printf(s, "%s" SIGNED("d.example", SOME), table[i].results);
		struct work w = post(s, "a@d.example", fields);
		int want = table[i].acts ? REWRITE_ACT : REWRITE_LEAVE;
		if (decide(&w, "dmarc", &nothing, POLICY_ENFORCES, false) !=
		    (enum rewrite_verdict)want)
			print_message("%s", table[i].results), fail();
	}
	/* nobody's signature becomes the author's by a server's word about another */
	struct work w = post(s, "a@d.example", AR("dkim=pass header.d=other.example"));
	assert_int_equal(decide(&w, "dmarc", &nothing, POLICY_ENFORCES, false), REWRITE_ACT);
}

/* What the site's own mail server says of the policy, in the words of several. */
static void
test_results_about_policies(void **state)
{
	static const struct {
		const char *results, *author;
		int says; /* 1 enforces, 0 does not, -1 nothing sure */
	} table[] = {
	    {AR("dmarc=pass (p=reject dis=none) header.from=d.example"), "a@d.example", 1},
	    {AR("dmarc=fail (p=none dis=none) header.from=d.example"), "a@d.example", 0},
	    {AR("dmarc=pass (p=QUARANTINE sp=NONE dis=NONE) header.from=d.example"), "a@d.example",
	     1},
	    {AR("dmarc=pass (policy=reject) header.from=d.example"), "a@d.example", 1},
	    {AR("dmarc=fail reason=\"x; y\" header.from=d.example policy.dmarc=reject"),
	     "a@d.example", 1},
	    {AR("dmarc=pass policy.dmarc=none (p=reject) header.from=d.example"), "a@d.example", 0},
	    {AR("dmarc=none header.from=d.example"), "a@d.example", 0},
	    {AR("dmarc=pass header.from=d.example"), "a@d.example", -1},
	    {AR("dmarc=temperror header.from=d.example"), "a@d.example", -1},
	    {AR("dmarc=pass (p=reject) header.from=other.example"), "a@d.example", -1},
	    /* a subdomain: the record may be its own or its organisation's */
	    {AR("dmarc=pass (p=reject dis=none) header.from=s.d.example"), "a@s.d.example", -1},
	    {AR("dmarc=pass (p=none sp=reject) header.from=s.d.example"), "a@s.d.example", -1},
	    {AR("dmarc=pass (p=reject sp=quarantine) header.from=s.d.example"), "a@s.d.example", 1},
	    {AR("dmarc=pass (p=none sp=none) header.from=s.d.example"), "a@s.d.example", 0},
	    {AR("dmarc=pass (policy=none) header.from=s.d.example"), "a@s.d.example", 0},
	    /* somebody else's words, and words inside of others */
	    {"Authentication-Results: evil.example; dmarc=none header.from=d.example\n",
	     "a@d.example", -1},
	    {AR("spf=none (; dmarc=none header.from=d.example ;)"), "a@d.example", -1},
	    {AR("spf=pass smtp.mailfrom=\"; dmarc=none ;\"@d.example"), "a@d.example", -1},
	    {AR("none"), "a@d.example", -1},
	    {"", "a@d.example", -1},
	};
	static const enum rewrite_verdict verdicts[] = {REWRITE_ASK, REWRITE_LEAVE, REWRITE_ACT};
	struct listsite *s = listsite_begin(state, LISTS);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct work w = post(s, table[i].author, table[i].results);
		int says = authserv_policy(s->a, s->conf, &w.message, w.author.domain);
		if (says != table[i].says ||
		    decide(&w, "dmarc", &nothing, POLICY_UNKNOWN, false) != verdicts[says + 1])
			print_message("%d: %s", says, table[i].results), fail();
	}
}

/* The list of providers is the one that is installed, and another where an administrator has one.
 */
static void
test_known_domains(void **state)
{
	struct listsite *s = listsite_begin(state, LISTS);
	struct err e;
	struct work gmail = post(s, "a@GMail.com", ""), sub = post(s, "a@sub.gmail.com", "");
	struct work my = post(s, "a@my.example", "");
	assert_int_equal(decide(&gmail, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_ASK);
	assert_int_equal(rewrite_load(&e), 0);
	assert_int_equal(decide(&gmail, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_ACT);
	assert_int_equal(decide(&sub, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_ASK);
	struct work sig = post(s, "a@gmail.com", SIGNED("gmail.com", SOME));
	assert_int_equal(decide(&sig, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_LEAVE);

	assert_int_equal(file_mkdirs(AT_FDCWD, listsite_printf(s, "%s/data/conf/templates", s->dir),
				     0700, false, &e),
			 0);
	struct slice text = SLICE("# comment\n  my.example   # why\r\n\n#gmail.com\n");
	assert_int_equal(file_put(AT_FDCWD,
				  listsite_printf(s, "%s/data/conf/dmarc-enforcing", s->dir), &text,
				  1, 0600, &e),
			 0);
	setenv("PLENARY_DATA_DIR", listsite_printf(s, "%s/data", s->dir), 1);
	assert_int_equal(rewrite_load(&e), 0);
	unsetenv("PLENARY_DATA_DIR");
	assert_int_equal(decide(&my, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_ACT);
	assert_int_equal(decide(&gmail, "dmarc", &nothing, POLICY_UNKNOWN, false), REWRITE_ASK);
	rewrite_unload();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_settings),
	    TEST(test_policies),
	    TEST(test_signatures),
	    TEST(test_not_asked),
	    TEST(test_results_about_signatures),
	    TEST(test_results_about_policies),
	    TEST(test_known_domains),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
