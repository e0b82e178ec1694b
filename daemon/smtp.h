/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smtp: the sender's side of SMTP (RFC 5321) as a state machine over bytes: it reads no socket and
 * asks no clock, so that every dialogue can be tested byte by byte. Pipelined where the relay
 * offers it (RFC 2920): a mail's envelope goes out in the same write as the end of the one before.
 *
 * 1. Each recipient of each job gets exactly one result.
 * 2. A job whose message the relay may have seen whole is never sent a second time: it is
 * "temporary" if the connection is lost before the relay's word. One that had not come so far is
 * tried again on the next connection, up to SMTP_TRIES.
 * 3. A reply is only taken for a command that was written in full.
 * 4. No byte of an address can end a command.
 */
#ifndef DAEMON_SMTP_H
#define DAEMON_SMTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "daemon/parts.h"
#include "daemon/smtp_job.h"

#define SMTP_TRIES 3
#define SMTP_REPLY_MS (5 * 60 * 1000) /* RFC 5321 4.5.3.2: between 2 and 5 minutes */
#define SMTP_END_MS (10 * 60 * 1000)  /* 4.5.3.2.6: for the word after the final dot */

enum smtp_state {
	SMTP_CLOSED,
	SMTP_OPENING,   /* greeting, EHLO, STARTTLS */
	SMTP_HANDSHAKE, /* the caller's turn: TLS, then smtp_secured() */
	SMTP_READY,
	SMTP_QUITTING
};

struct smtp;

struct smtp *smtp_new(const char *helo, const struct smtp_calls *calls);
void smtp_free(struct smtp *s); /* jobs that are left are not settled */

/* A connection stands. tls: take STARTTLS where it is offered. */
void smtp_open(struct smtp *s, bool tls);
void smtp_secured(struct smtp *s);
enum smtp_state smtp_state(const struct smtp *s);
/* Queues a job; before smtp_open, too. */
void smtp_submit(struct smtp *s, struct smtp_job *job);
bool smtp_has_jobs(const struct smtp *s);
/* Says QUIT once there are no more jobs. */
void smtp_quit(struct smtp *s);

/* Bytes from the relay. -1: it is to be closed, and then smtp_lost(). */
int smtp_take(struct smtp *s, struct slice bytes, struct err *e)
    __attribute__((warn_unused_result));
/* What is to be written next: how many parts (0: nothing); then how much was. */
int smtp_output(const struct smtp *s, struct iovec iov[PARTS_MAX]);
void smtp_wrote(struct smtp *s, size_t n);
/* How long the relay may take for what is awaited now, milliseconds; -1: nothing is. */
int smtp_patience(const struct smtp *s);
/* Whole replies taken since smtp_open: a relay that drips makes no progress. */
uint64_t smtp_replies(const struct smtp *s);

/* The connection is gone: what can be tried again stays queued, the rest is temporary. */
void smtp_lost(struct smtp *s, const char *why);
/* All jobs end so. */
void smtp_fail_all(struct smtp *s, enum smtp_what what, const char *why);

/* For a relay that is no server (daemon/maildir.h): takes the first job out of the queue; NULL. */
struct smtp_job *smtp_steal(struct smtp *s);

#endif
