/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines_below: the message that a mailer left whole below its author's words, without marks: under
 * a copied header, as Outlook writes it, or under an attribution line. One pass of lines.c.
 */
#ifndef MAIL_LINES_BELOW_H
#define MAIL_LINES_BELOW_H

#include <stddef.h>

#include "mail/readable.h"

/* Lines whose quote marks are settled. What has no plain evidence stays as it is. */
void lines_mark_below(struct text_line *line, size_t n);

#endif
