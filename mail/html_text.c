/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html_text: HTML as the plain text that a careful mailer would have sent beside it. Line breaks
 * are owed, not written: elements ask for one or two, and the next text pays the greatest claim.
 */
#include "mail/readable.h"

#include <stdio.h>

#include "base/utf8.h"
#include "mail/html.h"
#include "mail/html_scan.h"

#define QUOTE_DEPTH_MAX 50 /* deeper quotes are shown at this depth */
#define LIST_DEPTH_MAX 16
#define LINK_MAX 1000 /* a longer link is tracking, or an attack on the eye */

struct list {
	bool ordered;
	int number;
};

struct writer {
	struct buf *out;
	struct arena *arena;
	int owed;          /* line ends: 0, 1, or 2 for an empty line */
	bool space;        /* white space was seen; it counts if a word follows on this line */
	size_t line_start; /* where this line's own text begins, behind the quote marks */
	int depth;         /* of quotes, wanted */
	int line_depth;    /* of the current line */
	int pre;
	size_t held;     /* no-break spaces at a line's start: an indentation, or an empty line */
	bool fresh;      /* a quote has begun and has no text yet */
	char bullet[48]; /* of the item that begins; written with its first text */
	struct list lists[LIST_DEPTH_MAX];
	size_t nlists;
	size_t link_start; /* where the open link's text begins */
	struct slice link; /* its URL; empty when none is open */
	bool row_has_cell;
	unsigned char indents[256]; /* for each open blockquote: was it only an indentation? */
	size_t nindents;
};

/* White space at a line's end does not count, but for the signature mark's (RFC 3676 4.3). */
static void
drop_space(struct writer *w)
{
	struct buf *b = w->out;
	if (w->space && b->n == w->line_start + 2 && memcmp(b->p + w->line_start, "--", 2) == 0)
		buf_putc(b, ' ');
	w->space = false;
}

static void
owe(struct writer *w, int lines)
{
	if ((w->bullet[0] || w->fresh) && lines > 1)
		lines = 1; /* the first paragraph stands beside its bullet, below its attribution */
	if (w->held > 0)
		lines = 2; /* a paragraph of nothing else was a line to the eye */
	w->held = 0;
	if (lines > w->owed)
		w->owed = lines;
	drop_space(w);
}

static void
put_marks(struct writer *w, int depth, bool blank)
{
	for (int i = 0; i < depth && i < QUOTE_DEPTH_MAX; i++)
		buf_putc(w->out, '>');
	if (depth > 0 && !blank)
		buf_putc(w->out, ' ');
}

static void
end_line(struct writer *w)
{
	struct buf *b = w->out;
	size_t n = b->n;
	for (;;) {
		if (n > w->line_start && b->p[n - 1] == ' ')
			n--;
		else if (n > w->line_start + 1 && memcmp(b->p + n - 2, "\xc2\xa0", 2) == 0)
			n -= 2;
		else
			break;
	}
	bool mark = n == w->line_start + 2 && memcmp(b->p + w->line_start, "--", 2) == 0;
	bool blank = b->n > n;
	buf_cut(b, n);
	buf_puts(b, mark && blank ? " \n" : "\n");
}

/* Pays the owed line ends before something is written. */
static void
begin_text(struct writer *w)
{
	bool first = w->out->n == 0;
	if (!first && w->owed == 0) {
		if (w->space && w->out->n > w->line_start)
			buf_putc(w->out, ' ');
		w->space = false;
		return;
	}
	if (!first) {
		end_line(w);
		int between = w->depth < w->line_depth ? w->depth : w->line_depth;
		if (w->owed > 1) {
			put_marks(w, between, true);
			buf_putc(w->out, '\n');
		}
	}
	put_marks(w, w->depth, false);
	buf_puts(w->out, w->bullet);
	w->bullet[0] = '\0';
	w->line_depth = w->depth;
	w->line_start = w->out->n;
	if (w->held > 0 && w->space)
		w->held++;
	for (; w->held > 0; w->held--)
		buf_puts(w->out, "\xc2\xa0");
	w->owed = 0;
	w->fresh = false;
	w->space = false;
	if (w->link.p && w->link_start > w->out->n)
		w->link_start = w->out->n;
}

