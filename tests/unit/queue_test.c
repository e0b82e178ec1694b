/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue: rows, due ones, results, retries, and when a mail and its file may go. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/member.h"
#include "daemon/queue.h"
#include "tests/unit/scratch.h"

#define NOW SCRATCH_NOW

static int64_t
add(struct scratch *s, const char *spool, const char *list, int64_t now)
{
	struct queue_mail m = {.spool = spool,
			       .list = list,
			       .kind = "post",
			       .copies = "shared",
			       .seq = 5,
			       .head = SLICE("H: h\r\n\r\n"),
			       .body_at = 17,
			       .flags = QUEUE_8BIT};
	int64_t out = queue_add(s->db, &m, now, NULL);
	assert_true(out > 0);
	return out;
}

static size_t
due(struct scratch *s, int64_t out, int64_t now, struct queue_row **rows)
{
	size_t n;
	assert_int_equal(queue_due(s->db, s->a, out, now, INT64_MIN, 0, 100, rows, &n, NULL), 0);
	return n;
}

static size_t
due_mails(struct scratch *s, int64_t now, int64_t after, int64_t *outs)
{
	size_t n;
	assert_int_equal(queue_due_mails(s->db, now, after, outs, 10, &n, NULL), 0);
	return n;
}

static void
result(struct scratch *s, int64_t out, int64_t row, int what, int64_t now, struct queue_result *r)
{
	*r = (struct queue_result){.id = row, .out = out, .error = SLICE("450 no")};
	r->what = (typeof(r->what))what;
	assert_int_equal(db_begin(s->db, NULL), 0);
	assert_int_equal(queue_record(s->db, r, 1, now, NULL), 0);
	assert_int_equal(db_commit(s->db, NULL), 0);
}

static void
test_a_mail_and_its_rows(void **state)
{
	struct scratch *s = *state;
	struct queue_mail m;
	struct queue_row *rows;
	int64_t outs[10], n, mails;
	int64_t a = add(s, "file1", "l", NOW), b = add(s, "", "", NOW);
	assert_int_equal(queue_add_recipient(s->db, a, 0, SLICE("x@x"), NOW, NULL), 0);
	assert_int_equal(queue_add_recipient(s->db, a, 3, SLICE("y@x"), NOW, NULL), 0);
	assert_int_equal(queue_add_recipient(s->db, b, 0, SLICE("z@x"), NOW + 60, NULL), 0);
	assert_int_equal(queue_mail(s->db, s->a, a, &m, NULL), 1);
	assert_string_equal(m.spool, "file1");
	assert_string_equal(m.copies, "shared");
	assert_true(slice_is(m.head, "H: h\r\n\r\n") && m.body_at == 17 && m.seq == 5 &&
		    m.flags == QUEUE_8BIT && m.created == NOW);
	assert_int_equal(queue_mail(s->db, s->a, 999, &m, NULL), 0);
	assert_int_equal(due(s, a, NOW - 1, &rows), 0);
	assert_int_equal(due(s, a, NOW, &rows), 2);
	assert_true(slice_is(rows[0].recipient, "x@x") && rows[1].subscription == 3);
	assert_int_equal(due_mails(s, NOW, 0, outs), 1);
	assert_int_equal(outs[0], a);
	assert_int_equal(due_mails(s, NOW, a, outs), 0);
	assert_int_equal(due_mails(s, NOW + 60, 0, outs), 2);
	assert_int_equal(outs[1], b);
	assert_int_equal(queue_next_due(s->db, NOW, &n, NULL), 0);
	assert_int_equal(n, NOW + 60);
	assert_int_equal(queue_next_due(s->db, NOW + 60, &n, NULL), 0);
	assert_true(n == INT64_MAX);
	assert_int_equal(queue_count(s->db, &n, &mails, NULL), 0);
	assert_true(n == 3 && mails == 2);
	assert_int_equal(queue_drop(s->db, b, NULL), 0);
}

