/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * marks: what is still to be done for a change that is in the overview: pages to be written
 * (table dirty) and rows to be indexed (table unindexed). Marks are gathered in memory, where the
 * same page marked a thousand times in a batch is one mark, and are written by marks_flush at the
 * end of the transaction that made the change, so that change and mark commit together.
 */
#ifndef ARCHIVE_MARKS_H
#define ARCHIVE_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"

struct marks;

/* One page that waits. kind: enum dirty_kind of overview.h. */
struct mark {
	int64_t mark; /* rises with every marking */
	int kind;
	int64_t list, ref, arg;
};

extern const char *const marks_schema[]; /* statements, NULL-terminated */

int marks_open(struct marks **m, struct db *db, struct err *e) __attribute__((warn_unused_result));
void marks_close(struct marks *m);

/* A page; of several args the least counts. */
void marks_page(struct marks *m, int kind, int64_t list, int64_t ref, int64_t arg);
int marks_flush(struct marks *m, struct err *e) __attribute__((warn_unused_result));
void marks_forget(struct marks *m); /* the transaction was rolled back */

/* A row for the index: written at once, so inside the transaction. */
int marks_unindexed_add(struct marks *m, int64_t id, struct err *e)
    __attribute__((warn_unused_result));
/* Rows that wait, least first, at most max. */
int marks_unindexed(struct marks *m, struct arena *a, size_t max, int64_t **ids, size_t *n,
		    struct err *e) __attribute__((warn_unused_result));
int marks_indexed(struct marks *m, const int64_t *ids, size_t n, struct err *e)
    __attribute__((warn_unused_result));

/* The oldest pages, at most max; and those that are written now. */
int marks_pages(struct marks *m, struct arena *a, size_t max, struct mark **out, size_t *n,
		struct err *e) __attribute__((warn_unused_result));
int marks_clear(struct marks *m, int64_t mark, struct err *e) __attribute__((warn_unused_result));
/* All marks of a list, for a rebuild. (Rows that wait go by marks_indexed.) */
int marks_drop_list(struct marks *m, int64_t list, struct err *e)
    __attribute__((warn_unused_result));

#endif
