/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/body.h"

#include <stdbool.h>
#include <string.h>

#include "archive/blocks.h"
#include "archive/html.h"
#include "archive/links.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "mail/address.h"
#include "mail/guard.h"
#include "mail/header.h"
#include "mail/readable.h"

#define SUMMARY_MAX 160      /* letters of an attribution line on a folded quote */
#define QUOTE_DEPTH_MAX 12   /* deeper ones are shown as this deep */
#define FOLD_HTML_MIN 400    /* bytes of a quote in HTML that are worth folding */
#define BEFORE_QUOTE_MAX 800 /* bytes of HTML in which an attribution line is looked for */

struct writer {
	struct buf *b;
	struct arena *a;
	const struct body_style *style;
};

static bool
is_blank(const struct text_line *l)
{
	return slice_trim(l->text).n == 0;
}

/* --- quotes ------------------------------------------------------------------------------------
 */

/* One quote mark off the start of a line: "> ", ">", "| ", "AL> ". */
static struct slice
strip_mark(struct slice s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] == ' ')
		i++;
	for (size_t k = i; k < s.n && k < i + 12; k++) {
		if (s.p[k] == '>' || (k == i && s.p[k] == '|')) {
			s = slice_from(s, k + 1);
			return s.n > 0 && *s.p == ' ' ? slice_from(s, 1) : s;
		}
		if (s.p[k] == ' ')
			break;
	}
	return s;
}

static struct slice
strip_marks(struct slice s, int depth)
{
	while (depth-- > 0)
		s = strip_mark(s);
	return s;
}

static int
shown_depth(const struct text_line *l)
{
	if (l->kind != LINE_QUOTE && l->depth == 0)
		return 1; /* an attribution line or an empty one inside a quote */
	return l->depth < 1 ? 1 : l->depth > QUOTE_DEPTH_MAX ? QUOTE_DEPTH_MAX : l->depth;
}

/* Quoted lines as blockquotes in blockquotes; each <blockquote> is closed again. */
static void
put_quoted(const struct writer *w, const struct text_line *ls, size_t n)
{
	struct slice *lines = arena_array(w->a, n, sizeof *lines);
	int open = 0;

	for (size_t i = 0; i < n;) {
		int depth = is_blank(&ls[i]) && open > 0 ? open : shown_depth(&ls[i]);
		size_t k = 0;

		for (; open < depth; open++)
			html_markup(w->b, "<blockquote>");
		for (; open > depth; open--)
			html_markup(w->b, "</blockquote>\n");
		for (; i < n && (is_blank(&ls[i]) || shown_depth(&ls[i]) == depth); i++)
			lines[k++] = strip_marks(ls[i].text, ls[i].depth);
		blocks_put(w->b, lines, k, w->style->domain);
	}
	for (; open > 0; open--)
		html_markup(w->b, "</blockquote>\n");
}

static void
put_summary(const struct writer *w, struct slice attribution, size_t nlines)
{
	struct buf line;

	html_markup(w->b, "<details><summary>");
	if (attribution.n > 0) {
		buf_init(&line, BUF_NO_LIMIT);
		html_line(&line, attribution, SUMMARY_MAX);
		html_markup(w->b, "<bdi>");
		links_markup(w->b, buf_slice(&line), w->style->domain);
		html_markup(w->b, "</bdi>");
		buf_free(&line);
	} else {
		html_str(w->b, text_phrase(w->style->lang, "Quoted text"));
	}
	if (nlines > 0) {
		html_markup(w->b, " <small>");
		html_str(w->b, arena_printf(
				   w->a, text_plural(w->style->lang, "%d line", "%d lines", nlines),
				   (int)nlines));
		html_markup(w->b, "</small>");
	}
	html_markup(w->b, "</summary>\n");
}

