/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conversation: one thread, as its pages and its messages' pages want it.
 *
 * A long thread is split by time: the first CONVERSATION_PAGE messages by date are page 1, and so
 * on, each page a tree of its own, with links to parents and replies on others. So a new message,
 * which is the newest as a rule, changes the last page and that of its parent, however long the
 * thread is.
 */
#ifndef ARCHIVE_CONVERSATION_H
#define ARCHIVE_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "archive/overview.h"

#define CONVERSATION_PAGE 100 /* messages; far below 256 levels, where HTML parsers stop */

struct conversation {
	struct overview_thread info;
	struct overview_message *rows; /* in tree order */
	size_t n;
	size_t *parents;       /* places in rows; CONVERSATION_NONE for a root */
	int *pages;            /* of each row, from 1; a ghost's is that of its first child */
	int *numbers;          /* of each row by date, from 1; a ghost's is 0 */
	int npages, nmessages; /* messages that are or were there: no ghosts */
	struct overview_elsewhere *elsewhere; /* those of one row stand together */
	size_t nelsewhere;
	size_t *also; /* place of a row's first in elsewhere; CONVERSATION_NONE */
};
#define CONVERSATION_NONE SIZE_MAX

/* 1, 0 if there is no such thread any more, -1. All in the arena. */
int conversation_load(struct conversation *c, struct overview *ov, struct arena *a, int64_t thread,
		      struct err *e) __attribute__((warn_unused_result));
/* Place of a message in rows; CONVERSATION_NONE. */
size_t conversation_find(const struct conversation *c, int64_t id);
/* "LIST/t/KEY/" or "LIST/t/KEY/2/". */
char *conversation_path(const struct conversation *c, struct arena *a, int page);

#endif
