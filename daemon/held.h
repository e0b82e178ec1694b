/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held: posts that wait for a moderator. Owner of the table held; the bytes are held/SPOOL.
 * Deciding is a row change in T1; what it brings about (back into the spool as SPOOL-a, the file
 * gone, notices) follows after the commit from the row, so that a crash between the two is made
 * good at start.
 */
#ifndef DAEMON_HELD_H
#define DAEMON_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"

struct held {
	int64_t number;
	const char *spool, *list, *sender, *from, *subject, *msgid;
	const char *reasons; /* one a line: CHECK TAB detail; worded by text_phrase("check-…") */
	const char *excerpt;
	int64_t received, expires, decided;
	const char *decision, *decided_by, *why; /* accept, reject, discard, cancel, expire */
	int settled;
	int reminded; /* of how many reminders of it the time has come so far */
};

/* What of a decision is done beyond its row. The file of a post to several lists is needed until
 * each of them has put back what it accepted. */
enum { HELD_UNSETTLED, HELD_PUT_BACK, HELD_SETTLED };

int held_add(struct db *db, struct held *h, int64_t now, struct err *e)
    __attribute__((warn_unused_result)); /* sets number */
int held_get(struct db *db, struct arena *a, int64_t number, struct held *h, struct err *e)
    __attribute__((warn_unused_result));
int held_by_spool(struct db *db, struct arena *a, const char *spool, const char *list,
		  struct held *h, struct err *e) __attribute__((warn_unused_result));
/* 1 decided by this call, 0 somebody was first (*h says who and when), -1. */
int held_decide(struct db *db, struct arena *a, int64_t number, const char *decision,
		const char *by, const char *why, int64_t now, struct held *h, struct err *e)
    __attribute__((warn_unused_result));
/* Rows of one spool entry (a post to several lists) that still need its file. */
int held_need_count(struct db *db, const char *spool, int64_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* How far the files of a decision are: never backwards. */
int held_settle(struct db *db, int64_t number, int settled, struct err *e)
    __attribute__((warn_unused_result));
int held_remind(struct db *db, int64_t number, int reminded, struct err *e)
    __attribute__((warn_unused_result));
/* "accepted", "rejected" …: a phrase for text_phrase(). */
const char *held_decision_phrase(const char *decision);
/* All posts of one address, decided ones too, oldest first. */
int held_each_of(struct db *db, struct slice address, int (*each)(void *arg, const struct held *h),
		 void *arg, struct err *e) __attribute__((warn_unused_result));
/* The address is erased: of its decided posts what was decided stays, and name stands in its place,
 * also where it decided about others' (open ones are decided first: moderate.h). How many. */
int64_t held_forget(struct db *db, struct slice address, const char *name, struct err *e)
    __attribute__((warn_unused_result));
/* Open ones, list NULL: of all lists. */
int held_each(struct db *db, const char *list, int (*each)(void *arg, const struct held *h),
	      void *arg, struct err *e) __attribute__((warn_unused_result));
/* How many of a list are open; -1. */
int64_t held_open(struct db *db, const char *list, struct err *e)
    __attribute__((warn_unused_result));
/* Decided ones that are not settled / open ones past their expiry. */
int held_each_unsettled(struct db *db, int (*each)(void *arg, const struct held *h), void *arg,
			struct err *e) __attribute__((warn_unused_result));
int held_each_expired(struct db *db, int64_t now, int (*each)(void *arg, const struct held *h),
		      void *arg, struct err *e) __attribute__((warn_unused_result));

/* Does any row still want the file held/SPOOL? An error keeps it. */
bool held_needs_file(struct db *db, const char *spool);

#endif
