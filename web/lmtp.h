/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lmtp: a client for one short talk with intake (RFC 2033, or RFC 5321 where only that is
 * configured): will it take mail for this address, and here is one. Blocking, with a deadline for
 * the whole talk: it runs on a thread of its own.
 */
#ifndef WEB_LMTP_H
#define WEB_LMTP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "conf/conf.h"

#define LMTP_DEADLINE_MS 10000
#define LMTP_LINE_MAX 1024 /* RFC 5321 4.5.3.1.5 has 512 */
#define LMTP_LINES_MAX 64  /* of one reply */

enum lmtp_answer {
	LMTP_YES,    /* it takes it, or has it */
	LMTP_NO,     /* 5xx: there is no such address */
	LMTP_TROUBLE /* 4xx, no answer, no server: *e says what */
};

/* Where intake listens. */
struct lmtp_door {
	const struct conf_listen *where; /* NULL: nowhere */
	bool smtp;
};
/* The first listen-lmtp, else the first listen-smtp. */
struct lmtp_door lmtp_door(const struct conf *conf);

/* RCPT TO:<to> in a transaction that comes to nothing. */
enum lmtp_answer lmtp_ask(struct lmtp_door door, const char *to, struct err *e);
/* A whole message to one address: its lines end in CRLF; dots are doubled here. */
enum lmtp_answer lmtp_send(struct lmtp_door door, const char *from, const char *to,
			   struct slice message, struct err *e);

#endif
