/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/message_page.h"

#include <string.h>

#include "archive/elsewhere.h"
#include "archive/files.h"
#include "archive/frame.h"
#include "archive/html.h"
#include "archive/links.h"
#include "conf/text.h"

#define REPLIES_SHOWN 20 /* more are told by their number */

struct page {
	struct press *press;
	struct buf *b;
	const struct conversation *c;
	size_t at;
	const struct overview_message *m;
	struct frame frame;
	struct overview_message before, after; /* by date; id 0 where there is none */
};

/* --- shared with a thread's page ---------------------------------------------------------------
 */

void
message_byline(struct buf *b, const struct frame *f, const struct overview_message *m)
{
	html_markup(b, "<b>");
	frame_person(b, f, m);
	html_markup(b, "</b> ");
	if (m->from_address.n > 0 && slice_trim(m->from_name).n > 0) {
		html_markup(b, "<span class=\"addr\"><bdi>");
		links_address(b, m->from_address, f->press->conf->domain);
		html_markup(b, "</bdi></span> ");
	}
}

void
message_attachments(struct buf *b, const struct frame *f, const struct overview_message *m,
		    const struct rendering *r)
{
	if (r->nattachments == 0)
		return;
	html_markup(b, "<section class=\"files\"><h3>");
	frame_str(b, f, N_("Attachments"));
	html_markup(b, "</h3>\n<ul>\n");
	for (size_t i = 0; i < r->nattachments; i++) {
		const struct attachment *at = &r->attachments[i];

		html_markup(b, "<li><a");
		frame_hrefn(b, f, "%s/m/%s/%d/", m->list, m->key, at->number);
		buf_cut(b, b->n - 1); /* the quote */
		html_segment(b, at->file);
		html_markup(b, "\"><bdi>");
		html_line(b, at->name, 100);
		html_markup(b, "</bdi></a> <small>");
		html_line(b, at->type, 60);
		html_markup(b, ", ");
		html_str(b, text_size(f->press->arena, f->lang, at->size));
		html_markup(b, "</small></li>\n");
	}
	html_markup(b, "</ul></section>\n");
}

void
message_digest_note(struct buf *b, const struct frame *f, const struct overview_message *m)
{
	if (!m->digest || m->depth > 0)
		return;
	html_markup(b, "<p class=\"re\">");
	frame_str(b, f, N_("This answers a digest; which message of it was not found."));
	html_markup(b, "</p>\n");
}

void
message_tombstone(struct buf *b, const struct frame *f, const struct overview_message *m)
{
	html_markup(b, "<p class=\"gone\">");
	frame_str(b, f, N_("This message was withdrawn."));
	if (m->reason.n > 0) {
		html_markup(b, " <bdi>");
		html_line(b, m->reason, 500);
		html_markup(b, "</bdi>");
	}
	html_markup(b, "</p>\n");
}

/* --- place in the thread -----------------------------------------------------------------------
 */

static char *
path_of(const struct page *pg, const struct overview_message *m)
{
	return arena_printf(pg->press->arena, "%s/m/%s/", m->list, m->key);
}

static const struct overview_message *
row(const struct page *pg, size_t i)
{
	return i == CONVERSATION_NONE ? NULL : &pg->c->rows[i];
}

/* The nearest row before or after in tree order that has a page. */
static const struct overview_message *
beside(const struct page *pg, bool after)
{
	size_t i = pg->at;

	while (after ? ++i < pg->c->n : i-- > 0)
		if (pg->c->rows[i].state != OVERVIEW_GHOST)
			return &pg->c->rows[i];
	return NULL;
}

/* A link to a message, named by its author and day. */
static void
put_link(const struct page *pg, const struct overview_message *m, const char *rel)
{
	html_markup(pg->b, "<a");
	if (rel)
		html_attr(pg->b, "rel", slice_str(rel));
	frame_href(pg->b, &pg->frame, path_of(pg, m));
	html_markup(pg->b, ">");
	if (m->state == OVERVIEW_WITHDRAWN)
		frame_str(pg->b, &pg->frame, N_("a withdrawn message"));
	else
		frame_person(pg->b, &pg->frame, m);
	html_markup(pg->b, ", ");
	frame_day(pg->b, &pg->frame, m->date);
	html_markup(pg->b, "</a>");
}

