/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * speaking: who may speak on a list that has speakers, beside those whom the configuration appoints
 * (conf/speakers.h): members whom a moderator let in, for a time or without an end. Letting in and
 * taking it back are events of the record. It also tells those concerned when a term comes to its
 * end. Owner of the tables speaking and term_told.
 */
#ifndef DAEMON_SPEAKING_H
#define DAEMON_SPEAKING_H

#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "daemon/step.h"

#define SPEAKING_SOON (30 * 86400) /* before a term's end it is told for the first time */
#define SPEAKING_LATE (30 * 86400) /* after it, it is told no more */

enum speaking_end {
	SPEAKING_DONE,
	SPEAKING_ALREADY,  /* let in until that very day */
	SPEAKING_NOT,      /* nothing to take back */
	SPEAKING_EVERYONE, /* the list has no speakers: everyone speaks */
	SPEAKING_APPOINTED /* the configuration says so already */
};

/* May this address speak on a list that has speakers, appointed or let in? 1 and in *until (which
 * may be NULL) the first second behind, 0 for no end; 0; -1. */
int speaking_may(struct db *db, const struct conf_list *l, struct slice address, int64_t now,
		 int64_t *until, struct err *e) __attribute__((warn_unused_result));
/* until: the first second behind; 0: no end. The member is told. In the caller's transaction. */
int speaking_let_in(struct deed *d, struct slice address, int64_t until, struct slice why,
		    enum speaking_end *end, struct err *e) __attribute__((warn_unused_result));
int speaking_take_back(struct deed *d, struct slice address, struct slice why,
		       enum speaking_end *end, struct err *e) __attribute__((warn_unused_result));
/* "until YYYY-MM-DD" off the front of *rest, if it stands there: the first second behind that day
 * in *until (else 0). False if what stands behind "until" is no day. */
bool speaking_take_until(struct slice *rest, int64_t *until) __attribute__((warn_unused_result));
/* In words, for whoever tried. */
const char *speaking_explain(const char *lang, enum speaking_end end);

/* What is over, or soon will be, by the clock: how many were told, or -1. */
int speaking_run(struct site *site, int64_t now, struct err *e) __attribute__((warn_unused_result));
/* Where an address is let in / the address is erased. */
int speaking_each_of(struct db *db, struct slice address,
		     int (*each)(void *arg, const char *list, int64_t since, int64_t until),
		     void *arg, struct err *e) __attribute__((warn_unused_result));
int speaking_forget(struct db *db, struct slice address, struct err *e)
    __attribute__((warn_unused_result));

#endif
