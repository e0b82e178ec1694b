/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child: other programs, run with a deadline (the header is the manual).
 *
 * Between fork and exec only calls that are safe after a fork of a threaded program are made: no
 * memory, no locks. Signals are blocked across the fork, so that none reaches a handler of ours in
 * the child, where it would write into the parent's signal pipe.
 */
#include "config.h"

#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

extern char **environ;

/* What the child does before exec. */
struct plan {
	const char *path;
	const char *const *argv;
	const char *const *envp;
	int in, out; /* become descriptors 0 and 1; -1: as they are */
	const int *keep;
	size_t nkeep;
	bool own_group; /* else it gets SIGTERM when we die */
	pid_t parent;
};

static bool
inherit(const struct plan *p)
{
	if ((p->in >= 0 && dup2(p->in, 0) < 0) || (p->out >= 0 && dup2(p->out, 1) < 0))
		return false;
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return false;
	for (size_t i = 0; i < p->nkeep; i++)
		if (fcntl(p->keep[i], F_SETFD, 0) < 0)
			return false;
	return true;
}

/* A fresh program expects default signals; ignored ones would stay ignored across exec. */
static void
reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			(void)signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool
tie(const struct plan *p)
{
	if (p->own_group)
		return setpgid(0, 0) == 0;
	/* The parent may have died before prctl: then nobody would ever tell. */
	return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == p->parent;
}

_Noreturn static void
become(const struct plan *p, int status)
{
	int code;
	ssize_t unused;

	reset_signals();
	if (tie(p) && inherit(p))
		execve(p->path, (char *const *)p->argv, (char *const *)p->envp);
	code = errno;
	unused = write(status, &code, sizeof code);
	(void)unused;
	_exit(127);
}

/* The status pipe closes by itself when exec worked; else it carries errno. */
static int
wait_exec(int status, pid_t pid, const char *path, struct err *e)
{
	int code = 0;
	ssize_t n;

	do
		n = read(status, &code, sizeof code);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = n == sizeof code ? code : EIO;
	return err_errno(e, "%s", path);
}

static pid_t
start(const struct plan *p, struct err *e)
{
	sigset_t all, before;
	int status[2];
	pid_t pid;
	int r;

	if (pipe2(status, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(p, status[1]);
	r = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(status[1]);
	if (pid < 0) {
		close(status[0]);
		errno = r;
		return err_errno(e, "fork");
	}
	r = wait_exec(status[0], pid, p->path, e);
	close(status[0]);
	return r < 0 ? -1 : pid;
}

pid_t
child_start(const char *path, const char *const argv[], const int *keep, size_t nkeep,
	    struct err *e)
{
	struct plan p = {
	    .path = path,
	    .argv = argv,
	    .envp = (const char *const *)environ,
	    .in = -1,
	    .out = -1,
	    .keep = keep,
	    .nkeep = nkeep,
	    .parent = getpid(),
	};

	return start(&p, e);
}

/*
 * The input as a file in memory: a program that reads slowly, late or never can't block us, and
 * there is no SIGPIPE.
 */
static int
input_file(struct slice input, struct err *e)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return err_errno(e, "memfd_create");
	if (file_write_all(fd, input.p, input.n, e) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

enum reading { READ_MORE, READ_END, READ_FLOOD };

/* Takes what is there now. */
static enum reading
read_output(int fd, struct buf *out)
{
	char tmp[8192];
	ssize_t n;

	while ((n = read(fd, tmp, sizeof tmp)) > 0 || (n < 0 && errno == EINTR)) {
		size_t got = n > 0 ? (size_t)n : 0, room = out->limit - out->n;

		buf_put(out, tmp, got < room ? got : room);
		if (got > room)
			return READ_FLOOD;
	}
	return n < 0 && errno == EAGAIN ? READ_MORE : READ_END;
}

/* Ends the whole group; the zombie keeps its number taken until waitpid. */
static void
reap(pid_t pid, enum child_end end, struct child_result *res)
{
	int status = 0;

	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	res->end = end;
	res->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	if (end == CHILD_EXITED && WIFSIGNALED(status))
		res->end = CHILD_KILLED;
}

int
child_begin(const char *const argv[], const char *const envp[], struct slice input, struct child *c,
	    struct err *e)
{
	struct plan p = {.path = argv[0], .argv = argv, .envp = envp, .own_group = true};
	struct child_result res;
	int fds[2] = {-1, -1}, ret = -1;

	p.in = input_file(input, e);
	if (p.in < 0)
		return -1;
	if (pipe2(fds, O_CLOEXEC) < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
		err_errno(e, "pipe");
		goto out;
	}
	p.out = fds[1];
	c->pid = start(&p, e);
	if (c->pid < 0)
		goto out;
	c->pidfd = pidfd_open(c->pid, 0);
	if (c->pidfd < 0) {
		err_errno(e, "pidfd_open");
		reap(c->pid, CHILD_KILLED, &res);
		goto out;
	}
	c->out = fds[0];
	fds[0] = -1;
	ret = 0;
out:
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	close(p.in);
	return ret;
}

enum child_end
child_look(struct child *c, struct buf *out)
{
	struct pollfd p = {.fd = c->pidfd, .events = POLLIN};
	/* Asked first: after its end all that it printed is in the pipe. A grandchild that keeps
	 * the pipe open is not waited for. */
	bool ended = poll(&p, 1, 0) > 0;
	enum reading r = c->out >= 0 ? read_output(c->out, out) : READ_END;

	if (r == READ_FLOOD)
		return CHILD_FLOODED;
	if (r == READ_END && c->out >= 0) {
		close(c->out);
		c->out = -1;
	}
	return ended ? CHILD_EXITED : CHILD_TIMEOUT;
}

void
child_finish(struct child *c, enum child_end end, struct child_result *res)
{
	reap(c->pid, end, res);
	close(c->pidfd);
	if (c->out >= 0)
		close(c->out);
}

/* Follows the child until it ends, floods or is late. Its zombie is left for the caller. */
static enum child_end
follow(struct child *c, struct buf *out, int64_t until)
{
	for (;;) {
		struct pollfd p[2] = {{.fd = c->pidfd, .events = POLLIN},
				      {.fd = c->out, .events = POLLIN}};
		int64_t left = until - clock_mono();
		enum child_end end;

		if (left <= 0)
			return CHILD_TIMEOUT;
		if (poll(p, 2, left > 60000 ? 60000 : (int)left) <= 0)
			continue;
		end = child_look(c, out);
		if (end != CHILD_TIMEOUT)
			return end;
	}
}

int
child_run(const char *const argv[], const char *const envp[], struct slice input, struct buf *out,
	  int64_t deadline_ms, struct child_result *res, struct err *e)
{
	int64_t until = clock_mono() + deadline_ms;
	struct child c;

	if (child_begin(argv, envp, input, &c, e) < 0)
		return -1;
	child_finish(&c, follow(&c, out, until), res);
	return 0;
}
