/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/frame.h"

#include <string.h>

#include "archive/html.h"
#include "archive/language.h"
#include "archive/links.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "conf/text.h"

#define TITLE_MAX 100
#define SUBJECT_MAX 250 /* letters; longer ones are a body that slipped into a header */
#define NAME_MAX_SHOWN 80

static void
put_root(struct buf *b, const struct frame *f)
{
	const char *p = strchr(f->path, '/');

	if (!p)
		html_markup(b, "./");
	for (; p; p = strchr(p + 1, '/'))
		html_markup(b, "../");
}

void
frame_href(struct buf *b, const struct frame *f, const char *path)
{
	html_markup(b, " href=\"");
	put_root(b, f);
	buf_puts(b, path);
	html_markup(b, "\"");
}

void
frame_hrefn(struct buf *b, const struct frame *f, const char *format, ...)
{
	va_list ap;

	html_markup(b, " href=\"");
	put_root(b, f);
	va_start(ap, format);
	buf_vprintf(b, format, ap);
	va_end(ap);
	html_markup(b, "\"");
}

void
frame_mailto(struct buf *b, const struct frame *f, const char *robot)
{
	html_markup(b, " href=\"mailto:");
	html_segment(b, slice_str(f->list->name));
	html_segment(b, slice_str(robot));
	html_markup(b, "@");
	html_segment(b, slice_str(f->press->conf->domain));
	html_markup(b, "\"");
}

/* ' name="SITE/path"' */
static void
put_absolute(struct buf *b, const struct frame *f, const char *name, const char *path)
{
	buf_printf(b, " %s=\"", name);
	html_str(b, f->press->conf->site_url);
	html_markup(b, "/");
	html_str(b, path);
	html_markup(b, "\"");
}

static void
put_meta(struct buf *b, const char *key, const char *name, struct slice content)
{
	html_markup(b, "<meta");
	html_attr(b, key, slice_str(name));
	html_attr(b, "content", content);
	html_markup(b, ">\n");
}

static void
put_relation(struct buf *b, const struct frame *f, const char *rel, const char *path)
{
	if (!path)
		return;
	html_markup(b, "<link");
	html_attr(b, "rel", slice_str(rel));
	frame_href(b, f, path);
	html_markup(b, ">\n");
}

static struct slice
site_name(const struct frame *f)
{
	return f->list ? slice_str(f->list->title) : slice_str(f->press->conf->domain);
}

/* What a link to this page shows where it is told on (ogp.me). */
static void
put_open_graph(struct buf *b, const struct frame *f)
{
	put_meta(b, "property", "og:title", f->title.n > 0 ? f->title : site_name(f));
	put_meta(b, "property", "og:site_name", site_name(f));
	put_meta(b, "property", "og:type", slice_str(f->type ? f->type : "website"));
	html_markup(b, "<meta property=\"og:url\"");
	put_absolute(b, f, "content", f->path);
	html_markup(b, ">\n");
	if (f->description.n > 0)
		put_meta(b, "property", "og:description", f->description);
	if (f->published != 0)
		put_meta(b, "property", "article:published_time",
			 slice_str(clock_rfc3339(f->press->arena, f->published)));
}

static void
put_head(struct buf *b, const struct frame *f)
{
	html_markup(b, "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		       "content=\"width=device-width, initial-scale=1\">\n<title>");
	if (f->title.n > 0) {
		html_line(b, f->title, TITLE_MAX);
		html_markup(b, " · ");
	}
	html_line(b, site_name(f), TITLE_MAX);
	html_markup(b, "</title>\n");
	put_relation(b, f, "stylesheet", f->press->style);
	if (!f->nowhere) {
		html_markup(b, "<link rel=\"canonical\"");
		put_absolute(b, f, "href", f->path);
		html_markup(b, ">\n");
	}
	put_relation(b, f, "prev", f->prev);
	put_relation(b, f, "next", f->next);
	if (f->feed) {
		html_markup(b, "<link rel=\"alternate\" type=\"application/atom+xml\"");
		frame_href(b, f, f->feed);
		html_markup(b, ">\n");
	}
	html_markup(b, "<meta name=\"color-scheme\" content=\"light dark\">\n");
	if (f->hidden)
		html_markup(b, "<meta name=\"robots\" content=\"noindex\">\n");
	if (f->description.n > 0)
		put_meta(b, "name", "description", f->description);
	if (!f->hidden)
		put_open_graph(b, f);
	if (f->data.n > 0) {
		html_markup(b, "<script type=\"application/ld+json\">");
		buf_put_slice(b, f->data);
		html_markup(b, "</script>\n");
	}
}

static void
put_way_up(struct buf *b, const struct frame *f)
{
	html_markup(b, "<nav class=\"up\"");
	html_attr(b, "aria-label", slice_str(text_phrase(f->lang, "You are here")));
	html_markup(b, "><a");
	frame_href(b, f, "");
	html_markup(b, ">");
	html_str(b, f->press->conf->domain);
	html_markup(b, "</a>");
	if (f->list) {
		html_markup(b, " <a");
		frame_hrefn(b, f, "%s/", f->list->name);
		html_markup(b, "><bdi>");
		html_str(b, f->list->title);
		html_markup(b, "</bdi></a>");
	}
	if (f->up) {
		html_markup(b, " <a");
		frame_href(b, f, f->up);
		html_markup(b, ">");
		html_str(b, f->up_text);
		html_markup(b, "</a>");
	}
	html_markup(b, "</nav>\n");
}

