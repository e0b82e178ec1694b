/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terms: what the index stores of one document: each distinct term once, with how often and where.
 * Collected in one table here, because handing each occurrence to Xapian on its own costs most of
 * the time that indexing takes.
 *
 * A term is its field's letter and a folded word. Own words have none, so that terms of own words
 * begin with a small letter and all others with a capital one.
 */
#ifndef ARCHIVE_TERMS_H
#define ARCHIVE_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/words.h"
#include "base/slice.h"

#define TERM_OWN ""
#define TERM_QUOTED "Q"
#define TERM_SUBJECT "S"
#define TERM_FROM "A"
#define TERM_TO "T"
#define TERM_NAME "N"         /* of an attachment */
#define TERM_STEM "Z"         /* of own words; followed by the language, two letters */
#define TERM_SUBJECT_STEM "Y" /* of the subject's */
#define TERM_MSGID "M"
#define TERM_LIST "L"
#define TERM_THREAD "G"
#define TERM_HAS "H"

#define TERM_MAX 240 /* bytes; Xapian's limit is 245 */

/* Of one document. What goes beyond is not indexed: it is no text that a person wrote. */
#define TERMS_MAX 40000
#define TERMS_PLACES_MAX 200000

struct term {
	struct slice text;
	uint32_t count; /* weight: occurrences where they count */
	bool stem;      /* a word as written, of own text or subject: its stem is wanted */
	size_t nplaces, first;
};

struct terms;
struct terms *terms_new(void) __attribute__((returns_nonnull));
void terms_free(struct terms *t);
void terms_clear(struct terms *t);

enum {
	TERMS_PLACES = 1, /* remember where: phrases find it */
	TERMS_STEMS = 2,
	TERMS_FAINT = 4, /* counts once, however often */
	TERMS_SCREEN = 8 /* leave out lines of base64 */
};
/* The words of a text under a field. Texts of one field stand one behind the other. */
void terms_add_text(struct terms *t, struct fold *fold, const char *field, struct slice text,
		    int flags);
/* One term as it is (cut at TERM_MAX with a hash of the rest). */
void terms_add(struct terms *t, const char *field, struct slice text);

/* When all are added: the terms in byte order, and the places of one. */
size_t terms_finish(struct terms *t, const struct term **all);
const uint32_t *terms_places(const struct terms *t, const struct term *term);

/* A term too long is its beginning and a hash; out has room for TERM_MAX. Its length. */
size_t term_make(char *out, const char *field, struct slice text);

#endif
