/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * moved: where the pages of an older archive are now, as importing and migrating found it out. The
 * file has a line for each: the old path from its slash, undecoded, a tab, the new path. Order does
 * not matter; of two lines for one path the last one counts. The file is replaced whole, never
 * written in place; a new one is seen by itself.
 */
#ifndef WEB_MOVED_H
#define WEB_MOVED_H

#include "base/slice.h"

#define MOVED_FILE ".redirects" /* in STATE/html */
#define MOVED_LINES_MAX 5000000

struct moved;

struct moved *moved_new(void);
void moved_free(struct moved *m);
/* fd: the file as it is now, or -1; not kept. The new path, valid until the next call; empty when
 * there is none. */
struct slice moved_find(struct moved *m, int fd, struct slice path);

#endif
