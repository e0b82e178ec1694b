/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Group commit. Three lists under one lock: waiting (to be synced), synced (to be renamed), done.
 * At most one thread publishes at a time; a thread that has synced a file and finds a publisher at
 * work leaves it in `synced`, and the publisher takes it in its next round.
 */
#include "config.h"
#include "daemon/commit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/log.h"

#define STACK_SIZE (512 * 1024) /* enough for a sanitized build too */

struct list {
	struct commit_job *first, **end;
};

struct commit {
	struct spool *spool;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct list waiting, synced, done;
	bool publishing, stopping;
	int64_t syncs, files;
	int fd;
	int nthreads;
	pthread_t threads[COMMIT_THREADS_MAX];
};

static void
list_init(struct list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void
list_add(struct list *l, struct commit_job *job)
{
	job->next = NULL;
	*l->end = job;
	l->end = &job->next;
}

static struct commit_job *
list_take_all(struct list *l)
{
	struct commit_job *all = l->first;

	list_init(l);
	return all;
}

/* Right after the call that failed: its errno says which kind it is. */
static void
set_failed(struct commit_job *job)
{
	job->result = errno == ENOSPC || errno == EDQUOT ? COMMIT_FULL : COMMIT_FAILED;
}

static void
flush(struct commit *c, struct commit_job *job)
{
	job->result = COMMIT_KEPT;
	if (spool_flush(&job->file, &job->err) == 0)
		return;
	set_failed(job);
	spool_abort(c->spool, &job->file);
}

/* Renames the group and syncs the folder once. */
static int64_t
publish(struct commit *c, struct commit_job *group)
{
	int64_t n = 0;
	struct err e;

	for (struct commit_job *job = group; job; job = job->next) {
		if (spool_publish(c->spool, &job->file, &job->err) == 0) {
			n++;
			continue;
		}
		set_failed(job);
		spool_abort(c->spool, &job->file);
	}
	if (n == 0 || spool_sync(c->spool, &e) == 0)
		return n;
	/* They may be in new/ and may stay there; nobody is told so. The sender tries again, and
	 * the list knows a second copy when it sees one. */
	for (struct commit_job *job = group; job; job = job->next) {
		if (job->result != COMMIT_KEPT)
			continue;
		job->result = COMMIT_FAILED;
		job->err = e;
	}
	return 0;
}

static void
tell(struct commit *c)
{
	uint64_t one = 1;

	/* Fails only when the counter is at its end, and then it is readable anyway. */
	if (write(c->fd, &one, sizeof one) < 0 && errno != EAGAIN)
		fatal("eventfd: %s", strerror(errno));
}

/* With the lock: rounds of publishing until there is nothing more to publish. */
static void
publish_rounds(struct commit *c)
{
	c->publishing = true;
	while (c->synced.first) {
		struct commit_job *group = list_take_all(&c->synced), *next;
		int64_t n;

		pthread_mutex_unlock(&c->lock);
		n = publish(c, group);
		crash_point("intake.committed");
		pthread_mutex_lock(&c->lock);
		c->syncs++;
		c->files += n;
		for (; group; group = next) {
			next = group->next;
			list_add(&c->done, group);
		}
		tell(c);
	}
	c->publishing = false;
}

static void *
run(void *arg)
{
	struct commit *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stopping || c->waiting.first) {
		struct commit_job *job = c->waiting.first;

		if (!job) {
			pthread_cond_wait(&c->work, &c->lock);
			continue;
		}
		c->waiting.first = job->next;
		if (!job->next)
			c->waiting.end = &c->waiting.first;
		pthread_mutex_unlock(&c->lock);
		flush(c, job);
		pthread_mutex_lock(&c->lock);
		if (job->result == COMMIT_KEPT) {
			list_add(&c->synced, job);
			if (!c->publishing)
				publish_rounds(c);
		} else {
			list_add(&c->done, job);
			tell(c);
		}
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Signals are the loop's: the threads are born deaf. */
static int
start_threads(struct commit *c, int threads)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int r = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	while (r == 0 && c->nthreads < threads) {
		r = pthread_create(&c->threads[c->nthreads], &attr, run, c);
		c->nthreads += r == 0;
	}
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = r;
	/* Fewer are slower, not wrong. */
	return c->nthreads > 0 ? 0 : -1;
}

int
commit_start(struct commit **out, struct spool *sp, int threads, struct err *e)
{
	struct commit *c = calloc(1, sizeof *c);

	*out = NULL;
	if (!c)
		fatal("no memory");
	c->spool = sp;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	list_init(&c->waiting);
	list_init(&c->synced);
	list_init(&c->done);
	c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->fd < 0) {
		free(c);
		return err_errno(e, "eventfd");
	}
	if (threads > COMMIT_THREADS_MAX)
		threads = COMMIT_THREADS_MAX;
	if (start_threads(c, threads) < 0) {
		err_errno(e, "starting threads");
		commit_stop(c);
		return -1;
	}
	*out = c;
	return 0;
}

int
commit_fd(const struct commit *c)
{
	return c->fd;
}

void
commit_submit(struct commit *c, struct commit_job *job)
{
	pthread_mutex_lock(&c->lock);
	list_add(&c->waiting, job);
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
}

struct commit_job *
commit_collect(struct commit *c)
{
	struct commit_job *all;
	uint64_t count;

	/* Emptied first: what is done after this rings again. */
	if (read(c->fd, &count, sizeof count) < 0 && errno != EAGAIN)
		fatal("eventfd: %s", strerror(errno));
	pthread_mutex_lock(&c->lock);
	all = list_take_all(&c->done);
	pthread_mutex_unlock(&c->lock);
	return all;
}

void
commit_stop(struct commit *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (int i = 0; i < c->nthreads; i++)
		pthread_join(c->threads[i], NULL);
	close(c->fd);
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void
commit_counts(struct commit *c, int64_t *syncs, int64_t *files)
{
	pthread_mutex_lock(&c->lock);
	*syncs = c->syncs;
	*files = c->files;
	pthread_mutex_unlock(&c->lock);
}
