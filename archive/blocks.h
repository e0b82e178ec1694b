/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blocks: lines of plain text as paragraphs. Text that a mailer broke at its margin flows again
 * (so that it fits a phone), lists and short lines keep their breaks, and where columns matter
 * (code, tables, diffs, drawings) every space stays: <pre>. In doubt, breaks are kept.
 */
#ifndef ARCHIVE_BLOCKS_H
#define ARCHIVE_BLOCKS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"
#include "archive/tongue.h"

struct blocks_style {
	const char *domain;          /* whose addresses stay readable (links.h) */
	const struct tongue *around; /* what need not be said of a paragraph; NULL: nothing is */
};

/* Lines without their ends, in the order of one text, which they are slices of. */
void blocks_put(struct buf *b, const struct slice *lines, size_t n, const struct blocks_style *st);

#endif
