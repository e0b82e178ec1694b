/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare: what must be found out or written before a post can be decided, because T1 waits for
 * nothing: the DMARC policy of the author's domain, which DNS may have to be asked for, what the
 * hooks of its lists say, what the archive has for a command, and the lightened bodies of lists
 * with attachments-over (files out/ID-l0, out/ID-l1, …, durable before the rows that point to
 * them).
 */
#ifndef DAEMON_PREPARE_H
#define DAEMON_PREPARE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/id.h"
#include "daemon/lighten.h"
#include "daemon/policies.h"
#include "daemon/rewrite.h"
#include "daemon/work.h"
#include "mail/msgid.h"

/* One list that the entry is a post to. */
struct prepared_list {
	const struct conf_list *list;
	bool lightened;
	struct lightened light;
	char key[KEY_SIZE]; /* that the light body's links have */
	char file[ID_MAX];  /* in out/; "": there is none */
	bool used;          /* a row points to the file */
};

struct prepared {
	struct prepared_list *lists;
	size_t n;
	struct policy policy;
	struct policy_question *question; /* while it is open */
	bool asks;                        /* some list wants to know the policy */
	struct hook_run *hooks;           /* while lists' own programs are asked */
	struct search_run *search;        /* while the archive is searched for a command */
};

enum prepare_state {
	PREPARE_READY,
	PREPARE_WAITS, /* DNS or hooks were asked: prepare_look again when woken */
	PREPARE_LATER  /* too much is being asked at once: the entry has to come again */
};

/* Once an entry, outside of transactions. Sets w->prepared. */
enum prepare_state prepare_start(struct work *w);
/* READY or WAITS. */
enum prepare_state prepare_look(struct work *w);
/* Does it wait for nothing but DNS, whose answer is kept for whoever asks again? */
bool prepare_only_asks(const struct work *w);
/* When it is ready: writes what T1 needs. -1: our own trouble (temporary). */
int prepare_put(struct work *w, struct err *e) __attribute__((warn_unused_result));
/* Before work_close, whatever came of it: lets go of the question, removes files without rows. */
void prepare_end(struct work *w);

/* Have both entries an author and a list in common, so that the one must not overtake the other? */
bool prepare_same_way(const struct work *w, const struct work *other);
/* How large w's message is as the list in hand sends it, but for header lines. */
size_t prepared_size(struct work *w);
/* What was prepared for w's post to a list; NULL: nothing. */
struct prepared_list *prepared_for(struct work *w, const struct conf_list *l);

#endif
