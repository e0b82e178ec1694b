/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refused_part: see refused_part.h.
 */
#include "archive/refused_part.h"

#include <fcntl.h>

#include "archive/body.h"
#include "archive/html.h"
#include "archive/mask.h"
#include "archive/prose.h"
#include "base/file.h"
#include "base/num.h"
#include "conf/text.h"

#define FILE_MAX ((size_t)8 << 20)

/* Who decided, and what became of it. */
static const struct {
	const char *what, *phrase;
} whats[] = {
    {"refused", N_("sent back by a rule")},       {"dropped", N_("dropped by a rule")},
    {"rejected", N_("rejected by a moderator")},  {"discarded", N_("discarded by a moderator")},
    {"expired", N_("decided by nobody in time")},
};

static void
put_cell(struct buf *b, const char *text)
{
	html_markup(b, "<td>");
	html_str(b, text);
	html_markup(b, "</td>");
}

static const char *
what_phrase(struct slice what)
{
	for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++)
		if (slice_is(what, whats[i].what))
			return whats[i].phrase;
	return NULL;
}

static void
put_count(struct press *p, const char *lang, struct slice rest)
{
	struct slice month, what, reason, number;
	int64_t m, n;

	slice_cut(rest, '\t', &month, &rest);
	slice_cut(rest, '\t', &what, &rest);
	slice_cut(rest, '\t', &reason, &number);
	const char *phrase = what_phrase(what);
	if (!phrase || !num_parse(month, 197001, 999912, &m) || m % 100 < 1 || m % 100 > 12 ||
	    !num_parse(number, 1, INT64_MAX, &n))
		return;
	html_markup(&p->page, "<tr>");
	put_cell(&p->page, text_month(p->arena, lang, (int)(m / 100), (int)(m % 100)));
	put_cell(&p->page, text_phrase(lang, phrase));
	put_cell(&p->page, text_phrase(lang, arena_str(p->arena, reason)));
	html_markup(&p->page, "<td>");
	html_int(&p->page, n);
	html_markup(&p->page, "</td></tr>\n");
}

static void
put_counts(struct press *p, const struct frame *f, struct slice rest)
{
	struct slice line, kind, value;

	html_markup(&p->page, "<table>\n<thead><tr><th scope=\"col\">");
	frame_str(&p->page, f, N_("Month"));
	html_markup(&p->page, "</th><th scope=\"col\">");
	frame_str(&p->page, f, N_("What became of them"));
	html_markup(&p->page, "</th><th scope=\"col\">");
	frame_str(&p->page, f, N_("Why"));
	html_markup(&p->page, "</th><th scope=\"col\">");
	frame_str(&p->page, f, N_("Posts"));
	html_markup(&p->page, "</th></tr></thead>\n<tbody>\n");
	while (slice_next_line(&rest, &line))
		if (slice_cut(line, '\t', &kind, &value) && slice_is(kind, "count"))
			put_count(p, f->lang, value);
	html_markup(&p->page, "</tbody>\n</table>\n");
}

/* --- the open record -------------------------------------------------------------------------- */

static struct slice
unescaped(struct arena *a, struct slice s)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\\' && i + 1 < s.n) {
			c = s.p[++i];
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		buf_putc(&b, c);
	}
	struct slice text = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

/* Who was sent back may have quoted what only her own copy said: how she leaves the list. */
static struct slice
published(struct arena *a, const struct mask *mask, struct slice s)
{
	struct slice text = unescaped(a, s), out;

	mask_text(mask, a, text, &out);
	return out;
}

static void
put_post(struct press *p, const struct frame *f, const struct mask *mask, struct slice rest)
{
	struct slice t, reason, subject, text;
	int64_t when;

	slice_cut(rest, '\t', &t, &rest);
	slice_cut(rest, '\t', &reason, &rest);
	slice_cut(rest, '\t', &subject, &text);
	if (!num_parse(t, 0, INT64_MAX, &when))
		return;
	html_markup(&p->page, "<li><details><summary>");
	frame_subject(&p->page, f, published(p->arena, mask, subject));
	html_markup(&p->page, " · ");
	frame_day(&p->page, f, when);
	html_markup(&p->page, " · ");
	html_str(&p->page, text_phrase(f->lang, arena_str(p->arena, reason)));
	html_markup(&p->page, "</summary>\n<div class=\"body\" dir=\"auto\">\n");
	body_text(&p->page, p->arena, published(p->arena, mask, text), p->conf->domain);
	html_markup(&p->page, "</div></details></li>\n");
}

static void
put_posts(struct press *p, const struct frame *f, struct slice rest)
{
	struct mask *mask = mask_new(p->conf->site_url, p->conf->domain, p->conf->delimiter);
	struct slice line, kind, value;

	prose_paragraph(
	    p, text_phrase(f->lang, N_("This list keeps an open record: everyone may read the "
				       "posts that were sent back, without their authors’ "
				       "names.")));
	html_markup(&p->page, "<ul>\n");
	while (slice_next_line(&rest, &line))
		if (slice_cut(line, '\t', &kind, &value) && slice_is(kind, "post"))
			put_post(p, f, mask, value);
	html_markup(&p->page, "</ul>\n");
	mask_free(mask);
}

static bool
has_posts(struct slice rest)
{
	struct slice line;

	while (slice_next_line(&rest, &line))
		if (slice_starts(line, SLICE("post\t")))
			return true;
	return false;
}

void
refused_part(struct press *p, const struct frame *f)
{
	const char *path = conf_path(p->conf, p->arena, "conduct/%s+refused", f->list->name);
	struct slice text;
	struct err e;

	html_markup(&p->page, "<section><h2>");
	frame_str(&p->page, f, N_("Posts that did not go out"));
	html_markup(&p->page, "</h2>\n");
	if (file_read(AT_FDCWD, path, FILE_MAX, p->arena, &text, &e) < 0) {
		prose_paragraph(p, text_phrase(f->lang, N_("There was none so far.")));
	} else {
		put_counts(p, f, text);
		if (has_posts(text))
			put_posts(p, f, text);
	}
	html_markup(&p->page, "</section>\n");
}
