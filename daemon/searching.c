/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * searching: see searching.h. A run is one entry's questions, one after the other; it waits for a
 * place among those that run, and its time runs from the beginning, so that whoever asks for many
 * slow ones waits for herself.
 */
#include "config.h"
#include "daemon/searching.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/data.h"
#include "daemon/command.h"

struct searches {
	struct event_base *loop;
	const struct conf *conf;
	char program[4096];
	int64_t deadline_ms;
	struct search_run *first, *last; /* all runs, in the order of their beginning */
	int running, runs;
	void (*wake)(void *arg);
	void *arg;
};

struct search_run {
	struct searches *all;
	struct search_run *before, *behind;
	struct arena *arena;
	char id[ID_MAX];
	struct search_found *found[SEARCHES_OF_A_MAIL];
	size_t n, i; /* the question in hand */
	bool running, over;
	struct child child;
	struct buf out;
	struct event *ended, *printed, *timer;
};

/* --- the beginning and the walls ------------------------------------------------------------- */

static bool
find_program(char *out, size_t size)
{
	char self[4000];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(self, '/');
	if (slash) {
		snprintf(out, size, "%.*s/plenary-archive", (int)(slash - self), self);
		if (access(out, X_OK) == 0)
			return true;
	}
	snprintf(out, size, "%s/plenary-archive", PKGLIBEXECDIR);
	return access(out, X_OK) == 0;
}

static const char *
folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return ".";
	return slash > path ? arena_printf(a, "%.*s", (int)(slash - path), path) : "/";
}

/* The program, what the kernel starts it with, and what each of ours reads at its beginning: texts
 * and the configuration. */
size_t
searches_paths(const struct conf *conf, struct arena *a, const struct sandbox_path **paths)
{
	static const char *const loaders[] = {
	    "/lib64/ld-linux-x86-64.so.2",
	    "/lib/ld-linux-aarch64.so.1",
	    "/lib/ld-linux-armhf.so.3",
	    "/lib/ld-linux.so.2",
	    "/lib/ld-linux-riscv64-lp64d.so.1",
	    "/lib64/ld64.so.2",
	    "/lib/ld64.so.1",
	};
	const size_t nloaders = sizeof(loaders) / sizeof(loaders[0]);
	struct data_place places[DATA_PLACES_MAX];
	int nplaces = data_places(a, places);
	struct sandbox_path *v =
	    arena_array(a, nloaders + 2 + 2 * DATA_PLACES_MAX + conf->nlists, sizeof(*v));
	char program[4096];
	size_t n = 0;
	if (!find_program(program, sizeof(program)))
		return 0;
	v[n++] = (struct sandbox_path){arena_str(a, slice_str(program)), SANDBOX_EXEC};
	for (size_t i = 0; i < nloaders; i++)
		v[n++] = (struct sandbox_path){loaders[i], SANDBOX_EXEC};
	for (int i = 0; i < nplaces; i++) {
		v[n++] = (struct sandbox_path){places[i].templates, SANDBOX_READ};
		v[n++] = (struct sandbox_path){places[i].catalogues, SANDBOX_READ};
	}
	v[n++] = (struct sandbox_path){folder_of(a, conf->file), SANDBOX_READ};
	for (size_t i = 0; i < conf->nlists; i++) {
		const char *folder = folder_of(a, conf->lists[i].file);
		if (strcmp(folder, v[n - 1].path) != 0)
			v[n++] = (struct sandbox_path){folder, SANDBOX_READ};
	}
	*paths = v;
	return n;
}

struct searches *
searches_open(struct event_base *loop, const struct conf *conf, const char *program,
	      int64_t deadline_ms, void (*wake)(void *arg), void *arg)
{
	struct searches *s = calloc(1, sizeof(*s));
	if (!s)
		fatal("no memory");
	s->loop = loop;
	s->conf = conf;
	s->deadline_ms = deadline_ms;
	s->wake = wake;
	s->arg = arg;
	if (program)
		snprintf(s->program, sizeof(s->program), "%s", program);
	else
		find_program(s->program, sizeof(s->program));
	return s;
}

void
searches_close(struct searches *s)
{
	if (s && s->first)
		fatal("searching is closed while something is searched for");
	free(s);
}

/* --- running ---------------------------------------------------------------------------------- */

static void go_on(struct search_run *r);

static void
unwatch(struct search_run *r)
{
	if (r->ended)
		event_free(r->ended);
	if (r->printed)
		event_free(r->printed);
	r->ended = r->printed = NULL;
}

static void
set_timer(struct search_run *r, int64_t ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
	if (event_add(r->timer, &tv) < 0)
		fatal("no memory for an event");
}

/* wake is called from the loop, never from inside of whoever began or looked. */
static void
finish(struct search_run *r)
{
	r->over = true;
	set_timer(r, 0);
}

static void
begin_waiting(struct searches *s)
{
	for (struct search_run *r = s->first; r && s->running < SEARCHES_AT_ONCE; r = r->behind)
		if (!r->running && !r->over)
			go_on(r);
}

static void
stop_child(struct search_run *r, enum child_end end, struct child_result *res)
{
	unwatch(r);
	child_finish(&r->child, end, res);
	r->running = false;
	r->all->running--;
}

