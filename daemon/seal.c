/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seal: see seal.h.
 */
#include "daemon/seal.h"

#include <string.h>

/* 1, 0 there is none yet, -1. */
static int
find_key(struct db *db, const char *list, struct seal_key *key, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT key FROM conduct_seal WHERE list = ?", "t", list) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1) {
		struct slice bytes = db_blob(&q, 0);
		memset(key, 0, sizeof(*key));
		memcpy(key->bytes, bytes.p,
		       bytes.n < sizeof(key->bytes) ? bytes.n : sizeof(key->bytes));
	}
	db_end(&q);
	return r;
}

int
seal_key(struct db *db, const char *list, struct seal_key *key, struct err *e)
{
	uint8_t fresh[SHA256_SIZE];
	int r = find_key(db, list, key, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	hash_random(fresh, sizeof(fresh));
	/* The command may do the same at this moment: one of the two keys is the list's. */
	if (db_do(db, e,
		  "INSERT INTO conduct_seal (list, key) VALUES (?, ?) ON CONFLICT DO NOTHING", "tb",
		  list, slice_make((const char *)fresh, sizeof(fresh))) < 0)
		return -1;
	return find_key(db, list, key, e) == 1 ? 0 : -1;
}

void
seal_make(const struct seal_key *key, const char *hash, char seal[SEAL_SIZE])
{
	uint8_t sum[SHA256_SIZE];
	hash_hmac_sha256(slice_make((const char *)key->bytes, sizeof(key->bytes)), slice_str(hash),
			 sum);
	hash_hex(sum, sizeof(sum), seal);
}