static void
put(struct writer *w, struct slice s)
{
	begin_text(w);
	buf_put_slice(w->out, s);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void
on_pre_text(struct writer *w, struct slice text)
{
	while (text.n > 0) {
		size_t n = slice_find_char(text, '\n');
		if (n > 0)
			put(w, slice_sub(text, 0, n));
		if (n < text.n)
			w->owed += w->owed < 2;
		text = slice_from(text, n + 1);
	}
}

/* No-break spaces alone, where a line begins. */
static bool
is_held(const struct writer *w, struct slice word)
{
	size_t i = 0;
	while (i + 1 < word.n && word.p[i] == '\xc2' && word.p[i + 1] == '\xa0')
		i += 2;
	return i == word.n && (w->owed > 0 || w->out->n == 0);
}

static void
on_text(void *arg, struct slice text)
{
	struct writer *w = arg;
	if (w->pre > 0) {
		on_pre_text(w, text);
		return;
	}
	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		while (i < text.n && !is_space(text.p[i]))
			i++;
		struct slice word = slice_sub(text, from, i - from);
		if (word.n > 0 && is_held(w, word))
			w->held += word.n / 2;
		else if (word.n > 0)
			put(w, word);
		if (i < text.n)
			w->space = true;
		while (i < text.n && is_space(text.p[i]))
			i++;
	}
}

static void
open_item(struct writer *w)
{
	size_t level = w->nlists < LIST_DEPTH_MAX ? w->nlists : LIST_DEPTH_MAX;
	struct list *list = level > 0 ? &w->lists[level - 1] : NULL;
	int indent = level > 0 ? (int)(level - 1) * 2 : 0;
	if (list && list->ordered)
		snprintf(w->bullet, sizeof w->bullet, "%*s%d. ", indent, "", ++list->number);
	else
		snprintf(w->bullet, sizeof w->bullet, "%*s* ", indent, "");
}

static void
open_list(struct writer *w, bool ordered)
{
	owe(w, w->nlists == 0 ? 2 : 1);
	if (w->nlists < LIST_DEPTH_MAX)
		w->lists[w->nlists] = (struct list){.ordered = ordered};
	w->nlists++;
}

static void
open_cell(struct writer *w)
{
	if (w->row_has_cell && w->owed == 0 && w->out->n > w->line_start)
		buf_puts(w->out, "  ");
	w->row_has_cell = true;
	w->space = false;
}

static void
open_quote(struct writer *w, const struct html_node *node)
{
	bool indent = html_is_indent(node);
	if (w->nindents < sizeof w->indents)
		w->indents[w->nindents] = indent;
	w->nindents++;
	w->depth += !indent;
	owe(w, 1);
	w->fresh = !indent;
}

static void
close_quote(struct writer *w)
{
	w->nindents--;
	if (w->nindents < sizeof w->indents && !w->indents[w->nindents])
		w->depth--;
	owe(w, 2);
}

static void
open_link(struct writer *w, const struct html_node *node)
{
	w->link = html_safe_url(w->arena, html_attribute(node, "href"));
	w->link_start = w->owed ? SIZE_MAX : w->out->n;
}

/* Is the link's text its own address, so that writing both would say it twice? */
static bool
says_itself(struct slice text, struct slice url)
{
	static const char *const heads[] = {"https://", "http://", "mailto:", "www."};
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct slice head = slice_str(heads[i]);
		if (slice_starts_ci(url, head))
			url = slice_from(url, head.n);
		if (slice_starts_ci(text, head))
			text = slice_from(text, head.n);
	}
	while (url.n > 0 && url.p[url.n - 1] == '/')
		url.n--;
	while (text.n > 0 && text.p[text.n - 1] == '/')
		text.n--;
	return slice_eq_ci(text, url);
}

