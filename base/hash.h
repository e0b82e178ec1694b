/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash: SHA-1 and SHA-256, HMAC-SHA-256, hex and base32 (RFC 4648, no padding), both written in
 * lower case, over nettle.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define SHA1_SIZE 20
#define SHA256_SIZE 32
#define HEX_SIZE(n) ((n)*2 + 1)              /* with the NUL */
#define BASE32_SIZE(n) (((n)*8 + 4) / 5 + 1) /* with the NUL */

void hash_sha1(struct slice s, uint8_t out[SHA1_SIZE]);
void hash_sha256(struct slice s, uint8_t out[SHA256_SIZE]);
/* SHA-256 of s with each CRLF counted as LF: the same message by LMTP and from an mbox hashes
 * alike. */
void hash_sha256_lf(struct slice s, uint8_t out[SHA256_SIZE]);
void hash_hmac_sha256(struct slice key, struct slice s, uint8_t out[SHA256_SIZE]);

void hash_hex(const uint8_t *p, size_t n, char *out);
void hash_base32(const uint8_t *p, size_t n, char *out);
/* Any case; false on a foreign letter, a wrong length for n bytes, or spare bits that are not 0. */
bool hash_unbase32(struct slice s, uint8_t *out, size_t n);

/* From getrandom(2). */
void hash_random(void *p, size_t n);
bool hash_equal(const void *a, const void *b, size_t n); /* in constant time */

#endif
