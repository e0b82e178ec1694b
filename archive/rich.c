/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cleaned HTML is cut into its outermost elements, since only between them may a <details>
 * begin and end. Their text, line by line, goes to readable_lines; an element is a quote if all of
 * its lines are, so that what is in doubt, or only half another's, stays in sight.
 */
#include "config.h"
#include "archive/rich.h"

#include "archive/html.h"
#include "archive/links.h"
#include "archive/pictures.h"
#include "archive/quotes.h"

#define LEAD_MAX 400 /* bytes of a block that tell its script */

struct block {
	struct slice html;
	size_t line, nlines; /* of the text */
	enum line_kind kind;
	bool cited;      /* a blockquote that a mailer made */
	bool quote;      /* any blockquote */
	bool introduces; /* its last words are an attribution, or another's */
};

struct cut {
	const struct body_writer *w;
	struct block *v;
	size_t n, cap;
	struct buf text;
	size_t lines;
};

/* --- cutting -----------------------------------------------------------------------------------
 */

static bool
is_void(struct slice tag)
{
	return slice_starts(tag, SLICE("<br")) || slice_starts(tag, SLICE("<hr")) ||
	       slice_starts(tag, SLICE("<img"));
}

/* Length of the element (or tag, or text) at the start of s. */
static size_t
element_length(struct slice s)
{
	size_t depth = 0, at = 0;

	do {
		struct slice rest = slice_from(s, at + slice_find_char(slice_from(s, at), '<'));
		size_t end = slice_find_char(rest, '>');

		if (rest.n == 0)
			return s.n;
		if (slice_starts(rest, SLICE("</")))
			depth -= depth > 0;
		else if (!is_void(rest))
			depth++;
		at = s.n - rest.n + (end < rest.n ? end + 1 : end);
	} while (depth > 0 && at < s.n);
	while (at < s.n && s.p[at] == '\n')
		at++;
	return at;
}

static const struct {
	const char *name;
	char letter;
} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}};

/* A letter of text with its entity undone; how many bytes it was. */
static size_t
put_letter(struct buf *b, struct slice s)
{
	for (size_t i = 0; *s.p == '&' && i < sizeof entities / sizeof *entities; i++)
		if (slice_starts(s, slice_str(entities[i].name))) {
			buf_putc(b, entities[i].letter);
			return strlen(entities[i].name);
		}
	buf_putc(b, *s.p);
	return 1;
}