/* Exit 0 is an answer; anything else is the archive's trouble, which the log tells. */
static void
ended(struct search_run *r, enum child_end end)
{
	struct searches *s = r->all;
	struct search_found *f = r->found[r->i++];
	struct child_result res;
	stop_child(r, end, &res);
	f->done = res.end == CHILD_EXITED && res.code == 0;
	if (f->done)
		f->json = arena_dup(r->arena, buf_slice(&r->out));
	else
		log_warning("%s: the search for \"%s\" did not end well (end %d, code %d)", r->id,
			    log_str(f->words), (int)res.end, res.code);
	if (end == CHILD_TIMEOUT || r->i == r->n)
		finish(r);
	begin_waiting(s);
}

static void
on_child(int fd, short what, void *arg)
{
	struct search_run *r = arg;
	(void)fd;
	(void)what;
	enum child_end end = child_look(&r->child, &r->out);
	if (end != CHILD_TIMEOUT) {
		ended(r, end);
	} else if (r->child.out < 0 && r->printed) {
		event_free(r->printed);
		r->printed = NULL;
	}
}

static void
on_timer(int fd, short what, void *arg)
{
	struct search_run *r = arg;
	(void)fd;
	(void)what;
	if (r->over) {
		r->all->wake(r->all->arg);
		return;
	}
	log_warning("%s: what it searches for takes too long", r->id);
	if (r->running)
		ended(r, CHILD_TIMEOUT);
	else
		finish(r);
}

/* "NAME=value" of our own environment that the program needs to find the same things. */
static const char **
make_env(struct arena *a)
{
	static const char *const names[] = {"PLENARY_CLOCK", "PLENARY_CLOCK_FILE",
					    "PLENARY_DATA_DIR", "ASAN_OPTIONS"};
	const size_t max = sizeof(names) / sizeof(names[0]);
	const char **env = arena_array(a, max + 1, sizeof(*env));
	size_t n = 0;
	for (size_t i = 0; i < max; i++)
		if (getenv(names[i]))
			env[n++] = arena_printf(a, "%s=%s", names[i], getenv(names[i]));
	return env;
}

static int
begin(struct search_run *r, struct err *e)
{
	const struct search_found *f = r->found[r->i];
	struct searches *s = r->all;
	/* A space before the words: they are never an option, and a query does not mind. */
	const char *words = arena_printf(r->arena, " %s", arena_str(r->arena, f->words));
	const char *argv[10] = {s->program, "-f", s->conf->file, "--json", "search"};
	size_t n = 5;
	if (f->list) {
		argv[n++] = "--list";
		argv[n++] = f->list->name;
	}
	argv[n] = words;
	if (child_begin(argv, make_env(r->arena), slice_make(NULL, 0), &r->child, e) < 0)
		return -1;
	buf_clear(&r->out);
	r->running = true;
	s->running++;
	r->ended = event_new(s->loop, r->child.pidfd, EV_READ | EV_PERSIST, on_child, r);
	r->printed = event_new(s->loop, r->child.out, EV_READ | EV_PERSIST, on_child, r);
	if (!r->ended || !r->printed || event_add(r->ended, NULL) < 0 ||
	    event_add(r->printed, NULL) < 0)
		fatal("no memory for an event");
	return 0;
}

static void
go_on(struct search_run *r)
{
	struct err e = {0};
	while (r->i < r->n) {
		if (begin(r, &e) == 0)
			return;
		log_error("%s: %s can't be started: %s", r->id, r->all->program, e.text);
		r->i++;
	}
	finish(r);
}

/* --- asking ----------------------------------------------------------------------------------- */

static struct search_run *
new_run(struct searches *s, struct work *w)
{
	struct search_run *r = arena_zalloc(w->arena, sizeof(*r));
	r->all = s;
	r->arena = w->arena;
	memcpy(r->id, w->id, sizeof(r->id));
	buf_init(&r->out, SEARCH_OUTPUT_MAX);
	r->timer = event_new(s->loop, -1, 0, on_timer, r);
	if (!r->timer)
		fatal("no memory for an event");
	r->before = s->last;
	*(s->last ? &s->last->behind : &s->first) = r;
	s->last = r;
	s->runs++;
	return r;
}

int
search_start(struct searches *s, struct work *w, struct search_run **run)
{
	struct command_search asked[SEARCHES_OF_A_MAIL];
	size_t n = command_searches(w, asked, SEARCHES_OF_A_MAIL);
	*run = NULL;
	w->found = NULL;
	if (n == 0)
		return 0;
	if (s->runs >= SEARCHES_MAX)
		return -1;
	struct search_run *r = *run = new_run(s, w);
	for (size_t i = 0; i < n; i++) {
		struct search_found *f = arena_zalloc(w->arena, sizeof(*f));
		f->list = asked[i].list;
		f->words = asked[i].words;
		f->next = w->found;
		w->found = r->found[r->n++] = f;
	}
	set_timer(r, s->deadline_ms);
	begin_waiting(s);
	return 1;
}

bool
search_is_over(const struct search_run *run)
{
	return run->over;
}

void
search_end(struct search_run *r)
{
	struct child_result res;
	if (!r)
		return;
	if (r->running)
		stop_child(r, CHILD_TIMEOUT, &res);
	event_free(r->timer);
	buf_free(&r->out);
	*(r->before ? &r->before->behind : &r->all->first) = r->behind;
	*(r->behind ? &r->behind->before : &r->all->last) = r->before;
	r->all->runs--;
	begin_waiting(r->all);
}
