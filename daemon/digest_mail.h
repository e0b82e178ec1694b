/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest_mail: how a digest looks.
 */
#ifndef DAEMON_DIGEST_MAIL_H
#define DAEMON_DIGEST_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "conf/conf.h"

#define DIGEST_GROUPS_MAX 16 /* languages times forms */

struct digest_item {
	const char *spool;
	struct slice bytes; /* the spool entry, mapped */
};

/* Members who get the same mail. */
struct digest_group {
	const char *language; /* "" is the list's */
	bool plain;
	char file[ID_MAX]; /* of its body, in out/ */
	struct buf head;
};

struct digest {
	const struct conf_list *list;
	struct arena *arena;
	int64_t now, volume, issue, last_seq, recipients;
	struct digest_item *items;
	size_t n;
	struct digest_group groups[DIGEST_GROUPS_MAX];
	size_t ngroups;
};

/* The header into g->head (ending in the empty line), the rest into body. The same input gives the
 * same bytes. -1 (permanent) if it gets too large. */
int digest_compose(const struct conf *conf, const struct digest *d, struct digest_group *g,
		   struct buf *body, struct err *e) __attribute__((warn_unused_result));

#endif
