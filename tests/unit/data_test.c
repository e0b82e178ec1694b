/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands behind DATA: every input of up to seven bytes over the letters that matter is
 * compared with a plain automaton, whole and cut; then the counts.
 */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "daemon/data.h"

struct result {
	struct buf out;
	bool end, bare;
	size_t taken;
};

static void
sink(void *arg, struct slice bytes)
{
	assert_true(bytes.n > 0);
	buf_put_slice(arg, bytes);
}

/* Byte by byte, as RFC 5321 4.5.2 says it. */
static void
reference(struct slice in, struct result *r)
{
	bool line_start = true, cr = false;

	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (line_start && c == '.') {
			if (i + 2 < in.n && in.p[i + 1] == '\r' && in.p[i + 2] == '\n') {
				r->end = true;
				r->taken = i + 3;
				return;
			}
			line_start = false;
			continue;
		}
		if (cr != (c == '\n'))
			r->bare = true;
		line_start = cr && c == '\n';
		cr = c == '\r';
		buf_putc(&r->out, c);
	}
	r->taken = in.n;
}

static void
scan(struct slice in, size_t cut, struct result *r)
{
	struct slice rest = slice_sub(in, 0, cut);
	struct data d;

	data_begin(&d);
	r->taken = data_take(&d, rest, sink, &r->out);
	if (!d.end) {
		assert_true(cut - r->taken <= DATA_REST);
		r->taken += data_take(&d, slice_from(in, r->taken), sink, &r->out);
	}
	r->end = d.end;
	r->bare = d.bare;
}

static void
compare(struct slice in)
{
	struct result want = {.end = false};

	buf_init(&want.out, BUF_NO_LIMIT);
	reference(in, &want);
	for (size_t cut = 0; cut <= in.n; cut++) {
		struct result got = {.end = false};
		bool same;

		buf_init(&got.out, BUF_NO_LIMIT);
		scan(in, cut, &got);
		/* Without an end, the last bytes may wait for more. */
		same = got.end == want.end && got.out.n <= want.out.n &&
		       slice_starts(buf_slice(&want.out), buf_slice(&got.out));
		if (want.end)
			same = same && got.taken == want.taken && got.out.n == want.out.n &&
			       got.bare == want.bare;
		if (!same)
			fail_msg("\"%.*s\" cut at %zu", SLICE_ARG(in), cut);
		buf_free(&got.out);
	}
	buf_free(&want.out);
}

static void
test_all_short_ones(void **state)
{
	static const char letters[] = {'.', '\r', '\n', 'a'};
	char text[7 + 5];

	(void)state;
	for (size_t n = 0; n <= 7; n++) {
		for (size_t k = 0; k < (size_t)1 << 2 * n; k++) {
			for (size_t i = 0; i < n; i++)
				text[i] = letters[k >> 2 * i & 3];
			memcpy(text + n, "\r\n.\r\n", 5);
			compare(slice_make(text, n));
			compare(slice_make(text, n + 5));
		}
	}
}

static void
take_all(const char *text, struct data *d, struct buf *out)
{
	buf_init(out, BUF_NO_LIMIT);
	data_begin(d);
	assert_int_equal(data_take(d, slice_str(text), sink, out), strlen(text));
	assert_true(d->end);
}

static void
test_received(void **state)
{
	struct data d;
	struct buf out;

	(void)state;
	take_all("Received: a\r\nReceived: b\r\n\tReceived: folded\r\nX-Received: c\r\n"
		 "RECEIVED:d\r\nReceived : e\r\nReceived\r\n\r\nReceived: body\r\n.\r\n",
		 &d, &out);
	assert_int_equal(d.received, 3);
	buf_free(&out);
	take_all(".Received: stuffed, and so a field\r\n\r\n.\r\n", &d, &out);
	assert_int_equal(d.received, 1);
	buf_free(&out);
	take_all("Received:\r\n.\r\n", &d, &out);
	assert_int_equal(d.received, 1);
	buf_free(&out);
}

/* Counted alike wherever the pieces are cut. */
static void
test_received_cut(void **state)
{
	struct slice in = SLICE("Received: a\r\nreceived: b\r\n\r\nReceived: c\r\n.\r\n");
	struct data d;
	struct buf out;

	(void)state;
	for (size_t cut = 0; cut <= in.n; cut++) {
		size_t n;

		buf_init(&out, BUF_NO_LIMIT);
		data_begin(&d);
		n = data_take(&d, slice_sub(in, 0, cut), sink, &out);
		n += data_take(&d, slice_from(in, n), sink, &out);
		assert_int_equal(n, in.n);
		assert_int_equal(d.received, 2);
		assert_int_equal(out.n, in.n - 3);
		buf_free(&out);
	}
}

static void
test_nothing_but_bytes(void **state)
{
	char text[256 + 5];
	struct data d;
	struct buf out;
	size_t n = 0;

	(void)state;
	for (int c = 0; c < 256; c++)
		if (c != '\r' && c != '\n')
			text[n++] = (char)c;
	memcpy(text + n, "\r\n.\r\n", 5);
	buf_init(&out, BUF_NO_LIMIT);
	data_begin(&d);
	assert_int_equal(data_take(&d, slice_make(text, n + 5), sink, &out), n + 5);
	assert_false(d.bare);
	assert_true(slice_eq(buf_slice(&out), slice_make(text, n + 2)));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_short_ones),
	    cmocka_unit_test(test_received),
	    cmocka_unit_test(test_received_cut),
	    cmocka_unit_test(test_nothing_but_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
