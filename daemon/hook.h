/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook: what a list's own programs say about a post (INTERFACE section 7, plenary-hooks(7)).
 *
 * They are facts, asked before T1 and without waiting: the programs of one post run one after the
 * other, those of several posts side by side, each behind its own walls (plenary-hook) and with a
 * deadline. What a program can do wrong ends as a reason to hold the post: nothing is ever lost by
 * a broken hook, and a slow one delays its own post only.
 */
#ifndef DAEMON_HOOK_H
#define DAEMON_HOOK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/sandbox.h"
#include "daemon/checks.h"

#define HOOK_DEADLINE_MS 10000
#define HOOK_OUTPUT_MAX 65536 /* bytes; more is a flood */
#define HOOK_REASON_MAX 300   /* characters of the first line, and of a case's */
#define HOOKS_AT_ONCE 32      /* programs that run at one time */
#define HOOKS_OF_A_LIST 8     /* of them for one list: its slow hook is not everyone's */

/* A hook that holds a post asks for a case: the line "case: TEXT" behind its reason. */
struct hook_case {
	const char *hook; /* the program's name */
	const char *text;
	struct hook_case *next;
};

/* What one list's hooks said; an entry has one for each list that it is posted to and has hooks. */
struct hook_said {
	const struct conf_list *list;
	enum verdict verdict;
	const char *reasons; /* as checks_run makes them (daemon/reasons.h) */
	struct hook_case *cases;
	struct hook_said *next;
};

struct event_base;
struct hooks;
struct hook_run;

/* Does any list have hooks? Without one, nothing of the rest is needed. */
bool hooks_any(const struct conf *conf);
/* What the list role must keep reachable (SANDBOX_NET and SANDBOX_CHILDREN, too), so that hooks can
 * run behind walls inside of its own. Paths in the arena; how many. */
size_t hooks_paths(const struct conf *conf, struct arena *a, const struct sandbox_path **paths);

/*
 * launcher: plenary-hook's path, or NULL: beside this program, else where it is installed. wake is
 * called from the loop whenever a run is over.
 */
struct hooks *hooks_open(struct event_base *loop, const char *launcher, void (*wake)(void *arg),
			 void *arg);
/* No run may be left. */
void hooks_close(struct hooks *hs);

/*
 * Asks the hooks of all lists that the entry is posted to: 1 and *run; 0 there is nothing to ask:
 * no hooks, a post that a moderator has accepted, or one that will not get as far; -1 (the
 * database). What w points to must stay where it is; w itself may move.
 */
int hook_start(struct hooks *hs, struct work *w, struct hook_run **run, struct err *e)
    __attribute__((warn_unused_result));
/* Has the last one answered? Then the answers are w->said. */
bool hook_is_over(const struct hook_run *run);
/* Before the entry is closed, always; ends what still runs. NULL is fine. */
void hook_end(struct hook_run *run);

#endif
