/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * portion: what a lane is given of a mail at a time, as a packet: the transactions with each
 * recipient's own return path and header lines (INTERFACE section 6).
 */
#ifndef DAEMON_PORTION_H
#define DAEMON_PORTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/token.h"
#include "conf/conf.h"
#include "daemon/turns.h"

struct portion_maker {
	const struct conf *conf;
	const struct token_keys *keys;
	struct buf lines, path; /* inside */
};

void portion_init(struct portion_maker *pm, const struct conf *conf, const struct token_keys *keys);
void portion_free(struct portion_maker *pm);

/* Many recipients a transaction? Then a portion is one transaction. */
bool portion_is_shared(const struct letter *l);
/* Puts the jobs of these rows into *packet, and the mail before them if the lane is to learn it.
 * A packet that would not fit is over (buf_over). */
void portion_put(struct portion_maker *pm, const struct letter *l, const struct queue_row *rows,
		 size_t n, bool with_mail, int64_t now, struct buf *packet);

#endif
