/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record: what the relays said, kept until it is written down in one transaction (T2), then the
 * files that nobody needs any more go. A result that is lost before only means that a mail is sent
 * twice to those recipients; none is ever lost the other way round.
 */
#ifndef DAEMON_RECORD_H
#define DAEMON_RECORD_H

#include <stdint.h>

#include "base/db.h"
#include "base/err.h"
#include "daemon/job.h"
#include "daemon/lanes.h"
#include "daemon/turns.h"

struct record;

struct record_counts {
	int64_t sent, temporary, permanent;
};

/* out_fd: the folder out/. */
struct record *record_new(struct db *db, int out_fd);
void record_free(struct record *rec);
void record_add(struct record *rec, const struct flight *f, const struct job_item *it);
size_t record_waiting(const struct record *rec);
/* T2. On success each result's recipient is settled in turns. -1: all of it waits, to be tried
 * again. */
int record_commit(struct record *rec, struct turns *t, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* Since the start. */
const struct record_counts *record_counts(const struct record *rec);

#endif
