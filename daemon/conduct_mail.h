/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conduct_mail: what people answer to mails about conduct (appeals: appeal.h).
 */
#ifndef DAEMON_CONDUCT_MAIL_H
#define DAEMON_CONDUCT_MAIL_H

#include "daemon/ticket.h"
#include "daemon/work.h"

/* Is a ticket of this kind answered here: agree, answer (the member's), appeal (its body's), cosign
 * (anybody's)? */
bool conduct_mail_takes(const char *kind);
/* The answer to one; the ticket fits the address that it came to. */
int conduct_mail_handle(struct work *w, const struct ticket *t, struct err *e)
    __attribute__((warn_unused_result));
#endif
