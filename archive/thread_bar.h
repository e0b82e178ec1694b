/* SPDX-License-Identifier: GPL-2.0-or-later */
/* thread_bar: the ways on at the foot of a thread's page: to the thread before, to the month, to
 * the thread after, by the dates on which they began. */
#ifndef ARCHIVE_THREAD_BAR_H
#define ARCHIVE_THREAD_BAR_H

#include "base/buf.h"
#include "archive/conversation.h"
#include "archive/frame.h"

struct thread_bar {
	struct overview_thread before, after; /* id 0 where there is none */
};

int thread_bar_find(struct thread_bar *t, struct press *p, const struct conversation *c,
		    struct err *e) __attribute__((warn_unused_result));
/* All that is shown of them, for the page's stamp. */
void thread_bar_digest(struct buf *b, const struct thread_bar *t);
void thread_bar_put(struct buf *b, const struct thread_bar *t, const struct frame *f);

#endif
