/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passage: what a message's own page and its thread's page both show of it. */
#ifndef ARCHIVE_PASSAGE_H
#define ARCHIVE_PASSAGE_H

#include "base/buf.h"
#include "archive/frame.h"
#include "archive/render.h"

/* Who wrote it. */
void passage_byline(struct buf *b, const struct frame *f, const struct overview_message *m);
void passage_attachments(struct buf *b, const struct frame *f, const struct overview_message *m,
			 const struct rendering *r);
/* What it says, in its own language and direction. */
void passage_body(struct buf *b, const struct frame *f, const struct overview_message *m,
		  const struct rendering *r);
/* Of one that answers a digest and begins a thread: that what it answers was not found. */
void passage_digest_note(struct buf *b, const struct frame *f, const struct overview_message *m);
/* Of a withdrawn one: that it was, and why. */
void passage_tombstone(struct buf *b, const struct frame *f, const struct overview_message *m);

#endif
