/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/search.h"

#include "archive/html.h"
#include "archive/links.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"
#include "web/pages.h"
#include "web/squeeze.h"

/* Only what a facet's link can have: it comes back in links. */
static struct slice
author_of(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return (struct slice){NULL, 0};
	return s.n == INDEX_AUTHOR ? s : (struct slice){NULL, 0};
}

bool
search_read(const struct web *web, struct web_request *rq, struct search *s)
{
	struct slice name = url_query(&rq->url, rq->arena, "l");
	struct slice offset = url_query(&rq->url, rq->arena, "o");

	*s = (struct search){.sort = INDEX_BY_RELEVANCE};
	s->words = slice_trim(utf8_cleaned(rq->arena, url_query(&rq->url, rq->arena, "q")));
	while (s->words.n > SEARCH_QUERY_MAX)
		s->words = utf8_head(s->words, utf8_length(s->words) * 3 / 4);
	if (slice_is(url_query(&rq->url, rq->arena, "sort"), "date"))
		s->sort = INDEX_BY_DATE;
	if (!num_parse(offset, 0, SEARCH_OFFSET_MAX, &s->offset))
		s->offset = 0;
	if (!num_parse(url_query(&rq->url, rq->arena, "year"), 1970, 9998, &s->year))
		s->year = 0;
	s->author = author_of(url_query(&rq->url, rq->arena, "author"));
	s->attachment = slice_is(url_query(&rq->url, rq->arena, "has"), "attachment");
	s->collapse = slice_is(url_query(&rq->url, rq->arena, "collapse"), "thread");
	s->facets = slice_is(url_query(&rq->url, rq->arena, "facets"), "1");
	s->list_in_path = rq->url.nseg > 1;
	if (s->list_in_path)
		name = rq->url.seg[0];
	s->list = name.n > 0 ? conf_list_find(web->conf, name) : NULL;
	return s->list || name.n == 0;
}

/* Opened on the thread that uses it, and again when it could not be. */
static int
find(struct web *web, struct web_request *rq, struct search *s, bool facets, struct err *e)
{
	struct index_reader **reader = &web->reader[rq->worker];
	struct index_query q = {
	    .text = s->words,
	    .list = s->list ? s->list->name : NULL,
	    .sort = s->sort,
	    .offset = s->offset,
	    .limit = SEARCH_PAGE,
	    .now = clock_now(),
	    .year = s->year,
	    .author = s->author,
	    .attachment = s->attachment,
	    .collapse = s->collapse,
	    .facets = facets,
	};

	if (!*reader &&
	    index_reader_open(reader, conf_path(web->conf, rq->arena, "archive/xapian"), e) < 0) {
		*reader = NULL;
		return -1;
	}
	if (index_search(*reader, rq->arena, &q, &s->result, e) == 0)
		return 0;
	index_reader_close(*reader);
	*reader = NULL;
	return -1;
}

enum { PAGE, JSON, ATOM };
static const struct {
	const char *name;
	void (*put)(struct web *web, struct web_request *rq, struct web_response *rs,
		    const struct search *s);
} formats[] = {
    [PAGE] = {"", search_page}, [JSON] = {"json", search_json}, [ATOM] = {"atom", search_atom}};

void
search_serve(struct web *web, struct web_request *rq, struct web_response *rs)
{
	struct slice format = url_query(&rq->url, rq->arena, "format");
	int64_t begun = clock_mono();
	struct search s;
	struct err e;
	size_t f = PAGE;

	if (!search_read(web, rq, &s)) {
		page_error(web, rq, rs, 404);
		return;
	}
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (slice_is(format, formats[i].name))
			f = i;
	if (s.words.n > 0 && find(web, rq, &s, f == PAGE || s.facets, &e) < 0) {
		log_warning("search: %s", e.text);
		web_header(rs, "Retry-After", "60");
		page_error(web, rq, rs, 503);
		return;
	}
	if (s.words.n > 0) {
		web->stats.searches++;
		web->stats.search_microseconds += (clock_mono() - begun) * 1000;
	}
	web_header(rs, "Cache-Control", "max-age=30");
	formats[f].put(web, rq, rs, &s);
	if (squeeze_wanted(rq->field[WEB_ACCEPT_ENCODING]) && !buf_over(&rs->body) &&
	    squeeze_buf(&rs->body))
		web_header(rs, "Content-Encoding", "gzip");
}

