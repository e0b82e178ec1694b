/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overview: archive.db, what is known of each message and thread without opening the message.
 * Derived data: it carries a version and is rebuilt from the store, never migrated.
 *
 * Invariants
 * 1. The forest depends on the set of messages only, never on the order of their arrival.
 * 2. A message's row id never changes while it stays in the overview; it is also its document id in
 * the index.
 * 3. Every change that touches a page leaves a dirty mark in the same transaction; a mark is
 * cleared only after its page is on disk. Work and marks per message do not grow with the archive.
 * 4. A message that is in the overview is in the store (store first, overview second, index third).
 *
 * Threads are told in forest.h. A thread is named by its root's key (a ghost's too); a thread that
 * was merged into another leaves its old root key as an alias.
 *
 * Everywhere below, messages are ordered by (date, rank): rank breaks ties, a number made of
 * Message-ID and body.
 */
#ifndef ARCHIVE_OVERVIEW_H
#define ARCHIVE_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "mail/msgid.h"

struct overview;

enum overview_state { OVERVIEW_PRESENT, OVERVIEW_GHOST, OVERVIEW_WITHDRAWN };

/* One row. Texts are clean UTF-8, in the caller's arena. */
struct overview_message {
	int64_t id; /* row and document id, from 1 */
	const char *list;
	char key[KEY_SIZE];
	struct slice msgid;
	enum overview_state state;
	int64_t thread; /* thread's row */
	int64_t parent; /* row id of the parent in the tree, 0 for a root */
	int depth;      /* in the tree; filled by overview_thread only */
	int64_t date; /* the date it is filed under: Date if readable, after 1980 and not over a day
			 after receipt, else receipt (INTERFACE section 5) */
	int64_t rank;
	int64_t received;          /* of a tombstone: when it was withdrawn */
	int month;                 /* year * 100 + month of date, UTC */
	struct slice subject;      /* decoded, as the author wrote it */
	struct slice subject_base; /* without reply marks */
	bool digest; /* it answers a digest (digest_reply.h): what it says of its subject may be
			nothing */
	struct slice restored; /* then: what it answers is called so; may be empty */
	struct slice from_name, from_address;
	int64_t size;
	int attachments;
	struct slice reason; /* of a withdrawal */
};

struct overview_thread {
	int64_t id;
	const char *list;
	char root_key[KEY_SIZE];
	struct slice subject; /* of its first present message, without reply marks */
	int64_t first, last;  /* dates */
	int64_t messages;     /* present ones */
	int month;            /* month it began in */
};

/* What a new message brings; made by fields_of() (fields.h), which parses nothing twice. */
struct fields;

/*
 * Opens (and makes) archive.db at path. A version that is not this program's, or a damaged file:
 * permanent error with errno EPROTO; the caller rebuilds.
 */
int overview_open(struct overview **ov, const char *path, bool write, struct err *e)
    __attribute__((warn_unused_result));
void overview_close(struct overview *ov);
/* Is the file whole? -1 with the first finding (SQLite's quick_check). */
int overview_check(struct overview *ov, struct err *e) __attribute__((warn_unused_result));
int overview_begin(struct overview *ov, struct err *e) __attribute__((warn_unused_result));
int overview_commit(struct overview *ov, struct err *e) __attribute__((warn_unused_result));
void overview_rollback(struct overview *ov);
/* Is the file at its path still the one that was opened? (A rebuild puts another there.) */
bool overview_current(const struct overview *ov);

/* --- T3: adding ------------------------------------------------------------------------------ */

enum overview_added { OVERVIEW_ADDED, OVERVIEW_ALREADY_THERE };
/*
 * Under which key is a message to be filed? f->key becomes that of its Message-ID, or, if that is
 * another body's, its second key. 1: the list has this very message (or its tombstone), 0: it has
 * not, -1.
 */
int overview_resolve(struct overview *ov, const char *list, struct fields *f, struct err *e)
    __attribute__((warn_unused_result));
/*
 * Inside a transaction: the row, its place, ghosts, merged threads, dirty marks and the mark "to be
 * indexed". Adding what is there is harmless: OVERVIEW_ALREADY_THERE.
 */
int overview_add(struct overview *ov, const char *list, const struct fields *f,
		 enum overview_added *how, int64_t *id, struct err *e)
    __attribute__((warn_unused_result));
