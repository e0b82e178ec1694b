/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message: each tests/data/mime/NAME.eml is read as NAME.parts says, a line a part: depth and
 * parent, kind, type, what was declared of its encoding, "name" if it is a file, then its text (of
 * a leaf) with line ends and odd bytes escaped. Then what is too big or too regular for a file.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/utf8.h"
#include "mail/message.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
put_escaped(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_puts(b, "\\n");
		else if ((unsigned char)s.p[i] < ' ' || s.p[i] == '\\')
			buf_printf(b, "\\x%02x", (unsigned)(unsigned char)s.p[i]);
		else
			buf_putc(b, s.p[i]);
	}
}

static void
put_part(struct buf *b, const struct part *p)
{
	static const char *const kinds[] = {"leaf", "multipart", "message"};
	struct slice name = part_filename(arena, p);
	buf_printf(b, "%d<%d %s %.*s/%.*s", p->depth, p->parent, kinds[p->kind], SLICE_ARG(p->type),
		   SLICE_ARG(p->subtype));
	if (p->encoding.n)
		buf_printf(b, " %.*s", SLICE_ARG(p->encoding));
	if (part_is_attachment(p))
		buf_puts(b, " attached");
	if (name.n) {
		buf_puts(b, " \"");
		put_escaped(b, name);
		buf_putc(b, '"');
	}
	if (p->kind == PART_LEAF) {
		buf_puts(b, ": ");
		put_escaped(b, part_text(arena, p, 1 << 20));
	}
	buf_putc(b, '\n');
}

static void
check_file(const char *dir, const char *eml)
{
	struct slice bytes, want;
	struct message m;
	struct err e;
	struct buf b;
	const char *path = arena_printf(arena, "%s/%s", dir, eml);
	if (file_read(AT_FDCWD, path, 1 << 20, arena, &bytes, &e) == -1)
		fail_msg("%s", e.text);
	path = arena_printf(arena, "%s/%.*s.parts", dir, (int)strlen(eml) - 4, eml);
	if (file_read(AT_FDCWD, path, 1 << 20, arena, &want, &e) == -1)
		fail_msg("%s", e.text);
	buf_init(&b, BUF_NO_LIMIT);
	message_parse(&m, arena, bytes);
	if (m.verdict != GUARD_OK)
		buf_printf(&b, "%s\n", guard_text(m.verdict));
	for (size_t i = 0; i < m.nparts; i++)
		put_part(&b, &m.parts[i]);
	if (!slice_eq(buf_slice(&b), want))
		fail_msg("%s:\n%s-- is not --\n%.*s", eml, buf_str(&b), SLICE_ARG(want));
	buf_free(&b);
}

static void
files_are_read_as_said(void **state)
{
	(void)state;
	const char *top = getenv("top_srcdir");
	const char *dir = arena_printf(arena, "%s/tests/data/mime", top ? top : ".");
	DIR *d = opendir(dir);
	int n = 0;
	if (!d)
		fail_msg("no folder %s: set top_srcdir", dir);
	for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
		if (!slice_ends_ci(slice_str(entry->d_name), SLICE(".eml")))
			continue;
		check_file(dir, entry->d_name);
		n++;
	}
	closedir(d);
	assert_true(n >= 35);
}

/* A multipart with n small parts. */
static void
put_flat(struct buf *b, size_t n)
{
	buf_puts(b, "From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "--b\n\npart %zu\n", i + 1);
	buf_puts(b, "--b--\n");
}

static void
number_of_parts(void **state)
{
	(void)state;
	/* Part 0 is the message: GUARD_PARTS_MAX - 1 others fit. */
	for (size_t n = GUARD_PARTS_MAX - 2; n <= GUARD_PARTS_MAX; n++) {
		struct buf b;
		struct message m;
		buf_init(&b, BUF_NO_LIMIT);
		put_flat(&b, n);
		message_parse(&m, arena, buf_slice(&b));
		bool over = n >= GUARD_PARTS_MAX;
		assert_int_equal(m.verdict, over ? GUARD_TOO_MANY_PARTS : GUARD_OK);
		assert_int_equal(m.nparts, over ? GUARD_PARTS_MAX : n + 1);
		const struct part *last = &m.parts[m.nparts - 1];
		assert_true(slice_starts(last->body, SLICE("part 999")) || n < 999);
		/* What is over the limit is in the last part, not lost. */
		assert_int_equal(slice_find(last->body, SLICE("part 1000")) < last->body.n, over);
		buf_free(&b);
	}
}

static void
depth_of_parts(void **state)
{
	(void)state;
	for (int depth = GUARD_DEPTH_MAX - 1; depth <= GUARD_DEPTH_MAX + 1; depth++) {
		struct buf b;
		struct message m;
		buf_init(&b, BUF_NO_LIMIT);
		buf_puts(&b, "From: a@b\n");
		for (int i = 0; i < depth; i++)
			buf_printf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i,
				   i);
		buf_puts(&b, "\ninnermost\n");
		for (int i = depth; i-- > 0;)
			buf_printf(&b, "--b%d\n\nafter %d\n--b%d--\n", i, i, i);
		message_parse(&m, arena, buf_slice(&b));
		bool over = depth > GUARD_DEPTH_MAX;
		assert_int_equal(m.verdict, over ? GUARD_TOO_DEEP : GUARD_OK);
		assert_int_equal(m.nparts, over ? 2 * GUARD_DEPTH_MAX + 1 : 2 * depth + 1);
		const struct part *deepest = &m.parts[over ? GUARD_DEPTH_MAX : depth];
		assert_int_equal(deepest->kind, PART_LEAF);
		assert_true(slice_find(deepest->body, SLICE("innermost")) < deepest->body.n);
		assert_true(part_is(deepest, "text", "plain"));
		/* The parts behind what is too deep are still found. */
		assert_true(slice_is(m.parts[m.nparts - 1].body, "after 0"));
		buf_free(&b);
	}
}

