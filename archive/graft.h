/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * graft: moves a subtree of the forest to another place and keeps what hangs on that in step:
 * threads are split and merged, their sums follow, pages and index rows that name what moved are
 * marked. Where a subtree belongs is not decided here (forest.h).
 */
#ifndef ARCHIVE_GRAFT_H
#define ARCHIVE_GRAFT_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "archive/marks.h"
#include "archive/nodes.h"
#include "archive/threads.h"

struct grafts;

struct grafts *grafts_new(struct nodes *ns, struct threads *threads, struct marks *marks);
void grafts_free(struct grafts *g);
/* Before a commit: rows whose thread has another root now are marked for the index, once each. */
int grafts_flush(struct grafts *g, struct err *e) __attribute__((warn_unused_result));
void grafts_forget(struct grafts *g);

/* Moves u under p (0: nowhere), which must not be below u. */
int graft(struct grafts *g, int64_t uid, int64_t pid, struct err *e)
    __attribute__((warn_unused_result));
/* A new row n below parent (id 0: a root with a thread of its own), with its counts. */
int graft_new(struct grafts *g, struct node *n, const struct node *parent, struct slice msgid,
	      struct err *e) __attribute__((warn_unused_result));
/* Sums of a thread anew, from its nodes. */
int graft_recount(struct grafts *g, int64_t thread, struct err *e)
    __attribute__((warn_unused_result));

/* The page of n itself, if it has one. */
void graft_mark(struct grafts *g, const struct node *n);
/* Pages that name n: its parent's, its children's, and those beside it in time. */
int graft_mark_around(struct grafts *g, const struct node *n, struct err *e)
    __attribute__((warn_unused_result));

#endif
