/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A result as a page: a form, the hits, a way on. */
#include "config.h"

#include "archive/html.h"
#include "archive/links.h"
#include "conf/text.h"
#include "web/pages.h"
#include "web/search.h"

#define SUBJECT_MAX 200 /* code points */
#define NAME_MAX_SHOWN 80

void
search_href(struct page *p, const struct search *s, int64_t offset, const char *format)
{
	struct buf url;

	buf_init(&url, BUF_NO_LIMIT);
	search_put_url(&url, s, offset, format);
	/* Beside this page. */
	html_attr(p->b, "href", buf_slice(&url));
	buf_free(&url);
}

static void
put_option(struct page *p, const char *value, bool chosen, const char *text)
{
	html_markup(p->b, "<option");
	html_attr(p->b, "value", slice_str(value));
	if (chosen)
		html_markup(p->b, " selected");
	html_markup(p->b, ">");
	html_str(p->b, text);
	html_markup(p->b, "</option>");
}

static void
put_lists(struct page *p, const struct search *s)
{
	const struct conf *conf = p->press.conf;

	html_markup(p->b, "<span><label for=\"list\">");
	html_str(p->b, text_phrase(p->lang, "List"));
	html_markup(p->b, "</label> <select id=\"list\" name=\"l\">");
	put_option(p, "", !s->list, text_phrase(p->lang, "All lists"));
	for (size_t i = 0; i < conf->nlists; i++)
		put_option(p, conf->lists[i].name, &conf->lists[i] == s->list,
			   conf->lists[i].title);
	html_markup(p->b, "</select></span> ");
}

static void
put_hidden(struct page *p, const char *name, struct slice value)
{
	html_markup(p->b, "<input type=\"hidden\"");
	html_attr(p->b, "name", slice_str(name));
	html_attr(p->b, "value", value);
	html_markup(p->b, ">");
}

/* Other words within what the search has been narrowed to. */
static void
put_kept(struct page *p, const struct search *s)
{
	if (s->year > 0)
		put_hidden(p, "year",
			   slice_str(arena_printf(p->press.arena, "%lld", (long long)s->year)));
	if (s->author.n > 0)
		put_hidden(p, "author", s->author);
	if (s->attachment)
		put_hidden(p, "has", slice_str("attachment"));
}

static void
put_collapse(struct page *p, const struct search *s)
{
	html_markup(
	    p->b, "<span><input type=\"checkbox\" id=\"once\" name=\"collapse\" value=\"thread\"");
	if (s->collapse)
		html_markup(p->b, " checked");
	html_markup(p->b, "> <label for=\"once\">");
	html_str(p->b, text_phrase(p->lang, N_("one hit a thread")));
	html_markup(p->b, "</label></span> ");
}

/* In the place of the frame's search box: with the words in it, and more to choose from. */
static void
put_form(struct page *p, const struct search *s)
{
	html_markup(p->b, "<form action=\"search\" class=\"ask\" role=\"search\"");
	html_attr(p->b, "aria-label", slice_str(text_phrase(p->lang, N_("This search"))));
	html_markup(p->b, "><label for=\"words\">");
	html_str(p->b, text_phrase(p->lang, "Words"));
	html_markup(p->b, "</label> <input id=\"words\" name=\"q\" type=\"search\" size=\"40\"");
	html_attr(p->b, "value", s->words);
	html_markup(p->b, "> <button>");
	html_str(p->b, text_phrase(p->lang, "Search"));
	html_markup(p->b, "</button>\n<p>");
	if (!s->list_in_path)
		put_lists(p, s);
	html_markup(p->b, "<span><label for=\"order\">");
	html_str(p->b, text_phrase(p->lang, "Order"));
	html_markup(p->b, "</label> <select id=\"order\" name=\"sort\">");
	put_option(p, "relevance", s->sort == INDEX_BY_RELEVANCE,
		   text_phrase(p->lang, "best first"));
	put_option(p, "date", s->sort == INDEX_BY_DATE, text_phrase(p->lang, "newest first"));
	html_markup(p->b, "</select></span> ");
	put_collapse(p, s);
	put_kept(p, s);
	html_markup(p->b, "</p></form>\n");
}

