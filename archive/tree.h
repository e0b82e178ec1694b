/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: the rows of one thread in the order in which a person reads them.
 */
#ifndef ARCHIVE_TREE_H
#define ARCHIVE_TREE_H

#include <stddef.h>

#include "base/arena.h"
#include "archive/overview.h"

/*
 * Depth first, children by (date, rank), a ghost by its earliest message below; depth and parent
 * are filled as shown. Ghosts that tell nothing are left out: those with nothing below, and those
 * with one child that are not the root. Rows whose parent is not among them come as roots. The
 * result is in the arena; returns how many.
 */
size_t tree_order(struct arena *a, const struct overview_message *rows, size_t n,
		  struct overview_message **out);

#endif
