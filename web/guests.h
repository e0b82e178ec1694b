/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guests: who is connected. Bounds how many connections one address may have (a proxy on this
 * machine may have all), and hangs up on those who take for ever to say what they want: a library's
 * timeout is renewed by each byte, this one is not.
 */
#ifndef WEB_GUESTS_H
#define WEB_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define GUESTS_MAX 2000         /* connections */
#define GUESTS_FROM_ONE_MAX 100 /* of one address; IPv6: of one /64 */
#define GUESTS_CROWD 1000       /* with so many, idle ones are sent away sooner */
#define GUESTS_READ_MS 30000    /* for a whole request; and between two of them */
#define GUESTS_SEND_MS 3600000  /* for a response: the biggest file on a thin line */

struct guest;
struct guests;

struct guests *guests_new(void);
void guests_free(struct guests *g);

/* Is there room for one more from there? */
bool guests_may_enter(const struct guests *g, const struct sockaddr *sa);
/* A connection; its first request is awaited from now on. */
struct guest *guests_enter(struct guests *g, int fd, const struct sockaddr *sa, int64_t now);
void guests_leave(struct guests *g, struct guest *gu);
/* Its request is whole, and answered now; or: answered, the next one is awaited. */
void guests_serve(struct guest *gu, int64_t now);
void guests_await(struct guest *gu, int64_t now);
/* Shuts the sockets of those whose time is up; returns how many. */
size_t guests_sweep(struct guests *g, int64_t now);
size_t guests_count(const struct guests *g);

#endif
