/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks: the table of questions about a post, in order. The first verdict that is not pass wins;
 * the reasons of all that would have held it are kept and shown to the moderators.
 */
#ifndef DAEMON_CHECKS_H
#define DAEMON_CHECKS_H

#include "base/buf.h"
#include "base/err.h"
#include "daemon/conduct.h"
#include "daemon/member.h"
#include "daemon/work.h"

enum verdict { VERDICT_PASS, VERDICT_HOLD, VERDICT_REJECT, VERDICT_DISCARD };

/* What the table decides on, gathered once. */
struct facts {
	struct work *w;
	const struct conf_list *list;
	const struct member
	    *member; /* the author's subscription, to the list or one under it; or NULL */
	struct member author;
	struct standing standing;
	bool speaker;   /* appointed, and the term lasts */
	int64_t posted; /* the author's posts that went out to the list today */
	bool emergency;
	const char *cooled; /* the key of the cooled thread that it belongs to, or NULL */
	int64_t cooled_until;
};
int checks_gather(struct facts *f, struct work *w, const struct conf_list *l, struct err *e)
    __attribute__((warn_unused_result));

/*
 * reasons (daemon/reasons.h): of all that did not pass, the deciding one first. Hooks come last:
 * what they said is in w->said.
 */
void checks_run(const struct facts *f, enum verdict *v, struct buf *reasons);
/* The author's subscription: to the list itself, else to one whose umbrella it is. 1, 0, -1. */
int checks_author(struct work *w, const struct conf_list *l, struct member *m, struct err *e)
    __attribute__((warn_unused_result));

#endif
