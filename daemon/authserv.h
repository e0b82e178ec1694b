/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * authserv: what a trusted server found out about a message's origin, from its
 * Authentication-Results (RFC 8601). Only fields whose authserv-id is in trusted-authserv count;
 * that mail server must remove foreign fields that claim its name (RFC 8601 section 5), as milters
 * do.
 */
#ifndef DAEMON_AUTHSERV_H
#define DAEMON_AUTHSERV_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "conf/conf.h"
#include "mail/message.h"

/* Does it show dkim=pass, spf=pass or dmarc=pass for a domain of the same organisation (RFC
 * 7489 3.2, by the public suffix list)? */
bool authserv_vouches(struct arena *a, const struct conf *conf, const struct message *m,
		      struct slice domain);

/* What they say about signatures of domain (strict: by that very name, else of its organisation).
 */
enum authserv_dkim { AUTHSERV_SILENT, AUTHSERV_PASS, AUTHSERV_FAIL };
enum authserv_dkim authserv_dkim(struct arena *a, const struct conf *conf, const struct message *m,
				 struct slice domain, bool strict);

/* What they say about the DMARC policy of domain: 1 it enforces (quarantine or reject), 0 it does
 * not, -1 nothing, or nothing that is sure. */
int authserv_policy(struct arena *a, const struct conf *conf, const struct message *m,
		    struct slice domain);

#endif
