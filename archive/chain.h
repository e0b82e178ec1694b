/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chain: the append-only log of one list, log/LIST: what was put into the archive and what was
 * taken out, and the seals of what was decided about people (record.h), each line hashed into the
 * next, so that nothing can go or change quietly.
 *
 * A line has nine fields with a tab between them, and LF:
 *	number (from 1), time of logging (RFC 3339, UTC), event, KEY, time of receipt (RFC 3339),
 *	SHA-256 of the message's bytes (hex), path below msg/, Message-ID or reason, hash
 * In text, bytes below 0x21 and above 0x7e, and '%', are percent-encoded; an empty field is "-".
 * hash is the SHA-256 (hex) of the hash of the line before (64 zeros for the first) followed by
 * this line up to the tab before the hash. So a person checks line N with
 *	printf '%s%s' PREVIOUS-HASH "$(cut -f1-8 <<<LINE)" | sha256sum
 *
 * Invariant: only whole lines count. A torn one at the end (power loss) was never said to be there,
 * and is cut off before the next one is written.
 */
#ifndef ARCHIVE_CHAIN_H
#define ARCHIVE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

#define CHAIN_HASH_LENGTH 64

struct chain_entry {
	int64_t number;
	int64_t logged, received; /* seconds */
	struct slice event;       /* "add", "withdraw", "erase", "conduct" */
	struct slice key, sha256, path, text;
};

/* --- writing (one writer: the archive's lock) ------------------------------------------------- */

struct chain;

/* Opens dirfd/name for appending, makes it if need be, and cuts off a torn end (said in the log).
 */
int chain_open(struct chain **c, int dirfd, const char *name, struct err *e)
    __attribute__((warn_unused_result));
void chain_close(struct chain *c); /* lines not written are dropped */
/* Adds a line in memory; number and logged are filled here. */
void chain_add(struct chain *c, const struct chain_entry *entry);
/* Writes what was added, with one write; not durable before chain_sync. All of it or nothing. */
int chain_write(struct chain *c, struct err *e) __attribute__((warn_unused_result));
int chain_sync(struct chain *c, struct err *e) __attribute__((warn_unused_result));
void chain_forget(struct chain *c);
/* Bytes and lines that are written. */
int64_t chain_end(const struct chain *c);
int64_t chain_lines(const struct chain *c);

/* --- reading ---------------------------------------------------------------------------------- */

/*
 * Each whole line that begins at or after the byte `from`. end: the byte behind it. each returns -1
 * to stop. text is decoded; slices live during the call. An absent log is an empty one.
 */
typedef int chain_each(void *arg, const struct chain_entry *entry, int64_t end, struct err *e);
int chain_read(int dirfd, const char *name, int64_t from, chain_each *each, void *arg,
	       struct err *e) __attribute__((warn_unused_result));
/* Numbers and hashes of the whole log. found is called for each finding; returns how many, -1. */
int64_t chain_verify(int dirfd, const char *name, void (*found)(void *arg, const char *text),
		     void *arg, struct err *e) __attribute__((warn_unused_result));

#endif
