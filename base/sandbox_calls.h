/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox_calls: the wall of seccomp, for base/sandbox.h alone: which system calls are left.
 */
#ifndef BASE_SANDBOX_CALLS_H
#define BASE_SANDBOX_CALLS_H

#include "base/err.h"

/* families: SANDBOX_*, beyond what every role needs. Holds for all threads, those that run already
 * too, and for good. A kernel without seccomp, and a sanitized build: nothing is closed. */
int sandbox_calls_filter(unsigned families, struct err *e) __attribute__((warn_unused_result));

#endif
