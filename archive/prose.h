/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prose: the frame of pages that are mostly text: what a list says of itself and of its people. */
#ifndef ARCHIVE_PROSE_H
#define ARCHIVE_PROSE_H

#include "base/err.h"
#include "archive/frame.h"
#include "archive/press.h"

/* Begins p->page as LIST/page/. f is filled; the caller may set what it likes between the two. */
void prose_frame(struct press *p, struct frame *f, const struct conf_list *list, const char *page,
		 const char *title);
void prose_begin(struct press *p, struct frame *f, const struct conf_list *list, const char *page,
		 const char *title);
/* What prose_begin does, for a frame that is filled already. */
void prose_open(struct press *p, const struct frame *f);
/* Ends it, and puts it. */
int prose_end(struct press *p, const struct frame *f, struct err *e)
    __attribute__((warn_unused_result));
void prose_paragraph(struct press *p, const char *text);
void prose_heading(struct press *p, const char *text);

#endif
