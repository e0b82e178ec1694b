/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conduct: the record of what was decided about people, threads and lists. Owner of the tables
 * conduct_case and conduct_event.
 *
 * Invariants: 1. An event is never changed and never goes (the database refuses both). 2. Each one
 * is hashed together with the one before it on its list, so that a gap shows. 3. Everything that
 * is in force (somebody's standing, a cooled thread, an emergency) is computed from events and the
 * clock, so all of it ends by itself. 4. The rule that a step was taken under is in the event, word
 * for word: a rule that changes later changes nothing in the past.
 */
#ifndef DAEMON_CONDUCT_H
#define DAEMON_CONDUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"
#include "conf/conf.h"

struct conduct_event {
	int64_t id;
	int64_t case_id; /* 0: about no person */
	int64_t t;
	const char *list;
	const char *address; /* the member's, canonical; "" if it is about no person */
	/*
	 * about a person: report, propose, agree, disagree, lapse (no second word came), step,
	 * lift, end (its time was over), answer (the member's), petition (an appeal that waits for
	 * co-signers), cosign, appeal, uphold, overturn;
	 * about the list: freeze, thaw, emergency, calm; and who may speak on it: speak, hush
	 * (speaking.h; with an address, and yet no case)
	 */
	const char *what;
	const char *step;     /* the step's name */
	const char *does;     /* message, hold, suspend */
	const char *audience; /* member, list */
	const char *by;       /* an address, "the clock" */
	const char *why;      /* in the words of who decided */
	const char *about;    /* the key of the message or thread it is about, or "" */
	const char *rule;     /* the step's rule (conduct_rule) */
	int64_t until;        /* of what lasts; 0: nothing does */
	int64_t refers;       /* the event that this one answers or ends; 0: none */
	const char *hash;     /* hex SHA-256 */
};

/* Appends one. list, what and by must be given, the other texts may be NULL. Sets id and hash. */
int conduct_add(struct db *db, struct conduct_event *ev, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* 1, 0, -1. */
int conduct_get(struct db *db, struct arena *a, int64_t id, struct conduct_event *ev, struct err *e)
    __attribute__((warn_unused_result));
/* In order. list NULL: of all lists; case_id 0: of all cases and none. each returns -1 to stop. */
int conduct_each(struct db *db, const char *list, int64_t case_id,
		 int (*each)(void *arg, const struct conduct_event *ev), void *arg, struct err *e)
    __attribute__((warn_unused_result));
/* The newest event's id, 0 when there is none: has anything changed? */
int conduct_newest(struct db *db, int64_t *id, struct err *e) __attribute__((warn_unused_result));
/* Recomputes every hash of a list: 1 whole, 0 broken at *at, -1. */
int conduct_verify(struct db *db, const char *list, int64_t *at, struct err *e)
    __attribute__((warn_unused_result));

/* --- cases: one for each member of a list about whom there ever was something ------------------
 */

struct conduct_case {
	int64_t id;
	const char *list, *address;
	int64_t opened;
};
/* Finds or opens it. */
int conduct_case(struct db *db, const char *list, struct slice address, int64_t now, int64_t *id,
		 struct err *e) __attribute__((warn_unused_result));
int conduct_case_get(struct db *db, struct arena *a, int64_t id, struct conduct_case *c,
		     struct err *e) __attribute__((warn_unused_result));
/* list NULL: of all; address empty: of all members. */
int conduct_each_case(struct db *db, const char *list, struct slice address,
		      int (*each)(void *arg, const struct conduct_case *c), void *arg,
		      struct err *e) __attribute__((warn_unused_result));
/* Did by report something about this member? 1, 0, -1. */
int conduct_reported(struct db *db, const char *list, struct slice address, struct slice by,
		     struct err *e) __attribute__((warn_unused_result));

/* --- what is in force ------------------------------------------------------------------------- */

struct standing {
	enum step_does does; /* STEP_MESSAGE: good */
	int64_t until;
	int64_t event, case_id; /* the step that it comes from */
	const char *step, *why;
};
/* The hardest that is in force. No address: good. */
int conduct_standing(struct db *db, struct arena *a, const char *list, struct slice address,
		     int64_t now, struct standing *s, struct err *e)
    __attribute__((warn_unused_result));
/* "good", "held", "suspended": as hooks and JSON have it. */
const char *conduct_standing_word(const struct standing *s);
/* The newest step of this name that still counts (neither lifted nor overturned), taken at or after
 * since; name NULL: of any name. 1, 0, -1. */
int conduct_last_step(struct db *db, struct arena *a, const char *list, struct slice address,
		      const char *name, int64_t since, struct conduct_event *ev, struct err *e)
    __attribute__((warn_unused_result));
/* A proposal that waits for a second word. 1, 0, -1. */
int conduct_proposal(struct db *db, struct arena *a, const char *list, struct slice address,
		     const char *name, int64_t now, struct conduct_event *ev, struct err *e)
    __attribute__((warn_unused_result));
/* A petition against a step that waits for co-signers. 1, 0, -1. */
int conduct_petition(struct db *db, struct arena *a, int64_t step, int64_t now,
		     struct conduct_event *ev, struct err *e) __attribute__((warn_unused_result));
/* Has an event of this kind answered or ended that one? by empty: anybody's. 1, 0, -1. */
int conduct_answered(struct db *db, int64_t id, const char *what, struct slice by, struct err *e)
    __attribute__((warn_unused_result));
/* Steps in force of a member, for lifting / steps, proposals, petitions, freezes, emergencies whose
 * time is over and of which that was not yet said. */
int conduct_each_in_force(struct db *db, const char *list, struct slice address, int64_t now,
			  int (*each)(void *arg, const struct conduct_event *ev), void *arg,
			  struct err *e) __attribute__((warn_unused_result));
int conduct_each_over(struct db *db, int64_t now,
		      int (*each)(void *arg, const struct conduct_event *ev), void *arg,
		      struct err *e) __attribute__((warn_unused_result));
/* A freeze (about: the thread's key) or emergency (about "") in force. 1, 0, -1. */
int conduct_cooled(struct db *db, struct arena *a, const char *list, const char *what,
		   const char *about, int64_t now, struct conduct_event *ev, struct err *e)
    __attribute__((warn_unused_result));
/* All freezes of a list in force. */
#define CONDUCT_FREEZES_MAX 64 /* threads of a list that rest at one time */
int conduct_freezes(struct db *db, struct arena *a, const char *list, int64_t now,
		    struct conduct_event **evs, size_t *n, struct err *e)
    __attribute__((warn_unused_result));

/* Who reported something as a member, and who stands behind an appeal, is told to nobody: neither
 * to the moderators nor to the member. */
bool conduct_hides_by(const struct conduct_event *ev);

/* A step's rule in one line of the configuration's words. */
const char *conduct_rule(struct arena *a, const struct conf_step *s);
const char *conduct_does_word(enum step_does does);

#endif
