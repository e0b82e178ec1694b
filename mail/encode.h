/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode: bytes as printable ASCII for mail that we write (RFC 2045 6.7, 6.8).
 */
#ifndef MAIL_ENCODE_H
#define MAIL_ENCODE_H

#include "base/buf.h"
#include "base/slice.h"

/* Base64 with padding, in one run. */
void encode_base64(struct buf *b, struct slice s);
/* Base64 in lines of 76, each with CRLF at its end. */
void encode_base64_lines(struct buf *b, struct slice s);
/*
 * Quoted-printable of a text with LF line ends, as lines with CRLF. "From " at a line's start, and
 * a dot alone on one, are encoded too: mailboxes and careless relays can't harm them.
 */
void encode_quoted_printable(struct buf *b, struct slice text);

#endif
