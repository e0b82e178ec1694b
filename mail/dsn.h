/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dsn: the machine-readable part of delivery reports (RFC 3464, 3461): who is concerned, and is it
 * final? What other reports say, and why: report.h, which is what to call.
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

/* The recipients of a mail's own status parts (0 when there is none); returned: of those in the
 * messages inside it instead, for relays that wrap reports. */
size_t dsn_parse(const struct message *m, struct arena *a, bool returned,
		 struct dsn_recipient **out);
/* The same fields where they stand in the middle of a text, as broken relays leave them. */
size_t dsn_parse_text(struct slice text, struct arena *a, struct dsn_recipient **out);

#endif
