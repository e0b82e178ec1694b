/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper: the roles' processes (the header is the manual). */
#include "config.h"

#include "daemon/keeper.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"

#define DELAY_FIRST_MS 1000
#define DELAY_MOST_MS 60000
#define LIFE_GOOD_MS 60000
#define KILL_AFTER_S 30
#define ROLES 5

static const struct kind {
	const char *name;
	const char *listen[3]; /* kinds of sockets */
	bool overlaps;         /* a new one may start beside the old one */
	bool rings;            /* gets the others' bells: not what talks to the web */
} kinds[ROLES] = {
    {"intake", {"lmtp", "smtp"}, true, true},  {"list", {NULL}, false, true},
    {"deliver", {NULL}, false, true},          {"archived", {NULL}, false, true},
    {"web", {"http", "monitor"}, true, false},
};

struct slot {
	const struct kind *kind;
	struct keeper *keeper;
	struct process *now; /* NULL: it waits for its predecessor's end, or for the timer */
	struct event *again;
	int64_t delay_ms; /* the last one */
	bool wanted;      /* start it when its predecessor has ended */
	int bell[2];
};

struct process {
	pid_t pid;
	struct slot *slot;
	int64_t began;
	struct event *kill; /* asked to end, if there is one */
	struct process *next;
};

struct keeper {
	struct keeper_setup setup;
	struct slot slot[ROLES];
	struct process *all;
	const struct listeners *listeners;
	bool stopping;
};

int64_t
keeper_delay(int64_t lived_ms, int64_t last_ms)
{
	if (lived_ms >= LIFE_GOOD_MS || last_ms <= 0)
		return DELAY_FIRST_MS;
	return last_ms * 2 < DELAY_MOST_MS ? last_ms * 2 : DELAY_MOST_MS;
}

/* --- starting ------------------------------------------------------------------------------- */

static void
set_fd(const char *name, int fd)
{
	char number[16];

	snprintf(number, sizeof number, "%d", fd);
	if (setenv(name, number, 1) < 0)
		fatal("no memory for the environment");
}

/* The bells and sockets of one role: into the environment, and into fds what it inherits. */
static size_t
hand_down(const struct slot *s, int *fds, size_t max)
{
	struct keeper *k = s->keeper;
	struct buf env;
	char name[64];
	size_t n = 0;

	buf_init(&env, 4096);
	fds[n++] = k->setup.lock_fd;
	fds[n++] = s->bell[0];
	set_fd("PLENARY_BELL", s->bell[0]);
	for (size_t i = 0; i < ROLES; i++) {
		snprintf(name, sizeof name, "PLENARY_BELL_%s", kinds[i].name);
		if (s->kind->rings) {
			fds[n++] = k->slot[i].bell[1];
			set_fd(name, k->slot[i].bell[1]);
		} else {
			unsetenv(name);
		}
	}
	for (const char *const *l = s->kind->listen; *l; l++)
		listeners_give(k->listeners, *l, &env, fds, &n, max);
	if (buf_over(&env) || setenv("PLENARY_LISTEN", buf_str(&env), 1) < 0)
		fatal("no room for the environment");
	buf_free(&env);
	return n;
}

static void
start_later(struct slot *s, int64_t lived_ms)
{
	struct timeval after;

	s->delay_ms = keeper_delay(lived_ms, s->delay_ms);
	after = (struct timeval){.tv_sec = s->delay_ms / 1000};
	log_warning("%s starts again in %d s", s->kind->name, (int)after.tv_sec);
	event_add(s->again, &after);
}

static void
start(struct slot *s)
{
	struct keeper *k = s->keeper;
	const char *argv[6] = {s->kind->name, "-f", k->setup.conf_file};
	int fds[LISTENERS_MAX + ROLES + 2], argc = 3;
	struct process *p = calloc(1, sizeof *p);
	struct err e = {0};
	char name[32], path[PROGRAM_PATH_MAX];

	if (!p)
		fatal("no memory");
	snprintf(name, sizeof name, "plenary-%s", s->kind->name);
	(void)program_find(name, path);
	argv[0] = path;
	if (k->setup.to_stderr)
		argv[argc++] = "-d";
	if (k->setup.debug)
		argv[argc++] = "-v";
	s->wanted = false;
	p->slot = s;
	p->began = clock_mono();
	p->pid = child_start(path, argv, fds, hand_down(s, fds, sizeof fds / sizeof *fds), &e);
	if (p->pid < 0) {
		log_error("%s could not be started: %s", s->kind->name, e.text);
		free(p);
		start_later(s, 0);
		return;
	}
	log_info("%s (%d) started", s->kind->name, (int)p->pid);
	p->next = k->all;
	k->all = p;
	s->now = p;
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	start(arg);
}

/* --- ending --------------------------------------------------------------------------------- */

