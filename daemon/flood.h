/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood: how often something was done for a name today (UTC). Owner of the table flood.
 */
#ifndef DAEMON_FLOOD_H
#define DAEMON_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"

#define FLOOD_REQUESTS 3          /* mails a day to a stranger who was named in requests */
#define FLOOD_REQUESTS_VOUCHED 20 /* … whose server vouched for the request */
#define FLOOD_QUESTIONS 20 /* … to a member: leaving and settings must not wait for tomorrow */
#define FLOOD_ANSWERS 100  /* answers a day to a member's commands */
#define FLOOD_ANSWERS_STRANGER 20 /* … to an address that is no member: it may be a victim */
#define FLOOD_SOURCE_HOST 100     /* mails a day to strangers because of what one host sent … */
#define FLOOD_SOURCE_DOMAIN 300   /* … or one envelope domain: a great provider is one, too */
#define FLOOD_KINDS_MAX 16

/* kind: a literal, such as "answer". Adds one to its count for name (address_flood_key) unless it
 * is at max: 1 allowed, 0 over, -1. What is counted list by list has the name "NAME/LIST".
 */
int flood_allow(struct db *db, const char *kind, const char *name, int max, int64_t now,
		struct err *e) __attribute__((warn_unused_result));
/* What was over its limit on a day. */
#define FLOOD_KEPT 14 /* days */
struct flood_cut {
	int64_t day; /* since 1970 */
	const char *kind, *name;
	int64_t allowed, refused;
};
/* All of the last FLOOD_KEPT days, the newest first; untold: those before today of which
 * flood_told() was not said yet. each returns -1 to stop. */
int flood_each_cut(struct db *db, bool untold, int64_t now,
		   int (*each)(void *arg, const struct flood_cut *cut), void *arg, struct err *e)
    __attribute__((warn_unused_result));
int flood_told(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));
/* How often today, without adding to it; 0 after an error. */
int64_t flood_used(struct db *db, const char *kind, const char *name, int64_t now);
/* What was allowed and refused by kind since this process began, as lines of metrics. */
void flood_metrics(struct buf *out);
/* A name's counters of these days / and away with them. */
int flood_each_of(struct db *db, const char *name,
		  int (*each)(void *arg, const char *kind, int64_t day, int64_t n), void *arg,
		  struct err *e) __attribute__((warn_unused_result));
int flood_forget(struct db *db, const char *name, struct err *e)
    __attribute__((warn_unused_result));
int flood_trim(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
