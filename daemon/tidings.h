/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tidings: the mails that tell of conduct: to the member, to the moderators, to the list. Each is
 * queued in the transaction of the event it tells of; what the list is told is a message of the
 * list (announce.h).
 */
#ifndef DAEMON_TIDINGS_H
#define DAEMON_TIDINGS_H

#include "conf/text.h"
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
/* One template to the member it is about, in her language, as she writes her address. */
int tidings_member(struct deed *d, const char *template, const struct conduct_event *ev,
		   struct err *e) __attribute__((warn_unused_result));
/* No second word came. */
int tidings_lapse(struct deed *d, const struct conduct_event *proposal, struct err *e)
    __attribute__((warn_unused_result));
/* One template to all moderators but those concerned in the case (address: whom it is about). */
int tidings_moderators(struct deed *d, const char *template, const struct conduct_event *ev,
		       struct slice attached, struct err *e) __attribute__((warn_unused_result));
/* The values that all templates about conduct know. How many. */
#define TIDINGS_VALUES_MAX 16
size_t tidings_values(struct deed *d, const char *lang, const struct conduct_event *ev,
		      struct text_value v[TIDINGS_VALUES_MAX]);
/* An appeal to its body, each with a token; names: who stands behind it, one a line, or NULL. */
int tidings_appeal(struct deed *d, const struct conduct_event *step,
		   const struct conduct_event *appeal, const char *names, struct slice attached,
		   struct err *e) __attribute__((warn_unused_result));
/* The member is told the address for those who are to stand behind her appeal. */
int tidings_petition(struct deed *d, const struct conduct_event *ev, int need, struct err *e)
    __attribute__((warn_unused_result));
/* What a suspended member, or one whose posts are held, is told whenever she joins: the values
 * suspended-until, held-until, standing-why and standing-appeal, empty where she is in good
 * standing. */
#define TIDINGS_STANDING 4
int tidings_standing(struct site *site, struct arena *a, const struct conf_list *l,
		     struct slice address, const char *lang, int64_t now,
		     struct text_value v[TIDINGS_STANDING], struct err *e)
    __attribute__((warn_unused_result));
/* One template to one address, answers going to a ticket of this kind (or NULL). */
int tidings_one(struct deed *d, const char *template, struct slice to, const char *lang,
		const struct conduct_event *ev, const char *ticket, int64_t expires,
		struct slice attached, struct err *e) __attribute__((warn_unused_result));

#endif
