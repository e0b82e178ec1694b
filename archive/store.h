/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store: the archive's truth: msg/LIST/YYYY/MM/KEY, the bytes as received, append-only plain files;
 * and log/LIST, one line an event, each hashed into the next.
 *
 * A second message with the same Message-ID but another body is filed under its second key; the
 * same body again is the same message. The folder's year and month are those of the filed date.
 *
 * Log line (tab-separated, LF): number, time (RFC 3339), event (add, withdraw, erase, import …),
 * KEY, SHA-256 of the bytes (hex), path below msg/, Message-ID or reason (percent-encoded), and the
 * SHA-256 of the line so far chained with the previous line's hash.
 */
#ifndef ARCHIVE_STORE_H
#define ARCHIVE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "archive/fields.h"

struct store;

int store_open(struct store **st, const char *archive_dir, bool write, struct err *e)
    __attribute__((warn_unused_result));
void store_close(struct store *st);

enum store_put { STORE_NEW, STORE_ALREADY_THERE };
/*
 * Files f->message.bytes under list; sets f->key. Not durable before store_sync (one sync for a
 * batch). Crash points store.written, store.logged.
 */
int store_add(struct store *st, const char *list, struct fields *f, enum store_put *how,
	      struct err *e) __attribute__((warn_unused_result));
int store_sync(struct store *st, struct err *e) __attribute__((warn_unused_result));

/* Maps a message (file_unmap when done). date: as filed, tells the folder. ENOENT in errno if
 * absent. */
int store_map(struct store *st, const char *list, const char *key, int64_t date,
	      struct slice *bytes, struct err *e) __attribute__((warn_unused_result));
/* Moves a message out of the store into withdrawn/LIST/ (owner only), or destroys it; logs it. */
int store_withdraw(struct store *st, const char *list, const char *key, int64_t date,
		   const char *reason, bool erase, struct err *e)
    __attribute__((warn_unused_result));
/* Walks all messages of a list in the log's order. each returns -1 to stop. */
int store_walk(struct store *st, const char *list,
	       int (*each)(void *arg, const char *key, const char *path, int64_t received,
			   struct err *e),
	       void *arg, struct err *e) __attribute__((warn_unused_result));
/* The log and the files against each other. found is called for each finding; returns how many. */
int64_t store_verify(struct store *st, const char *list, void (*found)(void *arg, const char *text),
		     void *arg, struct err *e) __attribute__((warn_unused_result));

#endif
