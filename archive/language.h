/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * language: which language a text is written in, as far as it can be told: for screen readers,
 * hyphenation and the choice of glyphs on pages, and for stems in the index. No answer is better
 * than a wrong one: English read with a Danish voice cannot be followed.
 */
#ifndef ARCHIVE_LANGUAGE_H
#define ARCHIVE_LANGUAGE_H

#include "base/slice.h"

#define LANGUAGE_SIZE 16
#define LANGUAGE_SAMPLE 1000 /* bytes of a text that tell its language */

/* The tag (BCP 47) of a text's language, or "". text is UTF-8. */
void language_of(struct slice text, char tag[LANGUAGE_SIZE]);
/*
 * The same of a short one, a subject or some lines, in which names and code weigh more: "" unless
 * its letters are long enough to tell, or of a script that tells by itself.
 */
void language_of_line(struct slice line, char tag[LANGUAGE_SIZE]);

#endif
