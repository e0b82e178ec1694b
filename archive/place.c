/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/place.h"

#include "archive/html.h"
#include "base/utf8.h"
#include "conf/text.h"

#define SUBJECT_LETTERS 200  /* of a reply's subject in its link */
#define REFERENCES_SHOWN 3   /* what a reply's link says it answers, at most */
#define REFERENCES_BYTES 600 /* of them: links have ends in mail programs, too */

char *
place_path(struct arena *a, const struct overview_message *m)
{
	return arena_printf(a, "%s/m/%s/", m->list, m->key);
}

int
place_find(struct place *p, struct press *press, struct err *e)
{
	const struct overview_message *m = &p->c->rows[p->at];
	int64_t before, after;

	if (overview_neighbours(press->overview, m, &before, &after, e) < 0 ||
	    (before != 0 &&
	     overview_by_id(press->overview, press->arena, before, &p->before, e) < 0))
		return -1;
	return after == 0 ? 0 : overview_by_id(press->overview, press->arena, after, &p->after, e);
}

const struct overview_message *
place_beside(const struct place *p, bool after)
{
	size_t i = p->at;

	while (after ? ++i < p->c->n : i-- > 0)
		if (p->c->rows[i].state != OVERVIEW_GHOST)
			return &p->c->rows[i];
	return NULL;
}

static void
put_name(struct buf *b, const struct place *p, const struct overview_message *m)
{
	if (m->state == OVERVIEW_WITHDRAWN)
		frame_str(b, p->frame, N_("a withdrawn message"));
	else
		frame_person(b, p->frame, m);
}

static void
put_href(struct buf *b, const struct place *p, const struct overview_message *m)
{
	frame_href(b, p->frame, place_path(p->frame->press->arena, m));
}

/* A link to a message, named by its author and day. */
static void
put_link(struct buf *b, const struct place *p, const struct overview_message *m)
{
	html_markup(b, "<a");
	put_href(b, p, m);
	html_markup(b, ">");
	put_name(b, p, m);
	html_markup(b, ", ");
	frame_day(b, p->frame, m->date);
	html_markup(b, "</a>");
}

static void
put_thread_href(struct buf *b, const struct place *p)
{
	const struct conversation *c = p->c;

	frame_hrefn(b, p->frame, "%s#%s",
		    conversation_path(c, p->frame->press->arena, c->pages[p->at]),
		    c->rows[p->at].key);
}

/* The end of a long thread is pages away, and its number on none but the last. */
static bool
is_long(const struct place *p)
{
	return p->c->npages > 1;
}

void
place_line(struct buf *b, const struct place *p)
{
	const struct conversation *c = p->c;
	struct arena *a = p->frame->press->arena;
	const char *lang = p->frame->lang;

	html_markup(b, "<p class=\"meta\">");
	frame_time(b, p->frame, c->rows[p->at].date);
	if (c->nmessages > 1) {
		html_markup(b, " · <a");
		put_thread_href(b, p);
		html_markup(b, ">");
		html_str(b,
			 is_long(p)
			     ? arena_printf(a, text_phrase(lang, "message %d of its thread"),
					    c->numbers[p->at])
			     : arena_printf(a, text_phrase(lang, "message %d of %d in its thread"),
					    c->numbers[p->at], c->nmessages));
		html_markup(b, "</a>");
	}
	html_markup(b, "</p>\n");
}

void
place_parent(struct buf *b, const struct place *p)
{
	size_t up = p->c->parents[p->at];

	if (up == CONVERSATION_NONE)
		return;
	html_markup(b, "<p class=\"re\">");
	if (p->c->rows[up].state == OVERVIEW_GHOST) {
		frame_str(b, p->frame, N_("In reply to a message that is not in this archive"));
	} else {
		frame_str(b, p->frame, N_("In reply to"));
		html_markup(b, " ");
		put_link(b, p, &p->c->rows[up]);
	}
	html_markup(b, "</p>\n");
}

/* --- onward ----------------------------------------------------------------------------------- */

static void
put_bar_link(struct buf *b, const struct place *p, const struct overview_message *m,
	     const char *rel, const char *phrase)
{
	if (!m)
		return;
	html_markup(b, "<li class=\"");
	buf_puts(b, rel);
	html_markup(b, "\"><a");
	html_attr(b, "rel", slice_str(rel));
	put_href(b, p, m);
	html_markup(b, "><small>");
	html_str(b, phrase);
	html_markup(b, "</small> ");
	put_name(b, p, m);
	html_markup(b, "</a></li>\n");
}

