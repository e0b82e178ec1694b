/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/outline.h"

#include "archive/html.h"
#include "conf/text.h"

struct outline {
	struct buf *b;
	const struct frame *f;
	const struct conversation *c;
	size_t at;
	bool *shown;  /* of each row; whoever is shown has all above it shown, up to the first */
	size_t more;  /* answers that are not shown */
	size_t first; /* levels that are left out */
};

static void
choose(struct outline *o)
{
	const struct conversation *c = o->c;
	bool whole = c->n <= OUTLINE_WHOLE;
	size_t up = o->at, answers = 0;

	o->shown = arena_array(o->f->press->arena, c->n, sizeof *o->shown);
	for (int i = 0; i <= OUTLINE_ABOVE && up != CONVERSATION_NONE; i++) {
		o->shown[up] = true;
		o->first = (size_t)c->rows[up].depth;
		up = c->parents[up];
	}
	if (whole)
		o->first = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (whole) {
			o->shown[i] = true;
		} else if (c->parents[i] == o->at) {
			o->shown[i] = answers < OUTLINE_BELOW;
			o->more += answers++ >= OUTLINE_BELOW;
		}
	}
}

static void
put_row(const struct outline *o, size_t i)
{
	const struct overview_message *m = &o->c->rows[i];

	if (m->state == OVERVIEW_GHOST) {
		html_markup(o->b, "<span class=\"re\">");
		frame_str(o->b, o->f, N_("A message that is not in this archive"));
		html_markup(o->b, "</span>");
		return;
	}
	if (i == o->at) {
		html_markup(o->b, "<b aria-current=\"page\">");
	} else {
		html_markup(o->b, "<a");
		frame_hrefn(o->b, o->f, "%s/m/%s/", m->list, m->key);
		html_markup(o->b, ">");
	}
	if (m->state == OVERVIEW_WITHDRAWN)
		frame_str(o->b, o->f, N_("a withdrawn message"));
	else
		frame_person(o->b, o->f, m);
	buf_puts(o->b, i == o->at ? "</b> " : "</a> ");
	frame_day(o->b, o->f, m->date);
}

/* Nested lists; a row's level is its depth, less those that are left out. */
static void
put_rows(const struct outline *o)
{
	size_t open = 0;

	for (size_t i = 0; i < o->c->n; i++) {
		size_t level;

		if (!o->shown[i])
			continue;
		level = (size_t)o->c->rows[i].depth - o->first + 1;
		buf_puts(o->b, level > open ? "<ol>\n" : "</li>\n");
		for (; open > level; open--)
			html_markup(o->b, "</ol></li>\n");
		open = level;
		html_markup(o->b, "<li>");
		put_row(o, i);
	}
	for (; open > 0; open--)
		html_markup(o->b, "</li></ol>\n");
}

void
outline_put(struct buf *b, const struct frame *f, const struct conversation *c, size_t at)
{
	struct outline o = {.b = b, .f = f, .c = c, .at = at};

	if (c->n < 2)
		return;
	choose(&o);
	html_markup(b, "<nav class=\"outline\" aria-labelledby=\"outline\"><h2 id=\"outline\">");
	if (c->n <= OUTLINE_WHOLE)
		frame_str(b, f, N_("In this thread"));
	else
		frame_str(b, f, N_("Around this message"));
	html_markup(b, "</h2>\n");
	put_rows(&o);
	if (o.more > 0) {
		html_markup(b, "<p class=\"meta\">");
		html_str(b, arena_printf(f->press->arena,
					 text_plural(f->lang, "and %d more answer",
						     "and %d more answers", o.more),
					 (int)o.more));
		html_markup(b, "</p>\n");
	}
	html_markup(b, "</nav>\n");
}
