/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/quotes.h"

#include "archive/html.h"
#include "archive/links.h"
#include "conf/text.h"
#include "mail/attribution.h"

#define SUMMARY_MAX 160    /* letters of an attribution line on a folded quote */
#define QUOTE_DEPTH_MAX 12 /* deeper ones are shown as this deep */

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
put_quoted(const struct body_writer *w, const struct text_line *ls, size_t n)
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
		blocks_put(w->b, lines, k, &w->blocks);
	}
	for (; open > 0; open--)
		html_markup(w->b, "</blockquote>\n");
}

void
quotes_summary(const struct body_writer *w, struct slice attribution, size_t nlines)
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

struct slice
quotes_attribution(struct arena *a, const struct text_line *ls, size_t all, size_t *n)
{
	struct buf text;
	struct slice s;

	buf_init(&text, BUF_NO_LIMIT);
	for (*n = 0; *n < all && (ls[*n].kind == LINE_ATTRIBUTION || is_blank(&ls[*n])); (*n)++) {
		buf_put_slice(&text, slice_trim(ls[*n].text));
		buf_putc(&text, ' ');
	}
	s = arena_dup(a, slice_trim(buf_slice(&text)));
	buf_free(&text);
	if (s.n > 0)
		return s;
	/* Apple's mailer quotes its attribution, too. */
	if (*n < all)
		s = slice_trim(strip_marks(ls[*n].text, ls[*n].depth));
	*n = 0;
	return attribution_is(s) ? s : SLICE("");
}

bool
quotes_are_folded(size_t lines, bool answered, bool alone)
{
	return !alone && lines > 0 && !(answered && lines <= BODY_OPEN_QUOTE);
}

/* A quote with what introduces it. answered: own words follow it. */
static void
put_quote(const struct body_writer *w, const struct text_line *ls, size_t n, bool answered,
	  bool alone)
{
	size_t lead, quoted = 0;
	struct slice attribution;

	while (n > 0 && is_blank(&ls[n - 1]))
		n--;
	attribution = quotes_attribution(w->a, ls, n, &lead);
	for (size_t i = lead; i < n; i++)
		quoted += !is_blank(&ls[i]);
	if (quoted == 0)
		lead = 0;
	if (!quotes_are_folded(quoted, answered, alone)) {
		if (lead > 0) {
			html_markup(w->b, "<p class=\"said\">");
			links_text(w->b, attribution, w->style->domain);
			html_markup(w->b, "</p>\n");
		}
		put_quoted(w, ls + lead, n - lead);
		return;
	}
	quotes_summary(w, attribution, quoted);
	put_quoted(w, ls + lead, n - lead);
	html_markup(w->b, "</details>\n");
}

/* --- plain text --------------------------------------------------------------------------------
 */

static void
put_own(const struct body_writer *w, const struct text_line *ls, size_t n)
{
	struct slice *lines = arena_array(w->a, n, sizeof *lines);

	for (size_t i = 0; i < n; i++)
		lines[i] = ls[i].text;
	blocks_put(w->b, lines, n, &w->blocks);
}

static void
put_signature(const struct body_writer *w, const struct text_line *ls, size_t n)
{
	if (n > 0 && slice_is(slice_trim(ls[0].text), "--")) {
		ls++;
		n--;
	}
	while (n > 0 && is_blank(&ls[n - 1]))
		n--;
	for (; n > 0 && is_blank(&ls[0]); n--)
		ls++;
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

bool
quotes_have_own(const struct text_line *ls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ls[i].kind == LINE_OWN && !is_blank(&ls[i]))
			return true;
	return false;
}

void
quotes_put(const struct body_writer *w, struct slice text)
{
	struct text_line *ls;
	size_t n = readable_lines(w->a, text, &ls), to;
	bool alone = !quotes_have_own(ls, n);
	size_t last_own = n; /* index behind the last line of the author's own */

	while (last_own > 0 && (ls[last_own - 1].kind != LINE_OWN || is_blank(&ls[last_own - 1])))
		last_own--;
	for (size_t i = 0; i < n; i = to) {
		to = i + 1;
		if (is_blank(&ls[i]) && ls[i].kind == LINE_OWN)
			continue;
		to = run_end(ls, i, n);
		if (is_quoted(&ls[i]))
			put_quote(w, ls + i, to - i, to < last_own, alone);
		else if (ls[i].kind == LINE_SIGNATURE)
			put_signature(w, ls + i, to - i);
		else
			put_own(w, ls + i, to - i);
	}
}
