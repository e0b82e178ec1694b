/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lists: the lists that the overview knows (table list): a number for each name, and how far the
 * overview has read the list's log. "" is the site itself and has number 0.
 */
#ifndef ARCHIVE_LISTS_H
#define ARCHIVE_LISTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/db.h"
#include "base/err.h"

struct lists;
extern const char *const lists_schema[]; /* statements, NULL-terminated */

struct lists *lists_new(struct db *db);
void lists_free(struct lists *ls);
/* After a rollback: numbers given in it are gone. */
void lists_forget(struct lists *ls);

/* 1 and its number, 0 not known, -1; lists_make makes one (inside a transaction). */
int lists_find(struct lists *ls, const char *name, int64_t *id, struct err *e)
    __attribute__((warn_unused_result));
int lists_make(struct lists *ls, const char *name, int64_t *id, struct err *e)
    __attribute__((warn_unused_result));
/* The name; "" when there is none of that number. It stays until lists_free. */
const char *lists_name(struct lists *ls, int64_t id);
/* Bytes of the log that are in the overview. */
int lists_log_end(struct lists *ls, int64_t id, int64_t *end, struct err *e)
    __attribute__((warn_unused_result));
int lists_set_log_end(struct lists *ls, int64_t id, int64_t end, struct err *e)
    __attribute__((warn_unused_result));

#endif