static void
close_link(struct writer *w)
{
	struct slice url = w->link;
	w->link = slice_make(NULL, 0);
	if (url.n == 0 || url.n > LINK_MAX || w->link_start >= w->out->n)
		return;
	struct slice text = slice_trim(slice_from(buf_slice(w->out), w->link_start));
	if (text.n == 0 || says_itself(text, url))
		return;
	w->space = true;
	bool owed = w->owed > 0;
	if (owed) /* the link's text ended in a block: the address belongs to it still */
		buf_putc(w->out, ' ');
	else
		begin_text(w);
	buf_printf(w->out, "<%.*s>", SLICE_ARG(url));
}

static void
put_image(struct writer *w, const struct html_node *node)
{
	struct slice alt = slice_trim(html_attribute(node, "alt"));
	if (alt.n == 0)
		return;
	put(w, SLICE("["));
	on_text(w, alt);
	buf_puts(w->out, "]");
	w->space = false;
}

/* Line ends owed before and after an element. */
static const unsigned char breaks[] = {
    [HTML_BLOCK] = 1, [HTML_P] = 2,   [HTML_H1] = 2, [HTML_H2] = 2,  [HTML_H3] = 2,
    [HTML_H4] = 2,    [HTML_H5] = 2,  [HTML_H6] = 2, [HTML_LI] = 1,  [HTML_DL] = 2,
    [HTML_DT] = 1,    [HTML_DD] = 1,  [HTML_TR] = 1, [HTML_PRE] = 2, [HTML_TABLE] = 2,
    [HTML_HR] = 1,    [HTML_IMG] = 0,
};

static void
on_open(void *arg, enum html_tag tag, const struct html_node *node)
{
	struct writer *w = arg;
	if (breaks[tag] > 0)
		owe(w, breaks[tag]);
	switch (tag) {
	case HTML_LI:
		open_item(w);
		break;
	case HTML_UL:
	case HTML_OL:
		open_list(w, tag == HTML_OL);
		break;
	case HTML_TD:
	case HTML_TH:
		open_cell(w);
		break;
	case HTML_TR:
		w->row_has_cell = false;
		break;
	case HTML_BLOCKQUOTE:
		open_quote(w, node);
		break;
	case HTML_A:
		open_link(w, node);
		break;
	case HTML_IMG:
		put_image(w, node);
		break;
	case HTML_HR:
		put(w, SLICE("________________________________"));
		break;
	case HTML_BR:
		owe(w, w->owed + (w->owed < 2));
		break;
	default:
		w->pre += tag == HTML_PRE;
		break;
	}
}

static void
on_close(void *arg, enum html_tag tag)
{
	struct writer *w = arg;
	if (tag == HTML_UL || tag == HTML_OL) {
		w->nlists--;
		owe(w, w->nlists == 0 ? 2 : 1);
	} else if (tag == HTML_BLOCKQUOTE) {
		close_quote(w);
	} else if (tag == HTML_A) {
		close_link(w);
	}
	w->pre -= tag == HTML_PRE;
	if (breaks[tag] > 0)
		owe(w, breaks[tag]);
}

/* No-break spaces are spaces to a reader of plain text. */
static struct slice
finish(struct arena *a, const struct buf *b)
{
	struct buf out;
	buf_init(&out, b->n + 1);
	struct slice s = buf_slice(b);
	for (size_t i = 0; i < s.n; i++) {
		bool nbsp = i + 1 < s.n && s.p[i] == '\xc2' && s.p[i + 1] == '\xa0';
		buf_putc(&out, nbsp ? ' ' : s.p[i]);
		i += nbsp;
	}
	while (out.n > 0 && is_space(out.p[out.n - 1]))
		out.n--;
	if (out.n > 0)
		buf_putc(&out, '\n');
	struct slice text = arena_dup(a, utf8_cleaned(a, buf_slice(&out)));
	buf_free(&out);
	return text;
}

struct slice
html_to_text(struct arena *a, struct slice html)
{
	static const struct html_handler handler = {on_open, on_close, on_text};
	struct buf out;
	buf_init(&out, READABLE_MAX);
	struct writer w = {.out = &out, .arena = a};
	if (!html_walk(html, &handler, &w))
		html_strip(&out, html);
	struct slice text = finish(a, &out);
	buf_free(&out);
	return text;
}
