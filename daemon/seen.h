/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seen: what makes doing a thing twice harmless. Owner of seen, duplicate and list_seq.
 */
#ifndef DAEMON_SEEN_H
#define DAEMON_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"

/* Was this spool entry decided already? 1 and the links step 6 must (again) make, 0, -1. */
int seen_get(struct db *db, struct arena *a, const char *id, const char **links, struct err *e)
    __attribute__((warn_unused_result));
/* links: words "out", "held", "feed/LIST", separated by spaces; "" for none. */
int seen_add(struct db *db, const char *id, const char *links, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* Did this message come to this list before? 1 it did, 0 it is noted now, -1. Kept 14 days. */
int seen_duplicate(struct db *db, const char *list, struct slice msgid, const char *body_sha256,
		   int64_t now, struct err *e) __attribute__((warn_unused_result));
/*
 * The same for what is no post: did sender send this very mail to that address in the last day?
 * Then it is a mail server's second try, whose first one was answered already: a person who asks
 * again writes a new mail, which has another Message-ID.
 */
int seen_repeated(struct db *db, struct slice rcpt, struct slice sender, struct slice msgid,
		  const char *body_sha256, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* Is a message of this id with another body known to the list (so that this one has the second
 * key)? */
int seen_other_body(struct db *db, const char *list, struct slice msgid, const char *body_sha256)
    __attribute__((warn_unused_result));
/* The next sequence number of a list's posts (from 1), or -1. */
int64_t seen_next_seq(struct db *db, const char *list, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* Rows older than 14 days go, at most some thousands a call. */
int seen_trim(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
