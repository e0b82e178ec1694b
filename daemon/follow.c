/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * follow: see follow.h.
 */
#include "daemon/follow.h"

#include <event2/event.h>

#include "base/log.h"

static void
unwatch(struct follow *f)
{
	if (f->ended)
		event_free(f->ended);
	if (f->printed)
		event_free(f->printed);
	f->ended = f->printed = NULL;
}

static void
stop(struct follow *f, enum child_end end, struct child_result *res)
{
	unwatch(f);
	child_finish(&f->child, end, res);
	f->running = false;
}

static void
on_child(int fd, short what, void *arg)
{
	struct follow *f = arg;
	struct child_result res;
	(void)fd;
	(void)what;
	enum child_end end = child_look(&f->child, &f->out);
	if (end != CHILD_TIMEOUT) {
		stop(f, end, &res);
		f->over(f->arg, &res);
	} else if (f->child.out < 0 && f->printed) { /* it has closed its output, and goes on */
		event_free(f->printed);
		f->printed = NULL;
	}
}

static void
on_timer(int fd, short what, void *arg)
{
	struct follow *f = arg;
	struct child_result res;
	(void)fd;
	(void)what;
	if (!f->running) {
		f->timed(f->arg);
		return;
	}
	stop(f, CHILD_TIMEOUT, &res);
	f->over(f->arg, &res);
}

static struct event *
watch(struct follow *f, int fd)
{
	struct event *ev = event_new(f->loop, fd, EV_READ | EV_PERSIST, on_child, f);
	if (!ev || event_add(ev, NULL) < 0)
		fatal("no memory for an event");
	return ev;
}

void
follow_init(struct follow *f, struct event_base *loop, size_t out_max,
	    void (*over)(void *arg, const struct child_result *res), void (*timed)(void *arg),
	    void *arg)
{
	*f = (struct follow){.loop = loop, .over = over, .timed = timed, .arg = arg};
	buf_init(&f->out, out_max);
	f->timer = event_new(loop, -1, 0, on_timer, f);
	if (!f->timer)
		fatal("no memory for an event");
}

int
follow_begin(struct follow *f, const char *const argv[], const char *const envp[],
	     struct slice input, struct err *e)
{
	if (child_begin(argv, envp, input, &f->child, e) < 0)
		return -1;
	buf_clear(&f->out);
	f->running = true;
	f->ended = watch(f, f->child.pidfd);
	f->printed = watch(f, f->child.out);
	return 0;
}

void
follow_timer(struct follow *f, int64_t ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
	if (ms < 0)
		event_del(f->timer);
	else if (event_add(f->timer, &tv) < 0)
		fatal("no memory for an event");
}

void
follow_free(struct follow *f)
{
	struct child_result res;
	if (f->running)
		stop(f, CHILD_KILLED, &res);
	event_free(f->timer);
	buf_free(&f->out);
}
