/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool: a folder as a queue, a file name (an ID, base/id.h) as the idempotency key.
 *
 *   DIR/tmp/ID     being written; after a crash worthless, nobody was told
 *   DIR/new/ID     durable; waits
 *   DIR/cur/ID     claimed by the one reader of this folder
 *   DIR/bad/ID     killed its reader three times, or could not be handled: kept for a person
 *
 * Invariants: 1. What spool_publish + spool_sync said 0 for survives power loss. 2. A file is in
 * exactly one of new, cur, bad. 3. Any step may be done twice. 4. Publishing an ID that is already
 * in new, cur or bad leaves one entry (its content is the same by construction of IDs).
 */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/slice.h"

struct spool;

/* Opens DIR, making it and its four folders (mode 0700). */
int spool_open(struct spool **sp, const char *dir, struct err *e)
    __attribute__((warn_unused_result));
void spool_close(struct spool *sp);

/* --- writing ------------------------------------------------------------------------------- */

/* The simple way: one entry, durable on return. Crash points: spool.written, spool.renamed,
 * spool.synced; of reading: spool.claimed, .removed, .deferred, .rejected, .recovered. */
int spool_put(struct spool *sp, const char *id, const struct slice *parts, size_t n, struct err *e)
    __attribute__((warn_unused_result));

/*
 * The streaming way, for intake: begin, write…, then flush (thread-safe: fdatasync and close; may
 * run in any thread), publish (rename), and one spool_sync for all that were published: group
 * commit.
 */
struct spool_file {
	char id[ID_MAX];
	int fd;
	int64_t size; /* bytes written so far */
};
int spool_begin(struct spool *sp, const char *id, struct spool_file *f, struct err *e)
    __attribute__((warn_unused_result));
int spool_write(struct spool_file *f, const void *p, size_t n, struct err *e)
    __attribute__((warn_unused_result));
int spool_flush(struct spool_file *f, struct err *e) __attribute__((warn_unused_result));
int spool_publish(struct spool *sp, const struct spool_file *f, struct err *e)
    __attribute__((warn_unused_result));
int spool_sync(struct spool *sp, struct err *e)
    __attribute__((warn_unused_result)); /* fsync of new/ */
/* Closes and removes what was begun and not published. */
void spool_abort(struct spool *sp, struct spool_file *f);

/* --- reading (one reader process a spool) --------------------------------------------------- */

/*
 * At start: removes tmp/ entries older than a day; each entry left in cur/ died with its reader
 * once more and goes back to new/ (deaths are counted in a suffix ",N" of its file name, which IDs
 * never show), or at the third death to bad/, and its ID is given to on_bad (once: a kill between
 * the two loses that call, never the entry). Returns how many came back.
 */
int spool_recover(struct spool *sp, void (*on_bad)(void *arg, const char *id), void *arg,
		  struct err *e) __attribute__((warn_unused_result));
/*
 * Claims the oldest waiting entry: 1 and its ID, 0 when there is none, -1. Amortised O(1).
 * An entry that has died before is only in hand alone, so that a batch that dies together is not
 * condemned together: while anything is in hand, it waits (0; spool_next_due says to ask again).
 */
int spool_claim(struct spool *sp, char id[ID_MAX], struct err *e)
    __attribute__((warn_unused_result));
/* Maps a claimed entry (any one in cur/); unmap with file_unmap. */
int spool_map(struct spool *sp, const char *id, struct slice *bytes, struct err *e)
    __attribute__((warn_unused_result));
/*
 * Another name for a claimed entry, dirfd/name on the same file system: its bytes are durable
 * already, so only the folder has to be synced (file_sync_dir). That the name is there already is
 * fine.
 */
int spool_link(struct spool *sp, const char *id, int dirfd, const char *name, struct err *e)
    __attribute__((warn_unused_result));
/* Is it in hand, and did a reader die with it in hand before? */
bool spool_is_suspect(const struct spool *sp, const char *id);
/* Handled: removed. Missing is fine. */
int spool_done(struct spool *sp, const char *id, struct err *e) __attribute__((warn_unused_result));
/* Could not be handled now: back to new/, not to be claimed again before delay_ms. */
int spool_defer(struct spool *sp, const char *id, int64_t delay_ms, struct err *e)
    __attribute__((warn_unused_result));
/* Can never be handled: to bad/. */
int spool_reject(struct spool *sp, const char *id, struct err *e)
    __attribute__((warn_unused_result));
/* Milliseconds until spool_claim should be asked again, because a deferred entry is due or one was
 * kept waiting for an empty hand; -1 when none waits. */
int64_t spool_next_due(const struct spool *sp);
/* Entries in new/ and bad/, by counting them. */
int spool_count(struct spool *sp, int64_t *waiting, int64_t *bad, struct err *e)
    __attribute__((warn_unused_result));

#endif
