/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/tree.h"

#include <stdint.h>
#include <stdlib.h>

#define NONE SIZE_MAX

/* A row while it is being ordered. Numbers are places in the array of leaves, sorted by id. */
struct leaf {
	const struct overview_message *m;
	size_t parent;
	size_t pending;     /* children that were not weighed yet */
	bool inner;         /* it has children */
	size_t children;    /* those with something to show below or in them */
	size_t first, n;    /* its range in the order by siblings */
	int64_t date, rank; /* by which it stands among its siblings */
	bool shown;
};

static int
by_id(const void *a, const void *b)
{
	const struct leaf *x = a, *y = b;

	return x->m->id < y->m->id ? -1 : x->m->id > y->m->id;
}

static size_t
find(const struct leaf *v, size_t n, int64_t id)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid].m->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && v[lo].m->id == id ? lo : NONE;
}

static bool
earlier(const struct leaf *a, const struct leaf *b)
{
	return a->date < b->date || (a->date == b->date && a->rank < b->rank);
}

static struct leaf *
leaves_of(struct arena *a, const struct overview_message *rows, size_t n)
{
	struct leaf *v = arena_array(a, n, sizeof *v);

	for (size_t i = 0; i < n; i++) {
		bool ghost = rows[i].state == OVERVIEW_GHOST;

		v[i].m = &rows[i];
		v[i].date = ghost ? INT64_MAX : rows[i].date;
		v[i].rank = rows[i].rank;
	}
	qsort(v, n, sizeof *v, by_id);
	for (size_t i = 0; i < n; i++) {
		v[i].parent = v[i].m->parent == 0 ? NONE : find(v, n, v[i].m->parent);
		if (v[i].parent == NONE)
			continue;
		v[v[i].parent].pending++;
		v[v[i].parent].inner = true;
	}
	return v;
}

/* A leaf all of whose children are weighed: is it shown, and when did its first message come? */
static void
weigh_one(struct leaf *v, struct leaf *l)
{
	bool ghost = l->m->state == OVERVIEW_GHOST;
	struct leaf *parent = l->parent == NONE ? NULL : &v[l->parent];

	l->shown = !ghost || l->children > 1 || (l->children == 1 && !parent);
	if (!parent)
		return;
	parent->pending--;
	if (ghost && l->children == 0)
		return;
	parent->children++;
	if (parent->m->state == OVERVIEW_GHOST && earlier(l, parent)) {
		parent->date = l->date;
		parent->rank = l->rank;
	}
}

/* From the leaves up, without recursion: a parent's turn comes with its last child. */
static void
weigh(struct leaf *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].inner)
			continue;
		for (size_t at = i; at != NONE && v[at].pending == 0; at = v[at].parent)
			weigh_one(v, &v[at]);
	}
}

struct sibling {
	const struct leaf *leaf;
	size_t at;
};

/* Children of one parent together, the latest first, so that a stack gives the earliest. */
static int
by_place(const void *a, const void *b)
{
	const struct sibling *x = a, *y = b;

	if (x->leaf->parent != y->leaf->parent)
		return x->leaf->parent < y->leaf->parent ? -1 : 1;
	return earlier(y->leaf, x->leaf) ? -1 : earlier(x->leaf, y->leaf);
}

static struct sibling *
siblings_of(struct arena *a, struct leaf *v, size_t n)
{
	struct sibling *s = arena_array(a, n, sizeof *s);

	for (size_t i = 0; i < n; i++)
		s[i] = (struct sibling){&v[i], i};
	qsort(s, n, sizeof *s, by_place);
	for (size_t i = n; i-- > 0;)
		if (s[i].leaf->parent != NONE) {
			v[s[i].leaf->parent].first = i;
			v[s[i].leaf->parent].n++;
		}
	return s;
}

struct step {
	size_t at;
	int64_t parent; /* as shown */
	int depth;
};

size_t
tree_order(struct arena *a, const struct overview_message *rows, size_t n,
	   struct overview_message **out)
{
	struct leaf *v = leaves_of(a, rows, n);
	struct step *stack = arena_array(a, n, sizeof *stack);
	struct sibling *s;
	size_t top = 0, end = 0;

	*out = arena_array(a, n, sizeof **out);
	weigh(v, n);
	s = siblings_of(a, v, n);
	for (size_t i = 0; i < n; i++)
		if (s[i].leaf->parent == NONE)
			stack[top++] = (struct step){s[i].at, 0, 0};
	while (top > 0) {
		struct step now = stack[--top];
		struct leaf *l = &v[now.at];

		if (l->shown) {
			(*out)[end] = *l->m;
			(*out)[end].parent = now.parent;
			(*out)[end++].depth = now.depth;
			now.parent = l->m->id;
			now.depth++;
		}
		for (size_t i = l->first; i < l->first + l->n; i++)
			stack[top++] = (struct step){s[i].at, now.parent, now.depth};
	}
	return end;
}
