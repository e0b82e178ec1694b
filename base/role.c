/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role: the frame that every role stands in (the header is the manual). It must never lose a ring:
 * the byte is taken out of the pipe before look() reads the folder, never after.
 */
#include "config.h"

#include "base/role.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/slice.h"

#define FD_MAX 1000000

struct inside {
	struct event *term, *interrupt, *bell, *timer, *again;
	bool done;
};

/* --- what the parent handed down ------------------------------------------------------------ */

static int
open_fd(struct slice number)
{
	int64_t fd;

	if (!num_parse(number, 3, FD_MAX, &fd) || fcntl((int)fd, F_GETFD) < 0)
		return -1;
	return (int)fd;
}

static int
env_fd(const char *name)
{
	const char *v = getenv(name);

	return v ? open_fd(slice_str(v)) : -1;
}

int
role_listener(const char *kind, int i)
{
	struct slice rest = slice_str(getenv("PLENARY_LISTEN")), item, k, number;

	while (rest.n > 0) {
		slice_cut(rest, ',', &item, &rest);
		if (slice_cut(item, ':', &k, &number) && slice_is(k, kind) && i-- == 0)
			return open_fd(number);
	}
	return -1;
}

void
role_ring(const char *name)
{
	char var[64];
	ssize_t n;
	int fd;

	snprintf(var, sizeof var, "PLENARY_BELL_%s", name);
	fd = env_fd(var);
	if (fd < 0)
		return;
	/* A full pipe is rung already; a lost reader looks by its timer when it is back. */
	do
		n = write(fd, "", 1);
	while (n < 0 && errno == EINTR);
}

/* --- events --------------------------------------------------------------------------------- */

static void
call_look(struct role *r)
{
	if (!r->stopping && r->look)
		r->look(r->arg);
}

static void
on_bell(evutil_socket_t fd, short what, void *arg)
{
	struct role *r = arg;
	struct inside *in = r->inside;
	char drain[512];
	ssize_t n;

	(void)what;
	while ((n = read(fd, drain, sizeof drain)) == (ssize_t)sizeof drain)
		;
	if (n == 0) /* nobody is left who could ring: an end that would be seen for ever */
		event_del(in->bell);
	call_look(r);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	call_look(arg);
}

static void
on_term(evutil_socket_t sig, short what, void *arg)
{
	struct role *r = arg;

	(void)sig;
	(void)what;
	if (r->stopping)
		return;
	r->stopping = true;
	log_debug("stopping");
	if (r->stop)
		r->stop(r->arg);
	else
		role_finish(r);
}

static struct event *
add(struct role *r, evutil_socket_t fd, short what, event_callback_fn fn,
    const struct timeval *after)
{
	struct event *ev = event_new(r->loop, fd, what, fn, r);

	if (!ev || event_add(ev, after) < 0)
		fatal("no memory for an event");
	return ev;
}

static void
set_up_bell(struct role *r, struct inside *in)
{
	int fd = env_fd("PLENARY_BELL");

	if (fd < 0)
		return;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	in->bell = add(r, fd, EV_READ | EV_PERSIST, on_bell, NULL);
	/* Who has a bell has a parent, and ends with it. Said again here because becoming another
	 * user makes the kernel forget it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
}

bool
role_options(int argc, char **argv, struct role_options *o)
{
	int c;

	*o = (struct role_options){.file = SYSCONFDIR "/plenary/plenary.conf"};
	while ((c = getopt(argc, argv, "f:dv")) != -1) {
		if (c == 'f')
			o->file = optarg;
		else if (c == 'd')
			o->to_stderr = true;
		else if (c == 'v')
			o->debug = true;
		else
			break;
	}
	if (c == -1 && optind == argc)
		return true;
	fprintf(stderr, "usage: %s [-f FILE] [-d] [-v]\n", argv[0]);
	return false;
}

int
role_start(struct role *r, const char *name, int64_t timer_ms, struct err *e)
{
	struct timeval every = {.tv_sec = timer_ms / 1000, .tv_usec = timer_ms % 1000 * 1000};
	struct timeval now = {0};
	struct inside *in = calloc(1, sizeof *in);

	if (!in)
		fatal("no memory");
	r->name = name;
	r->stopping = false;
	r->inside = in;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	r->loop = event_base_new();
	if (!r->loop) {
		free(in);
		return err_errno(e, "event loop");
	}
	in->term = add(r, SIGTERM, EV_SIGNAL | EV_PERSIST, on_term, NULL);
	in->interrupt = add(r, SIGINT, EV_SIGNAL | EV_PERSIST, on_term, NULL);
	if (timer_ms > 0)
		in->timer = add(r, -1, EV_PERSIST, on_timer, &every);
	in->again = add(r, -1, EV_TIMEOUT, on_timer, &now); /* the first look */
	set_up_bell(r, in);
	return 0;
}

void
role_look_again(struct role *r)
{
	struct inside *in = r->inside;
	struct timeval now = {0};

	/* A timer, not an active event: sockets and signals are served in between. */
	event_add(in->again, &now);
}

void
role_finish(struct role *r)
{
	struct inside *in = r->inside;

	in->done = true;
	event_base_loopbreak(r->loop);
}

int
role_run(struct role *r)
{
	struct inside *in = r->inside;
	struct event *all[] = {in->term, in->interrupt, in->bell, in->timer, in->again};

	while (!in->done)
		if (event_base_dispatch(r->loop) < 0)
			fatal("event loop: %s", strerror(errno));
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i])
			event_free(all[i]);
	event_base_free(r->loop);
	r->loop = NULL;
	r->inside = NULL;
	free(in);
	return 0;
}
