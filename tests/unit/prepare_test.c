/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Posts that wait for DNS, and bodies that are written before their rows: by the role's own code,
 * with a name server that the test plays. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "daemon/batch.h"
#include "daemon/policies.h"
#include "daemon/queue.h"
#include "tests/unit/listsite.h"

#define LISTS                                                                                      \
	"list \"dc\" { nonmember-posts = \"accept\" }\n"                                           \
	"list \"two\" { nonmember-posts = \"accept\" }\n"
#define ANN "ann@one.example"
#define LIST "dc@" DOMAIN
#define ASKED_MAX 600

static struct {
	char name[300];
	void (*done)(void *arg, const struct txt_answer *answer);
	void *arg;
} asked[ASKED_MAX];
static size_t nasked;

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
}

/* All open questions for that domain. */
static void
reply(const char *domain, const char *text)
{
	struct txt_answer answer = {.status = text ? TXT_FOUND : TXT_FAILED, .why = "silence"};
	int n = 0;
	if (text)
		answer.text[answer.n++] = slice_str(text);
	for (size_t i = 0; i < nasked; i++) {
		if (!asked[i].done || strcmp(asked[i].name + strlen("_dmarc."), domain) != 0)
			continue;
		void (*done)(void *, const struct txt_answer *) = asked[i].done;
		asked[i].done = NULL;
		done(asked[i].arg, &answer);
		n++;
	}
	assert_int_equal(n, 1);
}

static struct listsite *
begin(void **state, const char *lists)
{
	struct listsite *s = listsite_begin(state, lists);
	nasked = 0;
	s->site.policies = policies_new(s->site.db, lookup, NULL, wake, NULL);
	return s;
}

static void
end(struct listsite *s)
{
	batch_put_back(&s->site);
	policies_free(s->site.policies);
	s->site.policies = NULL;
}

static bool
is_from(const struct outmail *m, const char *address)
{
	struct slice from = outmail_field(m, "From");
	return slice_find(from, slice_str(address)) < from.n;
}

static void
test_others_go_on(void **state)
{
	struct listsite *s = begin(state, LISTS);
	listsite_member(s, "dc", "bob@example.net");
	listsite_member(s, "two", "bob@example.net");
	listsite_mail(s, ANN, LIST, "Subject: first\n", "x\n");
	listsite_mail(s, "eve@" DOMAIN, LIST, "Subject: other\n", "x\n");
	listsite_mail(s, ANN, LIST, "Subject: second\n", "x\n");
	listsite_mail(s, ANN, "dc-request@" DOMAIN, "Subject: help\n", "");
	assert_int_equal(listsite_run(s), 2);
	assert_int_equal(nasked, 1);
	assert_int_equal(listsite_count(s), 2);
	assert_string_equal(listsite_nth(s, 0)->subject, "other");
	assert_string_equal(listsite_nth(s, 1)->kind, "notice");
	/* still claimed, and nothing of it is decided */
	assert_int_equal(listsite_int(s, "SELECT count(*) FROM seen"), 2);
	assert_int_equal(listsite_run(s), 0);
	reply("one.example", "v=DMARC1; p=reject");
	assert_int_equal(listsite_run(s), 2);
	assert_string_equal(listsite_nth(s, 2)->subject, "first");
	assert_string_equal(listsite_nth(s, 3)->subject, "second");
	assert_true(is_from(listsite_nth(s, 2), LIST));
	assert_true(is_from(listsite_nth(s, 3), LIST));
	/* and what is known needs no wait */
	listsite_send(s, ANN, "two@" DOMAIN, "Subject: third\n", "x\n");
	assert_true(is_from(listsite_nth(s, 4), "two@" DOMAIN));
	assert_int_equal(nasked, 1);
	end(s);
}

/* A post whose fate needs no DNS still comes behind an earlier one of its author to the same list,
 * but to another list it goes. */
