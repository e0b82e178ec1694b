/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer: what a person wrote in a reply to us, without what her mail client put around it: quoted
 * text, attribution and signature are not words of hers.
 */
#ifndef DAEMON_ANSWER_H
#define DAEMON_ANSWER_H

#include <stddef.h>

#include "daemon/work.h"

#define ANSWER_LINES_MAX 200 /* lines of one mail that are looked at */

/* Her own lines, trimmed, empty ones left out. */
size_t answer_lines(struct work *w, struct slice **lines);
/* Those from the one of this number on as one text, cut at a character to max bytes. */
struct slice answer_text(struct work *w, size_t from, size_t max);

#endif
