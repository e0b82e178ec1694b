/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook: see hook.h. A run is one entry's questions, in order. It waits for a place among those that
 * run, begins a program, is woken by its end, its output or the deadline, and goes on to the next
 * question; after a reject or discard the rest of that list's are not asked.
 */
#include "daemon/hook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "daemon/follow.h"
#include "daemon/hook_answer.h"
#include "daemon/hook_env.h"

#define LAUNCHER "plenary-hook"
#define LISTS_MAX 32 /* lists of one entry whose hooks are asked */

struct hooks {
	struct event_base *loop;
	char launcher[PROGRAM_PATH_MAX];
	struct hook_run *first, *last; /* all runs, in the order of their beginning */
	int running;
	void (*wake)(void *arg);
	void *arg;
};

struct hook_run {
	struct hooks *all;
	struct hook_run *before, *behind;
	/* The struct work may be moved while the run goes on; what it points to may not. */
	struct arena *arena;
	char id[ID_MAX];
	struct slice message;
	const struct conf_list *lists[LISTS_MAX];
	const char **env[LISTS_MAX];
	struct hook_said *said[LISTS_MAX];
	size_t nlists, list, hook; /* the question in hand */
	bool over;
	struct follow follow;
	int64_t begun;
	struct buf reasons;
};

bool
hooks_any(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlists; i++)
		if (conf->lists[i].hooks.n > 0)
			return true;
	return false;
}

/* --- the beginning and the walls ------------------------------------------------------------- */

size_t
hooks_paths(const struct conf *conf, struct arena *a, const struct sandbox_path **paths)
{
	static const struct sandbox_path always[] = {
	    {"/usr", SANDBOX_EXEC}, {"/bin", SANDBOX_EXEC},   {"/sbin", SANDBOX_EXEC},
	    {"/lib", SANDBOX_EXEC}, {"/lib64", SANDBOX_EXEC}, {"/etc", SANDBOX_READ},
	};
	const size_t nalways = sizeof(always) / sizeof(always[0]);
	size_t n = nalways, max = nalways + 1;
	char launcher[PROGRAM_PATH_MAX];
	for (size_t i = 0; i < conf->nlists; i++)
		max += conf->lists[i].hooks.n;
	struct sandbox_path *v = arena_array(a, max, sizeof(*v));
	memcpy(v, always, sizeof(always));
	(void)program_find(LAUNCHER, launcher);
	v[n++] = (struct sandbox_path){sandbox_folder_of(a, arena_str(a, slice_str(launcher))),
				       SANDBOX_EXEC};
	for (size_t i = 0; i < conf->nlists; i++)
		for (size_t k = 0; k < conf->lists[i].hooks.n; k++)
			v[n++] = (struct sandbox_path){
			    sandbox_folder_of(a, conf->lists[i].hooks.v[k]), SANDBOX_EXEC};
	*paths = v;
	return n;
}

struct hooks *
hooks_open(struct event_base *loop, const char *launcher, void (*wake)(void *arg), void *arg)
{
	struct hooks *hs = calloc(1, sizeof(*hs));
	if (!hs)
		fatal("no memory");
	hs->loop = loop;
	hs->wake = wake;
	hs->arg = arg;
	if (launcher)
		snprintf(hs->launcher, sizeof(hs->launcher), "%s", launcher);
	else
		(void)program_find(LAUNCHER, hs->launcher);
	return hs;
}

void
hooks_close(struct hooks *hs)
{
	if (hs && hs->first)
		fatal("hooks are closed while some run");
	free(hs);
}

/* --- what it said ----------------------------------------------------------------------------- */

static const char *
current(const struct hook_run *r)
{
	return r->lists[r->list]->hooks.v[r->hook];
}

/* Notes one verdict; the first that is not pass decides. */
static void
note(struct hook_run *r, enum verdict v)
{
	struct hook_said *s = r->said[r->list];
	if (s->verdict == VERDICT_PASS)
		s->verdict = v;
	r->hook++;
	if (v == VERDICT_REJECT || v == VERDICT_DISCARD)
		r->hook = r->lists[r->list]->hooks.n;
	if (r->hook < r->lists[r->list]->hooks.n)
		return;
	s->reasons = arena_str(r->arena, buf_slice(&r->reasons));
	buf_clear(&r->reasons);
	r->list++;
	r->hook = 0;
}

/* An answer becomes a reason, and if it asks for one a case. */
static void
note_answer(struct hook_run *r, const struct child_result *res)
{
	struct hook_said *s = r->said[r->list];
	struct hook_answer a;
	hook_answer_read(r->arena, current(r), res, buf_slice(&r->follow.out), &a);
	log_info("%s: hook %s of %s: %s (%s), end %d, code %d, %lld ms", r->id,
		 hook_answer_name(current(r)), r->lists[r->list]->name, a.word, log_str(a.line),
		 (int)res->end, res->code, (long long)(clock_mono() - r->begun));
	if (a.case_text) {
		struct hook_case *k = arena_zalloc(r->arena, sizeof(*k));
		k->hook = hook_answer_name(current(r));
		k->text = a.case_text;
		k->next = s->cases;
		s->cases = k;
	}
	if (a.verdict != VERDICT_PASS)
		reasons_put(&r->reasons, a.reason, a.detail);
	note(r, a.verdict);
}

/* --- running ---------------------------------------------------------------------------------- */

static void go_on(struct hook_run *r);

