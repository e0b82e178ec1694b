/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edit: header editing on raw bytes. Fields are taken away or added as whole lines; all others, and
 * the body, stay byte for byte as they came. The line end of the first header line is used for what
 * is added.
 */
#ifndef MAIL_EDIT_H
#define MAIL_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

struct header_edit {
	/* Names to take away (any case); one that ends in '*' is a prefix ("List-*").
	 * NULL-terminated. */
	const char *const *drop;
	/* Fields to add, each "Name: value" possibly folded with LF SP, without the last line end;
	   they go before the first kept field, so that signatures of the author below stay in
	   order. */
	const struct slice *add;
	size_t nadd;
	/* Replacement of one field's value in place (From, Subject), or NULL; the first match only.
	 */
	const char *replace_name;
	struct slice replace_value;
};

/*
 * Writes the edited header, its empty line, and nothing of the body to *head; *body is the rest of
 * bytes, untouched. What stands before a header (an mbox "From " line, empty lines) goes. Works on
 * any bytes: where there is no header, the added fields and an empty line come before all of it.
 */
void edit_header(const struct header_edit *edit, struct slice bytes, struct buf *head,
		 struct slice *body);
/* Splits bytes after the empty line that ends the header. head includes that line. */
void edit_split(struct slice bytes, struct slice *head, struct slice *body);
/* Does the message have CRLF line ends (by its first line)? */
bool edit_is_crlf(struct slice bytes);

#endif
