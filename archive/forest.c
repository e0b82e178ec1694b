/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two layers: the graph of wishes (wanted), which only says what the messages say, and the forest
 * (parent), which is the same but for one cut a circle. wish() keeps the two in step. All walks
 * are loops.
 */
#include "archive/forest.h"

#include <stdlib.h>
#include <string.h>

#include "archive/graft.h"
#include "archive/overview.h"
#include "archive/wanted.h"
#include "base/log.h"

struct forest {
	struct nodes *nodes;
	struct threads *threads;
	struct marks *marks;
	struct grafts *grafts;
	struct digests *digests;
	struct wanted wanted;
};

struct forest *
forest_new(struct nodes *ns, struct threads *threads, struct marks *marks, struct digests *digests)
{
	struct forest *f = calloc(1, sizeof *f);

	if (!f)
		fatal("no memory");
	f->nodes = ns;
	f->threads = threads;
	f->marks = marks;
	f->grafts = grafts_new(ns, threads, marks);
	f->digests = digests;
	f->wanted = (struct wanted){ns, digests};
	return f;
}

void
forest_free(struct forest *f)
{
	if (!f)
		return;
	grafts_free(f->grafts);
	free(f);
}

int
forest_flush(struct forest *f, struct err *e)
{
	return grafts_flush(f->grafts, e);
}

void
forest_forget(struct forest *f)
{
	grafts_forget(f->grafts);
}

/* --- the graph of wishes ---------------------------------------------------------------------- */

/* Should a circle rather be cut at a than at b? */
static bool
cut_before(const struct node *a, const struct node *b)
{
	bool ghost_a = a->state == OVERVIEW_GHOST, ghost_b = b->state == OVERVIEW_GHOST;

	if (a->weak != b->weak)
		return a->weak;
	if (ghost_a != ghost_b)
		return ghost_b;
	if (!ghost_a && a->want_date != b->want_date)
		return a->want_date < b->want_date;
	if (!ghost_a && a->want_rank != b->want_rank)
		return a->want_rank < b->want_rank;
	return memcmp(a->key, b->key, NODE_KEY_SIZE) < 0;
}

/* If u is in a circle, opens it: its cut member hangs where it wants to, and u nowhere. */
static int
open_circle(struct forest *f, const struct node *u, struct err *e)
{
	struct node root = *u, n;
	int64_t id;

	while (root.parent != 0)
		if (node_get(f->nodes, root.parent, &root, e) < 0)
			return -1;
	if (!root.cut)
		return 0;
	for (id = root.wanted; id != u->id && id != root.id; id = n.parent)
		if (node_get(f->nodes, id, &n, e) < 0)
			return -1;
	if (id != u->id && u->id != root.id)
		return 0;
	root.cut = false;
	if (node_put_wish(f->nodes, &root, e) < 0)
		return -1;
	if (root.id == u->id)
		return 0;
	return graft(f->grafts, u->id, 0, e) < 0 ? -1 : graft(f->grafts, root.id, root.wanted, e);
}

/* Hangs u where it wants to, and cuts the circle if that closes one. */
static int
follow_wish(struct forest *f, const struct node *u, struct err *e)
{
	struct node best = *u, n;
	int64_t id;

	for (id = u->wanted; id != 0 && id != u->id; id = n.parent) {
		if (node_get(f->nodes, id, &n, e) < 0)
			return -1;
		if (cut_before(&n, &best))
			best = n;
	}
	if (id == 0)
		return graft(f->grafts, u->id, u->wanted, e);
	best.cut = true;
	if (node_put_wish(f->nodes, &best, e) < 0 || graft(f->grafts, u->id, 0, e) < 0)
		return -1;
	if (best.id == u->id)
		return 0;
	return graft(f->grafts, best.id, 0, e) < 0 ? -1 : graft(f->grafts, u->id, u->wanted, e);
}

/*
 * The row uid becomes as now says (its wish, its state and date: they decide where a circle is
 * cut), and the forest follows.
 */
static int
wish(struct forest *f, const struct node *now, struct err *e)
{
	struct node u;

	if (node_get(f->nodes, now->id, &u, e) < 0)
		return -1;
	if (u.wanted != 0 && open_circle(f, &u, e) < 0)
		return -1;
	if (node_get(f->nodes, now->id, &u, e) < 0)
		return -1;
	u.state = now->state;
	u.date = now->date;
	u.rank = now->rank;
	u.subject = now->subject;
	u.bare = now->bare;
	u.wanted = now->wanted;
	u.weak = now->weak;
	u.want_date = now->want_date;
	u.want_rank = now->want_rank;
	if (node_put_message(f->nodes, &u, e) < 0 || node_put_wish(f->nodes, &u, e) < 0)
		return -1;
	return follow_wish(f, &u, e);
}

