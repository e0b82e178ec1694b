/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * search: /search and /LIST/search.
 *
 *   q=        search words (INTERFACE section 5)
 *   o=        offset of the first hit, 0 …
 *   sort=     relevance (default) or date, newest first
 *   collapse= thread: of each thread the best hit alone
 *   format=   json, an array of {key list thread from subject date attachment snippet url}, with
 * the number of all matches in X-Total-Count; with facets=1 an object of it and all else that the
 * page shows; atom, a feed; else a page and what narrows it (the page offers each as a link): l=
 * only this list, on /search year=     of the Date author=   the value that an author's facet has
 *   has=      attachment
 */
#ifndef WEB_SEARCH_H
#define WEB_SEARCH_H

#include "archive/index.h"
#include "web/pages.h"
#include "web/request.h"

#define SEARCH_PAGE 25
#define SEARCH_OFFSET_MAX 10000 /* nobody reads on so far, and it costs as much as it skips */
#define SEARCH_QUERY_MAX 1000   /* bytes */

/* Where the words found begin and end in a snippet: U+E000, U+E001. */
#define SEARCH_MARK_BEGIN "\xee\x80\x80"
#define SEARCH_MARK_END "\xee\x80\x81"

/* What was asked for, and what was found. */
struct search {
	struct slice words;
	const struct conf_list *list; /* or NULL */
	bool list_in_path;            /* /LIST/search */
	enum index_sort sort;
	int64_t offset;
	int64_t year;        /* 0: any */
	struct slice author; /* empty: anybody; else INDEX_AUTHOR hex digits */
	bool attachment, collapse;
	bool facets; /* in JSON, too */
	struct index_result result;
};

void search_serve(struct web *web, struct web_request *rq, struct web_response *rs);

/* Reads the query of rq into s; false if there is no such list. */
bool search_read(const struct web *web, struct web_request *rq, struct search *s);
/* A snippet as markup: everything escaped, what stands between the marks in <mark>, addresses
 * hidden as on the pages (domain: the site's, whose own are not). */
void search_put_snippet(struct buf *b, struct slice snippet, const char *domain);
/* The same as plain text, without marks. */
void search_put_plain(struct buf *b, struct slice snippet, const char *domain);
/* This search from that offset, relative to its page: "search?q=…", or of all lists, if s->list was
 * taken away from a search in /LIST/; format may be NULL. Not escaped for HTML. */
void search_put_url(struct buf *b, const struct search *s, int64_t offset, const char *format);

/* Is there another page of hits? */
bool search_has_more(const struct search *s);

/* The three forms of a result. */
void search_page(struct web *web, struct web_request *rq, struct web_response *rs,
		 const struct search *s);
/* What narrows this search, and what would narrow it further, as links (web/narrowing.c). */
void search_put_chosen(struct page *p, const struct search *s);
bool search_has_facets(const struct search *s);
void search_put_facets(struct page *p, const struct search *s);
bool search_is_narrowed(const struct search *s);
/* ' href="…"' of it, for pages. */
void search_href(struct page *p, const struct search *s, int64_t offset, const char *format);
/* What people call a value of a facet: a list's title, a name without its address. */
struct slice search_facet_label(const struct conf *conf, struct arena *a,
				enum index_facet_kind kind, const struct index_facet *f);
/* Another search that is the same narrowed to that value; as a facet's link. */
struct search search_narrowed(const struct conf *conf, const struct search *s,
			      enum index_facet_kind kind, const struct index_facet *f);
void search_json(struct web *web, struct web_request *rq, struct web_response *rs,
		 const struct search *s);
void search_atom(struct web *web, struct web_request *rq, struct web_response *rs,
		 const struct search *s);

#endif