static void
on_kill(evutil_socket_t fd, short what, void *arg)
{
	struct process *p = arg;

	(void)fd;
	(void)what;
	log_warning("%s (%d) did not end within %d s: killed", p->slot->kind->name, (int)p->pid,
		    KILL_AFTER_S);
	(void)kill(p->pid, SIGKILL);
}

static void
ask_to_end(struct keeper *k, struct process *p)
{
	const struct timeval after = {.tv_sec = KILL_AFTER_S};

	if (p->kill)
		return;
	if (p->slot->now == p)
		p->slot->now = NULL;
	p->kill = event_new(k->setup.loop, -1, 0, on_kill, p);
	if (!p->kill || event_add(p->kill, &after) < 0)
		fatal("no memory for an event");
	(void)kill(p->pid, SIGTERM);
}

static void
tell_end(const struct process *p, int status)
{
	const char *name = p->slot->kind->name;
	int64_t s = (clock_mono() - p->began) / 1000;

	/* Asked in its very first moment it has no handler for it yet. */
	if (p->kill &&
	    (WIFSIGNALED(status) ? WTERMSIG(status) == SIGTERM : WEXITSTATUS(status) == 0))
		log_info("%s (%d) ended", name, (int)p->pid);
	else if (WIFSIGNALED(status))
		log_error("%s (%d) was killed by signal %d (%s) after %lld s", name, (int)p->pid,
			  WTERMSIG(status), strsignal(WTERMSIG(status)), (long long)s);
	else
		log_error("%s (%d) ended with status %d after %lld s", name, (int)p->pid,
			  WEXITSTATUS(status), (long long)s);
}

static bool
has_process(const struct keeper *k, const struct slot *s)
{
	for (const struct process *p = k->all; p; p = p->next)
		if (p->slot == s)
			return true;
	return false;
}

/* p is out of the list already. */
static void
ended(struct keeper *k, struct process *p, int status)
{
	struct slot *s = p->slot;

	tell_end(p, status);
	if (s->now == p) {
		s->now = NULL;
		if (!k->stopping)
			start_later(s, clock_mono() - p->began);
	} else if (s->wanted && !has_process(k, s)) {
		start(s);
	}
	if (p->kill)
		event_free(p->kill);
	free(p);
	if (k->stopping && !k->all)
		event_base_loopexit(k->setup.loop, NULL);
}

void
keeper_reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (struct process **at = &k->all; *at; at = &(*at)->next)
			if ((*at)->pid == pid) {
				struct process *p = *at;

				*at = p->next;
				ended(k, p, status);
				break;
			}
}

/* --- all of them ---------------------------------------------------------------------------- */

struct keeper *
keeper_new(const struct keeper_setup *setup, struct err *e)
{
	struct keeper *k = calloc(1, sizeof *k);

	if (!k)
		fatal("no memory");
	k->setup = *setup;
	for (size_t i = 0; i < ROLES; i++) {
		struct slot *s = &k->slot[i];

		s->kind = &kinds[i];
		s->keeper = k;
		s->bell[0] = s->bell[1] = -1;
		s->again = event_new(setup->loop, -1, 0, on_again, s);
		if (!s->again)
			fatal("no memory for an event");
		if (pipe2(s->bell, O_CLOEXEC | O_NONBLOCK) < 0) {
			err_errno(e, "pipe");
			keeper_free(k);
			return NULL;
		}
	}
	return k;
}

void
keeper_free(struct keeper *k)
{
	for (size_t i = 0; i < ROLES && k->slot[i].kind; i++) {
		event_free(k->slot[i].again);
		for (int j = 0; j < 2; j++)
			if (k->slot[i].bell[j] >= 0)
				close(k->slot[i].bell[j]);
	}
	free(k);
}

void
keeper_start(struct keeper *k, const struct listeners *l)
{
	k->listeners = l;
	for (size_t i = 0; i < ROLES && !k->stopping; i++) {
		struct slot *s = &k->slot[i];
		struct process *old = s->now;

		event_del(s->again);
		s->delay_ms = 0;
		if (old && !s->kind->overlaps)
			ask_to_end(k, old);
		if (s->kind->overlaps || !has_process(k, s))
			start(s);
		else
			s->wanted = true;
		if (old && s->kind->overlaps)
			ask_to_end(k, old);
	}
}

void
keeper_stop(struct keeper *k)
{
	k->stopping = true;
	for (size_t i = 0; i < ROLES; i++) {
		event_del(k->slot[i].again);
		k->slot[i].wanted = false;
	}
	for (struct process *p = k->all; p; p = p->next)
		ask_to_end(k, p);
	if (!k->all)
		event_base_loopexit(k->setup.loop, NULL);
}

void
keeper_ring(struct keeper *k)
{
	for (size_t i = 0; i < ROLES; i++)
		/* A full pipe is rung already. */
		if (write(k->slot[i].bell[1], "", 1) < 0 && errno != EAGAIN)
			log_warning("bell of %s: %s", k->slot[i].kind->name, strerror(errno));
}