static void
test_order(void **state)
{
	struct listsite *s = begin(state, LISTS);
	static const char signature[] =
	    "DKIM-Signature: v=1; d=one.example; h=from; bh=x; b=y\nSubject: signed\n";
	listsite_member(s, "dc", "bob@example.net");
	listsite_member(s, "two", "bob@example.net");
	listsite_mail(s, ANN, LIST, "Subject: first\n", "x\n");
	listsite_mail(s, ANN, LIST, signature, "x\n");
	listsite_mail(s, "other@one.example", LIST, signature, "x\n");
	listsite_mail(s, ANN, "two@" DOMAIN, signature, "x\n");
	assert_int_equal(listsite_run(s), 2);
	assert_string_equal(listsite_nth(s, 0)->list, "dc");
	assert_true(is_from(listsite_nth(s, 0), "other@one.example"));
	assert_string_equal(listsite_nth(s, 1)->list, "two");
	reply("one.example", NULL);
	assert_int_equal(listsite_run(s), 2);
	assert_string_equal(listsite_nth(s, 2)->subject, "first");
	assert_true(is_from(listsite_nth(s, 2), LIST)); /* unreachable: it acts */
	assert_string_equal(listsite_nth(s, 3)->subject, "signed");
	assert_true(is_from(listsite_nth(s, 3), ANN));
	end(s);
}

/* Three that were in hand when the role died: each would be in hand alone for as long as a silent
 * name server keeps it waiting. They are all asked for at once, and hold up nobody. */
static void
test_after_a_death(void **state)
{
	static const char *const domains[] = {"one.example", "two.example", "three.example"};
	struct listsite *s = begin(state, LISTS);
	listsite_member(s, "dc", "bob@example.net");
	for (int i = 0; i < 3; i++) {
		const char *id = listsite_mail(s, listsite_printf(s, "ann@%s", domains[i]), LIST,
					       "Subject: in hand\n", "x\n");
		const char *path = conf_path(s->conf, s->a, "spool/new/%s", id);
		assert_int_equal(rename(path, listsite_printf(s, "%s,1", path)), 0);
	}
	listsite_mail(s, "eve@" DOMAIN, LIST, "Subject: other\n", "x\n");
	/* It needs no DNS, but may not overtake its author's first one. */
	listsite_mail(s, "ann@two.example", LIST,
		      "DKIM-Signature: v=1; d=two.example; h=from; bh=x; b=y\nSubject: second\n",
		      "x\n");
	listsite_restart(s);
	assert_int_equal(listsite_run(s), 1);
	assert_string_equal(listsite_nth(s, 0)->subject, "other");
	assert_int_equal(nasked, 3);
	for (int i = 0; i < 3; i++)
		reply(domains[i], i == 0 ? "v=DMARC1; p=reject" : NULL);
	struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
	nanosleep(&pause, NULL);
	assert_int_equal(listsite_run(s), 4);
	assert_int_equal(nasked, 3);
	assert_string_equal(listsite_nth(s, 4)->subject, "second");
	assert_true(is_from(listsite_nth(s, 1), LIST));
	end(s);
}

static void
test_nobody_reads(void **state)
{
	struct listsite *s = begin(state, LISTS "list \"up\" { nonmember-posts = \"accept\" }\n"
						"list \"under\" { umbrella = \"up\" }\n");
	listsite_send(s, ANN, LIST, "", "x\n");
	assert_int_equal(nasked, 0);
	listsite_member(s, "dc", "bob@example.net");
	listsite_set(s, "dc", "bob@example.net", "delivery", "nomail");
	listsite_send(s, ANN, LIST, "", "again\n");
	assert_int_equal(nasked, 0);
	/* members of a list below do */
	listsite_member(s, "under", "bob@example.net");
	listsite_mail(s, ANN, "up@" DOMAIN, "", "x\n");
	assert_int_equal(listsite_run(s), 0);
	assert_int_equal(nasked, 1);
	end(s);
}

