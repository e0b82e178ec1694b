/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inbox: archives as git repositories in public-inbox's format v2: git/0.git, 1.git …, in which
 * each message is a commit whose tree has the one file "m"; a commit with "d" takes a message out
 * again. The author of a commit is the message's, its committer's time is that of receipt.
 */
#ifndef ARCHIVE_INBOX_H
#define ARCHIVE_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "archive/store.h"
#include "conf/conf.h"

/* Is this folder one? Its own, or one of its repositories. */
bool inbox_is(const char *path);
/*
 * Each message that is not taken out, in order. bytes live during the call; received in seconds;
 * each returns -1 to stop.
 */
int inbox_read(const char *path, const char *tmp_dir,
	       int (*each)(void *arg, struct slice bytes, int64_t received, struct err *e),
	       void *arg, struct err *e) __attribute__((warn_unused_result));

/*
 * Brings dir (made if it is absent) up to the end of the list's log, in the log's order, so that
 * commits never change and mirrors can follow. Masked as all that is published (mask.h). A message
 * withdrawn since the last time is taken out by a "d"; one that was erased is left in the history
 * of what was exported before: who publishes such a mirror must rewrite it. How many messages were
 * added, or -1.
 */
int64_t inbox_write(const struct conf *conf, const char *list, struct store *st, const char *dir,
		    struct err *e) __attribute__((warn_unused_result));

#endif