static void
test_rows_come_in_pieces(void **state)
{
	struct scratch *s = *state;
	int64_t out = add(s, "f", "l", NOW), next = INT64_MIN, id = 0;
	struct queue_row *rows;
	size_t n, all = 0;
	for (int i = 0; i < 25; i++)
		assert_int_equal(
		    queue_add_recipient(s->db, out, 0, SLICE("x@x"), NOW - i % 3, NULL), 0);
	do {
		assert_int_equal(queue_due(s->db, s->a, out, NOW, next, id, 10, &rows, &n, NULL),
				 0);
		for (size_t i = 0; i < n; i++) {
			assert_true(rows[i].next > next ||
				    (rows[i].next == next && rows[i].id > id));
			next = rows[i].next;
			id = rows[i].id;
		}
		all += n;
	} while (n > 0);
	assert_int_equal(all, 25);
}

static void
test_members_of_a_list(void **state)
{
	struct scratch *s = *state;
	struct queue_row *rows;
	int64_t me = scratch_member(s, "l", "me@x");
	scratch_member(s, "l", "one@x");
	int64_t digest = scratch_member(s, "l", "digest@x"),
		away = scratch_member(s, "l", "away@x");
	scratch_member(s, "other", "o@x");
	scratch_member(s, "other", "one@x");
	assert_int_equal(member_set(s->db, digest, "delivery", "digest", "self", NOW, NULL), 0);
	assert_int_equal(member_set(s->db, away, "vacation", "2100-01-01", "self", NOW, NULL), 0);
	int64_t a = add(s, "f", "l", NOW), b = add(s, "f", "other", NOW), c = add(s, "g", "l", NOW);
	assert_int_equal(queue_add_members(s->db, a, "l", me, NOW, NULL), 1);
	assert_int_equal(due(s, a, NOW, &rows), 1);
	assert_true(slice_is(rows[0].recipient, "one@x"));
	/* The same post through another list: once each. */
	assert_int_equal(queue_add_members(s->db, b, "other", 0, NOW, NULL), 1);
	assert_int_equal(due(s, b, NOW, &rows), 1);
	assert_true(slice_is(rows[0].recipient, "o@x"));
	assert_int_equal(queue_add_members(s->db, c, "l", 0, NOW, NULL), 2);
}

/* What was taken back while it was being sent must not strike what came after it. */
static void
test_late_result(void **state)
{
	struct scratch *s = *state;
	struct queue_row *rows;
	struct queue_result r = {.what = QUEUE_SENT};
	int64_t first = add(s, "", "l", NOW);
	assert_int_equal(queue_add_recipient(s->db, first, 0, SLICE("x@x"), NOW, NULL), 0);
	assert_int_equal(due(s, first, NOW, &rows), 1);
	r.id = rows[0].id;
	r.out = first;
	assert_int_equal(queue_forget(s->db, SLICE("X@x"), NULL), 1);
	int64_t second = add(s, "", "l", NOW);
	assert_int_equal(queue_add_recipient(s->db, second, 0, SLICE("x@x"), NOW, NULL), 0);
	assert_int_equal(due(s, second, NOW, &rows), 1);
	assert_int_equal(rows[0].id, r.id);
	assert_int_equal(queue_record(s->db, &r, 1, NOW, NULL), 0);
	assert_true(r.gone);
	assert_int_equal(due(s, second, NOW, &rows), 1);
	r.what = QUEUE_TEMPORARY;
	assert_int_equal(queue_record(s->db, &r, 1, NOW, NULL), 0);
	assert_true(r.gone && !r.expired);
	assert_int_equal(due(s, second, NOW, &rows), 1);
}

static void
test_results(void **state)
{
	struct scratch *s = *state;
	struct queue_row *rows;
	struct queue_result r;
	int64_t out = add(s, "f", "l", NOW);
	for (int i = 0; i < 3; i++)
		assert_int_equal(queue_add_recipient(s->db, out, 0, SLICE("x@x"), NOW, NULL), 0);
	assert_int_equal(due(s, out, NOW, &rows), 3);
	int64_t id[3] = {rows[0].id, rows[1].id, rows[2].id};
	result(s, out, id[0], QUEUE_SENT, NOW, &r);
	assert_true(!r.finished && !r.gone && r.file[0] == '\0');
	result(s, out, id[0], QUEUE_SENT, NOW, &r);
	assert_true(r.gone);
	/* 60 s, then 240 s after the try, then 540 s */
	for (int64_t i = 1, t = NOW; i <= 3; i++) {
		result(s, out, id[1], QUEUE_TEMPORARY, t, &r);
		assert_false(r.expired);
		assert_int_equal(due(s, out, t + 60 * i * i - 1, &rows), 1);
		assert_int_equal(due(s, out, t + 60 * i * i, &rows), 2);
		assert_int_equal(rows[1].attempts, i);
		t += 60 * i * i;
	}
	result(s, out, id[2], QUEUE_PERMANENT, NOW, &r);
	assert_true(!r.finished && r.file[0] == '\0');
	assert_int_equal(queue_flush(s->db, NOW, NULL), 1);
	assert_int_equal(due(s, out, NOW, &rows), 1);
	/* the last second of five days, and the one behind it */
	result(s, out, id[1], QUEUE_TEMPORARY, NOW + QUEUE_EXPIRES - 1, &r);
	assert_false(r.expired || r.finished);
	result(s, out, id[1], QUEUE_TEMPORARY, NOW + QUEUE_EXPIRES, &r);
	assert_true(r.expired && r.finished);
	assert_string_equal(r.file, "f");
}

