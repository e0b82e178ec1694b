/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * admit: who and what a session lets in: the arguments of MAIL and RCPT, and which recipients there
 * are. Answered from the configuration and the token keys alone, at RCPT, so that what does not
 * exist is refused while the sender still listens, and no mail is ever sent back to a forged one.
 *
 * Each returns NULL, or the reply line (without CR LF) that refuses.
 */
#ifndef DAEMON_ADMIT_H
#define DAEMON_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "daemon/session.h"
#include "daemon/transaction.h"

/* args: what stands behind MAIL. Fills t's sender and flags, and *size with SIZE= if it is there.
 */
const char *admit_sender(const struct session_site *site, struct transaction *t, struct slice args,
			 int64_t *size) __attribute__((warn_unused_result));
/* args: what stands behind RCPT. Adds the recipient to t. *unknown: well said, but refused. */
const char *admit_recipient(const struct session_site *site, struct transaction *t,
			    struct slice args, bool *unknown) __attribute__((warn_unused_result));

#endif
