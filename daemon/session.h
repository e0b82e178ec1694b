/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session: one LMTP (RFC 2033) or SMTP (RFC 5321) session as a state machine: bytes in, bytes out,
 * and a few things asked of its host. It knows no socket, no file and no clock but the one moment
 * it writes into an envelope, so that tests and the fuzzer drive it whole.
 *
 * Extensions: PIPELINING (2920), SIZE (1870), 8BITMIME (6152), SMTPUTF8 (6531),
 * ENHANCEDSTATUSCODES (2034, 3463).
 *
 * 1. A 2xx after DATA is written only by session_stored(…, SESSION_KEPT).
 * 2. Between the host's begin and its commit or abort there is exactly one file, and one of the two
 *    follows always (session_free included).
 */
#ifndef DAEMON_SESSION_H
#define DAEMON_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "base/token.h"
#include "conf/conf.h"

/* Each is tested at, below and above. */
#define SESSION_LINE_MAX                                                                           \
	4096 /* a command without CR LF; RFC 5321 4.5.3.1.4 has 512, and room                      \
		for parameters and UTF-8 */
#define SESSION_RECIPIENTS_MAX 1000 /* RFC 5321 4.5.3.1.8: at least 100 */
#define SESSION_ERRORS_MAX 20       /* since the last message taken */
#define SESSION_REFUSED_MAX 2000    /* RCPT refused, likewise: more than one full transaction */
#define SESSION_MESSAGES_MAX 10000  /* then 421: a chance for others */
#define SESSION_RECEIVED_MAX                                                                       \
	50                   /* Received fields: RFC 5321 6.3 says at least 100 hops for a         \
				relay; lists loop with few hops a turn, and are not relays */
#define SESSION_EXCESS_MAX 4 /* times the size limit that is read on after it was passed */

enum session_kind { SESSION_LMTP, SESSION_SMTP };

/* How storing went. */
enum session_result {
	SESSION_KEPT,  /* 250 */
	SESSION_FULL,  /* 452 4.3.1 */
	SESSION_FAILED /* 451 4.3.0 */
};

/* What a session asks of whoever runs it. arg is the session's. */
struct session_host {
	/* Is there room for a message of about size bytes (0: not said)? */
	bool (*room)(void *arg, int64_t size);
	/* Opens a file and takes its first bytes, the envelope. */
	enum session_result (*begin)(void *arg, struct slice envelope);
	enum session_result (*write)(void *arg, struct slice bytes);
	/* Puts these in place of the first bytes, as many as begin had, then makes the file durable
	 * and has session_stored() called, but after session_take() has returned. */
	void (*commit)(void *arg, struct slice envelope);
	void (*abort)(void *arg);
};

/* Counted over all sessions of a site. */
struct session_stats {
	int64_t messages;         /* taken */
	int64_t recipients;       /* of those */
	int64_t bytes;            /* of those, without envelopes */
	int64_t refused_rcpt;     /* 5xx at RCPT */
	int64_t refused_messages; /* 5xx after DATA, or at MAIL */
	int64_t deferred;         /* 4xx that a full or failing disk caused */
};

struct session_site {
	const struct conf *conf;
	const struct token_keys *keys;
	int64_t size_max; /* the greatest that any of its recipients may get */
	struct session_stats stats;
};

void session_site_init(struct session_site *site, const struct conf *conf,
		       const struct token_keys *keys);

struct session;

/* Writes the greeting into out. peer: who is there, for the envelope; copied. */
struct session *session_new(enum session_kind kind, struct session_site *site, const char *peer,
			    const struct session_host *host, void *arg, struct buf *out);
void session_free(struct session *s);

/*
 * Takes what it can of in, writes replies into out, and returns how much was taken. What is left is
 * the beginning of a line (never more than SESSION_LINE_MAX + 1) or waits for session_stored(),
 * after which it must be given again, with or without more.
 */
size_t session_take(struct session *s, struct slice in, struct buf *out)
    __attribute__((warn_unused_result));
/* The answer to commit; id is shown to the client. */
void session_stored(struct session *s, enum session_result result, const char *id, struct buf *out);
/* The server ends: 421 now, or when the DATA in hand has its answer. */
void session_stop(struct session *s, struct buf *out);
/* The time is up: 421. */
void session_timeout(struct session *s, struct buf *out);

bool session_waits(const struct session *s);   /* for session_stored */
bool session_closed(const struct session *s);  /* write out what there is, then hang up */
bool session_in_data(const struct session *s); /* between 354 and the end */

#endif
