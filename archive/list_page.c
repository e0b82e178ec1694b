/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/list_page.h"

#include <inttypes.h>

#include "archive/chart.h"
#include "archive/frame.h"
#include "archive/html.h"
#include "archive/listing.h"
#include "base/clock.h"
#include "conf/text.h"

#define YEAR ((int64_t)365 * 86400)

struct page {
	struct press *press;
	struct buf *b;
	const struct conf_list *list;
	struct frame frame;
	struct overview_totals totals;
	struct overview_month *months; /* newest first */
	size_t nmonths;
};

static int
ask(struct page *pg, const struct conf_list *list, struct err *e)
{
	struct press *p = pg->press;

	pg->list = list;
	if (overview_totals(p->overview, list->name, &pg->totals, e) < 0)
		return -1;
	return overview_months(p->overview, p->arena, list->name, &pg->months, &pg->nmonths, e);
}

/* "1,234 messages · 12 threads · the latest on 3 May 2026" */
static void
put_extent(const struct page *pg)
{
	html_markup(pg->b, "<p class=\"meta\">");
	frame_messages(pg->b, &pg->frame, pg->totals.messages);
	if (pg->totals.messages > 0) {
		html_markup(pg->b, " · ");
		html_str(pg->b, arena_printf(pg->press->arena,
					     text_plural(pg->frame.lang, "%d thread", "%d threads",
							 (uint64_t)pg->totals.threads),
					     (int)pg->totals.threads));
		html_markup(pg->b, " · ");
		frame_day(pg->b, &pg->frame, pg->totals.first);
		html_markup(pg->b, " – ");
		frame_day(pg->b, &pg->frame, pg->totals.last);
	}
	html_markup(pg->b, "</p>\n");
}

/* --- the list's page ---------------------------------------------------------------------------
 */

static void
put_mailto(const struct page *pg, const char *robot, const char *phrase)
{
	html_markup(pg->b, "<li><a");
	frame_mailto(pg->b, &pg->frame, robot);
	html_markup(pg->b, ">");
	html_str(pg->b, phrase);
	html_markup(pg->b, "</a></li>\n");
}

/* A step of joining or leaving: a phrase with an address of the list in it, as a link. */
static void
put_step(const struct page *pg, const char *phrase, const char *robot)
{
	struct slice address;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	html_markup(&b, "<a");
	frame_mailto(&b, &pg->frame, robot);
	html_markup(&b, "><bdi>");
	html_str(&b, arena_printf(pg->press->arena, "%s%s@%s", pg->list->name, robot,
				  pg->press->conf->domain));
	html_markup(&b, "</bdi></a>");
	address = buf_slice(&b);
	html_markup(pg->b, "<li>");
	html_fill(pg->b, text_phrase(pg->frame.lang, phrase), &address, 1);
	html_markup(pg->b, "</li>\n");
	buf_free(&b);
}

static void
put_taking_part(const struct page *pg)
{
	const char *lang = pg->frame.lang;

	html_markup(pg->b, "<section class=\"join\"><h2>");
	frame_str(pg->b, &pg->frame, N_("Taking part"));
	html_markup(pg->b, "</h2>\n<p>");
	frame_str(
	    pg->b, &pg->frame,
	    N_("Anyone may join, and leave at any time. There is no account, and no password: "
	       "everything is done by mail."));
	html_markup(pg->b, "</p>\n<ol>\n");
	put_step(pg, N_("Send an empty mail to %s."), "-join");
	put_step(pg, N_("Answer the mail that comes back: an empty reply is enough."), "");
	put_step(pg,
		 N_("Then write to %s. All members get it, and it is kept here for all to read."),
		 "");
	html_markup(pg->b, "</ol>\n<p>");
	frame_str(pg->b, &pg->frame,
		  N_("To leave, follow the link at the end of any mail from the list, or send an "
		     "empty mail and answer what comes back."));
	html_markup(pg->b, "</p>\n<ul class=\"do\">\n");
	put_mailto(pg, "-join", text_phrase(lang, "Join"));
	put_mailto(pg, "-leave", text_phrase(lang, "Leave"));
	put_mailto(pg, "", text_phrase(lang, "Write to the list"));
	put_mailto(pg, "-help", text_phrase(lang, "Help by mail"));
	put_mailto(pg, "-owner", text_phrase(lang, "Write to its owners"));
	html_markup(pg->b, "</ul></section>\n");
}

static void
put_heading(const struct page *pg, const char *phrase)
{
	html_markup(pg->b, "<h2>");
	html_str(pg->b, text_phrase(pg->frame.lang, phrase));
	html_markup(pg->b, "</h2>\n");
}

