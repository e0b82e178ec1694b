/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * part: one part of a mail, as message_parse (message.h) found it, and what can be asked of it. All
 * slices point into the message's bytes or its arena.
 */
#ifndef MAIL_PART_H
#define MAIL_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/field.h"

enum part_kind {
	PART_LEAF,
	PART_MULTIPART, /* its children follow */
	PART_MESSAGE    /* message/rfc822 or message/global: one child, the message inside */
};

struct part {
	int parent; /* index; -1 for part 0, the message itself */
	int depth;
	enum part_kind kind;
	struct slice head; /* header bytes, without the empty line */
	struct slice body; /* as transferred (not decoded) */
	struct field *fields;
	size_t nfields;
	/* From Content-Type, lower case; text/plain where it is missing or unreadable (RFC
	 * 2045 5.2), and for a multipart without a boundary or without parts, which is a leaf;
	 * message/rfc822 where a multipart/digest says nothing (RFC 2046 5.1.5). */
	struct slice type, subtype;
	struct slice content_type; /* the raw value, for parameters */
	struct slice encoding;     /* Content-Transfer-Encoding, lower case, "" if absent */
};

/* First field of that name (any case); NULL if absent. */
const struct field *part_field(const struct part *p, const char *name);
bool part_is(const struct part *p, const char *type, const char *subtype); /* subtype NULL: any */
/* The file name of a part: Content-Disposition filename, else Content-Type name; only the last path
 * component, without control characters; empty if there is none. */
struct slice part_filename(struct arena *a, const struct part *p);
/* Does it have Content-Disposition: attachment? */
bool part_is_attachment(const struct part *p);

/*
 * The body of a leaf, transfer-decoded (base64, quoted-printable, 7bit/8bit/binary as is; yes,
 * uuencoded bodies too where so declared), at most limit bytes (then cut). Never fails: what can't
 * be decoded comes as it is. Zero-copy for identity encodings.
 */
struct slice part_decode(struct arena *a, const struct part *p, size_t limit);
/* The same as UTF-8 text, cleaned, line ends LF: the declared charset (for HTML also the one that
 * its own head names), else a guess (charset.h). */
struct slice part_text(struct arena *a, const struct part *p, size_t limit);

#endif
