/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transaction. Its envelope is fixed in length before the first byte of the message comes,
 * though part of it is known only after the last: so that a message is written in one pass.
 */
#include "config.h"
#include "daemon/transaction.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "mail/envelope.h"

struct transaction *
transaction_new(void)
{
	struct transaction *t = calloc(1, sizeof *t);

	if (t == NULL)
		fatal("no memory for a transaction");
	buf_init(&t->text, ENVELOPE_MAX);
	data_begin(&t->data);
	return t;
}

void
transaction_free(struct transaction *t)
{
	if (t == NULL)
		return;
	buf_free(&t->text);
	free(t->rcpt);
	free(t);
}

static struct slice
address(const struct transaction *t, const struct recipient *r)
{
	return slice_sub(buf_slice(&t->text), r->at, r->n);
}

void
transaction_add(struct transaction *t, size_t at, int64_t size_max)
{
	struct recipient r = {(uint32_t)at, (uint32_t)(t->text.n - at), size_max, false};

	if (t->nrcpt == t->room) {
		t->room = t->room > 0 ? t->room * 2 : 4;
		t->rcpt = reallocarray(t->rcpt, t->room, sizeof *t->rcpt);
		if (t->rcpt == NULL)
			fatal("no memory for recipients");
	}
	for (size_t i = 0; i < t->nrcpt && !r.again; i++)
		r.again =
		    t->rcpt[i].n == r.n && slice_eq_ci(address(t, &t->rcpt[i]), address(t, &r));
	t->rcpt[t->nrcpt++] = r;
}

bool
transaction_over(const struct transaction *t, size_t i)
{
	return t->size > t->rcpt[i].size_max;
}

size_t
transaction_count_over(const struct transaction *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nrcpt; i++)
		n += transaction_over(t, i);
	return n;
}

static void
put(struct buf *b, const char *key, struct slice value)
{
	struct err e;

	/* Paths were free of control characters when they came here. */
	if (envelope_put(b, key, value, &e) < 0)
		fatal("%s", e.text);
}

/* The recipients' lines; returns the greatest length they can have. */
static size_t
put_recipients(const struct transaction *t, const struct transaction_how *how, bool final,
	       struct buf *b, bool *may_change)
{
	size_t most = 0;

	for (size_t i = 0; i < t->nrcpt; i++) {
		const struct recipient *r = &t->rcpt[i];
		bool limited = r->size_max < how->size_max;
		bool over = final && transaction_over(t, i);

		if (r->again)
			continue;
		if (limited)
			*may_change = true;
		most += r->n + (limited ? sizeof "rejected: " : sizeof "rcpt: "); /* NUL for LF */
		if (!over)
			put(b, "rcpt", address(t, r));
		else if (how->name_rejected)
			put(b, "rejected", address(t, r));
	}
	return most;
}

void
transaction_envelope(struct transaction *t, const struct transaction_how *how, bool final,
		     struct buf *b)
{
	bool may_change = false;
	size_t start, most;

	put(b, "from", slice_sub(buf_slice(&t->text), 0, t->sender_n));
	put(b, "via", slice_str(how->via));
	put(b, "peer", slice_str(how->peer));
	buf_printf(b, "received: %013lld\n", (long long)clock_ms());
	if (t->utf8)
		put(b, "utf8", SLICE("yes"));
	if (t->eight_bit)
		put(b, "body", SLICE("8bit"));
	start = b->n;
	most = put_recipients(t, how, final, b, &may_change);
	if (may_change) {
		size_t dots = most - (b->n - start);

		buf_puts(b, "pad: ");
		while (dots-- > 0)
			buf_putc(b, '.');
		buf_putc(b, '\n');
	}
	envelope_end(b);
	if (buf_over(b) || (final && b->n != t->envelope_n))
		fatal("an envelope of %zu bytes became one of %zu", t->envelope_n, b->n);
	t->envelope_n = b->n;
}
