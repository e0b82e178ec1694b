/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TXT lookups against a name server of the test's own (tests/tools/dns), good and bad ones. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/resolve.h"

static const char rules[] = "one.example ttl=1234 txt \"v=DMARC1; p=reject\"\n"
			    "two.example txt a b\n"
			    "two.example txt c\n"
			    "alias.example cname one.example\n"
			    "nothing.example nothing\n"
			    "servfail.example servfail\n"
			    "refused.example refused\n"
			    "truncated.example truncated \"only by TCP\"\n"
			    "foreign.example foreign \"another's\"\n"
			    "flood.example flood 100\n"
			    "slow.example slow=1 txt late\n"
			    "silent.example silent\n"
			    "lying.example liar lie\n"
			    "garbage.example garbage\n";

static struct {
	pid_t pid;
	char port[16], file[200];
	struct event_base *loop;
	struct resolve *resolve;
} t;

struct result {
	int calls;
	enum txt_status status;
	size_t n;
	char first[100], last[100];
	int64_t ttl, after;
};

static void
start_server(void)
{
	const char *top = getenv("top_srcdir"), *tmp = getenv("TMPDIR");
	char path[600];
	int out[2];
	snprintf(t.file, sizeof(t.file), "%s/names-%d", tmp ? tmp : "/tmp", (int)getpid());
	snprintf(path, sizeof(path), "%s/tests/tools/dns", top ? top : ".");
	FILE *f = fopen(t.file, "w");
	assert_non_null(f);
	assert_true(fputs(rules, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(pipe(out), 0);
	t.pid = fork();
	if (t.pid == 0) {
		dup2(out[1], 1);
		execlp("python3", "python3", path, t.file, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	ssize_t n = read(out[0], t.port, sizeof(t.port) - 1);
	assert_true(n > 1);
	t.port[strcspn(t.port, "\n")] = '\0';
	close(out[0]);
}

static int
setup(void **state)
{
	char server[40];
	struct err e = {0};
	(void)state;
	start_server();
	t.loop = event_base_new();
	snprintf(server, sizeof(server), "127.0.0.1:%s", t.port);
	if (resolve_open(&t.resolve, t.loop, server, &e) == 0)
		return 0;
	print_error("%s\n", e.text);
	return -1;
}

static int
teardown(void **state)
{
	(void)state;
	resolve_close(t.resolve);
	event_base_free(t.loop);
	kill(t.pid, SIGTERM);
	waitpid(t.pid, NULL, 0);
	return unlink(t.file);
}

static int64_t begun;

static void
on_done(void *arg, const struct txt_answer *answer)
{
	struct result *r = arg;
	r->calls++;
	r->status = answer->status;
	r->n = answer->n;
	r->ttl = answer->ttl;
	r->after = clock_mono() - begun;
	if (answer->n > 0) {
		snprintf(r->first, sizeof(r->first), "%.*s", SLICE_ARG(answer->text[0]));
		snprintf(r->last, sizeof(r->last), "%.*s", SLICE_ARG(answer->text[answer->n - 1]));
	}
}

static void
ask(const char *name, struct result *r)
{
	memset(r, 0, sizeof(*r));
	begun = clock_mono();
	resolve_txt(t.resolve, name, on_done, r);
	assert_int_equal(r->calls, 0); /* never from inside the call */
}

static void
await(struct result *r)
{
	while (r->calls == 0)
		assert_int_equal(event_base_loop(t.loop, EVLOOP_ONCE), 0);
	assert_int_equal(r->calls, 1);
}

static struct result
lookup(const char *name)
{
	struct result r;
	ask(name, &r);
	await(&r);
	return r;
}

static void
test_found(void **state)
{
	struct result r = lookup("one.example");
	(void)state;
	assert_int_equal(r.status, TXT_FOUND);
	assert_string_equal(r.first, "v=DMARC1; p=reject");
	assert_int_equal(r.ttl, 1234);
	r = lookup("two.example");
	assert_int_equal(r.n, 2);
	assert_string_equal(r.first, "ab");
	assert_string_equal(r.last, "c");
	assert_string_equal(lookup("alias.example").first, "v=DMARC1; p=reject");
	assert_string_equal(lookup("truncated.example").first, "only by TCP");
	r = lookup("flood.example"); /* by TCP, too: it is larger than any datagram */
	assert_int_equal(r.n, TXT_TEXTS_MAX);
}

static void
test_nothing(void **state)
{
	struct result r = lookup("nowhere.example");
	(void)state;
	assert_int_equal(r.status, TXT_NOTHING);
	assert_int_equal(r.ttl, 900);
	assert_int_equal(lookup("nothing.example").status, TXT_NOTHING);
	assert_int_equal(lookup("foreign.example").status, TXT_NOTHING);
}

static void
test_failed(void **state)
{
	(void)state;
	assert_int_equal(lookup("servfail.example").status, TXT_FAILED);
	assert_int_equal(lookup("refused.example").status, TXT_FAILED);
	/* names that DNS can't have */
	assert_int_equal(lookup("..").status, TXT_FAILED);
	assert_int_equal(
	    lookup("a-label-that-is-longer-than-the-sixty-three-octets-which-dns-allows"
		   ".example")
		.status,
	    TXT_FAILED);
}

/* All at once: each has its own end, and the quick are not kept by the slow. */
static void
test_deadline(void **state)
{
	struct result silent, liar, garbage, slow, one;
	(void)state;
	ask("silent.example", &silent);
	ask("lying.example", &liar);
	ask("garbage.example", &garbage);
	ask("slow.example", &slow);
	ask("one.example", &one);
	await(&one);
	assert_int_equal(silent.calls + slow.calls, 0);
	await(&slow);
	assert_int_equal(slow.status, TXT_FOUND);
	assert_int_equal(silent.calls, 0);
	await(&silent);
	await(&liar);
	await(&garbage);
	assert_int_equal(silent.status, TXT_FAILED);
	assert_int_equal(liar.status, TXT_FAILED);
	assert_int_equal(garbage.status, TXT_FAILED);
	assert_true(silent.after >= RESOLVE_DEADLINE_MS - 100);
}

/* Those who are still asking are dropped without a word, and without a leak. */
static void
test_closing(void **state)
{
	struct result silent, one;
	(void)state;
	ask("silent.example", &silent);
	ask("one.example", &one);
	char server[40];
	struct err e;
	resolve_close(t.resolve);
	snprintf(server, sizeof(server), "127.0.0.1:%s", t.port);
	assert_int_equal(resolve_open(&t.resolve, t.loop, server, &e), 0);
	assert_string_equal(lookup("two.example").first, "ab");
	assert_int_equal(silent.calls + one.calls, 0);
}

static void
test_many(void **state)
{
	static struct result r[300];
	(void)state;
	for (size_t i = 0; i < 300; i++)
		ask(i % 2 ? "one.example" : "nowhere.example", &r[i]);
	for (size_t i = 0; i < 300; i++) {
		await(&r[i]);
		assert_int_equal(r[i].status, i % 2 ? TXT_FOUND : TXT_NOTHING);
	}
}

static void
test_no_such_server(void **state)
{
	struct resolve *r = NULL;
	struct err e = {0};
	(void)state;
	assert_int_equal(resolve_open(&r, t.loop, "not an address", &e), -1);
	assert_true(strlen(e.text) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found),          cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_failed),         cmocka_unit_test(test_many),
	    cmocka_unit_test(test_deadline),       cmocka_unit_test(test_closing),
	    cmocka_unit_test(test_no_such_server),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
