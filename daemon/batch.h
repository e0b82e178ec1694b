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

#define BATCH_MAX 64       /* entries that share a commit */
#define BATCH_WAIT_MAX 256 /* entries set aside until DNS has answered */

/*
 * Claims what waits, decides it, makes its links durable and takes it out of the spool; rings
 * deliver and archived. Entries that our own trouble stopped wait for a later call; those that can
 * never be decided go to bad/. Both are logged. How many were in hand: call again until it is 0.
 *
 * An entry that waits for DNS (prepare.h) is set aside, still claimed, and is part of a later
 * batch; others go on, but none of the same author to the same list.
 */
size_t batch_run(struct site *site, int64_t now);
/* At the end of the role: what was set aside goes back to where it waited. */
void batch_put_back(struct site *site);

#endif
