/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers: what each command does. They write their result to c->out and return -1 only for our own
 * trouble.
 */
#ifndef DAEMON_ANSWERS_H
#define DAEMON_ANSWERS_H

#include "daemon/command.h"
#include "daemon/step.h"

/* "Label: value" on a line of its own. */
void answer_line(struct command *c, const char *label, const char *value);

/* A phrase of the catalogue, as it is; 0. */
int answer_say(struct command *c, const char *phrase);

/* The next word of *rest as an address, out of "<…>"; empty if it is none. */
struct slice answer_address(struct command *c, struct slice *rest);
/* The next word of *rest as a key: KEY, or the key of a Message-ID; "" if it is neither. */
const char *answer_key(struct command *c, struct slice *rest);
/* Who asks, as one who decides; behind it, so that notices are numbered on. */
struct deed answer_deed(struct command *c);
void answer_deed_done(struct command *c, const struct deed *d);

int answer_help(struct command *c, struct err *e);
int answer_info(struct command *c, struct err *e);
int answer_lists(struct command *c, struct err *e);
int answer_subscribe(struct command *c, struct err *e);
int answer_unsubscribe(struct command *c, struct err *e);
int answer_confirm(struct command *c, struct err *e);
int answer_set(struct command *c, struct err *e);
/* answers_self.c */
int answer_which(struct command *c, struct err *e);
int answer_status(struct command *c, struct err *e);
/* answers_search.c */
int answer_search(struct command *c, struct err *e);
/* answers_person.c */
int answer_data(struct command *c, struct err *e);
int answer_erase(struct command *c, struct err *e);
/* answers_archive.c */
int answer_get(struct command *c, struct err *e);
int answer_index(struct command *c, struct err *e);
/* answers_moderator.c */
int answer_held(struct command *c, struct err *e);
int answer_show(struct command *c, struct err *e);
int answer_accept(struct command *c, struct err *e);
int answer_reject(struct command *c, struct err *e);
int answer_discard(struct command *c, struct err *e);
int answer_members(struct command *c, struct err *e);
/* "set notices each|daily": what a moderator gets of held posts. */
int answer_notices(struct command *c, struct slice value, struct err *e);
/* answers_speaking.c */
int answer_speak(struct command *c, struct err *e);
int answer_hush(struct command *c, struct err *e);
/* answers_conduct.c */
int answer_step(struct command *c, struct err *e);
int answer_remind(struct command *c, struct err *e);
int answer_warn(struct command *c, struct err *e);
int answer_suspend(struct command *c, struct err *e);
int answer_lift(struct command *c, struct err *e);
int answer_cases(struct command *c, struct err *e);
int answer_case(struct command *c, struct err *e);
int answer_report(struct command *c, struct err *e);
int answer_cosign(struct command *c, struct err *e);
/* answers_cooling.c */
int answer_freeze(struct command *c, struct err *e);
int answer_thaw(struct command *c, struct err *e);
int answer_emergency(struct command *c, struct err *e);
/* Part of status: what the record has about who asks, on one list or on all (list NULL). */
int answer_own_conduct(struct command *c, const char *list, struct err *e);
int answer_end(struct command *c, struct err *e);

#endif
