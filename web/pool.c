/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"

#define THREADS_MAX 8
#define STACK_BYTES ((size_t)1 << 20) /* virtual: a search needs far less */

struct worker {
	struct pool *pool;
	size_t number;
	pthread_t thread;
};

struct line {
	struct pool_work *first, **end;
	size_t n;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*run)(struct pool_work *w, size_t worker);
	struct worker worker[THREADS_MAX];
	size_t threads, started, busy, room;
	struct line waiting, done;
	int fd;
	bool ending;
};

static void
line_init(struct line *l)
{
	*l = (struct line){.end = &l->first};
}

static void
line_add(struct line *l, struct pool_work *w)
{
	w->next = NULL;
	*l->end = w;
	l->end = &w->next;
	l->n++;
}

static struct pool_work *
line_take(struct line *l)
{
	struct pool_work *w = l->first;

	if (!w)
		return NULL;
	l->first = w->next;
	if (!l->first)
		l->end = &l->first;
	l->n--;
	return w;
}

struct pool *
pool_new(size_t threads, size_t queue, void (*run)(struct pool_work *w, size_t worker))
{
	struct pool *p = calloc(1, sizeof *p);

	if (!p || threads > THREADS_MAX)
		fatal("no memory for threads");
	p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->fd < 0)
		fatal("eventfd: %s", strerror(errno));
	p->threads = threads;
	p->room = queue;
	p->run = run;
	line_init(&p->waiting);
	line_init(&p->done);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	return p;
}

/* A counter that is full is readable already. */
static void
tell(const struct pool *p)
{
	const uint64_t one = 1;
	ssize_t n = write(p->fd, &one, sizeof one);

	(void)n;
}

static void *
work(void *arg)
{
	struct worker *me = arg;
	struct pool *p = me->pool;
	struct pool_work *w;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->waiting.n == 0 && !p->ending)
			pthread_cond_wait(&p->changed, &p->lock);
		w = line_take(&p->waiting);
		if (!w)
			break;
		p->busy++;
		pthread_mutex_unlock(&p->lock);
		p->run(w, me->number);
		pthread_mutex_lock(&p->lock);
		p->busy--;
		line_add(&p->done, w);
		tell(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Signals belong to the loop's thread. */
static void
start_one(struct pool *p)
{
	struct worker *w = &p->worker[p->started];
	pthread_attr_t attr;
	sigset_t all, before;
	int r;

	*w = (struct worker){.pool = p, .number = p->started};
	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&w->thread, &attr, work, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (r != 0)
		fatal("thread: %s", strerror(r));
	p->started++;
}

bool
pool_has_room(struct pool *p)
{
	bool has;

	pthread_mutex_lock(&p->lock);
	has = p->waiting.n < p->room;
	pthread_mutex_unlock(&p->lock);
	return has;
}

bool
pool_give(struct pool *p, struct pool_work *w)
{
	bool taken = false;

	pthread_mutex_lock(&p->lock);
	if (p->waiting.n < p->room) {
		line_add(&p->waiting, w);
		taken = true;
		if (p->started < p->threads && p->busy + p->waiting.n > p->started)
			start_one(p);
		pthread_cond_signal(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	return taken;
}

int
pool_fd(const struct pool *p)
{
	return p->fd;
}

struct pool_work *
pool_collect(struct pool *p)
{
	struct pool_work *w;
	uint64_t count;

	pthread_mutex_lock(&p->lock);
	w = line_take(&p->done);
	if (!w && read(p->fd, &count, sizeof count) < 0 && errno != EAGAIN)
		fatal("eventfd: %s", strerror(errno));
	pthread_mutex_unlock(&p->lock);
	return w;
}

void
pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->started; i++)
		pthread_join(p->worker[i].thread, NULL);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	close(p->fd);
	free(p);
}
