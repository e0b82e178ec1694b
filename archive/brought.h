/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * brought: what a month's messages brought along, on the month's page: documents that were attached
 * and links that were posted, each with who brought it. What says nothing to a reader is left out:
 * signatures, small pictures of letterheads, links that stand below every post.
 */
#ifndef ARCHIVE_BROUGHT_H
#define ARCHIVE_BROUGHT_H

#include "base/err.h"
#include "archive/frame.h"

#define BROUGHT_MESSAGES 200 /* with attachments, looked at a month */
#define BROUGHT_FILES 60     /* shown */
#define BROUGHT_URLS 60

/* Reads the files beside the messages' pages: those must be written first. messages: of that
 * month. */
int brought_put(struct buf *b, const struct frame *f, const char *list, int month, int64_t messages,
		struct err *e) __attribute__((warn_unused_result));

#endif
