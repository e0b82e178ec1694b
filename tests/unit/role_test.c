/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/role.h"

static struct role role;
static int looks, stops, until;

static int
set_up(void **state)
{
	(void)state;
	memset(&role, 0, sizeof role);
	looks = stops = until = 0;
	unsetenv("PLENARY_BELL");
	unsetenv("PLENARY_BELL_list");
	unsetenv("PLENARY_LISTEN");
	return 0;
}

static void
set_fd(const char *name, int fd)
{
	char number[16];

	snprintf(number, sizeof number, "%d", fd);
	setenv(name, number, 1);
}

/* Both ends of a bell, as the parent makes it. */
static void
make_bell(int p[2])
{
	assert_int_equal(pipe2(p, O_NONBLOCK), 0);
	set_fd("PLENARY_BELL", p[0]);
	set_fd("PLENARY_BELL_list", p[1]);
}

static void
look_until(void *arg)
{
	(void)arg;
	if (++looks >= until)
		role_finish(&role);
}

static void
test_first_look_without_any_bell(void **state)
{
	(void)state;
	role.look = look_until;
	assert_int_equal(role_start(&role, "test", 60000, NULL), 0);
	assert_string_equal(role.name, "test");
	assert_int_equal(role_run(&role), 0);
	assert_int_equal(looks, 1);
	role_ring("list"); /* nobody there: nothing happens */
}

static void
look_ring(void *arg)
{
	(void)arg;
	if (++looks == 1)
		for (int i = 0; i < 3; i++)
			role_ring("list");
	else
		role_finish(&role);
}

/* The timer would come after an hour: what ends this is the bell. */
static void
test_rings_together_are_one_look(void **state)
{
	char c;
	int p[2];

	(void)state;
	make_bell(p);
	role.look = look_ring;
	assert_int_equal(role_start(&role, "list", 3600000, NULL), 0);
	assert_int_equal(role_run(&role), 0);
	assert_int_equal(looks, 2);
	assert_int_equal(read(p[0], &c, 1), -1); /* drained */
	close(p[0]);
	close(p[1]);
}

static void
test_ringing_never_blocks(void **state)
{
	char buf[65536];
	ssize_t n;
	int p[2];

	(void)state;
	make_bell(p);
	for (int i = 0; i < 70000; i++)
		role_ring("list");
	n = read(p[0], buf, sizeof buf);
	assert_int_equal(n, sizeof buf);
	close(p[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	role_ring("list"); /* reader gone */
	close(p[1]);
	role_ring("list"); /* not even open */
}

static void
test_timer_rings(void **state)
{
	(void)state;
	role.look = look_until;
	until = 4;
	assert_int_equal(role_start(&role, "test", 5, NULL), 0);
	assert_int_equal(role_run(&role), 0);
	assert_int_equal(looks, 4);
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	char c;

	(void)what;
	(void)arg;
	assert_int_equal(read(fd, &c, 1), 1);
	role_finish(&role);
}

static void
look_busy(void *arg)
{
	if (++looks == 1)
		assert_int_equal(write(*(int *)arg, "x", 1), 1);
	role_look_again(&role);
}

/* Endless slices of work do not starve a socket. */
static void
test_look_again_lets_others_in(void **state)
{
	struct event *ev;
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_NONBLOCK | O_CLOEXEC), 0);
	role.look = look_busy;
	role.arg = &p[1];
	assert_int_equal(role_start(&role, "test", 0, NULL), 0);
	ev = event_new(role.loop, p[0], EV_READ | EV_PERSIST, on_event, NULL);
	event_add(ev, NULL);
	assert_int_equal(role_run(&role), 0);
	event_free(ev);
	assert_in_range(looks, 1, 10);
	close(p[0]);
	close(p[1]);
}

static void
look_term(void *arg)
{
	(void)arg;
	looks++;
	raise(SIGTERM);
	raise(SIGHUP); /* ignored */
}

static void
test_term_without_stop_ends(void **state)
{
	(void)state;
	role.look = look_term;
	assert_int_equal(role_start(&role, "test", 5, NULL), 0);
	assert_int_equal(role_run(&role), 0);
	assert_true(role.stopping);
	assert_int_equal(looks, 1);
}

static void
on_work_done(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	role_finish(&role);
}

static void
stop(void *arg)
{
	struct timeval soon = {.tv_usec = 50000};

	assert_ptr_equal(arg, &looks);
	assert_true(role.stopping);
	stops++;
	raise(SIGTERM); /* an impatient one */
	role_ring("list");
	assert_int_equal(event_base_once(role.loop, -1, EV_TIMEOUT, on_work_done, NULL, &soon), 0);
}

/* What is in hand is finished; nothing new is begun, by bell or timer. */
static void
test_term_with_stop_waits(void **state)
{
	int p[2];

	(void)state;
	make_bell(p);
	role.look = look_term;
	role.stop = stop;
	role.arg = &looks;
	assert_int_equal(role_start(&role, "test", 5, NULL), 0);
	assert_int_equal(role_run(&role), 0);
	assert_int_equal(stops, 1);
	assert_int_equal(looks, 1);
	close(p[0]);
	close(p[1]);
}

static void
test_bell_without_ringers_does_not_spin(void **state)
{
	int64_t began;
	int p[2];

	(void)state;
	make_bell(p);
	close(p[1]);
	role.look = look_until;
	until = 4; /* first look, the end seen once, two timers */
	assert_int_equal(role_start(&role, "test", 100, NULL), 0);
	began = clock_mono();
	assert_int_equal(role_run(&role), 0);
	assert_true(clock_mono() - began >= 150);
	close(p[0]);
}

static void
test_listeners(void **state)
{
	int a = open("/dev/null", O_RDONLY | O_CLOEXEC),
	    b = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char text[128];

	(void)state;
	assert_int_equal(role_listener("lmtp", 0), -1);
	snprintf(text, sizeof text, "lmtp:%d,smtp:%d,lmtp:%d,http:9999,monitor:x,lmtp:1", a, b, b);
	setenv("PLENARY_LISTEN", text, 1);
	assert_int_equal(role_listener("lmtp", 0), a);
	assert_int_equal(role_listener("lmtp", 1), b);
	assert_int_equal(role_listener("lmtp", 2), -1); /* 1 is standard output */
	assert_int_equal(role_listener("lmtp", 3), -1);
	assert_int_equal(role_listener("smtp", 0), b);
	assert_int_equal(role_listener("http", 0), -1); /* not open */
	assert_int_equal(role_listener("monitor", 0), -1);
	assert_int_equal(role_listener("lm", 0), -1);
	close(a);
	close(b);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup(f, set_up)
	const struct CMUnitTest tests[] = {
	    T(test_first_look_without_any_bell),
	    T(test_rings_together_are_one_look),
	    T(test_ringing_never_blocks),
	    T(test_timer_rings),
	    T(test_look_again_lets_others_in),
	    T(test_term_without_stop_ends),
	    T(test_term_with_stop_waits),
	    T(test_bell_without_ringers_does_not_spin),
	    T(test_listeners),
	};

	return cmocka_run_group_tests_name("role", tests, NULL, NULL);
}
