/* SPDX-License-Identifier: GPL-2.0-or-later */
/* maildocs: the messages of a mailbox as documents for the index, for tests and measurements. */
#ifndef TESTS_TOOLS_MAILDOCS_H
#define TESTS_TOOLS_MAILDOCS_H

#include <stddef.h>
#include <stdint.h>

#include "archive/index.h"
#include "base/arena.h"

struct maildocs {
	struct index_doc *doc;
	size_t n;
	int64_t bytes; /* of the messages */
	int64_t text;  /* of what is indexed of their bodies */
};

/*
 * Adds at most max messages of the mbox at path to d (all zero at first), in the arena; ids go on
 * from the last one. Cited lines, attributions and signatures are the quoted text. -1 if it can't
 * be read.
 */
int maildocs_add(struct maildocs *d, struct arena *a, const char *path, const char *list,
		 size_t max);

#endif
