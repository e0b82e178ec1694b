/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message: the structure of a mail (RFC 5322, 2045, 2046): header fields and a flat array of parts
 * with byte ranges and parent numbers, found by one linear splitter that never recurses. All slices
 * point into the given bytes, which must outlive it. LF and CRLF line ends are read alike, mixed
 * too. A leading mbox "From " line is skipped. What ends a header: field.h.
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/field.h"
#include "mail/guard.h"
#include "mail/parameter.h"
#include "mail/part.h"

/* Fields that are listed in one message, all parts together; the others are passed over. Real mail
 * with 1,000 parts has five in each. */
#define MESSAGE_FIELDS_MAX 20000

struct message {
	struct slice bytes;
	struct part *parts; /* in order of appearance; parents before children */
	size_t nparts;
	/*
	 * GUARD_OK, or why not (guard.h); there is at least part 0. What mail_guard refuses is one
	 * text/plain part whose body is all of the bytes. GUARD_TOO_MANY_PARTS: the last part
	 * reaches to the end. GUARD_TOO_DEEP: a part that would have had parts is a leaf.
	 */
	enum guard_verdict verdict;
};

/* Never fails. */
void message_parse(struct message *m, struct arena *a, struct slice bytes);

/* First field of that name (any case) in part 0; NULL if absent. */
const struct field *message_field(const struct message *m, const char *name);
/* Its raw value, trimmed; empty if absent. */
struct slice message_value(const struct message *m, const char *name);

#endif
