/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deposit: a message between 354 and its reply: out of the session's bytes (daemon/data.h), into
 * the file of the session's host. A message that will be refused is read on to its end without a
 * file, since the client listens only then.
 *
 * Between begin and the host's commit or abort there is exactly one file, and one of the two
 * follows always: whoever calls deposit_begin ends with deposit_commit or deposit_drop.
 */
#ifndef DAEMON_DEPOSIT_H
#define DAEMON_DEPOSIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "daemon/session.h"
#include "daemon/transaction.h"

struct deposit {
	const struct session_host *host;
	void *arg;                  /* the host's */
	enum session_result stored; /* how it went so far */
	bool begun;                 /* there is a file that is neither committed nor aborted */
};

/* Opens the host's file with the transaction's envelope. What it says stands in stored, too. */
enum session_result deposit_begin(struct deposit *d, struct transaction *t,
				  const struct transaction_how *how);
/* Takes what it can of in, up to the end of DATA (then t->data.end), and returns how much that was.
 * A message of more than size_max, or with a bare CR or LF, has no file from there on. */
size_t deposit_take(struct deposit *d, struct transaction *t, int64_t size_max, struct slice in);
/* Why the message as a whole is refused now that it is over: a reply's line, or NULL. */
const char *deposit_refusal(const struct transaction *t, int64_t size_max);
/* The host answers with session_stored(). */
void deposit_commit(struct deposit *d, struct transaction *t, const struct transaction_how *how);
void deposit_drop(struct deposit *d); /* without a file it does nothing */

/* The 4xx that says why something was not kept. */
const char *deposit_reply(enum session_result result);

#endif
