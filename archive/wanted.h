/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wanted: which parent a message wants (forest.h tells the rules), and whose wish changes when a
 * message comes. It asks the tables and changes none.
 */
#ifndef ARCHIVE_WANTED_H
#define ARCHIVE_WANTED_H

#include "base/err.h"
#include "archive/digests.h"
#include "archive/forest.h"
#include "archive/nodes.h"

struct wanted {
	struct nodes *nodes;
	struct digests *digests;
};

/*
 * Sets n->wanted and n->weak; *parent is that row, or has id 0. last: the row of the last reference
 * (id 0: none). home: the row with its id, 0 if there is none yet. *best: for a reply to a digest,
 * the message that fits best.
 */
int wanted_by(const struct wanted *w, const struct planting *p, struct node *n,
	      const struct node *last, int64_t home, struct node *parent,
	      struct digest_target *best, struct err *e) __attribute__((warn_unused_result));
/*
 * n has come; base: the row with its id. Does the next message of the same subject want it now?
 * 1: *home, the row whose wish that is, as it shall become; 0; -1.
 */
int wanted_by_next(const struct wanted *w, const struct node *n, int64_t base, struct node *home,
		   struct err *e) __attribute__((warn_unused_result));
/* The same of a reply to a digest whose reference or target is new. */
int wanted_again(const struct wanted *w, int64_t reply, struct node *home, struct err *e)
    __attribute__((warn_unused_result));

#endif
