/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks_part: the part of LIST/conduct/ about what a post is asked on its way to the list, in
 * plain words, as it is configured.
 */
#ifndef ARCHIVE_CHECKS_PART_H
#define ARCHIVE_CHECKS_PART_H

#include "archive/frame.h"
#include "archive/press.h"

void checks_part(struct press *p, const struct frame *f);

#endif
