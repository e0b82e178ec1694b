/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spell: the words one slip of the hand away from a word: a letter too many, one missing, one
 * wrong, two swapped. They are tried against the index's own terms when a word is in none of the
 * messages, so that help with spelling costs no byte of the index.
 */
#ifndef ARCHIVE_SPELL_H
#define ARCHIVE_SPELL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

#define SPELL_MIN 4 /* letters; what is shorter is near too many others */
#define SPELL_MAX 20

/*
 * Calls each with every such word once or twice, in UTF-8. word is folded UTF-8 without digits; its
 * alphabet is that of its first letter (Latin, Greek, Cyrillic, Hebrew, Arabic). False, and no
 * call, for a word that is too short, too long or in another script.
 */
bool spell_edits(struct slice word, void (*each)(void *arg, struct slice candidate), void *arg);

#endif
