/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * turns: the mails that are being delivered, and whose turn it is. Each gets a portion of the
 * lanes in turn, so that a post to a small list goes out between two portions of one to a large
 * list. Rows are read from the database as they are needed: memory does not grow with recipients.
 */
#ifndef DAEMON_TURNS_H
#define DAEMON_TURNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "daemon/queue.h"

#define LETTER_LANES 16
#define TURNS_MAX 128 /* mails at a time; two descriptors each */

/* A mail that is being delivered. */
struct letter {
	int64_t out;
	struct queue_mail mail;       /* but its head, which is in head_fd */
	int head_fd, body_fd;         /* body_fd -1: all of it is in the head */
	int64_t size;                 /* of both, bytes */
	uint64_t known[LETTER_LANES]; /* lanes.c's: which process of each lane has its bytes */
	size_t in_flight;             /* recipients whose result is not recorded yet */
	int64_t sent, temporary, permanent, began;
	/* inside */
	struct letter *next, *prev;
	struct arena *arena, *rows_arena;
	struct queue_row *rows;
	size_t nrows, at;
	int64_t now, after_next, after_id;
	bool end; /* no more due rows */
};

struct turns;

/* out_fd: the folder out/. over is called when a mail has neither rows nor recipients in flight. */
struct turns *turns_new(struct db *db, int out_fd, void (*over)(void *arg, struct letter *l),
			void *arg);
void turns_free(struct turns *t);

/* Takes up mails that are due: the new ones, or with all, retries, too. */
int turns_look(struct turns *t, int64_t now, bool all, struct err *e)
    __attribute__((warn_unused_result));
/* Something is due that turns_look could not take up: look again in a moment. */
bool turns_left_some(const struct turns *t);

/* The mail whose turn it is, with at least one row; NULL: there is none. */
struct letter *turns_next(struct turns *t);
/* Its next rows, at most max; then how many of them were given to a lane, which ends its turn. */
const struct queue_row *letter_rows(const struct letter *l, size_t max, size_t *n);
void turns_took(struct turns *t, struct letter *l, size_t n);
/* The result of a recipient in flight is recorded: only now may its row be seen as due again. */
void turns_settled(struct turns *t, struct letter *l);
size_t turns_count(const struct turns *t);

#endif
