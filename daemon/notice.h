/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notice: mail that Plenary itself writes to a person, in that person's language, from a template.
 * Made and queued inside the transaction of the decision it tells of. Never to an automatic sender:
 * callers ask automatic_reason() first.
 */
#ifndef DAEMON_NOTICE_H
#define DAEMON_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/slice.h"
#include "conf/conf.h"
#include "conf/text.h"

struct notice {
	const struct conf_list *list; /* NULL: the site */
	struct slice to;
	const char *language; /* of the reader */
	const char *template; /* conf/templates/LANG/TEMPLATE.txt */
	const struct text_value *values;
	size_t nvalues;
	const char *from_local;   /* "dc-x-confirm+TOKEN", or NULL: LIST-owner / the site's robot */
	struct slice in_reply_to; /* Message-ID it answers, or empty */
	bool answer;              /* auto-replied; else auto-generated */
	struct slice attached;    /* a message to go with it, or empty */
	bool attached_head_only;
	struct slice file; /* a file to go with it, or empty (mail/compose.h) */
	const char *file_name, *file_type;
	/* A subscription, for a probe: its return path is the member's own, so that a bounce of it
	 * is known (bouncing.h). 0: a notice, which nothing comes back of. */
	int64_t probe;
	/* An event of the record that it tells the member of: what becomes of the mail is noted
	 * (fate.h). 0: none. */
	int64_t event;
	const char *id; /* names the mail: same id, same Message-ID (spool ID and a number) */
};

/* Values every template may use without giving them: {list} {list-title} {list-address} {domain}
 * {site-url} {archive-url} {owner-address} {request-address} {join-address} {leave-address} {date}.
 */
int notice_send(struct db *db, const struct conf *conf, const struct notice *n, int64_t now,
		struct err *e) __attribute__((warn_unused_result));
/* Appends the mail alone: the same for the same n and now. */
int notice_compose(const struct conf *conf, const struct notice *n, int64_t now, struct buf *mail,
		   struct err *e) __attribute__((warn_unused_result));

#endif
