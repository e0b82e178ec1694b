/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The deliver role and its remotes, whole, against a sink that behaves well or badly. Each test has
 * a folder, a sink and a role of its own.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/id.h"
#include "daemon/member.h"
#include "daemon/queue.h"
#include "tests/tools/delivery.h"

#define WAIT_MS 20000
#define BODY SLICE("A line.\r\n.A line with a dot.\r\n..\r\n\r\nThe last one.\r\n")
#define OPTIONS(...)                                                                               \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static struct arena *a;

/* Message n of the sink's store; empty if it is not there. */
static struct slice
stored(struct delivery *d, int n)
{
	struct slice s = {NULL, 0};
	struct err e;
	if (file_read(AT_FDCWD, arena_printf(a, "%s/store/%d.eml", d->dir, n), 1 << 20, a, &s, &e) <
	    0)
		return slice_make(NULL, 0);
	return s;
}

static bool
contains(struct slice s, const char *text)
{
	return slice_find(s, slice_str(text)) < s.n;
}

/* How many stored messages went to an address. */
static int
copies_of(struct delivery *d, const char *address)
{
	const char *line = arena_printf(a, "rcpt: %s\n", address);
	int n = 0;
	for (int i = 1; i <= d->count->messages; i++)
		n += contains(stored(d, i), line);
	return n;
}

static void
begin(struct delivery *d, const char *const *options, int members)
{
	a = arena_new();
	delivery_setup(d, options, NULL, true);
	if (members > 0)
		delivery_members(d, 0, members);
}

static void
end(struct delivery *d)
{
	if (d->deliver > 0)
		assert_int_equal(delivery_stop(d), 0);
	delivery_teardown(d);
	arena_free(a);
}

/* What the queue knows of one recipient. */
static struct {
	int attempts;
	int64_t next;
	char error[600];
} waiting;

static int
note_waiting(void *arg, int64_t id, const char *list, const char *recipient, int attempts,
	     int64_t next, const char *error)
{
	(void)id;
	(void)list;
	if (arg && strcmp(arg, recipient) != 0)
		return 0;
	waiting.attempts = attempts;
	waiting.next = next;
	snprintf(waiting.error, sizeof(waiting.error), "%s", error);
	return -1;
}

/* Waits until a recipient (NULL: the first one) was tried and put off. */
static void
wait_put_off(struct delivery *d, const char *recipient)
{
	int64_t until = clock_mono() + WAIT_MS;
	memset(&waiting, 0, sizeof(waiting));
	do {
		usleep(2000);
		assert_true(clock_mono() < until);
		assert_int_equal(
		    queue_each(d->db, note_waiting, (void *)(uintptr_t)recipient, NULL), 0);
	} while (waiting.attempts == 0);
}

static int
score_of(struct delivery *d, const char *address)
{
	struct member m;
	assert_int_equal(member_find(d->db, a, "l", slice_str(address), &m, NULL), 1);
	return m.bounce_score;
}

/* --- all is well ------------------------------------------------------------------------------ */

static void
test_personal(void **state)
{
	struct delivery d;
	char id[ID_MAX];
	(void)state;
	begin(&d, NULL, 3);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, QUEUE_8BIT, false, id);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->messages, 3);
	for (int i = 1; i <= 3; i++) {
		struct slice s = stored(&d, i), head, rest;
		size_t at = slice_find(s, SLICE("\n\n"));
		head = slice_sub(s, 0, at);
		rest = slice_from(s, at + 2);
		assert_true(slice_starts(head, SLICE("from: l-bounces+")));
		assert_true(contains(head, "BODY=8BITMIME"));
		assert_true(contains(head, "SIZE="));
		assert_true(
		    slice_starts(rest, SLICE("List-Unsubscribe: <https://lists.example/u/")));
		assert_true(contains(rest, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
					   "From: a@example.org\r\n"));
		at = slice_find(rest, SLICE("\r\n\r\n"));
		assert_true(slice_eq(slice_from(rest, at + 4), BODY));
		assert_int_equal(copies_of(&d, arena_printf(a, "m%d@example.com", i - 1)), 1);
	}
	/* Each has a return path of its own. */
	assert_false(slice_eq(slice_sub(stored(&d, 1), 0, 60), slice_sub(stored(&d, 2), 0, 60)));
	assert_int_not_equal(access(arena_printf(a, "%s/state/out/%s", d.dir, id), F_OK), 0);
	end(&d);
}

