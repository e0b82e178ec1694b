/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place: where a message stands, on its own page: which one it is of its thread, what it answers,
 * and the ways on from it: through the thread, by date, by answering.
 */
#ifndef ARCHIVE_PLACE_H
#define ARCHIVE_PLACE_H

#include "base/buf.h"
#include "archive/conversation.h"
#include "archive/frame.h"

struct place {
	const struct frame *frame;
	const struct conversation *c;
	size_t at;                             /* in its rows */
	struct overview_message before, after; /* by date; id 0 where there is none */
};

/* Fills before and after. */
int place_find(struct place *p, struct press *press, struct err *e)
    __attribute__((warn_unused_result));
/* The nearest row in tree order that has a page, or NULL. */
const struct overview_message *place_beside(const struct place *p, bool after);
/* "LIST/m/KEY/" */
char *place_path(struct arena *a, const struct overview_message *m);

/* When, and which one it is of how many. */
void place_line(struct buf *b, const struct place *p);
void place_parent(struct buf *b, const struct place *p);
void place_by_date(struct buf *b, const struct place *p);
/* Through the thread, under the reader's thumb: the last thing on the page. */
void place_bar(struct buf *b, const struct place *p);
/* A reply to the list, begun in the reader's own mail program (RFC 6068): nobody's address but the
 * list's is in the page. Some programs take References from such a link, more In-Reply-To. */
void place_reply(struct buf *b, const struct place *p);
/* ' href="mailto:…"' of it. */
void place_reply_href(struct buf *b, const struct place *p);

#endif
