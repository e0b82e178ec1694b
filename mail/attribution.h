/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attribution: lines that mailers write around what others wrote, in the languages of mailers.
 * Asked by lines.c, and by the archive where a reply to a digest tells by them whom it means.
 */
#ifndef MAIL_ATTRIBUTION_H
#define MAIL_ATTRIBUTION_H

#include <stdbool.h>

#include "base/slice.h"

/* Is this text (the lines above a quote, joined) "On … wrote:"? */
bool attribution_is(struct slice text);
#define ATTRIBUTION_LINES_MAX 4 /* one sentence, wrapped at 72 columns */
/* The same with a date and an address, or with the beginning, verb and date of one: so that no
 * quote marks below are needed to believe it. */
bool attribution_is_plain(struct slice text);
/* Could this line begin one ("On 5 May …", "Le 5 mai …", "2012/5/5 …")? */
bool attribution_opens(struct slice line);

/* Twenty or more signs in a row: what mailers draw. */
bool attribution_is_rule(struct slice line);
/* "-----Original Message-----". */
bool attribution_is_separator(struct slice line);
/* "---- Forwarded message ----", "Begin forwarded message:". */
bool attribution_is_forward(struct slice line);
/* Which field "From: …", "Gesendet: …", "主题：…" is: one bit of ATTRIBUTION_*; 0 for none. */
enum { ATTRIBUTION_FROM = 1, ATTRIBUTION_DATE = 2, ATTRIBUTION_TO = 4, ATTRIBUTION_SUBJECT = 8 };
unsigned attribution_label(struct slice line);

/* "See my answers inline": who writes so writes between another's lines. */
bool attribution_says_inline(struct slice line);
/* "Sent from my telephone", as the telephone writes it. */
bool attribution_is_device(struct slice line);
/* A mailing list's, a group server's footer: says where one unsubscribes. */
bool attribution_is_footer(struct slice line);

#endif
