/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * data: the bytes behind DATA (RFC 5321 4.5.2), in pieces of any size: finds the end, takes the
 * stuffed dots away, counts Received fields, and notices what could smuggle a second message.
 *
 * 1. The end is CR LF . CR LF, or . CR LF at the very beginning, and nothing else.
 * 2. A CR or LF that is no part of CR LF never begins a line; it makes the message bare, which the
 *    session refuses after the end. What follows the end is what the sender also sees after it.
 * 3. All other bytes come out as they went in, NUL too.
 */
#ifndef DAEMON_DATA_H
#define DAEMON_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct data {
	bool line_start;
	bool header;  /* the empty line has not come yet */
	bool bare;    /* a CR or LF alone was seen */
	bool end;     /* the end was seen */
	int received; /* Received: fields in the header */
};

typedef void data_sink(void *arg, struct slice bytes);

void data_begin(struct data *d);
/*
 * Takes what it can of in and gives what belongs to the message to sink. Returns how much was
 * taken: all, or up to DATA_REST bytes fewer whose meaning depends on what comes next (give them
 * again with more behind), or up to the end (d->end).
 */
#define DATA_REST 10
size_t data_take(struct data *d, struct slice in, data_sink *sink, void *arg)
    __attribute__((warn_unused_result));

#endif
