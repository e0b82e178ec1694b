/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens: TAG (11 bytes) and payload (5 bytes), in base32. The tag is the beginning of an HMAC
 * over purpose, scope and payload; the payload is masked by an HMAC over purpose, scope and tag.
 * So the mask differs for each payload and nothing is encrypted twice with the same one. Lengths
 * and a label go before what is hashed: no two inputs are ever the same bytes.
 */
#include "config.h"
#include "base/token.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/log.h"

#define TAG_BYTES 11
#define PAYLOAD_BYTES 5
#define TOKEN_BYTES (TAG_BYTES + PAYLOAD_BYTES)
#define KEY_BYTES 32
#define KEY_FILE_LIMIT 4096
#define KEYS_MAX 16 /* more are a mistake: each costs a hash for each foreign token */

struct token_keys {
	struct hmac_sha256_ctx key[KEYS_MAX]; /* keyed, ready to be copied */
	size_t n;
};

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
parse_key(struct slice line, struct hmac_sha256_ctx *ctx)
{
	uint8_t key[KEY_BYTES];

	if (line.n != (size_t)2 * KEY_BYTES)
		return false;
	for (size_t i = 0; i < KEY_BYTES; i++) {
		int high = hex_value(line.p[2 * i]), low = hex_value(line.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key[i] = (uint8_t)(high << 4 | low);
	}
	hmac_sha256_set_key(ctx, sizeof key, key);
	explicit_bzero(key, sizeof key);
	return true;
}

static int
parse_keys(struct token_keys *k, struct slice text, const char *path, struct err *e)
{
	struct slice line;
	int number = 0;

	while (slice_next_line(&text, &line)) {
		number++;
		line = slice_trim(line);
		if (line.n == 0)
			continue;
		if (k->n == KEYS_MAX)
			return err_permanent(e, "%s: more than %d keys", path, KEYS_MAX);
		if (!parse_key(line, &k->key[k->n++]))
			return err_permanent(e, "%s:%d: not 64 hex digits", path, number);
	}
	if (k->n == 0)
		return err_permanent(e, "%s holds no key", path);
	return 0;
}

/* Makes the file with one new key. Two roles may start at once: the file is linked to its name,
 * not renamed, so that the first one's key stays and the other reads it. */
static int
make_key_file(const char *path, struct err *e)
{
	struct arena *a = arena_new();
	char id[ID_MAX], hex[HEX_SIZE(KEY_BYTES)], *tmp;
	uint8_t key[KEY_BYTES];
	struct slice parts[2];
	int ret = -1;

	id_new(id);
	tmp = arena_printf(a, "%s.%s", path, id);
	hash_random(key, sizeof key);
	hash_hex(key, sizeof key, hex);
	parts[0] = slice_str(hex);
	parts[1] = SLICE("\n");
	if (file_put(AT_FDCWD, tmp, parts, 2, 0600, e) < 0)
		goto out;
	if (link(tmp, path) < 0 && errno != EEXIST) {
		err_errno(e, "cannot make %s", path);
		unlink(tmp);
		goto out;
	}
	unlink(tmp);
	/* The new name has to last too: tokens that go out must verify tomorrow. */
	ret = file_sync_folder_of(AT_FDCWD, path, e);
out:
	explicit_bzero(key, sizeof key);
	explicit_bzero(hex, sizeof hex);
	arena_free(a);
	return ret;
}

int
token_keys_load(struct token_keys **keys, const char *path, bool create, struct err *e)
{
	struct arena *a = arena_new();
	struct token_keys *k = calloc(1, sizeof *k);
	struct slice text;
	int ret = -1;

	if (k == NULL)
		fatal("no memory for keys");
	*keys = NULL;
	if (file_read(AT_FDCWD, path, KEY_FILE_LIMIT, a, &text, e) < 0) {
		if (errno != ENOENT || !create || make_key_file(path, e) < 0 ||
		    file_read(AT_FDCWD, path, KEY_FILE_LIMIT, a, &text, e) < 0)
			goto out;
	}
	ret = parse_keys(k, text, path, e);
	explicit_bzero((void *)(uintptr_t)text.p, text.n);
out:
	arena_free(a);
	if (ret < 0)
		token_keys_free(k);
	else
		*keys = k;
	return ret;
}

void
token_keys_free(struct token_keys *keys)
{
	if (keys == NULL)
		return;
	explicit_bzero(keys, sizeof *keys);
	free(keys);
}

/* HMAC over label, purpose, scope and the n bytes at p. */
static void
mac(const struct hmac_sha256_ctx *key, char label, const char *purpose, const char *scope,
    const uint8_t *p, size_t n, uint8_t out[SHA256_SIZE])
{
	struct hmac_sha256_ctx ctx = *key;
	size_t np = strlen(purpose), ns = strlen(scope);
	uint8_t head[3] = {(uint8_t)label, (uint8_t)np, (uint8_t)ns};

	if (np > UINT8_MAX || ns > UINT8_MAX)
		fatal("a token's purpose or scope is too long");
	hmac_sha256_update(&ctx, sizeof head, head);
	hmac_sha256_update(&ctx, np, (const uint8_t *)purpose);
	hmac_sha256_update(&ctx, ns, (const uint8_t *)scope);
	hmac_sha256_update(&ctx, n, p);
	hmac_sha256_digest(&ctx, SHA256_SIZE, out);
}

void
token_make(const struct token_keys *keys, const char *purpose, const char *scope, uint64_t payload,
	   char out[TOKEN_SIZE])
{
	uint8_t raw[TOKEN_BYTES], plain[PAYLOAD_BYTES], tag[SHA256_SIZE], mask[SHA256_SIZE];

	if (payload > TOKEN_PAYLOAD_MAX)
		fatal("a token's payload is too great");
	for (size_t i = 0; i < PAYLOAD_BYTES; i++)
		plain[i] = (uint8_t)(payload >> (8 * (PAYLOAD_BYTES - 1 - i)));
	mac(&keys->key[0], 't', purpose, scope, plain, sizeof plain, tag);
	mac(&keys->key[0], 'm', purpose, scope, tag, TAG_BYTES, mask);
	memcpy(raw, tag, TAG_BYTES);
	for (size_t i = 0; i < PAYLOAD_BYTES; i++)
		raw[TAG_BYTES + i] = plain[i] ^ mask[i];
	hash_base32(raw, sizeof raw, out);
}

static bool
check_key(const struct hmac_sha256_ctx *key, const char *purpose, const char *scope,
	  const uint8_t raw[TOKEN_BYTES], uint64_t *payload)
{
	uint8_t plain[PAYLOAD_BYTES], tag[SHA256_SIZE], mask[SHA256_SIZE];
	uint64_t v = 0;

	mac(key, 'm', purpose, scope, raw, TAG_BYTES, mask);
	for (size_t i = 0; i < PAYLOAD_BYTES; i++) {
		plain[i] = raw[TAG_BYTES + i] ^ mask[i];
		v = v << 8 | plain[i];
	}
	mac(key, 't', purpose, scope, plain, sizeof plain, tag);
	if (!hash_equal(tag, raw, TAG_BYTES))
		return false;
	*payload = v;
	return true;
}

bool
token_check(const struct token_keys *keys, const char *purpose, const char *scope,
	    struct slice token, uint64_t *payload)
{
	uint8_t raw[TOKEN_BYTES];

	if (!hash_unbase32(token, raw, sizeof raw))
		return false;
	for (size_t i = 0; i < keys->n; i++) {
		if (check_key(&keys->key[i], purpose, scope, raw, payload))
			return true;
	}
	return false;
}
