/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content_line: the lines of calendars and cards (RFC 5545 3.1, RFC 6350 3.3, vCard 2.1 as it is
 * met): NAME;PARAMETER=value:VALUE, folded.
 */
#ifndef MAIL_CONTENT_LINE_H
#define MAIL_CONTENT_LINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

struct content_line {
	struct slice name; /* without a group's "item1." */
	struct slice parameters;
	struct slice value; /* still escaped */
};

/* The text with its folded lines joined; UTF-8 stays as it is. */
struct slice content_unfold(struct arena *a, struct slice text);
/* Takes the next line that is one off *text, which was unfolded; false at the end. */
bool content_next(struct slice *text, struct content_line *line);
bool content_is(const struct content_line *line, const char *name);
/* The value of a parameter, its quotes taken off; empty if absent. */
struct slice content_parameter(const struct content_line *line, const char *name);
/* The value as text: "\n", "\," and their like undone (RFC 5545 3.3.11). */
struct slice content_text(struct arena *a, const struct content_line *line);

#endif
