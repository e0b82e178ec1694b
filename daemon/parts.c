/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parts: see parts.h. */
#include "daemon/parts.h"

#include "base/log.h"

#define TEXT_MAX (256 * 1024) /* the envelopes of two mails with 100 recipients each fit twice */

void
parts_init(struct parts *p)
{
	p->n = 0;
	p->queued = p->written = 0;
	buf_init(&p->text, TEXT_MAX);
}

void
parts_free(struct parts *p)
{
	buf_free(&p->text);
}

void
parts_reset(struct parts *p)
{
	p->n = 0;
	p->queued = p->written = 0;
	buf_clear(&p->text);
}

static struct part *
add(struct parts *p)
{
	if (p->n == PARTS_MAX)
		fatal("more than %d parts wait to be written", PARTS_MAX);
	return &p->v[p->n++];
}

void
parts_text(struct parts *p, struct slice t)
{
	struct part *last = p->n > 0 && !p->v[p->n - 1].p ? &p->v[p->n - 1] : NULL;
	if (!last) {
		last = add(p);
		*last = (struct part){.at = p->text.n};
	}
	buf_put_slice(&p->text, t);
	if (buf_over(&p->text))
		fatal("more than %d bytes of commands wait to be written", TEXT_MAX);
	last->n += t.n;
	p->queued += t.n;
}

void
parts_bytes(struct parts *p, struct slice b)
{
	if (b.n == 0)
		return;
	*add(p) = (struct part){.p = b.p, .n = b.n};
	p->queued += b.n;
}

int
parts_iov(const struct parts *p, struct iovec iov[PARTS_MAX])
{
	for (size_t i = 0; i < p->n; i++) {
		const char *at = p->v[i].p ? p->v[i].p : p->text.p + p->v[i].at;
		iov[i] = (struct iovec){(void *)(uintptr_t)at, p->v[i].n};
	}
	return (int)p->n;
}

void
parts_wrote(struct parts *p, size_t n)
{
	size_t i = 0;
	p->written += n;
	while (i < p->n && n >= p->v[i].n)
		n -= p->v[i++].n;
	p->n -= i;
	memmove(p->v, p->v + i, p->n * sizeof(p->v[0]));
	if (p->n == 0) {
		buf_clear(&p->text);
		return;
	}
	if (p->v[0].p)
		p->v[0].p += n;
	else
		p->v[0].at += n;
	p->v[0].n -= n;
}
