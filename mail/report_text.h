/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_text: what a report says to people, parted from the message that it returns. Reports carry
 * the returned message as a part, as headers only, or pasted behind a line like "--- Below this
 * line is a copy of the message."; nothing in it may be taken for the report's own words.
 */
#ifndef MAIL_REPORT_TEXT_H
#define MAIL_REPORT_TEXT_H

#include "base/arena.h"
#include "base/slice.h"
#include "mail/message.h"

#define REPORT_TEXT_MAX (64 * 1024) /* of all text parts; a report on 1,000 recipients fits */

struct report_text {
	struct slice text;     /* the report's own words: clean UTF-8, lines end in LF */
	struct slice returned; /* the returned message from its header on, as far as it is there */
};

void report_text_find(struct report_text *t, struct arena *a, const struct message *m);
/* The value of a field of the returned message's header, unfolded and decoded; empty if absent. */
struct slice report_returned_field(const struct report_text *t, struct arena *a, const char *name);
/* The lines that name the address, with the few behind each; at most REPORT_WORDS_MAX bytes. */
struct slice report_text_about(struct arena *a, struct slice text, struct slice address);

#endif
