/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words: a text as the words that search knows. A word is a run of letters, digits, marks and "_";
 * apostrophes, hyphens and dots end it (who asks for "T10-PI" asks for a phrase). Scripts without
 * spaces come as grams, one character each (with its marks): whoever wants pairs joins those that
 * adjoin. The same walk serves indexing, queries and snippets, so that they can't disagree.
 */
#ifndef ARCHIVE_WORDS_H
#define ARCHIVE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/fold.h"
#include "base/slice.h"

/* Longest word in bytes; a longer one keeps its beginning and ends in a hash of the rest. Xapian
 * takes terms of at most 245 bytes, prefixes and stems included. */
#define WORD_MAX 120

struct word {
	bool gram;          /* one character of a script without spaces */
	bool joined;        /* a gram that follows the gram before it directly */
	bool accented;      /* plain differs from exact */
	struct slice exact; /* folded, accents kept; valid until the next call */
	struct slice plain; /* and without accents */
	size_t start, end;  /* where in the text it stands */
};

struct word_buf {
	size_t n;
	uint64_t rest; /* hash of what did not fit */
	bool over;
	char p[WORD_MAX];
};

struct words {
	struct fold *fold;
	struct slice text;
	size_t at;
	/* state between and in words */
	uint32_t gram_before; /* the gram right before at, or 0 */
	uint32_t last;        /* last letter, for marks behind it; 0 if unknown */
	size_t last_exact, last_plain;
	struct word_buf exact, plain;
	bool two; /* plain is kept apart from exact */
};

/* text is UTF-8; invalid bytes end words. */
void words_init(struct words *w, struct fold *fold, struct slice text);
bool words_next(struct words *w, struct word *out);

#endif
