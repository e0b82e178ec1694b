/* SPDX-License-Identifier: GPL-2.0-or-later */
/* month_page: LIST/YYYY/MM/, the threads that began in a month, in time order; a long month goes on
 * at LIST/YYYY/MM/2/. */
#ifndef ARCHIVE_MONTH_PAGE_H
#define ARCHIVE_MONTH_PAGE_H

#include "base/err.h"
#include "archive/press.h"

#define MONTH_PAGE 200 /* threads */

/*
 * These pages of a month (rising), and all from the from-th on; all if there are more or fewer than
 * before. month: year * 100 + month. Sums are on the first page. A month with nothing left says so.
 * The first page of a month that is new is also told to the months beside it, whose links lead to
 * it.
 */
int month_pages(struct press *p, const char *list, int month, const int *pages, size_t n, int from,
		struct err *e) __attribute__((warn_unused_result));

/* The pages that marks of months ask for, each once; other marks are passed over. */
int month_pages_marked(struct press *p, struct arena *batch, const struct dirty *ds, size_t n,
		       struct err *e) __attribute__((warn_unused_result));

#endif
