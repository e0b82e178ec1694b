/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts: what waits to be written to a connection: text that is made here, and bytes that stay
 * where they are (a mapped message), in order.
 */
#ifndef DAEMON_PARTS_H
#define DAEMON_PARTS_H

#include <stdint.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/slice.h"

#define PARTS_MAX 8

struct part {
	const char *p; /* NULL: in text, from offset at */
	size_t at, n;
};

struct parts {
	struct part v[PARTS_MAX];
	size_t n;
	struct buf text;
	uint64_t queued, written; /* bytes, since parts_reset */
};

void parts_init(struct parts *p);
void parts_free(struct parts *p);
/* Forgets what waits, and counts from zero. */
void parts_reset(struct parts *p);
/* Copies text; neighbours become one part. More than PARTS_MAX parts are fatal. */
void parts_text(struct parts *p, struct slice t);
/* Bytes that outlive their being written. */
void parts_bytes(struct parts *p, struct slice b);
/* The parts as an array for writev: how many. Valid until the next call of anything here. */
int parts_iov(const struct parts *p, struct iovec iov[PARTS_MAX]);
void parts_wrote(struct parts *p, size_t n);

#endif
