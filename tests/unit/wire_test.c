/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form of the wire, and the packets between deliver and its remotes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/job.h"
#include "daemon/wire.h"

static void
test_wire(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: the same bytes, not copied */
	} rows[] = {
	    {"", NULL},
	    {"a\r\nb\r\n", NULL},
	    {"\r\n\r\n", NULL},
	    {"a.b\r\n", NULL},
	    {"a\nb\n", "a\r\nb\r\n"},
	    {"a\r\nb", "a\r\nb\r\n"},
	    {"a\rb\r\n", "a\r\nb\r\n"},
	    {"a\r", "a\r\n"},
	    {"a\r\r\n", "a\r\n\r\n"},
	    {".\r\n", "..\r\n"},
	    {"..\r\n.a\r\n", "...\r\n..a\r\n"},
	    {"a\n.\nb\n", "a\r\n..\r\nb\r\n"},
	    {"a\r.\r\n", "a\r\n..\r\n"},
	    {".", "..\r\n"},
	    {"\n", "\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = slice_str(rows[i].in);
		struct wire w;
		wire_make(&w, in);
		if (rows[i].out)
			assert_true(slice_is(w.bytes, rows[i].out));
		else
			assert_ptr_equal(w.bytes.p, in.p);
		wire_free(&w);
	}
}

static void
test_wire_of_a_file(void **state)
{
	char name[] = "/tmp/wire-XXXXXX";
	int fd = mkstemp(name);
	struct wire w;
	struct err e;
	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, "from: x\n\nHead\nbody\r\n", 20), 20);
	assert_int_equal(wire_open(&w, fd, 14, &e), 0);
	assert_true(slice_is(w.bytes, "body\r\n"));
	wire_free(&w);
	assert_int_equal(wire_open(&w, fd, 9, &e), 0);
	assert_true(slice_is(w.bytes, "Head\r\nbody\r\n"));
	wire_free(&w);
	assert_int_equal(wire_open(&w, fd, 20, &e), 0);
	assert_int_equal(w.bytes.n, 0);
	wire_free(&w);
	assert_int_equal(wire_open(&w, fd, 21, &e), -1);
	close(fd);
}

static struct job_item
work(void)
{
	struct job_item it = {.kind = JOB_WORK,
			      .id = 77,
			      .return_path = SLICE("back@x"),
			      .lines = SLICE("A: b\r\n"),
			      .nrcpt = 2};
	it.rcpt[0] = (struct job_rcpt){1, SLICE("a@x")};
	it.rcpt[1] = (struct job_rcpt){2, SLICE("b@x")};
	return it;
}

static void
put_all(struct buf *b)
{
	struct job_item mail = {.kind = JOB_MAIL, .id = 77, .body_at = 9, .flags = 3};
	struct job_item w = work(), over = {.kind = JOB_OVER, .id = 77};
	struct job_item result = {.kind = JOB_RESULT,
				  .id = 2,
				  .what = 1,
				  .about = 2,
				  .unreachable = true,
				  .text = SLICE("450 no")};
	buf_init(b, JOB_PACKET_MAX);
	job_put(b, &mail);
	job_put(b, &w);
	job_put(b, &over);
	job_put(b, &result);
}

static void
test_packets(void **state)
{
	struct job_item it;
	struct buf b;
	(void)state;
	put_all(&b);
	struct slice rest = buf_slice(&b);
	assert_int_equal(job_next(&rest, &it), 1);
	assert_true(it.kind == JOB_MAIL && it.id == 77 && it.body_at == 9 && it.flags == 3);
	assert_int_equal(job_next(&rest, &it), 1);
	assert_true(it.kind == JOB_WORK && it.nrcpt == 2 && it.rcpt[1].row == 2);
	assert_true(slice_is(it.rcpt[1].address, "b@x") && slice_is(it.lines, "A: b\r\n"));
	assert_int_equal(job_next(&rest, &it), 1);
	assert_true(it.kind == JOB_OVER && it.id == 77);
	assert_int_equal(job_next(&rest, &it), 1);
	assert_true(it.kind == JOB_RESULT && it.what == 1 && it.about == 2 && it.unreachable);
	assert_true(slice_is(it.text, "450 no"));
	assert_int_equal(job_next(&rest, &it), 0);
	buf_free(&b);
}

/* A remote is not trusted: no packet, however cut or bent, is read beyond its end. */
static void
test_bad_packets(void **state)
{
	struct job_item it;
	struct buf b;
	(void)state;
	put_all(&b);
	for (size_t n = 0; n < b.n; n++) {
		char *copy = malloc(n + 1); /* so that the sanitizer sees the end */
		memcpy(copy, b.p, n);
		struct slice rest = slice_make(copy, n);
		while (job_next(&rest, &it) == 1)
			;
		for (size_t i = 0; i < n; i++) {
			copy[i] ^= 0x55;
			rest = slice_make(copy, n);
			while (job_next(&rest, &it) == 1)
				;
			copy[i] ^= 0x55;
		}
		free(copy);
	}
	buf_clear(&b);
	buf_puts(&b, "?12345678");
	struct slice rest = buf_slice(&b);
	assert_int_equal(job_next(&rest, &it), -1);
	buf_clear(&b);
	struct job_item w = work();
	w.nrcpt = JOB_RCPTS_MAX;
	for (size_t i = 0; i < w.nrcpt; i++)
		w.rcpt[i] = (struct job_rcpt){(int64_t)i, SLICE("x")};
	job_put(&b, &w);
	rest = buf_slice(&b);
	assert_int_equal(job_next(&rest, &it), 1);
	/* The count stands behind the two texts: one more than there may be. */
	int64_t n = JOB_RCPTS_MAX + 1;
	memcpy(b.p + 1 + 8 + 8 + 6 + 8 + 6, &n, 8);
	rest = buf_slice(&b);
	assert_int_equal(job_next(&rest, &it), -1);
	buf_free(&b);
}

static void
test_socket(void **state)
{
	int s[2], fds[JOB_FDS_MAX], pipes[2];
	struct buf b;
	(void)state;
	buf_init(&b, JOB_PACKET_MAX);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, s), 0);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(job_receive(s[1], &b, fds), 0);
	assert_int_equal(job_send(s[0], SLICE("one"), pipes, 2, NULL), 1);
	assert_int_equal(job_send(s[0], SLICE("two"), NULL, 0, NULL), 1);
	assert_int_equal(job_receive(s[1], &b, fds), 1);
	assert_true(slice_is(buf_slice(&b), "one"));
	assert_true(fds[0] >= 0 && fds[1] >= 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(job_receive(s[1], &b, fds), 1);
	assert_true(slice_is(buf_slice(&b), "two") && fds[0] == -1);
	int sent = 1;
	for (int i = 0; i < 100000 && sent == 1; i++)
		sent = job_send(s[0], SLICE("more"), NULL, 0, NULL);
	assert_int_equal(sent, 0); /* full, not an error */
	close(s[0]);
	while ((sent = job_receive(s[1], &b, fds)) == 1)
		;
	assert_int_equal(sent, -1);
	close(s[1]);
	close(pipes[0]);
	close(pipes[1]);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wire),    cmocka_unit_test(test_wire_of_a_file),
	    cmocka_unit_test(test_packets), cmocka_unit_test(test_bad_packets),
	    cmocka_unit_test(test_socket),
	};
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
