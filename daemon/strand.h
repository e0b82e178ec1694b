/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strand: to which thread does a post belong, as far as the list role must know it: to let a whole
 * thread rest by the name of any message in it. Owner of the table strand: each post that went out
 * to a list and the root it hangs on, so that what the archive has not filed yet is known, too.
 * What is older, or was imported, is found by walking up the published files below html/.
 *
 * A post answers what its References and In-Reply-To name; one that names nothing but has a reply's
 * subject, the latest of that subject; one that answers a digest of ours, the thread that it names
 * by its subject or quotes alone. A thread whose root is not known (yet) goes by the key that it
 * would have; when it comes, and answers something itself, the two become one.
 */
#ifndef DAEMON_STRAND_H
#define DAEMON_STRAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

#define STRAND_SUBJECT_WINDOW (30 * 86400) /* a subject is used again after a while */

/* Inside T1: w's post went out to the list under this key. */
int strand_note(struct work *w, const struct conf_list *l, const char *key, struct err *e)
    __attribute__((warn_unused_result));
/* The key of the root that key hangs on, itself if it is one. *known: the list has, or had, such a
 * message, or one that answers it. */
int strand_root(struct site *site, struct arena *a, const struct conf_list *l, const char *key,
		const char **root, bool *known, struct err *e) __attribute__((warn_unused_result));
/* Is w a post to that thread (root: as strand_root has it)? 1, 0, -1. */
int strand_belongs(struct work *w, const struct conf_list *l, const char *root, struct err *e)
    __attribute__((warn_unused_result));
/* Half a year is kept; at most some thousands a call. */
int strand_trim(struct db *db, int64_t now, struct err *e) __attribute__((warn_unused_result));

#endif
