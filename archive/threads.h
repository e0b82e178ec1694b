/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * threads: one row a tree of the forest (table thread) and the counts of each month (table month).
 * It knows sums only; which message hangs on which is the forest's business (forest.h).
 *
 * Invariants
 * 1. messages, first and last are those of the present messages with this thread in the forest.
 * 2. month.messages and month.threads are the sums over present messages and over threads that
 *    have one; differences are gathered in memory and written by threads_flush.
 */
#ifndef ARCHIVE_THREADS_H
#define ARCHIVE_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "archive/marks.h"

#define NODE_KEY_SIZE 20 /* a key, as its bytes */

struct threads;

struct thread {
	int64_t id, list;
	int64_t root; /* the forest's row */
	uint8_t root_key[NODE_KEY_SIZE];
	int64_t root_epoch;                  /* the transaction that made it the root */
	int64_t nodes;                       /* rows, ghosts too */
	int64_t messages;                    /* present ones; with 0 the thread is shown nowhere */
	int64_t first, first_rank, first_id; /* the first present message by (date, rank) */
	int64_t last;
};

extern const char *const threads_schema[]; /* statements, NULL-terminated */

int threads_open(struct threads **t, struct db *db, struct marks *marks, struct err *e)
    __attribute__((warn_unused_result));
void threads_close(struct threads *t);
/* Around a transaction. begin: counts the transaction. */
int threads_begin(struct threads *t, struct err *e) __attribute__((warn_unused_result));
int threads_flush(struct threads *t, struct err *e) __attribute__((warn_unused_result));
void threads_forget(struct threads *t);
int64_t threads_epoch(const struct threads *t);

/* A new row: id is set. */
int threads_add(struct threads *t, struct thread *th, struct err *e)
    __attribute__((warn_unused_result));
/* 1 found, 0 not, -1. */
int threads_get(struct threads *t, int64_t id, struct thread *th, struct err *e)
    __attribute__((warn_unused_result));
/* Writes th over what it was (as threads_get gave it); counts and marks follow. */
int threads_put(struct threads *t, const struct thread *was, const struct thread *th, struct err *e)
    __attribute__((warn_unused_result));
int threads_remove(struct threads *t, const struct thread *was, struct err *e)
    __attribute__((warn_unused_result));
/* One present message more in th, in memory only / all of from's counts. */
void thread_count(struct thread *th, int64_t id, int64_t date, int64_t rank);
void thread_absorb(struct thread *th, const struct thread *from);
/* A present message more (1) or less (-1) in the month of date. */
void threads_month(struct threads *t, int64_t list, int64_t date, int by);
/* year * 100 + month, UTC. */
int threads_month_of(int64_t date);
int threads_drop_list(struct threads *t, int64_t list, struct err *e)
    __attribute__((warn_unused_result));

/* Threads with a message: by (first, root key) from first in [from, to); newest by last. */
int threads_between(struct threads *t, struct arena *a, int64_t list, int64_t from, int64_t to,
		    int64_t offset, size_t max, struct thread **out, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* How many of them are from `from` on, and before (first, key)? */
int threads_before(struct threads *t, int64_t list, int64_t from, int64_t first,
		   const uint8_t key[NODE_KEY_SIZE], int64_t *n, struct err *e)
    __attribute__((warn_unused_result));
int threads_recent(struct threads *t, struct arena *a, int64_t list, size_t max,
		   struct thread **out, size_t *n, struct err *e)
    __attribute__((warn_unused_result));

struct thread_month {
	int month;
	int64_t messages, threads;
};
/* Rows of the threads before and after a place in time, 0 where there is none. */
int threads_beside(struct threads *t, int64_t list, int64_t first,
		   const uint8_t root_key[NODE_KEY_SIZE], int64_t *before, int64_t *after,
		   struct err *e) __attribute__((warn_unused_result));
/* With a last message since then, the longest first. */
int threads_liveliest(struct threads *t, struct arena *a, int64_t list, int64_t since, size_t max,
		      struct thread **out, size_t *n, struct err *e)
    __attribute__((warn_unused_result));
/* Newest first; months with nothing are left out. */
int threads_months(struct threads *t, struct arena *a, int64_t list, struct thread_month **out,
		   size_t *n, struct err *e) __attribute__((warn_unused_result));

#endif