/* Makes a present message a tombstone; its place in the thread stays. when: seconds. */
int overview_withdraw(struct overview *ov, const char *list, struct slice key, const char *reason,
		      int64_t when, struct err *e) __attribute__((warn_unused_result));

/* How much of a list's log is in the overview, in bytes; set inside a transaction. */
int overview_log_end(struct overview *ov, const char *list, int64_t *end, struct err *e)
    __attribute__((warn_unused_result));
int overview_set_log_end(struct overview *ov, const char *list, int64_t end, struct err *e)
    __attribute__((warn_unused_result));
/* Everything of a list away, inside a transaction; its log_end becomes 0. */
int overview_drop_list(struct overview *ov, const char *list, struct err *e)
    __attribute__((warn_unused_result));

/* --- asking ----------------------------------------------------------------------------------- */

/* 1 found, 0 not, -1. */
int overview_by_key(struct overview *ov, struct arena *a, const char *list, struct slice key,
		    struct overview_message *m, struct err *e) __attribute__((warn_unused_result));
int overview_by_id(struct overview *ov, struct arena *a, int64_t id, struct overview_message *m,
		   struct err *e) __attribute__((warn_unused_result));
int overview_by_msgid(struct overview *ov, struct arena *a, const char *list, struct slice msgid,
		      struct overview_message *m, struct err *e)
    __attribute__((warn_unused_result));
/*
 * The rows of a thread in tree order (depth first, children by (date, rank)), depth and parent as
 * shown: ghosts that tell nothing are left out (tree.h).
 */
