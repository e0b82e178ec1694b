/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bare_xapian: the floor: Xapian's own TermGenerator over the same texts, places and all. */
#ifndef TESTS_BENCH_BARE_XAPIAN_H
#define TESTS_BENCH_BARE_XAPIAN_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/index.h"

#ifdef __cplusplus
extern "C" {
#endif
/* Indexes into a new database at dir, one thread, one commit each batch. 0 or -1. */
int bare_xapian(const char *dir, const struct index_doc *docs, size_t n, size_t batch, bool places);
#ifdef __cplusplus
}
#endif

#endif
