/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may come in, who is sent away; work on threads; addresses that moved. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "web/guests.h"
#include "web/moved.h"
#include "web/pool.h"

static struct sockaddr *
address(const char *text)
{
	static struct sockaddr_in in4;
	static struct sockaddr_in6 in6;

	in4 = (struct sockaddr_in){.sin_family = AF_INET};
	in6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		return (struct sockaddr *)&in4;
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return (struct sockaddr *)&in6;
}

static void
fill(struct guests *g, const char *text, int n)
{
	for (int i = 0; i < n; i++) {
		assert_true(guests_may_enter(g, address(text)));
		guests_enter(g, -1, address(text), 0);
	}
}

static void
test_one_address(void **state)
{
	static const struct {
		const char *one, *same, *other;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1", "192.0.2.2"},
	    {"2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"},
	    {"::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct guests *g = guests_new();
		struct guest *last;

		fill(g, rows[i].one, GUESTS_FROM_ONE_MAX - 1);
		assert_true(guests_may_enter(g, address(rows[i].same)));
		last = guests_enter(g, -1, address(rows[i].same), 0);
		assert_false(guests_may_enter(g, address(rows[i].one)));
		assert_true(guests_may_enter(g, address(rows[i].other)));
		guests_leave(g, last);
		assert_true(guests_may_enter(g, address(rows[i].one)));
		guests_free(g);
	}
}

/* A proxy on this machine brings everybody. */
static void
test_this_machine(void **state)
{
	static const char *const names[] = {"127.0.0.1", "::1", "::ffff:127.0.0.1"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct guests *g = guests_new();

		fill(g, names[i], GUESTS_MAX);
		assert_false(guests_may_enter(g, address(names[i])));
		guests_free(g);
	}
}

static void
test_sweep(void **state)
{
	struct guests *g = guests_new();
	struct guest *gu;
	int pair[2];
	char c;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	gu = guests_enter(g, pair[0], address("192.0.2.1"), 1000);
	assert_int_equal(guests_sweep(g, 1000 + GUESTS_READ_MS - 1), 0);
	guests_serve(gu, 1000);
	assert_int_equal(guests_sweep(g, 1000 + GUESTS_READ_MS), 0);
	guests_await(gu, 5000);
	assert_int_equal(guests_sweep(g, 5000 + GUESTS_READ_MS), 1);
	assert_int_equal(read(pair[1], &c, 1), 0); /* hung up */
	assert_int_equal(guests_sweep(g, 5000 + GUESTS_READ_MS), 0);
	guests_free(g);
	close(pair[0]);
	close(pair[1]);
}

/* --- pool ----------------------------------------------------------------------------------- */

struct job {
	struct pool_work work;
	atomic_int *gate;
	bool done;
};

static void
run(struct pool_work *w, size_t worker)
{
	struct job *j = (struct job *)w;

	assert_true(worker < 2);
	while (atomic_load(j->gate) == 0)
		usleep(1000);
	j->done = true;
}

static void
test_pool(void **state)
{
	struct pool *p = pool_new(2, 3, run);
	atomic_int gate = 0;
	struct job jobs[6];
	struct pollfd ready = {.fd = pool_fd(p), .events = POLLIN};
	size_t given = 0, collected = 0;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		jobs[i] = (struct job){.gate = &gate};
	assert_int_equal(poll(&ready, 1, 0), 0);
	/* Two in hand, three that wait; how soon the threads take theirs is not ours to say. */
	for (int tries = 0; given < 5 && tries < 10000; tries++) {
		if (pool_give(p, &jobs[given].work))
			given++;
		else
			usleep(1000);
	}
	assert_int_equal(given, 5);
	assert_false(pool_has_room(p));
	assert_false(pool_give(p, &jobs[5].work));
	assert_null(pool_collect(p));
	atomic_store(&gate, 1);
	while (collected < 5) {
		struct pool_work *w;

		assert_int_equal(poll(&ready, 1, 60000), 1);
		while ((w = pool_collect(p))) {
			assert_true(((struct job *)w)->done);
			collected++;
		}
	}
	assert_int_equal(poll(&ready, 1, 0), 0);
	assert_true(pool_give(p, &jobs[5].work));
	pool_free(p); /* what is queued is done first */
	assert_true(jobs[5].done);
}

/* --- moved ---------------------------------------------------------------------------------- */

static int
file_with(const char *text)
{
	char name[] = "/tmp/web-moved-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(file_write_all(fd, text, strlen(text), NULL), 0);
	return fd;
}

static bool
finds(struct moved *m, int fd, const char *from, const char *to)
{
	return slice_is(moved_find(m, fd, slice_str(from)), to);
}

static void
test_moved(void **state)
{
	struct moved *m = moved_new();
	int fd = file_with("/b\t/1\n/a\t/2\r\nno tab\n\n/b\t/3\n/aa\t/4\n\t/5\n/z\t/6");
	int other = file_with("/b\t/9\n"), empty = file_with("");

	(void)state;
	assert_true(finds(m, fd, "/a", "/2"));
	assert_true(finds(m, fd, "/aa", "/4"));
	assert_true(finds(m, fd, "/b", "/3")); /* the last one counts */
	assert_true(finds(m, fd, "/z", "/6"));
	assert_true(finds(m, fd, "/", ""));
	assert_true(finds(m, fd, "/ab", ""));
	assert_true(finds(m, fd, "no tab", ""));
	assert_true(finds(m, other, "/b", "/9")); /* another file: read anew */
	assert_true(finds(m, other, "/a", ""));
	assert_true(finds(m, empty, "/a", ""));
	assert_true(finds(m, -1, "/b", ""));
	assert_true(finds(m, fd, "/b", "/3"));
	moved_free(m);
	close(fd);
	close(other);
	close(empty);
}

static void
test_many_moved(void **state)
{
	struct moved *m = moved_new();
	struct buf b;
	char from[32], to[32];
	int fd;

	(void)state;
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 20000; i++)
		buf_printf(&b, "/old/%d\t/new/%d\n", i * 7919 % 20000, i * 7919 % 20000);
	fd = file_with(buf_str(&b));
	for (int i = 0; i < 20000; i += 97) {
		snprintf(from, sizeof from, "/old/%d", i);
		snprintf(to, sizeof to, "/new/%d", i);
		assert_true(finds(m, fd, from, to));
	}
	assert_true(finds(m, fd, "/old/20000", ""));
	moved_free(m);
	buf_free(&b);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_address), cmocka_unit_test(test_this_machine),
	    cmocka_unit_test(test_sweep),       cmocka_unit_test(test_pool),
	    cmocka_unit_test(test_moved),       cmocka_unit_test(test_many_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
