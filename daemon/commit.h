/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commit: makes finished spool files durable for many sessions at once. Threads sync files side by
 * side; whoever has synced one renames it and all others that were synced meanwhile, and syncs the
 * folder once for them all. Nobody waits for company: a lone file goes straight through, and under
 * load the groups form by themselves while the disk is busy with the one before.
 *
 * 1. A job is done with KEPT only after its bytes, its rename and the folder were synced, in this
 *    order, each checked.
 * 2. What fails is removed again where it can be, and never said to be kept.
 */
#ifndef DAEMON_COMMIT_H
#define DAEMON_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/spool.h"

#define COMMIT_THREADS_MAX 16

enum commit_result { COMMIT_KEPT, COMMIT_FULL, COMMIT_FAILED };

/* One file on its way. The owner keeps it where it is from submit until it comes out of collect. */
struct commit_job {
	struct spool_file file; /* begun and written */
	void *owner;
	enum commit_result result;
	struct err err; /* unless KEPT */
	struct commit_job *next;
};

struct commit;

/* Starts the threads (after the sandbox was entered: they are born inside it). */
int commit_start(struct commit **c, struct spool *sp, int threads, struct err *e)
    __attribute__((warn_unused_result));
/* Readable when collect has something to give. */
int commit_fd(const struct commit *c);
void commit_submit(struct commit *c, struct commit_job *job);
/* All that are done by now, linked by next; NULL when there are none. */
struct commit_job *commit_collect(struct commit *c);
/* Ends the threads. All jobs must have been collected. */
void commit_stop(struct commit *c);

/* How many folder syncs there were so far, and files in them. */
void commit_counts(struct commit *c, int64_t *syncs, int64_t *files);

#endif
