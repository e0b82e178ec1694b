/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fold: what counts as the same letter in search. Two levels: "exact" keeps accents, "plain" has
 * none. The index holds both, a query asks for what was typed: with accents it finds only these,
 * without it finds all (asymmetric search, UTS #10 section 8.2).
 *
 * Both levels: NFKC and full case folding (ß is ss, ς is σ, full width is ASCII), decimal digits of
 * all scripts are ASCII, ё is е, dotted and dotless i are one, Arabic and Hebrew vowel points and
 * the tatweel go, forms of alef, yeh, kaf and heh are one, invisible characters go.
 * Plain level: marks on Latin and Greek letters go; ø ł đ ħ æ œ ð þ become o l d h ae oe d th.
 * Letters that only look accented stay in both levels: й, ї, ў, ガ.
 */
#ifndef ARCHIVE_FOLD_H
#define ARCHIVE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fold_class {
	FOLD_BREAK,  /* ends a word */
	FOLD_SKIP,   /* invisible: as if it were not there */
	FOLD_LETTER, /* letters, digits, "_" */
	FOLD_MARK,   /* goes with the letter before it */
	FOLD_GRAM    /* of a script written without spaces (and Hangul): a unit of its own */
};

#define FOLD_BYTES 12 /* of one folded character; the few that are longer are cut */

struct fold_char {
	uint8_t klass; /* enum fold_class */
	uint8_t nexact, nplain;
	char exact[FOLD_BYTES], plain[FOLD_BYTES]; /* UTF-8 */
	uint32_t mark;                             /* FOLD_MARK: the mark that it stands for */
};

/* Remembers what it folded; one for each thread. */
struct fold;
struct fold *fold_new(void) __attribute__((returns_nonnull));
void fold_free(struct fold *f);
/* Any code point; valid until fold_free. */
const struct fold_char *fold_find(struct fold *f, uint32_t cp);
/* The letter that base and mark make together, or 0. */
uint32_t fold_compose(uint32_t base, uint32_t mark);
/* Hangul, the one script of grams that has spaces. */
bool fold_is_hangul(uint32_t cp);
/* For ASCII, without a cache: the folded letter, or 0 for what ends a word. */
extern const unsigned char fold_ascii[128];

#endif
