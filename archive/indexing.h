/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * indexing: the index follows the overview. Rows that wait are put into it in slices, each one a
 * commit; an index that can't be used (another version, damage) is thrown away and all present
 * rows wait again.
 */
#ifndef ARCHIVE_INDEXING_H
#define ARCHIVE_INDEXING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "archive/overview.h"
#include "archive/store.h"
#include "conf/conf.h"

struct indexing;

/* dir: of the index; stays the caller's. Makes it, readable for the web role. */
int indexing_open(struct indexing **ix, const struct conf *conf, const char *dir, struct err *e)
    __attribute__((warn_unused_result));
void indexing_close(struct indexing *ix);
/* Lets the index go, for other writers. */
void indexing_release(struct indexing *ix);
/* At most max rows: how many were taken (0: none waits), -1. */
int64_t indexing_slice(struct indexing *ix, struct overview *ov, struct store *st, size_t max,
		       struct err *e) __attribute__((warn_unused_result));
/* A part of the index that has grown loose is made dense: 1; 0 there is none; -1, and it is tried
 * again when the index has grown further. */
int indexing_tighten(struct indexing *ix, struct err *e) __attribute__((warn_unused_result));
/* All that is there of a list / of anything away. */
int indexing_drop_list(struct indexing *ix, struct overview *ov, const char *list, struct err *e)
    __attribute__((warn_unused_result));
int indexing_wipe(struct indexing *ix, struct err *e) __attribute__((warn_unused_result));

#endif
