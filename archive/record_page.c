/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/record_page.h"

#include <string.h>

#include "archive/atom.h"
#include "archive/conduct_words.h"
#include "archive/html.h"
#include "archive/prose.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "mail/msgid.h"

static int
year_of(int64_t t)
{
	int year, month, day;

	clock_civil(t, &year, &month, &day);
	return year;
}

const char *
record_path(struct arena *a, const char *list, const struct record_event *ev)
{
	return arena_printf(a, "%s/conduct/%04d/#e%lld", list, year_of(ev->t), (long long)ev->id);
}

/* --- rules by version --------------------------------------------------------------------------
 */

struct version {
	struct slice step, rule;
	int number;    /* of the step's, from 1 */
	int64_t first; /* when a step was first taken under it */
};
struct versions {
	struct version *v;
	size_t n;
};

static size_t
version_of(const struct versions *vs, struct slice rule)
{
	size_t i = 0;

	while (i < vs->n && !slice_eq(vs->v[i].rule, rule))
		i++;
	return i;
}

/* In the order in which they were first used: so numbers never change. */
static void
gather_versions(struct versions *vs, struct arena *a, const struct record *r)
{
	*vs = (struct versions){.v = arena_array(a, r->nevents, sizeof *vs->v)};
	for (size_t i = 0; i < r->nevents; i++) {
		const struct record_event *ev = &r->events[i];
		int number = 1;

		if (ev->rule.n == 0 || version_of(vs, ev->rule) < vs->n)
			continue;
		for (size_t k = 0; k < vs->n; k++)
			number += slice_eq(vs->v[k].step, ev->step);
		vs->v[vs->n++] = (struct version){ev->step, ev->rule, number, ev->t};
	}
}

static void
put_versions(struct press *p, const struct frame *f, const struct versions *vs)
{
	if (vs->n == 0)
		return;
	html_markup(&p->page, "<section><h2>");
	frame_str(&p->page, f, N_("Rules that steps were taken under"));
	html_markup(&p->page, "</h2>\n<ol class=\"log\">\n");
	for (size_t i = 0; i < vs->n; i++) {
		const struct version *v = &vs->v[i];
		struct conf_step s;

		step_of_rule(&s, p->arena, v->rule);
		buf_printf(&p->page, "<li id=\"r%zu\"><h3>", i + 1);
		html_str(&p->page, arena_printf(p->arena, text_phrase(f->lang, "“%s”, version %d"),
						arena_str(p->arena, v->step), v->number));
		html_markup(&p->page, "</h3>\n<p>");
		step_words(&p->page, p->arena, f->lang, &s);
		html_markup(&p->page, "</p>\n<p class=\"meta\">");
		html_str(&p->page,
			 arena_printf(p->arena, text_phrase(f->lang, "First applied on %s."),
				      text_date(p->arena, f->lang, v->first)));
		html_markup(&p->page, " <code>");
		html_text(&p->page, v->rule);
		html_markup(&p->page, "</code></p></li>\n");
	}
	html_markup(&p->page, "</ol></section>\n");
}

/* --- events ----------------------------------------------------------------------------------- */

static const struct record_event *
find_event(const struct record *r, int64_t id)
{
	for (size_t i = 0; i < r->nevents; i++)
		if (r->events[i].id == id)
			return &r->events[i];
	return NULL;
}

static void
put_rule_link(struct press *p, const struct frame *f, const struct versions *vs,
	      const struct record_event *ev)
{
	size_t i = ev->rule.n > 0 ? version_of(vs, ev->rule) : vs->n;

	if (i == vs->n)
		return;
	html_markup(&p->page, " <a");
	frame_hrefn(&p->page, f, "%s/conduct/#r%zu", f->list->name, i + 1);
	html_markup(&p->page, ">");
	html_str(&p->page, arena_printf(p->arena, text_phrase(f->lang, "Rule “%s”, version %d"),
					arena_str(p->arena, ev->step), vs->v[i].number));
	html_markup(&p->page, "</a>");
}

