/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fate: what became of the mails that tell a member what was decided about her: a step that she
 * never got is no warning. Owner of the table fate, one row a mail, written in the transaction that
 * queues it (notice.h) and by the deliver role with the relay's answer; such a mail has a return
 * path of its own, so that what comes back later is known, too.
 */
#ifndef DAEMON_FATE_H
#define DAEMON_FATE_H

#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"

/* "delivered" is what the relay said; a bounce may follow. */
#define FATE_BOUNCES_WITHIN (14 * 86400)

struct fate {
	int64_t event;         /* of the record (conduct.h) */
	const char *recipient; /* canonical */
	const char *template;
	int64_t sent;      /* queued */
	const char *state; /* waiting, delivered, failed, bounced */
	int64_t t;         /* of that state */
	const char *error; /* the server's words, or "" */
};

/* A mail was queued as the row out. */
int fate_begin(struct db *db, int64_t out, const char *list, const struct fate *f, struct err *e)
    __attribute__((warn_unused_result));
/* The relay took it or refused it for good. Nothing if the mail is none of these. */
int fate_end(struct db *db, int64_t out, const char *state, struct slice error, int64_t now,
	     struct err *e) __attribute__((warn_unused_result));
/* A report says that the last such mail to that address came back. */
int fate_bounced(struct db *db, const char *list, struct slice recipient, struct slice error,
		 int64_t now, struct err *e) __attribute__((warn_unused_result));
/* Those of an event, in order. */
int fate_each(struct db *db, int64_t event, int (*each)(void *arg, const struct fate *f), void *arg,
	      struct err *e) __attribute__((warn_unused_result));
/* The address is erased: name stands in its place. */
int fate_forget(struct db *db, struct slice address, const char *name, struct err *e)
    __attribute__((warn_unused_result));

#endif