static int
put_recent(const struct page *pg, struct err *e)
{
	struct press *p = pg->press;
	struct overview_thread *ts;
	size_t n;

	if (overview_recent_threads(p->overview, p->arena, pg->list->name, LIST_PAGE_THREADS, &ts,
				    &n, e) < 0)
		return -1;
	put_heading(pg, N_("Recent threads"));
	if (n == 0) {
		html_markup(pg->b, "<p>");
		frame_str(pg->b, &pg->frame, N_("Nothing was posted yet."));
		html_markup(pg->b, "</p>\n");
	}
	return listing_put(pg->b, &pg->frame, ts, n, e);
}

/* The year up to the latest message, not up to today: so a list that sleeps still shows what it was
 * about, and its page does not change by itself. */
static int64_t
since(const struct page *pg)
{
	return pg->totals.last - YEAR;
}

static int
put_liveliest(const struct page *pg, struct err *e)
{
	struct press *p = pg->press;
	struct overview_thread *ts;
	size_t n;

	if (overview_liveliest_threads(p->overview, p->arena, pg->list->name, since(pg),
				       LIST_PAGE_LIVELIEST, &ts, &n, e) < 0)
		return -1;
	/* Of a short or quiet list they are among the recent ones. */
	if (pg->totals.threads <= LIST_PAGE_THREADS || n < LIST_PAGE_LIVELIEST)
		return 0;
	put_heading(pg, N_("Liveliest threads of the last twelve months"));
	return listing_put(pg->b, &pg->frame, ts, n, e);
}

static int
put_writers(const struct page *pg, struct err *e)
{
	struct press *p = pg->press;
	struct overview_writer *ws;
	size_t n;

	if (pg->list->writers != WRITERS_SHOWN)
		return 0;
	if (overview_writers(p->overview, p->arena, pg->list->name, since(pg), LIST_PAGE_WRITERS,
			     &ws, &n, e) < 0)
		return -1;
	if (n == 0)
		return 0;
	put_heading(pg, N_("Who wrote most in the last twelve months"));
	html_markup(pg->b, "<ol class=\"writers\">\n");
	for (size_t i = 0; i < n; i++) {
		struct overview_message m = {.from_name = ws[i].name,
					     .from_address = ws[i].address};

		html_markup(pg->b, "<li>");
		frame_person(pg->b, &pg->frame, &m);
		html_markup(pg->b, " <small>");
		frame_messages(pg->b, &pg->frame, ws[i].messages);
		html_markup(pg->b, "</small></li>\n");
	}
	html_markup(pg->b, "</ol>\n");
	return 0;
}

static void
put_month(const struct page *pg, const struct overview_month *m)
{
	int year = m->month / 100, month = m->month % 100;

	html_markup(pg->b, "<li><a");
	frame_hrefn(pg->b, &pg->frame, "%s/%04d/%02d/", pg->list->name, year, month);
	html_attr(pg->b, "title",
		  slice_str(text_month(pg->press->arena, pg->frame.lang, year, month)));
	buf_printf(pg->b, ">%02d</a> <small>%" PRId64 "</small></li>\n", month, m->messages);
}

/* A year a line, with its months and their numbers of messages. */
static void
put_months(const struct page *pg)
{
	if (pg->nmonths == 0)
		return;
	html_markup(pg->b, "<section class=\"years\"><h2>");
	frame_str(pg->b, &pg->frame, N_("Months"));
	html_markup(pg->b, "</h2>\n<p class=\"meta\">");
	frame_str(pg->b, &pg->frame, N_("with their numbers of messages"));
	html_markup(pg->b, "</p>\n<dl>\n");
	for (size_t i = 0; i < pg->nmonths;) {
		int year = pg->months[i].month / 100;
		size_t to = i;

		while (to < pg->nmonths && pg->months[to].month / 100 == year)
			to++;
		buf_printf(pg->b, "<dt>%04d</dt><dd><ul>\n", year);
		for (size_t k = to; k-- > i;)
			put_month(pg, &pg->months[k]);
		html_markup(pg->b, "</ul></dd>\n");
		i = to;
	}
	html_markup(pg->b, "</dl></section>\n");
}

