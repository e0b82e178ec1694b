/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stock: see stock.h. */
#include "daemon/stock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/queue.h"
#include "daemon/wire.h"

struct stock_mail {
	struct stock_mail *next;
	int64_t id;
	struct smtp_mail smtp;
	struct wire head, body;
	struct err broken; /* its bytes can't be read */
	size_t jobs;
	bool over;
};

/* One transaction with its texts, in one piece of memory. */
struct work {
	struct smtp_job job; /* first: stock_job_done frees it */
	struct stock_mail *mail;
	struct smtp_rcpt rcpt[];
};

static struct stock_mail *
find(struct stock *st, int64_t id)
{
	struct stock_mail *m = st->first;
	while (m && m->id != id)
		m = m->next;
	return m;
}

static void
free_if_over(struct stock *st, struct stock_mail *m)
{
	if (!m->over || m->jobs > 0)
		return;
	struct stock_mail **p = &st->first;
	while (*p != m)
		p = &(*p)->next;
	*p = m->next;
	wire_free(&m->head);
	wire_free(&m->body);
	free(m);
}

void
stock_mail(struct stock *st, const struct job_item *it, int fds[JOB_FDS_MAX])
{
	struct stock_mail *m = calloc(1, sizeof(*m));
	if (!m)
		fatal("no memory");
	m->id = it->id;
	m->smtp.utf8 = it->flags & QUEUE_UTF8;
	m->smtp.eight = it->flags & QUEUE_8BIT;
	if (wire_open(&m->head, fds[0], 0, &m->broken) < 0 ||
	    (fds[1] >= 0 && wire_open(&m->body, fds[1], (size_t)it->body_at, &m->broken) < 0))
		log_error("a mail can't be read: %s", m->broken.text);
	m->smtp.head = m->head.bytes;
	m->smtp.body = m->body.bytes;
	m->next = st->first;
	st->first = m;
	for (size_t i = 0; i < JOB_FDS_MAX; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/* UNSAFE: copies s to *at and moves *at on. */
static struct slice
copy_to(char **at, struct slice s)
{
	struct slice copy = slice_make(*at, s.n);
	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

struct smtp_job *
stock_job(struct stock *st, const struct job_item *it, const struct err **broken)
{
	struct stock_mail *m = find(st, it->id);
	size_t texts = it->return_path.n + it->lines.n;
	if (!m)
		fatal("a job of a mail that nobody told of");
	for (size_t i = 0; i < it->nrcpt; i++)
		texts += it->rcpt[i].address.n;
	struct work *w = calloc(1, sizeof(*w) + it->nrcpt * sizeof(w->rcpt[0]) + texts);
	if (!w)
		fatal("no memory");
	char *at = (char *)&w->rcpt[it->nrcpt];
	w->mail = m;
	w->job.mail = &m->smtp;
	w->job.return_path = copy_to(&at, it->return_path);
	w->job.lines = copy_to(&at, it->lines);
	w->job.rcpt = w->rcpt;
	w->job.nrcpt = it->nrcpt;
	for (size_t i = 0; i < it->nrcpt; i++) {
		w->rcpt[i].row = it->rcpt[i].row;
		w->rcpt[i].address = copy_to(&at, it->rcpt[i].address);
	}
	m->jobs++;
	*broken = m->broken.kind ? &m->broken : NULL;
	return &w->job;
}

void
stock_job_done(struct stock *st, struct smtp_job *job)
{
	struct work *w = (struct work *)job;
	w->mail->jobs--;
	free_if_over(st, w->mail);
	free(w);
}

void
stock_over(struct stock *st, int64_t id)
{
	struct stock_mail *m = find(st, id);
	if (!m)
		return;
	m->over = true;
	free_if_over(st, m);
}

void
stock_free(struct stock *st)
{
	while (st->first)
		stock_over(st, st->first->id);
}
