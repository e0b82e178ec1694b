/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * git: one run of the git program with a file or pipe on either side, for archives in
 * public-inbox's format. Only the administrator's command uses it, and only where she asked for
 * that format; nothing of a user's or system's git configuration is read.
 */
#ifndef ARCHIVE_GIT_H
#define ARCHIVE_GIT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"

struct git {
	pid_t pid;
	FILE *in;  /* its standard input, where asked for */
	FILE *out; /* its standard output, likewise */
	const char *what;
};

#define GIT_ARGS 12

/*
 * Starts git on a repository (--git-dir). args: NULL-terminated, at most GIT_ARGS. stdin_fd: a file
 * for its input, or -1: a pipe, in g->in. stdout_fd: likewise, g->out.
 */
int git_start(struct git *g, const char *repo, const char *const *args, int stdin_fd, int stdout_fd,
	      struct err *e) __attribute__((warn_unused_result));
/* Closes its input, and waits; -1 if it did not end well. ok false: it is not wanted any more. */
int git_end(struct git *g, bool ok, struct err *e) __attribute__((warn_unused_result));
/* Start and end, with nothing on its input; output to stdout_fd, or nowhere (-1). */
int git_run(const char *repo, const char *const *args, int stdout_fd, struct err *e)
    __attribute__((warn_unused_result));

#endif
