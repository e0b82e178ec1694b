/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of one address are counted in a table by a keyed hash of it, without the address:
 * two that fall together are bounded together, which among a few hundred guests is rare and does
 * little harm, and nobody can aim at it.
 */
#include "config.h"
#include "web/guests.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/hash.h"
#include "base/log.h"

#define SLOTS 8192 /* a power of two */

struct guest {
	TAILQ_ENTRY(guest) entry;
	int fd;
	int slot;    /* -1: not counted */
	int64_t due; /* when its time is up */
	bool shut;
};

struct guests {
	TAILQ_HEAD(all, guest) all;
	size_t n;
	uint8_t key[16];
	uint16_t from[SLOTS];
};

struct guests *
guests_new(void)
{
	struct guests *g = calloc(1, sizeof *g);

	if (!g)
		fatal("no memory");
	TAILQ_INIT(&g->all);
	hash_random(g->key, sizeof g->key);
	return g;
}

void
guests_free(struct guests *g)
{
	struct guest *gu;

	if (!g)
		return;
	while ((gu = TAILQ_FIRST(&g->all)))
		guests_leave(g, gu);
	free(g);
}

/* The bytes of an address that stand for one guest; none for this machine itself. */
static struct slice
who(const struct sockaddr *sa)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	const char *p;

	if (sa && sa->sa_family == AF_INET) {
		p = (const char *)&in4->sin_addr;
		return p[0] == 127 ? SLICE("") : slice_make(p, 4);
	}
	if (sa && sa->sa_family == AF_INET6) {
		p = (const char *)&in6->sin6_addr;
		if (IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr))
			return SLICE("");
		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
			return p[12] == 127 ? SLICE("") : slice_make(p + 12, 4);
		return slice_make(p, 8);
	}
	return SLICE("");
}

static int
slot_of(const struct guests *g, const struct sockaddr *sa)
{
	struct slice s = who(sa);
	uint8_t mac[SHA256_SIZE];

	if (s.n == 0)
		return -1;
	hash_hmac_sha256(slice_make((const char *)g->key, sizeof g->key), s, mac);
	return (mac[0] << 8 | mac[1]) & (SLOTS - 1);
}

bool
guests_may_enter(const struct guests *g, const struct sockaddr *sa)
{
	int slot = slot_of(g, sa);

	return g->n < GUESTS_MAX && (slot < 0 || g->from[slot] < GUESTS_FROM_ONE_MAX);
}

struct guest *
guests_enter(struct guests *g, int fd, const struct sockaddr *sa, int64_t now)
{
	struct guest *gu = calloc(1, sizeof *gu);

	if (!gu)
		fatal("no memory");
	gu->fd = fd;
	gu->slot = slot_of(g, sa);
	gu->due = now + GUESTS_READ_MS;
	if (gu->slot >= 0)
		g->from[gu->slot]++;
	TAILQ_INSERT_TAIL(&g->all, gu, entry);
	g->n++;
	return gu;
}

void
guests_leave(struct guests *g, struct guest *gu)
{
	TAILQ_REMOVE(&g->all, gu, entry);
	if (gu->slot >= 0)
		g->from[gu->slot]--;
	g->n--;
	free(gu);
}

void
guests_serve(struct guest *gu, int64_t now)
{
	gu->due = now + GUESTS_SEND_MS;
}

void
guests_await(struct guest *gu, int64_t now)
{
	gu->due = now + GUESTS_READ_MS;
}

size_t
guests_sweep(struct guests *g, int64_t now)
{
	struct guest *gu;
	size_t n = 0;

	TAILQ_FOREACH(gu, &g->all, entry)
	{
		if (gu->shut || gu->due > now)
			continue;
		gu->shut = true;
		shutdown(gu->fd, SHUT_RDWR);
		n++;
	}
	return n;
}

size_t
guests_count(const struct guests *g)
{
	return g->n;
}
