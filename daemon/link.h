/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link: a connection to a relay, in the clear or by TLS (RFC 3207). Certificates are always
 * verified, for the name that stands in the configuration; nothing is sent where that fails.
 */
#ifndef DAEMON_LINK_H
#define DAEMON_LINK_H

#include <netdb.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/err.h"

#define LINK_CONNECT_MS 30000 /* for each address */

struct link {
	int fd; /* -1: none */
	/* inside */
	void *tls;
	bool shaking, wants_write;
	size_t unsent; /* of a TLS record that must go before anything else */
};

/* Authorities of the system, or of a file: once a process, before paths are closed. */
int link_load_trust(const char *file, struct err *e) __attribute__((warn_unused_result));

/* The first address that answers. Given up (-1) when watch hangs up meanwhile. */
int link_open(struct link *l, const struct addrinfo *ai, int watch, struct err *e)
    __attribute__((warn_unused_result));
void link_close(struct link *l);
bool link_is_loopback(const struct link *l);
bool link_is_loopback_address(const struct sockaddr *a);

/* Begins TLS with name (a host or an address); then link_shake until it is not 0: 1 it stands. */
int link_start_tls(struct link *l, const char *name, struct err *e)
    __attribute__((warn_unused_result));
int link_shake(struct link *l, struct err *e) __attribute__((warn_unused_result));

/* Bytes read, 0 none are there now, -1 it is closed or broken. */
ssize_t link_read(struct link *l, void *p, size_t n, struct err *e)
    __attribute__((warn_unused_result));
/* Bytes written, 0 none now. */
ssize_t link_write(struct link *l, const struct iovec *iov, int n, struct err *e)
    __attribute__((warn_unused_result));
/* For poll(2). */
short link_events(const struct link *l, bool has_output);
/* TLS holds bytes that poll does not see. */
bool link_has_input(const struct link *l);

#endif
