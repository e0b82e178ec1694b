/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/git.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

/* Repositories of another owner are read, too: nothing of them is run. */
static const char *const first_args[] = {"git", "-c", "safe.directory=*", "-c",
					 "core.hooksPath=/dev/null"};
#define FIRST (sizeof first_args / sizeof *first_args)

static const char *const environment[] = {"GIT_CONFIG_NOSYSTEM=1",
					  "GIT_CONFIG_GLOBAL=/dev/null",
					  "GIT_TERMINAL_PROMPT=0",
					  "HOME=/nonexistent",
					  "LC_ALL=C",
					  "PATH=/usr/local/bin:/usr/bin:/bin",
					  NULL};

static int
spawn(struct git *g, const char *repo, const char *const *args, int in, int out, struct err *e)
{
	const char *argv[FIRST + 2 + GIT_ARGS + 1];
	posix_spawn_file_actions_t fa;
	size_t n = 0;
	int r;

	for (; n < FIRST; n++)
		argv[n] = first_args[n];
	argv[n++] = "--git-dir";
	argv[n++] = repo;
	for (size_t i = 0; args[i]; i++) {
		if (i == GIT_ARGS)
			fatal("git: too many arguments");
		argv[n++] = args[i];
	}
	argv[n] = NULL;
	g->what = args[0];
	if (posix_spawn_file_actions_init(&fa) != 0 ||
	    posix_spawn_file_actions_adddup2(&fa, in, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(&fa, out, 1) != 0)
		fatal("no memory");
	r = posix_spawnp(&g->pid, "git", &fa, NULL, (char *const *)(uintptr_t)argv,
			 (char *const *)(uintptr_t)environment);
	posix_spawn_file_actions_destroy(&fa);
	if (r == 0)
		return 0;
	errno = r;
	return r == ENOENT ? err_permanent(e, "the program git is not installed")
			   : err_errno(e, "git");
}

/* A pipe whose end for this process is `mine` (0 reading, 1 writing). */
static int
make_pipe(int *theirs, FILE **stream, int mine, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	*theirs = fds[!mine];
	*stream = fdopen(fds[mine], mine ? "w" : "r");
	if (!*stream)
		fatal("no memory");
	return 0;
}

int
git_start(struct git *g, const char *repo, const char *const *args, int stdin_fd, int stdout_fd,
	  struct err *e)
{
	int in = stdin_fd, out = stdout_fd, ret = -1;

	*g = (struct git){0};
	if ((stdin_fd >= 0 || make_pipe(&in, &g->in, 1, e) == 0) &&
	    (stdout_fd >= 0 || make_pipe(&out, &g->out, 0, e) == 0))
		ret = spawn(g, repo, args, in, out, e);
	if (stdin_fd < 0 && in >= 0)
		close(in);
	if (stdout_fd < 0 && out >= 0)
		close(out);
	if (ret < 0 && g->in)
		fclose(g->in);
	if (ret < 0 && g->out)
		fclose(g->out);
	return ret;
}

int
git_end(struct git *g, bool ok, struct err *e)
{
	int status = 0, wrote = 0;

	if (g->in)
		wrote = fclose(g->in);
	if (g->out)
		fclose(g->out);
	while (waitpid(g->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!ok)
		return 0;
	if (wrote != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_permanent(e, "git %s failed", g->what);
	return 0;
}

int
git_run(const char *repo, const char *const *args, int stdout_fd, struct err *e)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), ret = -1;
	struct git g;

	if (null < 0)
		return err_errno(e, "/dev/null");
	if (git_start(&g, repo, args, null, stdout_fd < 0 ? null : stdout_fd, e) == 0)
		ret = git_end(&g, true, e);
	close(null);
	return ret;
}
