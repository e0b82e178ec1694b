/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path: the arguments of MAIL and RCPT (RFC 5321 4.1.2): a path in angle brackets and parameters.
 * Source routes ("<@a,@b:user@c>") are read and ignored (appendix C). Real senders write two dots
 * in a row or end a local part with one; that is let through. A control character never is.
 */
#ifndef DAEMON_PATH_H
#define DAEMON_PATH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

enum path_fault {
	PATH_GOOD,
	PATH_SYNTAX, /* 501 */
	PATH_UTF8    /* not ASCII, and SMTPUTF8 was not asked for: 553 5.6.7 (RFC 6531 3.5) */
};

/*
 * Takes keyword ("FROM:" or "TO:", any case) and the path off *args and leaves the parameters.
 * *at is where the path stands in angle brackets. False if it doesn't.
 */
bool path_take(struct slice *args, const char *keyword, struct slice *path)
    __attribute__((warn_unused_result));

/*
 * Appends the address of a path as envelopes have it: local part without quotes where it needs
 * none, domain in lower case. <> appends nothing; <postmaster> (any case) is the one address
 * without a domain, and is appended as "postmaster". utf8: SMTPUTF8 was asked for.
 */
enum path_fault path_address(struct slice path, bool utf8, struct buf *out)
    __attribute__((warn_unused_result));

/* Takes the next "KEYWORD" or "KEYWORD=VALUE" off *params; false at their end. */
bool path_next_param(struct slice *params, struct slice *keyword, struct slice *value);

#endif
