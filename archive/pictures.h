/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pictures: those that came with a message, shown on its page from their own attachment's address
 * (never from anywhere else): where an HTML mail names them by "cid:", else where they stand among
 * the parts.
 */
#ifndef ARCHIVE_PICTURES_H
#define ARCHIVE_PICTURES_H

#include <stdbool.h>

#include "archive/body_writer.h"

#define PICTURE_MAX (2 * 1024 * 1024) /* bytes; a larger one is an attachment only */

/* For html_clean_with: the address of the picture with this Content-ID. arg: a body_writer. */
struct slice pictures_find(void *arg, struct slice cid);
/* The picture that is this part, if it is one to be shown and stands in no text. */
void pictures_put(const struct body_writer *w, int part);
/* May an HTML text that comes later name it? Then it is put behind all parts. */
bool pictures_wait(const struct body_writer *w, int part);

#endif
