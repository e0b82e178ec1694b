/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/graft.h"

#include <stdlib.h>
#include <string.h>

#include "archive/overview.h"
#include "base/log.h"

struct grafts {
	struct nodes *nodes;
	struct threads *threads;
	struct marks *marks;
	struct ids reindex; /* threads whose root has changed */
};

struct grafts *
grafts_new(struct nodes *ns, struct threads *threads, struct marks *marks)
{
	struct grafts *g = calloc(1, sizeof *g);

	if (!g)
		fatal("no memory");
	g->nodes = ns;
	g->threads = threads;
	g->marks = marks;
	return g;
}

void
grafts_free(struct grafts *g)
{
	if (!g)
		return;
	free(g->reindex.v);
	free(g);
}

void
grafts_forget(struct grafts *g)
{
	g->reindex.n = 0;
}

/* --- marks ------------------------------------------------------------------------------------ */

void
graft_mark(struct grafts *g, const struct node *n)
{
	if (n->state != OVERVIEW_GHOST)
		marks_page(g->marks, DIRTY_MESSAGE, n->list, n->id, 0);
}

static int
mark_row(struct grafts *g, int64_t id, struct err *e)
{
	struct node n;

	if (id == 0)
		return 0;
	if (node_get(g->nodes, id, &n, e) < 0)
		return -1;
	graft_mark(g, &n);
	return 0;
}

/* Pages that name n: its parent's, its children's, and those beside it in time. */
int
graft_mark_around(struct grafts *g, const struct node *n, struct err *e)
{
	struct ids ids = {0};
	int64_t before, after;
	int ret = -1;

	if (nodes_beside(g->nodes, n->list, n->date, n->rank, &before, &after, e) < 0 ||
	    node_children(g->nodes, n->id, &ids, e) < 0)
		goto out;
	ids_put(&ids, before);
	ids_put(&ids, after);
	ids_put(&ids, n->parent);
	for (size_t i = 0; i < ids.n; i++)
		if (mark_row(g, ids.v[i], e) < 0)
			goto out;
	ret = 0;
out:
	free(ids.v);
	return ret;
}

static void
put_unindexed(void *arg, const struct node *n)
{
	if (n->state == OVERVIEW_PRESENT)
		ids_put(arg, n->id);
}

