/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refused: what did not go out. Each post that was sent back, dropped or left to expire is counted
 * for its list by month and by the reason that decided; where a list keeps an open record
 * (open-record = "posts") the text of those that were sent back is kept as well, without its
 * author's name and without addresses. Owner of the tables refused, refused_post
 * and refused_news.
 *
 * What everyone may know of it is one file a list, STATE/conduct/LIST+refused ("+" is in no list's
 * name), from which a part of the list's page is made. Derived: written anew when there is more.
 *
 *   count TAB YYYYMM TAB WHAT TAB REASON TAB N     newest month first; REASON is a phrase
 *   post TAB T TAB REASON TAB SUBJECT TAB TEXT     newest first; in SUBJECT and TEXT "\n" is a line
 *                                                  break, "\t" a tab, "\\" a backslash
 */
#ifndef DAEMON_REFUSED_H
#define DAEMON_REFUSED_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/held.h"
#include "daemon/work.h"

#define REFUSED_POSTS_MAX 200 /* of a list, the newest */

/* Inside T1: a rule sent it back (what: "refused") or dropped it ("dropped"). */
int refused_by_rule(struct work *w, const struct conf_list *l, const char *what,
		    const char *reasons, struct err *e) __attribute__((warn_unused_result));
/* The same of a held post that was decided: reject, discard or expire; others are not counted. */
int refused_held(struct site *site, const struct held *h, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
struct refused_count {
	int64_t month;      /* 202611 */
	const char *what;   /* refused, dropped, rejected, discarded, expired */
	const char *reason; /* for reasons_phrase() */
	int64_t n;
};
/* A list's, newest month first. */
int refused_each_count(struct db *db, const char *list,
		       int (*each)(void *arg, const struct refused_count *c), void *arg,
		       struct err *e) __attribute__((warn_unused_result));
struct refused_post {
	int64_t id, t;
	const char *list, *reason, *subject, *text;
};
/* The open record of a list, newest first; and what it has of one address, oldest first. */
int refused_each_post(struct db *db, const char *list,
		      int (*each)(void *arg, const struct refused_post *p), void *arg,
		      struct err *e) __attribute__((warn_unused_result));
int refused_each_of(struct db *db, struct slice address,
		    int (*each)(void *arg, const struct refused_post *p), void *arg, struct err *e)
    __attribute__((warn_unused_result));
/* Takes one post out of the open record: 1, 0 there is none, -1. Its count stays. */
int refused_remove(struct db *db, const char *list, int64_t id, struct err *e)
    __attribute__((warn_unused_result));
/* The address is erased: its posts go from the open record, the counts stay. */
int refused_forget(struct db *db, struct slice address, struct err *e)
    __attribute__((warn_unused_result));
/* The files of those lists that have news. *written: up to which of them; -1 at first, when all are
 * written. 1, 0 nothing is new, -1. */
int refused_write(struct site *site, int64_t *written, struct err *e)
    __attribute__((warn_unused_result));
#endif