/* A file goes with the last mail that needs it. */
static void
test_files(void **state)
{
	struct scratch *s = *state;
	struct queue_row *rows;
	struct queue_result r;
	int64_t out[2] = {add(s, "f", "l", NOW), add(s, "f", "m", NOW)};
	for (int i = 0; i < 2; i++)
		assert_int_equal(queue_add_recipient(s->db, out[i], 0, SLICE("x@x"), NOW, NULL), 0);
	for (int i = 0; i < 2; i++) {
		assert_true(queue_needs_file(s->db, "f"));
		assert_int_equal(due(s, out[i], NOW, &rows), 1);
		result(s, out[i], rows[0].id, QUEUE_SENT, NOW, &r);
		assert_true(r.finished);
		assert_string_equal(r.file, i ? "f" : "");
	}
	assert_false(queue_needs_file(s->db, "f"));
	assert_false(queue_needs_file(s->db, ""));
}

/* Results of several mails in one go, as they come from lanes. */
static void
test_many_results(void **state)
{
	struct scratch *s = *state;
	struct queue_result r[4];
	struct queue_row *rows;
	int64_t out[2] = {add(s, "f", "l", NOW), add(s, "g", "l", NOW)};
	for (int i = 0; i < 4; i++)
		assert_int_equal(queue_add_recipient(s->db, out[i % 2], 0, SLICE("x@x"), NOW, NULL),
				 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(due(s, out[i % 2], NOW, &rows), 2);
		r[i] = (struct queue_result){
		    .id = rows[i / 2].id, .out = out[i % 2], .what = QUEUE_SENT};
	}
	assert_int_equal(db_begin(s->db, NULL), 0);
	assert_int_equal(queue_record(s->db, r, 4, NOW, NULL), 0);
	assert_int_equal(db_commit(s->db, NULL), 0);
	int f = 0, g = 0;
	for (int i = 0; i < 4; i++) {
		f += strcmp(r[i].file, "f") == 0;
		g += strcmp(r[i].file, "g") == 0;
	}
	assert_true(f == 1 && g == 1);
}

static void
test_a_member_leaves(void **state)
{
	struct scratch *s = *state;
	int64_t id = scratch_member(s, "l", "x@x"), out = add(s, "f", "l", NOW), rows, mails;
	assert_int_equal(queue_add_members(s->db, out, "l", 0, NOW, NULL), 1);
	assert_int_equal(queue_add_recipient(s->db, out, 0, SLICE("y@x"), NOW, NULL), 0);
	assert_int_equal(member_remove(s->db, id, "self", "", NOW, NULL), 1);
	assert_int_equal(queue_count(s->db, &rows, &mails, NULL), 0);
	assert_true(rows == 1 && mails == 1);
	int64_t empty = add(s, "g", "l", NOW);
	assert_true(empty > out);
	assert_int_equal(queue_sweep(s->db, NULL), 0);
	assert_int_equal(queue_count(s->db, &rows, &mails, NULL), 0);
	assert_true(rows == 1 && mails == 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
	    T(test_a_mail_and_its_rows),
	    T(test_rows_come_in_pieces),
	    T(test_members_of_a_list),
	    T(test_late_result),
	    T(test_results),
	    T(test_files),
	    T(test_many_results),
	    T(test_a_member_leaves),
	};
	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
