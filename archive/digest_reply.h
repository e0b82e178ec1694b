/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest_reply: a message that answers a digest, and what it quotes of it. Its In-Reply-To names
 * the digest, which is in no archive; which message it answers only its quote tells
 * (digest_quote.h).
 *
 * All here is a function of one message, or of one reply and one message: so the best of all is the
 * same in whatever order they come.
 */
#ifndef ARCHIVE_DIGEST_REPLY_H
#define ARCHIVE_DIGEST_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "archive/nodes.h"
#include "archive/trace.h"

#define DIGEST_NAMES_MAX 64
#define DIGEST_RUNS_MAX 256

/* What a reply says of the message it answers. Numbers as in trace.h; 0 where it says nothing. */
struct digest_evidence {
	/* Where no message fits, the reply hangs on its reference all the same: the subject is that
	 * of a conversation, and only the form of the id says digest. */
	bool keep_reference;
	bool by_id;
	uint8_t key[NODE_KEY_SIZE]; /* of the quoted Message-ID */
	bool dated;                 /* to the second */
	int64_t date;
	int minute;    /* else: minutes after a quarter (zones differ by quarters), -1 unknown */
	uint32_t days; /* else: bit d: the number d stands beside that time */
	uint32_t address, subject;
	const uint32_t *names, *runs;
	size_t nnames, nruns;
	struct slice title; /* the quoted subject, without reply marks; may be empty */
};

/* "LIST Digest, Vol 119, Issue 33", in the languages of Mailman and of our own templates; reply
 * marks and other words may stand before it. */
bool digest_subject(struct slice subject);
/* Has this Message-ID the form of a digest's? *ours: one that Plenary sent. */
bool digest_id(struct slice msgid, bool *ours);

/* How well does a message fit? 0: not at all. */
int digest_fit(const struct digest_evidence *ev, const uint8_t key[NODE_KEY_SIZE], int64_t date,
	       const struct trace *t);

/* As bytes for a table, and back: false if they are none. The title is not in them. */
struct slice digest_pack(const struct digest_evidence *ev, struct arena *a);
bool digest_unpack(struct digest_evidence *ev, struct arena *a, struct slice bytes)
    __attribute__((warn_unused_result));

#endif
