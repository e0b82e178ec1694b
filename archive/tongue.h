/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tongue: in which script and language the words around are, so that a block in another one says so
 * (lang and dir): screen readers change their voice, browsers their glyphs, Hebrew begins at the
 * right.
 */
#ifndef ARCHIVE_TONGUE_H
#define ARCHIVE_TONGUE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"
#include "archive/language.h"

enum script {
	SCRIPT_NONE, /* no letters */
	SCRIPT_LATIN,
	SCRIPT_GREEK,
	SCRIPT_CYRILLIC,
	SCRIPT_ARABIC,
	SCRIPT_HEBREW,
	SCRIPT_CJK,   /* Han, kana, Hangul: whichever, language_of tells */
	SCRIPT_OTHER, /* one of many others; each text is asked for its language */
	SCRIPTS
};

struct tongue {
	char lang[LANGUAGE_SIZE]; /* "" if unknown */
	enum script script;
};

/* The script that most letters of a text's beginning are of. */
enum script tongue_script(struct slice text);
/* That of a whole text; page: the language that is taken if its script tells nothing else. */
void tongue_of(struct tongue *t, struct slice text, const char *page);
/* ' lang="…" dir="…"' if the text is in another script than the words around it; else nothing. */
void tongue_attrs(struct buf *b, const struct tongue *around, struct slice text);

#endif