/* Ten thousand levels of either kind are no trouble: no recursion, linear time. */
static void
ten_thousand_levels(void **state)
{
	(void)state;
	static const char *const shapes[] = {
	    "Content-Type: message/rfc822\n\n",
	    "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n",
	    "Content-Type: multipart/digest; boundary=b%d\n\n--b%d\n\n",
	    /* Where all have one boundary, those too deep are parts of the deepest one allowed. */
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
	};
	for (size_t shape = 0; shape < 4; shape++) {
		struct buf b;
		struct message m;
		buf_init(&b, BUF_NO_LIMIT);
		for (int i = 0; i < 10000; i++) {
			struct slice rest = slice_str(shapes[shape]), piece;
			while (slice_cut(rest, '%', &piece, &rest)) {
				buf_put_slice(&b, piece);
				buf_put_int(&b, i);
				rest = slice_from(rest, 1);
			}
			buf_put_slice(&b, piece);
		}
		message_parse(&m, arena, buf_slice(&b));
		assert_int_equal(m.verdict, shape == 3 ? GUARD_TOO_MANY_PARTS : GUARD_TOO_DEEP);
		assert_int_equal(m.nparts, shape == 3 ? GUARD_PARTS_MAX : GUARD_DEPTH_MAX + 1);
		assert_int_equal(m.parts[m.nparts - 1].depth, GUARD_DEPTH_MAX);
		buf_free(&b);
	}
}

static void
refused_by_the_guard(void **state)
{
	(void)state;
	struct buf b;
	struct message m;
	buf_init(&b, BUF_NO_LIMIT);
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "X-Field-%d: x\n", i);
	buf_puts(&b, "\nbody\n");
	message_parse(&m, arena, buf_slice(&b));
	assert_int_equal(m.verdict, GUARD_TOO_MANY_FIELDS);
	assert_int_equal(m.nparts, 1);
	assert_int_equal(m.parts[0].nfields, 0);
	assert_int_equal(m.parts[0].body.n, b.n);
	assert_true(part_is(&m.parts[0], "text", "plain"));
	assert_null(message_field(&m, "X-Field-1"));
	buf_free(&b);
	message_parse(&m, arena, SLICE(""));
	assert_int_equal(m.verdict, GUARD_NO_HEADER);
	assert_int_equal(m.nparts, 1);
	assert_int_equal(part_decode(arena, &m.parts[0], 10).n, 0);
	assert_int_equal(part_text(arena, &m.parts[0], 10).n, 0);
}

/* The fields of all parts together are listed up to a limit; the structure is found all the same.
 */
static void
fields_of_parts_are_limited(void **state)
{
	(void)state;
	struct buf b;
	struct message m;
	size_t n = 0;
	buf_init(&b, BUF_NO_LIMIT);
	buf_puts(&b, "From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n");
	for (int part = 0; part < 20; part++) {
		buf_puts(&b, "--b\n");
		for (int i = 0; i < 3000; i++)
			buf_puts(&b, "a:\n");
		buf_puts(&b, "\ntext\n");
	}
	message_parse(&m, arena, buf_slice(&b));
	assert_int_equal(m.verdict, GUARD_OK);
	assert_int_equal(m.nparts, 21);
	assert_int_equal(m.parts[1].nfields, GUARD_FIELDS_MAX);
	for (size_t i = 0; i < m.nparts; i++)
		n += m.parts[i].nfields;
	assert_int_equal(n, MESSAGE_FIELDS_MAX);
	assert_true(slice_is(m.parts[19].body, "text"));
	buf_free(&b);
}

