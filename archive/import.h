/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import: old mail into the archive, with a ledger: every message of the input is stored, or was
 * there already, or is refused with its place and the reason; and the counts add up. What can be
 * kept is kept: only what is empty or larger than ARCHIVE_MESSAGE_MAX is refused.
 *
 * Inputs, told by what they are, not by their names: an mbox (mboxrd, mboxo, pipermail months), the
 * same in gzip, a single message, a Maildir (cur/ and new/), git in public-inbox's format v2
 * (inbox.h), a folder of such files.
 *
 * Bytes: an mbox's quoting is undone and its lines end in LF; else as they stand in the file.
 * Time of receipt, which decides where a message is filed if its Date can't be used: the From line
 * of an mbox; where it has none or one that can't be (before 1980, in the future, or over a day
 * before Date: such lines were made up), the topmost Received field; else Date; else the file's
 * time of change in a Maildir; else now. In git it is the committer's time.
 *
 * The archive's lock is taken for each batch of at most IMPORT_BATCH messages, so that the daemon
 * gets its turn in between. An import that is cut short may be begun again: what it had stored is
 * already there then.
 */
#ifndef ARCHIVE_IMPORT_H
#define ARCHIVE_IMPORT_H

#include <stdint.h>

#include "base/err.h"
#include "archive/archive.h"

#define IMPORT_BATCH 2000
#define IMPORT_BATCH_BYTES (64 * 1024 * 1024)

struct import_counts {
	int64_t read, stored, already_there, refused;
};

/* Who looks on. All may be NULL. */
struct import_watch {
	/* where: "FILE, message N". */
	void (*refused)(void *arg, const char *where, const char *reason);
	/* After each batch; done and total are bytes of input, total 0 while unknown. */
	void (*progress)(void *arg, const struct import_counts *counts, int64_t done,
			 int64_t total);
	void *arg;
};

/*
 * One input into a list. counts are added to, also when it ends with an error (-1: the disk is
 * full, the input can't be read). Takes and releases the archive's lock itself.
 */
int import_run(struct archive *ar, const char *list, const char *path, struct import_counts *counts,
	       const struct import_watch *watch, struct err *e) __attribute__((warn_unused_result));

/* When was a message received? from_line without its end, or empty; otherwise: what to take when
 * nothing says (0: now). */
int64_t import_received(struct slice from_line, struct slice bytes, int64_t otherwise);

#endif
