/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policies: what authors' domains ask for by DMARC (RFC 7489 6.6.3), from the cache or by DNS: the
 * domain's own record, else that of its organisational domain. Nobody waits here: a question is
 * asked, and one is woken when it has its answer.
 *
 * Answers are kept for as long as their zone says, but at least 5 minutes and at most a day; that
 * there is no record, too; that nobody answered, for a minute. Owner of the table dmarc_cache.
 */
#ifndef DAEMON_POLICIES_H
#define DAEMON_POLICIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"
#include "daemon/txt.h"

#define POLICIES_ASKED_MAX 256 /* questions at once */

struct policy {
	enum {
		POLICY_UNKNOWN,    /* nobody was asked */
		POLICY_NONE,       /* no record, or one that asks for nothing */
		POLICY_ENFORCES,   /* p, or sp where that applies, is quarantine or reject */
		POLICY_UNREACHABLE /* no server answered in time */
	} says;
	bool strict; /* adkim=s */
};

struct policies;
struct policy_question;

/* Looks up the TXT records of name and calls done once, later (daemon/resolve.h does it so). */
typedef void policies_lookup(void *arg, const char *name,
			     void (*done)(void *done_arg, const struct txt_answer *answer),
			     void *done_arg);

/* wake is called when a question has its answer. */
struct policies *policies_new(struct db *db, policies_lookup *lookup, void *lookup_arg,
			      void (*wake)(void *arg), void *wake_arg);
/* After the lookups were stopped: none of them may call any more. */
void policies_free(struct policies *p);

/*
 * 1: *policy is known. 0: it is being asked for; *q is the caller's until policies_let_go. -1: too
 * many questions are open: later. Domains that no mail can come from (no dot, a literal) have none.
 */
int policies_ask(struct policies *p, struct slice domain, int64_t now, struct policy *policy,
		 struct policy_question **q) __attribute__((warn_unused_result));
/* Does it have its answer? */
bool policies_answered(const struct policy_question *q, struct policy *policy);
void policies_let_go(struct policy_question *q);

/* Writes down what came since the last call, in one transaction. What can't be is asked again. */
void policies_keep(struct policies *p, int64_t now);
/* Inside a transaction: what is no longer true goes. */
int policies_trim(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
