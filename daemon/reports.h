/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reports: what opens a case, or joins the one there is: a member's word about a message, or that
 * of a hook about a post that it holds. A report decides nothing; the moderators are told.
 */
#ifndef DAEMON_REPORTS_H
#define DAEMON_REPORTS_H

#include "base/err.h"
#include "base/slice.h"
#include "daemon/step.h"
#include "daemon/work.h"

#define REPORTS_BY_HOOKS 5 /* a day about one member: what is held is told of anyway */

/* d->by reports the message of this key, which author wrote. Who it was stays in the record. */
int reports_add(struct deed *d, struct slice author, const char *key, struct slice why,
		struct err *e) __attribute__((warn_unused_result));
/* w's post by member, which the list in hand holds: what its hooks ask for, with the post as
 * evidence. */
int reports_by_hooks(struct work *w, const struct member *member, struct err *e)
    __attribute__((warn_unused_result));

#endif
