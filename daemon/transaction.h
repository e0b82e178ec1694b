/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transaction: what a session knows between MAIL and the end of DATA, and the envelope block made
 * of it. It is there only that long; an idle session has none.
 */
#ifndef DAEMON_TRANSACTION_H
#define DAEMON_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "daemon/data.h"

struct recipient {
	uint32_t at, n;   /* its address in transaction.text */
	int64_t size_max; /* what it may get */
	bool again;       /* the same as one before: answered, but not written twice */
};

struct transaction {
	struct buf text; /* the sender's address, then each recipient's */
	size_t sender_n;
	bool utf8, eight_bit;
	struct recipient *rcpt;
	size_t nrcpt, room;
	/* DATA */
	struct data data;
	int64_t size;      /* of the message, so far */
	size_t envelope_n; /* length of the block, once made */
};

struct transaction *transaction_new(void);
void transaction_free(struct transaction *t); /* NULL is fine */

/* The address was appended to t->text, from byte `at` on. */
void transaction_add(struct transaction *t, size_t at, int64_t size_max);
bool transaction_over(const struct transaction *t, size_t i); /* too big for the i-th */
size_t transaction_count_over(const struct transaction *t);

struct transaction_how {
	const char *via, *peer;
	int64_t size_max;   /* the site's: who may get that much is never "rejected" */
	bool name_rejected; /* write those over their limit as "rejected:" (SMTP); else leave them
			       out, because they were told (LMTP) */
};
/*
 * The envelope block (mail/envelope.h), to be written before the message and, with final set, once
 * more over the same bytes when time and size are known: both are of one length. "received" has
 * thirteen digits, and where a recipient's line may grow or go, a line "pad: ..." makes up for it.
 */
void transaction_envelope(struct transaction *t, const struct transaction_how *how, bool final,
			  struct buf *b);

#endif