/* --- planting --------------------------------------------------------------------------------- */

static bool
speaks_before(const struct planting *p, const struct node *n)
{
	return p->date < n->want_date || (p->date == n->want_date && p->rank < n->want_rank);
}

/* The i-th reference is not known: a ghost, below the one before it. */
static int
plant_ghost(struct forest *f, const struct planting *p, size_t i, const struct node *before,
	    struct node *n, struct err *e)
{
	*n = (struct node){.list = p->list,
			   .state = OVERVIEW_GHOST,
			   .wanted = before->id,
			   .want_date = i > 0 ? p->date : INT64_MAX,
			   .want_rank = i > 0 ? p->rank : INT64_MAX};
	memcpy(n->key, p->refs[i].key, NODE_KEY_SIZE);
	return graft_new(f->grafts, n, before, p->refs[i].msgid, e);
}

/* The ghost n hears from p that its parent is `wanted`. */
static int
vote(struct forest *f, const struct planting *p, int64_t wanted, struct node *n, struct err *e)
{
	bool same = n->wanted == wanted;

	n->want_date = p->date;
	n->want_rank = p->rank;
	n->wanted = wanted;
	if (same)
		return node_put_wish(f->nodes, n, e);
	/* Grafting may put it, and all around it, into another thread. */
	return wish(f, n, e) < 0 ? -1 : node_get(f->nodes, n->id, n, e);
}

/* Nodes for all references, ghosts where there is nothing, with this message's votes for the
 * parents of ghosts. *last: the node of the last reference, id 0 if there is none. */
