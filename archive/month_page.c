/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/month_page.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "archive/brought.h"
#include "archive/frame.h"
#include "archive/html.h"
#include "archive/listing.h"
#include "conf/text.h"

struct page {
	struct press *press;
	struct buf *b;
	const char *list;
	int month, number, npages;
	int64_t messages, threads;
	int before, after; /* months with mail beside this one, 0 where there is none */
	struct frame frame;
};

static char *
path_of(const struct page *pg, int month, int number)
{
	if (number > 1)
		return arena_printf(pg->press->arena, "%s/%04d/%02d/%d/", pg->list, month / 100,
				    month % 100, number);
	return arena_printf(pg->press->arena, "%s/%04d/%02d/", pg->list, month / 100, month % 100);
}

static const char *
name_of(const struct page *pg, int month)
{
	return text_month(pg->press->arena, pg->frame.lang, month / 100, month % 100);
}

/* Sums of this month, and which months are beside it. */
static int
look_around(struct page *pg, struct err *e)
{
	struct overview_month *ms;
	size_t n;

	if (overview_months(pg->press->overview, pg->press->arena, pg->list, &ms, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) { /* newest first */
		if (ms[i].month > pg->month)
			pg->after = ms[i].month;
		if (ms[i].month < pg->month && pg->before == 0)
			pg->before = ms[i].month;
		if (ms[i].month != pg->month)
			continue;
		pg->messages = ms[i].messages;
		pg->threads = ms[i].threads;
	}
	pg->npages = pg->threads == 0 ? 1 : (int)((pg->threads - 1) / MONTH_PAGE) + 1;
	return 0;
}

static void
put_link(const struct page *pg, const char *path, const char *rel, const char *text)
{
	html_markup(pg->b, "<li><a");
	if (rel)
		html_attr(pg->b, "rel", slice_str(rel));
	frame_href(pg->b, &pg->frame, path);
	html_markup(pg->b, ">");
	html_str(pg->b, text);
	html_markup(pg->b, "</a></li>\n");
}

/* Above the threads a landmark; below them the same links for who has read so far: two of one name
 * would only puzzle those who go from landmark to landmark. */
static const char *
begin_links(const struct page *pg, bool landmark, const char *label)
{
	buf_puts(pg->b, landmark ? "<nav class=\"pages\"" : "<div class=\"pages\"");
	if (landmark)
		html_attr(pg->b, "aria-label", slice_str(label));
	html_markup(pg->b, "><ul>\n");
	return landmark ? "</ul></nav>\n" : "</ul></div>\n";
}

static void
put_month_links(const struct page *pg, bool landmark)
{
	const char *end;

	if (pg->before == 0 && pg->after == 0)
		return;
	end = begin_links(pg, landmark, text_phrase(pg->frame.lang, "Months"));
	if (pg->before != 0)
		put_link(pg, path_of(pg, pg->before, 1), "prev", name_of(pg, pg->before));
	if (pg->after != 0)
		put_link(pg, path_of(pg, pg->after, 1), "next", name_of(pg, pg->after));
	buf_puts(pg->b, end);
}

static void
put_page_links(const struct page *pg, bool landmark)
{
	const char *end;

	if (pg->npages == 1)
		return;
	end = begin_links(pg, landmark, text_phrase(pg->frame.lang, "Pages of this month"));
	for (int i = 1; i <= pg->npages; i++) {
		const char *number = arena_printf(pg->press->arena, "%d", i);

		if (i != pg->number) {
			put_link(pg, path_of(pg, pg->month, i), NULL, number);
			continue;
		}
		html_markup(pg->b, "<li aria-current=\"page\">");
		html_str(pg->b, number);
		html_markup(pg->b, "</li>\n");
	}
	buf_puts(pg->b, end);
}

static void
put_extent(const struct page *pg)
{
	html_markup(pg->b, "<p class=\"meta\">");
	frame_messages(pg->b, &pg->frame, pg->messages);
	html_markup(pg->b, " · ");
	html_str(pg->b, arena_printf(pg->press->arena,
				     text_plural(pg->frame.lang, "%d thread begun",
						 "%d threads begun", (uint64_t)pg->threads),
				     (int)pg->threads));
	html_markup(pg->b, " · <a rel=\"nofollow\"");
	frame_hrefn(pg->b, &pg->frame, "%smbox.gz", path_of(pg, pg->month, 1));
	html_markup(pg->b, ">");
	frame_str(pg->b, &pg->frame, N_("This month as a mailbox"));
	html_markup(pg->b, "</a></p>\n");
}

static int
put_page(struct page *pg, struct err *e)
{
	struct press *p = pg->press;
	struct overview_thread *ts;
	size_t n;

	if (overview_month_threads(p->overview, p->arena, pg->list, pg->month,
				   (int64_t)(pg->number - 1) * MONTH_PAGE, MONTH_PAGE, &ts, &n,
				   e) < 0)
		return -1;
	buf_clear(pg->b);
	pg->frame.path = path_of(pg, pg->month, pg->number);
	frame_begin(pg->b, &pg->frame);
	html_markup(pg->b, "<h1>");
	html_str(pg->b, name_of(pg, pg->month));
	html_markup(pg->b, "</h1>\n");
	if (pg->number == 1)
		put_extent(pg);
	put_month_links(pg, true);
	put_page_links(pg, true);
	if (listing_put(pg->b, &pg->frame, ts, n, e) < 0)
		return -1;
	put_page_links(pg, false);
	if (n > 10)
		put_month_links(pg, false);
	if (pg->number == 1 &&
	    brought_put(pg->b, &pg->frame, pg->list, pg->month, pg->messages, e) < 0)
		return -1;
	frame_end(pg->b, &pg->frame);
	return press_put(p, arena_printf(p->arena, "%s" PRESS_PAGE, pg->frame.path), e);
}

static void
frame_of(struct page *pg)
{
	pg->frame = (struct frame){.press = pg->press, .list = press_list(pg->press, pg->list)};
	pg->frame.lang = press_language(pg->press, pg->frame.list);
	pg->frame.title = slice_str(name_of(pg, pg->month));
	pg->frame.prev = pg->before ? path_of(pg, pg->before, 1) : NULL;
	pg->frame.next = pg->after ? path_of(pg, pg->after, 1) : NULL;
	pg->frame.feed = arena_printf(pg->press->arena, "%s/atom.xml", pg->list);
}

/* Pages of a month that shrank. */
static int
trim(const struct page *pg, struct err *e)
{
	for (int i = pg->npages + 1;; i++) {
		char *path = path_of(pg, pg->month, i);

		path[strlen(path) - 1] = '\0';
		if (!press_has(pg->press, path))
			return 0;
		if (press_remove(pg->press, path, e) < 0)
			return -1;
	}
}

/* Are there more or fewer pages than on disk? Each has links to all. */
static bool
is_resized(struct page *pg)
{
	struct press *p = pg->press;

	return !press_has(p, arena_printf(p->arena, "%s" PRESS_PAGE,
					  path_of(pg, pg->month, pg->npages))) ||
	       press_has(p, arena_printf(p->arena, "%s" PRESS_PAGE,
					 path_of(pg, pg->month, pg->npages + 1)));
}

static int
write_some(struct page *pg, const int *pages, size_t n, int from, struct err *e)
{
	if (look_around(pg, e) < 0)
		return -1;
	frame_of(pg);
	if (is_resized(pg))
		from = 1;
	for (size_t i = 0; i < n && pages[i] < from && pages[i] <= pg->npages; i++) {
		pg->number = pages[i];
		if (put_page(pg, e) < 0)
			return -1;
	}
	for (pg->number = from; pg->number <= pg->npages; pg->number++)
		if (put_page(pg, e) < 0)
			return -1;
	return trim(pg, e);
}

/* A month beside a new one. */
static int
write_beside(const struct page *pg, int month, struct err *e)
{
	struct page beside = {.press = pg->press, .b = pg->b, .list = pg->list, .month = month};

	return month == 0 ? 0 : write_some(&beside, NULL, 0, 1, e);
}

int
month_pages(struct press *p, const char *list, int month, const int *pages, size_t n, int from,
	    struct err *e)
{
	struct page pg = {.press = p, .b = &p->page, .list = list, .month = month};
	bool there = press_has(p, arena_printf(p->arena, "%s" PRESS_PAGE, path_of(&pg, month, 1)));

	if (write_some(&pg, pages, n, from, e) < 0)
		return -1;
	if (there)
		return 0;
	return write_beside(&pg, pg.before, e) < 0 ? -1 : write_beside(&pg, pg.after, e);
}

/* --- marks ------------------------------------------------------------------------------------ */

/* One page of a month, or all from it on. */
struct want {
	const char *list;
	int month, page;
	bool onward;
};

static int
by_place(const void *a, const void *b)
{
	const struct want *x = a, *y = b;
	int r = strcmp(x->list, y->list);

	if (r != 0)
		return r;
	if (x->month != y->month)
		return x->month < y->month ? -1 : 1;
	return x->page < y->page ? -1 : x->page > y->page;
}

/* What a mark wants: 1, 0 nothing (any more), -1. */
static int
want_of(struct press *p, const struct dirty *d, struct want *w, struct err *e)
{
	int64_t before = 0;
	int r = 1;

	*w = (struct want){.list = d->list, .month = (int)d->ref};
	switch (d->kind) {
	case DIRTY_MONTH:
		w->onward = true;
		if (overview_month_before(p->overview, d->list, w->month, d->arg, &before, e) < 0)
			return -1;
		break;
	case DIRTY_MONTH_FIRST:
		break;
	case DIRTY_MONTH_THREAD:
		r = overview_month_place(p->overview, d->ref, &w->month, &before, e);
		break;
	default:
		return 0;
	}
	w->page = 1 + (int)(before / MONTH_PAGE);
	return r;
}

/* All of one month: ws[0..n), rising. */
static int
write_wanted(struct press *p, struct arena *batch, const struct want *ws, size_t n, struct err *e)
{
	int *pages = arena_array(batch, n, sizeof *pages), from = INT_MAX;
	size_t count = 0;

	arena_reset(p->arena);
	render_trim(p->render, false);
	for (size_t i = 0; i < n; i++) {
		if (ws[i].onward && ws[i].page < from)
			from = ws[i].page;
		if (count == 0 || pages[count - 1] != ws[i].page)
			pages[count++] = ws[i].page;
	}
	return month_pages(p, ws->list, ws->month, pages, count, from, e);
}

int
month_pages_marked(struct press *p, struct arena *batch, const struct dirty *ds, size_t n,
		   struct err *e)
{
	struct want *ws = arena_array(batch, n, sizeof *ws);
	size_t nws = 0, to;

	for (size_t i = 0; i < n; i++) {
		int r = want_of(p, &ds[i], &ws[nws], e);

		if (r < 0)
			return -1;
		nws += r == 1;
	}
	qsort(ws, nws, sizeof *ws, by_place);
	for (size_t i = 0; i < nws; i = to) {
		for (to = i + 1; to < nws && ws[to].month == ws[i].month &&
				 strcmp(ws[to].list, ws[i].list) == 0;)
			to++;
		if (write_wanted(p, batch, ws + i, to - i, e) < 0)
			return -1;
	}
	return 0;
}
