/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch: what the list role does with the entries that wait in its spool, as many as share a
 * commit.
 */
#ifndef DAEMON_BATCH_H
#define DAEMON_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/work.h"

#define BATCH_MAX 64 /* entries that share a commit */

/*
 * Claims what waits, decides it, makes its links durable and takes it out of the spool; rings
 * deliver and archived. Entries that our own trouble stopped wait for a later call; those that can
 * never be decided go to bad/. Both are logged. How many were in hand: call again until it is 0.
 */
size_t batch_run(struct site *site, int64_t now);

#endif
