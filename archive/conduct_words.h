/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conduct_words: the ladder's steps and the record's events in plain words, for pages and feeds. */
#ifndef ARCHIVE_CONDUCT_WORDS_H
#define ARCHIVE_CONDUCT_WORDS_H

#include <stdbool.h>

#include "archive/record.h"
#include "base/arena.h"
#include "base/buf.h"
#include "conf/conf.h"

/* Who may take a step, what it does, after what, who is told. */
void step_words(struct buf *b, struct arena *a, const char *lang, const struct conf_step *s);
/* The step of a rule as the record has it: step "NAME" { KEY = "VALUE" … }. What it has besides is
 * passed over. */
void step_of_rule(struct conf_step *s, struct arena *a, struct slice rule);

/* What happened; markup: names stand in <bdi>, else it is plain text. Nothing for an event of which
 * there are no words. */
void event_words(struct buf *b, struct arena *a, const char *lang, const struct record_event *ev,
		 bool markup);
/* " Until 22 November 2026, 14:49 UTC." where it lasts. */
void event_until(struct buf *b, struct arena *a, const char *lang, const struct record_event *ev);

#endif
