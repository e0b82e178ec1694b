/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard: one linear pass over a message before anything else looks at it. What fails is kept and
 * shown as plain text, never parsed: no message is ever lost here. Limits, with their reasons:
 */
#ifndef MAIL_GUARD_H
#define MAIL_GUARD_H

#include "base/slice.h"

#define GUARD_HEADER_MAX                                                                           \
	(256 * 1024)          /* real headers stay under 64 KB; above, only attacks were seen */
#define GUARD_FIELDS_MAX 2000 /* trace fields of long forwarding chains stay under 200 */
#define GUARD_FIELD_MAX (64 * 1024) /* one field with its folds; longer ones are not decoded */
#define GUARD_LINE_MAX                                                                             \
	(4 * 1024 * 1024) /* base64 without line breaks exists; endless lines do not */
#define GUARD_PARTS_MAX 1000
#define GUARD_DEPTH_MAX 50
#define GUARD_BOUNDARY_MAX 256 /* RFC 2046 allows 70; mailers wrote up to 140 */

enum guard_verdict {
	GUARD_OK,
	GUARD_NO_HEADER, /* not one field at its start */
	GUARD_HEADER_TOO_BIG,
	GUARD_TOO_MANY_FIELDS,
	GUARD_LINE_TOO_LONG,
	GUARD_TOO_MANY_PARTS, /* said by message_parse, from here on the rest is one part */
	GUARD_TOO_DEEP
};

/* The verdict on the header and lines of a whole message. Linear, allocates nothing. */
enum guard_verdict mail_guard(struct slice bytes) __attribute__((warn_unused_result));
/* A few words for a log line or a page's note. */
const char *guard_text(enum guard_verdict v);

#endif
