/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * complaint: what comes of a feedback report (RFC 5965): a member, or the spam button of her mail
 * provider, called a post spam. Providers want it obeyed, else they refuse the list's mail to all
 * of their people. So she gets no more posts and stays a member; one mail tells her so, and any
 * reply to it brings the posts back. Nothing is held against her, and nobody else is told: it is
 * counted, and shown to her and to the administrator.
 *
 * It is believed only with a token of ours: in the address it came to, in the return path of the
 * mail it returns, or in that mail's List-Unsubscribe field. Once a post; and not if she has said
 * how she wants her mail since that post went out.
 */
#ifndef DAEMON_COMPLAINT_H
#define DAEMON_COMPLAINT_H

#include "base/err.h"
#include "daemon/work.h"
#include "mail/report.h"

/* r has one recipient, of reason REPORT_COMPLAINT. */
int complaint_handle(struct work *w, const struct report *r, struct err *e)
    __attribute__((warn_unused_result));
/* Does m get nothing because of a complaint? 1 and when that was, 0, -1. */
int complaint_stopped(struct db *db, struct arena *a, const struct member *m, int64_t *since,
		      struct err *e) __attribute__((warn_unused_result));

#endif
