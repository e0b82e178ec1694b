/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hashes and encodings over nettle. Base32 is lower-case: a key that lost its case in an address
 * or a URL is still the same key.
 */
#include "config.h"
#include "base/hash.h"

#include <errno.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <sys/random.h>

#include "base/log.h"

static const uint8_t *
bytes(struct slice s)
{
	return (const uint8_t *)s.p;
}

void
hash_sha1(struct slice s, uint8_t out[SHA1_SIZE])
{
	struct sha1_ctx ctx;

	sha1_init(&ctx);
	if (s.n > 0)
		sha1_update(&ctx, s.n, bytes(s));
	sha1_digest(&ctx, SHA1_SIZE, out);
}

void
hash_sha256(struct slice s, uint8_t out[SHA256_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	if (s.n > 0)
		sha256_update(&ctx, s.n, bytes(s));
	sha256_digest(&ctx, SHA256_SIZE, out);
}

/* Fed in runs that end before the CR of each CRLF: nothing is copied. */
void
hash_sha256_lf(struct slice s, uint8_t out[SHA256_SIZE])
{
	struct sha256_ctx ctx;
	size_t from = 0, at = 0;

	sha256_init(&ctx);
	while ((at += slice_find_char(slice_from(s, at), '\r')) < s.n) {
		if (at + 1 < s.n && s.p[at + 1] == '\n') {
			sha256_update(&ctx, at - from, bytes(s) + from);
			from = at + 1;
		}
		at++;
	}
	if (from < s.n)
		sha256_update(&ctx, s.n - from, bytes(s) + from);
	sha256_digest(&ctx, SHA256_SIZE, out);
}

void
hash_hmac_sha256(struct slice key, struct slice s, uint8_t out[SHA256_SIZE])
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, key.n, key.n > 0 ? bytes(key) : (const uint8_t *)"");
	if (s.n > 0)
		hmac_sha256_update(&ctx, s.n, bytes(s));
	hmac_sha256_digest(&ctx, SHA256_SIZE, out);
}

void
hash_hex(const uint8_t *p, size_t n, char *out)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digit[p[i] >> 4];
		*out++ = digit[p[i] & 15];
	}
	*out = '\0';
}

void
hash_base32(const uint8_t *p, size_t n, char *out)
{
	static const char letter[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		for (have += 8; have >= 5; have -= 5)
			*out++ = letter[bits >> (have - 5) & 31];
	}
	if (have > 0)
		*out++ = letter[bits << (5 - have) & 31];
	*out = '\0';
}

static int
base32_value(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool
hash_unbase32(struct slice s, uint8_t *out, size_t n)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t made = 0;

	if (s.n != BASE32_SIZE(n) - 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = base32_value(s.p[i]);

		if (v < 0)
			return false;
		bits = bits << 5 | (uint32_t)v;
		have += 5;
		if (have >= 8 && made < n) {
			have -= 8;
			out[made++] = (uint8_t)(bits >> have);
		}
	}
	return made == n && (bits & ((UINT32_C(1) << have) - 1)) == 0;
}

void
hash_random(void *p, size_t n)
{
	char *to = p;

	while (n > 0) {
		ssize_t got = getrandom(to, n, 0);

		if (got < 0 && errno != EINTR)
			fatal("getrandom: %s", strerror(errno));
		if (got > 0) {
			to += got;
			n -= (size_t)got;
		}
	}
}

bool
hash_equal(const void *a, const void *b, size_t n)
{
	return memeql_sec(a, b, n) != 0;
}