static void
test_shared(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, NULL, 250);
	delivery_start(&d);
	delivery_post(&d, "shared", BODY, 0, false, NULL);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->recipients, 250);
	assert_int_equal(d.count->messages, 3);
	assert_int_equal(copies_of(&d, "m249@example.com"), 1);
	end(&d);
}

static void
test_notice_has_null_return_path(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, NULL, 0);
	delivery_start(&d);
	delivery_notice(&d, "x@example.com", QUEUE_NULL_RETURN,
			SLICE("Subject: hello\n\nLF only\n.dot\n"));
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_true(slice_starts(stored(&d, 1), SLICE("from: \n")));
	assert_true(contains(stored(&d, 1), "\n\nSubject: hello\r\n\r\nLF only\r\n.dot\r\n"));
	end(&d);
}

static void
test_without_any_extension(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, OPTIONS("-o", ""), 12);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, QUEUE_8BIT, false, NULL);
	delivery_post(&d, "shared", BODY, 0, false, NULL);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->recipients, 24);
	assert_true(contains(stored(&d, 1), "args: \n"));
	end(&d);
}

static void
test_maildir(void **state)
{
	struct delivery d;
	(void)state;
	a = arena_new();
	delivery_setup(&d, NULL, "maildir:mail", true);
	delivery_members(&d, 0, 2);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	delivery_notice(&d, "../../x/y@example.com", QUEUE_NULL_RETURN, SLICE("\n"));
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	static const char *const commands[] = {
	    "test $(ls $DIR/mail/m1@example.com/new | wc -l) = 1",
	    "grep -q '^Delivered-To: m1@example.com$' $DIR/mail/m1@example.com/new/*",
	    "grep -q '^\\.A line with a dot\\.$' $DIR/mail/m1@example.com/new/*",
	    "test -d $DIR/mail/_.._.._x_y@example.com/new",
	};
	setenv("DIR", d.dir, 1);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(system(commands[i]), 0);
	end(&d);
}

/* --- refusals --------------------------------------------------------------------------------- */

static void
test_refused_for_good(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d,
	      OPTIONS("-r", "m1@=550 5.1.1 no such user", "-r", "m2@=550 5.7.1 not today, spammer"),
	      5);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	delivery_post(&d, "shared", BODY, 0, false, NULL);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->recipients, 6);
	assert_int_equal(score_of(&d, "m0@example.com"), 0);
	assert_int_equal(score_of(&d, "m1@example.com"), 4); /* half points, of two posts */
	assert_int_equal(score_of(&d, "m2@example.com"), 0); /* not her fault */
	end(&d);
}

static void
test_refused_message_blames_nobody(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, OPTIONS("-e", "550 5.1.1 says the sink, but of the message"), 3);
	delivery_start(&d);
	delivery_post(&d, "shared", BODY, 0, false, NULL);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(score_of(&d, "m1@example.com"), 0);
	end(&d);
}

static void
test_refused_for_now(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, OPTIONS("-N", "1", "-r", "m1@=450 4.2.1 come\tback later"), 3);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	assert_true(delivery_wait_rows(&d, 1, WAIT_MS));
	wait_put_off(&d, "m1@example.com");
	assert_int_equal(waiting.attempts, 1);
	assert_in_range(waiting.next, clock_now() + 40, clock_now() + 60);
	assert_string_equal(waiting.error, "450 4.2.1 come back later");
	assert_int_equal(queue_flush(d.db, clock_now(), NULL), 1);
	delivery_ring(&d);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(copies_of(&d, "m1@example.com"), 1);
	end(&d);
}

