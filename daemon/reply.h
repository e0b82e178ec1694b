/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reply: what a mail server answers (RFC 5321 4.2), line by line, from bytes in pieces of any size.
 * A server that babbles without an end costs one line of memory.
 */
#ifndef DAEMON_REPLY_H
#define DAEMON_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

#define REPLY_LINE_MAX 512  /* with its CR LF (RFC 5321 4.5.3.1.5) */
#define REPLY_LINES_MAX 100 /* in one reply; EHLO's longest known is about 20 */
#define REPLY_TEXT_MAX 400  /* kept of a reply: what a person reads later */

struct reply {
	int code;          /* of the line just read */
	bool last;         /* it was the reply's last line */
	struct slice line; /* what stands behind the code, until the next call */
	/* "550 5.1.1 no such user": the code and the lines so far, one space between */
	char text[REPLY_TEXT_MAX + 1];
	size_t ntext;
	/* inside */
	char part[REPLY_LINE_MAX];
	size_t npart;
	int lines;
	bool began;
};

enum reply_got { REPLY_MORE, REPLY_LINE, REPLY_NONSENSE };

void reply_init(struct reply *r);
/*
 * Takes bytes off *in up to the end of a line. MORE: all of *in was taken. NONSENSE: no server
 * that speaks SMTP says that; nothing more can be read from it.
 */
enum reply_got reply_take(struct reply *r, struct slice *in);
struct slice reply_text(const struct reply *r);

#endif
