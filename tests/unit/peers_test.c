/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits by peer: at, below and above, and that who leaves makes room. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "daemon/peers.h"

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static union address
at(const char *text)
{
	union address a;

	memset(&a, 0, sizeof a);
	if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &a.in6.sin6_addr) == 1) {
		a.in6.sin6_family = AF_INET6;
	} else {
		a.un.sun_family = AF_UNIX;
	}
	return a;
}

static size_t
enter_until_refused(struct peers *p, const char *text)
{
	union address a = at(text);
	size_t n = 0;

	while (n < 2 * PEERS_TOTAL_MAX && peers_enter(p, &a.sa))
		n++;
	return n;
}

static const struct {
	const char *first;
	size_t max;
	const char *same; /* counted with it, or NULL */
	const char *other;
} rows[] = {
    {"192.0.2.1", PEERS_EACH_MAX, "::ffff:192.0.2.1", "192.0.2.2"},
    {"2001:db8::1", PEERS_EACH_MAX, "2001:db8::ffff:2", "2001:db8:0:1::1"},
    {"127.0.0.1", PEERS_LOOPBACK_MAX, NULL, "192.0.2.1"},
    {"::1", PEERS_LOOPBACK_MAX, NULL, "127.0.0.1"},
    {"unix", PEERS_TOTAL_MAX, NULL, NULL},
};

static void
test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct peers *p = peers_new(PEERS_TOTAL_MAX);
		union address a = at(rows[i].first);

		assert_int_equal(enter_until_refused(p, rows[i].first), rows[i].max);
		assert_int_equal(peers_count(p), rows[i].max);
		if (rows[i].same)
			assert_int_equal(enter_until_refused(p, rows[i].same), 0);
		peers_leave(p, &a.sa);
		assert_int_equal(enter_until_refused(p, rows[i].first), 1);
		if (rows[i].other)
			assert_true(enter_until_refused(p, rows[i].other) >= PEERS_EACH_MAX);
		peers_free(p);
	}
}

static void
test_total(void **state)
{
	struct peers *p = peers_new(60);

	(void)state;
	assert_int_equal(enter_until_refused(p, "192.0.2.1"), 50);
	assert_int_equal(enter_until_refused(p, "192.0.2.2"), 10);
	assert_int_equal(enter_until_refused(p, "unix"), 0);
	peers_free(p);
}

/* Many peers that come and go leave nothing behind. */
static void
test_come_and_go(void **state)
{
	struct peers *p = peers_new(PEERS_TOTAL_MAX);
	union address a = at("198.51.100.0");

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < PEERS_TOTAL_MAX; i++) {
			a.in.sin_addr.s_addr = htonl(0x0a000000 + i);
			assert_true(peers_enter(p, &a.sa));
		}
		assert_false(peers_enter(p, &a.sa));
		for (uint32_t i = 0; i < PEERS_TOTAL_MAX; i++) {
			a.in.sin_addr.s_addr = htonl(0x0a000000 + i);
			peers_leave(p, &a.sa);
		}
		assert_int_equal(peers_count(p), 0);
	}
	peers_free(p);
}

static void
test_names(void **state)
{
	static const char *const names[] = {"192.0.2.1", "2001:db8::1", "local"};
	char out[64];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		union address a = at(names[i]);

		peers_name(&a.sa, out, sizeof out);
		assert_string_equal(out, names[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_total),
	    cmocka_unit_test(test_come_and_go),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
