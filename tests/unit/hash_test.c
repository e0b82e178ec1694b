/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hashes and encodings against published values. */
#include "config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/hash.h"

static const char *
sha256(struct slice s, bool lf)
{
	static char hex[HEX_SIZE(SHA256_SIZE)];
	uint8_t h[SHA256_SIZE];

	if (lf)
		hash_sha256_lf(s, h);
	else
		hash_sha256(s, h);
	hash_hex(h, sizeof h, hex);
	return hex;
}

static void
known(void **state)
{
	uint8_t h[SHA256_SIZE];
	char hex[HEX_SIZE(SHA256_SIZE)];

	(void)state;
	hash_sha1(SLICE("abc"), h); /* FIPS 180 */
	hash_hex(h, SHA1_SIZE, hex);
	assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_string_equal(sha256(SLICE("abc"), false),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(sha256(slice_make(NULL, 0), false),
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	/* RFC 4231, test case 2 */
	hash_hmac_sha256(SLICE("Jefe"), SLICE("what do ya want for nothing?"), h);
	hash_hex(h, SHA256_SIZE, hex);
	assert_string_equal(hex,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void
line_ends(void **state)
{
	static const struct slice same[][2] = {
	    {SLICE("a\r\nb\r\n"), SLICE("a\nb\n")}, {SLICE("\r\n"), SLICE("\n")},
	    {SLICE("\r\r\n\n"), SLICE("\r\n\n")},   {SLICE("a\rb\r"), SLICE("a\rb\r")},
	    {SLICE("\n\r"), SLICE("\n\r")},         {SLICE(""), SLICE("")},
	};
	char want[HEX_SIZE(SHA256_SIZE)];

	(void)state;
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		strcpy(want, sha256(same[i][1], false));
		assert_string_equal(sha256(same[i][0], true), want);
	}
}

static void
base32(void **state)
{
	/* RFC 4648, section 10, in lower case and without padding */
	static const char *const text[][2] = {{"", ""},
					      {"f", "my"},
					      {"fo", "mzxq"},
					      {"foo", "mzxw6"},
					      {"foob", "mzxw6yq"},
					      {"fooba", "mzxw6ytb"},
					      {"foobar", "mzxw6ytboi"}};
	uint8_t back[16];
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		size_t n = strlen(text[i][0]);

		assert_int_equal(BASE32_SIZE(n), strlen(text[i][1]) + 1);
		hash_base32((const uint8_t *)text[i][0], n, out);
		assert_string_equal(out, text[i][1]);
		assert_true(hash_unbase32(slice_str(out), back, n));
		assert_memory_equal(back, text[i][0], n);
	}
	assert_true(hash_unbase32(SLICE("MzXw6"), back, 3));
	assert_memory_equal(back, "foo", 3);
	assert_false(hash_unbase32(SLICE("mzxw"), back, 3));   /* too short */
	assert_false(hash_unbase32(SLICE("mzxw66"), back, 3)); /* too long */
	assert_false(hash_unbase32(SLICE("mz1w6"), back, 3));  /* foreign */
	assert_false(hash_unbase32(SLICE("mzxw7"), back, 3));  /* a spare bit is set */
	assert_false(hash_unbase32(SLICE("mzxw\0"), back, 3));
}

static void
chance(void **state)
{
	uint8_t a[64] = {0}, b[64] = {0};

	(void)state;
	hash_random(a, sizeof a);
	hash_random(b, sizeof b);
	assert_false(hash_equal(a, b, sizeof a));
	memcpy(b, a, sizeof a);
	assert_true(hash_equal(a, b, sizeof a));
	b[63] ^= 1;
	assert_false(hash_equal(a, b, sizeof a));
	assert_true(hash_equal(a, b, 63));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known),
	    cmocka_unit_test(line_ends),
	    cmocka_unit_test(base32),
	    cmocka_unit_test(chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
