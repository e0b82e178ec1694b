/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rich: HTML mail in our own small set of elements, with its quotes folded, its own pictures in
 * their places and nobody else's. Whose words are whose is asked of the judge that knows plain
 * text.
 */
#ifndef ARCHIVE_RICH_H
#define ARCHIVE_RICH_H

#include "archive/body_writer.h"

void rich_put(const struct body_writer *w, struct slice html);

#endif
