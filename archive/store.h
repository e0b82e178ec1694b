/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store: the archive's truth: msg/LIST/YYYY/MM/KEY, the bytes as received, append-only plain files;
 * and log/LIST (chain.h), one line an event, each hashed into the next. All derived data can be
 * made again from these two.
 *
 * Invariants
 * 1. A file that has a line in the log is never changed. One without a line is of a batch that was
 *    cut short: nobody was told of it, and who adds the same key again may replace it.
 * 2. What store_sync said 0 for survives power loss.
 * 3. A withdrawn message is in withdrawn/LIST/KEY (the owner's only), or, erased, there is
 *    withdrawn/LIST/KEY.erased with what its place in the thread is made of: ids, date, the hash
 *    of its body; and not a word of it.
 *
 * The folder's year and month are those of the filed date. Everything is the user's only (0600,
 * 0700): what the public may see is written by pages and export, masked.
 */
#ifndef ARCHIVE_STORE_H
#define ARCHIVE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "archive/chain.h"
#include "archive/fields.h"

struct store;
struct suspects;

/* archive_dir is made if write is set. With write false, only map, read and verify. */
int store_open(struct store **st, const char *archive_dir, bool write, struct err *e)
    __attribute__((warn_unused_result));
void store_close(struct store *st);
/* Which of its messages kill who reads them (suspects.h); NULL without write. */
struct suspects *store_suspects(const struct store *st);

/*
 * Files f->message.bytes under list and f->key (overview_resolve has said which), and adds its line
 * to the log in memory. Crash point store.written.
 */
int store_add(struct store *st, const char *list, const struct fields *f, struct err *e)
    __attribute__((warn_unused_result));
/* Adds the line of an event of the record of conduct, in memory: its number and its seal. */
#define STORE_CONDUCT "conduct"
int store_add_conduct(struct store *st, const char *list, int64_t id, int64_t t, struct slice seal,
		      struct err *e) __attribute__((warn_unused_result));
/* Writes the lines and makes all since the last sync durable: a few files one by one, many by one
 * syncfs. Crash points store.logged, store.synced. */
int store_sync(struct store *st, struct err *e) __attribute__((warn_unused_result));
/* Forgets lines that were not written yet. */
void store_forget(struct store *st);
/* Before the archive's lock is given back: others may write the logs now. */
void store_release(struct store *st);
/* Bytes and lines of a list's log; what is in memory is not counted. */
int store_log_end(struct store *st, const char *list, int64_t *end, int64_t *lines, struct err *e)
    __attribute__((warn_unused_result));

/* Maps a message (file_unmap when done). date: as filed, tells the folder. ENOENT in errno if
 * absent. */
int store_map(struct store *st, const char *list, const char *key, int64_t date,
	      struct slice *bytes, struct err *e) __attribute__((warn_unused_result));
/* Maps what the log calls path, or what is left of it when it was withdrawn: *erased. */
int store_map_logged(struct store *st, const char *list, struct slice key, struct slice path,
		     struct slice *bytes, bool *erased, struct err *e)
    __attribute__((warn_unused_result));

/* Logs a withdrawal, durably. store_put_away then does what it says, and may be done twice. */
int store_withdraw(struct store *st, const char *list, const char *key, int64_t date,
		   const char *reason, bool erase, struct err *e)
    __attribute__((warn_unused_result));
int store_put_away(struct store *st, const char *list, const struct chain_entry *entry,
		   const char *domain, struct err *e) __attribute__((warn_unused_result));

/* The names of all lists that have a log. */
int store_lists(struct store *st, struct arena *a, const char ***names, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* The log of a list from the byte `from`; see chain_read. */
int store_walk(struct store *st, const char *list, int64_t from, chain_each *each, void *arg,
	       struct err *e) __attribute__((warn_unused_result));
/* Each message file of a list, by its path below msg/. each returns -1 to stop. */
int store_files(struct store *st, const char *list,
		int (*each)(void *arg, const char *path, struct err *e), void *arg, struct err *e)
    __attribute__((warn_unused_result));
/* Numbers and hashes of a list's log; see chain_verify. */
int64_t store_verify_chain(struct store *st, const char *list,
			   void (*found)(void *arg, const char *text), void *arg, struct err *e)
    __attribute__((warn_unused_result));
/* The log and the files against each other (verify.c). found is called for each finding; returns
 * how many. */
int64_t store_verify(struct store *st, const char *list, void (*found)(void *arg, const char *text),
		     void *arg, struct err *e) __attribute__((warn_unused_result));

#endif
