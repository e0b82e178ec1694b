/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peers: how many connections each peer has, so that one cannot take them all. A peer is an IPv4
 * address, an IPv6 /64 (one subscriber has that many addresses), or this machine. Unix sockets are
 * counted in the total only: the mail server sits there.
 */
#ifndef DAEMON_PEERS_H
#define DAEMON_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define PEERS_EACH_MAX 50
#define PEERS_LOOPBACK_MAX 1000
#define PEERS_TOTAL_MAX 4000

struct peers;

/* total: at most this many, and at most PEERS_TOTAL_MAX. */
struct peers *peers_new(size_t total);
void peers_free(struct peers *p);

/* One more from there; false (and not counted) when it is one too many. */
bool peers_enter(struct peers *p, const struct sockaddr *sa);
void peers_leave(struct peers *p, const struct sockaddr *sa);
size_t peers_count(const struct peers *p);

/* "local" for a unix socket, else the address in digits. */
void peers_name(const struct sockaddr *sa, char *out, size_t n);

#endif