int
list_page(struct press *p, const char *name, struct err *e)
{
	struct page pg = {.press = p, .b = &p->page};
	const struct conf_list *list = press_list(p, name);

	if (!list)
		return 0; /* its archive stays, but nobody can join it any more */
	if (ask(&pg, list, e) < 0)
		return -1;
	pg.frame = (struct frame){.press = p,
				  .list = list,
				  .lang = press_language(p, list),
				  .path = arena_printf(p->arena, "%s/", name),
				  .description = slice_str(list->description),
				  .feed = arena_printf(p->arena, "%s/atom.xml", name)};
	buf_clear(pg.b);
	frame_begin(pg.b, &pg.frame);
	html_markup(pg.b, "<h1><bdi>");
	html_str(pg.b, list->title);
	html_markup(pg.b, "</bdi></h1>\n");
	if (list->description && *list->description) {
		html_markup(pg.b, "<p class=\"lead\" dir=\"auto\">");
		html_str(pg.b, list->description);
		html_markup(pg.b, "</p>\n");
	}
	put_extent(&pg);
	chart_months(pg.b, &pg.frame, pg.months, pg.nmonths, clock_now(), true);
	put_taking_part(&pg);
	if (put_recent(&pg, e) < 0 || put_liveliest(&pg, e) < 0)
		return -1;
	put_months(&pg);
	if (put_writers(&pg, e) < 0)
		return -1;
	frame_end(pg.b, &pg.frame);
	return press_put(p, arena_printf(p->arena, "%s/" PRESS_PAGE, name), e);
}

/* --- the front page ----------------------------------------------------------------------------
 */

/* Is it alive? "34 messages in the last twelve months", or since when it is silent. */
static void
put_pulse(const struct page *pg, int64_t now)
{
	int64_t lately = 0;
	int year, month, day;

	clock_civil(now, &year, &month, &day);
	for (size_t i = 0; i < pg->nmonths; i++)
		if (pg->months[i].month > (year - 1) * 100 + month)
			lately += pg->months[i].messages;
	html_markup(pg->b, "<p class=\"meta\">");
	if (pg->totals.messages == 0) {
		frame_str(pg->b, &pg->frame, N_("Nothing was posted yet."));
	} else if (lately > 0) {
		html_str(pg->b,
			 arena_printf(
			     pg->press->arena,
			     text_plural(pg->frame.lang, "%d message in the last twelve months",
					 "%d messages in the last twelve months", (uint64_t)lately),
			     (int)lately));
	} else {
		frame_str(pg->b, &pg->frame, N_("Silent for a year or more"));
	}
	if (pg->totals.messages > 0) {
		html_markup(pg->b, " · ");
		frame_str(pg->b, &pg->frame, N_("the latest on"));
		html_markup(pg->b, " ");
		frame_day(pg->b, &pg->frame, pg->totals.last);
	}
	html_markup(pg->b, "</p>\n");
}

static void
put_entry(const struct page *pg)
{
	const struct conf_list *l = pg->list;

	html_markup(pg->b, "<li><div><h2><a");
	frame_hrefn(pg->b, &pg->frame, "%s/", l->name);
	html_markup(pg->b, "><bdi>");
	html_str(pg->b, l->title);
	html_markup(pg->b, "</bdi></a></h2>\n");
	if (l->description && *l->description) {
		html_markup(pg->b, "<p dir=\"auto\">");
		html_line(pg->b, slice_str(l->description), 400);
		html_markup(pg->b, "</p>\n");
	}
	put_pulse(pg, clock_now());
	html_markup(pg->b, "</div>\n");
	chart_months(pg->b, &pg->frame, pg->months, pg->nmonths, clock_now(), false);
	html_markup(pg->b, "</li>\n");
}

int
front_page(struct press *p, struct err *e)
{
	struct page pg = {.press = p, .b = &p->page};

	pg.frame = (struct frame){.press = p, .lang = press_language(p, NULL), .path = ""};
	buf_clear(pg.b);
	frame_begin(pg.b, &pg.frame);
	html_markup(pg.b, "<h1>");
	html_str(pg.b, arena_printf(p->arena, text_phrase(pg.frame.lang, "Mailing lists at %s"),
				    p->conf->domain));
	html_markup(pg.b, "</h1>\n<p class=\"lead\">");
	frame_str(pg.b, &pg.frame,
		  N_("Anyone may join these lists, anyone may read them, and what was said stays "
		     "here for everybody."));
	html_markup(pg.b, "</p>\n<ul class=\"lists\">\n");
	for (size_t i = 0; i < p->conf->nlists; i++) {
		if (ask(&pg, &p->conf->lists[i], e) < 0)
			return -1;
		put_entry(&pg);
	}
	html_markup(pg.b, "</ul>\n");
	frame_end(pg.b, &pg.frame);
	return press_put(p, PRESS_PAGE, e);
}