/* The role ends while posts wait: they are where they were, not a death nearer to bad/. */
static void
test_put_back(void **state)
{
	struct listsite *s = begin(state, LISTS);
	listsite_member(s, "dc", "bob@example.net");
	const char *id = listsite_mail(s, ANN, LIST, "", "x\n");
	assert_int_equal(listsite_run(s), 0);
	assert_true(listsite_has(s, listsite_printf(s, "spool/cur/%s", id)));
	end(s);
	assert_true(listsite_has(s, listsite_printf(s, "spool/new/%s", id)));
	listsite_restart(s);
	assert_int_equal(listsite_run(s), 1);
	assert_int_equal(listsite_count(s), 1);
}

/* More than can be asked at once: the rest comes again later, nothing is lost or left out. */
static void
test_crowd(void **state)
{
	struct listsite *s = begin(state, LISTS);
	char author[60];
	listsite_member(s, "dc", "bob@example.net");
	for (int i = 0; i < BATCH_WAIT_MAX + 20; i++) {
		snprintf(author, sizeof(author), "a@d%d.example", i);
		listsite_mail(s, author, LIST, "", "x\n");
	}
	listsite_mail(s, "b@" DOMAIN, LIST, "Subject: quick\n", "x\n");
	assert_int_equal(listsite_run(s), 1);
	assert_string_equal(listsite_only(s, "bob@example.net")->subject, "quick");
	assert_true(nasked <= POLICIES_ASKED_MAX);
	for (int i = 0; i < BATCH_WAIT_MAX; i++) {
		snprintf(author, sizeof(author), "d%d.example", i);
		reply(author, "v=DMARC1; p=none");
	}
	assert_int_equal(listsite_run(s), BATCH_WAIT_MAX);
	assert_int_equal(listsite_count(s), BATCH_WAIT_MAX + 1);
	end(s);
	listsite_restart(s); /* what was put off is so in memory only */
	assert_int_equal(listsite_run(s), 20);
	assert_int_equal(listsite_count(s), BATCH_WAIT_MAX + 21);
}

/* --- lightened bodies ------------------------------------------------------------------------- */

#define LIGHT                                                                                      \
	"list \"dc\" { nonmember-posts = \"accept\" attachments-over = \"1K\" }\n"                 \
	"list \"two\" { nonmember-posts = \"accept\" }\n"                                          \
	"list \"held\" { attachments-over = \"1K\" }\n"

static struct slice
with_attachment(struct listsite *s, const char *msgid, char letter)
{
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	buf_printf(&b,
		   "From: " ANN "\r\nTo: " LIST ", two@" DOMAIN ", held@" DOMAIN
		   "\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\n"
		   "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello.\r\n--b\r\n"
		   "Content-Type: application/pdf\r\n\r\n",
		   msgid);
	for (int i = 0; i < 2000; i++)
		buf_putc(&b, letter);
	buf_puts(&b, "\r\n--b--\r\n");
	struct slice bytes = arena_dup(s->a, buf_slice(&b));
	buf_free(&b);
	return bytes;
}

static void
test_light_file(void **state)
{
	struct listsite *s = listsite_begin(state, LIGHT);
	const char *light, *id;
	listsite_member(s, "dc", "bob@example.net");
	listsite_member(s, "dc", "carl@example.net");
	listsite_member(s, "two", "carl@example.net");
	listsite_member(s, "two", "dan@example.net");
	id = listsite_put(s, "from: " ANN "\nrcpt: " LIST "\nrcpt: two@" DOMAIN "\n",
			  with_attachment(s, "m@one.example", 'x'));
	assert_int_equal(listsite_run(s), 1);
	assert_int_equal(listsite_count(s), 2);
	struct outmail *m = listsite_nth(s, 0);
	light = listsite_printf(s, "%s-l0", id);
	assert_string_equal(m->spool, light);
	assert_string_equal(m->to, "bob@example.net carl@example.net");
	assert_true(slice_starts(m->body, SLICE("--b\r\n\r\nHello.\r\n--b\r\n")));
	assert_true(slice_find(m->body, SLICE("xxxx")) == m->body.n);
	assert_true(slice_find(m->body, SLICE(URL "/dc/m/")) < m->body.n);
	/* one copy a person, though the files differ; the other list has the whole of it */
	m = listsite_nth(s, 1);
	assert_string_equal(m->spool, id);
	assert_string_equal(m->to, "dan@example.net");
	assert_true(slice_find(m->body, SLICE("xxxx")) < m->body.n);
	assert_true(listsite_has(s, listsite_printf(s, "feed/dc/new/%s", id)));
}

