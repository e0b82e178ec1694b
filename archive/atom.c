/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/atom.h"

#include <stdlib.h>

#include "archive/conduct_words.h"
#include "archive/frame.h"
#include "archive/html.h"
#include "archive/links.h"
#include "archive/record_page.h"
#include "base/clock.h"
#include "conf/text.h"

struct feed {
	struct press *press;
	struct buf *b;
	const struct conf_list *list; /* may be NULL: a list that is no more configured */
	const char *name, *lang;
	const char *folder; /* "LIST/" or "LIST/t/KEY/" */
};

static void
put_url(const struct feed *f, const char *path)
{
	html_str(f->b, f->press->conf->site_url);
	html_markup(f->b, "/");
	html_str(f->b, path);
}

static void
put_updated(const struct feed *f, int64_t t)
{
	html_markup(f->b, "<updated>");
	html_str(f->b, clock_rfc3339(f->press->arena, t));
	html_markup(f->b, "</updated>\n");
}

/* Text in one line, addresses hidden. */
static void
put_hidden(const struct feed *f, struct slice s, size_t max)
{
	struct buf line;

	buf_init(&line, BUF_NO_LIMIT);
	html_line(&line, s, max);
	links_hide(f->b, buf_slice(&line), f->press->conf->domain);
	buf_free(&line);
}

