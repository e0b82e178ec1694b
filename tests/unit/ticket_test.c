/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tickets: asked once, answered once, and remembered. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/ticket.h"
#include "tests/unit/scratch.h"

#define NOW SCRATCH_NOW

static struct token_keys *keys;

static int
setup(void **state)
{
	if (scratch_setup(state) < 0)
		return -1;
	struct scratch *s = *state;
	return token_keys_load(&keys, arena_printf(s->a, "%s/key", s->dir), true, NULL);
}

static int
teardown(void **state)
{
	token_keys_free(keys);
	return scratch_teardown(state);
}

static int64_t
add(struct scratch *s, const char *kind, const char *detail, char token[TOKEN_SIZE])
{
	struct ticket t = {.kind = kind,
			   .list = "l",
			   .address = "A@Example.org",
			   .detail = detail,
			   .expires = NOW + 100};
	assert_int_equal(ticket_add(s->db, keys, &t, NOW, token, NULL), 0);
	return t.id;
}

static void
test_once(void **state)
{
	struct scratch *s = *state;
	char token[TOKEN_SIZE], same[TOKEN_SIZE];
	struct ticket t;
	uint64_t row;
	int64_t id = add(s, "join", "digest", token);
	assert_true(token_check(keys, "ticket", "", slice_str(token), &row));
	assert_int_equal(row, id);
	assert_int_equal(ticket_open_one(s->db, s->a, keys, "join", "l", SLICE("A@EXAMPLE.org"),
					 "digest", NOW, &t, same, NULL),
			 1);
	assert_string_equal(same, token);
	assert_int_equal(ticket_open_one(s->db, s->a, keys, "join", "l", SLICE("A@example.org"),
					 "mail", NOW, &t, same, NULL),
			 0);
	assert_int_equal(ticket_use(s->db, id, "confirmed", NOW + 1, NULL), 1);
	assert_int_equal(ticket_use(s->db, id, "confirmed again", NOW + 2, NULL), 0);
	assert_int_equal(ticket_get(s->db, s->a, id, &t, NULL), 1);
	assert_true(t.done == NOW + 1);
	assert_string_equal(t.outcome, "confirmed");
	assert_int_equal(ticket_open_one(s->db, s->a, keys, "join", "l", SLICE("A@example.org"),
					 "digest", NOW, &t, same, NULL),
			 0);
	assert_int_equal(ticket_get(s->db, s->a, id + 1, &t, NULL), 0);
}

static void
test_expiry(void **state)
{
	struct scratch *s = *state;
	char token[TOKEN_SIZE];
	struct ticket t;
	int64_t id = add(s, "join", "", token);
	assert_int_equal(ticket_expire(s->db, NOW + 99, NULL), 0);
	assert_int_equal(ticket_open_one(s->db, s->a, keys, "join", "l", SLICE("A@example.org"), "",
					 NOW + 100, &t, token, NULL),
			 0);
	assert_int_equal(ticket_expire(s->db, NOW + 100, NULL), 1);
	assert_int_equal(ticket_get(s->db, s->a, id, &t, NULL), 1);
	assert_string_equal(t.outcome, "expired");
	/* A used one is remembered for as long as its link may be followed. */
	assert_int_equal(ticket_expire(s->db, NOW + 100 + 400 * 86400, NULL), 0);
	assert_int_equal(ticket_get(s->db, s->a, id, &t, NULL), 1);
	assert_int_equal(ticket_expire(s->db, NOW + 101 + 400 * 86400, NULL), 0);
	assert_int_equal(ticket_get(s->db, s->a, id, &t, NULL), 0);
}

static void
test_all_moderators_at_once(void **state)
{
	struct scratch *s = *state;
	char token[TOKEN_SIZE];
	struct ticket t;
	int64_t a = add(s, "moderate", "7", token), b = add(s, "cancel", "7", token),
		c = add(s, "moderate", "8", token), d = add(s, "join", "7", token);
	assert_int_equal(ticket_close(s->db, "7", "accepted by m@x", NOW, NULL), 0);
	int64_t ids[] = {a, b, c, d};
	for (int i = 0; i < 4; i++) {
		assert_int_equal(ticket_get(s->db, s->a, ids[i], &t, NULL), 1);
		assert_int_equal(t.done > 0, i < 2);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {T(test_once), T(test_expiry),
					   T(test_all_moderators_at_once)};
	return cmocka_run_group_tests_name("ticket", tests, NULL, NULL);
}
