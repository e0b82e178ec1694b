/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dmarc: what a domain says about mail that bears its name and is not signed for it (RFC 7489):
 * the record's text, the organisational domain, and alignment.
 */
#ifndef DAEMON_DMARC_H
#define DAEMON_DMARC_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

/* Where a policy record stands: this before the domain. */
#define DMARC_PREFIX "_dmarc."

struct dmarc_record {
	bool enforces;     /* p is quarantine or reject */
	bool sub_enforces; /* the same for subdomains without a record of their own: sp, else p */
	bool strict;       /* adkim=s: a signature must bear the very domain of From */
};

/*
 * Is text a policy record (RFC 7489 6.3, 6.4)? It begins with v=DMARC1; unknown and malformed tags
 * are passed over, of doubled ones the first counts, pct is ignored: who asks for a tenth of the
 * mail to be refused asks for refusals. A record without a readable p asks for nothing.
 */
bool dmarc_parse(struct slice text, struct dmarc_record *r);
/* The record among all TXT answers of a name: there must be exactly one (RFC 7489 6.6.3). */
bool dmarc_choose(const struct slice *texts, size_t n, struct dmarc_record *r);

/* The organisational domain (RFC 7489 3.2, by the public suffix list), lower case; the domain
 * itself where it is a public suffix or has no dot. */
const char *dmarc_organisation(struct arena *a, struct slice domain);
/* Are two domains aligned (RFC 7489 3.1): the same, or, if not strict, of one organisation? */
bool dmarc_aligned(struct arena *a, struct slice x, struct slice y, bool strict);

#endif
