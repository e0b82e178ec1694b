/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dsn: delivery reports (RFC 3464, 3461) as they come to a return path. Only what the main path
 * needs: who is concerned, and is it final? Irregular formats are dealt with by their own module
 * later.
 */
#ifndef MAIL_DSN_H
#define MAIL_DSN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/message.h"

enum dsn_action { DSN_FAILED, DSN_DELAYED, DSN_DELIVERED, DSN_RELAYED, DSN_EXPANDED };

struct dsn_recipient {
	struct slice recipient; /* Original-Recipient, else Final-Recipient, address only */
	enum dsn_action action;
	struct slice status;     /* "5.1.1" */
	struct slice diagnostic; /* clean text */
};

/* The recipients of a multipart/report delivery report (0 when it is none). */
size_t dsn_parse(const struct message *m, struct arena *a, struct dsn_recipient **out);

#endif