static int
plant_refs(struct forest *f, const struct planting *p, struct node *last, struct err *e)
{
	struct node n;
	int r;

	*last = (struct node){0};
	for (size_t i = 0; i < p->nrefs; i++, *last = n) {
		r = node_find(f->nodes, p->list, p->refs[i].key, &n, e);
		if (r < 0)
			return -1;
		if (r == 0) {
			if (plant_ghost(f, p, i, last, &n, e) < 0)
				return -1;
		} else if (n.state == OVERVIEW_GHOST && i > 0 && speaks_before(p, &n)) {
			if (vote(f, p, last->id, &n, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* A ghost becomes the message n; its children were waiting for it. */
static int
awake(struct forest *f, const struct node *n, struct err *e)
{
	struct thread was, th;
	struct node old;

	if (node_get(f->nodes, n->id, &old, e) < 0 ||
	    threads_get(f->threads, old.thread, &was, e) != 1)
		return -1;
	th = was;
	thread_count(&th, n->id, n->date, n->rank);
	threads_month(f->threads, n->list, n->date, 1);
	/* First of all it is counted: what moves below is counted anew. */
	if (threads_put(f->threads, &was, &th, e) < 0 || node_put_message(f->nodes, n, e) < 0)
		return -1;
	return wish(f, n, e);
}

/*
 * Another message with an id that is taken: below the one that has the id's key (home). A home that
 * is a ghost does not come about in one archive's life; a log with holes may bring it.
 */
static int
plant_twin(struct forest *f, const struct planting *p, struct node *n, int64_t *base, struct err *e)
{
	struct node home, wishes = *n;
	int r = node_find(f->nodes, p->list, p->id_key, &home, e);

	if (r == 0) {
		home = (struct node){.list = p->list,
				     .state = OVERVIEW_GHOST,
				     .want_date = INT64_MAX,
				     .want_rank = INT64_MAX};
		memcpy(home.key, p->id_key, NODE_KEY_SIZE);
		r = graft_new(f->grafts, &home, &(struct node){0}, p->msgid, e);
	}
	if (r < 0)
		return -1;
	n->twin_of = n->wanted = home.id;
	n->weak = false;
	if (graft_new(f->grafts, n, &home, p->msgid, e) < 0)
		return -1;
	*base = home.id;
	if (home.state == OVERVIEW_GHOST || !speaks_before(p, &home))
		return 0;
	home.want_date = p->date;
	home.want_rank = p->rank;
	home.wanted = wishes.wanted;
	home.weak = wishes.weak;
	return wish(f, &home, e);
}

static void
node_of(struct node *n, const struct planting *p)
{
	*n = (struct node){.list = p->list,
			   .state = OVERVIEW_PRESENT,
			   .date = p->date,
			   .rank = p->rank,
			   .want_date = p->date,
			   .want_rank = p->rank,
			   .subject = p->subject,
			   .bare = p->nrefs == 0 && p->reply_mark && !p->digest};
	memcpy(n->key, p->key, NODE_KEY_SIZE);
}

/* The row with its id, before it is planted; 0 if there is none. */
static int
home_of(struct forest *f, const struct planting *p, const struct node *there, int64_t *home,
	struct err *e)
{
	struct node n;
	int r;

	*home = there->id;
	if (memcmp(p->key, p->id_key, NODE_KEY_SIZE) == 0)
		return 0;
	r = node_find(f->nodes, p->list, p->id_key, &n, e);
	*home = r == 1 ? n.id : 0;
	return r < 0 ? -1 : 0;
}

/* n has its row: what is known of it by its quotes, and who waited for it. base: as in wanted.h. */
static int
tell(struct forest *f, const struct planting *p, const struct node *n, int64_t ref, int64_t base,
     const struct digest_target *best, struct err *e)
{
	struct ids moved = {0};
	struct node home;
	int ret = -1, r;

	if (p->digest && digests_add_reply(f->digests, n, ref, p->digest, best, e) < 0)
		goto out;
	if (p->trace.n > 0 && digests_add_trace(f->digests, n->id, p->trace, e) < 0)
		goto out;
	r = wanted_by_next(&f->wanted, n, base, &home, e);
	if (r < 0 || (r == 1 && wish(f, &home, e) < 0))
		goto out;
	if (digests_met(f->digests, n, base, p->trace, &moved, e) < 0)
		goto out;
	for (size_t i = 0; i < moved.n; i++) {
		r = wanted_again(&f->wanted, moved.v[i], &home, e);
		if (r < 0 || (r == 1 && wish(f, &home, e) < 0))
			goto out;
	}
	ret = 0;
out:
	free(moved.v);
	return ret;
}

/* Puts n into the forest; *base is the row with its id. */
static int
plant(struct forest *f, const struct planting *p, struct node *n, const struct node *there,
      const struct node *parent, int64_t *base, struct err *e)
{
	if (memcmp(p->key, p->id_key, NODE_KEY_SIZE) != 0)
		return plant_twin(f, p, n, base, e);
	if (there->id != 0) {
		n->id = *base = there->id;
		return awake(f, n, e);
	}
	/* Nobody has named it yet, so no circle can close. */
	if (graft_new(f->grafts, n, parent, p->msgid, e) < 0)
		return -1;
	*base = n->id;
	return 0;
}

int
forest_plant(struct forest *f, const struct planting *p, int64_t *id, struct err *e)
{
	struct node n, there = {0}, last, parent;
	struct digest_target best;
	int64_t base, home;
	int r = node_find(f->nodes, p->list, p->key, &there, e);

	if (r < 0)
		return -1;
	if (r == 1 && there.state != OVERVIEW_GHOST) {
		*id = there.id;
		return 0;
	}
	node_of(&n, p);
	if (plant_refs(f, p, &last, e) < 0 || home_of(f, p, &there, &home, e) < 0 ||
	    wanted_by(&f->wanted, p, &n, &last, home, &parent, &best, e) < 0 ||
	    plant(f, p, &n, &there, &parent, &base, e) < 0)
		return -1;
	*id = n.id;
	if (node_get(f->nodes, n.id, &n, e) < 0)
		return -1;
	graft_mark(f->grafts, &n);
	if (marks_unindexed_add(f->marks, n.id, e) < 0 || graft_mark_around(f->grafts, &n, e) < 0)
		return -1;
	return tell(f, p, &n, last.id, base, &best, e) < 0 ? -1 : 1;
}

int
forest_withdraw(struct forest *f, int64_t id, struct err *e)
{
	struct node n;

	if (node_get(f->nodes, id, &n, e) < 0)
		return -1;
	if (n.state != OVERVIEW_PRESENT)
		return err_permanent(e, "there is no such message, or it is withdrawn already");
	n.state = OVERVIEW_WITHDRAWN;
	if (node_put_message(f->nodes, &n, e) < 0 || graft_recount(f->grafts, n.thread, e) < 0 ||
	    digests_withdraw(f->digests, id, e) < 0)
		return -1;
	threads_month(f->threads, n.list, n.date, -1);
	/* The index looks at it once more, and takes it out. */
	if (marks_unindexed_add(f->marks, id, e) < 0)
		return -1;
	graft_mark(f->grafts, &n);
	return graft_mark_around(f->grafts, &n, e);
}
