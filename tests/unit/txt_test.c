/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read from DNS answers, true ones and others. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "daemon/txt.h"

#define NAME "_dmarc.example.org"
#define QUESTION "\6_dmarc\7example\3org\0\0\20\0\1"
/* id, flags (an answer without error), one question, counts */
#define HEADER(rcode, answers, authorities)                                                        \
	"\x12\x34\x81" rcode "\0\1\0" answers "\0" authorities "\0\0"
#define HERE "\xc0\x0c" /* the question's name again */
#define TXT(ttl) HERE "\0\20\0\1\0\0" ttl

static struct arena *a;
static struct txt_answer answer;

static int
setup(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

/* In memory of its own, so that a sanitizer sees a byte read behind it. */
static enum txt_status
read_bytes(const char *name, const char *bytes, size_t n)
{
	char *copy = malloc(n ? n : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, n);
	txt_read(a, name, slice_make(copy, n), &answer);
	free(copy);
	return answer.status;
}

#define READ(bytes) read_bytes(NAME, bytes, sizeof(bytes) - 1)

static void
test_one(void **state)
{
	(void)state;
	assert_int_equal(READ(HEADER("\x80", "\1", "\0") QUESTION TXT("\2\x58") "\0\6\2v=\2D1"),
			 TXT_FOUND);
	assert_int_equal(answer.n, 1);
	assert_true(slice_is(answer.text[0], "v=D1"));
	assert_int_equal(answer.ttl, 600);
	/* the question may come back in any case */
	static const char bytes[] = HEADER("\x80", "\1", "\0") QUESTION TXT("\0\1") "\0\2\1x";
	assert_int_equal(read_bytes("_DMARC.Example.org", bytes, sizeof(bytes) - 1), TXT_FOUND);
}

static void
test_several(void **state)
{
	(void)state;
	assert_int_equal(READ(HEADER("\x80", "\3", "\0") QUESTION TXT("\0\20") "\0\2\1a" TXT(
			     "\0\10") "\0\1\0" TXT("\0\30") "\0\4\1b\1c"),
			 TXT_FOUND);
	assert_int_equal(answer.n, 3);
	assert_true(slice_is(answer.text[0], "a"));
	assert_int_equal(answer.text[1].n, 0);
	assert_true(slice_is(answer.text[2], "bc"));
	assert_int_equal(answer.ttl, 8);
}

static void
test_alias(void **state)
{
	(void)state;
	/* CNAME to d.x, whose record follows; one of another name does not count */
	assert_int_equal(READ(HEADER("\x80", "\3", "\0") QUESTION HERE
			      "\0\5\0\1\0\0\0\7\0\5\1d\1x\0"
			      "\1d\1x\0\0\20\0\1\0\0\0\11\0\2\1z"
			      "\1e\1x\0\0\20\0\1\0\0\0\11\0\2\1q"),
			 TXT_FOUND);
	assert_int_equal(answer.n, 1);
	assert_true(slice_is(answer.text[0], "z"));
	assert_int_equal(answer.ttl, 7);
	/* and one that leads nowhere */
	assert_int_equal(
	    READ(HEADER("\x83", "\1", "\0") QUESTION HERE "\0\5\0\1\0\0\0\7\0\5\1d\1x\0"),
	    TXT_NOTHING);
}

static void
test_nothing(void **state)
{
	static const char soa[] = "\7example\3org\0\0\6\0\1\0\0\16\20\0\26"
				  "\0\0" /* names: the root twice */
				  "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\3\x84";
	struct buf b;
	(void)state;
	assert_int_equal(READ(HEADER("\x83", "\0", "\0") QUESTION), TXT_NOTHING);
	assert_int_equal(answer.ttl, 0);
	assert_int_equal(READ(HEADER("\x80", "\0", "\0") QUESTION), TXT_NOTHING);
	buf_init(&b, 1000);
	buf_put_slice(&b, SLICE(HEADER("\x83", "\0", "\1") QUESTION));
	buf_put(&b, soa, sizeof(soa) - 1);
	assert_int_equal(read_bytes(NAME, b.p, b.n), TXT_NOTHING);
	assert_int_equal(answer.ttl, 900); /* RFC 2308 5: the smaller of the two */
	buf_free(&b);
}

static void
test_not_an_answer(void **state)
{
	(void)state;
	assert_int_equal(READ(HEADER("\x82", "\0", "\0") QUESTION), TXT_FAILED);
	assert_int_equal(READ(HEADER("\x85", "\0", "\0") QUESTION), TXT_FAILED);
	assert_int_equal(READ(""), TXT_FAILED);
	assert_int_equal(READ("\x12\x34\x81\x80"), TXT_FAILED);
	/* another question, another type, no question */
	assert_int_equal(READ(HEADER("\x80", "\0", "\0") "\6_dmarc\7example\3net\0\0\20\0\1"),
			 TXT_FAILED);
	assert_int_equal(READ(HEADER("\x80", "\0", "\0") "\6_dmarc\7example\3org\0\0\1\0\1"),
			 TXT_FAILED);
	assert_int_equal(READ("\x12\x34\x81\x80\0\0\0\0\0\0\0\0"), TXT_FAILED);
	assert_non_null(answer.why);
	/* names that point to themselves, and a string longer than its record */
	assert_int_equal(
	    READ(HEADER("\x80", "\1", "\0") QUESTION "\xc0\x24\0\20\0\1\0\0\0\1\0\2\1a"),
	    TXT_FAILED);
	assert_int_equal(READ(HEADER("\x80", "\1", "\0") QUESTION TXT("\0\1") "\0\2\77a"),
			 TXT_NOTHING);
}

/* Cut anywhere, it is never more than it was. */
static void
test_cut(void **state)
{
	static const char whole[] =
	    HEADER("\x80", "\2", "\0") QUESTION TXT("\0\20") "\0\2\1a" TXT("\0\10") "\0\3\2bc";
	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_int_equal(read_bytes(NAME, whole, n), TXT_FAILED);
	assert_int_equal(read_bytes(NAME, whole, sizeof(whole) - 1), TXT_FOUND);
	assert_int_equal(answer.n, 2);
}

static void
put_record(struct buf *b, size_t strings, char fill)
{
	buf_put_slice(b, SLICE(TXT("\0\1")));
	buf_putc(b, (char)(strings * 256 >> 8));
	buf_putc(b, (char)(strings * 256 & 0xff));
	for (size_t i = 0; i < strings; i++) {
		buf_putc(b, (char)255);
		for (int k = 0; k < 255; k++)
			buf_putc(b, fill);
	}
}

static void
test_limits(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b, 65535);
	/* 16 strings of 255 are 4080 bytes, 17 are too many */
	buf_put_slice(&b, SLICE(HEADER("\x80", "\2", "\0") QUESTION));
	put_record(&b, 16, 'a');
	put_record(&b, 17, 'b');
	assert_int_equal(read_bytes(NAME, b.p, b.n), TXT_FOUND);
	assert_int_equal(answer.n, 1);
	assert_int_equal(answer.text[0].n, 16 * 255);
	/* records beyond the limit are left */
	buf_clear(&b);
	buf_put_slice(&b, SLICE("\x12\x34\x81\x80\0\1\1\0\0\0\0\0" QUESTION));
	for (int i = 0; i < 256; i++)
		buf_put_slice(&b, SLICE(TXT("\0\1") "\0\2\1a"));
	assert_int_equal(read_bytes(NAME, b.p, b.n), TXT_FOUND);
	assert_int_equal(answer.n, TXT_TEXTS_MAX);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_several, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_alias, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_not_an_answer, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
