/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settle: works off all that is marked, for a command after an import or a rebuild when no daemon
 * does it: pages first, the index last. The archive's lock is taken slice by slice, so that mail
 * goes on meanwhile, and a daemon that runs helps.
 */
#ifndef ARCHIVE_SETTLE_H
#define ARCHIVE_SETTLE_H

#include <stdint.h>

#include "base/err.h"
#include "archive/archive.h"

enum settle_step { SETTLE_PAGES, SETTLE_INDEX };

/* progress (may be NULL): done counts marks of pages, then messages indexed. Must not be called
 * inside the lock. */
int archive_settle(struct archive *ar,
		   void (*progress)(void *arg, enum settle_step step, int64_t done), void *arg,
		   struct err *e) __attribute__((warn_unused_result));

#endif
