/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * body_writer: what those who write a message's body as HTML have in hand: body.c, which goes
 * through its parts, quotes.c (plain text), rich.c (HTML mail), cards.c (all that is no text).
 */
#ifndef ARCHIVE_BODY_WRITER_H
#define ARCHIVE_BODY_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/blocks.h"
#include "archive/body.h"
#include "base/arena.h"
#include "base/buf.h"
#include "mail/attachments.h"
#include "mail/message.h"

struct body_writer {
	struct buf *b;
	struct arena *a;
	const struct body_style *style;
	const struct message *m;
	const struct attachment *files;
	size_t nfiles;
	bool *placed;         /* for each of files: a picture that stands in the text already */
	struct slice *event;  /* the last invitation, which often comes twice */
	struct tongue tongue; /* of the whole */
	struct blocks_style blocks;
};

#endif