/* The attribution lines that a quote begins with, as one text; *n is how many lines. */
static struct slice
attribution_of(const struct writer *w, const struct text_line *ls, size_t all, size_t *n)
{
	struct buf text;
	struct slice s;

	buf_init(&text, BUF_NO_LIMIT);
	for (*n = 0; *n < all && (ls[*n].kind == LINE_ATTRIBUTION || is_blank(&ls[*n])); (*n)++) {
		buf_put_slice(&text, slice_trim(ls[*n].text));
		buf_putc(&text, ' ');
	}
	s = arena_dup(w->a, slice_trim(buf_slice(&text)));
	buf_free(&text);
	if (s.n == 0)
		*n = 0;
	return s;
}

/* A quote with what introduces it. answered: own words follow it. */
static void
put_quote(const struct writer *w, const struct text_line *ls, size_t n, bool answered, bool alone)
{
	size_t lead, quoted = 0;
	struct slice attribution;

	while (n > 0 && is_blank(&ls[n - 1]))
		n--;
	attribution = attribution_of(w, ls, n, &lead);
	for (size_t i = lead; i < n; i++)
		quoted += !is_blank(&ls[i]);
	if (quoted == 0)
		lead = 0;
	if (alone || quoted == 0 || (answered && quoted <= BODY_OPEN_QUOTE)) {
		if (lead > 0) {
			html_markup(w->b, "<p class=\"said\">");
			links_text(w->b, attribution, w->style->domain);
			html_markup(w->b, "</p>\n");
		}
		put_quoted(w, ls + lead, n - lead);
		return;
	}
	put_summary(w, attribution, quoted);
	put_quoted(w, ls + lead, n - lead);
	html_markup(w->b, "</details>\n");
}

/* --- plain text --------------------------------------------------------------------------------
 */

static void
put_own(const struct writer *w, const struct text_line *ls, size_t n)
{
	struct slice *lines = arena_array(w->a, n, sizeof *lines);

	for (size_t i = 0; i < n; i++)
		lines[i] = ls[i].text;
	blocks_put(w->b, lines, n, w->style->domain);
}

static void
put_signature(const struct writer *w, const struct text_line *ls, size_t n)
{
	if (n > 0 && slice_is(slice_trim(ls[0].text), "--")) {
		ls++;
		n--;
	}
	while (n > 0 && is_blank(&ls[n - 1]))
		n--;
	if (n == 0)
		return;
	html_markup(w->b, "<p class=\"sig\">");
	for (size_t i = 0; i < n; i++) {
		links_text(w->b, slice_trim(ls[i].text), w->style->domain);
		if (i + 1 < n)
			html_markup(w->b, "<br>\n");
	}
	html_markup(w->b, "</p>\n");
}

static bool
is_quoted(const struct text_line *l)
{
	return l->kind == LINE_QUOTE || l->kind == LINE_ATTRIBUTION;
}

/* The end of the run of lines that begins at i and belongs together; empty lines go with what is
 * around them. */
static size_t
run_end(const struct text_line *ls, size_t i, size_t n)
{
	size_t to = i + 1, last = to;
	bool quoted = is_quoted(&ls[i]), signature = ls[i].kind == LINE_SIGNATURE;

	for (; to < n; to++) {
		if (is_blank(&ls[to]) && ls[to].kind != LINE_SIGNATURE)
			continue;
		if (is_quoted(&ls[to]) != quoted || (ls[to].kind == LINE_SIGNATURE) != signature)
			break;
		last = to + 1;
	}
	return to == n ? n : last;
}

static bool
has_own(const struct text_line *ls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ls[i].kind == LINE_OWN && !is_blank(&ls[i]))
			return true;
	return false;
}

static void
put_text(const struct writer *w, struct slice text)
{
	struct text_line *ls;
	size_t n = readable_lines(w->a, text, &ls), to;
	bool alone = !has_own(ls, n);

	for (size_t i = 0; i < n; i = to) {
		to = i + 1;
		if (is_blank(&ls[i]) && ls[i].kind == LINE_OWN)
			continue;
		to = run_end(ls, i, n);
		if (is_quoted(&ls[i]))
			put_quote(w, ls + i, to - i, has_own(ls + to, n - to), alone);
		else if (ls[i].kind == LINE_SIGNATURE)
			put_signature(w, ls + i, to - i);
		else
			put_own(w, ls + i, to - i);
	}
}

