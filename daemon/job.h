/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job: what deliver and a remote say to each other over a SOCK_SEQPACKET pair. A packet is a row of
 * items. deliver sends: a mail (with its bytes as descriptors: the head, and the file of the body
 * if it has one), jobs of that mail (a job is one transaction), and that a mail is over. A remote
 * sends results. It is not trusted: what it says is checked against what it was given.
 */
#ifndef DAEMON_JOB_H
#define DAEMON_JOB_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define JOB_PACKET_MAX (64 * 1024)
#define JOB_RCPTS_MAX 100 /* in one transaction: what every server takes (RFC 5321 4.5.3.1.8) */
#define JOB_TEXT_MAX 400  /* of a result */
#define JOB_FDS_MAX 2

enum job_kind { JOB_MAIL = 'M', JOB_WORK = 'J', JOB_OVER = 'O', JOB_RESULT = 'R' };

struct job_rcpt {
	int64_t row;
	struct slice address;
};

struct job_item {
	enum job_kind kind;
	int64_t id; /* of the mail; of a result: the row */
	/* JOB_MAIL */
	int64_t body_at;
	int flags; /* QUEUE_* */
	/* JOB_WORK */
	struct slice return_path, lines;
	struct job_rcpt rcpt[JOB_RCPTS_MAX];
	size_t nrcpt;
	/* JOB_RESULT */
	int what, about;  /* enum smtp_what, enum smtp_about */
	bool unreachable; /* no relay could be talked to at all */
	struct slice text;
};

/* Appends an item of it->kind. */
void job_put(struct buf *packet, const struct job_item *it);
/* Takes an item off *packet: 1, 0 at its end, -1 if it is none. Slices point into the packet. */
int job_next(struct slice *packet, struct job_item *it) __attribute__((warn_unused_result));

/* 1 sent, 0 there is no room for it now (a non-blocking socket), -1. */
int job_send(int fd, struct slice packet, const int *fds, size_t nfds, struct err *e)
    __attribute__((warn_unused_result));
/* Receives a packet into *packet: 1, 0 none is there now, -1 the other end is gone or it is no
 * packet of ours. fds: those that came with it, -1 for none. */
int job_receive(int fd, struct buf *packet, int fds[JOB_FDS_MAX])
    __attribute__((warn_unused_result));

#endif
