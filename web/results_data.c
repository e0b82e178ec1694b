/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A result for programs: JSON and Atom. */
#include "config.h"

#include <jansson.h>
#include <stdlib.h>

#include "archive/html.h"
#include "archive/links.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "web/search.h"

static void
put(json_t *object, const char *name, json_t *value)
{
	/* A reference to NULL is refused by it, so this fails only without memory. */
	if (json_object_set_new(object, name, value) < 0)
		fatal("no memory for JSON");
}

static void
add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		fatal("no memory for JSON");
}

static void
set(json_t *object, struct arena *a, const char *name, struct slice value)
{
	struct slice clean = utf8_cleaned(a, value);

	put(object, name, json_stringn(clean.p ? clean.p : "", clean.n));
}

static struct slice
hidden(const struct web *web, struct arena *a, struct slice text)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	links_hide(&b, text, web->conf->domain);
	text = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

/* A name, or what may be shown of the address. */
static struct slice
from_of(const struct web *web, struct arena *a, const struct index_hit *h)
{
	return hidden(web, a, slice_trim(h->from_name).n > 0 ? h->from_name : h->from_address);
}

static const char *
url_of(const struct web *web, struct arena *a, const struct index_hit *h)
{
	return arena_printf(a, "%s/%s/m/%s/", web->conf->site_url, h->list, h->key);
}

static json_t *
hit_object(const struct web *web, struct arena *a, const struct index_hit *h)
{
	json_t *o = json_object();
	struct buf plain;

	buf_init(&plain, BUF_NO_LIMIT);
	search_put_plain(&plain, h->snippet, web->conf->domain);
	set(o, a, "key", slice_str(h->key));
	set(o, a, "list", slice_str(h->list));
	set(o, a, "thread", slice_str(h->thread_key));
	set(o, a, "from", from_of(web, a, h));
	set(o, a, "subject", hidden(web, a, h->subject));
	set(o, a, "date", slice_str(clock_rfc3339(a, h->date)));
	set(o, a, "snippet", buf_slice(&plain));
	set(o, a, "url", slice_str(url_of(web, a, h)));
	put(o, "attachment", json_boolean(h->attachment));
	buf_free(&plain);
	return o;
}

