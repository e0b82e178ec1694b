/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: what came back: delivery reports (RFC 3464, 6522, and the formats of mailers that never
 * heard of it), feedback reports (RFC 5965), receipts (RFC 8098) and answering machines (RFC 3834).
 * Careful to one side: what is not plainly a failure is none, because a wrong pause costs a member
 * her list.
 */
#ifndef MAIL_REPORT_H
#define MAIL_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/message.h"
#include "mail/report_reason.h"

struct report_recipient {
	/* Original-Recipient, else Final-Recipient, else as the text has it; may be empty, where a
	 * report names nobody: a return path of one's own says it. */
	struct slice recipient;
	struct slice status;     /* "5.1.1" or empty */
	struct slice diagnostic; /* clean text, one line */
	enum report_reason reason;
	bool hard;
};

struct report {
	struct report_recipient *v; /* each address once */
	size_t n;
	struct slice original_msgid; /* of the returned message, without brackets; may be empty */
	struct slice original_subject;
	/* Its return path, and its List-Unsubscribe field: for whom it was sent. May be empty. */
	struct slice original_from, original_unsubscribe;
	bool is_report; /* false: an ordinary mail, n is 0 */
};

/*
 * Reads m, which may be anything. envelope_from: its return path, empty for <>. Slices point into
 * the arena or into the message's bytes. A message whose lines end in CR only is read, too.
 */
void report_parse(struct report *r, struct arena *a, const struct message *m,
		  struct slice envelope_from);

/* What it counts: report_reason_points(). */
int report_points(const struct report_recipient *r);

#endif