static void
put_links(struct press *p, const struct frame *f, const struct record *r,
	  const struct record_event *ev)
{
	const struct record_event *of = ev->refers > 0 ? find_event(r, ev->refers) : NULL;

	if (key_valid(ev->about) && slice_is(ev->what, "freeze")) {
		html_markup(&p->page, " <a");
		frame_hrefn(&p->page, f, "%s/t/%.*s/", f->list->name, SLICE_ARG(ev->about));
		html_markup(&p->page, ">");
		frame_str(&p->page, f, N_("the thread"));
		html_markup(&p->page, "</a>");
	}
	if (of && of->told) {
		html_markup(&p->page, " <a");
		frame_href(&p->page, f, record_path(p->arena, f->list->name, of));
		html_markup(&p->page, ">");
		html_str(&p->page, arena_printf(p->arena, text_phrase(f->lang, "See no. %lld"),
						(long long)of->id));
		html_markup(&p->page, "</a>");
	}
}

static void
put_event(struct press *p, const struct frame *f, const struct record *r, const struct versions *vs,
	  const struct record_event *ev)
{
	buf_printf(&p->page, "<li id=\"e%lld\"><p class=\"meta\"><a class=\"perma\"",
		   (long long)ev->id);
	frame_href(&p->page, f, record_path(p->arena, f->list->name, ev));
	html_markup(&p->page, ">");
	html_str(&p->page,
		 arena_printf(p->arena, text_phrase(f->lang, "No. %lld"), (long long)ev->id));
	html_markup(&p->page, "</a> · ");
	frame_time(&p->page, f, ev->t);
	html_markup(&p->page, "</p>\n<p>");
	event_words(&p->page, p->arena, f->lang, ev, true);
	event_until(&p->page, p->arena, f->lang, ev);
	put_rule_link(p, f, vs, ev);
	put_links(p, f, r, ev);
	html_markup(&p->page, "</p></li>\n");
}

/* Newest first; year 0: of any, at most max. */
static void
put_events(struct press *p, const struct frame *f, const struct record *r,
	   const struct versions *vs, int year, size_t max)
{
	size_t n = 0;

	html_markup(&p->page, "<ol class=\"log\">\n");
	for (size_t i = r->nevents; i-- > 0 && n < max;) {
		const struct record_event *ev = &r->events[i];

		if (!ev->told || (year > 0 && year_of(ev->t) != year))
			continue;
		put_event(p, f, r, vs, ev);
		n++;
	}
	html_markup(&p->page, "</ol>\n");
}

static size_t
count_told(const struct record *r, int year)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nevents; i++)
		n += r->events[i].told && (year == 0 || year_of(r->events[i].t) == year);
	return n;
}

/* --- years ------------------------------------------------------------------------------------ */

/* The years with events that are told, newest first. */
static size_t
years_told(const struct record *r, struct arena *a, int **years)
{
	size_t n = 0;

	*years = arena_array(a, r->nevents, sizeof **years);
	for (size_t i = r->nevents; i-- > 0;)
		if (r->events[i].told && (n == 0 || (*years)[n - 1] != year_of(r->events[i].t)))
			(*years)[n++] = year_of(r->events[i].t);
	return n;
}

static void
put_year_links(struct press *p, const struct frame *f, const struct record *r, int current)
{
	int *years;
	size_t n = years_told(r, p->arena, &years);

	html_markup(&p->page, "<nav class=\"pages\"");
	html_attr(&p->page, "aria-label", slice_str(text_phrase(f->lang, "Years of the log")));
	html_markup(&p->page, "><ul>\n");
	for (size_t i = 0; i < n; i++) {
		html_markup(&p->page, "<li><a");
		frame_hrefn(&p->page, f, "%s/conduct/%04d/", f->list->name, years[i]);
		if (years[i] == current)
			html_markup(&p->page, " aria-current=\"page\"");
		buf_printf(&p->page, ">%d</a> <small>(%zu)</small></li>\n", years[i],
			   count_told(r, years[i]));
	}
	html_markup(&p->page, "</ul></nav>\n");
}