static void
boundary_length(void **state)
{
	(void)state;
	for (size_t n = GUARD_BOUNDARY_MAX - 1; n <= GUARD_BOUNDARY_MAX + 1; n++) {
		struct buf b;
		struct message m;
		char boundary[GUARD_BOUNDARY_MAX + 2] = {0};
		memset(boundary, 'x', n);
		buf_init(&b, BUF_NO_LIMIT);
		buf_printf(&b,
			   "From: a@b\nContent-Type: multipart/mixed; boundary=%s\n\n--%s\n\nt\n",
			   boundary, boundary);
		message_parse(&m, arena, buf_slice(&b));
		assert_int_equal(m.nparts, n > GUARD_BOUNDARY_MAX ? 1 : 2);
		buf_free(&b);
	}
}

/* A message cut anywhere is read without a step over its end (the copy has no byte to spare). */
static void
cut_anywhere(void **state)
{
	(void)state;
	static const char text[] =
	    "From a@b Mon Jan  1 00:00:00 2001\nFrom: a@b\r\nContent-Type: multipart/mixed;\r\n"
	    " boundary=\"b\"; x*0*=utf-8''%41\r\n\r\n--b\r\nContent-Transfer-Encoding: "
	    "quoted-printable\r\n\r\na=3D=\r\nb=C3\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
	    "Subject: =?utf-8?B?eA==?=\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\nRA==\r\n"
	    "--b--\r\n";
	for (size_t n = 0; n < sizeof(text); n++) {
		struct message m;
		char *copy = malloc(n ? n : 1);
		assert_non_null(copy);
		memcpy(copy, text, n);
		message_parse(&m, arena, slice_make(copy, n));
		for (size_t i = 0; i < m.nparts; i++) {
			const struct part *p = &m.parts[i];
			assert_true(p->body.p >= copy && p->body.p + p->body.n <= copy + n);
			assert_true(utf8_valid(part_text(arena, p, 100)));
		}
		free(copy);
	}
}

static void
decoding_is_limited(void **state)
{
	(void)state;
	static const struct {
		const char *encoding, *body, *text;
	} rows[] = {
	    {"7bit", "abcdef", "abcdef"},
	    {"base64", "YWJjZGVm", "abcdef"},
	    {"base64", "YWJj*ZGVm", "abcdef"},
	    {"quoted-printable", "a=62cdef", "abcdef"},
	    {"quoted-printable", "ab=\nc=Zdef", "abc=Zdef"},
	    {"x-uuencode", "begin 644 x\n&86)C9&5F\n`\nend\n", "abcdef"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t limit = 0; limit < 12; limit++) {
			struct part p = {.encoding = slice_str(rows[i].encoding),
					 .body = slice_str(rows[i].body)};
			struct slice want = slice_sub(slice_str(rows[i].text), 0, limit);
			assert_true(slice_eq(part_decode(arena, &p, limit), want));
			assert_true(slice_eq(part_text(arena, &p, limit), want));
		}
	/* Text is cut between characters: one Latin-1 byte is two of UTF-8. */
	struct part p = {.content_type = SLICE("text/plain; charset=latin1"),
			 .body = SLICE("\xe4\xf6\xfc")};
	assert_true(slice_is(part_text(arena, &p, 3), "\xc3\xa4"));
	assert_true(slice_is(part_text(arena, &p, 6), "\xc3\xa4\xc3\xb6\xc3\xbc"));
	assert_int_equal(part_text(arena, &p, 1).n, 0);
}

static void
fields_of_a_message(void **state)
{
	(void)state;
	struct message m;
	message_parse(&m, arena, SLICE("A:  one \nB: x\na: two\n\nC: body\n"));
	assert_true(slice_is(message_value(&m, "a"), "one"));
	assert_true(slice_is(message_value(&m, "B"), "x"));
	assert_int_equal(message_value(&m, "C").n, 0);
	assert_null(message_field(&m, "C"));
	assert_non_null(message_field(&m, "A"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(files_are_read_as_said, setup, teardown),
	    cmocka_unit_test_setup_teardown(number_of_parts, setup, teardown),
	    cmocka_unit_test_setup_teardown(depth_of_parts, setup, teardown),
	    cmocka_unit_test_setup_teardown(ten_thousand_levels, setup, teardown),
	    cmocka_unit_test_setup_teardown(refused_by_the_guard, setup, teardown),
	    cmocka_unit_test_setup_teardown(fields_of_parts_are_limited, setup, teardown),
	    cmocka_unit_test_setup_teardown(boundary_length, setup, teardown),
	    cmocka_unit_test_setup_teardown(cut_anywhere, setup, teardown),
	    cmocka_unit_test_setup_teardown(decoding_is_limited, setup, teardown),
	    cmocka_unit_test_setup_teardown(fields_of_a_message, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
