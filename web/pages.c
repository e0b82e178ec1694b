/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/pages.h"

#include "archive/html.h"
#include "conf/text.h"

/*
 * The frame's links lead up by as many steps as the path has; the path itself, which a visitor may
 * have made up, is shown nowhere.
 */
static const char *
steps_of(struct web_request *rq)
{
	struct slice path = slice_from(rq->url.path, 1), step;
	struct buf b;
	char *out;

	buf_init(&b, URL_MAX * 2);
	while (slice_cut(path, '/', &step, &path))
		buf_puts(&b, "-/");
	out = arena_str(rq->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void
begin(struct page *p, struct web *web, struct web_request *rq, struct web_response *rs,
      const char *title, const struct conf_list *list, bool asks)
{
	web_type(rs, "text/html; charset=utf-8");
	web_header(rs, "Vary", "Accept-Language, Accept-Encoding");
	web_header(rs, "Content-Language", rq->lang);
	web_header(rs, "X-Robots-Tag", "noindex");
	*p = (struct page){
	    .press = {.conf = web->conf, .arena = rq->arena},
	    .b = &rs->body,
	    .lang = rq->lang,
	};
	press_style(p->press.style);
	p->frame = (struct frame){
	    .press = &p->press,
	    .list = list,
	    .lang = rq->lang,
	    .path = rs->status == 200 ? arena_str(rq->arena, slice_from(rq->url.path, 1))
				      : steps_of(rq),
	    .title = slice_str(title),
	    .hidden = true,
	    .asks = asks,
	    .nowhere = rs->status != 200,
	};
	frame_begin(p->b, &p->frame);
	html_markup(p->b, "<h1>");
	html_str(p->b, title);
	html_markup(p->b, "</h1>\n");
}

void
page_begin(struct page *p, struct web *web, struct web_request *rq, struct web_response *rs,
	   const char *title, const struct conf_list *list)
{
	begin(p, web, rq, rs, title, list, false);
}

void
page_begin_search(struct page *p, struct web *web, struct web_request *rq, struct web_response *rs,
		  const char *title, const struct conf_list *list)
{
	begin(p, web, rq, rs, title, list, true);
}

void
page_end(struct page *p)
{
	frame_end(p->b, &p->frame);
}

void
page_say(struct page *p, const char *phrase)
{
	html_markup(p->b, "<p>");
	html_str(p->b, text_phrase(p->lang, phrase));
	html_markup(p->b, "</p>\n");
}

void
page_say_with(struct page *p, const char *phrase, struct slice markup)
{
	html_markup(p->b, "<p>");
	html_fill(p->b, text_phrase(p->lang, phrase), &markup, 1);
	html_markup(p->b, "</p>\n");
}

static const struct error {
	int status;
	const char *title;
	const char *text;
} errors[] = {
    {400, N_("This request could not be understood"),
     N_("The address is damaged. If you followed a link, it may have been cut off at the end of a "
	"line: copy it whole, or begin at the list of lists.")},
    {404, N_("There is no such page"),
     N_("Nothing is at this address, and nothing was taken away from here. If you have the "
	"Message-ID of a message, you find it at /LIST/id/MESSAGE-ID; else search for a few of its "
	"words, or begin at the list of lists.")},
    {405, N_("This page cannot be used that way"),
     N_("It can be read, but nothing can be sent to it. Go back, and follow a link.")},
    {410, N_("This page was taken away"),
     N_("It was here, and has been withdrawn for good. The public log of the list says when and "
	"why.")},
    {413, N_("What was sent is too big"),
     N_("No form of this site needs that much. Attachments are sent to a list by mail.")},
    {414, N_("This address is too long"),
     N_("No page of this site has an address that long. If it is a search, use fewer words.")},
    {416, N_("There is no such part of this file"),
     N_("The file is shorter than the part that was asked for: get it again from its beginning.")},
    {500, N_("Something went wrong here"),
     N_("It is not your fault. The people who run this site can see what happened in their log; "
	"please try again later.")},
    {503, N_("This cannot be done at the moment"),
     N_("There is too much to do just now. Please try again in a minute.")},
};

static const struct error *
find_error(int status)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].status == status)
			return &errors[i];
	return find_error(status < 500 ? 400 : 500);
}

void
page_error(struct web *web, struct web_request *rq, struct web_response *rs, int status)
{
	const struct error *er = find_error(status);

	struct page p;

	rs->status = status;
	buf_clear(&rs->body);
	page_begin(&p, web, rq, rs, text_phrase(rq->lang, er->title), NULL);
	page_say(&p, er->text);
	html_markup(p.b, "<ul class=\"do\"><li><a");
	frame_href(p.b, &p.frame, "");
	html_markup(p.b, ">");
	html_str(p.b, text_phrase(rq->lang, N_("All lists")));
	html_markup(p.b, "</a></li> <li><a");
	frame_href(p.b, &p.frame, "search");
	html_markup(p.b, ">");
	html_str(p.b, text_phrase(rq->lang, N_("Search")));
	html_markup(p.b, "</a></li></ul>\n");
	page_end(&p);
}
