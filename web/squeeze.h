/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * squeeze: gzip of text files, with a few of the results kept, and of made pages. Only
 * squeeze_buf may be called by other threads than the loop's.
 */
#ifndef WEB_SQUEEZE_H
#define WEB_SQUEEZE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/slice.h"

#define SQUEEZE_MIN 1024        /* below, a header's worth of bytes is all that is won */
#define SQUEEZE_MAX (512 << 10) /* above, it would hold up the loop: sent as it is */
#define SQUEEZE_KEEP (1 << 20)  /* bytes of results kept */
#define SQUEEZE_ENTRIES 64

/* Bytes with a count of who uses them. */
struct shared {
	struct slice bytes;
	int users;
};
void shared_release(struct shared *s); /* NULL is fine */

/* Accept-Encoding: does she take gzip? */
bool squeeze_wanted(struct slice accept_encoding);
/* A made page in place, as gzip; false, and nothing done, when it is small. Any thread. */
bool squeeze_buf(struct buf *b);

struct squeeze;

struct squeeze *squeeze_new(void);
void squeeze_free(struct squeeze *sq);
/* The file, which has that stat, as gzip; one reference is the caller's. NULL when it can't be read
 * or is no smaller. */
struct shared *squeeze_file(struct squeeze *sq, int fd, const struct stat *st);

#endif
