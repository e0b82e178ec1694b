/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_page: LIST/, what the list is, how to join and leave, recent threads, its months; and the
 * site's front page, which tells of all lists what they are for and how alive they are. */
#ifndef ARCHIVE_LIST_PAGE_H
#define ARCHIVE_LIST_PAGE_H

#include "base/err.h"
#include "archive/press.h"

#define LIST_PAGE_THREADS 25 /* recent ones */

int list_page(struct press *p, const char *list, struct err *e) __attribute__((warn_unused_result));
int front_page(struct press *p, struct err *e) __attribute__((warn_unused_result));

#endif