static struct hook_run *
next_waiting(struct hooks *hs)
{
	for (struct hook_run *r = hs->first; r && hs->running < HOOKS_AT_ONCE; r = r->behind) {
		int same = 0;
		if (r->follow.running || r->over)
			continue;
		for (struct hook_run *o = hs->first; o; o = o->behind)
			same += o->follow.running && o->lists[o->list] == r->lists[r->list];
		if (same < HOOKS_OF_A_LIST)
			return r;
	}
	return NULL;
}

static void
begin_waiting(struct hooks *hs)
{
	struct hook_run *r;
	while ((r = next_waiting(hs)) != NULL)
		go_on(r);
}

/* A program has come to its end, or was brought to it. */
static void
ended(void *arg, const struct child_result *res)
{
	struct hook_run *r = arg;
	struct hooks *hs = r->all;
	follow_timer(&r->follow, -1);
	hs->running--;
	note_answer(r, res);
	if (r->list == r->nlists) {
		r->over = true;
		follow_timer(&r->follow, 0);
	}
	begin_waiting(hs);
}

static void
wake(void *arg)
{
	struct hook_run *r = arg;
	r->all->wake(r->all->arg);
}

static int
begin(struct hook_run *r, struct err *e)
{
	const char *argv[] = {r->all->launcher, log_is_debug() ? "-v" : "-q", current(r), NULL};
	if (follow_begin(&r->follow, argv, r->env[r->list], r->message, e) < 0)
		return -1;
	r->begun = clock_mono();
	r->all->running++;
	follow_timer(&r->follow, HOOK_DEADLINE_MS);
	return 0;
}

/* Begins the next program that can be begun. */
static void
go_on(struct hook_run *r)
{
	struct err e = {0};
	while (r->list < r->nlists) {
		if (begin(r, &e) == 0)
			return;
		log_error("%s: hook %s of %s can't be started: %s", r->id,
			  hook_answer_name(current(r)), r->lists[r->list]->name, e.text);
		reasons_put(&r->reasons, REASON_HOOK_START,
			    slice_str(hook_answer_name(current(r))));
		note(r, VERDICT_HOLD);
	}
	r->over = true;
	follow_timer(&r->follow, 0);
}

/* --- asking ----------------------------------------------------------------------------------- */

/* Would the post get as far as the hooks? Then what they are told. 1, 0, -1. */
static int
gets_there(struct work *w, const struct conf_list *l, const char ***env, struct err *e)
{
	struct facts f;
	struct buf reasons;
	enum verdict v;
	if (checks_gather(&f, w, l, e) < 0)
		return -1;
	buf_init(&reasons, 16384);
	checks_run(&f, &v, &reasons);
	buf_free(&reasons);
	if (v != VERDICT_PASS && v != VERDICT_HOLD)
		return 0;
	*env = hook_env(&f);
	return 1;
}

/* The lists to which it is a post, that have hooks, each once. */
static int
find_lists(struct hook_run *r, struct work *w, struct err *e)
{
	struct slice rcpt;
	struct route route;
	for (size_t i = 0; envelope_nth(&w->env, "rcpt", i, &rcpt); i++) {
		size_t k = 0;
		route_classify(w->site->conf, rcpt, &route);
		if (route.function != ROUTE_POST || route.list->hooks.n == 0)
			continue;
		while (k < r->nlists && r->lists[k] != route.list)
			k++;
		if (k < r->nlists || k == LISTS_MAX)
			continue;
		int there = gets_there(w, route.list, &r->env[r->nlists], e);
		if (there < 0)
			return -1;
		if (there)
			r->lists[r->nlists++] = route.list;
	}
	return 0;
}

static void
put_said(struct hook_run *r, struct work *w)
{
	for (size_t i = 0; i < r->nlists; i++) {
		struct hook_said *s = arena_zalloc(w->arena, sizeof(*s));
		s->list = r->lists[i];
		s->reasons = "";
		s->next = w->said;
		w->said = r->said[i] = s;
	}
}

int
hook_start(struct hooks *hs, struct work *w, struct hook_run **run, struct err *e)
{
	struct hook_run *r;
	*run = NULL;
	if (w->approved_by.n > 0 || !hooks_any(w->site->conf))
		return 0;
	r = calloc(1, sizeof(*r));
	if (!r)
		fatal("no memory");
	int ret = find_lists(r, w, e);
	if (ret < 0 || r->nlists == 0) {
		free(r);
		return ret;
	}
	put_said(r, w);
	r->arena = w->arena;
	memcpy(r->id, w->id, sizeof(r->id));
	r->message = w->env.message;
	r->all = hs;
	buf_init(&r->reasons, 16384);
	follow_init(&r->follow, hs->loop, HOOK_OUTPUT_MAX, ended, wake, r);
	r->before = hs->last;
	*(hs->last ? &hs->last->behind : &hs->first) = r;
	hs->last = r;
	begin_waiting(hs);
	*run = r;
	return 1;
}

bool
hook_is_over(const struct hook_run *r)
{
	return r->over;
}

void
hook_end(struct hook_run *r)
{
	if (!r)
		return;
	struct hooks *hs = r->all;
	hs->running -= r->follow.running;
	follow_free(&r->follow);
	*(r->before ? &r->before->behind : &hs->first) = r->behind;
	*(r->behind ? &r->behind->before : &hs->last) = r->before;
	buf_free(&r->reasons);
	free(r);
	begin_waiting(hs);
}