static void
put_help(struct page *p)
{
	static const struct {
		const char *word, *text;
	} rows[] = {
	    {"\"…\"", N_("these words in this order")},
	    {"s:", N_("in the subject")},
	    {"f:", N_("from this person")},
	    {"t:", N_("to this person or list")},
	    {"b:", N_("in the text, quoted or not")},
	    {"nq:", N_("in the author’s own words, not in what is quoted")},
	    {"q:", N_("in what is quoted")},
	    {"n:", N_("in the name of an attachment")},
	    {"has:attachment", N_("with an attachment")},
	    {"d:20170101..20171231", N_("between these days")},
	    {"d:2017-10..  d:2.months.ago..", N_("since then")},
	    {"l:", N_("on this list")},
	    {"m:", N_("with this Message-ID")},
	    {"thread:", N_("in the thread with this key")},
	    {"-", N_("before a word: without it")},
	    {"AND  OR  NOT  ( )", N_("both, either, without; what belongs together")},
	    {"*", N_("behind the beginning of a word: any word that begins so")},
	};

	html_markup(p->b, "<details class=\"body\"><summary>");
	html_str(p->b, text_phrase(p->lang, "How to search"));
	html_markup(p->b, "</summary><dl>\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		html_markup(p->b, "<dt><code>");
		html_str(p->b, rows[i].word);
		html_markup(p->b, "</code></dt><dd>");
		html_str(p->b, text_phrase(p->lang, rows[i].text));
		html_markup(p->b, "</dd>\n");
	}
	html_markup(p->b, "</dl></details>\n");
}

/* --- hits ----------------------------------------------------------------------------------- */

static void
put_line(struct page *p, struct slice text, size_t max)
{
	struct buf line;

	buf_init(&line, BUF_NO_LIMIT);
	links_hide(&line, text, p->press.conf->domain);
	html_markup(p->b, "<bdi>");
	html_line(p->b, buf_slice(&line), max);
	html_markup(p->b, "</bdi>");
	buf_free(&line);
}

static void
put_person(struct page *p, const struct index_hit *h)
{
	if (slice_trim(h->from_name).n > 0) {
		put_line(p, h->from_name, NAME_MAX_SHOWN);
		return;
	}
	html_markup(p->b, "<bdi>");
	links_address(p->b, h->from_address, p->press.conf->domain);
	html_markup(p->b, "</bdi>");
}

static void
put_list_of_hit(struct page *p, const struct index_hit *h)
{
	const struct conf_list *list = conf_list_find(p->press.conf, slice_str(h->list));

	html_markup(p->b, " · <a");
	frame_hrefn(p->b, &p->frame, "%s/", h->list);
	html_markup(p->b, "><bdi>");
	html_str(p->b, list ? list->title : h->list);
	html_markup(p->b, "</bdi></a>");
}

/* What was left out for one hit a thread. */
static void
put_alike(struct page *p, const struct search *s, const struct index_hit *h)
{
	struct search all = *s;

	if (h->alike <= 0)
		return;
	all.collapse = false;
	all.words = slice_str(
	    arena_printf(p->press.arena, "thread:%s (%.*s)", h->thread_key, SLICE_ARG(s->words)));
	html_markup(p->b, " · <a");
	search_href(p, &all, 0, NULL);
	html_markup(p->b, ">");
	html_str(p->b, arena_printf(p->press.arena,
				    text_plural(p->lang, "%d more hit in it", "%d more hits in it",
						(uint64_t)h->alike),
				    (int)h->alike));
	html_markup(p->b, "</a>");
}

static void
put_hit(struct page *p, const struct search *s, const struct index_hit *h)
{
	html_markup(p->b, "<li><a");
	frame_hrefn(p->b, &p->frame, "%s/m/%s/", h->list, h->key);
	html_markup(p->b, ">");
	if (slice_trim(h->subject).n > 0)
		put_line(p, h->subject, SUBJECT_MAX);
	else
		html_str(p->b, text_phrase(p->lang, "(no subject)"));
	html_markup(p->b, "</a>\n<span class=\"meta\">");
	put_person(p, h);
	html_markup(p->b, " · ");
	html_time(p->b, h->date, text_date(p->press.arena, p->lang, h->date));
	if (!s->list)
		put_list_of_hit(p, h);
	html_markup(p->b, " · <a");
	frame_hrefn(p->b, &p->frame, "%s/t/%s/#%s", h->list, h->thread_key, h->key);
	html_markup(p->b, ">");
	html_str(p->b, text_phrase(p->lang, "in its thread"));
	html_markup(p->b, "</a>");
	put_alike(p, s, h);
	html_markup(p->b, "</span>\n<div class=\"text\" dir=\"auto\">");
	search_put_snippet(p->b, h->snippet, p->press.conf->domain);
	html_markup(p->b, "</div></li>\n");
}

