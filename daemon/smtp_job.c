/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smtp_job: see smtp_job.h.
 */
#include "daemon/smtp_job.h"

enum smtp_what
smtp_what_of(int code)
{
	return code / 100 == 2 ? SMTP_SENT : code / 100 == 5 ? SMTP_PERMANENT : SMTP_TEMPORARY;
}

/* --- results ---------------------------------------------------------------------------------- */

void
smtp_job_settle(const struct smtp_calls *calls, struct smtp_job *job, struct smtp_rcpt *r,
		enum smtp_what what, enum smtp_about about, struct slice text)
{
	if (r->settled)
		return;
	r->settled = true;
	calls->result(calls->arg, job, r, what, about, text);
}

void
smtp_job_end(const struct smtp_calls *calls, struct smtp_job *job, enum smtp_what what,
	     enum smtp_about about, struct slice text)
{
	for (size_t i = 0; i < job->nrcpt; i++)
		smtp_job_settle(calls, job, &job->rcpt[i], what, about, text);
	calls->done(calls->arg, job);
}

bool
smtp_job_is_settled(const struct smtp_job *job)
{
	for (size_t i = 0; i < job->nrcpt; i++)
		if (!job->rcpt[i].settled)
			return false;
	return true;
}

bool
smtp_job_refuse(const struct smtp_calls *calls, struct smtp_job *job, const struct say_offer *offer)
{
	bool path = say_is_safe(job->return_path);
	for (size_t i = 0; i < job->nrcpt; i++) {
		struct smtp_rcpt *r = &job->rcpt[i];
		bool utf8 = job->mail->utf8 || say_has_eight(r->address);
		if (!path || !say_is_safe(r->address) || r->address.n == 0)
			smtp_job_settle(calls, job, r, SMTP_PERMANENT,
					path ? SMTP_ABOUT_RCPT : SMTP_ABOUT_OTHER,
					SLICE("553 5.1.3 the address can't be written in SMTP"));
		else if (utf8 && !offer->utf8)
			smtp_job_settle(calls, job, r, SMTP_PERMANENT, SMTP_ABOUT_OTHER,
					SLICE("553 5.6.7 the relay does not take internationalised"
					      " mail (SMTPUTF8)"));
	}
	return !smtp_job_is_settled(job);
}

/* --- an envelope ------------------------------------------------------------------------------ */

struct smtp_rcpt *
smtp_job_next(struct smtp_job *job)
{
	while (job->at < job->nrcpt && job->rcpt[job->at].settled)
		job->at++;
	return job->at < job->nrcpt ? &job->rcpt[job->at++] : NULL;
}

struct say_mail
smtp_job_mail(const struct smtp_job *job)
{
	const struct smtp_mail *m = job->mail;
	struct say_mail mail = {
	    .return_path = job->return_path,
	    .size = job->lines.n + m->head.n + m->body.n,
	    .eight = m->eight,
	    .utf8 = m->utf8,
	};
	for (size_t i = 0; i < job->nrcpt && !mail.utf8; i++)
		mail.utf8 = !job->rcpt[i].settled && say_has_eight(job->rcpt[i].address);
	return mail;
}

/* --- those that wait -------------------------------------------------------------------------- */

void
smtp_queue_init(struct smtp_queue *q)
{
	q->first = NULL;
	q->last = &q->first;
}

void
smtp_queue_push(struct smtp_queue *q, struct smtp_job *job)
{
	job->next = NULL;
	*q->last = job;
	q->last = &job->next;
}

void
smtp_queue_put_back(struct smtp_queue *q, struct smtp_job *job)
{
	job->next = q->first;
	q->first = job;
	if (!job->next)
		q->last = &job->next;
}

struct smtp_job *
smtp_queue_take(struct smtp_queue *q)
{
	struct smtp_job *job = q->first;
	if (!job)
		return NULL;
	q->first = job->next;
	if (!q->first)
		q->last = &q->first;
	job->next = NULL;
	return job;
}
