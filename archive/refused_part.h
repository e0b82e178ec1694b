/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refused_part: the part of LIST/conduct/ about posts that did not go out: their numbers by month
 * and reason, and where the list keeps an open record the posts themselves. daemon/refused.h says
 * what is in the file that it is made of.
 */
#ifndef ARCHIVE_REFUSED_PART_H
#define ARCHIVE_REFUSED_PART_H

#include "archive/frame.h"
#include "archive/press.h"

void refused_part(struct press *p, const struct frame *f);

#endif
