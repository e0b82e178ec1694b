/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/month_page.h"

#include <string.h>

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

/* Counts of this month, and which months are beside it. */
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

static void
put_month_links(const struct page *pg)
{
	if (pg->before == 0 && pg->after == 0)
		return;
	html_markup(pg->b, "<nav class=\"pages\"");
	html_attr(pg->b, "aria-label", slice_str(text_phrase(pg->frame.lang, "Months")));
	html_markup(pg->b, "><ul>\n");
	if (pg->before != 0)
		put_link(pg, path_of(pg, pg->before, 1), "prev", name_of(pg, pg->before));
	if (pg->after != 0)
		put_link(pg, path_of(pg, pg->after, 1), "next", name_of(pg, pg->after));
	html_markup(pg->b, "</ul></nav>\n");
}

static void
put_page_links(const struct page *pg)
{
	if (pg->npages == 1)
		return;
	html_markup(pg->b, "<nav class=\"pages\"");
	html_attr(pg->b, "aria-label",
		  slice_str(text_phrase(pg->frame.lang, "Pages of this month")));
	html_markup(pg->b, "><ul>\n");
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
	html_markup(pg->b, "</ul></nav>\n");
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
	put_extent(pg);
	put_month_links(pg);
	put_page_links(pg);
	if (listing_put(pg->b, &pg->frame, ts, n, e) < 0)
		return -1;
	put_page_links(pg);
	if (n > 10)
		put_month_links(pg);
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

static int
write_from(struct press *p, const char *list, int month, int from, struct page *pg, struct err *e)
{
	*pg = (struct page){.press = p, .b = &p->page, .list = list, .month = month};
	if (look_around(pg, e) < 0)
		return -1;
	frame_of(pg);
	for (pg->number = from < 1 ? 1 : from; pg->number <= pg->npages; pg->number++)
		if (put_page(pg, e) < 0)
			return -1;
	return trim(pg, e);
}

int
month_pages(struct press *p, const char *list, int month, int from, struct err *e)
{
	struct page pg, beside;
	bool there = press_has(
	    p, arena_printf(p->arena, "%s/%04d/%02d/" PRESS_PAGE, list, month / 100, month % 100));

	if (write_from(p, list, month, there ? from : 1, &pg, e) < 0)
		return -1;
	if (there)
		return 0;
	if (pg.before != 0 && write_from(p, list, pg.before, 1, &beside, e) < 0)
		return -1;
	return pg.after != 0 ? write_from(p, list, pg.after, 1, &beside, e) : 0;
}
