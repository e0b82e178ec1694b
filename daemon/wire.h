/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire: bytes of a message as they go over SMTP: every line ends in CR LF, the last one too, and a
 * line that begins with a dot has another before it (RFC 5321 4.5.2). Made once a message and
 * connection, not once a recipient; bytes that are so already are not copied.
 *
 * A bare CR or LF is never sent: it becomes a line's end (no smuggling).
 */
#ifndef DAEMON_WIRE_H
#define DAEMON_WIRE_H

#include "base/err.h"
#include "base/slice.h"

struct wire {
	struct slice bytes; /* to be sent */
	/* inside */
	struct slice map;
	char *own;
};

/* Of the file fd, from its at-th byte on; fd may be closed afterwards. Free with wire_free. */
int wire_open(struct wire *w, int fd, size_t at, struct err *e) __attribute__((warn_unused_result));
/* The same of bytes that outlive w. */
void wire_make(struct wire *w, struct slice s);
void wire_free(struct wire *w);

#endif
