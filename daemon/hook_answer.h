/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook_answer: what a hook's end and output mean (plenary-hooks(7)): exit 0 pass, 10 hold, 20
 * reject, 30 discard, with the reason in its first line; every other end holds the post.
 */
#ifndef DAEMON_HOOK_ANSWER_H
#define DAEMON_HOOK_ANSWER_H

#include "base/arena.h"
#include "base/child.h"
#include "base/slice.h"
#include "daemon/checks.h"
#include "daemon/reasons.h"

/* All in the arena. */
struct hook_answer {
	enum verdict verdict;
	const char *word; /* the verdict's, for the log */
	enum reason reason;
	struct slice detail;   /* … and what it says */
	struct slice line;     /* the first line, cleaned, whatever it was worth */
	const char *case_text; /* a hook that holds may ask for a case ("case: TEXT"); or NULL */
};
/* path: the hook's. out: what it wrote. */
void hook_answer_read(struct arena *a, const char *path, const struct child_result *res,
		      struct slice out, struct hook_answer *answer);

/* A hook's name among people: its path without the folders. */
const char *hook_answer_name(const char *path);

#endif
