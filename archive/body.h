/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * body: what a message says, as HTML. Its own text flows; quotes are set apart and, where they are
 * long or at the end, folded in <details> (precision first: an author's own words never are);
 * signatures are set apart; code and tables keep their columns; HTML mail comes in our own small
 * set of elements, its quotes folded likewise; forwarded messages and delivery reports are shown
 * as what they are. All of it is well formed, with nothing of the sender's markup in it.
 */
#ifndef ARCHIVE_BODY_H
#define ARCHIVE_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"
#include "mail/message.h"

#define BODY_OPEN_QUOTE 5 /* lines of a quote that is answered below: shown, not folded */

struct body_style {
	const char *lang;   /* the page's, for our own few words */
	const char *domain; /* whose addresses stay readable */
	struct slice words; /* body_excerpt: what the text around is written in; may be empty */
	const struct mask *mask; /* for what is in the message in a wrap of its own; may be NULL */
};

/* Stands for the way to the message's own files, which is another for each page; no text has it. */
#define BODY_FOLDER "\x01"

/* Elements for a <div>. The message's bytes are those that may be published (mask.h). */
void body_put(struct buf *b, struct arena *a, const struct message *m,
	      const struct body_style *style);
/* What body_put wrote, for a page from which the message's files are at this escaped folder. */
void body_place(struct buf *b, struct slice body, struct slice folder);
/* The beginning of the author's own words, in one line of at most max code points. */
struct slice body_excerpt(struct arena *a, const struct message *m, size_t max);

/* Plain text of ours (a charter) as paragraphs. */
void body_text(struct buf *b, struct arena *a, struct slice text, const char *domain);

#endif
