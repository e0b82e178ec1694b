/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tidings: the mails that tell of conduct: to the member, to the moderators, to the list. Each is
 * queued in the transaction of the event it tells of.
 */
#ifndef DAEMON_TIDINGS_H
#define DAEMON_TIDINGS_H

#include "daemon/step.h"

/* A step was taken: the member, the moderators, and where the rule says so the list. */
int tidings_step(struct deed *d, const struct conduct_event *ev, struct err *e)
    __attribute__((warn_unused_result));
/* A proposal: every other moderator who may decide is asked, with a token of her own. */
int tidings_proposal(struct deed *d, const struct conduct_event *ev, struct err *e)
    __attribute__((warn_unused_result));
/* ev says that ended is in force no more (lift, overturn, end, thaw, calm), or that it stays
 * (uphold). */
int tidings_over(struct deed *d, const struct conduct_event *ended, const struct conduct_event *ev,
		 struct err *e) __attribute__((warn_unused_result));
/* No second word came. */
int tidings_lapse(struct deed *d, const struct conduct_event *proposal, struct err *e)
    __attribute__((warn_unused_result));
/* One template to all moderators but those concerned in the case (address: whom it is about). */
int tidings_moderators(struct deed *d, const char *template, const struct conduct_event *ev,
		       struct slice attached, struct err *e) __attribute__((warn_unused_result));
/* One template to everyone on the list who gets mail, but for one address (or empty). */
int tidings_list(struct deed *d, const char *template, const struct conduct_event *ev,
		 struct slice but, struct err *e) __attribute__((warn_unused_result));
/* An appeal to its body, each with a token. */
int tidings_appeal(struct deed *d, const struct conduct_event *step,
		   const struct conduct_event *appeal, struct slice attached, struct err *e)
    __attribute__((warn_unused_result));
/* One template to one address, answers going to a ticket of this kind (or NULL). */
int tidings_one(struct deed *d, const char *template, struct slice to, const char *lang,
		const struct conduct_event *ev, const char *ticket, int64_t expires,
		struct slice attached, struct err *e) __attribute__((warn_unused_result));

#endif
