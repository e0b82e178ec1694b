/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bounce: what comes back for a member, and what it counts (INTERFACE section 8). Owner of the
 * tables bounce and post; scores are member.c's.
 */
#ifndef DAEMON_BOUNCE_H
#define DAEMON_BOUNCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"

struct bounce {
	const char *list;
	int64_t subscription; /* 0: nobody's: it is only logged */
	int64_t seq;          /* of the post, modulo 65536 */
	bool hard;            /* the address is gone; else full, expired … */
	bool members_fault;   /* false: policy, content, our own fault: counts nothing */
	struct slice status, text;
	bool complaint; /* given out by bounce_each_of only */
};

/* The number of a probe, which is no post: 0, modulo 65536 like those of posts. */
#define BOUNCE_PROBE_SEQ 0
/* The number of a mail that tells a member of a decision (fate.h); of posts, one in 65536 has it,
 * too, and then a bounce of that post is taken for one of such a mail. */
#define BOUNCE_TIDING_SEQ 0xffff

/* Inside a transaction. Writes it down and adds to the member's score: hard 1, soft 1/2, at most 5
 * a day. When more than a third (and at least 10) of a post's recipients bounce, it was the post:
 * what it counted is taken back from all of them, and it counts nothing more. */
int bounce_record(struct db *db, const struct bounce *b, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* From an SMTP reply ("550 5.1.1 no such user"): what kind is it? (mail/report_reason.h) at_rcpt:
 * it answered RCPT, so that it is about the mailbox. */
void bounce_classify(struct bounce *b, struct slice reply, bool at_rcpt);

/*
 * Inside a transaction. A complaint (RFC 5965), written down beside the bounces: it counts nothing.
 * seq: of the post, or minus the day of a leave token. 1, 0 the same was written down already, -1.
 */
int bounce_complaint(struct db *db, const struct bounce *b, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* How many of a subscription, and when the last one came. */
int bounce_complaints(struct db *db, int64_t subscription, int64_t *n, int64_t *last, struct err *e)
    __attribute__((warn_unused_result));
/* When the post that b is about was sent: 0 if that is not known (any more), -1. */
int64_t bounce_post_time(struct db *db, const struct bounce *b, struct err *e);

/* Inside T1: so many got this post (again: so many more, in a digest). */
int bounce_post_sent(struct db *db, const char *list, int64_t seq, int64_t recipients, int64_t now,
		     struct err *e) __attribute__((warn_unused_result));
/* Did a probe that was sent at that time come back? 1, 0, -1. */
int bounce_probe_failed(struct db *db, int64_t subscription, int64_t sent, struct err *e)
    __attribute__((warn_unused_result));
/* The words of the last one; empty if there is none. */
struct slice bounce_last_words(struct db *db, struct arena *a, int64_t subscription);
/* What counted against a subscription, the newest kinds first, one a line: "3 × 5.1.1 550 …". */
int bounce_reasons(struct db *db, struct arena *a, int64_t subscription, const char **lines,
		   struct err *e) __attribute__((warn_unused_result));
/* What came back for a subscription, oldest first / all of it goes, and every other report that
 * names the address: it is erased. How many. */
int bounce_each_of(struct db *db, int64_t subscription,
		   int (*each)(void *arg, const struct bounce *b, int64_t t, int counted),
		   void *arg, struct err *e) __attribute__((warn_unused_result));
int64_t bounce_forget(struct db *db, int64_t subscription, struct slice address, struct err *e)
    __attribute__((warn_unused_result));
/* What is too old to say anything goes. */
int bounce_trim(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
