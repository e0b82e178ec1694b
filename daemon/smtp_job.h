/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smtp_job: what a relay is to be given, one transaction each, and what became of every recipient
 * of it. Knows nothing of a dialogue (daemon/smtp.h).
 *
 * 1. Each recipient of each job gets exactly one result, and then the job is done.
 */
#ifndef DAEMON_SMTP_JOB_H
#define DAEMON_SMTP_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "daemon/say.h"

/* Shared by all jobs of a mail; in the form of the wire. */
struct smtp_mail {
	struct slice head, body;
	bool utf8;  /* its header needs SMTPUTF8 */
	bool eight; /* it has bytes above 127 */
};

struct smtp_rcpt {
	int64_t row;          /* the caller's */
	struct slice address; /* without < > */
	bool settled;
};

/* One transaction. The caller owns it, and all it points to, until done is called. */
struct smtp_job {
	struct smtp_mail *mail;
	struct slice return_path; /* without < >; empty: the null return path */
	struct slice lines;       /* before the head, with CR LF ends */
	struct smtp_rcpt *rcpt;
	size_t nrcpt;
	void *owner;
	/* smtp.c's */
	struct smtp_job *next;
	int step, tries;
	size_t at, accepted; /* the next recipient; how many were taken so far */
	bool begun;          /* MAIL was accepted */
};

enum smtp_what { SMTP_SENT, SMTP_TEMPORARY, SMTP_PERMANENT };
/* What the words are about: a recipient, the message, or neither (sender, connection, us). */
enum smtp_about { SMTP_ABOUT_RCPT, SMTP_ABOUT_DATA, SMTP_ABOUT_OTHER };

struct smtp_calls {
	void *arg;
	void (*result)(void *arg, struct smtp_job *job, struct smtp_rcpt *rcpt, enum smtp_what what,
		       enum smtp_about about, struct slice text);
	void (*done)(void *arg, struct smtp_job *job);
};

/* What a reply with this code says. */
enum smtp_what smtp_what_of(int code);

/* A recipient's result; one that has one keeps it. */
void smtp_job_settle(const struct smtp_calls *calls, struct smtp_job *job, struct smtp_rcpt *r,
		     enum smtp_what what, enum smtp_about about, struct slice text);
/* The end of a job: all that has no result yet gets this one. */
void smtp_job_end(const struct smtp_calls *calls, struct smtp_job *job, enum smtp_what what,
		  enum smtp_about about, struct slice text);
/* Settles recipients that this relay can't be told. True if there is somebody left. */
bool smtp_job_refuse(const struct smtp_calls *calls, struct smtp_job *job,
		     const struct say_offer *offer);
/* The next recipient that has no result yet, from job->at on; NULL when there are no more. */
struct smtp_rcpt *smtp_job_next(struct smtp_job *job);
bool smtp_job_is_settled(const struct smtp_job *job); /* all of it */
/* The parameters of its MAIL command. */
struct say_mail smtp_job_mail(const struct smtp_job *job);

/* Jobs that wait, in order. */
struct smtp_queue {
	struct smtp_job *first, **last;
};
void smtp_queue_init(struct smtp_queue *q);
void smtp_queue_push(struct smtp_queue *q, struct smtp_job *job);
void smtp_queue_put_back(struct smtp_queue *q, struct smtp_job *job); /* it is first again */
struct smtp_job *smtp_queue_take(struct smtp_queue *q);               /* NULL: none waits */

#endif
