/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/prose.h"

#include "archive/html.h"

void
prose_frame(struct press *p, struct frame *f, const struct conf_list *list, const char *page,
	    const char *title)
{
	*f = (struct frame){.press = p,
			    .list = list,
			    .lang = press_language(p, list),
			    .path = arena_printf(p->arena, "%s/%s/", list->name, page),
			    .title = slice_str(title)};
}

void
prose_open(struct press *p, const struct frame *f)
{
	buf_clear(&p->page);
	frame_begin(&p->page, f);
	html_markup(&p->page, "<article class=\"text\">\n<h1>");
	html_text(&p->page, f->title);
	html_markup(&p->page, "</h1>\n");
}

void
prose_begin(struct press *p, struct frame *f, const struct conf_list *list, const char *page,
	    const char *title)
{
	prose_frame(p, f, list, page, title);
	prose_open(p, f);
}

int
prose_end(struct press *p, const struct frame *f, struct err *e)
{
	html_markup(&p->page, "</article>\n");
	frame_end(&p->page, f);
	return press_put(p, arena_printf(p->arena, "%s" PRESS_PAGE, f->path), e);
}

void
prose_paragraph(struct press *p, const char *text)
{
	html_markup(&p->page, "<p>");
	html_str(&p->page, text);
	html_markup(&p->page, "</p>\n");
}

void
prose_heading(struct press *p, const char *text)
{
	html_markup(&p->page, "<h2>");
	html_str(&p->page, text);
	html_markup(&p->page, "</h2>\n");
}
