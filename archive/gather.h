/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gather: the texts of stored messages as the index wants them.
 */
#ifndef ARCHIVE_GATHER_H
#define ARCHIVE_GATHER_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "archive/index.h"
#include "archive/overview.h"
#include "archive/store.h"
#include "conf/conf.h"

#define GATHER_TEXT_MAX (1024 * 1024) /* bytes of one message's own, or quoted, words */

/* One message that waits for the index. */
struct gather_item {
	struct overview_message m;
	const char *thread_key;
	bool echo;            /* its subject is its parent's */
	bool parent_present;  /* what it quotes is in the archive already */
	struct index_doc doc; /* filled here */
};

struct gather;
struct gather *gather_new(const struct conf *conf);
void gather_free(struct gather *g);
/*
 * Fills items[i].doc; texts live until the next call or gather_free. A message whose file can't be
 * read is indexed with what the overview says of it.
 */
void gather_texts(struct gather *g, struct store *st, struct gather_item *items, size_t n);

#endif