static void
test_expires_after_five_days(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, OPTIONS("-r", "m1@=450 4.2.1 come back later"), 2);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	setenv("PLENARY_CLOCK", "+432001", 1);
	delivery_start(&d);
	unsetenv("PLENARY_CLOCK");
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(copies_of(&d, "m0@example.com"), 1);
	assert_int_equal(score_of(&d, "m1@example.com"), 1); /* a soft one */
	end(&d);
}

static void
test_needs_smtputf8(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, OPTIONS("-o", "PIPELINING"), 0);
	delivery_start(&d);
	delivery_notice(&d, "j\xc3\xbcrg@example.com", QUEUE_NULL_RETURN | QUEUE_UTF8, BODY);
	delivery_notice(&d, "j@example.com", QUEUE_NULL_RETURN, BODY);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->messages, 1);
	delivery_sink_stop(&d);
	delivery_sink_start(&d, NULL, true);
	delivery_notice(&d, "j\xc3\xbcrg@example.com", QUEUE_NULL_RETURN | QUEUE_UTF8, BODY);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_true(contains(stored(&d, 1), " SMTPUTF8\nrcpt: j\xc3\xbcrg@example.com\n"));
	end(&d);
}

static void
test_address_can_end_no_command(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, NULL, 0);
	delivery_start(&d);
	delivery_notice(&d, "x@example.com>\r\nRSET\r\nMAIL FROM:<evil@example.com", 4, BODY);
	delivery_notice(&d, "x> NOTIFY=NEVER@example.com", 4, BODY);
	delivery_notice(&d, "good@example.com", 4, BODY);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->recipients, 1);
	assert_int_equal(copies_of(&d, "good@example.com"), 1);
	end(&d);
}

/* --- bad relays ------------------------------------------------------------------------------- */

static void
test_closes_in_the_middle(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, OPTIONS("-x", "1"), 1);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	wait_put_off(&d, NULL);
	assert_non_null(strstr(waiting.error, "closed the connection"));
	assert_int_equal(d.count->messages, 0);
	end(&d);
}

static void
test_closes_after_some(void **state)
{
	struct delivery d;
	(void)state;
	/* Whatever was not begun goes by the next connection at once. */
	begin(&d, OPTIONS("-c", "3"), 40);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->messages, 40);
	for (int i = 0; i < 40; i++)
		assert_int_equal(copies_of(&d, arena_printf(a, "m%d@example.com", i)), 1);
	end(&d);
}

static void
unusable(const char *const *options, const char *words)
{
	struct delivery d;
	begin(&d, options, 2);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	wait_put_off(&d, NULL);
	if (!strstr(waiting.error, words))
		fail_msg("%s", waiting.error);
	assert_int_equal(delivery_rows(&d), 2);
	assert_int_equal(score_of(&d, "m0@example.com"), 0);
	end(&d);
}

static void
test_unusable_relays(void **state)
{
	(void)state;
	unusable(OPTIONS("-b"), "does not speak SMTP");
	unusable(OPTIONS("-l"), "answered before it was asked");
	unusable(OPTIONS("-g", "554 go away"), "554 go away");
	unusable(OPTIONS("-g", "hello?"), "does not speak SMTP");
	unusable(OPTIONS("-m", "451 4.3.0 sick today"), "451 4.3.0 sick today");
	unusable(OPTIONS("-d", "421 4.3.2 shutting down"), "421 4.3.2 shutting down");
}

static void
test_relay_comes_back(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, NULL, 300);
	delivery_sink_stop(&d);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	wait_put_off(&d, NULL);
	assert_non_null(strstr(waiting.error, "Connection refused"));
	assert_int_equal(delivery_stop(&d), 0);
	/* Only what was on the way was put off, not the whole mail. */
	int64_t later = queue_flush(d.db, clock_now(), NULL);
	assert_in_range(later, 1, 290);
	delivery_sink_start(&d, NULL, true);
	delivery_start(&d);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->recipients, 300);
	end(&d);
}

