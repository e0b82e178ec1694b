/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * field: header lines as they stand (RFC 5322 2.2), taken off raw bytes one at a time. What ends a
 * header is decided here and nowhere else, so that parsing, editing and hashing agree: the empty
 * line, the end of the bytes, or a line that is neither a field nor the fold of one (Postfix puts
 * the empty line there, too). LF and CRLF are line ends, a lone CR is data.
 */
#ifndef MAIL_FIELD_H
#define MAIL_FIELD_H

#include <stdbool.h>

#include "base/slice.h"

/* One header field as it stands: name ":" value. */
struct field {
	struct slice name;
	struct slice value; /* after the colon, folds inside, without the last line end */
	struct slice whole; /* the name's first byte up to and with the last line end */
};

/* Takes one physical line with its line end off *rest. False when *rest is empty. */
bool field_take_line(struct slice *rest, struct slice *line);
/* Nothing but a line end (CRs before it are forgiven, broken converters double them)? */
bool field_line_blank(struct slice line);
/* Takes off the start of *rest what is before a header: mbox "From " and ">From " lines, and white
 * space and empty lines if a field follows them. */
void field_skip_lead(struct slice *rest);
/* Takes the next field off *rest; false, and *rest as it was, where the header ends. */
bool field_next(struct slice *rest, struct field *out);
/* Takes the empty line that ends a header off *rest, if it begins with one. */
bool field_take_blank(struct slice *rest);
/* Is name the field's, in any case? A name that ends in '*' is a prefix. */
bool field_is(const struct field *f, const char *name);

#endif
