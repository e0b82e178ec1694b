/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seal: what may be known of an event of the record outside of list.db: a keyed hash of its hash.
 * It binds the event (who changes it can't make the same seal again) and tells nothing about it: an
 * event is short and could be guessed from a bare hash. Owner of the table conduct_seal, a random
 * key a list.
 */
#ifndef DAEMON_SEAL_H
#define DAEMON_SEAL_H

#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "base/hash.h"

#define SEAL_SIZE HEX_SIZE(SHA256_SIZE)

struct seal_key {
	uint8_t bytes[SHA256_SIZE];
};

/* The list's key; made at the first time. */
int seal_key(struct db *db, const char *list, struct seal_key *key, struct err *e)
    __attribute__((warn_unused_result));
/* hash: of the event, as hex (conduct.h). */
void seal_make(const struct seal_key *key, const char *hash, char seal[SEAL_SIZE]);

#endif
