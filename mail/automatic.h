/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * automatic: is this mail written by a machine, so that it must never be answered (RFC 3834 2)?
 * Null return path, Auto-Submitted other than "no", Precedence bulk/junk/list, List-* and X-Loop
 * fields, mailer-daemon and no-reply addresses, X-Autoreply, X-Auto-Response-Suppress, vacation
 * marks in several languages' subjects only together with a second sign.
 */
#ifndef MAIL_AUTOMATIC_H
#define MAIL_AUTOMATIC_H

#include <stdbool.h>

#include "base/slice.h"
#include "mail/message.h"

/* Why it is automatic (a word or two for the log), or NULL when a person wrote it. */
const char *automatic_reason(const struct message *m, struct slice envelope_from);

#endif
