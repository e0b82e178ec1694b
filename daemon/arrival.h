/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arrival: the file of one message from DATA to the spool. Bytes are gathered, so that a small
 * message is one write; a large one streams to the disk as it comes. One write pass: only the
 * envelope at the front is written over at the end, where it has changed.
 */
#ifndef DAEMON_ARRIVAL_H
#define DAEMON_ARRIVAL_H

#include "base/buf.h"
#include "base/slice.h"
#include "base/spool.h"
#include "daemon/commit.h"

struct arrival {
	struct commit_job job; /* job.owner is the arrival */
	void *owner;           /* whose it is */
	struct buf pending;    /* not in the file yet */
};

/* Makes the file; the envelope is its beginning. NULL, and why in *r, if it can't be made. Errors
 * are logged here, once. */
struct arrival *arrival_begin(struct spool *sp, struct slice envelope, enum commit_result *r);
/* After a failure only arrival_abort may follow. */
enum commit_result arrival_write(struct arrival *a, struct slice bytes)
    __attribute__((warn_unused_result));
/*
 * The last bytes, and the envelope once more, of the same length as before. Then job may be
 * submitted; after a failure, which is in job.result too, the file is gone already.
 */
enum commit_result arrival_finish(struct arrival *a, struct spool *sp, struct slice envelope)
    __attribute__((warn_unused_result));
/* Removes the file and frees. */
void arrival_abort(struct arrival *a, struct spool *sp);
/* Frees what was finished. */
void arrival_free(struct arrival *a);

#endif
