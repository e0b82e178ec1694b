/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/passage.h"

#include "archive/body.h"
#include "archive/html.h"
#include "archive/language.h"
#include "archive/links.h"
#include "conf/text.h"

#define HREF_LEAD (sizeof " href=\"" - 1)

void
passage_byline(struct buf *b, const struct frame *f, const struct overview_message *m)
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
passage_attachments(struct buf *b, const struct frame *f, const struct overview_message *m,
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
		html_line(b, frame_hidden(f, at->name), 100);
		html_markup(b, "</bdi></a> <small>");
		html_line(b, at->type, 60);
		html_markup(b, ", ");
		html_str(b, text_size(f->press->arena, f->lang, at->size));
		html_markup(b, "</small></li>\n");
	}
	html_markup(b, "</ul></section>\n");
}

void
passage_body(struct buf *b, const struct frame *f, const struct overview_message *m,
	     const struct rendering *r)
{
	char lang[LANGUAGE_SIZE];
	struct buf href;

	language_of_line(r->excerpt, lang);
	html_markup(b, "<div class=\"body\"");
	frame_lang(b, f, lang);
	html_markup(b, ">\n");
	buf_init(&href, BUF_NO_LIMIT);
	frame_hrefn(&href, f, "%s/m/%s/", m->list, m->key);
	body_place(b, r->body, slice_sub(buf_slice(&href), HREF_LEAD, href.n - HREF_LEAD - 1));
	buf_free(&href);
	html_markup(b, "</div>\n");
}

void
passage_digest_note(struct buf *b, const struct frame *f, const struct overview_message *m)
{
	if (!m->digest || m->depth > 0)
		return;
	html_markup(b, "<p class=\"re\">");
	frame_str(b, f, N_("This answers a digest; which message of it was not found."));
	html_markup(b, "</p>\n");
}

static void
put_withdrawn_on(struct buf *b, const struct frame *f, int64_t when)
{
	struct slice day;
	struct buf markup;

	buf_init(&markup, BUF_NO_LIMIT);
	frame_day(&markup, f, when);
	day = buf_slice(&markup);
	html_fill(b, text_phrase(f->lang, "This message was withdrawn on %s."), &day, 1);
	buf_free(&markup);
}

static void
put_reason(struct buf *b, const struct frame *f, struct slice reason)
{
	struct slice words;
	struct buf markup;

	buf_init(&markup, BUF_NO_LIMIT);
	html_markup(&markup, "<bdi>");
	html_line(&markup, reason, 500);
	html_markup(&markup, "</bdi>");
	words = buf_slice(&markup);
	html_fill(b, text_phrase(f->lang, N_("Reason: %s")), &words, 1);
	buf_free(&markup);
}

void
passage_tombstone(struct buf *b, const struct frame *f, const struct overview_message *m)
{
	html_markup(b, "<p class=\"gone\">");
	if (m->received > 0)
		put_withdrawn_on(b, f, m->received);
	else
		frame_str(b, f, N_("This message was withdrawn."));
	if (m->reason.n > 0) {
		html_markup(b, " ");
		put_reason(b, f, m->reason);
	}
	html_markup(b, "</p>\n");
}
