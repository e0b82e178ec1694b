/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digests: replies to digests and what they wait for (table digest_reply), and by what quotes of
 * messages are known again (table trace).
 *
 * Invariants
 * 1. A reply's target is the message that fits best (digest_fit) of all in its list that have a
 *    trace and either the quoted Message-ID or a date before the reply's own, by at most
 *    FOREST_SUBJECT_WINDOW; of equals the latest by (date, rank). How well one fits depends on the
 *    two alone, so the best of all is found from either side, whichever comes last.
 * 2. What is withdrawn leaves no trace: a reply that had found it keeps its place, no other finds
 * it.
 *
 * A reply looks once through the messages of the window; a message looks at the replies of the
 * window behind it, of which there are few, and none at all as mail comes in time order.
 */
#ifndef ARCHIVE_DIGESTS_H
#define ARCHIVE_DIGESTS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "archive/digest_reply.h"
#include "archive/nodes.h"

struct digests;
extern const char *const digests_schema[]; /* statements, NULL-terminated */

struct digests *digests_new(struct db *db);
void digests_free(struct digests *d);

/* A message that fits; row 0: none does. */
struct digest_target {
	int64_t row;
	int fit;
	int64_t date, rank;
};
/* The best for a reply of this place; home: the row with the reply's own id, which is never it. */
int digests_find(struct digests *d, const struct digest_evidence *ev, const struct node *reply,
		 int64_t home, struct digest_target *best, struct err *e)
    __attribute__((warn_unused_result));
/* Row n answers a digest; ref: the row of its reference, or 0. */
int digests_add_reply(struct digests *d, const struct node *n, int64_t ref,
		      const struct digest_evidence *ev, const struct digest_target *best,
		      struct err *e) __attribute__((warn_unused_result));
int digests_add_trace(struct digests *d, int64_t id, struct slice trace, struct err *e)
    __attribute__((warn_unused_result));
/* Row n is there now, with this trace; home: the row with its id. Puts the replies that it fits
 * better than what they had, and those that name it as their reference, into *moved. */
int digests_met(struct digests *d, const struct node *n, int64_t home, struct slice trace,
		struct ids *moved, struct err *e) __attribute__((warn_unused_result));

/* What a reply wants: rows, 0 for none. 1, 0: this row answers no digest, -1. */
struct digest_wish {
	int64_t ref, target;
	bool keep_reference;
};
int digests_wish(struct digests *d, int64_t id, struct digest_wish *w, struct err *e)
    __attribute__((warn_unused_result));

int digests_withdraw(struct digests *d, int64_t id, struct err *e)
    __attribute__((warn_unused_result));
/* Before the rows of the list go. */
int digests_drop_list(struct digests *d, int64_t list, struct err *e)
    __attribute__((warn_unused_result));

#endif
