/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outcome: see outcome.h.
 */
#include "daemon/outcome.h"

#include <poll.h>

#include "base/clock.h"

#define WAIT_MS 5 /* how long a result may wait for company */

void
outcome_init(struct outcome *o, int fd)
{
	*o = (struct outcome){.fd = fd};
	buf_init(&o->out, JOB_PACKET_MAX);
}

void
outcome_free(struct outcome *o)
{
	buf_free(&o->out);
}

static void
send_all(struct outcome *o)
{
	struct pollfd p = {.fd = o->fd, .events = POLLOUT};
	int sent = 0;
	while (o->out.n > 0 && !o->ended && sent == 0) {
		sent = job_send(o->fd, buf_slice(&o->out), NULL, 0, NULL);
		if (sent < 0)
			o->ended = true;
		else if (sent == 0)
			(void)poll(&p, 1, 1000);
	}
	buf_clear(&o->out);
	o->n = 0;
}

void
outcome_add(struct outcome *o, const struct job_item *it)
{
	if (o->out.n > JOB_PACKET_MAX - 2 * JOB_TEXT_MAX)
		send_all(o);
	if (o->n++ == 0)
		o->since = clock_mono();
	job_put(&o->out, it);
}

void
outcome_send_if_due(struct outcome *o, size_t in_hand)
{
	if (o->n > 0 && (o->n >= in_hand || o->out.n > JOB_PACKET_MAX / 2 ||
			 clock_mono() - o->since >= WAIT_MS))
		send_all(o);
}

int
outcome_patience(const struct outcome *o, int ms)
{
	return o->n > 0 && (ms < 0 || ms > WAIT_MS) ? WAIT_MS : ms;
}
