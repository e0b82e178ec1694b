/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_page: LIST/, what the list is, how to join and leave, recent and liveliest threads, its
 * months, who wrote most if the list says so; and the site's front page, which tells of all lists
 * what they are for and how alive they are. */
#ifndef ARCHIVE_LIST_PAGE_H
#define ARCHIVE_LIST_PAGE_H

#include "base/err.h"
#include "archive/press.h"

#define LIST_PAGE_THREADS 15 /* recent ones */
#define LIST_PAGE_LIVELIEST 5
#define LIST_PAGE_WRITERS 10

int list_page(struct press *p, const char *list, struct err *e) __attribute__((warn_unused_result));
int front_page(struct press *p, struct err *e) __attribute__((warn_unused_result));

#endif
