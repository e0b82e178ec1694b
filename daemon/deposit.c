/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deposit: see deposit.h. The envelope is written twice, in as many bytes: what DATA tells of it
 * (who may not have so much) is only known at its end.
 */
#include "config.h"
#include "daemon/deposit.h"

#include "base/buf.h"
#include "daemon/data.h"
#include "mail/envelope.h"

enum session_result
deposit_begin(struct deposit *d, struct transaction *t, const struct transaction_how *how)
{
	struct buf b;

	buf_init(&b, ENVELOPE_MAX);
	transaction_envelope(t, how, false, &b);
	d->stored = d->host->begin(d->arg, buf_slice(&b));
	d->begun = d->stored == SESSION_KEPT;
	buf_free(&b);
	return d->stored;
}

void
deposit_commit(struct deposit *d, struct transaction *t, const struct transaction_how *how)
{
	struct buf b;

	buf_init(&b, ENVELOPE_MAX);
	transaction_envelope(t, how, true, &b);
	d->begun = false;
	d->host->commit(d->arg, buf_slice(&b));
	buf_free(&b);
}

void
deposit_drop(struct deposit *d)
{
	if (d->begun)
		d->host->abort(d->arg);
	d->begun = false;
}

struct taking {
	struct deposit *d;
	struct transaction *t;
	int64_t size_max;
};

static void
take_bytes(void *arg, struct slice bytes)
{
	struct taking *k = arg;
	struct deposit *d = k->d;

	k->t->size += (int64_t)bytes.n;
	if (k->t->size > k->size_max || k->t->data.bare)
		deposit_drop(d); /* it will be refused; read on to its end */
	if (!d->begun)
		return;
	d->stored = d->host->write(d->arg, bytes);
	if (d->stored != SESSION_KEPT)
		deposit_drop(d);
}

size_t
deposit_take(struct deposit *d, struct transaction *t, int64_t size_max, struct slice in)
{
	struct taking k = {d, t, size_max};

	return data_take(&t->data, in, take_bytes, &k);
}

const char *
deposit_refusal(const struct transaction *t, int64_t size_max)
{
	if (t->size > size_max)
		return "552 5.3.4 the message is too big";
	if (t->data.bare)
		return "554 5.6.11 a CR or LF stands alone; lines must end in CR LF";
	if (t->data.received > SESSION_RECEIVED_MAX)
		return "554 5.4.6 too many hops: this message runs in circles";
	if (transaction_count_over(t) == t->nrcpt)
		return "552 5.3.4 the message is too big for this list";
	return NULL;
}

const char *
deposit_reply(enum session_result result)
{
	return result == SESSION_FULL ? "452 4.3.1 no space; try again later"
				      : "451 4.3.0 could not be stored; try again later";
}
