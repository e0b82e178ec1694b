/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_reason: why a mail did not reach somebody, from the enhanced status code (RFC 3463) and
 * the words of a server, in whichever of the two the server was careful.
 */
#ifndef MAIL_REPORT_REASON_H
#define MAIL_REPORT_REASON_H

#include <stdbool.h>

#include "base/slice.h"

#define REPORT_WORDS_MAX                                                                           \
	2000 /* bytes of a server's words that are looked at; replies are short                    \
	      */

enum report_reason {
	REPORT_GONE,      /* no such mailbox or domain; not hard: it is disabled or locked */
	REPORT_FULL,      /* mailbox over quota */
	REPORT_MOVED,     /* another address since */
	REPORT_EXPIRED,   /* given up after tries over days, or no host that answers */
	REPORT_POLICY,    /* this site, its sender or its rate is refused */
	REPORT_CONTENT,   /* this message is refused: spam, virus, format */
	REPORT_AUTH,      /* SPF, DKIM, DMARC, reverse DNS */
	REPORT_TOO_BIG,   /* message over a limit */
	REPORT_TEMPORARY, /* trouble on their side */
	REPORT_DELAYED,   /* not given up yet */
	REPORT_VACATION,  /* an answering machine */
	REPORT_DELIVERED, /* delivered, relayed, expanded or displayed */
	REPORT_COMPLAINT, /* a reader called it spam (RFC 5965) */
	REPORT_OTHER      /* failed, and nobody says why */
};

struct report_verdict {
	enum report_reason reason;
	bool hard; /* trying again is of no use: no such address any more */
};

/*
 * The verdict on a failure. status: "5.1.1" or empty; words: a reply ("550 5.1.1 no such user"), a
 * diagnostic code or a paragraph, any case, any line breaks. context: what else is said about that
 * recipient (a transcript, say), or empty. Never one of DELAYED, VACATION, DELIVERED and COMPLAINT.
 */
struct report_verdict report_reason_find(struct slice status, struct slice words,
					 struct slice context);
/* What it counts against the address (INTERFACE section 8), in half points: 2, 1 or 0. */
int report_reason_points(struct report_verdict v);
/* The first enhanced status code among words ("5.1.1", "550-5.1.1", "(#5.1.1)"); empty if there is
 * none. It points into words. */
struct slice report_status_find(struct slice words);
/* A word for logs and tests: "gone", "full", … */
const char *report_reason_name(enum report_reason reason);

#endif