static bool
ends_line(struct slice tag)
{
	static const char *const names[] = {"<br", "</p", "</li",         "</tr", "</h",
					    "</d", "<hr", "</blockquote", "</pre"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (slice_starts(tag, slice_str(names[i])))
			return true;
	return false;
}

static void
end_line(struct cut *c)
{
	buf_putc(&c->text, '\n');
	c->lines++;
}

/* The text of a block, in lines, each of a quote with its mark; then an empty line. */
static void
put_plain(struct cut *c, struct slice html, bool quote)
{
	size_t from = c->text.n;

	while (html.n > 0) {
		size_t used;

		if (*html.p == '<') {
			if (ends_line(html) && c->text.n > from) {
				end_line(c);
				from = c->text.n;
			}
			html = slice_from(html, slice_find_char(html, '>') + 1);
			continue;
		}
		used = 1;
		if (*html.p == '\n' && c->text.n > from) { /* in a <pre> */
			end_line(c);
			from = c->text.n;
		} else if (*html.p != '\n') {
			if (c->text.n == from && quote)
				buf_puts(&c->text, "> ");
			used = put_letter(&c->text, html);
		}
		html = slice_from(html, used);
	}
	if (c->text.n > from)
		end_line(c);
	end_line(c);
}

static void
add_block(struct cut *c, struct slice html)
{
	struct block *k;

	if (c->n == c->cap) {
		size_t cap = c->cap * 2 + 64;
		struct block *v = arena_array(c->w->a, cap, sizeof *v);

		if (c->n > 0)
			memcpy(v, c->v, c->n * sizeof *v);
		c->v = v;
		c->cap = cap;
	}
	k = &c->v[c->n++];
	*k = (struct block){.html = html, .line = c->lines};
	k->cited = slice_starts(html, SLICE("<blockquote class=\"q\""));
	k->quote = slice_starts(html, SLICE("<blockquote"));
	put_plain(c, html, k->quote);
	k->nlines = c->lines - k->line;
}

static void
cut_blocks(struct cut *c, struct slice html)
{
	while (html.n > 0) {
		size_t n = element_length(html);

		add_block(c, slice_sub(html, 0, n));
		html = slice_from(html, n);
	}
}

/* --- whose words -------------------------------------------------------------------------------
 */

/* One kind if all lines that say something are of it; an attribution goes with its quote. */
static void
judge_block(struct block *k, const struct text_line *ls, size_t n)
{
	bool first = true, one_kind = true;

	for (size_t i = k->line; i < k->line + k->nlines && i < n; i++) {
		enum line_kind one = ls[i].kind == LINE_ATTRIBUTION ? LINE_QUOTE : ls[i].kind;

		if (slice_trim(ls[i].text).n == 0)
			continue;
		one_kind &= first || one == k->kind;
		k->kind = one;
		k->introduces = one == LINE_QUOTE;
		first = false;
	}
	if (!one_kind || first)
		k->kind = LINE_OWN;
}

/* A blockquote that no mailer made and nobody introduced is its author's layout. */
static void
judge(struct cut *c, const struct text_line *ls, size_t n)
{
	for (size_t i = 0; i < c->n; i++) {
		struct block *k = &c->v[i];

		judge_block(k, ls, n);
		if (k->quote)
			k->kind =
			    k->cited || (i > 0 && c->v[i - 1].introduces) ? LINE_QUOTE : LINE_OWN;
	}
}

/* --- writing -----------------------------------------------------------------------------------
 */

static void
put_block(const struct body_writer *w, struct slice html)
{
	static const struct slice plain[] = {{"<p>", 3}, {"<h3>", 4}};

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (slice_starts(html, plain[i])) {
			buf_put(w->b, plain[i].p, plain[i].n - 1);
			tongue_attrs(w->b, &w->tongue, slice_sub(html, plain[i].n, LEAD_MAX));
			html = slice_from(html, plain[i].n - 1);
			break;
		}
	links_markup(w->b, html, w->style->domain);
}

static void
put_blocks(const struct body_writer *w, const struct block *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_block(w, v[i].html);
}

static size_t
lines_in(const struct block *v, size_t n, const struct text_line *ls, size_t nls)
{
	size_t count = 0;

	for (size_t i = v[0].line; i < v[n - 1].line + v[n - 1].nlines && i < nls; i++)
		count += slice_trim(ls[i].text).n > 0 && ls[i].kind == LINE_QUOTE;
	return count;
}

/* A run of blocks that are all another's. */
static void
put_quote(const struct body_writer *w, const struct block *v, size_t n, const struct text_line *ls,
	  size_t nls, bool answered, bool alone)
{
	size_t lines = lines_in(v, n, ls, nls), lead = 0, skip = 0;
	struct slice who;

	if (!quotes_are_folded(lines, answered, alone)) {
		put_blocks(w, v, n);
		return;
	}
	who = quotes_attribution(w->a, ls + v[0].line, nls - v[0].line, &lead);
	/* Blocks that the summary says already. */
	while (skip + 1 < n && v[skip].line + v[skip].nlines <= v[0].line + lead)
		skip++;
	quotes_summary(w, who, lines);
	put_blocks(w, v + (lead > 0 ? skip : 0), n - (lead > 0 ? skip : 0));
	html_markup(w->b, "</details>\n");
}

static void
put_runs(const struct body_writer *w, const struct cut *c, const struct text_line *ls, size_t n)
{
	bool alone = !quotes_have_own(ls, n);
	size_t to, last_own = c->n;

	while (last_own > 0 && c->v[last_own - 1].kind != LINE_OWN)
		last_own--;
	for (size_t i = 0; i < c->n; i = to) {
		for (to = i + 1; to < c->n && c->v[to].kind == c->v[i].kind;)
			to++;
		if (c->v[i].kind == LINE_QUOTE) {
			put_quote(w, c->v + i, to - i, ls, n, to < last_own,
				  alone && last_own == 0);
		} else if (c->v[i].kind == LINE_SIGNATURE) {
			html_markup(w->b, "<div class=\"sig\">");
			put_blocks(w, c->v + i, to - i);
			html_markup(w->b, "</div>\n");
		} else {
			put_blocks(w, c->v + i, to - i);
		}
	}
}

void
rich_put(const struct body_writer *w, struct slice html)
{
	const struct html_images images = {pictures_find, (void *)(uintptr_t)w};
	struct cut c = {.w = w};
	struct text_line *ls;
	struct buf clean;
	size_t n;

	buf_init(&clean, BUF_NO_LIMIT);
	buf_init(&c.text, BUF_NO_LIMIT);
	html_clean_with(&clean, html, &images);
	cut_blocks(&c, buf_slice(&clean));
	n = readable_lines(w->a, buf_slice(&c.text), &ls);
	judge(&c, ls, n);
	put_runs(w, &c, ls, n);
	buf_free(&c.text);
	buf_free(&clean);
}
