/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest_parts: the text of a reply to a digest, parted into what it quotes: each quote with what
 * stands above it (header lines as in RFC 1153, or an attribution), the digest's own beginning, and
 * the replier's words. Any text is parted somehow, in one pass.
 */
#ifndef ARCHIVE_DIGEST_PARTS_H
#define ARCHIVE_DIGEST_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/readable.h"

#define DIGEST_LINES_MAX 20000 /* looked at */
#define DIGEST_PARTS_MAX 500
#define DIGEST_INTRO_MAX 240 /* bytes of first words, in which somebody is addressed */

enum {
	DIGEST_FROM,
	DIGEST_DATE,
	DIGEST_TO,
	DIGEST_SUBJECT,
	DIGEST_ID,
	DIGEST_OTHER,
	DIGEST_FIELDS /* and what belongs to none */
};

/* A quote with what stands above it. */
struct digest_part {
	struct slice field[DIGEST_FIELDS + 1]; /* header lines above it, */
	struct slice words;                    /* or an attribution, or neither */
	bool digest;   /* what stands above it speaks of the digest itself */
	bool contents; /* an entry of the table of contents; words: its author */
	size_t first;  /* its first line */
	size_t quoted; /* lines that are not blank */
};

struct digest_parts {
	struct arena *arena;
	const struct text_line *lines;
	size_t n;
	bool *quoted; /* of each line */
	struct digest_part *parts;
	size_t nparts;
	size_t answered;    /* the part right before the first own words below a quote, from 1; 0 */
	bool whole;         /* the digest's beginning is there */
	bool parted;        /* own words stand below the last quote */
	bool inside;        /* a digest without quote marks has begun */
	struct slice intro; /* the first own words above all quotes */
};

/* Lives in the arena and the lines. */
void digest_parts_read(struct digest_parts *p, struct arena *a, const struct text_line *lines,
		       size_t n);
/* Nothing above it says whose words it has. */
bool digest_part_bare(const struct digest_part *part);
/* A line without its quote marks, and how many it had. */
struct slice digest_unmarked(struct slice line, int *depth);
/* "ann at example.org", as archives write it, with its sign again. */
struct slice digest_with_at(struct arena *a, struct slice s);

#endif