int overview_thread(struct overview *ov, struct arena *a, int64_t thread,
		    struct overview_message **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* 1 found, 0 not (any more), -1. */
int overview_thread_info(struct overview *ov, struct arena *a, int64_t thread,
			 struct overview_thread *t, struct err *e)
    __attribute__((warn_unused_result));
/*
 * Messages of other lists with the Message-ID of a present one in the thread: what was posted to
 * both. By row, then list; of one message at most OVERVIEW_ELSEWHERE_MAX.
 */
#define OVERVIEW_ELSEWHERE_MAX 20
struct overview_elsewhere {
	int64_t id; /* the row here */
	const char *list;
	char root_key[KEY_SIZE]; /* of the thread it is in there */
};
int overview_elsewhere(struct overview *ov, struct arena *a, int64_t thread,
		       struct overview_elsewhere **es, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* Threads that begin in a month, by (first, root_key); from the offset-th, at most max. */
int overview_month_threads(struct overview *ov, struct arena *a, const char *list, int month,
			   int64_t offset, size_t max, struct overview_thread **ts, size_t *n,
			   struct err *e) __attribute__((warn_unused_result));
/* How many threads of a month begin before a date. */
int overview_month_before(struct overview *ov, const char *list, int month, int64_t date,
			  int64_t *n, struct err *e) __attribute__((warn_unused_result));
/* Which month a thread began in, and how many threads of it stand before it: 1, 0 it has no message
 * (any more), -1. */
int overview_month_place(struct overview *ov, int64_t thread, int *month, int64_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* The neighbours of a message in its list by (date, rank), ghosts left out: row ids, 0 where
 * there is none. */
int overview_neighbours(struct overview *ov, const struct overview_message *m, int64_t *before,
			int64_t *after, struct err *e) __attribute__((warn_unused_result));
/* Months of a list with messages, newest first: month, messages, threads begun. */
struct overview_month {
	int month;
	int64_t messages, threads;
};
int overview_months(struct overview *ov, struct arena *a, const char *list,
		    struct overview_month **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* The newest threads of a list by last date / newest present messages, at most max. */
int overview_recent_threads(struct overview *ov, struct arena *a, const char *list, size_t max,
			    struct overview_thread **ts, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
int overview_recent_messages(struct overview *ov, struct arena *a, const char *list, size_t max,
			     struct overview_message **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* Present messages of a list in order after a row (0: from the first), at most max: for export. */
int overview_walk(struct overview *ov, struct arena *a, const char *list, int64_t after, size_t max,
		  struct overview_message **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* Present messages of a month by row id, above a row (0: all), at most max: for mailboxes, which
 * grow at their end. */
int overview_month_messages(struct overview *ov, struct arena *a, const char *list, int month,
			    int64_t above, size_t max, struct overview_message **ms, size_t *n,
			    struct err *e) __attribute__((warn_unused_result));
/* The threads that begin before and after this one in its list; id 0 where there is none. */
int overview_threads_beside(struct overview *ov, struct arena *a, const struct overview_thread *t,
			    struct overview_thread *before, struct overview_thread *after,
			    struct err *e) __attribute__((warn_unused_result));
/* Threads with a message since then, those with most messages first. */
int overview_liveliest_threads(struct overview *ov, struct arena *a, const char *list,
			       int64_t since, size_t max, struct overview_thread **ts, size_t *n,
			       struct err *e) __attribute__((warn_unused_result));
/* Who wrote present messages since then, by address; the most first. */
struct overview_writer {
	struct slice name, address;
	int64_t messages;
};
int overview_writers(struct overview *ov, struct arena *a, const char *list, int64_t since,
		     size_t max, struct overview_writer **ws, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* What a month brought along: present messages with attachments; and URLs in their authors' own
 * words, each once, with the first message that has it. The oldest first. */
int overview_month_files(struct overview *ov, struct arena *a, const char *list, int month,
			 size_t max, struct overview_message **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
struct overview_url {
	struct slice url;
	int64_t message;  /* row */
	int64_t messages; /* that have it */
};
int overview_month_urls(struct overview *ov, struct arena *a, const char *list, int month,
			size_t max, struct overview_url **us, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
struct overview_totals {
	int64_t messages, threads, first, last;
};
int overview_totals(struct overview *ov, const char *list, struct overview_totals *t, struct err *e)
    __attribute__((warn_unused_result));

/* --- marks ------------------------------------------------------------------------------------ */

enum dirty_kind {
	DIRTY_MESSAGE,      /* ref: message row */
	DIRTY_THREAD,       /* ref: thread row; arg: lowest page number (from 1) that changed */
	DIRTY_MONTH,        /* ref: month; arg: from this date on its threads are others */
	DIRTY_LIST,         /* the list's page and feed */
	DIRTY_FRONT,        /* the front page, site map */
	DIRTY_MBOX_MONTH,   /* ref: month */
	DIRTY_MBOX_THREAD,  /* ref: thread row */
	DIRTY_ALIAS,        /* ref: row of an old root (a ghost's too): /t/KEY/ leads on to its
			       thread, unless it is a root again */
	DIRTY_MONTH_FIRST,  /* ref: month, whose first page has its sums */
	DIRTY_MONTH_THREAD, /* ref: thread row: the page of its month that has it */
	DIRTY_THREAD_BESIDE /* ref: thread row: others stand before or after it in time */
};
/* A mark may outlive what it names: a thread or message that is not found has no page any more. */
struct dirty {
	int64_t mark; /* for clearing; a page that is dirtied anew meanwhile has a new mark */
	enum dirty_kind kind;
	const char *list;
	int64_t ref, arg;
};
/* The oldest marks, at most max. */
int overview_dirty(struct overview *ov, struct arena *a, size_t max, struct dirty **ds, size_t *n,
		   struct err *e) __attribute__((warn_unused_result));
/* Clears those marks that were not put anew meanwhile; a transaction of its own, as is
 * overview_indexed. */
int overview_dirty_clear(struct overview *ov, const struct dirty *ds, size_t n, struct err *e)
    __attribute__((warn_unused_result));
/* Inside a transaction or alone. */
int overview_mark(struct overview *ov, enum dirty_kind kind, const char *list, int64_t ref,
		  int64_t arg, struct err *e) __attribute__((warn_unused_result));
/* Rows that wait for the index, oldest first / that are in it now. */
int overview_unindexed(struct overview *ov, struct arena *a, size_t max, int64_t **ids, size_t *n,
		       struct err *e) __attribute__((warn_unused_result));
int overview_indexed(struct overview *ov, const int64_t *ids, size_t n, struct err *e)
    __attribute__((warn_unused_result));

/* All present rows (of a list; NULL: of all) wait for the index again. A transaction of its own. */
int overview_reindex(struct overview *ov, const char *list, struct err *e)
    __attribute__((warn_unused_result));

#endif
