/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pick: which held posts a line names: "3 5-9", "3, 5 - 9", "#4: why". Numbers are the posts' own
 * and stay theirs, so that a line means the same posts whenever it is read. What stands behind the
 * numbers is the reason; a colon says where it begins, if it begins with a number itself.
 */
#ifndef DAEMON_PICK_H
#define DAEMON_PICK_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define PICK_MAX 50         /* numbers and ranges in one line */
#define PICK_WIDTH_MAX 1000 /* numbers in a range: more is a slip, or a game */

enum pick_end {
	PICK_FINE,
	PICK_NOTHING,   /* it begins with no number */
	PICK_BACKWARDS, /* "9-5" */
	PICK_TOO_WIDE,
	PICK_TOO_MANY
};

struct pick {
	struct {
		int64_t from, to; /* to == from: a number by itself */
	} v[PICK_MAX];
	size_t n;
	struct slice rest; /* the reason, trimmed */
};

/* Of a line that is not PICK_FINE nothing may be done at all. */
enum pick_end pick_parse(struct slice line, struct pick *p);
/* What is wrong, as a sentence for text_phrase(). */
const char *pick_phrase(enum pick_end end);

#endif