static void
test_next_relay(void **state)
{
	struct delivery d;
	(void)state;
	a = arena_new();
	delivery_setup(&d, NULL, "smtp://127.0.0.1:1\", \"maildir:mail", true);
	delivery_start(&d);
	delivery_notice(&d, "x@example.com", 4, BODY);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(access(arena_printf(a, "%s/mail/x@example.com/new", d.dir), F_OK), 0);
	end(&d);
}

/* --- order, crashes, the end ------------------------------------------------------------------ */

static void
test_file_comes_late(void **state)
{
	struct delivery d;
	char id[ID_MAX];
	(void)state;
	begin(&d, NULL, 2);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, true, id);
	delivery_notice(&d, "x@example.com", 4, BODY);
	assert_true(delivery_wait_messages(&d, 1, WAIT_MS));
	assert_int_equal(delivery_rows(&d) >= 2, true);
	delivery_link(&d, id, BODY);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(d.count->messages, 3);
	end(&d);
}

static void
test_small_one_is_not_stuck(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, OPTIONS("-w", "3"), 3000);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	assert_true(delivery_wait_messages(&d, 200, WAIT_MS));
	delivery_notice(&d, "small@example.com", 4, BODY);
	assert_true(delivery_wait_rows(&d, 0, 4 * WAIT_MS));
	int at = 0;
	for (int i = 1; i <= d.count->messages && at == 0; i++)
		if (contains(stored(&d, i), "rcpt: small@example.com\n"))
			at = i;
	assert_in_range(at, 1, 2500);
	assert_int_equal(d.count->recipients, 3001);
	end(&d);
}

static void
test_stop_finishes_what_is_in_hand(void **state)
{
	struct delivery d;
	(void)state;
	begin(&d, OPTIONS("-w", "5"), 500);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	assert_true(delivery_wait_messages(&d, 20, WAIT_MS));
	assert_int_equal(delivery_stop(&d), 0);
	assert_int_equal(d.count->recipients + delivery_rows(&d), 500);
	assert_true(delivery_rows(&d) > 0);
	end(&d);
}

static void
test_kill_loses_nobody(void **state)
{
	struct delivery d;
	int64_t twice = 0;
	(void)state;
	begin(&d, OPTIONS("-w", "2"), 300);
	for (int i = 0; i < 3; i++) {
		if (i == 0)
			delivery_post(&d, "personal", BODY, 0, false, NULL);
		delivery_start(&d);
		delivery_ring(&d);
		assert_true(delivery_wait_messages(&d, 60 * (i + 1), WAIT_MS));
		delivery_kill(&d);
	}
	delivery_start(&d);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	for (int i = 0; i < 300; i++) {
		int n = copies_of(&d, arena_printf(a, "m%d@example.com", i));
		assert_in_range(n, 1, 4);
		twice += n - 1;
	}
	print_message("%d recipients got it again after three kills\n", (int)twice);
	end(&d);
}

/* Killed at each durable step: the end is the same, but for who gets it twice. */
static void
test_crash_points(void **state)
{
	static const char *const points[] = {"deliver.sent", "deliver.recorded", "deliver.removed"};
	(void)state;
#ifndef CRASH_POINTS
	print_message("SKIP: built without crash points\n");
	skip();
#endif
	for (size_t i = 0; i < 3; i++) {
		struct delivery d;
		char id[ID_MAX];
		int status;
		begin(&d, NULL, 30);
		delivery_post(&d, "personal", BODY, 0, false, id);
		setenv("PLENARY_CRASH", arena_printf(a, "deliver:%s", points[i]), 1);
		delivery_start(&d);
		unsetenv("PLENARY_CRASH");
		assert_int_equal(waitpid(d.deliver, &status, 0), d.deliver);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		setenv("PLENARY_CLOCK", "+3600", 1); /* old enough to be a stray */
		delivery_start(&d);
		unsetenv("PLENARY_CLOCK");
		assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
		for (int m = 0; m < 30; m++)
			assert_in_range(copies_of(&d, arena_printf(a, "m%d@example.com", m)), 1, 2);
		/* A role that has done something has its handler for SIGTERM. */
		delivery_notice(&d, "x@example.com", 4, BODY);
		assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
		assert_int_equal(delivery_stop(&d), 0);
		assert_int_not_equal(access(arena_printf(a, "%s/state/out/%s", d.dir, id), F_OK),
				     0);
		end(&d);
	}
}

