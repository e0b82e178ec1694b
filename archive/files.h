/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * files: what stands beside a message's page: LIST/m/KEY/raw, the bytes as received, and
 * LIST/m/KEY/N/NAME, its attachments. They never change, so they are put once.
 *
 * raw is another name (a hard link) of the store's own file, unless something in it had to be
 * masked (mask.h) or the two are on different file systems: then it is a copy. What is linked gets
 * mode 0644, so that the web role may read it; in the store it stays out of others' reach, since
 * the store's folders are 0700. Nothing writes to such a file ever again.
 */
#ifndef ARCHIVE_FILES_H
#define ARCHIVE_FILES_H

#include <stdbool.h>

#include "base/err.h"
#include "archive/press.h"

/* folder: "LIST/m/KEY/". made (may be NULL): they were not there. */
int files_put(struct press *p, const struct overview_message *m, const char *folder, bool *made,
	      struct err *e) __attribute__((warn_unused_result));
/* All of a message's files but PRESS_GONE away. */
int files_withdraw(struct press *p, const struct overview_message *m, struct err *e)
    __attribute__((warn_unused_result));

#endif