/* Nothing is left of a file that nobody is sent. */
static void
test_light_unused(void **state)
{
	struct listsite *s = listsite_begin(state, LIGHT);
	listsite_member(s, "held", "bob@example.net");
	const char *id = listsite_put(s, "from: " ANN "\nrcpt: held@" DOMAIN "\nrcpt: " LIST "\n",
				      with_attachment(s, "m@one.example", 'x'));
	assert_int_equal(listsite_run(s), 1);
	assert_int_equal(listsite_held(s), 1);
	assert_false(listsite_has(s, listsite_printf(s, "out/%s-l0", id)));
	assert_false(listsite_has(s, listsite_printf(s, "out/%s-l1", id)));
	assert_false(listsite_has(s, listsite_printf(s, "out/%s", id)));
}

/* Two messages with one Message-ID in one batch: the link of the second would lead to the first, so
 * it goes out whole; when the first is known already, it has the key of its own. */
static void
test_light_second_key(void **state)
{
	struct listsite *s = listsite_begin(state, LIGHT);
	listsite_member(s, "dc", "bob@example.net");
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\n",
		     with_attachment(s, "m@one.example", 'x'));
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\n",
		     with_attachment(s, "m@one.example", 'y'));
	assert_int_equal(listsite_run(s), 2);
	struct outmail *first = listsite_nth(s, 0), *second = listsite_nth(s, 1);
	assert_true(slice_find(first->body, SLICE("/dc/m/")) < first->body.n);
	assert_true(slice_find(second->body, SLICE("yyyy")) < second->body.n);
	assert_false(listsite_has(s, listsite_printf(s, "out/%s-l0", second->spool)));
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\n",
		     with_attachment(s, "m@one.example", 'z'));
	assert_int_equal(listsite_run(s), 1);
	struct outmail *third = listsite_nth(s, 2);
	struct slice at = outmail_field(third, "Archived-At");
	assert_true(slice_find(third->body, slice_sub(at, 1, at.n - 2)) < third->body.n);
	assert_false(slice_eq(at, outmail_field(first, "Archived-At")));
}

static void
test_light_message(void **state)
{
	struct listsite *s = listsite_begin(state, LIGHT);
	struct buf b;
	listsite_member(s, "dc", "bob@example.net");
	buf_init(&b, BUF_NO_LIMIT);
	buf_puts(&b, "From: " ANN "\r\nTo: " LIST
		     "\r\nMessage-ID: <m@one.example>\r\nMIME-Version: 1.0\r\n"
		     "Content-Type: application/pdf; name=a.pdf\r\nContent-Language: en\r\n\r\n");
	for (int i = 0; i < 2000; i++)
		buf_putc(&b, 'x');
	listsite_put(s, "from: " ANN "\nrcpt: " LIST "\n", buf_slice(&b));
	buf_free(&b);
	assert_int_equal(listsite_run(s), 1);
	struct outmail *m = listsite_nth(s, 0);
	assert_true(slice_is(outmail_field(m, "Content-Type"), "text/plain; charset=us-ascii"));
	assert_int_equal(outmail_fields(m, "Content-Language"), 0);
	assert_int_equal(outmail_fields(m, "MIME-Version"), 1);
	assert_true(slice_ends_ci(m->body, SLICE("/1/a.pdf\r\n")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, listsite_setup, listsite_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_others_go_on),  TEST(test_order),        TEST(test_after_a_death),
	    TEST(test_nobody_reads),  TEST(test_put_back),     TEST(test_crowd),
	    TEST(test_light_file),    TEST(test_light_unused), TEST(test_light_second_key),
	    TEST(test_light_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
