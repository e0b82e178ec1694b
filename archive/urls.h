/* SPDX-License-Identifier: GPL-2.0-or-later */
/* urls: what members point to in their own words (table url), for a month's page. */
#ifndef ARCHIVE_URLS_H
#define ARCHIVE_URLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "archive/fields.h"
#include "archive/overview.h"

extern const char *const urls_schema[]; /* statements, NULL-terminated */

int urls_add(struct db *db, int64_t id, const struct fields *f, struct err *e)
    __attribute__((warn_unused_result));
/* Of a message that is withdrawn; of a list. */
int urls_drop(struct db *db, int64_t id, struct err *e) __attribute__((warn_unused_result));
int urls_drop_list(struct db *db, int64_t list, struct err *e) __attribute__((warn_unused_result));
/* Of present messages of [from, to), each once, in the order in which they were first posted. */
int urls_between(struct db *db, struct arena *a, int64_t list, int64_t from, int64_t to, size_t max,
		 struct overview_url **us, size_t *n, struct err *e)
    __attribute__((warn_unused_result));

#endif
