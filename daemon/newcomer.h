/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * newcomer: which addresses can be members, and how much may be asked from where. Lists and robots
 * can't join: their mail would go round, or nobody would read it. Strangers can be asked about
 * joining in others' names; what comes from one place is bounded, whoever it names.
 */
#ifndef DAEMON_NEWCOMER_H
#define DAEMON_NEWCOMER_H

#include "base/err.h"
#include "daemon/work.h"

enum newcomer {
	NEWCOMER_FINE,
	NEWCOMER_NO_ADDRESS, /* nothing that mail could be sent to */
	NEWCOMER_OURS,       /* a list of this site, or one of its robots */
	NEWCOMER_ROBOT       /* a program's, wherever it is: -request, mailer-daemon, no-reply */
};

/* address: as it was written; looked at in its canonical form, and without its +detail. */
enum newcomer newcomer_judge(const struct conf *conf, struct slice address);

/*
 * Whence w's request comes, as far as it can't be made up: "net:ADDRESS" (IPv4, or an IPv6 /64) of
 * the host that handed the mail to our mail server, from the session itself or, behind a local
 * server, from the Received field which that one put on top; "" if there is none. And
 * "domain:DOMAIN" of the envelope's sender, "domain:" for the null one.
 */
const char *newcomer_host(struct work *w);
const char *newcomer_domain(struct work *w);

/* Inside T1: may a question or an answer go to one more stranger because of w? Counts it for its
 * host and its domain: 1; 0, logged, when one of them had its day's share; -1. */
int newcomer_may_ask(struct work *w, struct err *e) __attribute__((warn_unused_result));
/* Would it say 0? Nothing is counted. */
bool newcomer_had_enough(struct work *w);

#endif