/* --- HTML mail ---------------------------------------------------------------------------------
 */

/* The text of some of our own clean HTML, block ends as line ends. */
static struct slice
plain_of(struct arena *a, struct slice html)
{
	char *p = arena_alloc(a, html.n + 1);
	size_t n = 0;

	while (html.n > 0) {
		size_t end;

		if (*html.p != '<') {
			p[n++] = *html.p;
			html = slice_from(html, 1);
			continue;
		}
		if (slice_starts(html, SLICE("<br")) || slice_starts(html, SLICE("</p")) ||
		    slice_starts(html, SLICE("</blockquote")) || slice_starts(html, SLICE("<p")))
			p[n++] = '\n';
		end = slice_find_char(html, '>');
		html = slice_from(html, end + 1);
	}
	return slice_make(p, n);
}

/* Does what stands before a <blockquote> say whose words follow? Asked of the same judge that
 * knows plain text. */
static bool
is_introduced(struct arena *a, struct slice before)
{
	struct slice tail = slice_from(
			 before, before.n > BEFORE_QUOTE_MAX ? before.n - BEFORE_QUOTE_MAX : 0),
		     text = plain_of(a, slice_from(tail, slice_find_char(tail, '<')));
	struct text_line *ls;
	struct buf b;
	size_t n;
	bool yes = false;

	buf_init(&b, BUF_NO_LIMIT);
	buf_put_slice(&b, slice_trim(text));
	buf_puts(&b, "\n\n> x\n> y\n");
	n = readable_lines(a, arena_dup(a, buf_slice(&b)), &ls);
	buf_free(&b);
	for (size_t i = 0; i < n && ls[i].kind != LINE_QUOTE; i++)
		if (!is_blank(&ls[i]))
			yes = ls[i].kind == LINE_ATTRIBUTION;
	return yes;
}

/* Length of the element that begins with <blockquote at s, with its end tag. */
static size_t
quote_length(struct slice s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		struct slice rest = slice_from(s, i);

		if (s.p[i] != '<')
			continue;
		if (slice_starts(rest, SLICE("<blockquote")))
			depth++;
		else if (slice_starts(rest, SLICE("</blockquote>")) && --depth == 0)
			return i + sizeof "</blockquote>" - 1;
	}
	return s.n;
}

static void
put_html(const struct writer *w, struct slice html)
{
	struct slice open = SLICE("<blockquote"), all;
	struct buf clean;
	size_t done = 0;

	buf_init(&clean, BUF_NO_LIMIT);
	html_clean(&clean, html);
	all = buf_slice(&clean);
	for (;;) {
		size_t at = done + slice_find(slice_from(all, done), open), n;

		links_markup(w->b, slice_sub(all, done, at - done), w->style->domain);
		if (at == all.n)
			break;
		n = quote_length(slice_from(all, at));
		if (n >= FOLD_HTML_MIN && is_introduced(w->a, slice_sub(all, 0, at))) {
			put_summary(w, SLICE(""), 0);
			links_markup(w->b, slice_sub(all, at, n), w->style->domain);
			html_markup(w->b, "</details>\n");
		} else {
			links_markup(w->b, slice_sub(all, at, n), w->style->domain);
		}
		done = at + n;
	}
	buf_free(&clean);
}

/* --- a message ---------------------------------------------------------------------------------
 */

static void
put_forwarded_field(const struct writer *w, const struct part *p, const char *name,
		    const char *label)
{
	const struct field *f = part_field(p, name);
	struct buf text;

	if (!f)
		return;
	html_markup(w->b, "<dt>");
	html_str(w->b, label);
	html_markup(w->b, "</dt><dd dir=\"auto\">");
	buf_init(&text, BUF_NO_LIMIT);
	html_line(&text, header_text(w->a, f->value), 300);
	links_markup(w->b, buf_slice(&text), w->style->domain);
	buf_free(&text);
	html_markup(w->b, "</dd>");
}

