/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticket: something an address was asked and may answer once, by a token in an address or a link.
 * Owner of the table ticket. A token names a row; the row knows kind, list, address, expiry, and
 * what became of it, so that a used one gets "already … at …" for an answer and not silence.
 */
#ifndef DAEMON_TICKET_H
#define DAEMON_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"
#include "base/token.h"

struct ticket {
	int64_t id;
	const char *kind; /* join, leave, command, back, again, moderate, cancel, waiting */
	const char *list, *address, *detail, *language;
	int64_t created, expires, done;
	const char *outcome; /* a word: confirmed, expired, accepted by ADDRESS … */
};

#define TICKET_JOIN_EXPIRES (3 * 86400)

/* Adds one: its id and token. t->kind, list, address, detail, language, expires are used. */
int ticket_add(struct db *db, const struct token_keys *keys, struct ticket *t, int64_t now,
	       char token[TOKEN_SIZE], struct err *e) __attribute__((warn_unused_result));
/* An open one of the same kind, list, address and detail: 1 with its token, 0, -1 (asked twice:
 * same question). */
int ticket_open_one(struct db *db, struct arena *a, const struct token_keys *keys, const char *kind,
		    const char *list, struct slice address, const char *detail, int64_t now,
		    struct ticket *t, char token[TOKEN_SIZE], struct err *e)
    __attribute__((warn_unused_result));
/* 1, 0 if the row is gone, -1. */
int ticket_get(struct db *db, struct arena *a, int64_t id, struct ticket *t, struct err *e)
    __attribute__((warn_unused_result));
/* All of one address, oldest first. */
int ticket_each_of(struct db *db, struct slice address,
		   int (*each)(void *arg, const struct ticket *t), void *arg, struct err *e)
    __attribute__((warn_unused_result));
/* The address is erased: its rows go, but for what it may still decide as a moderator, and it is
 * left out of what others' rows tell. name: what stands there instead. */
int ticket_forget(struct db *db, struct slice address, const char *name, struct err *e)
    __attribute__((warn_unused_result));
/* Marks it used: 1 by this call, 0 it was already. */
int ticket_use(struct db *db, int64_t id, const char *outcome, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* All open ones of a kind whose detail is this (a held post's) end with outcome. */
int ticket_close(struct db *db, const char *detail, const char *outcome, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
/* Open ones past their expiry are marked expired: how many. Done ones older than 400 days go. */
int64_t ticket_expire(struct db *db, int64_t now, struct err *e)
    __attribute__((warn_unused_result));

#endif
