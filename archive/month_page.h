/* SPDX-License-Identifier: GPL-2.0-or-later */
/* month_page: LIST/YYYY/MM/, the threads that began in a month, in time order; a long month goes on
 * at LIST/YYYY/MM/2/. */
#ifndef ARCHIVE_MONTH_PAGE_H
#define ARCHIVE_MONTH_PAGE_H

#include "base/err.h"
#include "archive/press.h"

#define MONTH_PAGE 200 /* threads */

/*
 * The pages of a month from the from-th on. month: year * 100 + month. A month with nothing left
 * says so. The first page of a month that is new is also told to the months beside it, whose links
 * lead to it.
 */
int month_pages(struct press *p, const char *list, int month, int from, struct err *e)
    __attribute__((warn_unused_result));

#endif