static void
put_head(const struct feed *f, struct slice title, int64_t updated)
{
	html_markup(f->b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
			  "<feed xmlns=\"http://www.w3.org/2005/Atom\"");
	html_attr(f->b, "xml:lang", slice_str(f->lang));
	html_markup(f->b, ">\n<title>");
	put_hidden(f, title, 250);
	html_markup(f->b, "</title>\n<id>");
	put_url(f, f->folder);
	html_markup(f->b, "</id>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"");
	put_url(f, f->folder);
	html_markup(f->b, "atom.xml\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"");
	put_url(f, f->folder);
	html_markup(f->b, "\"/>\n<generator>Plenary</generator>\n");
	put_updated(f, updated);
}

static void
put_author(const struct feed *f, const struct overview_message *m)
{
	html_markup(f->b, "<author><name>");
	if (slice_trim(m->from_name).n > 0)
		put_hidden(f, m->from_name, 80);
	else if (m->from_address.n > 0)
		links_address(f->b, m->from_address, f->press->conf->domain);
	else
		html_str(f->b, text_phrase(f->lang, "somebody"));
	html_markup(f->b, "</name></author>\n");
}

/* What it is about: of an answer to a digest that is its conversation's subject. */
static int
title_of(const struct feed *f, const struct overview_message *m, struct slice *title, struct err *e)
{
	struct overview_thread t;
	int r;

	*title = m->subject;
	if (!m->digest)
		return 0;
	r = overview_thread_info(f->press->overview, f->press->arena, m->thread, &t, e);
	if (r == 1 && slice_trim(t.subject).n > 0)
		*title = t.subject;
	return r < 0 ? -1 : 0;
}

static int
put_entry(const struct feed *f, const struct overview_message *m, struct err *e)
{
	const char *path = arena_printf(f->press->arena, "%s/m/%s/", m->list, m->key);
	const struct rendering *r;
	struct slice title;

	if (render_get(f->press->render, m, &r, e) < 0 || title_of(f, m, &title, e) < 0)
		return -1;
	html_markup(f->b, "<entry>\n<title>");
	if (slice_trim(title).n > 0)
		put_hidden(f, title, 250);
	else
		html_str(f->b, text_phrase(f->lang, "(no subject)"));
	html_markup(f->b, "</title>\n<id>");
	put_url(f, path);
	html_markup(f->b, "</id>\n<link rel=\"alternate\" type=\"text/html\" href=\"");
	put_url(f, path);
	html_markup(f->b, "\"/>\n");
	put_author(f, m);
	put_updated(f, m->date);
	html_markup(f->b, "<summary>");
	put_hidden(f, r->excerpt, RENDER_EXCERPT);
	html_markup(f->b, "</summary>\n</entry>\n");
	return 0;
}

static int
put_feed(const struct feed *f, struct slice title, const struct overview_message *const *ms,
	 size_t n, struct err *e)
{
	int64_t newest = 0;

	for (size_t i = 0; i < n; i++)
		newest = ms[i]->date > newest ? ms[i]->date : newest;
	buf_clear(f->b);
	put_head(f, title, newest);
	for (size_t i = 0; i < n; i++)
		if (put_entry(f, ms[i], e) < 0)
			return -1;
	html_markup(f->b, "</feed>\n");
	return press_put(f->press, arena_printf(f->press->arena, "%satom.xml", f->folder), e);
}

static struct feed
feed_of(struct press *p, const char *list, const char *folder)
{
	struct feed f = {.press = p, .b = &p->page, .name = list, .folder = folder};

	f.list = press_list(p, list);
	f.lang = press_language(p, f.list);
	return f;
}

int
atom_list(struct press *p, const char *list, struct err *e)
{
	struct feed f = feed_of(p, list, arena_printf(p->arena, "%s/", list));
	const struct overview_message *ps[ATOM_ENTRIES];
	struct overview_message *ms;
	size_t n;

	if (overview_recent_messages(p->overview, p->arena, list, ATOM_ENTRIES, &ms, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		ps[i] = &ms[i];
	return put_feed(&f, slice_str(f.list ? f.list->title : list), ps, n, e);
}

static int
newest_first(const void *a, const void *b)
{
	const struct overview_message *x = *(const struct overview_message *const *)a,
				      *y = *(const struct overview_message *const *)b;

	if (x->date != y->date)
		return x->date > y->date ? -1 : 1;
	return x->rank > y->rank ? -1 : x->rank < y->rank;
}

int
atom_thread(struct press *p, const struct conversation *c, struct err *e)
{
	struct feed f = feed_of(p, c->info.list, conversation_path(c, p->arena, 1));
	const struct overview_message **ps = arena_array(p->arena, c->n, sizeof *ps);
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].state == OVERVIEW_PRESENT)
			ps[n++] = &c->rows[i];
	qsort(ps, n, sizeof *ps, newest_first);
	return put_feed(&f, c->info.subject, ps, n < ATOM_ENTRIES ? n : ATOM_ENTRIES, e);
}

/* --- the public log of moderation ------------------------------------------------------------- */

static void
put_event(const struct feed *f, const struct record_event *ev)
{
	struct arena *a = f->press->arena;
	const char *path = record_path(a, f->name, ev);

	html_markup(f->b, "<entry>\n<title>");
	event_words(f->b, a, f->lang, ev, false);
	html_markup(f->b, "</title>\n<id>");
	put_url(f, path);
	html_markup(f->b, "</id>\n<link rel=\"alternate\" type=\"text/html\" href=\"");
	put_url(f, path);
	html_markup(f->b, "\"/>\n");
	put_updated(f, ev->t);
	html_markup(f->b, "<summary>");
	event_words(f->b, a, f->lang, ev, false);
	event_until(f->b, a, f->lang, ev);
	html_markup(f->b, "</summary>\n</entry>\n");
}

int
atom_conduct(struct press *p, const struct conf_list *list, const struct record *r, struct err *e)
{
	struct feed f = feed_of(p, list->name, arena_printf(p->arena, "%s/conduct/", list->name));
	int64_t newest = 0;
	size_t n = 0;

	for (size_t i = 0; i < r->nevents; i++)
		newest = r->events[i].told && r->events[i].t > newest ? r->events[i].t : newest;
	buf_clear(f.b);
	put_head(&f,
		 slice_str(arena_printf(
		     p->arena, text_phrase(f.lang, "%s: public log of moderation"), list->title)),
		 newest);
	/* Who decided is the list's people, never one of them. */
	html_markup(f.b, "<author><name>");
	html_str(f.b, list->title);
	html_markup(f.b, "</name></author>\n");
	for (size_t i = r->nevents; i-- > 0 && n < ATOM_ENTRIES;)
		if (r->events[i].told) {
			put_event(&f, &r->events[i]);
			n++;
		}
	html_markup(f.b, "</feed>\n");
	return press_put(p, arena_printf(p->arena, "%satom.xml", f.folder), e);
}