static void
put_forwarded_head(const struct writer *w, const struct part *p)
{
	const char *lang = w->style->lang;

	html_markup(w->b, "<div class=\"fwd\"><p><b>");
	html_str(w->b, text_phrase(lang, "Forwarded message"));
	html_markup(w->b, "</b></p><dl>");
	put_forwarded_field(w, p, "From", text_phrase(lang, "From"));
	put_forwarded_field(w, p, "Date", text_phrase(lang, "Date"));
	put_forwarded_field(w, p, "Subject", text_phrase(lang, "Subject"));
	html_markup(w->b, "</dl>\n");
}

/* The header of the message inside a message/rfc822 part: its one child's. */
static const struct part *
inner_of(const struct message *m, int part)
{
	for (size_t i = (size_t)part + 1; i < m->nparts; i++)
		if (m->parts[i].parent == part)
			return &m->parts[i];
	return &m->parts[part];
}

static bool
is_inside(const struct message *m, int part, int outer)
{
	while (part > outer)
		part = m->parts[part].parent;
	return part == outer;
}

/* Closes the forwarded messages that part is not in. open[0..n): their parts. */
static size_t
leave_forwarded(const struct writer *w, const struct message *m, const int *open, size_t n,
		int part)
{
	for (; n > 0 && (part < 0 || !is_inside(m, part, open[n - 1])); n--)
		html_markup(w->b, "</div>\n");
	return n;
}

void
body_put(struct buf *b, struct arena *a, const struct message *m, const struct body_style *style)
{
	struct writer w = {b, a, style};
	struct readable_part *rs;
	size_t n = readable_parts(m, a, &rs), nopen = 0;
	int *open = arena_array(a, n + 1, sizeof *open);

	if (m->verdict != GUARD_OK) {
		html_markup(b, "<p class=\"note\">");
		html_str(b, text_phrase(style->lang, "This message is not well formed; it is shown "
						     "as far as it could be read."));
		html_markup(b, "</p>\n");
	}
	for (size_t i = 0; i < n; i++) {
		if (rs[i].kind == READABLE_ATTACHMENT)
			continue;
		nopen = leave_forwarded(&w, m, open, nopen, rs[i].part);
		if (rs[i].kind == READABLE_FORWARDED) {
			put_forwarded_head(&w, inner_of(m, rs[i].part));
			open[nopen++] = rs[i].part;
		} else if (rs[i].kind == READABLE_HTML) {
			put_html(&w, part_text(a, &m->parts[rs[i].part], READABLE_MAX));
		} else {
			put_text(&w, readable_part_text(m, rs[i].part, a));
		}
	}
	leave_forwarded(&w, m, open, nopen, -1);
}

void
body_text(struct buf *b, struct arena *a, struct slice text, const char *domain)
{
	struct slice *lines = arena_array(a, text.n + 1, sizeof *lines), line;
	size_t n = 0;

	while (slice_next_line(&text, &line))
		lines[n++] = line;
	blocks_put(b, lines, n, domain);
}

struct slice
body_excerpt(struct arena *a, const struct message *m, size_t max)
{
	struct text_line *ls;
	size_t n = readable_lines(a, readable_text(m, a), &ls);
	struct slice out;
	struct buf b;

	buf_init(&b, max * 8);
	for (size_t i = 0; i < n && b.n < max * 4 && !b.over; i++) {
		struct slice rest = ls[i].text, word;

		if (ls[i].kind != LINE_OWN)
			continue;
		while (b.n < max * 4 && slice_next_word(&rest, &word)) {
			if (b.n > 0)
				buf_putc(&b, ' ');
			buf_put_slice(&b, utf8_head(word, max));
		}
	}
	out = arena_dup(a, utf8_head(buf_slice(&b), max));
	buf_free(&b);
	return out;
}
