/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay: where a remote may deliver to, as words of its command line: "smtp:PORT:HOST",
 * "maildir:PATH".
 */
#ifndef DAEMON_RELAY_H
#define DAEMON_RELAY_H

#include <netdb.h>
#include <stdbool.h>

#define RELAYS_MAX 16

struct relay {
	const char *path; /* of a maildir; else NULL, and … */
	const char *host, *port;
	struct addrinfo *ai; /* NULL: it has no address */
};

/* Cuts text up; it must stay. */
bool relay_parse(char *text, struct relay *r);
/* Looks its name up, once: needs paths. */
void relay_resolve(struct relay *r);
/* It is this machine by its address: no TLS is asked for. */
bool relay_is_near(const struct relay *r);
void relay_free(struct relay *r);

#endif
