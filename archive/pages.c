/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks become jobs: one a thread, so that a thread's rows are read and its messages rendered once
 * however many marks name them; then months, lists and the front page.
 */
#include "config.h"
#include "archive/pages.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/atom.h"
#include "archive/boxes.h"
#include "archive/conversation.h"
#include "archive/list_page.h"
#include "archive/message_page.h"
#include "archive/month_page.h"
#include "archive/press.h"
#include "archive/rules_page.h"
#include "archive/site_page.h"
#include "archive/thread_page.h"
#include "base/log.h"

struct pages {
	struct press press;
	struct arena *batch;
};

/* What is wanted of a thread: message, if not 0, one of its messages. Sorted, jobs of one thread
 * stand together. */
struct job {
	int64_t thread, message;
	int from;    /* its pages from this one on; 0: none */
	bool beside; /* all of its pages, and nothing else: threads beside it are others */
	bool box;    /* its mailbox and feed */
	bool whole;  /* it has another key now: all of its messages' pages lead there */
};

int
pages_open(struct pages **out, const struct conf *conf, struct overview *ov, struct store *st,
	   struct err *e)
{
	struct pages *pg = calloc(1, sizeof *pg);

	*out = NULL;
	if (!pg)
		fatal("no memory");
	if (press_open(&pg->press, conf, ov, st, e) < 0) {
		free(pg);
		return -1;
	}
	pg->batch = arena_new();
	*out = pg;
	return 0;
}

void
pages_close(struct pages *pg)
{
	if (!pg)
		return;
	press_close(&pg->press);
	arena_free(pg->batch);
	free(pg);
}

int64_t
pages_written(const struct pages *pg)
{
	return pg->press.written;
}

/* --- one thread --------------------------------------------------------------------------------
 */

/* Two passes: a new message is named by those before and behind it in the thread, too. */
static int
write_messages(struct press *p, const struct conversation *c, bool *wanted, struct err *e)
{
	bool *named = arena_array(p->arena, c->n, sizeof *named), made;

	for (size_t i = 0; i < c->n; i++) {
		size_t k;

		if (!wanted[i] || c->rows[i].state == OVERVIEW_GHOST)
			continue;
		if (message_page(p, c, i, &made, e) < 0)
			return -1;
		if (!made)
			continue;
		for (k = i; k-- > 0 && c->rows[k].state == OVERVIEW_GHOST;)
			continue;
		if (k < c->n)
			named[k] = true;
		for (k = i + 1; k < c->n && c->rows[k].state == OVERVIEW_GHOST;)
			k++;
		if (k < c->n)
			named[k] = true;
	}
	for (size_t i = 0; i < c->n; i++)
		if (named[i] && !wanted[i] && c->rows[i].state != OVERVIEW_GHOST &&
		    message_page(p, c, i, NULL, e) < 0)
			return -1;
	return 0;
}

/* A page that changed: its messages' own pages say on which page they are, which one they are of
 * how many, and who answered whom around them. */
static void
want_page(const struct conversation *c, int page, bool *wanted)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->pages[i] == page)
			wanted[i] = true;
}

static int
write_thread(struct press *p, const struct conversation *c, const struct job *j, bool *wanted,
	     struct err *e)
{
	char *root = arena_printf(p->arena, "%s/t/%s", c->info.list, c->info.root_key);
	char there[64];

	/* An alias that is a root again. */
	if (readlinkat(p->html, root, there, sizeof there) >= 0 && press_remove(p, root, e) < 0)
		return -1;
	if (c->n == 0)
		return press_remove(p, root, e);
	for (int page = 1; page <= c->npages; page++) {
		bool changed = j->from > 0 && page >= j->from;
		int r = changed || j->beside ? thread_page(p, c, page, e) : 0;

		if (r < 0)
			return -1;
		if (r > 0 && changed)
			want_page(c, page, wanted);
	}
	if (j->from > 0 && thread_page_trim(p, c, e) < 0)
		return -1;
	if (j->box && (boxes_thread(p, c, e) < 0 || atom_thread(p, c, e) < 0))
		return -1;
	return write_messages(p, c, wanted, e);
}

/* All jobs of one thread: js[0..n). */
static int
do_thread(struct press *p, const struct job *js, size_t n, struct err *e)
{
	struct job all = {.thread = js[0].thread};
	struct conversation c;
	bool *wanted;
	int r;

	arena_reset(p->arena);
	render_trim(p->render, false);
	r = conversation_load(&c, p->overview, p->arena, all.thread, e);
	if (r <= 0)
		return r;
	wanted = arena_array(p->arena, c.n, sizeof *wanted);
	for (size_t i = 0; i < n; i++) {
		size_t at =
		    js[i].message ? conversation_find(&c, js[i].message) : CONVERSATION_NONE;

		if (at != CONVERSATION_NONE)
			wanted[at] = true;
		if (js[i].from > 0 && (all.from == 0 || js[i].from < all.from))
			all.from = js[i].from;
		all.beside = all.beside || js[i].beside;
		all.box = all.box || js[i].box;
		all.whole = all.whole || js[i].whole;
	}
	for (size_t i = 0; all.whole && i < c.n; i++)
		wanted[i] = true;
	return write_thread(p, &c, &all, wanted, e);
}

/* --- marks to jobs -----------------------------------------------------------------------------
 */

static int
by_thread(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	return x->thread < y->thread ? -1 : x->thread > y->thread;
}

