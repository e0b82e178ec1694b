/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stock: the messages that a remote has in hand, in the form of the wire, each as long as there are
 * jobs of it and deliver has not said that it is over.
 */
#ifndef DAEMON_STOCK_H
#define DAEMON_STOCK_H

#include "base/err.h"
#include "daemon/job.h"
#include "daemon/smtp.h"

struct stock_mail;
struct stock {
	struct stock_mail *first;
};

/* A mail (JOB_MAIL) with its bytes; closes the descriptors. */
void stock_mail(struct stock *st, const struct job_item *it, int fds[JOB_FDS_MAX]);
/* A job of it (JOB_WORK) as the session wants it, with copies of its texts; end it with
 * stock_job_done. *broken: why its mail can't be read, or NULL. */
struct smtp_job *stock_job(struct stock *st, const struct job_item *it, const struct err **broken);
void stock_job_done(struct stock *st, struct smtp_job *job);
/* There will be no more jobs of that mail. */
void stock_over(struct stock *st, int64_t id);
/* All jobs must be done. */
void stock_free(struct stock *st);

#endif