static void
test_strays_are_swept(void **state)
{
	struct delivery d;
	char id[ID_MAX], waits[ID_MAX];
	(void)state;
	begin(&d, OPTIONS("-m", "450 later"), 1);
	id_new(id);
	delivery_link(&d, id, BODY);
	delivery_post(&d, "personal", BODY, 0, false, waits);
	delivery_start(&d);
	wait_put_off(&d, NULL);
	assert_int_equal(delivery_stop(&d), 0);
	assert_int_equal(access(arena_printf(a, "%s/state/out/%s", d.dir, id), F_OK), 0);
	setenv("PLENARY_CLOCK", "+3600", 1);
	delivery_start(&d);
	unsetenv("PLENARY_CLOCK");
	delivery_notice(&d, "x@example.com", 4, BODY);
	wait_put_off(&d, "x@example.com");
	assert_int_not_equal(access(arena_printf(a, "%s/state/out/%s", d.dir, id), F_OK), 0);
	assert_int_equal(access(arena_printf(a, "%s/state/out/%s", d.dir, waits), F_OK), 0);
	end(&d);
}

static void
test_metrics(void **state)
{
	struct delivery d;
	struct slice s;
	(void)state;
	begin(&d, OPTIONS("-r", "m1@=550 5.1.1 no"), 3);
	delivery_start(&d);
	delivery_post(&d, "personal", BODY, 0, false, NULL);
	assert_true(delivery_wait_rows(&d, 0, WAIT_MS));
	assert_int_equal(delivery_stop(&d), 0);
	assert_int_equal(file_read(AT_FDCWD, arena_printf(a, "%s/state/metrics/deliver", d.dir),
				   4096, a, &s, NULL),
			 0);
	assert_true(contains(s, "plenary_deliver_sent_total 2\n"));
	assert_true(contains(s, "plenary_deliver_permanent_total 1\n"));
	assert_true(contains(s, "plenary_queue_rows 0\n"));
	end(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_personal),
	    cmocka_unit_test(test_shared),
	    cmocka_unit_test(test_notice_has_null_return_path),
	    cmocka_unit_test(test_without_any_extension),
	    cmocka_unit_test(test_maildir),
	    cmocka_unit_test(test_refused_for_good),
	    cmocka_unit_test(test_refused_message_blames_nobody),
	    cmocka_unit_test(test_refused_for_now),
	    cmocka_unit_test(test_expires_after_five_days),
	    cmocka_unit_test(test_needs_smtputf8),
	    cmocka_unit_test(test_address_can_end_no_command),
	    cmocka_unit_test(test_closes_in_the_middle),
	    cmocka_unit_test(test_closes_after_some),
	    cmocka_unit_test(test_unusable_relays),
	    cmocka_unit_test(test_relay_comes_back),
	    cmocka_unit_test(test_next_relay),
	    cmocka_unit_test(test_file_comes_late),
	    cmocka_unit_test(test_small_one_is_not_stuck),
	    cmocka_unit_test(test_stop_finishes_what_is_in_hand),
	    cmocka_unit_test(test_kill_loses_nobody),
	    cmocka_unit_test(test_crash_points),
	    cmocka_unit_test(test_strays_are_swept),
	    cmocka_unit_test(test_metrics),
	};
	return cmocka_run_group_tests_name("deliver", tests, NULL, NULL);
}
