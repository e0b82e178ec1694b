/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive: the way of a message through store, overview, pages and index, in batches; what the
 * archived role and the plenary command's import, rebuild and withdraw share. One writer at a time:
 * an flock on archive/lock, held a batch long, so that an import and the daemon take turns.
 */
#ifndef ARCHIVE_ARCHIVE_H
#define ARCHIVE_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "conf/conf.h"

struct archive;

int archive_open(struct archive **ar, const struct conf *conf, struct err *e)
    __attribute__((warn_unused_result));
void archive_close(struct archive *ar);

/* The lock: 1 taken, 0 somebody else has it (wait false), -1. Opens the overview and the store
 * anew. */
int archive_lock(struct archive *ar, bool wait, struct err *e) __attribute__((warn_unused_result));
void archive_unlock(struct archive *ar); /* closes the index's writer too */

struct archive_input {
	const char *list;
	struct slice bytes;
	int64_t received; /* seconds */
};
enum archive_result { ARCHIVE_STORED, ARCHIVE_ALREADY_THERE, ARCHIVE_REFUSED };
/*
 * A batch, inside the lock: stores, syncs once, T3. results[i] for each input; keys[i] (KEY_SIZE)
 * may be NULL. Crash points archive.stored, archive.overview.
 */
int archive_add(struct archive *ar, const struct archive_input *in, size_t n,
		enum archive_result *results, char (*keys)[33], struct err *e)
    __attribute__((warn_unused_result));
/* Writes dirty pages, at most max marks: how many marks were cleared (0: all clean), -1. */
int64_t archive_write_pages(struct archive *ar, size_t max, struct err *e)
    __attribute__((warn_unused_result));
/* Indexes rows that wait, at most max, commits: how many (0: none wait), -1. */
int64_t archive_index(struct archive *ar, size_t max, struct err *e)
    __attribute__((warn_unused_result));

int archive_withdraw(struct archive *ar, const char *list, struct slice key, const char *reason,
		     bool erase, struct err *e) __attribute__((warn_unused_result));
/* Derived data of a list (NULL: all) away and made again from the store; progress(arg, done,
 * total). */
int archive_rebuild(struct archive *ar, const char *list,
		    void (*progress)(void *, int64_t, int64_t), void *arg, struct err *e)
    __attribute__((warn_unused_result));

#endif
