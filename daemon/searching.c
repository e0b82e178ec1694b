/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * searching: see searching.h. A run is one entry's questions, one after the other; it waits for a
 * place among those that run, and its time runs from the beginning, so that whoever asks for many
 * slow ones waits for herself.
 */
#include "config.h"
#include "daemon/searching.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/program.h"
#include "conf/data.h"
#include "daemon/command.h"
#include "daemon/follow.h"

#define PROGRAM "plenary-archive"

struct searches {
	struct event_base *loop;
	const struct conf *conf;
	char program[PROGRAM_PATH_MAX];
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
	bool over;
	struct follow follow;
};

/* --- the beginning and the walls ------------------------------------------------------------- */

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
	char program[PROGRAM_PATH_MAX];
	size_t n = 0;
	if (!program_find(PROGRAM, program))
		return 0;
	v[n++] = (struct sandbox_path){arena_str(a, slice_str(program)), SANDBOX_EXEC};
	for (size_t i = 0; i < nloaders; i++)
		v[n++] = (struct sandbox_path){loaders[i], SANDBOX_EXEC};
	for (int i = 0; i < nplaces; i++) {
		v[n++] = (struct sandbox_path){places[i].templates, SANDBOX_READ};
		v[n++] = (struct sandbox_path){places[i].catalogues, SANDBOX_READ};
	}
	v[n++] = (struct sandbox_path){sandbox_folder_of(a, conf->file), SANDBOX_READ};
	for (size_t i = 0; i < conf->nlists; i++) {
		const char *folder = sandbox_folder_of(a, conf->lists[i].file);
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
		(void)program_find(PROGRAM, s->program);
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

/* wake is called from the loop, never from inside of whoever began or looked. */
static void
finish(struct search_run *r)
{
	r->over = true;
	follow_timer(&r->follow, 0);
}

static void
begin_waiting(struct searches *s)
{
	for (struct search_run *r = s->first; r && s->running < SEARCHES_AT_ONCE; r = r->behind)
		if (!r->follow.running && !r->over)
			go_on(r);
}

/* Exit 0 is an answer; anything else is the archive's trouble, which the log tells. */
static void
ended(void *arg, const struct child_result *res)
{
	struct search_run *r = arg;
	struct searches *s = r->all;
	struct search_found *f = r->found[r->i++];
	s->running--;
	f->done = res->end == CHILD_EXITED && res->code == 0;
	if (res->end == CHILD_TIMEOUT)
		log_warning("%s: what it searches for takes too long", r->id);
	if (f->done)
		f->json = arena_dup(r->arena, buf_slice(&r->follow.out));
	else
		log_warning("%s: the search for \"%s\" did not end well (end %d, code %d)", r->id,
			    log_str(f->words), (int)res->end, res->code);
	if (res->end == CHILD_TIMEOUT || r->i == r->n)
		finish(r);
	begin_waiting(s);
}

static void
timed(void *arg)
{
	struct search_run *r = arg;
	if (r->over) {
		r->all->wake(r->all->arg);
		return;
	}
	log_warning("%s: what it searches for takes too long", r->id);
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
	if (follow_begin(&r->follow, argv, make_env(r->arena), slice_make(NULL, 0), e) < 0)
		return -1;
	s->running++;
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
	follow_init(&r->follow, s->loop, SEARCH_OUTPUT_MAX, ended, timed, r);
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
	follow_timer(&r->follow, s->deadline_ms);
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
	if (!r)
		return;
	r->all->running -= r->follow.running;
	follow_free(&r->follow);
	*(r->before ? &r->before->behind : &r->all->first) = r->behind;
	*(r->behind ? &r->behind->before : &r->all->last) = r->before;
	r->all->runs--;
	begin_waiting(r->all);
}
