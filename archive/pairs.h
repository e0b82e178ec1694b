/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pairs: which words of a document stand side by side, for phrases, in a byte and a quarter a pair.
 *
 * Xapian keeps a list of places for each word of each document, an entry of its own in a B-tree:
 * measured on real lists, over half of the index and a third of the time. A phrase only asks
 * whether words that are all there follow each other. So each document has one set of hashes, of
 * two neighbouring words and of three, coded as in BIP 158: sorted, mapped to a range that grows
 * with the set, differences in Golomb-Rice code. The set says yes to what is in it, and by mistake
 * to one in 2^PAIRS_MISTAKE of what is not; only documents that have all the words are asked.
 */
#ifndef ARCHIVE_PAIRS_H
#define ARCHIVE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

#define PAIRS_MISTAKE 8
/* A document with more says yes to everything: a book, or no text. */
#define PAIRS_MAX 32768

uint32_t pair_word(struct slice word); /* hash of one word */
/* Of two words, or three (third 0: two), in a field. */
uint32_t pair_hash(char field, uint32_t first, uint32_t second, uint32_t third);

/* Appends the set; sorts hashes[0..n). An empty set is no byte. */
void pairs_encode(struct buf *out, uint32_t *hashes, size_t n);
/* Are all of wanted[0..n) in the set? Never reads beyond a set that is not well coded. */
bool pairs_have(struct slice set, const uint32_t *wanted, size_t n);

#endif
