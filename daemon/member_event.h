/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * member_event: what happened to the memberships of an address, by whom and when. Owner of the
 * table member_event. Whoever changes a membership adds its event in the same transaction
 * (daemon/member.h); an event is never changed but by erasing an address.
 */
#ifndef DAEMON_MEMBER_EVENT_H
#define DAEMON_MEMBER_EVENT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"
#include "daemon/member.h"

/* address: in canonical form. by: "self", "admin", "plenary" or an address. detail may be NULL. */
int member_event_add(struct db *db, const char *list, const char *address, const char *what,
		     const char *by, const char *detail, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* Plenary did something about this member that changes nothing of the membership. */
int member_event_note(struct db *db, const struct member *m, const char *what, const char *detail,
		      int64_t now, struct err *e) __attribute__((warn_unused_result));
/* Who last said how she gets mail, and when: 1; 0 nobody since she joined; -1. */
int member_event_delivery(struct db *db, struct arena *a, const struct member *m, const char **by,
			  int64_t *t, struct err *e) __attribute__((warn_unused_result));

/* All of an address, oldest first; each returns -1 to stop. What it is given lives until all have
 * been given. */
struct member_event {
	int64_t t;
	const char *list, *what, *by, *detail;
};
int member_event_each(struct db *db, struct slice address,
		      int (*each)(void *arg, const struct member_event *ev), void *arg,
		      struct err *e) __attribute__((warn_unused_result));
/* The address is erased: events keep their list, time and what; name stands in its place. How many.
 */
int64_t member_event_forget(struct db *db, struct slice address, const char *name, struct err *e)
    __attribute__((warn_unused_result));

#endif
