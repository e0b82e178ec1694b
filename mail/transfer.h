/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transfer: content transfer encodings of bodies (RFC 2045 6), decoded leniently: what a strict
 * reader loses is read, what no reader could read comes as it is.
 */
#ifndef MAIL_TRANSFER_H
#define MAIL_TRANSFER_H

#include "base/arena.h"
#include "base/slice.h"

/*
 * bytes decoded by the named encoding (lower case: "base64", "quoted-printable", "x-uuencode" …),
 * at most limit bytes, then cut. Any other name, and what is plainly not so encoded, is bytes
 * itself (cut), without a copy.
 */
struct slice transfer_decode(struct arena *a, struct slice bytes, struct slice encoding,
			     size_t limit);

/* The value of two hex digits, any case; -1 if they are none. Reads p[0] and, if it is a digit,
 * p[1]. */
int transfer_hex_octet(const char *p);
/* The six bits that a digit of base64 stands for; -1 if it is none. */
int transfer_base64_digit(char c);

#endif
