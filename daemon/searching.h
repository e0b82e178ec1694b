/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * searching: the command "search", whose answers come from the archive's index. The list role links
 * no index: it asks plenary-archive, which closes itself in behind walls of its own before it looks
 * at the words. That is done before T1 and without waiting: a slow search delays the answer that it
 * belongs to and nothing else, and one that does not end gets an answer that says so.
 */
#ifndef DAEMON_SEARCHING_H
#define DAEMON_SEARCHING_H

#include <stdbool.h>

#include "base/err.h"
#include "base/sandbox.h"
#include "daemon/work.h"

#define SEARCH_DEADLINE_MS 5000         /* for all searches of one mail, in the list role */
#define SEARCH_OUTPUT_MAX (1024 * 1024) /* bytes of JSON; a hundred hits are 100 KB */
#define SEARCHES_OF_A_MAIL 3
#define SEARCHES_AT_ONCE 4 /* programs that run at one time */
#define SEARCHES_MAX 64    /* mails that wait for one */

/* What was found for one question of an entry. */
struct search_found {
	const struct conf_list *list; /* NULL: all lists */
	struct slice words;
	bool done;         /* it ended well and in time */
	struct slice json; /* as "plenary --json search" prints it */
	struct search_found *next;
};

struct event_base;
struct searches;
struct search_run;

/* What the list role must keep reachable (SANDBOX_CHILDREN, too). Paths in the arena; how many; 0:
 * there is no plenary-archive. */
size_t searches_paths(const struct conf *conf, struct arena *a, const struct sandbox_path **paths);
/*
 * program: plenary-archive's path, or NULL: beside this program, else where it is installed. wake
 * is called from the loop whenever a run is over.
 */
struct searches *searches_open(struct event_base *loop, const struct conf *conf,
			       const char *program, int64_t deadline_ms, void (*wake)(void *arg),
			       void *arg);
/* No run may be left. */
void searches_close(struct searches *s);

/*
 * Begins the searches that an entry asks for: 1 and *run; 0 there is nothing to search, or nobody
 * to answer; -1 when too many mails wait. What w points to must stay where it is; w may move.
 */
int search_start(struct searches *s, struct work *w, struct search_run **run);
/* Then the answers are in w->found. */
bool search_is_over(const struct search_run *run);
/* Before the entry is closed, always; ends what still runs. NULL is fine. */
void search_end(struct search_run *run);

#endif