static void
put_search(struct buf *b, const struct frame *f)
{
	const char *label =
	    text_phrase(f->lang, f->list ? N_("Search this list") : N_("Search all lists"));

	html_markup(b, "<form role=\"search\" action=\"");
	put_root(b, f);
	if (f->list)
		buf_printf(b, "%s/", f->list->name);
	html_markup(b, "search\"><label for=\"q\">");
	html_str(b, label);
	html_markup(b, "</label> <input type=\"search\" id=\"q\" name=\"q\" required");
	html_attr(b, "placeholder", slice_str(label));
	html_markup(b, "> <button>");
	frame_str(b, f, N_("Search"));
	html_markup(b, "</button></form>\n");
}

void
frame_begin(struct buf *b, const struct frame *f)
{
	html_markup(b, "<!doctype html>\n<html");
	html_attr(b, "lang", slice_str(f->lang));
	html_attr(b, "dir", slice_str(text_direction(f->lang)));
	html_markup(b, ">\n<head>\n");
	put_head(b, f);
	html_markup(b, "</head>\n<body>\n<a class=\"skip\" href=\"#main\">");
	frame_str(b, f, N_("Skip to the text"));
	html_markup(b, "</a>\n<header class=\"top\">\n");
	put_way_up(b, f);
	if (!f->asks)
		put_search(b, f);
	html_markup(b, "</header>\n<main id=\"main\">\n");
}

static void
put_foot_link(struct buf *b, const struct frame *f, const char *page, const char *phrase)
{
	html_markup(b, "<li><a");
	frame_hrefn(b, f, "%s/%s", f->list->name, page);
	html_markup(b, ">");
	html_str(b, phrase);
	html_markup(b, "</a></li>\n");
}

void
frame_end(struct buf *b, const struct frame *f)
{
	html_markup(b, "</main>\n");
	if (f->list) {
		html_markup(b, "<footer class=\"foot\">\n<nav");
		html_attr(b, "aria-label", slice_str(text_phrase(f->lang, "This list")));
		html_markup(b, "><ul>\n");
		put_foot_link(b, f, "", text_phrase(f->lang, "Threads and months"));
		put_foot_link(b, f, "about/", text_phrase(f->lang, "About"));
		put_foot_link(b, f, "conduct/", text_phrase(f->lang, "Rules of conduct"));
		put_foot_link(b, f, "opens/", text_phrase(f->lang, "How open it is"));
		put_foot_link(b, f, "atom.xml", text_phrase(f->lang, "Feed"));
		html_markup(b, "</ul></nav>\n</footer>\n");
	}
	html_markup(b, "</body>\n</html>\n");
}

/* --- small things ------------------------------------------------------------------------------
 */

/* Text in one line, addresses hidden. */
static void
put_hidden(struct buf *b, const struct frame *f, struct slice s, size_t max)
{
	struct buf line;

	buf_init(&line, BUF_NO_LIMIT);
	html_line(&line, s, max);
	links_hide(b, buf_slice(&line), f->press->conf->domain);
	buf_free(&line);
}

void
frame_person(struct buf *b, const struct frame *f, const struct overview_message *m)
{
	html_markup(b, "<bdi>");
	if (slice_trim(m->from_name).n > 0) {
		put_hidden(b, f, m->from_name, NAME_MAX_SHOWN);
	} else if (m->from_address.n > 0) {
		links_address(b, m->from_address, f->press->conf->domain);
	} else {
		frame_str(b, f, N_("somebody"));
	}
	html_markup(b, "</bdi>");
}

struct slice
frame_hidden(const struct frame *f, struct slice text)
{
	struct buf hidden;
	struct slice out;

	buf_init(&hidden, BUF_NO_LIMIT);
	links_hide(&hidden, text, f->press->conf->domain);
	out = arena_dup(f->press->arena, buf_slice(&hidden));
	buf_free(&hidden);
	return out;
}

struct slice
frame_name(const struct frame *f, const struct overview_message *m)
{
	if (slice_trim(m->from_name).n > 0)
		return utf8_head(frame_hidden(f, m->from_name), NAME_MAX_SHOWN);
	if (m->from_address.n > 0)
		return frame_hidden(f, m->from_address);
	return slice_str(text_phrase(f->lang, "somebody"));
}

void
frame_lang(struct buf *b, const struct frame *f, const char *lang)
{
	size_t n = strcspn(f->lang, "-");
	bool own = strncmp(lang, f->lang, n) == 0 && (lang[n] == '\0' || lang[n] == '-');

	if (*lang && !own)
		html_attr(b, "lang", slice_str(lang));
	html_attr(b, "dir", slice_str(*lang ? text_direction(lang) : "auto"));
}

void
frame_spoken(struct buf *b, const char *text)
{
	html_markup(b, "<span class=\"vh\">");
	html_str(b, text);
	html_markup(b, "</span>");
}

void
frame_subject(struct buf *b, const struct frame *f, struct slice subject)
{
	char lang[LANGUAGE_SIZE];

	if (slice_trim(subject).n == 0) {
		frame_str(b, f, N_("(no subject)"));
		return;
	}
	language_of_line(subject, lang);
	html_markup(b, "<bdi");
	if (*lang)
		frame_lang(b, f, lang);
	html_markup(b, ">");
	put_hidden(b, f, subject, SUBJECT_MAX);
	html_markup(b, "</bdi>");
}

void
frame_time(struct buf *b, const struct frame *f, int64_t t)
{
	html_time(b, t, text_date_time(f->press->arena, f->lang, t));
}

void
frame_day(struct buf *b, const struct frame *f, int64_t t)
{
	html_time(b, t, text_date(f->press->arena, f->lang, t));
}

void
frame_messages(struct buf *b, const struct frame *f, int64_t n)
{
	html_str(b, arena_printf(f->press->arena,
				 text_plural(f->lang, "%d message", "%d messages", (uint64_t)n),
				 (int)n));
}
