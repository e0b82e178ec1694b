/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * token: the unguessable part of an address or link, checked without a database.
 *
 * 16 bytes in base32 (26 characters, any case, RFC 4648): 88 bits of HMAC-SHA-256 over purpose,
 * scope and payload, and 40 bits of payload (masked by a second HMAC, so that it tells nothing).
 * Same input, same token. That it verifies says only that this site made it for that purpose and
 * scope; single use and expiry are the business of the rows it points to, or of a day in the
 * payload.
 *
 * Two payload shapes are used: a row number (up to 2^40), or a row number of 24 bits and a 16-bit
 * number (a day since 1970 for leave tokens, a post's sequence number for return paths).
 *
 * The key file holds one base64-free line of 64 hex digits a key; the first one signs, all verify.
 */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

#define TOKEN_LENGTH 26
#define TOKEN_SIZE (TOKEN_LENGTH + 1)
#define TOKEN_PAYLOAD_MAX (((uint64_t)1 << 40) - 1)

struct token_keys; /* read once, by the roles that make or check tokens */

/* Reads the key file; makes it (mode 0600, synced) if it is absent and create is set. */
int token_keys_load(struct token_keys **keys, const char *path, bool create, struct err *e)
    __attribute__((warn_unused_result));
void token_keys_free(struct token_keys *keys);

/* purpose: "leave", "bounce", "ticket". scope: the list's name, "" for the site. */
void token_make(const struct token_keys *keys, const char *purpose, const char *scope,
		uint64_t payload, char out[TOKEN_SIZE]);
/* False if it was not made by token_make with one of these keys, this purpose and scope. */
bool token_check(const struct token_keys *keys, const char *purpose, const char *scope,
		 struct slice token, uint64_t *payload) __attribute__((warn_unused_result));

#endif
