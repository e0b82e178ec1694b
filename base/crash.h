/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash: named places at which a test may kill the process, one at each durable step.
 * Without --enable-crash-points it is nothing. With it, PLENARY_CRASH="role:name" (or
 * "role:name:N", the N-th passage) makes that role kill itself with SIGKILL there;
 * PLENARY_CRASH_LOG names a file to which each passed point is appended once a process, so that a
 * sweep knows them all. PLENARY_CRASH_ONCE names a file that is created before dying; if it exists
 * the process lives. PLENARY_CRASH_ON is told at crash_on(). What is named must be where the role
 * may write; the variables are looked at by crash_init(), which log_init() calls, or at the first
 * point.
 */
#ifndef BASE_CRASH_H
#define BASE_CRASH_H

#include "config.h"

#ifdef CRASH_POINTS
void crash_point(const char *name); /* "module.step", e.g. "spool.renamed" */
/* PLENARY_CRASH_ON="step:what step:what": each time that step comes to what. */
void crash_on(const char *step, const char *what);
void crash_init(void);
#else
#define crash_init() ((void)0)
#define crash_point(name) ((void)0)
#define crash_on(step, what) ((void)0)
#endif

#endif
