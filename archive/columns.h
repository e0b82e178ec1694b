/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * columns: where every space of plain text counts: code, tables, drawings, patches, the traces of
 * programs that fell. In a <pre>, which scrolls by itself.
 */
#ifndef ARCHIVE_COLUMNS_H
#define ARCHIVE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/* Do columns matter in this paragraph? Lines without their ends, none of them empty. */
bool columns_are(const struct slice *lines, size_t n);
/* Does it begin a patch or a part of one? */
bool columns_is_diff(const struct slice *lines, size_t n);
/* Does what was begun go on with this paragraph, behind an empty line? */
bool columns_go_on(const struct slice *lines, size_t n, bool diff);
/* "```": where code begins and ends by its author's word. */
bool columns_is_fence(struct slice line);
/* diff: lines say what is added and what is taken away, to the eye and to the ear. */
void columns_put(struct buf *b, const struct slice *lines, size_t n, bool diff, const char *domain);

size_t columns_indent(struct slice line);
/* "- ", "* ", "• ", "1. ", "(a) ": length of a list's mark with its space, 0 if there is none. */
size_t columns_bullet(struct slice line);

#endif
