/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message_page: LIST/m/KEY/ of one message: what it says, its place in the thread (which one it is,
 * what it answers, what answers it, before and after), its neighbours by date; the raw file and the
 * attachments beside it. A withdrawn message's page is PRESS_GONE (press.h), which says when and
 * why, and keeps its place in the thread.
 */
#ifndef ARCHIVE_MESSAGE_PAGE_H
#define ARCHIVE_MESSAGE_PAGE_H

#include "base/err.h"
#include "archive/conversation.h"
#include "archive/press.h"

/* rows[at] of the thread. made (may be NULL): was there no page before? */
int message_page(struct press *p, const struct conversation *c, size_t at, bool *made,
		 struct err *e) __attribute__((warn_unused_result));

#endif
