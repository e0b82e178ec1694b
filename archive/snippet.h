/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snippet: the words around what was found, from the beginning of a message's own text that the
 * index keeps. What was found stands between U+E000 and U+E001; excerpt_make takes both out of
 * whatever is stored, so nobody can write them himself.
 */
#ifndef ARCHIVE_SNIPPET_H
#define ARCHIVE_SNIPPET_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/words.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

#define SNIPPET_BEGIN "\xee\x80\x80" /* U+E000 */
#define SNIPPET_END "\xee\x80\x81"   /* U+E001 */
#define SNIPPET_CHARS 240
#define EXCERPT_BYTES 640 /* kept of a message */

/* Appends text cleaned, on one line, without the two marks: at most max bytes; "…" where it was
 * cut. */
void excerpt_make(struct buf *out, struct slice text, size_t max);

/* What was looked for: folded words in a row. */
struct needle {
	const struct slice *words;
	size_t n;
	bool open;         /* the last word may go on */
	struct slice stem; /* in the language of the text; empty if none */
};
struct needles {
	const struct needle *needle;
	size_t n;
	/* The stem of a word in the language of the text, or empty. NULL: no stems. */
	struct slice (*stem)(void *arg, struct slice word);
	void *arg;
};

/* The best SNIPPET_CHARS of text for these needles; its beginning when none is in it. */
struct slice snippet_make(struct arena *a, struct fold *fold, struct slice text,
			  const struct needles *needles);

#endif
