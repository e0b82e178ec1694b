/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message: the structure of a mail (RFC 5322, 2045, 2046): header fields and a flat array of parts
 * with byte ranges and parent numbers, found by one linear splitter that never recurses. All slices
 * point into the given bytes, which must outlive it. LF and CRLF line ends are read alike, mixed
 * too. A leading mbox "From " line is skipped.
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/guard.h"

/* One header field as it stands: name ":" value. */
struct field {
	struct slice name;
	struct slice value; /* after the colon, folds inside, without the last line end */
	struct slice whole; /* the name's first byte up to and with the last line end */
};

enum part_kind {
	PART_LEAF,
	PART_MULTIPART, /* its children follow */
	PART_MESSAGE    /* message/rfc822 or message/global: one child, the message inside */
};

struct part {
	int parent; /* index; -1 for part 0, the message itself */
	int depth;
	enum part_kind kind;
	struct slice head; /* header bytes */
	struct slice body; /* as transferred (not decoded) */
	struct field *fields;
	size_t nfields;
	/* From Content-Type, lower case; text/plain where it is missing or unreadable (RFC
	 * 2045 5.2). */
	struct slice type, subtype;
	struct slice content_type; /* the raw value, for parameters */
	struct slice encoding;     /* Content-Transfer-Encoding, lower case, "" if absent */
};

struct message {
	struct slice bytes;
	struct part *parts; /* in order of appearance; parents before children */
	size_t nparts;
	enum guard_verdict verdict; /* not GUARD_OK: see guard.h; there is at least part 0 */
};

/* Never fails: what the guard refuses becomes one text/plain part whose body is all of the bytes.
 */
void message_parse(struct message *m, struct arena *a, struct slice bytes);

/* First field of that name (any case) in part 0, or in a part; NULL if absent. */
const struct field *message_field(const struct message *m, const char *name);
const struct field *part_field(const struct part *p, const char *name);
/* Its raw value, trimmed; empty if absent. */
struct slice message_value(const struct message *m, const char *name);
bool part_is(const struct part *p, const char *type, const char *subtype); /* subtype NULL: any */

/*
 * A parameter of a structured value (Content-Type, Content-Disposition), RFC 2045 and 2231
 * (continuations, charset), RFC 2047 in quoted strings as mailers write it: as UTF-8 text, cleaned.
 * Empty if absent.
 */
struct slice mime_parameter(struct arena *a, struct slice value, const char *name);
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
/* The same as UTF-8 text, cleaned, line ends LF: the declared charset, else a guess (charset.h). */
struct slice part_text(struct arena *a, const struct part *p, size_t limit);

#endif
