/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sessions: a site and a host in memory, to drive a session without sockets or files.
 */
#ifndef TESTS_UNIT_SESSIONS_H
#define TESTS_UNIT_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/token.h"
#include "daemon/session.h"

#define SITE_SIZE_MAX 5000  /* the site's max-message-size */
#define SMALL_SIZE_MAX 100  /* of list "small" */
#define LARGE_SIZE_MAX 8000 /* of list "large" */

/*
 * Domain lists.example.org; lists "dc" (an appeal body), "dc-news" (none), "large", "small".
 */
extern const struct conf sessions_conf;

/* What a session did to its host. */
struct sessions {
	struct session_site site;
	struct session *session;
	struct buf out;  /* all that the server said */
	struct buf kept; /* the files that were answered with KEPT, time as zeros, no pad */
	struct buf file; /* the one that is open */
	struct buf rest; /* input not taken yet */
	bool open, committed;
	int begun, aborted, nkept;
	size_t envelope_n;
	/* What is to happen. */
	bool full;                         /* no room at MAIL */
	enum session_result begin, commit; /* what begin and commit say */
	size_t write_fails_at; /* a file longer than that fails to be written; 0: never */
	enum session_result write;
};

void sessions_begin(struct sessions *t, enum session_kind kind, const struct token_keys *keys);
/* Gives the session more input, and its answers to commits. */
void sessions_feed(struct sessions *t, struct slice in);
/* Ends the session; every file must have been committed or aborted (fatal otherwise). */
void sessions_end(struct sessions *t);
void sessions_free(struct sessions *t); /* the buffers */

#endif
