/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * person: all that the lists of this site have stored about one address, as one document; and its
 * erasure. What a person said in public stays public: the archive is not touched here (a post is
 * withdrawn by its list's owners, who leave a tombstone). The record of conduct stays, too: it is
 * what a list decided, never edited, and shows that rules were kept; and mail servers' logs are not
 * ours. Whoever asks must have shown to be the one that owns the address.
 */
#ifndef DAEMON_PERSON_H
#define DAEMON_PERSON_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "daemon/work.h"

/* The document (JSON, UTF-8) in the arena; an address of which nothing is stored has one, too. */
int person_data(struct site *site, struct arena *a, struct slice address, int64_t now,
		struct slice *json, struct err *e) __attribute__((warn_unused_result));

struct person_erased {
	int64_t memberships, held, deliveries, bounces, events;
};
/*
 * Inside a transaction: memberships end, posts that wait for a moderator are taken back, requests,
 * waiting mail, bounces and counters go; events keep list, time and what, with a name that only
 * this site can make from the address ("erased-…"). Whoever calls it runs moderate_sweep after the
 * commit. by: "self", "admin".
 */
int person_erase(struct site *site, struct arena *a, struct slice address, const char *by,
		 int64_t now, struct person_erased *n, struct err *e)
    __attribute__((warn_unused_result));

#endif
