/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forest: which message hangs on which.
 *
 * The forest is a function of the set of messages, never of the order of their arrival. Each node
 * has at most one wanted parent:
 *   1. of a message, the last id of its references;
 *   2. of a message without any, but with a reply mark: the nearest earlier one (by date and rank)
 *      of the same base subject in the list, within 30 days, that has no references either (a weak
 *      wish): what has references is below such a one, or below the message itself;
 *   3. of a reply to a digest with one reference at most: that reference, if it is a message here,
 *      else the message of the list that fits best what it quotes (a weak wish, digests.h), else
 *      none: the digest itself is no message of the list, and holds nothing together;
 *   4. of a ghost, the id before it in the references of the message with the least (date, rank)
 *      of all that name one there.
 * So the wishes are a graph in which each circle is closed by itself; it is cut at one member: at
 * a weak wish if it has one, else at any, always at the member with the least (date, rank),
 * ghosts last.
 * Of messages with one id but different bodies the first to come keeps the id's key for ever (links
 * never change); the others, twins, hang on it, and the wish of the one with the least (date, rank)
 * counts for all. Which is called the first is therefore the one thing that arrival decides.
 *
 * rank breaks ties of dates: a number made of Message-ID and body.
 */
#ifndef ARCHIVE_FOREST_H
#define ARCHIVE_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "archive/digests.h"
#include "archive/marks.h"
#include "archive/nodes.h"
#include "archive/threads.h"

#define FOREST_SUBJECT_WINDOW (30 * 86400) /* seconds; a subject is used again after a while */

struct forest;

struct forest_ref {
	uint8_t key[NODE_KEY_SIZE];
	struct slice msgid;
};

/* A message to be planted. */
struct planting {
	int64_t list;
	uint8_t key[NODE_KEY_SIZE];    /* it is filed under */
	uint8_t id_key[NODE_KEY_SIZE]; /* of its Message-ID; another one for a twin */
	struct slice msgid;
	int64_t date, rank;
	int64_t subject; /* a number for its base subject; 0: it has none, or has references */
	bool reply_mark;
	const struct digest_evidence *digest; /* it answers a digest; NULL: it does not */
	struct slice trace;                   /* by which its quotes are known; may be empty */
	const struct forest_ref *refs;        /* oldest first; none twice, not its own */
	size_t nrefs;
};

/* Stands on the four; they are the caller's. */
struct forest *forest_new(struct nodes *ns, struct threads *threads, struct marks *marks,
			  struct digests *digests);
void forest_free(struct forest *f);
/* Before a commit: what was put off. / After a rollback. */
int forest_flush(struct forest *f, struct err *e) __attribute__((warn_unused_result));
void forest_forget(struct forest *f);

/* 1 planted, 0 it was there (then *id is its row), -1. */
int forest_plant(struct forest *f, const struct planting *p, int64_t *id, struct err *e)
    __attribute__((warn_unused_result));
/* Makes a present message a tombstone. */
int forest_withdraw(struct forest *f, int64_t id, struct err *e)
    __attribute__((warn_unused_result));

#endif
