/* SPDX-License-Identifier: GPL-2.0-or-later */
/* transfer: right bodies, wrong ones, and every byte through each encoding. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "mail/transfer.h"

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

struct row {
	const char *in, *out;
};

static void
check_rows(const char *encoding, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct slice got =
		    transfer_decode(arena, slice_str(rows[i].in), slice_str(encoding), 1000);
		if (!slice_is(got, rows[i].out))
			fail_msg("%s \"%s\": \"%.*s\" is not \"%s\"", encoding, rows[i].in,
				 SLICE_ARG(got), rows[i].out);
	}
}

static void
base64(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"", ""},
	    {"QUJD", "ABC"},
	    {"QUI=", "AB"},
	    {"QQ==", "A"},
	    {"QUI", "AB"},
	    {"QQ", "A"},
	    {"QUJDR", "ABC"}, /* six bits are no byte */
	    {"QU\r\nJD\r\n\r\n", "ABC"},
	    {" QUJDQUJD\tQUJDQUJD\n QUJD", "ABCABCABCABCABC"},
	    {"QUJDQUJDQUJD*QUJD", "ABCABCABCABC"},
	    {"QQ==QQ==", "AA"},
	    {"QUI=\nQUJD\n", "ABABC"},
	    {"QUJD=QUJD", "ABCABC"},
	    {"QUJDQUJD\n__________\nUnsubscribe here: https://x\n", "ABCABC"},
	    {"QUI=\n-- \nfoo.bar\n", "AB"},
	    {"QUJDQUJD\n\nScanned by X. It is clean!\nRERERERE\n", "ABCABCDDDDDD"},
	    {"not base64 at all", "not base64 at all"},
	    {"\n\nDear all,\nhello\n", "\n\nDear all,\nhello\n"},
	};
	check_rows("base64", rows, sizeof(rows) / sizeof(*rows));
}

static void
quoted_printable(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"", ""},
	    {"a=3Db", "a=b"},
	    {"=c3=A4", "\xc3\xa4"},
	    {"soft=\nbreak", "softbreak"},
	    {"soft=\r\nbreak", "softbreak"},
	    {"soft= \t\nbreak", "softbreak"},
	    {"a\nb", "a\r\nb"},
	    {"a\r\nb", "a\r\nb"},
	    {"a=zz=\nb\n", "a=zzb\r\n"},
	    {"=", ""},
	    {"=4", "=4"},
	    {"=4=41", "=4A"},
	    {"a=b?c=d\r\n", "a=b?c=d\r\n"},
	    {"a\rb=20", "a\rb "},
	    {"==41", "=A"},
	    {"under_score", "under_score"},
	};
	check_rows("quoted-printable", rows, sizeof(rows) / sizeof(*rows));
}

static void
uuencode(void **state)
{
	(void)state;
	static const struct row rows[] = {
	    {"begin 644 x\n#0V%T\n`\nend\n", "Cat"},
	    {"words before\nbegin 644 x\r\n#0V%T\r\n \r\nend\r\nwords", "Cat"},
	    {"begin 644 x\n#0V%T", "Cat"},
	    {"begin 644 x\n&0V%T\n", "Cat"}, /* a line that was cut short */
	    {"no beginning", "no beginning"},
	    {"", ""},
	};
	check_rows("x-uuencode", rows, sizeof(rows) / sizeof(*rows));
	check_rows("uue", rows, sizeof(rows) / sizeof(*rows));
}

static void
others_are_identity(void **state)
{
	(void)state;
	struct slice in = SLICE("QUJD=20");
	static const char *const names[] = {"", "7bit", "8bit", "binary", "x-mine", "BASE64"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct slice got = transfer_decode(arena, in, slice_str(names[i]), 1000);
		assert_ptr_equal(got.p, in.p);
		assert_int_equal(got.n, in.n);
		assert_int_equal(transfer_decode(arena, in, slice_str(names[i]), 3).n, 3);
	}
}

/* All bytes in runs of every length modulo three, in lines of 76: by libetpan; the same with a
 * stray in each line: by our own loop. */
static void
all_bytes_in_base64(void **state)
{
	(void)state;
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char raw[1024];
	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (unsigned char)(i * 7 + (i >> 8));
	for (size_t n = 1020; n <= 1024; n++)
		for (int stray = 0; stray < 2; stray++) {
			struct buf b;
			buf_init(&b, BUF_NO_LIMIT);
			for (size_t i = 0; i < n; i += 3) {
				unsigned v = (unsigned)raw[i] << 16;
				v |= i + 1 < n ? (unsigned)raw[i + 1] << 8 : 0;
				v |= i + 2 < n ? (unsigned)raw[i + 2] : 0;
				buf_putc(&b, letters[v >> 18]);
				buf_putc(&b, letters[v >> 12 & 63]);
				buf_putc(&b, i + 1 < n ? letters[v >> 6 & 63] : '=');
				buf_putc(&b, i + 2 < n ? letters[v & 63] : '=');
				if (i % 57 == 54)
					buf_puts(&b, stray ? ".\r\n" : "\r\n");
			}
			struct slice got =
			    transfer_decode(arena, buf_slice(&b), SLICE("base64"), 2000);
			assert_int_equal(got.n, n);
			assert_memory_equal(got.p, raw, n);
			buf_free(&b);
		}
}

static void
all_bytes_in_quoted_printable(void **state)
{
	(void)state;
	for (int stray = 0; stray < 2; stray++) {
		struct buf b;
		buf_init(&b, BUF_NO_LIMIT);
		for (int i = 0; i < 256; i++)
			buf_printf(&b, i % 2 ? "=%02X" : "=%02x", (unsigned)i);
		buf_puts(&b, stray ? "=?" : "");
		struct slice got =
		    transfer_decode(arena, buf_slice(&b), SLICE("quoted-printable"), 2000);
		assert_int_equal(got.n, 256 + 2 * stray);
		for (int i = 0; i < 256; i++)
			assert_int_equal((unsigned char)got.p[i], i);
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(base64, setup, teardown),
	    cmocka_unit_test_setup_teardown(quoted_printable, setup, teardown),
	    cmocka_unit_test_setup_teardown(uuencode, setup, teardown),
	    cmocka_unit_test_setup_teardown(others_are_identity, setup, teardown),
	    cmocka_unit_test_setup_teardown(all_bytes_in_base64, setup, teardown),
	    cmocka_unit_test_setup_teardown(all_bytes_in_quoted_printable, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
