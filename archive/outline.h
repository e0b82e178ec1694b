/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outline: the thread at a glance on a message's page, who answered whom, with this message marked.
 * A short thread is shown whole; of a long one, what this message answers and what answers it, so
 * that a page stays small and a new message changes few of them.
 */
#ifndef ARCHIVE_OUTLINE_H
#define ARCHIVE_OUTLINE_H

#include "base/buf.h"
#include "archive/conversation.h"
#include "archive/frame.h"

#define OUTLINE_WHOLE 30 /* rows of a thread that is shown whole */
#define OUTLINE_ABOVE 6  /* of a longer one: messages above this one */
#define OUTLINE_BELOW 20 /* and answers to it; more are told by their number */

/* Nothing, where rows[at] is alone in its thread. */
void outline_put(struct buf *b, const struct frame *f, const struct conversation *c, size_t at);

#endif
