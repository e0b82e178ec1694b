/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * habits: what mail programs and telephones do to a line that a person typed as a command: bold
 * marks, quotation marks, a full stop, a line about the telephone below it.
 */
#ifndef DAEMON_HABITS_H
#define DAEMON_HABITS_H

#include <stdbool.h>

#include "base/slice.h"

/* The line without what stands around its words: white space, also of the wide and the invisible
 * kind, a list's bullet, marks of emphasis and quotation that stand on both sides. */
struct slice habits_bare_line(struct slice line);
/* Words that are no prose, without punctuation and emphasis at the end; one word, without emphasis
 * and quotation marks on either side, too. */
struct slice habits_bare_end(struct slice words);
struct slice habits_bare_word(struct slice word);
/* "Sent from my telephone", in the languages that telephones speak: nobody wrote that. */
bool habits_is_device_line(struct slice line);

#endif
