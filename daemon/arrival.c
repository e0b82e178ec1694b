/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arrival: writing one message down (the header is the manual). */
#include "config.h"
#include "daemon/arrival.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define PENDING_MAX (32 * 1024) /* times the sessions in DATA: memory; below it: system calls */

static enum commit_result
failed(const char *text)
{
	enum commit_result r = errno == ENOSPC || errno == EDQUOT ? COMMIT_FULL : COMMIT_FAILED;

	log_error("%s", text);
	return r;
}

struct arrival *
arrival_begin(struct spool *sp, struct slice envelope, enum commit_result *r)
{
	struct arrival *a = calloc(1, sizeof *a);
	char id[ID_MAX];
	struct err e;

	if (!a)
		fatal("no memory");
	id_new(id);
	if (spool_begin(sp, id, &a->job.file, &e) < 0) {
		*r = failed(e.text);
		free(a);
		return NULL;
	}
	*r = COMMIT_KEPT;
	a->job.owner = a;
	buf_init(&a->pending, BUF_NO_LIMIT);
	buf_put_slice(&a->pending, envelope);
	return a;
}

static enum commit_result
flush(struct arrival *a)
{
	enum commit_result r = COMMIT_KEPT;
	struct err e;

	if (a->pending.n > 0 && spool_write(&a->job.file, a->pending.p, a->pending.n, &e) < 0)
		r = failed(e.text);
	buf_clear(&a->pending);
	return r;
}

enum commit_result
arrival_write(struct arrival *a, struct slice bytes)
{
	buf_put_slice(&a->pending, bytes);
	return a->pending.n < PENDING_MAX ? COMMIT_KEPT : flush(a);
}

static enum commit_result
write_over(struct arrival *a, struct slice envelope)
{
	size_t at = 0;

	if (a->job.file.size == 0) {
		memcpy(a->pending.p, envelope.p, envelope.n);
		return COMMIT_KEPT;
	}
	while (at < envelope.n) {
		ssize_t n = pwrite(a->job.file.fd, envelope.p + at, envelope.n - at, (off_t)at);

		if (n < 0 && errno != EINTR)
			return failed(strerror(errno));
		at += n > 0 ? (size_t)n : 0;
	}
	return COMMIT_KEPT;
}

enum commit_result
arrival_finish(struct arrival *a, struct spool *sp, struct slice envelope)
{
	enum commit_result r = write_over(a, envelope);

	if (r == COMMIT_KEPT)
		r = flush(a);
	buf_free(&a->pending);
	a->job.result = r;
	if (r != COMMIT_KEPT)
		spool_abort(sp, &a->job.file);
	return r;
}

void
arrival_abort(struct arrival *a, struct spool *sp)
{
	spool_abort(sp, &a->job.file);
	arrival_free(a);
}

void
arrival_free(struct arrival *a)
{
	buf_free(&a->pending);
	free(a);
}
