/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive: the way of a message through store, overview, pages and index, in batches; what the
 * archived role and the plenary command's import, rebuild and withdraw share.
 *
 * One writer at a time: an flock on archive/lock, held a batch long, so that an import and the
 * daemon take turns. Turns are kept by a second lock, archive/turn: who comes back for the lock at
 * once still queues behind who waits.
 *
 * A batch is: files written, lines of the log written, all of it synced, then the overview's
 * transaction committed. What the sync said 0 for is in the archive: if the commit is lost, the
 * overview reads it from the log when it is opened again (replay.h).
 */
#ifndef ARCHIVE_ARCHIVE_H
#define ARCHIVE_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "archive/overview.h"
#include "archive/store.h"
#include "conf/conf.h"

/* Larger messages are refused: they do not come by mail, and no reader could take them. */
#define ARCHIVE_MESSAGE_MAX (256 * 1024 * 1024)

struct archive;

/* Makes STATE/archive and STATE/html where they are absent. Holds nothing open yet but the locks.
 */
int archive_open(struct archive **ar, const struct conf *conf, struct err *e)
    __attribute__((warn_unused_result));
void archive_close(struct archive *ar);

/*
 * The lock: 1 taken, 0 somebody else has it (wait false), -1. Opens the overview and the store, and
 * reads what the logs have and the overview has not. An overview or an index of another version, or
 * a damaged one, is thrown away here and made anew, which takes its time and is said in the log.
 */
int archive_lock(struct archive *ar, bool wait, struct err *e) __attribute__((warn_unused_result));
void archive_unlock(struct archive *ar);           /* closes the index's writer too */
const char *archive_dir(const struct archive *ar); /* STATE/archive */
/* Inside the lock. */
struct overview *archive_overview(struct archive *ar);
struct store *archive_store(struct archive *ar);

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
/* Why archive_add refuses these bytes, in a few words; NULL: it does not. */
const char *archive_refusal(struct slice bytes);

/* Writes dirty pages, at most max marks: how many marks were cleared (0: all clean), -1. */
int64_t archive_write_pages(struct archive *ar, size_t max, struct err *e)
    __attribute__((warn_unused_result));
/* What is new in a list's record of conduct: its seals into the log, its pages anew. */
int archive_take_conduct(struct archive *ar, const struct conf_list *list, struct err *e)
    __attribute__((warn_unused_result));
/* Indexes rows that wait, at most max, commits: how many (0: none wait), -1. */
int64_t archive_index(struct archive *ar, size_t max, struct err *e)
    __attribute__((warn_unused_result));
/* Rewrites the index densely; after an import or a rebuild. Takes the lock itself. */
int archive_compact(struct archive *ar, struct err *e) __attribute__((warn_unused_result));
/* Inside the lock, when nothing else is to be done: a part of the index that has grown loose is
 * made dense. 1; 0 there is none; -1. */
int archive_tighten(struct archive *ar, struct err *e) __attribute__((warn_unused_result));

/*
 * Takes a message out of the public archive: logged, moved away or erased, a tombstone in its
 * place; pages and index are marked. Permanent error if there is no such message. A withdrawn one
 * may still be erased.
 */
int archive_withdraw(struct archive *ar, const char *list, struct slice key, const char *reason,
		     bool erase, struct err *e) __attribute__((warn_unused_result));
/*
 * Derived data of a list (NULL: all) away and made again from the store, inside the lock: the
 * overview here (progress in lines of logs), pages and index by marks, which archive_write_pages
 * and archive_index work off.
 */
int archive_rebuild(struct archive *ar, const char *list,
		    void (*progress)(void *arg, int64_t done, int64_t total), void *arg,
		    struct err *e) __attribute__((warn_unused_result));
/* The stored messages of a list against its log, and the record of conduct (as its file tells it)
 * against the seals in there: how many findings, each told to found; -1. */
int64_t archive_verify(struct archive *ar, const char *list,
		       void (*found)(void *arg, const char *text), void *arg, struct err *e)
    __attribute__((warn_unused_result));

#endif
