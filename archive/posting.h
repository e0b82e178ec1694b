/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * posting: what a page tells machines of the messages on it, as JSON-LD in the words of schema.org
 * (DiscussionForumPosting). Data and no more: nobody's address, no text that is not on the page.
 */
#ifndef ARCHIVE_POSTING_H
#define ARCHIVE_POSTING_H

#include "archive/conversation.h"
#include "archive/frame.h"

/* The message rows[at], text being its beginning, lang its language or "". In the arena of f's
 * press, for f->data. */
struct slice posting_message(const struct frame *f, const struct conversation *c, size_t at,
			     struct slice text, const char *lang);
/* The thread: the first message that is there, and the others on this page as its comments. */
struct slice posting_thread(const struct frame *f, const struct conversation *c, int page);

#endif