/* The address of this search, or of one like it. */
static const char *
link_of(const struct web *web, struct arena *a, const struct search *s, int64_t offset,
	const char *format)
{
	const char *out;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	buf_printf(&b, "%s/", web->conf->site_url);
	if (s->list_in_path)
		buf_printf(&b, "%s/", s->list->name);
	search_put_url(&b, s, offset, format);
	out = arena_str(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static json_t *
facet_array(const struct web *web, struct arena *a, const struct search *s,
	    enum index_facet_kind kind)
{
	const struct index_facets *all = &s->result.facets;
	json_t *array = json_array();

	for (size_t i = 0; i < all->n[kind]; i++) {
		const struct index_facet *f = &all->v[kind][i];
		struct search narrow = search_narrowed(web->conf, s, kind, f);
		json_t *o = json_object();

		set(o, a, "value", slice_str(f->value));
		set(o, a, "label", search_facet_label(web->conf, a, kind, f));
		put(o, "count", json_integer(f->count));
		set(o, a, "url", slice_str(link_of(web, a, &narrow, 0, "json")));
		add(array, o);
	}
	return array;
}

/* All that the page tells. */
static json_t *
whole(const struct web *web, const char *lang, struct arena *a, const struct search *s,
      json_t *hits)
{
	static const char *const kinds[INDEX_KINDS] = {"list", "year", "author", "has"};
	const struct index_result *r = &s->result;
	json_t *o = json_object(), *facets = json_object();

	put(o, "total", json_integer(r->estimated));
	put(o, "exact", json_boolean(r->exact));
	put(o, "offset", json_integer(s->offset));
	put(o, "hits", hits);
	for (int k = 0; k < INDEX_KINDS; k++)
		put(facets, kinds[k], facet_array(web, a, s, (enum index_facet_kind)k));
	put(o, "facets", facets);
	put(o, "facets_exact", json_boolean(r->facets.exact));
	if (r->corrected.n > 0)
		set(o, a, "did_you_mean", r->corrected);
	if (r->notice.n > 0)
		set(o, a, "notice", slice_str(text_phrase(lang, arena_str(a, r->notice))));
	if (search_has_more(s))
		set(o, a, "next", slice_str(link_of(web, a, s, s->offset + SEARCH_PAGE, "json")));
	return o;
}

void
search_json(struct web *web, struct web_request *rq, struct web_response *rs,
	    const struct search *s)
{
	json_t *out = json_array();
	char *text;

	for (size_t i = 0; i < s->result.n; i++)
		add(out, hit_object(web, rq->arena, &s->result.hits[i]));
	if (s->facets)
		out = whole(web, rq->lang, rq->arena, s, out);
	text = json_dumps(out, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	json_decref(out);
	if (!text)
		fatal("no memory for JSON");
	web_type(rs, "application/json");
	web_header(rs, "X-Robots-Tag", "noindex");
	web_header(rs, "Vary", s->facets ? "Accept-Language, Accept-Encoding" : "Accept-Encoding");
	web_header(rs, "X-Total-Count",
		   arena_printf(rq->arena, "%lld", (long long)s->result.estimated));
	buf_puts(&rs->body, text);
	buf_putc(&rs->body, '\n');
	free(text);
}

static void
put_element(struct buf *b, const char *name, struct slice text)
{
	buf_printf(b, "<%s>", name);
	html_text(b, text);
	buf_printf(b, "</%s>\n", name);
}

static void
put_entry(const struct web *web, struct arena *a, struct buf *b, const struct index_hit *h)
{
	struct slice url = slice_str(url_of(web, a, h));
	struct buf plain;

	buf_init(&plain, BUF_NO_LIMIT);
	search_put_plain(&plain, h->snippet, web->conf->domain);
	html_markup(b, "<entry>\n");
	put_element(b, "id", url);
	html_markup(b, "<link rel=\"alternate\" type=\"text/html\"");
	html_attr(b, "href", url);
	html_markup(b, "/>\n");
	put_element(b, "title", hidden(web, a, h->subject));
	put_element(b, "updated", slice_str(clock_rfc3339(a, h->date)));
	html_markup(b, "<author>");
	put_element(b, "name", from_of(web, a, h));
	html_markup(b, "</author>\n");
	put_element(b, "summary", buf_slice(&plain));
	html_markup(b, "</entry>\n");
	buf_free(&plain);
}

/* RFC 4287: the newest entry's time is the feed's. */
static int64_t
newest(const struct index_result *r)
{
	int64_t t = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->hits[i].date > t)
			t = r->hits[i].date;
	return t;
}

void
search_atom(struct web *web, struct web_request *rq, struct web_response *rs,
	    const struct search *s)
{
	struct slice url = slice_str(link_of(web, rq->arena, s, s->offset, "atom"));
	struct buf *b = &rs->body;

	web_type(rs, "application/atom+xml");
	web_header(rs, "X-Robots-Tag", "noindex");
	web_header(rs, "Vary", "Accept-Encoding");
	html_markup(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		       "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
	put_element(b, "id", url);
	html_markup(b, "<link rel=\"self\" type=\"application/atom+xml\"");
	html_attr(b, "href", url);
	html_markup(b, "/>\n");
	if (search_has_more(s)) { /* RFC 5005 */
		html_markup(b, "<link rel=\"next\" type=\"application/atom+xml\"");
		html_attr(b, "href",
			  slice_str(link_of(web, rq->arena, s, s->offset + SEARCH_PAGE, "atom")));
		html_markup(b, "/>\n");
	}
	put_element(b, "title", s->words);
	put_element(b, "updated", slice_str(clock_rfc3339(rq->arena, newest(&s->result))));
	for (size_t i = 0; i < s->result.n; i++)
		put_entry(web, rq->arena, b, &s->result.hits[i]);
	html_markup(b, "</feed>\n");
}