void
place_bar(struct buf *b, const struct place *p)
{
	const struct conversation *c = p->c;
	const char *lang = p->frame->lang;

	html_markup(b, "<nav class=\"bar\"");
	html_attr(b, "aria-label", slice_str(text_phrase(lang, "Through the thread")));
	html_markup(b, "><ul>\n");
	put_bar_link(b, p, place_beside(p, false), "prev", text_phrase(lang, "Before"));
	html_markup(b, "<li class=\"here\"><a");
	put_thread_href(b, p);
	html_markup(b, "><small>");
	html_str(b, text_phrase(lang, "The whole thread"));
	html_markup(b, "</small> ");
	if (is_long(p))
		buf_printf(b, "%d", c->numbers[p->at]);
	else
		html_str(b, arena_printf(p->frame->press->arena, text_phrase(lang, "%d of %d"),
					 c->numbers[p->at], c->nmessages));
	html_markup(b, "</a></li>\n");
	put_bar_link(b, p, place_beside(p, true), "next", text_phrase(lang, "Next"));
	html_markup(b, "</ul></nav>\n");
}

static void
put_step(struct buf *b, const struct place *p, const struct overview_message *m, const char *phrase)
{
	if (m->id == 0)
		return;
	html_markup(b, "<li><span>");
	html_str(b, phrase);
	html_markup(b, "</span> ");
	put_link(b, p, m);
	html_markup(b, "</li>\n");
}

void
place_by_date(struct buf *b, const struct place *p)
{
	const char *lang = p->frame->lang;

	if (p->before.id == 0 && p->after.id == 0)
		return;
	html_markup(b, "<nav class=\"place\"");
	html_attr(b, "aria-label", slice_str(text_phrase(lang, "By date")));
	html_markup(b, "><ul class=\"steps\">\n");
	put_step(b, p, &p->before, text_phrase(lang, "Before by date:"));
	put_step(b, p, &p->after, text_phrase(lang, "Next by date:"));
	html_markup(b, "</ul></nav>\n");
}

/* --- a reply ---------------------------------------------------------------------------------- */

static void
put_msgid(struct buf *b, struct slice msgid)
{
	html_segment(b, SLICE("<"));
	html_segment(b, msgid);
	html_segment(b, SLICE(">"));
}

/* RFC 5322 3.6.4: the ids above a reply, oldest first, as far as there is room. */
static void
put_references(struct buf *b, const struct place *p)
{
	const struct overview_message *ids[REFERENCES_SHOWN];
	size_t n = 0, bytes = 0;

	for (size_t up = p->at; up != CONVERSATION_NONE && n < REFERENCES_SHOWN;
	     up = p->c->parents[up]) {
		bytes += p->c->rows[up].msgid.n;
		if (bytes > REFERENCES_BYTES)
			break;
		ids[n++] = &p->c->rows[up];
	}
	if (n < 2)
		return;
	html_markup(b, "&amp;References=");
	while (n-- > 0) {
		put_msgid(b, ids[n]->msgid);
		if (n > 0)
			html_markup(b, "%20");
	}
}

void
place_reply_href(struct buf *b, const struct place *p)
{
	const struct overview_message *m = &p->c->rows[p->at];
	const struct frame *f = p->frame;

	html_markup(b, " href=\"mailto:");
	html_segment(b, slice_str(f->list->name));
	html_markup(b, "@");
	html_segment(b, slice_str(f->press->conf->domain));
	html_markup(b, "?In-Reply-To=");
	put_msgid(b, m->msgid);
	put_references(b, p);
	html_markup(b, "&amp;Subject=");
	html_segment(b, SLICE("Re: "));
	html_segment(b, utf8_head(slice_trim(m->subject_base), SUBJECT_LETTERS));
	html_markup(b, "\"");
}

void
place_reply(struct buf *b, const struct place *p)
{
	html_markup(b, "<li><a class=\"main\"");
	place_reply_href(b, p);
	html_markup(b, ">");
	frame_str(b, p->frame, N_("Reply to the list"));
	html_markup(b, "</a></li>\n");
}