static void
put_parent(const struct page *pg)
{
	const struct overview_message *parent = row(pg, pg->c->parents[pg->at]);

	if (!parent)
		return;
	html_markup(pg->b, "<p class=\"re\">");
	if (parent->state == OVERVIEW_GHOST) {
		frame_str(pg->b, &pg->frame,
			  N_("In reply to a message that is not in this archive"));
	} else {
		frame_str(pg->b, &pg->frame, N_("In reply to"));
		html_markup(pg->b, " ");
		put_link(pg, parent, NULL);
	}
	html_markup(pg->b, "</p>\n");
}

static void
put_replies(const struct page *pg)
{
	size_t n = 0;

	for (size_t i = pg->at + 1; i < pg->c->n && pg->c->rows[i].depth > pg->m->depth; i++) {
		const struct overview_message *m = row(pg, i);

		if (pg->c->parents[i] != pg->at || m->state == OVERVIEW_GHOST)
			continue;
		if (n++ == 0) {
			html_markup(pg->b, "<h2>");
			frame_str(pg->b, &pg->frame, N_("Replies"));
			html_markup(pg->b, "</h2>\n<ul>\n");
		}
		if (n > REPLIES_SHOWN)
			continue;
		html_markup(pg->b, "<li>");
		put_link(pg, m, NULL);
		html_markup(pg->b, "</li>\n");
	}
	if (n > REPLIES_SHOWN) {
		html_markup(pg->b, "<li>");
		html_str(pg->b, arena_printf(pg->press->arena,
					     text_plural(pg->frame.lang, "and %d more",
							 "and %d more", n - REPLIES_SHOWN),
					     (int)(n - REPLIES_SHOWN)));
		html_markup(pg->b, "</li>\n");
	}
	if (n > 0)
		html_markup(pg->b, "</ul>\n");
}

static void
put_step(const struct page *pg, const struct overview_message *m, const char *phrase)
{
	if (!m)
		return;
	html_markup(pg->b, "<li><span>");
	html_str(pg->b, phrase);
	html_markup(pg->b, "</span> ");
	put_link(pg, m, NULL);
	html_markup(pg->b, "</li>\n");
}

static void
put_steps(const struct page *pg)
{
	const struct frame *f = &pg->frame;
	char *thread = conversation_path(pg->c, pg->press->arena, pg->c->pages[pg->at]);

	html_markup(pg->b, "<nav class=\"place\"");
	html_attr(pg->b, "aria-label",
		  slice_str(text_phrase(f->lang, "Place in the thread and in the list")));
	html_markup(pg->b, ">\n");
	put_replies(pg);
	html_markup(pg->b, "<p><a class=\"whole\"");
	frame_hrefn(pg->b, f, "%s#%s", thread, pg->m->key);
	html_markup(pg->b, ">");
	frame_str(pg->b, f, N_("The whole thread"));
	html_markup(pg->b, "</a></p>\n<ul class=\"steps\">\n");
	put_step(pg, beside(pg, false), text_phrase(f->lang, "Before in the thread:"));
	put_step(pg, beside(pg, true), text_phrase(f->lang, "Next in the thread:"));
	put_step(pg, pg->before.id ? &pg->before : NULL, text_phrase(f->lang, "Before by date:"));
	put_step(pg, pg->after.id ? &pg->after : NULL, text_phrase(f->lang, "Next by date:"));
	html_markup(pg->b, "</ul>\n</nav>\n");
}

/* --- the message -------------------------------------------------------------------------------
 */

/* A reply to the list, begun in the reader's own mail program (RFC 6068): nobody's address but the
 * list's is in the page. */
static void
put_reply(const struct page *pg)
{
	const struct conf_list *l = pg->frame.list;
	struct slice base = slice_trim(pg->m->subject_base);

	html_markup(pg->b, "<li><a href=\"mailto:");
	html_segment(pg->b, slice_str(l->name));
	html_markup(pg->b, "@");
	html_segment(pg->b, slice_str(pg->press->conf->domain));
	html_markup(pg->b, "?In-Reply-To=");
	html_segment(pg->b, SLICE("<"));
	html_segment(pg->b, pg->m->msgid);
	html_segment(pg->b, SLICE(">"));
	html_markup(pg->b, "&amp;Subject=");
	html_segment(pg->b, SLICE("Re: "));
	html_segment(pg->b, slice_sub(base, 0, 400));
	html_markup(pg->b, "\">");
	frame_str(pg->b, &pg->frame, N_("Reply to the list"));
	html_markup(pg->b, "</a></li>\n");
}

