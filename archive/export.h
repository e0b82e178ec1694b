/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * export: a list's archive as files that any mail program reads, as it is published: this site's
 * own tokens are masked (mask.h), withdrawn messages are left out. Reads beside the daemon, without
 * the archive's lock. Exporting again into the same folder replaces what is there.
 *
 *   EXPORT_MBOX      DIR/LIST.mbox      mboxrd, by date; the From line has author and receipt
 *   EXPORT_MBOX_GZ   DIR/LIST.mbox.gz
 *   EXPORT_MAILDIR   DIR/cur/RECEIVED.KEY.LIST:2,S    (twins: tRECEIVED…)
 *   EXPORT_INBOX     DIR/git/0.git      public-inbox's format v2 (inbox.h); exporting again adds
 *                                       what is new, so that mirrors can follow
 *
 * Of messages that share a Message-ID the one that has its key comes first: an import into an empty
 * site gives each the key, and so the address, that it has here. Only a withdrawn one's key is free
 * there.
 */
#ifndef ARCHIVE_EXPORT_H
#define ARCHIVE_EXPORT_H

#include <stdint.h>

#include "base/err.h"
#include "conf/conf.h"

enum export_format { EXPORT_MBOX, EXPORT_MBOX_GZ, EXPORT_MAILDIR, EXPORT_INBOX };

struct export_counts {
	int64_t written, missing; /* missing: in the overview, but not in the store (logged) */
};

/* The format of that name ("mbox", "mbox.gz", "maildir", "public-inbox"): 0, or -1. */
int export_format(const char *name, enum export_format *format) __attribute__((warn_unused_result));
/* progress may be NULL. dir is made if it is absent. */
int export_run(const struct conf *conf, const char *list, enum export_format format,
	       const char *dir, struct export_counts *counts,
	       void (*progress)(void *arg, int64_t done, int64_t total), void *arg, struct err *e)
    __attribute__((warn_unused_result));

#endif
