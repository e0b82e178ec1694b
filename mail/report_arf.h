/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_arf: feedback reports (RFC 5965): a reader pressed "spam", or a mail failed DMARC
 * (RFC 6591).
 */
#ifndef MAIL_REPORT_ARF_H
#define MAIL_REPORT_ARF_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "mail/message.h"

struct report_feedback {
	struct slice type; /* "abuse", "opt-out", "auth-failure" …; "abuse" if it says nothing */
	struct slice recipient; /* address; empty if it is not told, or hashed */
	struct slice mail_from; /* return path of the mail that is reported; or empty */
};

/* Is it a feedback report? */
bool report_arf_parse(const struct message *m, struct arena *a, struct report_feedback *out);

#endif