static void
put_actions(const struct page *pg)
{
	html_markup(pg->b, "<ul class=\"do\">\n");
	if (pg->frame.list)
		put_reply(pg);
	html_markup(pg->b, "<li><a rel=\"nofollow\" href=\"raw\">");
	frame_str(pg->b, &pg->frame, N_("As it was received"));
	html_markup(pg->b, "</a></li>\n</ul>\n");
}

static int
put_message(const struct page *pg, struct err *e)
{
	const struct rendering *r;

	if (render_get(pg->press->render, pg->m, &r, e) < 0)
		return -1;
	html_markup(pg->b, "<article class=\"msg\">\n<h1>");
	frame_subject(pg->b, &pg->frame, pg->m->subject);
	html_markup(pg->b, "</h1>\n<p class=\"by\">");
	message_byline(pg->b, &pg->frame, pg->m);
	frame_time(pg->b, &pg->frame, pg->m->date);
	html_markup(pg->b, "</p>\n");
	put_parent(pg);
	message_digest_note(pg->b, &pg->frame, pg->m);
	elsewhere_message(pg->b, &pg->frame, pg->c, pg->at);
	html_markup(pg->b, "<div class=\"body\" dir=\"auto\">\n");
	buf_put_slice(pg->b, r->body);
	html_markup(pg->b, "</div>\n");
	message_attachments(pg->b, &pg->frame, pg->m, r);
	put_actions(pg);
	html_markup(pg->b, "</article>\n");
	return 0;
}

static void
put_gone(const struct page *pg)
{
	html_markup(pg->b, "<article class=\"msg\">\n<h1>");
	frame_str(pg->b, &pg->frame, N_("A withdrawn message"));
	html_markup(pg->b, "</h1>\n<p class=\"by\">");
	frame_time(pg->b, &pg->frame, pg->m->date);
	html_markup(pg->b, "</p>\n");
	put_parent(pg);
	message_tombstone(pg->b, &pg->frame, pg->m);
	html_markup(pg->b, "</article>\n");
}

static int
find_neighbours(struct page *pg, struct err *e)
{
	struct press *p = pg->press;
	int64_t before, after;

	if (overview_neighbours(p->overview, pg->m, &before, &after, e) < 0)
		return -1;
	if (before != 0 && overview_by_id(p->overview, p->arena, before, &pg->before, e) < 0)
		return -1;
	if (after != 0 && overview_by_id(p->overview, p->arena, after, &pg->after, e) < 0)
		return -1;
	return 0;
}

static int
begin(struct page *pg, struct err *e)
{
	struct press *p = pg->press;
	const struct conf_list *list = press_list(p, pg->m->list);
	const struct overview_message *next = beside(pg, true), *before = beside(pg, false);
	bool gone = pg->m->state == OVERVIEW_WITHDRAWN;
	const char *lang = press_language(p, list);
	const struct rendering *r = NULL;
	struct buf hidden;

	if (find_neighbours(pg, e) < 0 || (!gone && render_get(p->render, pg->m, &r, e) < 0))
		return -1;
	pg->frame = (struct frame){
	    .press = p,
	    .list = list,
	    .lang = lang,
	    .path = path_of(pg, pg->m),
	    .up = arena_printf(p->arena, "%s/%04d/%02d/", pg->m->list, pg->m->month / 100,
			       pg->m->month % 100),
	    .up_text = text_month(p->arena, lang, pg->m->month / 100, pg->m->month % 100),
	    .prev = before ? path_of(pg, before) : NULL,
	    .next = next ? path_of(pg, next) : NULL,
	    .type = "article",
	    .hidden = gone};
	buf_init(&hidden, BUF_NO_LIMIT);
	links_hide(&hidden, pg->m->subject, p->conf->domain);
	pg->frame.title = arena_dup(p->arena, buf_slice(&hidden));
	buf_clear(&hidden);
	if (r)
		links_hide(&hidden, r->excerpt, p->conf->domain);
	pg->frame.description = arena_dup(p->arena, buf_slice(&hidden));
	buf_free(&hidden);
	frame_begin(pg->b, &pg->frame);
	return 0;
}

int
message_page(struct press *p, const struct conversation *c, size_t at, bool *made, struct err *e)
{
	struct page pg = {.press = p, .b = &p->page, .c = c, .at = at, .m = &c->rows[at]};
	const char *folder = path_of(&pg, pg.m);
	bool gone = pg.m->state == OVERVIEW_WITHDRAWN;

	buf_clear(pg.b);
	if (begin(&pg, e) < 0)
		return -1;
	if (gone)
		put_gone(&pg);
	else if (put_message(&pg, e) < 0)
		return -1;
	put_steps(&pg);
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
