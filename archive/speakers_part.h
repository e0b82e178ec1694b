/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * speakers_part: the part of LIST/about/ about who speaks: the appointed speakers with their groups
 * and terms, and the balance of groups, as the coalition declares it beside what is.
 */
#ifndef ARCHIVE_SPEAKERS_PART_H
#define ARCHIVE_SPEAKERS_PART_H

#include "archive/frame.h"
#include "archive/press.h"
#include "archive/record.h"

/* Nothing, if the list has neither speakers nor groups. */
void speakers_part(struct press *p, const struct frame *f, const struct record *r, int64_t now);

/* How many terms have begun, and ended, by now: when it changes, what the part says has. */
size_t speakers_turns(const struct conf_list *l, int64_t now);

#endif
