/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DMARC records, organisational domains and alignment. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/dmarc.h"

static struct arena *a;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static void
test_records(void **state)
{
	static const struct {
		const char *text;
		bool record, enforces, sub_enforces, strict;
	} table[] = {
	    {"v=DMARC1; p=reject", true, true, true, false},
	    {"v=DMARC1;p=quarantine", true, true, true, false},
	    {"v=DMARC1; p=none", true, false, false, false},
	    {"v=DMARC1; p=none; sp=quarantine", true, false, true, false},
	    {"v=DMARC1; p=reject; sp=none;", true, true, false, false},
	    {"v=DMARC1; p=reject; aspf=s; adkim=s;", true, true, true, true},
	    {"v=DMARC1; p=reject; adkim=r", true, true, true, false},
	    {"v=DMARC1; p=reject; sp=quarantine; pct=0", true, true, true, false},
	    {" v = DMARC1 ;\tp = Reject ; rua=mailto:x@example.org ", true, true, true, false},
	    {"v=DMARC1; P=REJECT; ADKIM=S", true, true, true, true},
	    {"v=DMARC1; p=reject; p=none", true, true, true, false},
	    {"v=DMARC1; rua=mailto:x@y; p=reject", true, true, true, false},
	    {"v=DMARC1; p=reject; sp=nonsense", true, true, true, false},
	    {"v=DMARC1; p=nonsense; sp=reject", true, false, false, false},
	    {"v=DMARC1; sp=reject", true, false, false, false},
	    {"v=DMARC1", true, false, false, false},
	    {"v=DMARC1;;;=;p==reject;p", true, false, false, false},
	    {"v=DMARC1; xp=reject", true, false, false, false},
	    {"v=dmarc1; p=reject", false, false, false, false},
	    {"v=DMARC2; p=reject", false, false, false, false},
	    {"v=DMARC10; p=reject", false, false, false, false},
	    {"p=reject; v=DMARC1", false, false, false, false},
	    {"DMARC1; p=reject", false, false, false, false},
	    {"v=spf1 -all", false, false, false, false},
	    {";v=DMARC1; p=reject", false, false, false, false},
	    {"", false, false, false, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct dmarc_record r;
		bool record = dmarc_parse(slice_str(table[i].text), &r);
		if (record != table[i].record || r.enforces != table[i].enforces ||
		    r.sub_enforces != table[i].sub_enforces || r.strict != table[i].strict)
			fail_msg("%s", table[i].text);
	}
	struct dmarc_record r;
	assert_false(dmarc_parse(slice_make("v=DMARC1\0; p=reject", 20), &r));
}

static void
test_choosing(void **state)
{
	const struct slice one = SLICE("v=DMARC1; p=reject"), other = SLICE("site-check=123"),
			   two = SLICE("v=DMARC1; p=none");
	struct slice texts[3] = {other, one, other};
	struct dmarc_record r;
	(void)state;
	assert_true(dmarc_choose(texts, 3, &r));
	assert_true(r.enforces);
	texts[2] = two; /* RFC 7489 6.6.3: several are none */
	assert_false(dmarc_choose(texts, 3, &r));
	assert_false(r.enforces);
	assert_false(dmarc_choose(texts, 1, &r));
	assert_false(dmarc_choose(texts, 0, &r));
}

static void
test_organisations(void **state)
{
	static const struct {
		const char *domain, *organisation;
	} table[] = {{"example.org", "example.org"},
		     {"lists.example.org", "example.org"},
		     {"A.B.Example.ORG", "example.org"},
		     {"mail.dept.example.co.uk", "example.co.uk"},
		     {"example.co.uk", "example.co.uk"},
		     {"co.uk", "co.uk"},
		     {"org", "org"},
		     {"a.www.city.kawasaki.jp", "city.kawasaki.jp"},
		     {"x.foo.kawasaki.jp", "x.foo.kawasaki.jp"},
		     {"user.github.io", "user.github.io"},
		     {"a.example.unknown-tld", "example.unknown-tld"},
		     {"localhost", "localhost"},
		     {"mail.xn--85x722f.com.cn", "xn--85x722f.com.cn"}};
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_string_equal(dmarc_organisation(a, slice_str(table[i].domain)),
				    table[i].organisation);
}

static bool
aligned(const char *x, const char *y, bool strict)
{
	return dmarc_aligned(a, slice_str(x), slice_str(y), strict);
}

static void
test_alignment(void **state)
{
	(void)state;
	assert_true(aligned("example.org", "EXAMPLE.org", true));
	assert_true(aligned("mail.example.org", "example.org", false));
	assert_true(aligned("a.example.org", "b.example.org", false));
	assert_false(aligned("mail.example.org", "example.org", true));
	assert_false(aligned("example.org", "example.net", false));
	assert_false(aligned("org", "example.org", false));
	assert_false(aligned("a.co.uk", "b.co.uk", false));
	assert_false(aligned("", "example.org", false));
	assert_false(aligned("notexample.org", "example.org", false));
}

/* --- corpora ---------------------------------------------------------------------------------- */

static FILE *
corpus(const char *name)
{
	const char *dir = getenv("PLENARY_CORPORA");
	char path[400];
	if (!dir)
		return NULL;
	snprintf(path, sizeof(path), "%s/dkim/%s", dir, name);
	return fopen(path, "r");
}

/* Every DMARC record among recorded answers of DNS: what it asks for, read by other means. */
static void
test_recorded(void **state)
{
	FILE *f = corpus("DNS.rspamd.jsonl");
	char line[65536];
	int records = 0;
	(void)state;
	if (!f) {
		print_message("SKIP: PLENARY_CORPORA is not set: no recorded answers read\n");
		skip();
	}
	while (fgets(line, sizeof(line), f)) {
		json_t *o = json_loads(line, 0, NULL);
		const char *name = json_string_value(json_object_get(o, "name"));
		const char *text =
		    json_string_value(json_array_get(json_object_get(o, "replies"), 0));
		struct dmarc_record r;
		if (name && text && strncmp(name, DMARC_PREFIX, strlen(DMARC_PREFIX)) == 0) {
			bool is = dmarc_parse(slice_str(text), &r);
			const char *p = strstr(text, " p=");
			assert_int_equal(is, strncmp(text, "v=DMARC1", 8) == 0);
			assert_int_equal(r.enforces, p && strncmp(p, " p=none", 7) != 0);
			assert_int_equal(r.strict, strstr(text, "adkim=s") != NULL);
			records += is;
		}
		json_decref(o);
	}
	fclose(f);
	assert_true(records >= 8);
}

/* Against the public suffix list's own rules in another version: a handful may have changed. */
static void
test_suffixes(void **state)
{
	FILE *f = corpus("public_suffix_list.dat");
	char line[1000];
	int checked = 0, differ = 0;
	(void)state;
	if (!f) {
		print_message("SKIP: PLENARY_CORPORA is not set: no public suffix list compared\n");
		skip();
	}
	while (fgets(line, sizeof(line), f)) {
		char *end = line + strcspn(line, " \t\r\n");
		bool ascii = *line && strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789-.") ==
					  (size_t)(end - line);
		if (end == line || !ascii)
			continue; /* comments, wildcards, exceptions, U-labels */
		*end = '\0';
		const char *under = arena_printf(a, "x.Name.%s", line);
		const char *wanted = arena_printf(a, "name.%s", line);
		checked++;
		differ += strcmp(dmarc_organisation(a, slice_str(under)), wanted) != 0;
	}
	fclose(f);
	print_message("%d suffixes, %d that this system knows otherwise\n", checked, differ);
	assert_true(checked > 5000);
	assert_true(differ * 10 < checked);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_records, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_choosing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_organisations, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_alignment, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_recorded, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_suffixes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
