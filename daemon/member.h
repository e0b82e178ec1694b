/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * member: subscriptions. Owner of the table subscription. An address is compared in its canonical
 * form (mail/address.h) and mailed as its member wrote it. Every change that she could ask about
 * adds an event (daemon/member_event.h).
 */
#ifndef DAEMON_MEMBER_H
#define DAEMON_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"

struct member {
	int64_t id;
	const char *list, *address, *wire, *name;
	const char *delivery; /* mail, digest, nomail */
	int64_t vacation;     /* until, 0: none */
	bool ack, copy, digest_plain;
	const char *language; /* "" : the list's */
	const char *group;
	int64_t since, posts;
	int bounce_score; /* half points */
	int64_t bounce_last, paused;
};

/* 1 and *m, 0 if there is none, -1. */
int member_find(struct db *db, struct arena *a, const char *list, struct slice address,
		struct member *m, struct err *e) __attribute__((warn_unused_result));
int member_by_id(struct db *db, struct arena *a, int64_t id, struct member *m, struct err *e)
    __attribute__((warn_unused_result));
/* 1 a new member (id in *id), 0 was one already (unchanged), -1. by: "self", "admin", an address.
 */
int member_add(struct db *db, const char *list, struct slice wire, struct slice name,
	       const char *delivery, const char *language, const char *by, int64_t now, int64_t *id,
	       struct err *e) __attribute__((warn_unused_result));
/* 1 gone, 0 was none, -1. why goes into the event. Waiting deliveries of posts to it are taken
 * back. */
int member_remove(struct db *db, int64_t id, const char *by, const char *why, int64_t now,
		  struct err *e) __attribute__((warn_unused_result));
/* One option by the names of INTERFACE section 8 (delivery vacation ack copy language group
 * bounce_score): a bad name or value is a permanent error whose text says what is allowed. */
int member_set(struct db *db, int64_t id, const char *key, const char *value, const char *by,
	       int64_t now, struct err *e) __attribute__((warn_unused_result));
/* Adds half points (negative ones forgive) / counts an accepted post. */
int member_bounced(struct db *db, int64_t id, int half_points, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
int member_posted(struct db *db, int64_t id, struct err *e) __attribute__((warn_unused_result));

/* A week without bounces takes a point off, each week anew. How many members. */
int64_t member_decay(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));
/* Delivery stops because of bounces / goes on, with a clean score. 1, 0 if it is so already or
 * there is no such member, -1. */
int member_pause(struct db *db, int64_t id, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
int member_resume(struct db *db, int64_t id, const char *by, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* Members of a list with at least so many half points who are not paused. */
int member_bouncing(struct db *db, struct arena *a, const char *list, int half_points,
		    struct member **ms, size_t *n, struct err *e)
    __attribute__((warn_unused_result));

/* In the order of addresses; each returns -1 to stop. list NULL: all lists (in order). */
int member_each(struct db *db, const char *list, int (*each)(void *arg, const struct member *m),
		void *arg, struct err *e) __attribute__((warn_unused_result));
/* All subscriptions of one address, by list. */
int member_of(struct db *db, struct arena *a, struct slice address, struct member **ms, size_t *n,
	      struct err *e) __attribute__((warn_unused_result));
/* Does any member of the list get single mails (now, or when a vacation is over)? */
bool member_has_mail(struct db *db, const char *list);
/* Those whose vacation is over: its day is past, and still noted. At most 500 a call. */
int member_returned(struct db *db, struct arena *a, int64_t now, struct member **ms, size_t *n,
		    struct err *e) __attribute__((warn_unused_result));
/* Does any member of the list get digests? 1, 0, -1. */
int member_has_digests(struct db *db, const char *list, struct err *e)
    __attribute__((warn_unused_result));
/* The languages ("" is the list's) and forms in which members of a list want their digests. */
int member_each_digest(struct db *db, const char *list,
		       int (*each)(void *arg, const char *language, bool plain), void *arg,
		       struct err *e) __attribute__((warn_unused_result));
int64_t member_count(struct db *db, const char *list);

#endif
