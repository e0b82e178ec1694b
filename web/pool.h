/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool: a few threads for one kind of work that takes a while, with a bounded queue. One thread
 * gives the work and collects it when it is done.
 */
#ifndef WEB_POOL_H
#define WEB_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* Stands at the beginning of each piece of work. */
struct pool_work {
	struct pool_work *next;
};

/* run is called on one of the threads, which are numbered from 0. Threads begin with the first
 * work. queue: how many pieces may wait. */
struct pool *pool_new(size_t threads, size_t queue,
		      void (*run)(struct pool_work *w, size_t worker));
/* Does what is queued first. */
void pool_free(struct pool *p);
/* False when the queue is full. */
bool pool_give(struct pool *p, struct pool_work *w) __attribute__((warn_unused_result));
bool pool_has_room(struct pool *p);
/* Readable when something is done; then collect until NULL. */
int pool_fd(const struct pool *p);
struct pool_work *pool_collect(struct pool *p);

#endif