static int
put_year_page(struct press *p, const struct conf_list *list, const struct record *r,
	      const struct versions *vs, int year, struct err *e)
{
	const char *lang = press_language(p, list);
	struct frame f;

	prose_frame(p, &f, list, arena_printf(p->arena, "conduct/%04d", year),
		    arena_printf(p->arena, text_phrase(lang, "Public log of %d"), year));
	f.up = arena_printf(p->arena, "%s/conduct/", list->name);
	f.up_text = text_phrase(lang, "Rules of conduct");
	f.feed = arena_printf(p->arena, "%s/conduct/atom.xml", list->name);
	prose_open(p, &f);
	put_year_links(p, &f, r, year);
	put_events(p, &f, r, vs, year, SIZE_MAX);
	return prose_end(p, &f, e);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* Names as in the record; the table's words; the JSON's. */
static const struct {
	const char *name, *phrase, *json;
} figures[] = {
    {"reports", N_("Reports by members"), "reports"},
    {"cases", N_("Members about whom there was something"), "cases"},
    {"messages", N_("Steps that only say something (warnings)"), "warnings"},
    {"holds", N_("Steps that hold a member's posts"), "holds"},
    {"suspensions", N_("Steps that suspend a member from posting"), "suspensions"},
    {"lifted", N_("Steps lifted before their time"), "lifted"},
    {"lapsed", N_("Proposed steps to which no second moderator agreed"), "lapsed"},
    {"appeals", N_("Appeals"), "appeals"},
    {"upheld", N_("Appeals: the step was upheld"), "upheld"},
    {"overturned", N_("Appeals: the step was overturned"), "overturned"},
    {"frozen", N_("Threads let rest"), "frozen"},
    {"emergencies", N_("Times when all posts were held"), "emergencies"},
    {"let-in", N_("Members let in to speak"), "let_in"},
};
#define FIGURES (sizeof figures / sizeof *figures)

/* Newest first. */
static size_t
figure_years(const struct record *r, struct arena *a, int **years)
{
	size_t n = 0;

	*years = arena_array(a, r->nfigures, sizeof **years);
	for (size_t i = r->nfigures; i-- > 0;)
		if (n == 0 || (*years)[n - 1] != r->figures[i].year)
			(*years)[n++] = r->figures[i].year;
	return n;
}

/* In whole days, or hours where it was less than two days. */
static const char *
wait_words(struct arena *a, const char *lang, int64_t v)
{
	if (v < 3600)
		return text_phrase(lang, "less than an hour");
	return text_span(a, lang, v - v % (v < 2 * 86400 ? 3600 : 86400));
}

static void
put_row(struct press *p, const struct frame *f, const struct record *r, const int *years, size_t n,
	const char *name, const char *phrase)
{
	bool wait = strcmp(name, "wait") == 0, any = false;

	for (size_t i = 0; i < n; i++)
		any = any || record_figure(r, years[i], name) > 0;
	if (!any)
		return;
	html_markup(&p->page, "<tr><th scope=\"row\">");
	html_str(&p->page, text_phrase(f->lang, phrase));
	html_markup(&p->page, "</th>");
	for (size_t i = 0; i < n; i++) {
		int64_t v = record_figure(r, years[i], name);

		html_markup(&p->page, "<td>");
		if (!wait)
			html_int(&p->page, v);
		else if (v > 0)
			html_str(&p->page, wait_words(p->arena, f->lang, v));
		html_markup(&p->page, "</td>");
	}
	html_markup(&p->page, "</tr>\n");
}

static void
put_figures(struct press *p, const struct frame *f, const struct record *r)
{
	const char *caption = text_phrase(f->lang, "Moderation in numbers, by year");
	size_t n, shown;
	int *years;

	n = figure_years(r, p->arena, &years);
	shown = n < RECORD_PAGE_YEARS ? n : RECORD_PAGE_YEARS;
	if (n == 0)
		return;
	html_markup(&p->page, "<section><h2>");
	frame_str(&p->page, f, N_("In numbers"));
	html_markup(&p->page, "</h2>\n<div class=\"wide\" role=\"region\" tabindex=\"0\"");
	html_attr(&p->page, "aria-label", slice_str(caption));
	html_markup(&p->page, "><table class=\"figures\">\n<caption>");
	html_str(&p->page, caption);
	html_markup(&p->page, "</caption>\n<thead><tr><td></td>");
	for (size_t i = 0; i < shown; i++)
		buf_printf(&p->page, "<th scope=\"col\">%d</th>", years[i]);
	html_markup(&p->page, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < FIGURES; i++)
		put_row(p, f, r, years, shown, figures[i].name, figures[i].phrase);
	put_row(p, f, r, years, shown, "wait",
		N_("Half of all decisions came within this time of a report or an appeal"));
	html_markup(&p->page, "</tbody></table></div>\n<p class=\"meta\"><a");
	frame_hrefn(&p->page, f, "%s/conduct/figures.json", f->list->name);
	html_markup(&p->page, ">");
	frame_str(&p->page, f, N_("The same numbers as JSON"));
	html_markup(&p->page, "</a></p></section>\n");
}

static int
put_figures_file(struct press *p, const struct conf_list *list, const struct record *r,
		 struct err *e)
{
	int *years;
	size_t n = figure_years(r, p->arena, &years);

	buf_clear(&p->page);
	buf_puts(&p->page, "[");
	for (size_t i = 0; i < n; i++) {
		int64_t tenths = (record_figure(r, years[i], "wait") * 10 + 43200) / 86400;

		buf_printf(&p->page, "%s\n  {\"year\": %d", i ? "," : "", years[i]);
		for (size_t k = 0; k < FIGURES; k++)
			buf_printf(&p->page, ", \"%s\": %lld", figures[k].json,
				   (long long)record_figure(r, years[i], figures[k].name));
		buf_printf(&p->page, ", \"median_days\": %lld.%lld}", (long long)tenths / 10,
			   (long long)tenths % 10);
	}
	buf_puts(&p->page, n > 0 ? "\n]\n" : "]\n");
	return press_put(p, arena_printf(p->arena, "%s/conduct/figures.json", list->name), e);
}

/* --- all -------------------------------------------------------------------------------------- */

static void
put_seal(struct press *p, const struct frame *f, const struct record *r)
{
	struct slice seal;
	struct buf code;

	if (r->nevents == 0)
		return;
	buf_init(&code, BUF_NO_LIMIT);
	html_markup(&code, "<code>");
	html_text(&code, r->events[r->nevents - 1].seal);
	html_markup(&code, "</code>");
	seal = buf_slice(&code);
	html_markup(&p->page, "<p class=\"meta\">");
	html_fill(&p->page,
		  text_phrase(f->lang, "Each entry of the record, public or not, has a seal in the "
				       "list's log, hashed with all that came before it: what is "
				       "changed or taken away later shows. The newest: %s"),
		  &seal, 1);
	html_markup(&p->page, "</p>\n");
	buf_free(&code);
}

void
record_section(struct press *p, const struct frame *f, const struct record *r)
{
	struct versions vs;
	size_t n = count_told(r, 0);

	gather_versions(&vs, p->arena, r);
	html_markup(&p->page, "<section id=\"log\"><h2>");
	frame_str(&p->page, f, N_("Public log"));
	html_markup(&p->page, "</h2>\n");
	if (n == 0) {
		prose_paragraph(p,
				text_phrase(f->lang, N_("No step was ever taken on this list.")));
	} else {
		prose_paragraph(
		    p, text_phrase(f->lang, "What was decided, when, and under which rule, newest "
					    "first. A name stands here only where the rule tells "
					    "the whole list; who reported something, and what was "
					    "said, never does."));
		put_year_links(p, f, r, 0);
		put_events(p, f, r, &vs, 0, RECORD_PAGE_EVENTS);
	}
	html_markup(&p->page, "<p class=\"meta\"><a");
	frame_hrefn(&p->page, f, "%s/conduct/atom.xml", f->list->name);
	html_markup(&p->page, ">");
	frame_str(&p->page, f, N_("Feed of this log"));
	html_markup(&p->page, "</a></p>\n");
	put_seal(p, f, r);
	html_markup(&p->page, "</section>\n");
	put_figures(p, f, r);
	put_versions(p, f, &vs);
}

int
record_pages(struct press *p, const struct conf_list *list, const struct record *r, struct err *e)
{
	struct versions vs;
	int *years;
	size_t n = years_told(r, p->arena, &years);

	gather_versions(&vs, p->arena, r);
	for (size_t i = 0; i < n; i++)
		if (put_year_page(p, list, r, &vs, years[i], e) < 0)
			return -1;
	return put_figures_file(p, list, r, e) < 0 ? -1 : atom_conduct(p, list, r, e);
}
