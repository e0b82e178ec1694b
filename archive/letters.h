/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * letters: what a message says of itself (table message) and, together with its place in the
 * forest, the rows that the overview gives out (view letter).
 */
#ifndef ARCHIVE_LETTERS_H
#define ARCHIVE_LETTERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "archive/fields.h"
#include "archive/lists.h"
#include "archive/overview.h"
#include "archive/threads.h"

extern const char *const letters_schema[]; /* statements, NULL-terminated */

int letters_add(struct db *db, int64_t id, const struct fields *f, struct err *e)
    __attribute__((warn_unused_result));
/* Leaves nothing but the reason, and when that was. */
int letters_blank(struct db *db, int64_t id, const char *reason, int64_t when, struct err *e)
    __attribute__((warn_unused_result));
int letters_drop_list(struct db *db, int64_t list, struct err *e)
    __attribute__((warn_unused_result));

/* All present ones of a list (0: of all lists) are marked for the index. */
int letters_reindex(struct db *db, int64_t list, struct err *e) __attribute__((warn_unused_result));

/* 1 found, 0 not, -1. */
int letters_get(struct db *db, struct lists *ls, struct arena *a, int64_t id,
		struct overview_message *m, struct err *e) __attribute__((warn_unused_result));
int letters_find(struct db *db, struct lists *ls, struct arena *a, int64_t list,
		 const uint8_t key[NODE_KEY_SIZE], struct overview_message *m, struct err *e)
    __attribute__((warn_unused_result));
/* All rows of a thread, nodes of them. */
int letters_of_thread(struct db *db, struct lists *ls, struct arena *a, const struct thread *th,
		      struct overview_message **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* Present ones: the newest; those behind (date, rank). At most max. */
int letters_newest(struct db *db, struct lists *ls, struct arena *a, int64_t list, size_t max,
		   struct overview_message **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
int letters_after(struct db *db, struct lists *ls, struct arena *a, int64_t list, int64_t date,
		  int64_t rank, size_t max, struct overview_message **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* Present ones of [from, to) by row, above a row. */
int letters_between(struct db *db, struct lists *ls, struct arena *a, int64_t list, int64_t from,
		    int64_t to, int64_t above, size_t max, struct overview_message **ms, size_t *n,
		    struct err *e) __attribute__((warn_unused_result));
/* Present ones of [from, to) with attachments, the oldest first. */
int letters_with_files(struct db *db, struct lists *ls, struct arena *a, int64_t list, int64_t from,
		       int64_t to, size_t max, struct overview_message **ms, size_t *n,
		       struct err *e) __attribute__((warn_unused_result));
/* Who wrote present ones since then, the most first. */
int letters_writers(struct db *db, struct arena *a, int64_t list, int64_t since, size_t max,
		    struct overview_writer **ws, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* Dates of the first and the last present one; 0 if there is none. */
int letters_span(struct db *db, int64_t list, int64_t *first, int64_t *last, struct err *e)
    __attribute__((warn_unused_result));

#endif
