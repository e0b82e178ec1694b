/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/conversation.h"

#include <limits.h>
#include <stdlib.h>

static int
by_date(const void *a, const void *b)
{
	const struct overview_message *x = *(const struct overview_message *const *)a,
				      *y = *(const struct overview_message *const *)b;

	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static void
number_pages(struct conversation *c, struct arena *a)
{
	const struct overview_message **order = arena_array(a, c->n, sizeof *order);
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		c->pages[i] = INT_MAX;
		if (c->rows[i].state != OVERVIEW_GHOST)
			order[n++] = &c->rows[i];
	}
	qsort(order, n, sizeof *order, by_date);
	for (size_t i = 0; i < n; i++) {
		c->pages[order[i] - c->rows] = 1 + (int)(i / CONVERSATION_PAGE);
		c->numbers[order[i] - c->rows] = 1 + (int)i;
	}
	c->nmessages = (int)n;
	c->npages = n == 0 ? 1 : 1 + (int)((n - 1) / CONVERSATION_PAGE);
	/* Children stand behind their parents, so ghosts are known from the end. */
	for (size_t i = c->n; i-- > 0;) {
		size_t up = c->parents[i];

		if (c->pages[i] == INT_MAX)
			c->pages[i] = 1;
		if (up != CONVERSATION_NONE && c->rows[up].state == OVERVIEW_GHOST &&
		    c->pages[i] < c->pages[up])
			c->pages[up] = c->pages[i];
	}
}

/* In tree order a row's parent is the last row before it that is one level up. */
static void
find_parents(struct conversation *c, struct arena *a)
{
	size_t *last = arena_array(a, c->n + 1, sizeof *last);

	for (size_t i = 0; i < c->n; i++) {
		size_t depth = (size_t)c->rows[i].depth;

		c->parents[i] = depth > 0 && depth <= i ? last[depth - 1] : CONVERSATION_NONE;
		last[depth < c->n ? depth : c->n] = i;
	}
}

static int
by_row(const void *key, const void *row)
{
	const int64_t *id = key;
	const struct overview_elsewhere *o = row;

	return *id < o->id ? -1 : *id > o->id;
}

/* Where else the messages are: bsearch finds one of a row's, not always its first. */
static int
find_elsewhere(struct conversation *c, struct overview *ov, struct arena *a, int64_t thread,
	       struct err *e)
{
	if (overview_elsewhere(ov, a, thread, &c->elsewhere, &c->nelsewhere, e) < 0)
		return -1;
	c->also = arena_array(a, c->n, sizeof *c->also);
	for (size_t i = 0; i < c->n; i++) {
		const struct overview_elsewhere *o =
		    c->nelsewhere == 0 ? NULL
				       : bsearch(&c->rows[i].id, c->elsewhere, c->nelsewhere,
						 sizeof *c->elsewhere, by_row);

		while (o && o > c->elsewhere && o[-1].id == o->id)
			o--;
		c->also[i] = o ? (size_t)(o - c->elsewhere) : CONVERSATION_NONE;
	}
	return 0;
}

int
conversation_load(struct conversation *c, struct overview *ov, struct arena *a, int64_t thread,
		  struct err *e)
{
	int r = overview_thread_info(ov, a, thread, &c->info, e);

	if (r <= 0)
		return r;
	r = overview_thread(ov, a, thread, &c->rows, &c->n, e);
	if (r < 0)
		return -1;
	c->parents = arena_array(a, c->n, sizeof *c->parents);
	c->pages = arena_array(a, c->n, sizeof *c->pages);
	c->numbers = arena_array(a, c->n, sizeof *c->numbers);
	find_parents(c, a);
	number_pages(c, a);
	return find_elsewhere(c, ov, a, thread, e) < 0 ? -1 : 1;
}

size_t
conversation_find(const struct conversation *c, int64_t id)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].id == id)
			return i;
	return CONVERSATION_NONE;
}

char *
conversation_path(const struct conversation *c, struct arena *a, int page)
{
	if (page > 1)
		return arena_printf(a, "%s/t/%s/%d/", c->info.list, c->info.root_key, page);
	return arena_printf(a, "%s/t/%s/", c->info.list, c->info.root_key);
}
