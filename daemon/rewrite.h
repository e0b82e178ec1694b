/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rewrite: whether the From of a post must become the list's (INTERFACE section 8). With
 * rewrite-from = "dmarc" only where members would not get it otherwise: the author's domain
 * enforces DMARC, and there is no signature of it that is good and stays so.
 */
#ifndef DAEMON_REWRITE_H
#define DAEMON_REWRITE_H

#include <stdbool.h>

#include "conf/conf.h"
#include "daemon/policies.h"
#include "daemon/work.h"

/* What the copies of a list change of a post, beyond what all do (send.c). */
struct rewrite_changes {
	bool subject, reply_to, msgid, body;
};

enum rewrite_verdict {
	REWRITE_LEAVE,
	REWRITE_ACT,
	REWRITE_ASK /* it hangs on the policy of the author's domain, which is not known */
};

/*
 * Reads conf/dmarc-enforcing: domains that refuse or hide mail in their name without saying so by
 * DMARC. A role calls it before its sandbox closes the files; without it there are none.
 */
int rewrite_load(struct err *e) __attribute__((warn_unused_result));
void rewrite_unload(void);

/*
 * policy: what DNS says of the author's domain, or POLICY_UNKNOWN. It is asked for only if nothing
 * else decides: the list's setting, a signature, the list of domains, a trusted server's word.
 */
enum rewrite_verdict rewrite_decide(struct work *w, const struct conf_list *l,
				    const struct rewrite_changes *c, const struct policy *policy);

#endif
