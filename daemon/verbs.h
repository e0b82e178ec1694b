/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs: the plenary command's verbs that work on list.db (INTERFACE section 4). Each prints its
 * result and returns the exit code.
 */
#ifndef DAEMON_VERBS_H
#define DAEMON_VERBS_H

#include "base/db.h"
#include "conf/cli.h"
#include "daemon/work.h"

int verb_check(struct cli *c, int argc, char **argv);
int verb_inject(struct cli *c, int argc, char **argv);
/* verbs_lists.c */
int verb_lists(struct cli *c, int argc, char **argv);
int verb_members(struct cli *c, int argc, char **argv);
int verb_bounces(struct cli *c, int argc, char **argv);
/* One member as verb_members prints all of them. */
void verb_print_member(struct cli *c, struct site *site, const struct member *m);
/* verbs_members.c */
int verb_member(struct cli *c, int argc, char **argv);
int verb_subscribe(struct cli *c, int argc, char **argv);
int verb_unsubscribe(struct cli *c, int argc, char **argv);
int verb_import_members(struct cli *c, int argc, char **argv);
int verb_limits(struct cli *c, int argc, char **argv);
int verb_refused(struct cli *c, int argc, char **argv);
/* verbs_person.c */
int verb_data(struct cli *c, int argc, char **argv);
int verb_erase(struct cli *c, int argc, char **argv);
/* verbs_held.c */
int verb_held(struct cli *c, int argc, char **argv);
int verb_show(struct cli *c, int argc, char **argv);
int verb_accept(struct cli *c, int argc, char **argv);
int verb_reject(struct cli *c, int argc, char **argv);
int verb_discard(struct cli *c, int argc, char **argv);
int verb_queue(struct cli *c, int argc, char **argv);
/* verbs_conduct.c; step is remind, warn and suspend, too */
int verb_step(struct cli *c, int argc, char **argv);
int verb_lift(struct cli *c, int argc, char **argv);
int verb_cases(struct cli *c, int argc, char **argv);

/* verbs_record.c; speak is hush, too */
int verb_case(struct cli *c, int argc, char **argv);
int verb_verify(struct cli *c, int argc, char **argv);
int verb_speak(struct cli *c, int argc, char **argv);

/* The site as the command has it: list.db (made if need be), the keys, the spool. -1 after a line
 * on stderr. Close with verb_close, which rings the daemon's bells if changed. */
int verb_open(struct cli *c, struct site *site) __attribute__((warn_unused_result));
void verb_close(struct cli *c, struct site *site, bool changed);

#endif
