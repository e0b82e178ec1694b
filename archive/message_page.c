/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/message_page.h"
#include "archive/passage.h"

#include "archive/elsewhere.h"
#include "archive/files.h"
#include "archive/frame.h"
#include "archive/html.h"
#include "archive/language.h"
#include "archive/outline.h"
#include "archive/place.h"
#include "archive/posting.h"
#include "conf/text.h"

struct page {
	struct press *press;
	struct buf *b;
	const struct conversation *c;
	const struct overview_message *m;
	struct frame frame;
	struct place place;
};

/* --- the message -------------------------------------------------------------------------------
 */

static void
put_actions(const struct page *pg, const struct rendering *r)
{
	html_markup(pg->b, "<ul class=\"do\">\n");
	if (pg->frame.list)
		place_reply(pg->b, &pg->place);
	if (!r->unshown) {
		html_markup(pg->b, "<li><a rel=\"nofollow\" href=\"raw\">");
		frame_str(pg->b, &pg->frame, N_("As it was received"));
		html_markup(pg->b, "</a></li>\n");
	}
	html_markup(pg->b, "</ul>\n");
}

static int
put_message(const struct page *pg, struct err *e)
{
	const struct rendering *r;

	if (render_get(pg->press->render, pg->m, &r, e) < 0)
		return -1;
	html_markup(pg->b, "<article class=\"msg\">\n<h1>");
	frame_subject(pg->b, &pg->frame, pg->m->subject);
	html_markup(pg->b, "</h1>\n<h2 class=\"by\">");
	passage_byline(pg->b, &pg->frame, pg->m);
	html_markup(pg->b, "</h2>\n");
	place_line(pg->b, &pg->place);
	place_parent(pg->b, &pg->place);
	passage_digest_note(pg->b, &pg->frame, pg->m);
	elsewhere_message(pg->b, &pg->frame, pg->c, pg->place.at);
	passage_body(pg->b, &pg->frame, pg->m, r);
	passage_attachments(pg->b, &pg->frame, pg->m, r);
	put_actions(pg, r);
	html_markup(pg->b, "</article>\n");
	return 0;
}

static void
put_gone(const struct page *pg)
{
	html_markup(pg->b, "<article class=\"msg\">\n<h1>");
	frame_str(pg->b, &pg->frame, N_("A withdrawn message"));
	html_markup(pg->b, "</h1>\n");
	place_line(pg->b, &pg->place);
	place_parent(pg->b, &pg->place);
	passage_tombstone(pg->b, &pg->frame, pg->m);
	html_markup(pg->b, "</article>\n");
}

static void
describe(struct page *pg, const struct rendering *r)
{
	char lang[LANGUAGE_SIZE];

	language_of_line(r->excerpt, lang);
	pg->frame.published = pg->m->date;
	pg->frame.data =
	    posting_message(&pg->frame, pg->c, pg->place.at, pg->frame.description, lang);
}

static int
begin(struct page *pg, struct err *e)
{
	struct press *p = pg->press;
	const struct conf_list *list = press_list(p, pg->m->list);
	const struct overview_message *before = place_beside(&pg->place, false),
				      *next = place_beside(&pg->place, true);
	bool gone = pg->m->state == OVERVIEW_WITHDRAWN;
	const char *lang = press_language(p, list);
	const struct rendering *r = NULL;

	if (place_find(&pg->place, p, e) < 0 || (!gone && render_get(p->render, pg->m, &r, e) < 0))
		return -1;
	pg->frame = (struct frame){
	    .press = p,
	    .list = list,
	    .lang = lang,
	    .path = place_path(p->arena, pg->m),
	    .up = arena_printf(p->arena, "%s/%04d/%02d/", pg->m->list, pg->m->month / 100,
			       pg->m->month % 100),
	    .up_text = text_month(p->arena, lang, pg->m->month / 100, pg->m->month % 100),
	    .prev = before ? place_path(p->arena, before) : NULL,
	    .next = next ? place_path(p->arena, next) : NULL,
	    .type = "article",
	    .hidden = gone};
	pg->frame.title = frame_hidden(&pg->frame, pg->m->subject);
	if (r)
		pg->frame.description = frame_hidden(&pg->frame, r->excerpt);
	if (r)
		describe(pg, r);
	frame_begin(pg->b, &pg->frame);
	return 0;
}

int
message_page(struct press *p, const struct conversation *c, size_t at, bool *made, struct err *e)
{
	struct page pg = {.press = p, .b = &p->page, .c = c, .m = &c->rows[at]};
	const char *folder = place_path(p->arena, pg.m);
	bool gone = pg.m->state == OVERVIEW_WITHDRAWN;

	pg.place = (struct place){.frame = &pg.frame, .c = c, .at = at};
	buf_clear(pg.b);
	if (begin(&pg, e) < 0)
		return -1;
	if (gone)
		put_gone(&pg);
	else if (put_message(&pg, e) < 0)
		return -1;
	outline_put(pg.b, &pg.frame, c, at);
	place_by_date(pg.b, &pg.place);
	place_bar(pg.b, &pg.place);
	frame_end(pg.b, &pg.frame);
	if (gone) {
		if (made)
			*made = false;
		return press_put(p, arena_printf(p->arena, "%s" PRESS_GONE, folder), e) < 0 ||
			       files_withdraw(p, pg.m, e) < 0
			   ? -1
			   : 0;
	}
	/* The page comes last: that it is there says that the files beside it are. */
	if (files_put(p, pg.m, folder, made, e) < 0)
		return -1;
	return press_put(p, arena_printf(p->arena, "%s" PRESS_PAGE, folder), e);
}