/* "12 messages", "about 340 messages"; of hits that are one a thread, threads. */
static void
put_count(struct page *p, const struct search *s)
{
	const struct index_result *r = &s->result;
	struct arena *a = p->press.arena;
	uint64_t many = (uint64_t)r->estimated;
	int n = (int)r->estimated;
	const char *text;

	if (s->collapse && r->exact)
		text = arena_printf(a, text_plural(p->lang, "%d thread", "%d threads", many), n);
	else if (s->collapse)
		text = arena_printf(
		    a, text_plural(p->lang, "about %d thread", "about %d threads", many), n);
	else if (r->exact)
		text = arena_printf(a, text_plural(p->lang, "%d message", "%d messages", many), n);
	else
		text = arena_printf(
		    a, text_plural(p->lang, "about %d message", "about %d messages", many), n);
	html_markup(p->b, "<p role=\"status\">");
	html_str(p->b, text);
	html_markup(p->b, "</p>\n");
	if (r->estimated == 0 && r->exact)
		page_say(
		    p, N_("Try fewer words, other forms of them, or the beginning of one with *."));
}

static void
put_notices(struct page *p, const struct search *s)
{
	struct search other = *s;
	struct buf link, *page = p->b;

	if (s->result.notice.n > 0)
		page_say(p, arena_str(p->press.arena, s->result.notice));
	if (s->result.corrected.n == 0)
		return;
	other.words = s->result.corrected;
	buf_init(&link, BUF_NO_LIMIT);
	p->b = &link;
	html_markup(&link, "<a");
	search_href(p, &other, 0, NULL);
	html_markup(&link, "><bdi>");
	html_text(&link, other.words);
	html_markup(&link, "</bdi></a>");
	p->b = page;
	page_say_with(p, N_("Did you mean %s?"), buf_slice(&link));
	buf_free(&link);
}

/* --- on ------------------------------------------------------------------------------------- */

static void
put_link(struct page *p, const struct search *s, int64_t offset, const char *rel, const char *text)
{
	html_markup(p->b, "<li><a");
	html_attr(p->b, "rel", slice_str(rel));
	search_href(p, s, offset, NULL);
	html_markup(p->b, ">");
	html_str(p->b, text);
	html_markup(p->b, "</a></li>\n");
}

static void
put_pager(struct page *p, const struct search *s)
{
	bool more = search_has_more(s);

	if (s->offset == 0 && !more)
		return;
	html_markup(p->b, "<nav class=\"pages\"");
	html_attr(p->b, "aria-label", slice_str(text_phrase(p->lang, "More results")));
	html_markup(p->b, "><ul>\n");
	if (s->offset > 0)
		put_link(p, s, s->offset > SEARCH_PAGE ? s->offset - SEARCH_PAGE : 0, "prev",
			 text_phrase(p->lang, "Back"));
	if (more)
		put_link(p, s, s->offset + SEARCH_PAGE, "next", text_phrase(p->lang, "Further"));
	html_markup(p->b, "</ul></nav>\n");
}

static void
put_forms(struct page *p, const struct search *s)
{
	html_markup(p->b, "<p class=\"meta\">");
	html_str(p->b, text_phrase(p->lang, "The same as:"));
	html_markup(p->b, " <a rel=\"alternate\" type=\"application/atom+xml\"");
	search_href(p, s, 0, "atom");
	html_markup(p->b, ">Atom</a> · <a rel=\"alternate\" type=\"application/json\"");
	search_href(p, s, s->offset, "json");
	html_markup(p->b, ">JSON</a></p>\n");
}

static const char *
title_of(struct web_request *rq, const struct search *s)
{
	const char *search = text_phrase(rq->lang, "Search");

	if (s->words.n == 0)
		return search;
	return arena_printf(rq->arena, "%s: %s", search, arena_str(rq->arena, s->words));
}

static void
put_result(struct page *p, const struct search *s)
{
	put_notices(p, s);
	search_put_chosen(p, s);
	put_count(p, s);
	/* On a phone they come behind the hits. */
	if (search_has_facets(s)) {
		html_markup(p->b, "<p class=\"tofacets\"><a href=\"#narrow\">");
		html_str(p->b, text_phrase(p->lang, N_("Narrow this search")));
		html_markup(p->b, "</a></p>\n");
	}
	html_markup(p->b, "<div class=\"found\">\n<div>\n");
	if (s->result.n > 0) {
		buf_printf(p->b, "<ol class=\"threads hits\" start=\"%lld\">\n",
			   (long long)s->offset + 1);
		for (size_t i = 0; i < s->result.n; i++)
			put_hit(p, s, &s->result.hits[i]);
		html_markup(p->b, "</ol>\n");
	}
	put_pager(p, s);
	put_forms(p, s);
	html_markup(p->b, "</div>\n");
	search_put_facets(p, s);
	html_markup(p->b, "</div>\n");
}

void
search_page(struct web *web, struct web_request *rq, struct web_response *rs,
	    const struct search *s)
{
	struct page p;

	page_begin_search(&p, web, rq, rs, title_of(rq, s), s->list_in_path ? s->list : NULL);
	put_form(&p, s);
	if (s->words.n > 0)
		put_result(&p, s);
	put_help(&p);
	page_end(&p);
}