/* The way from an old thread's key to the thread that has its messages now. */
static int
write_alias(struct press *p, const struct overview_message *m, struct err *e)
{
	struct overview_thread t;
	int r = overview_thread_info(p->overview, p->arena, m->thread, &t, e);

	return r <= 0 ? r : thread_page_alias(p, m->list, m->key, t.root_key, e);
}

/* The job of a mark that names a row; thread 0 if the row is gone. */
static int
job_of_row(struct press *p, const struct dirty *d, struct job *j, struct err *e)
{
	struct overview_message m;
	int r = overview_by_id(p->overview, p->arena, d->ref, &m, e);

	if (r <= 0)
		return r;
	*j = (struct job){.thread = m.thread, .message = d->ref};
	if (d->kind != DIRTY_ALIAS)
		return 0;
	j->whole = true;
	return write_alias(p, &m, e);
}

static int
gather_jobs(struct pages *pg, const struct dirty *ds, size_t n, struct job *js, size_t *njobs,
	    struct err *e)
{
	*njobs = 0;
	for (size_t i = 0; i < n; i++) {
		struct job j = {.thread = 0};

		arena_reset(pg->press.arena);
		if (ds[i].kind == DIRTY_MESSAGE || ds[i].kind == DIRTY_ALIAS) {
			if (job_of_row(&pg->press, &ds[i], &j, e) < 0)
				return -1;
		} else if (ds[i].kind == DIRTY_THREAD) {
			j.thread = ds[i].ref;
			j.from = ds[i].arg < 1 ? 1 : (int)ds[i].arg;
			j.box = true;
		} else if (ds[i].kind == DIRTY_THREAD_BESIDE) {
			j.thread = ds[i].ref;
			j.beside = true;
		} else if (ds[i].kind == DIRTY_MBOX_THREAD) {
			j.thread = ds[i].ref;
			j.box = true;
		}
		if (j.thread != 0)
			js[(*njobs)++] = j;
	}
	qsort(js, *njobs, sizeof *js, by_thread);
	return 0;
}

static int
do_threads(struct pages *pg, const struct dirty *ds, size_t n, struct err *e)
{
	struct job *js = arena_array(pg->batch, n, sizeof *js);
	size_t njobs, to;

	if (gather_jobs(pg, ds, n, js, &njobs, e) < 0)
		return -1;
	for (size_t i = 0; i < njobs; i = to) {
		for (to = i + 1; to < njobs && js[to].thread == js[i].thread;)
			to++;
		if (do_thread(&pg->press, js + i, to - i, e) < 0)
			return -1;
	}
	return 0;
}

/* --- the others --------------------------------------------------------------------------------
 */

static int
do_list(struct press *p, const char *name, struct err *e)
{
	const struct conf_list *list = press_list(p, name);

	if (list_page(p, name, e) < 0 || atom_list(p, name, e) < 0)
		return -1;
	return list ? opens_page(p, list, e) : 0;
}

static int
do_mark(struct press *p, const struct dirty *d, struct err *e)
{
	arena_reset(p->arena);
	render_trim(p->render, false);
	switch (d->kind) {
	case DIRTY_MBOX_MONTH:
		return boxes_month(p, d->list, (int)d->ref, e);
	case DIRTY_LIST:
		return do_list(p, d->list, e);
	case DIRTY_FRONT:
		return front_page(p, e) < 0 || site_map(p, e) < 0 ? -1 : 0;
	case DIRTY_MESSAGE:
	case DIRTY_THREAD:
	case DIRTY_MBOX_THREAD:
	case DIRTY_ALIAS:
	case DIRTY_MONTH:
	case DIRTY_MONTH_FIRST:
	case DIRTY_MONTH_THREAD:
	case DIRTY_THREAD_BESIDE:
		break;
	}
	return 0; /* done with its thread or month */
}

int
pages_write(struct pages *pg, const struct dirty *ds, size_t n, struct err *e)
{
	int ret = -1;

	arena_reset(pg->batch);
	if (do_threads(pg, ds, n, e) < 0 || month_pages_marked(&pg->press, pg->batch, ds, n, e) < 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		if (do_mark(&pg->press, &ds[i], e) < 0)
			goto out;
	ret = 0;
out:
	/* Rows may have other numbers next time (a rebuild). */
	render_trim(pg->press.render, true);
	return ret < 0 ? err_prefix(e, "pages") : 0;
}

int
pages_static(struct pages *pg, struct err *e)
{
	struct press *p = &pg->press;

	arena_reset(p->arena);
	if (site_style(p, e) < 0 || site_robots(p, e) < 0 || site_map(p, e) < 0 ||
	    front_page(p, e) < 0)
		return err_prefix(e, "pages");
	for (size_t i = 0; i < p->conf->nlists; i++) {
		const struct conf_list *list = &p->conf->lists[i];

		arena_reset(p->arena);
		if (do_list(p, list->name, e) < 0 || about_page(p, list, e) < 0 ||
		    conduct_page(p, list, e) < 0)
			return err_prefix(e, "pages");
		render_trim(p->render, true);
	}
	return 0;
}

int
pages_conduct(struct pages *pg, const struct conf_list *list, struct err *e)
{
	arena_reset(pg->press.arena);
	return about_page(&pg->press, list, e) < 0 || conduct_page(&pg->press, list, e) < 0
		   ? err_prefix(e, "pages")
		   : 0;
}

int
pages_drop_list(struct pages *pg, const char *list, struct err *e)
{
	return press_remove(&pg->press, list, e);
}
