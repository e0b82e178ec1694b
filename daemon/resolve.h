/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve: TXT records by DNS, without waiting for them: c-ares on the role's loop. Each lookup
 * ends in bounded time, whatever servers do or do not do.
 */
#ifndef DAEMON_RESOLVE_H
#define DAEMON_RESOLVE_H

#include "base/err.h"
#include "daemon/txt.h"

#define RESOLVE_TRY_MS 2000      /* for one try; there are two */
#define RESOLVE_DEADLINE_MS 4000 /* for both, whatever servers do meanwhile */

struct event_base;
struct resolve;

/* server: "system" (what resolv.conf says at this moment) or "ADDRESS:PORT". */
int resolve_open(struct resolve **r, struct event_base *loop, const char *server, struct err *e)
    __attribute__((warn_unused_result));
/* Lookups in flight are dropped: nobody is called any more. */
void resolve_close(struct resolve *r);
/* done is called once, later, from the loop, never from inside this call; what the answer points to
 * lives as long as that call. */
void resolve_txt(struct resolve *r, const char *name,
		 void (*done)(void *arg, const struct txt_answer *answer), void *arg);

#endif
