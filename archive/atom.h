/* SPDX-License-Identifier: GPL-2.0-or-later */
/* atom: feeds (RFC 4287) of a list's and of a thread's newest messages, and of what was decided
 * about people. */
#ifndef ARCHIVE_ATOM_H
#define ARCHIVE_ATOM_H

#include "base/err.h"
#include "archive/conversation.h"
#include "archive/press.h"
#include "archive/record.h"

#define ATOM_ENTRIES 25

int atom_list(struct press *p, const char *list, struct err *e) __attribute__((warn_unused_result));
int atom_thread(struct press *p, const struct conversation *c, struct err *e)
    __attribute__((warn_unused_result));
int atom_conduct(struct press *p, const struct conf_list *list, const struct record *r,
		 struct err *e) __attribute__((warn_unused_result));

#endif
