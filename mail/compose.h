/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compose: mail that Plenary writes itself: notices, answers, probes. RFC 5322 headers, UTF-8 text
 * as 7bit, quoted-printable or base64 (never raw 8-bit), line ends CRLF, lines under 998 bytes.
 */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

struct compose {
	struct slice from_name, from; /* address */
	struct slice to_name, to;     /* may be empty: undisclosed */
	struct slice reply_to;        /* or empty */
	struct slice subject;         /* UTF-8 */
	struct slice body;            /* UTF-8, LF */
	const char *language;         /* Content-Language, or NULL */
	struct slice msgid; /* without brackets; must be given: notices are written twice alike */
	struct slice in_reply_to; /* without brackets, or empty */
	int64_t date;
	bool auto_replied; /* Auto-Submitted: auto-replied, else auto-generated (RFC 3834) */
	const struct slice *extra; /* further whole fields "Name: value" */
	size_t nextra;
	/* A message attached as message/rfc822 (its header alone as text/rfc822-headers if
	 * head_only), or empty. */
	struct slice attached;
	bool head_only;
	/* A file of ASCII or UTF-8 attached under a name, or empty; its type such as
	 * "application/json". */
	struct slice file;
	const char *file_name, *file_type;
	int64_t attach_max; /* an attached message over this is cut to its header; 0: no limit */
};

/* Appends the whole message. Everything is cleaned: no value can add a line. */
void compose_message(struct buf *b, const struct compose *c);

#endif
