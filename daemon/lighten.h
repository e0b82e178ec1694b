/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lighten: a message whose large parts stay in the archive (attachments-over). In the copy sent a
 * short text stands in each one's place: name, type, size and where it is. All else is the author's
 * bytes, pieces of the message in their order; nothing is encoded again.
 *
 * Parts are what the archive shows as attachments, by its numbers and names (mail/attachments.h).
 * What is signed or encrypted as a whole is left alone (RFC 1847, RFC 8551), and so is a message
 * whose structure the guard did not like.
 */
#ifndef DAEMON_LIGHTEN_H
#define DAEMON_LIGHTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/message.h"

struct lightened {
	struct slice *piece; /* the body, from behind the header's empty line to the end */
	size_t n;
	/* The message was one large part: the body is the text alone, and these fields ("Name:
	 * value") take the place of the header's Content-* ones. Else none. */
	struct slice field[3];
	size_t nfields;
};

/*
 * over: the greatest size (decoded) that is sent. language: of the texts. base: what the addresses
 * in them begin with, "SITE/LIST/m/KEY/". False if nothing is taken out; *l is then empty. Slices
 * point into the message or the arena.
 */
bool lighten(struct arena *a, const struct message *m, int64_t over, const char *language,
	     const char *base, struct lightened *l);

#endif
