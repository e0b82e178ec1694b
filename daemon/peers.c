/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting by peer: a hash table with chains, one node for each peer that has a connection now.
 */
#include "config.h"
#include "daemon/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"

#define SLOTS 1024 /* a power of two, for PEERS_TOTAL_MAX at most */

struct key {
	uint8_t net[8]; /* a /64; IPv4 in the last four bytes */
	uint8_t family; /* 4, 6; 0: a unix socket */
	bool loopback;
};

struct peer {
	struct key key;
	size_t n;
	struct peer *next;
};

struct peers {
	size_t total, total_max;
	uint64_t seed; /* nobody chooses who shares a chain */
	struct peer *slots[SLOTS];
};

static void
key_v4(struct key *k, const void *address)
{
	k->family = 4;
	memcpy(k->net + 4, address, 4);
	k->loopback = k->net[4] == 127;
}

static struct key
key_of(const struct sockaddr *sa)
{
	struct key k = {{0}, 0, false};

	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		key_v4(&k, &in.sin_addr);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof in6);
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			key_v4(&k, in6.sin6_addr.s6_addr + 12);
		} else {
			k.family = 6;
			k.loopback = IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
			memcpy(k.net, in6.sin6_addr.s6_addr, 8);
		}
	}
	return k;
}

static bool
key_eq(const struct key *a, const struct key *b)
{
	return a->family == b->family && a->loopback == b->loopback &&
	       memcmp(a->net, b->net, sizeof a->net) == 0;
}

/* Where the peer's node hangs, or would. */
static struct peer **
find(struct peers *p, const struct key *k)
{
	uint64_t h = p->seed ^ k->family;
	struct peer **at;

	for (size_t i = 0; i < sizeof k->net; i++)
		h = (h ^ k->net[i]) * 0x100000001b3u; /* FNV-1a */
	at = &p->slots[(h >> 32) & (SLOTS - 1)];
	while (*at && !key_eq(&(*at)->key, k))
		at = &(*at)->next;
	return at;
}

struct peers *
peers_new(size_t total)
{
	struct peers *p = calloc(1, sizeof *p);

	if (!p)
		fatal("no memory");
	p->total_max = total < PEERS_TOTAL_MAX ? total : PEERS_TOTAL_MAX;
	hash_random(&p->seed, sizeof p->seed);
	return p;
}

void
peers_free(struct peers *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		while (p->slots[i]) {
			struct peer *next = p->slots[i]->next;

			free(p->slots[i]);
			p->slots[i] = next;
		}
	}
	free(p);
}

bool
peers_enter(struct peers *p, const struct sockaddr *sa)
{
	struct key k = key_of(sa);
	size_t max = k.loopback ? PEERS_LOOPBACK_MAX : PEERS_EACH_MAX;
	struct peer **at;

	if (p->total >= p->total_max)
		return false;
	if (k.family != 0) {
		at = find(p, &k);
		if (*at && (*at)->n >= max)
			return false;
		if (!*at) {
			*at = calloc(1, sizeof **at);
			if (!*at)
				fatal("no memory");
			(*at)->key = k;
		}
		(*at)->n++;
	}
	p->total++;
	return true;
}

void
peers_leave(struct peers *p, const struct sockaddr *sa)
{
	struct key k = key_of(sa);
	struct peer **at, *gone;

	p->total--;
	if (k.family == 0)
		return;
	at = find(p, &k);
	if (!*at)
		fatal("a peer left that never came");
	if (--(*at)->n > 0)
		return;
	gone = *at;
	*at = gone->next;
	free(gone);
}

size_t
peers_count(const struct peers *p)
{
	return p->total;
}

void
peers_name(const struct sockaddr *sa, char *out, size_t n)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof in);
		inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof in6);
		inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
	}
	snprintf(out, n, "%s", text[0] ? text : "local");
}
