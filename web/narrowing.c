/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What narrows a search beside its words: the list, the year, who wrote, an attachment. What is
 * chosen stands above the hits, each with a link to the same search without it; what can be chosen
 * stands beside them, with how many messages that leaves.
 */
#include "config.h"

#include <stdlib.h>

#include "archive/html.h"
#include "archive/links.h"
#include "conf/text.h"
#include "web/pages.h"
#include "web/search.h"

#define LABEL_MAX 40 /* code points */

static const char *const headings[INDEX_KINDS] = {N_("List"), N_("Year"), N_("Author"),
						  N_("Attachments")};

struct slice
search_facet_label(const struct conf *conf, struct arena *a, enum index_facet_kind kind,
		   const struct index_facet *f)
{
	const struct conf_list *list;
	struct slice label = f->label;
	struct buf b;

	if (kind == INDEX_LISTS) {
		list = conf_list_find(conf, slice_str(f->value));
		return list ? slice_str(list->title) : f->label;
	}
	if (kind != INDEX_AUTHORS)
		return label;
	buf_init(&b, BUF_NO_LIMIT);
	links_hide(&b, label, conf->domain);
	label = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return label;
}

struct search
search_narrowed(const struct conf *conf, const struct search *s, enum index_facet_kind kind,
		const struct index_facet *f)
{
	struct search narrow = *s;

	narrow.offset = 0;
	if (kind == INDEX_LISTS)
		narrow.list = conf_list_find(conf, slice_str(f->value));
	else if (kind == INDEX_YEARS)
		narrow.year = strtoll(f->value, NULL, 10);
	else if (kind == INDEX_AUTHORS)
		narrow.author = slice_str(f->value);
	else
		narrow.attachment = true;
	return narrow;
}

static bool
is_chosen(const struct search *s, enum index_facet_kind kind)
{
	switch (kind) {
	case INDEX_LISTS:
		return s->list != NULL;
	case INDEX_YEARS:
		return s->year > 0;
	case INDEX_AUTHORS:
		return s->author.n > 0;
	default:
		return s->attachment;
	}
}

bool
search_is_narrowed(const struct search *s)
{
	for (int k = 0; k < INDEX_KINDS; k++)
		if (is_chosen(s, (enum index_facet_kind)k))
			return true;
	return false;
}

/* --- what is chosen --------------------------------------------------------------------------- */

/* The label of a value that all hits have. */
static struct slice
label_of_chosen(struct page *p, const struct search *s, enum index_facet_kind kind)
{
	const struct index_facets *all = &s->result.facets;

	if (kind == INDEX_LISTS)
		return slice_str(s->list->title);
	if (kind == INDEX_YEARS)
		return slice_str(arena_printf(p->press.arena, "%lld", (long long)s->year));
	if (kind == INDEX_ATTACHMENTS)
		return slice_str(text_phrase(p->lang, N_("with an attachment")));
	if (all->n[kind] > 0)
		return search_facet_label(p->press.conf, p->press.arena, kind, &all->v[kind][0]);
	return slice_str(text_phrase(p->lang, N_("this author")));
}

static struct search
without(const struct search *s, enum index_facet_kind kind)
{
	struct search wide = *s;

	wide.offset = 0;
	if (kind == INDEX_LISTS)
		wide.list = NULL;
	else if (kind == INDEX_YEARS)
		wide.year = 0;
	else if (kind == INDEX_AUTHORS)
		wide.author = (struct slice){NULL, 0};
	else
		wide.attachment = false;
	return wide;
}

void
search_put_chosen(struct page *p, const struct search *s)
{
	if (!search_is_narrowed(s))
		return;
	html_markup(p->b, "<ul class=\"chosen\"");
	html_attr(p->b, "aria-label",
		  slice_str(text_phrase(p->lang, N_("What narrows this search"))));
	html_markup(p->b, ">\n");
	for (int k = 0; k < INDEX_KINDS; k++) {
		enum index_facet_kind kind = (enum index_facet_kind)k;
		struct search wide;

		if (!is_chosen(s, kind))
			continue;
		wide = without(s, kind);
		html_markup(p->b, "<li><a");
		search_href(p, &wide, 0, NULL);
		html_markup(p->b, "><span class=\"vh\">");
		html_str(p->b, text_phrase(p->lang, N_("Search without:")));
		html_markup(p->b, " </span><bdi>");
		html_line(p->b, label_of_chosen(p, s, kind), LABEL_MAX);
		html_markup(p->b, "</bdi> <span aria-hidden=\"true\">×</span></a></li>\n");
	}
	html_markup(p->b, "</ul>\n");
}

/* --- what can be chosen ----------------------------------------------------------------------- */

/* A value that all hits have says nothing. */
static bool
is_worth(const struct search *s, enum index_facet_kind kind)
{
	size_t n = s->result.facets.n[kind];

	if (is_chosen(s, kind) || n == 0)
		return false;
	return n > 1 || (kind == INDEX_ATTACHMENTS &&
			 s->result.facets.v[kind][0].count < s->result.estimated);
}

static void
put_value(struct page *p, const struct search *s, enum index_facet_kind kind,
	  const struct index_facet *f)
{
	struct search narrow = search_narrowed(p->press.conf, s, kind, f);

	if (kind == INDEX_LISTS && !narrow.list)
		return; /* it has been closed since */
	html_markup(p->b, "<li><a");
	search_href(p, &narrow, 0, NULL);
	html_markup(p->b, "><bdi>");
	if (kind == INDEX_ATTACHMENTS)
		html_str(p->b, text_phrase(p->lang, N_("with an attachment")));
	else
		html_line(p->b, search_facet_label(p->press.conf, p->press.arena, kind, f),
			  LABEL_MAX);
	html_markup(p->b, "</bdi></a> <small>");
	if (!s->result.facets.exact)
		html_str(p->b, text_phrase(p->lang, N_("about")));
	html_markup(p->b, " ");
	html_int(p->b, f->count);
	html_markup(p->b, "</small></li>\n");
}

static void
put_kind(struct page *p, const struct search *s, enum index_facet_kind kind)
{
	const struct index_facets *all = &s->result.facets;

	html_markup(p->b, "<h3>");
	html_str(p->b, text_phrase(p->lang, headings[kind]));
	html_markup(p->b, "</h3>\n<ul>\n");
	for (size_t i = 0; i < all->n[kind]; i++)
		put_value(p, s, kind, &all->v[kind][i]);
	html_markup(p->b, "</ul>\n");
}

bool
search_has_facets(const struct search *s)
{
	for (int k = 0; k < INDEX_KINDS; k++)
		if (is_worth(s, (enum index_facet_kind)k))
			return true;
	return false;
}

void
search_put_facets(struct page *p, const struct search *s)
{
	if (!search_has_facets(s))
		return;
	html_markup(p->b, "<nav class=\"facets\" id=\"narrow\" aria-labelledby=\"narrow-title\">\n"
			  "<h2 id=\"narrow-title\">");
	html_str(p->b, text_phrase(p->lang, N_("Narrow this search")));
	html_markup(p->b, "</h2>\n");
	for (int k = 0; k < INDEX_KINDS; k++)
		if (is_worth(s, (enum index_facet_kind)k))
			put_kind(p, s, (enum index_facet_kind)k);
	html_markup(p->b, "</nav>\n");
}
