/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * release: held posts that go out by themselves: over posts-per-day when the list's day has turned,
 * in a cooled thread when it has thawed.
 */
#ifndef DAEMON_RELEASE_H
#define DAEMON_RELEASE_H

#include <stdint.h>

#include "base/err.h"
#include "daemon/work.h"

/* Accepts what is free to go, at most one post of an author to a list each time: how many, or -1.
 * Outside of transactions. */
int release_sweep(struct site *site, int64_t now, struct err *e)
    __attribute__((warn_unused_result));

#endif
