/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child: other programs, run with a deadline. fork is always followed by exec; descriptors but
 * those named are closed; signals are as a new program expects them.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* Ends of a run. */
enum child_end { CHILD_EXITED, CHILD_KILLED, CHILD_TIMEOUT, CHILD_FLOODED };

struct child_result {
	enum child_end end;
	int code; /* exit status or signal number */
};

/*
 * Runs argv[0] (an absolute path) with envp (complete: nothing is inherited), input on its standard
 * input, and what it prints in *out (up to out->limit; more ends it as CHILD_FLOODED). -1 only if
 * it could not be started. Blocks up to deadline_ms. The child is its own process group, all of
 * which is killed at the end. Standard error stays ours.
 */
int child_run(const char *const argv[], const char *const envp[], struct slice input,
	      struct buf *out, int64_t deadline_ms, struct child_result *res, struct err *e)
    __attribute__((warn_unused_result));

/*
 * The same for a caller that waits for other things, too: child_begin, then child_look whenever
 * pidfd or out can be read (out is -1 once it has ended), until it says CHILD_EXITED or
 * CHILD_FLOODED or one's own deadline has passed; then child_finish, always: it ends the whole
 * group and takes the result.
 */
struct child {
	pid_t pid;
	int pidfd;
	int out; /* what it prints; does not block */
};
int child_begin(const char *const argv[], const char *const envp[], struct slice input,
		struct child *c, struct err *e) __attribute__((warn_unused_result));
/* Takes what was printed by now. CHILD_TIMEOUT: it has not ended yet. */
enum child_end child_look(struct child *c, struct buf *out);
void child_finish(struct child *c, enum child_end end, struct child_result *res);

/*
 * Starts a role: path with argv and the current environment; keep[0..n) are descriptors that it
 * inherits under the same numbers (all others above 2 are closed). It gets SIGTERM when we die. The
 * pid (for the caller to wait for), or -1.
 */
pid_t child_start(const char *path, const char *const argv[], const int *keep, size_t nkeep,
		  struct err *e) __attribute__((warn_unused_result));

#endif
