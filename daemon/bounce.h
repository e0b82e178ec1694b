/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bounce: what comes back for a member, and what it counts (INTERFACE section 8). Owner of the
 * table bounce; scores are member.c's.
 */
#ifndef DAEMON_BOUNCE_H
#define DAEMON_BOUNCE_H

#include <stdbool.h>
#include <stdint.h>

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
};

/* Inside a transaction. Writes it down and adds to the member's score: hard 1, soft 1/2, at most 5
 * a day. */
int bounce_record(struct db *db, const struct bounce *b, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* From an SMTP reply ("550 5.1.1 no such user"): what kind is it? Enhanced code first, then the
 * words. */
void bounce_classify(struct bounce *b, struct slice reply);

#endif
