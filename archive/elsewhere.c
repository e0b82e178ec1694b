/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/elsewhere.h"

#include <stdlib.h>
#include <string.h>

#include "archive/html.h"
#include "conf/text.h"

/* The rows of rows[at]: from here on, as long as they are its own. */
static const struct overview_elsewhere *
next_of(const struct conversation *c, size_t at, const struct overview_elsewhere *o)
{
	if (!o)
		return c->nelsewhere > 0 && c->also[at] != CONVERSATION_NONE
			   ? &c->elsewhere[c->also[at]]
			   : NULL;
	o++;
	return o < c->elsewhere + c->nelsewhere && o->id == c->rows[at].id ? o : NULL;
}

/* The name of a list that is not in the configuration any more is all that is known of it. */
static void
put_list(struct buf *b, const struct frame *f, const char *name)
{
	const struct conf_list *list = press_list(f->press, name);

	html_markup(b, "<bdi>");
	html_str(b, list ? list->title : name);
	html_markup(b, "</bdi>");
}

static void
put_head(struct buf *b, const struct frame *f, size_t shown)
{
	if (shown > 0) {
		html_markup(b, ", ");
		return;
	}
	html_markup(b, "<p class=\"re\">");
	frame_str(b, f, N_("Also on:"));
	html_markup(b, " ");
}

void
elsewhere_message(struct buf *b, const struct frame *f, const struct conversation *c, size_t at)
{
	const struct overview_elsewhere *o = NULL;
	const char *key = c->rows[at].key;
	size_t n = 0;

	while ((o = next_of(c, at, o))) {
		put_head(b, f, n++);
		html_markup(b, "<a");
		frame_hrefn(b, f, "%s/m/%s/", o->list, key);
		html_markup(b, ">");
		put_list(b, f, o->list);
		html_markup(b, "</a> (<a");
		frame_hrefn(b, f, "%s/t/%s/#%s", o->list, o->root_key, key);
		html_markup(b, ">");
		frame_str(b, f, N_("its thread"));
		html_markup(b, "</a>)");
	}
	if (n > 0)
		html_markup(b, "</p>\n");
}

/* --- a thread's page -------------------------------------------------------------------------- */

static int
by_thread(const void *a, const void *b)
{
	const struct overview_elsewhere *x = *(const struct overview_elsewhere *const *)a,
					*y = *(const struct overview_elsewhere *const *)b;
	int r = strcmp(x->list, y->list);

	return r ? r : strcmp(x->root_key, y->root_key);
}

/* The threads of other lists that have a message of this page, each once. */
static size_t
threads_of_page(const struct conversation *c, int page, const struct overview_elsewhere **ts)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct overview_elsewhere *o = NULL;

		while (c->pages[i] == page && (o = next_of(c, i, o)))
			ts[n++] = o;
	}
	if (n > 0)
		qsort(ts, n, sizeof *ts, by_thread);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || by_thread(&ts[kept - 1], &ts[i]) != 0)
			ts[kept++] = ts[i];
	return kept;
}

void
elsewhere_page(struct buf *b, const struct frame *f, const struct conversation *c, int page)
{
	const struct overview_elsewhere **ts =
	    arena_array(f->press->arena, c->nelsewhere, sizeof *ts);
	size_t n = threads_of_page(c, page, ts);

	for (size_t i = 0; i < n; i++) {
		put_head(b, f, i);
		html_markup(b, "<a");
		frame_hrefn(b, f, "%s/t/%s/", ts[i]->list, ts[i]->root_key);
		html_markup(b, ">");
		put_list(b, f, ts[i]->list);
		html_markup(b, "</a>");
	}
	if (n > 0)
		html_markup(b, "</p>\n");
}

void
elsewhere_digest(struct buf *b, const struct conversation *c, int page)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct overview_elsewhere *o = NULL;

		while (c->pages[i] == page && (o = next_of(c, i, o)))
			buf_printf(b, "%s/%s\n", o->list, o->root_key);
	}
}
