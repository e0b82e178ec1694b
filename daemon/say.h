/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * say: an envelope in the words of SMTP, with the parameters that the relay offers to take (RFC
 * 1870, 6152, 6531). No byte of an address can end a command or a path.
 */
#ifndef DAEMON_SAY_H
#define DAEMON_SAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "daemon/parts.h"

#define SAY_ADDRESS_MAX 320 /* 64, "@" and 255 (RFC 5321 4.5.3.1) */

/* What a relay offers in its answer to EHLO. */
struct say_offer {
	bool pipelining, eight, utf8, size, starttls;
};
/* Notes one line of it: "SIZE 10240000", "PIPELINING" … */
void say_note_offer(struct say_offer *o, struct slice line);

/* Can it be written between < and > (RFC 5321 4.1.2)? The empty one can. */
bool say_is_safe(struct slice address);
bool say_has_eight(struct slice s); /* bytes above 127 */

struct say_mail {
	struct slice return_path;
	size_t size;
	bool eight, utf8;
};
/* Both only for addresses that are safe. */
void say_mail(struct parts *out, const struct say_offer *o, const struct say_mail *m);
void say_rcpt(struct parts *out, struct slice address);

#endif
