/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terms: what the index stores of one document: each distinct term once, with how often, and which
 * words stand side by side (pairs.h). Collected in one table here, because handing each occurrence
 * to Xapian on its own costs most of the time that indexing takes.
 *
 * A term is its field's letter and a folded word. Own words have none, so that terms of own words
 * begin with a small letter and all others with a capital one.
 */
#ifndef ARCHIVE_TERMS_H
#define ARCHIVE_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/pairs.h"
#include "archive/words.h"
#include "base/buf.h"
#include "base/slice.h"

#define TERM_OWN ""
#define TERM_QUOTED "Q"
#define TERM_SUBJECT "S"
#define TERM_FROM "A"
#define TERM_TO "T"
#define TERM_NAME "N"         /* of an attachment */
#define TERM_STEM "Z"         /* of own words; followed by the language, two letters */
#define TERM_SUBJECT_STEM "Y" /* of the subject's */
#define TERM_MSGID "M"        /* its hash */
#define TERM_LIST "L"
#define TERM_HAS "H"
#define TERM_HAS_ATTACHMENT "attachment"
#define TERM_SAMPLE "R" /* "R1": of one document in 16, "R2": of one in 256 */

#define TERM_MAX 240 /* bytes; Xapian's limit is 245 */

/* Of one document. What goes beyond is not indexed: it is no text that a person wrote. */
#define TERMS_MAX 40000

struct term {
	struct slice text;
	uint32_t count; /* weight: occurrences where they count; 0: it only finds */
	bool stem;      /* a word as written, of own text or subject: its stem is wanted */
	size_t at;
};

struct terms;
struct terms *terms_new(void) __attribute__((returns_nonnull));
void terms_free(struct terms *t);
void terms_clear(struct terms *t);

enum {
	TERMS_PAIRS = 1,   /* phrases find it */
	TERMS_TRIPLES = 2, /* and are sure of three words in a row (of grams they always are) */
	TERMS_STEMS = 4,
	TERMS_FAINT = 8,   /* counts once, however often */
	TERMS_ECHO = 64,   /* finds, and weighs nothing */
	TERMS_SCREEN = 16, /* leave out lines of base64 */
	/* A word that own text has, too (added before), is no term but its mark in the set of
	 * pairs: a byte instead of eight. */
	TERMS_MARKS = 32
};
/* The words of a text under a field. A phrase does not run from one text into the next. */
void terms_add_text(struct terms *t, struct fold *fold, const char *field, struct slice text,
		    int flags);
/* One term as it is (cut at TERM_MAX with a hash of the rest). */
void terms_add(struct terms *t, const char *field, struct slice text);

/* When all are added: the terms, in no order; and the set of pairs, appended to out. */
size_t terms_finish(struct terms *t, const struct term **all);
void terms_pairs(struct terms *t, struct buf *out);

/*
 * What a phrase in a field asks of the set of pairs; the same rule makes the sets. Words are on the
 * plain level: who asks with accents asks for the words too.
 */
struct neighbours {
	char field; /* 0: own words */
	bool triples;
	size_t n; /* words before this one, at most 2 */
	uint32_t before[2];
	bool gram; /* the one before is a gram joined to the one before it */
};
/* Takes the next word; at most 2 hashes into out. How many. */
size_t neighbours_next(struct neighbours *nb, const struct word *word, uint32_t out[2]);

/* The mark of a term (its text without the field's letter). */
uint32_t term_mark(const char *field, struct slice text);

/* A term too long is its beginning and a hash; out has room for TERM_MAX. Its length. */
size_t term_make(char *out, const char *field, struct slice text);

#endif