/* The index has each message's thread by its root's key. */
static int
reindex(struct grafts *g, int64_t thread, struct err *e)
{
	struct ids ids = {0};
	int ret = nodes_of_thread(g->nodes, thread, put_unindexed, &ids, e);

	for (size_t i = 0; ret == 0 && i < ids.n; i++)
		ret = marks_unindexed_add(g->marks, ids.v[i], e);
	free(ids.v);
	return ret;
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int
grafts_flush(struct grafts *g, struct err *e)
{
	struct ids *t = &g->reindex;
	int ret = 0;

	if (t->n > 0)
		qsort(t->v, t->n, sizeof *t->v, by_number);
	for (size_t i = 0; ret == 0 && i < t->n; i++)
		if (i == 0 || t->v[i] != t->v[i - 1])
			ret = reindex(g, t->v[i], e);
	t->n = 0;
	return ret;
}

/* --- threads ---------------------------------------------------------------------------------- */

static int
thread_of(struct grafts *g, int64_t id, struct thread *th, struct err *e)
{
	int r = threads_get(g->threads, id, th, e);

	if (r == 0)
		return err_permanent(e, "the overview is damaged: thread %lld is missing",
				     (long long)id);
	return r < 0 ? -1 : 0;
}

static void
count_node(void *arg, const struct node *n)
{
	struct thread *th = arg;

	th->nodes++;
	if (n->state == OVERVIEW_PRESENT)
		thread_count(th, n->id, n->date, n->rank);
}

/* Sums of a thread anew, from its nodes. */
int
graft_recount(struct grafts *g, int64_t thread, struct err *e)
{
	struct thread was, th;

	if (thread_of(g, thread, &was, e) < 0)
		return -1;
	th = was;
	th.nodes = th.messages = th.first = th.first_rank = th.first_id = th.last = 0;
	if (nodes_of_thread(g->nodes, thread, count_node, &th, e) < 0)
		return -1;
	return threads_put(g->threads, &was, &th, e);
}

/* u and all below it become a thread of their own. */
static int
split(struct grafts *g, const struct node *u, struct err *e)
{
	struct thread th = {
	    .list = u->list, .root = u->id, .root_epoch = threads_epoch(g->threads)};
	struct ids ids = {0};
	struct node n;
	int ret = -1;

	memcpy(th.root_key, u->key, NODE_KEY_SIZE);
	if (threads_add(g->threads, &th, e) < 0)
		return -1;
	ids_put(&ids, u->id);
	for (size_t i = 0; i < ids.n; i++) {
		if (node_children(g->nodes, ids.v[i], &ids, e) < 0 ||
		    node_get(g->nodes, ids.v[i], &n, e) < 0)
			goto out;
		n.thread = th.id;
		if (node_put_place(g->nodes, &n, e) < 0)
			goto out;
	}
	ids_put(&g->reindex, th.id);
	ret = graft_recount(g, u->thread, e) < 0 || graft_recount(g, th.id, e) < 0 ? -1 : 0;
out:
	free(ids.v);
	return ret;
}

/*
 * The tree of the root u becomes part of the thread `into`. The smaller one is relabelled, so that
 * a node is relabelled at most log n times on its way into a thread of n.
 */
static int
merge(struct grafts *g, const struct node *u, int64_t into, struct err *e)
{
	struct thread a, b, now, *stays = &b, *goes = &a;

	if (thread_of(g, u->thread, &a, e) < 0 || thread_of(g, into, &b, e) < 0)
		return -1;
	if (a.nodes > b.nodes) {
		stays = &a;
		goes = &b;
	}
	now = *stays;
	thread_absorb(&now, goes);
	now.root = b.root;
	now.root_epoch = b.root_epoch;
	memcpy(now.root_key, b.root_key, NODE_KEY_SIZE);
	/* Pages that were made in an earlier transaction may lead to /t/ of the old root. */
	if (a.root_epoch != threads_epoch(g->threads) && a.messages > 0)
		marks_page(g->marks, DIRTY_ALIAS, a.list, u->id, 0);
	if (stays == &a)
		ids_put(&g->reindex, a.id);
	else if (reindex(g, a.id, e) < 0)
		return -1;
	if (nodes_relabel(g->nodes, goes->id, stays->id, e) < 0 ||
	    threads_remove(g->threads, goes, e) < 0)
		return -1;
	return threads_put(g->threads, stays, &now, e);
}

/* Moves u under p (0: nowhere), which must not be below u. */
int
graft(struct grafts *g, int64_t uid, int64_t pid, struct err *e)
{
	struct node u, p;
	bool was_root;

	if (node_get(g->nodes, uid, &u, e) < 0)
		return -1;
	if (u.parent == pid)
		return 0;
	graft_mark(g, &u);
	marks_page(g->marks, DIRTY_THREAD, u.list, u.thread, 1);
	if (mark_row(g, u.parent, e) < 0 || mark_row(g, pid, e) < 0)
		return -1;
	was_root = u.parent == 0;
	u.parent = pid;
	if (node_put_place(g->nodes, &u, e) < 0)
		return -1;
	if (pid != 0) {
		if (node_get(g->nodes, pid, &p, e) < 0)
			return -1;
		if (p.thread == u.thread)
			return 0;
	}
	if (!was_root && (split(g, &u, e) < 0 || node_get(g->nodes, uid, &u, e) < 0))
		return -1;
	return pid == 0 ? 0 : merge(g, &u, p.thread, e);
}

/* A new row below parent (id 0: a root with a thread of its own), with its counts. */
int
graft_new(struct grafts *g, struct node *n, const struct node *parent, struct slice msgid,
	  struct err *e)
{
	struct thread th = {
	    .list = n->list, .root = nodes_next(g->nodes), .root_epoch = threads_epoch(g->threads)};
	struct thread was = th;

	memcpy(th.root_key, n->key, NODE_KEY_SIZE);
	if (parent->id != 0 && thread_of(g, parent->thread, &was, e) < 0)
		return -1;
	if (parent->id != 0)
		th = was;
	th.nodes++;
	if (n->state == OVERVIEW_PRESENT) {
		thread_count(&th, nodes_next(g->nodes), n->date, n->rank);
		threads_month(g->threads, n->list, n->date, 1);
	}
	if (parent->id != 0 ? threads_put(g->threads, &was, &th, e) < 0
			    : threads_add(g->threads, &th, e) < 0)
		return -1;
	if (parent->id != 0)
		graft_mark(g, parent);
	n->parent = parent->id;
	n->thread = th.id;
	return node_insert(g->nodes, n, msgid, e);
}
