/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue: mail that waits for a relay. The list role and the command add, inside their transaction;
 * the deliver role takes what is due and records results. Owner of the tables out and delivery.
 *
 * A post's out row may be there a moment before its file out/SPOOL (step 6 links it after T1):
 * deliver treats a missing file as "not yet". Retries: t0 + 60 s * n^2, five days, then it expires
 * (a soft bounce). When the last delivery row of an out row goes, the row goes, then its file.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "base/id.h"
#include "base/slice.h"

enum {
	QUEUE_UTF8 = 1 << 0,        /* needs SMTPUTF8 */
	QUEUE_8BIT = 1 << 1,        /* needs 8BITMIME */
	QUEUE_NULL_RETURN = 1 << 2, /* return path <>: answers, never to be answered */
	QUEUE_AGAIN = 1 << 3,       /* a retry was asked for at once ("queue flush") */
	QUEUE_TRACED = 1 << 4       /* what becomes of it is noted (fate.h) */
};

#define QUEUE_EXPIRES (5 * 86400)

struct queue_mail {
	const char *spool; /* name in out/, or "" */
	const char *list;  /* "" for the site's own */
	const char *kind;  /* post, notice, digest, probe */
	const char *copies;
	int64_t seq;
	struct slice head; /* ends with the empty line; or the whole mail */
	int64_t body_at;
	int flags;
	int64_t created; /* set by queue_mail */
};

/* Adds an out row: its id, or -1. */
int64_t queue_add(struct db *db, const struct queue_mail *m, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* One recipient. subscription 0: no member. */
int queue_add_recipient(struct db *db, int64_t out, int64_t subscription, struct slice recipient,
			int64_t now, struct err *e) __attribute__((warn_unused_result));
/*
 * All members of list who get single mails at this instant: delivery 'mail', no vacation, not
 * paused; not except (a subscription row that wants no copy of its own posts; 0: nobody); nobody
 * who already has a row of a post with the same ID in out.spool, whatever its suffix (umbrella and
 * cross-posts). Returns how many.
 */
int64_t queue_add_members(struct db *db, int64_t out, const char *list, int64_t except, int64_t now,
			  struct err *e) __attribute__((warn_unused_result));

/*
 * Behind queue_add_members, for a post: who got it by another entry through another list, or
 * through an umbrella of this one, gets none of this mail. Whether she did is told by what her
 * membership there was at that time; where it was changed since, she gets it twice rather than
 * never. Then notes that it went to this list. *again: it had gone to this very list before. How
 * many rows are gone, or -1.
 */
int64_t queue_once(struct db *db, int64_t out, const char *list, struct slice msgid,
		   const char *body, int64_t except, int64_t now, bool *again, struct err *e)
    __attribute__((warn_unused_result));

/* All members of list who get digests in this language and form at this instant. How many. */
int64_t queue_add_digest_members(struct db *db, int64_t out, const char *list, const char *language,
				 bool plain, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* A member has left: what still waits for this subscription is taken back (queue_sweep does the
 * rest). */
int queue_take_back(struct db *db, int64_t subscription, struct err *e)
    __attribute__((warn_unused_result));
/* Takes a mail back that got no recipient. */
int queue_drop(struct db *db, int64_t out, struct err *e) __attribute__((warn_unused_result));

/* --- deliver's side ----------------------------------------------------------------------------
 */

/* Mails with a row due, oldest first, those after the out row `after`: their ids, at most max. The
 * work does not grow with the rows of a mail. */
int queue_due_mails(struct db *db, int64_t now, int64_t after, int64_t *outs, size_t max, size_t *n,
		    struct err *e) __attribute__((warn_unused_result));

struct queue_row {
	int64_t id, next, subscription;
	int attempts;
	struct slice recipient;
};
/* Due rows of a mail in the order of (next, id), those behind after_next, after_id: at most max.
 * Rows that are being delivered stay due until queue_record: the caller goes on from the last row
 * it has. */
int queue_due(struct db *db, struct arena *a, int64_t out, int64_t now, int64_t after_next,
	      int64_t after_id, size_t max, struct queue_row **rows, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* The mail of an out row: 1, 0 when it is gone, -1. */
int queue_mail(struct db *db, struct arena *a, int64_t out, struct queue_mail *m, struct err *e)
    __attribute__((warn_unused_result));
/* When the next row after that time is due (seconds); INT64_MAX if none is. */
int queue_next_due(struct db *db, int64_t after, int64_t *t, struct err *e)
    __attribute__((warn_unused_result));

struct queue_result {
	int64_t id, out;
	enum { QUEUE_SENT, QUEUE_TEMPORARY, QUEUE_PERMANENT } what;
	struct slice error; /* the relay's words, cleaned */
	/* out, filled by queue_record: */
	bool gone;         /* somebody took it back meanwhile: nothing was recorded */
	bool expired;      /* temporary for too long: it is gone now, count it as a soft bounce */
	bool finished;     /* it was the last row of its mail, which is gone now, too */
	char file[ID_MAX]; /* it was the last row of the last mail with this file: out/FILE may go;
			      else "" */
};
/* T2: inside a transaction of the caller. Rows that were sent or are permanent go. */
int queue_record(struct db *db, struct queue_result *res, size_t n, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* Everything is due now. Returns how many rows. */
int64_t queue_flush(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));

/* For the command: one row a recipient that waits. */
int queue_each(struct db *db,
	       int (*each)(void *arg, int64_t id, const char *list, const char *recipient,
			   int attempts, int64_t next, const char *error),
	       void *arg, struct err *e) __attribute__((warn_unused_result));
/* What waits for one address, whatever it is / is taken back, and the address with it. How many. */
struct queue_waiting {
	const char *list, *kind, *error;
	int64_t created, next;
	int attempts;
};
int queue_each_to(struct db *db, struct slice address,
		  int (*each)(void *arg, const struct queue_waiting *w), void *arg, struct err *e)
    __attribute__((warn_unused_result));
int64_t queue_forget(struct db *db, struct slice address, struct err *e)
    __attribute__((warn_unused_result));
/* Mails whose last recipient was taken back go (their members left meanwhile). */
int queue_sweep(struct db *db, struct err *e) __attribute__((warn_unused_result));
/* File names in out/ that no row needs. true: needed. */
bool queue_needs_file(struct db *db, const char *spool);
int queue_count(struct db *db, int64_t *rows, int64_t *mails, struct err *e)
    __attribute__((warn_unused_result));

#endif
