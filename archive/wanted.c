/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/wanted.h"

#include "archive/overview.h"

static bool
within_window(const struct node *a, const struct node *b)
{
	return (a->date > b->date ? a->date - b->date : b->date - a->date) <= FOREST_SUBJECT_WINDOW;
}

/* The row with n's Message-ID: n itself, or of a twin the one it hangs on. */
static int
home_of(const struct wanted *w, const struct node *n, struct node *home, struct err *e)
{
	*home = *n;
	return n->twin_of == 0 ? 0 : node_get(w->nodes, n->twin_of, home, e);
}

static int
by_subject(const struct wanted *w, const struct node *n, struct node *parent, struct err *e)
{
	struct node near;
	int r = node_same_subject(w->nodes, n, false, &near, e);

	*parent = (struct node){0};
	if (r <= 0 || !within_window(n, &near))
		return r < 0 ? -1 : 0;
	return home_of(w, &near, parent, e);
}

/* The reference, if it is a message here; else what it quotes; else as keep says. */
static int
by_quote(const struct wanted *w, const struct node *last, int64_t target, bool keep,
	 struct node *parent, bool *weak, struct err *e)
{
	struct node n;

	*parent = *last;
	*weak = false;
	if (last->id != 0 && last->state != OVERVIEW_GHOST)
		return 0;
	if (target == 0) {
		if (!keep)
			*parent = (struct node){0};
		return 0;
	}
	*weak = true;
	if (node_get(w->nodes, target, &n, e) < 0)
		return -1;
	return home_of(w, &n, parent, e);
}

int
wanted_by(const struct wanted *w, const struct planting *p, struct node *n, const struct node *last,
	  int64_t home, struct node *parent, struct digest_target *best, struct err *e)
{
	bool weak = n->bare;

	*best = (struct digest_target){0};
	*parent = *last;
	if (p->digest) {
		if (digests_find(w->digests, p->digest, n, home, best, e) < 0 ||
		    by_quote(w, last, best->row, p->digest->keep_reference, parent, &weak, e) < 0)
			return -1;
	} else if (n->bare && by_subject(w, n, parent, e) < 0) {
		return -1;
	}
	n->wanted = parent->id;
	n->weak = weak && parent->id != 0;
	return 0;
}

/* Of all other messages of this subject the nearest is still the same. */
int
wanted_by_next(const struct wanted *w, const struct node *n, int64_t base, struct node *home,
	       struct err *e)
{
	struct node y;
	int r = node_same_subject(w->nodes, n, true, &y, e);

	if (r <= 0 || !y.bare || !within_window(n, &y))
		return r < 0 ? -1 : 0;
	if (home_of(w, &y, home, e) < 0)
		return -1;
	if (home->id == base || home->want_date != y.date || home->want_rank != y.rank)
		return 0;
	home->wanted = base;
	home->weak = true;
	return 1;
}

int
wanted_again(const struct wanted *w, int64_t reply, struct node *home, struct err *e)
{
	struct digest_wish now;
	struct node y, ref = {0}, parent;
	bool weak;
	int r = digests_wish(w->digests, reply, &now, e);

	if (r <= 0)
		return r;
	if (node_get(w->nodes, reply, &y, e) < 0 || home_of(w, &y, home, e) < 0)
		return -1;
	/* Another twin speaks for it. */
	if (home->want_date != y.date || home->want_rank != y.rank)
		return 0;
	if (now.ref != 0 && node_get(w->nodes, now.ref, &ref, e) < 0)
		return -1;
	if (by_quote(w, &ref, now.target, now.keep_reference, &parent, &weak, e) < 0)
		return -1;
	weak = weak && parent.id != 0;
	if (home->wanted == parent.id && home->weak == weak)
		return 0;
	home->wanted = parent.id;
	home->weak = weak;
	return 1;
}
