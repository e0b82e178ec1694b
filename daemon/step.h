/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * step: the conduct ladder at work. Whether a step may be taken is asked of the list's rules and of
 * the record alone; taking it is an event with all its notices, in the caller's transaction. By
 * mail and by the command it is the same function, so that the rules bind both.
 */
#ifndef DAEMON_STEP_H
#define DAEMON_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/conduct.h"
#include "daemon/work.h"

#define STEP_AGREE_EXPIRES (7 * 86400)   /* of the question to the other moderators */
#define STEP_ANSWER_EXPIRES (90 * 86400) /* of the member's own address in a step's mail */
#define STEP_WHY_MAX 2000                /* bytes of a reason */

/* What decides: the same for a mail and a command line. */
struct deed {
	struct site *site;
	struct arena *a;
	const struct conf_list *list;
	const char *by;  /* the address that decides */
	bool site_owner; /* the administrator's command, without --as */
	const char *id;  /* names the notices */
	int64_t now;
	int notices;
	bool unproven; /* nothing proves who wrote what it is about */
};

enum step_end {
	STEP_TAKEN,
	STEP_PROPOSED, /* the other moderators were asked */
	STEP_WAITING,  /* the same moderator proposed it before */
	STEP_LIFTED,
	STEP_DISAGREED,
	STEP_UNKNOWN, /* no step of this name */
	STEP_NO_MEMBER,
	STEP_HIMSELF,   /* nobody decides about himself */
	STEP_CONCERNED, /* who reported can't decide */
	STEP_NOT_YOURS, /* somebody else's to take */
	STEP_TOO_EARLY, /* what must have come before has not, or too long ago */
	STEP_IN_FORCE,  /* one that does the same lasts still */
	STEP_ALONE,     /* two must agree and there is no second one */
	STEP_NOTHING,   /* nothing to lift, nothing to agree to */
};

/* what (may be empty): the reason; a key as its first word names the message it is about. */
int step_take(struct deed *d, const char *name, struct slice address, struct slice why,
	      enum step_end *end, struct conduct_event *ev, struct err *e)
    __attribute__((warn_unused_result));
/* A second moderator's word about a proposal. */
int step_agree(struct deed *d, int64_t proposal, bool agree, struct slice why, enum step_end *end,
	       struct conduct_event *ev, struct err *e) __attribute__((warn_unused_result));
/* Ends whatever is in force about a member. */
int step_lift(struct deed *d, struct slice address, struct slice why, enum step_end *end,
	      struct conduct_event *ev, struct err *e) __attribute__((warn_unused_result));
/* step_words.c: in words, for whoever tried. */
const char *step_explain(struct arena *a, const char *lang, const struct conf_list *l,
			 const char *name, enum step_end end, const struct conduct_event *ev);

const struct conf_step *step_find(const struct conf_list *l, struct slice name);
/* A moderator or owner of the list? */
bool step_is_moderator(const struct conf_list *l, struct slice address);
/* The i-th moderator; NULL behind the last. */
const char *step_moderator(const struct conf_list *l, size_t i);
/* May this address have a say about that member at all? Else *end says why not. 1, 0, -1. */
int step_may_judge(struct deed *d, struct slice address, enum step_end *end, struct err *e)
    __attribute__((warn_unused_result));

/* What is over by the clock: says so in the record and to whom it concerns. How many, or -1. */
int step_sweep(struct site *site, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
