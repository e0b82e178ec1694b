/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listing: threads in a row, as the pages of months and lists show them. */
#ifndef ARCHIVE_LISTING_H
#define ARCHIVE_LISTING_H

#include "base/err.h"
#include "archive/frame.h"

/* <ol class="threads">, or nothing for none. */
int listing_put(struct buf *b, const struct frame *f, const struct overview_thread *ts, size_t n,
		struct err *e) __attribute__((warn_unused_result));

#endif