/* --- what all forms need -------------------------------------------------------------------- */

/* Up to the next mark; the mark is taken off, too: 1 begin, 2 end, 0 the rest without any. */
static int
next_run(struct slice *s, struct slice *run)
{
	size_t begin = slice_find(*s, SLICE(SEARCH_MARK_BEGIN));
	size_t end = slice_find(*s, SLICE(SEARCH_MARK_END));
	size_t at = begin < end ? begin : end;
	int what = begin < end ? 1 : end < s->n ? 2 : 0;

	*run = slice_sub(*s, 0, at);
	*s = slice_from(*s, what ? at + sizeof SEARCH_MARK_END - 1 : s->n);
	return what;
}

/* An address is hidden whole: marks inside of a word with an "@" go first. */
static void
hide_addresses(struct buf *b, struct slice snippet, const char *domain)
{
	struct buf plain;

	buf_init(&plain, BUF_NO_LIMIT);
	while (snippet.n > 0) {
		size_t n = 0;
		struct slice word, run;

		while (n < snippet.n && (unsigned char)snippet.p[n] > ' ')
			n++;
		while (n < snippet.n && (unsigned char)snippet.p[n] <= ' ')
			n++;
		word = slice_sub(snippet, 0, n);
		snippet = slice_from(snippet, n);
		if (slice_find_char(word, '@') == word.n) {
			buf_put_slice(&plain, word);
			continue;
		}
		while (word.n > 0) {
			next_run(&word, &run);
			buf_put_slice(&plain, run);
		}
	}
	links_hide(b, buf_slice(&plain), domain);
	buf_free(&plain);
}

void
search_put_snippet(struct buf *b, struct slice snippet, const char *domain)
{
	bool open = false;
	struct slice rest, run;
	struct buf hidden;

	buf_init(&hidden, BUF_NO_LIMIT);
	hide_addresses(&hidden, snippet, domain);
	rest = buf_slice(&hidden);
	while (rest.n > 0) {
		int what = next_run(&rest, &run);

		html_text(b, run);
		if (what == 1 && !open)
			html_markup(b, "<mark>");
		else if (what == 2 && open)
			html_markup(b, "</mark>");
		if (what)
			open = what == 1;
	}
	if (open)
		html_markup(b, "</mark>");
	buf_free(&hidden);
}

void
search_put_plain(struct buf *b, struct slice snippet, const char *domain)
{
	struct slice rest, run;
	struct buf hidden;

	buf_init(&hidden, BUF_NO_LIMIT);
	hide_addresses(&hidden, snippet, domain);
	rest = buf_slice(&hidden);
	while (rest.n > 0) {
		next_run(&rest, &run);
		utf8_clean(b, run);
	}
	buf_free(&hidden);
}

void
search_put_url(struct buf *b, const struct search *s, int64_t offset, const char *format)
{
	buf_puts(b, s->list_in_path && !s->list ? "../search?q=" : "search?q=");
	html_segment(b, s->words);
	if (s->list && !s->list_in_path)
		buf_printf(b, "&l=%s", s->list->name);
	if (s->sort == INDEX_BY_DATE)
		buf_puts(b, "&sort=date");
	if (s->collapse)
		buf_puts(b, "&collapse=thread");
	if (s->year > 0)
		buf_printf(b, "&year=%lld", (long long)s->year);
	if (s->author.n > 0)
		buf_printf(b, "&author=%.*s", SLICE_ARG(s->author));
	if (s->attachment)
		buf_puts(b, "&has=attachment");
	if (offset > 0)
		buf_printf(b, "&o=%lld", (long long)offset);
	if (format)
		buf_printf(b, "&format=%s%s", format, s->facets ? "&facets=1" : "");
}

bool
search_has_more(const struct search *s)
{
	int64_t next = s->offset + SEARCH_PAGE;

	return s->result.n == SEARCH_PAGE && next <= SEARCH_OFFSET_MAX &&
	       (!s->result.exact || next < s->result.estimated);
}
