/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_says: what a report's text or subject says as a whole, in the words of mail servers.
 */
#ifndef MAIL_REPORT_SAYS_H
#define MAIL_REPORT_SAYS_H

#include <stdbool.h>

#include "base/slice.h"

/* Does it say that a message did not arrive? */
bool report_says_failed(struct slice text);
/* … that it is only late? */
bool report_says_delayed(struct slice text);
/* … that it did arrive? */
bool report_says_delivered(struct slice text);
/* Is this line somebody else's words ("> …")? ">>> " marks what an SMTP client said. */
bool report_is_quoted(struct slice line);

#endif
