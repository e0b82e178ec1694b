/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thread_page: LIST/t/KEY/, a whole conversation as a tree of nested <ol> with <li id="KEY">, split
 * as conversation.h says; and the links that lead from the key of a thread that was merged into
 * another to where it is now.
 */
#ifndef ARCHIVE_THREAD_PAGE_H
#define ARCHIVE_THREAD_PAGE_H

#include "base/err.h"
#include "archive/conversation.h"
#include "archive/press.h"

/* One page of a thread. 1 written, 0 it was on disk as it is, -1. */
int thread_page(struct press *p, const struct conversation *c, int page, struct err *e)
    __attribute__((warn_unused_result));
/* Pages above the last one, of a thread that shrank, away. */
int thread_page_trim(struct press *p, const struct conversation *c, struct err *e)
    __attribute__((warn_unused_result));
/* LIST/t/KEY leads to LIST/t/ROOT; nothing is done if they are the same. At no moment is there no
 * such path. */
int thread_page_alias(struct press *p, const char *list, const char *key, const char *root,
		      struct err *e) __attribute__((warn_unused_result));

#endif
