/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elsewhere: a message that was posted to several lists stands in each one's archive, and each of
 * its pages names the others: whoever reads one half of a discussion finds the other half.
 */
#ifndef ARCHIVE_ELSEWHERE_H
#define ARCHIVE_ELSEWHERE_H

#include <stddef.h>

#include "base/buf.h"
#include "archive/conversation.h"
#include "archive/frame.h"

/* "Also on: …" of the message rows[at]: its pages and their threads on other lists. */
void elsewhere_message(struct buf *b, const struct frame *f, const struct conversation *c,
		       size_t at);
/* The same of all messages on one page of the thread: the threads they belong to on other lists. */
void elsewhere_page(struct buf *b, const struct frame *f, const struct conversation *c, int page);
/* What elsewhere_page would show, for the page's stamp. */
void elsewhere_digest(struct buf *b, const struct conversation *c, int page);

#endif
