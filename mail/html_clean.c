/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html_clean: HTML of a stranger as HTML of ours. Nothing is copied: the walk's elements ask for
 * containers, formats and breaks, and text makes what is needed of them come into being. So the
 * output is well formed by construction, whatever the input was. Invariants: 1. Only names from the
 * table below and attributes written here go out; all text and values are escaped. 2. Every frame
 * that was written is closed. 3. The content model is kept: cells in rows in tables, items in
 * lists, no block in a paragraph, no link in a link. 4. Empty elements are not written.
 */
#include "mail/readable.h"

#include <stdio.h>

#include "base/num.h"
#include "base/utf8.h"
#include "mail/html.h"
#include "mail/html_scan.h"

#define FRAMES_MAX 1024 /* libxml2 ends at depth 256; each may imply two more */
#define FORMATS_MAX 16  /* nested em, strong, …: deeper ones change nothing to the eye */
#define SPAN_MAX 100
#define URL_MAX 2000

/* Containers that may hold text stand first: is_flow(). */
enum kind { ROOT, QUOTE, ITEM, CELL, TERM, LIST, DLIST, TABLE, GROUP, ROW };

/* A container, asked for or written. */
struct frame {
	enum kind kind;
	const char *name;
	bool written;
	bool implied;     /* not the sender's: "<td>" without a row has one made */
	char attrs[160];  /* ready to be written, with the space before */
	const char *leaf; /* the block that text opens here: "p", "h3", "pre", or NULL */
	bool leaf_open;
	bool has_text; /* so a break that is owed here is one to be seen */
	bool has_child;
	const char *dir; /* of the container as written */
	const char *leaf_dir;
};

struct format {
	const char *name;
	struct slice href; /* of an "a" */
};

/* What one open element of the walk changed, to be put back at its close. */
struct element {
	size_t frames;
	size_t formats;
	const char *leaf; /* the frame's before */
	const char *dir;
};

struct cleaner {
	struct buf *out;
	struct arena *arena;
	struct frame frames[FRAMES_MAX];
	size_t nframes;
	struct format want[FORMATS_MAX], have[FORMATS_MAX];
	size_t nwant, nhave;
	struct element *stack; /* one a depth of the walk */
	size_t nstack, stack_cap;
	int owed; /* as in html_text.c: 1 a line, 2 a paragraph */
	bool space;
	const char *dir; /* "ltr", "rtl", "auto" or NULL, of the text that comes */
};

/* --- writing ---------------------------------------------------------------------------------- */

static void
put_escaped(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '&')
			buf_puts(b, "&amp;");
		else if (c == '<')
			buf_puts(b, "&lt;");
		else if (c == '>')
			buf_puts(b, "&gt;");
		else if (c == '"')
			buf_puts(b, "&quot;");
		else
			buf_putc(b, c);
	}
}

static struct frame *
top(struct cleaner *c)
{
	return &c->frames[c->nframes - 1];
}

static void
close_formats(struct cleaner *c, size_t keep)
{
	while (c->nhave > keep)
		buf_printf(c->out, "</%s>", c->have[--c->nhave].name);
}

/* Ends the open paragraph, heading or pre, and all formats in it. */
static void
close_leaf(struct cleaner *c)
{
	struct frame *f = top(c);
	close_formats(c, 0);
	c->space = false;
	if (f->leaf_open)
		buf_printf(c->out, "</%s>\n", f->leaf);
	f->leaf_open = f->has_text = false;
}

static void
put_dir(struct buf *b, const char *dir)
{
	if (dir)
		buf_printf(b, " dir=\"%s\"", dir);
}

/* Writes the frames that were only asked for, the outermost first. */
static void
write_frames(struct cleaner *c)
{
	for (size_t i = 1; i < c->nframes; i++) {
		struct frame *f = &c->frames[i];
		if (f->written)
			continue;
		buf_printf(c->out, "<%s%s", f->name, f->attrs);
		if (f->dir && f->dir != c->frames[i - 1].dir)
			put_dir(c->out, f->dir);
		buf_puts(c->out, f->kind <= TERM && f->kind != QUOTE ? ">" : ">\n");
		f->written = true;
	}
}

static void
pop_frame(struct cleaner *c)
{
	struct frame *f = top(c);
	close_leaf(c);
	if (f->written)
		buf_printf(c->out, "</%s>\n", f->name);
	c->nframes--;
	top(c)->has_text = false;
	c->owed = 0;
}

static void
push_frame(struct cleaner *c, enum kind kind, const char *name, bool implied)
{
	close_leaf(c);
	if (c->nframes == FRAMES_MAX)
		return; /* its content stays in the frame around it */
	top(c)->has_child = true;
	c->frames[c->nframes++] = (struct frame){
	    .kind = kind,
	    .name = name,
	    .implied = implied,
	    .leaf = kind <= QUOTE ? "p" : NULL,
	    .dir = c->dir,
	};
	c->owed = 0;
}

/* --- containers ------------------------------------------------------------------------------- */

static bool
is_flow(const struct frame *f)
{
	return f->kind <= TERM;
}

/* Ends what was made for text before this element, up to a frame of this kind. */
static void
pop_implied(struct cleaner *c, enum kind wanted)
{
	while (top(c)->implied && top(c)->kind != wanted)
		pop_frame(c);
	struct element *e = &c->stack[c->nstack - 1];
	if (e->frames > c->nframes)
		e->frames = c->nframes;
}

/* Text, or a block, stands where only items, rows or cells may: these are made for it. */
static void
imply_flow(struct cleaner *c)
{
	while (!is_flow(top(c)) && c->nframes < FRAMES_MAX) {
		switch (top(c)->kind) {
		case LIST:
			push_frame(c, ITEM, "li", true);
			break;
		case DLIST:
			push_frame(c, ITEM, "dd", true);
			break;
		case ROW:
			push_frame(c, CELL, "td", true);
			break;
		default:
			push_frame(c, ROW, "tr", true);
			break;
		}
	}
}

static bool
is_in(struct cleaner *c, enum kind parent)
{
	return top(c)->kind == parent;
}

static void
owe(struct cleaner *c, int lines)
{
	if (lines > c->owed)
		c->owed = lines;
	c->space = false;
}

static void
open_container(struct cleaner *c, enum kind kind, const char *name)
{
	imply_flow(c);
	push_frame(c, kind, name, false);
}

/* colspan and rowspan in their range. */
static void
span_attribute(struct frame *f, const struct html_node *node, const char *name)
{
	int64_t v;
	if (num_parse(slice_trim(html_attribute(node, name)), 2, SPAN_MAX, &v)) {
		size_t n = strlen(f->attrs);
		snprintf(f->attrs + n, sizeof f->attrs - n, " %s=\"%d\"", name, (int)v);
	}
}

static void
open_cell(struct cleaner *c, const char *name, const struct html_node *node)
{
	pop_implied(c, ROW);
	if (is_in(c, TABLE) || is_in(c, GROUP))
		push_frame(c, ROW, "tr", true);
	if (!is_in(c, ROW)) {
		owe(c, 1);
		return;
	}
	push_frame(c, CELL, name, false);
	span_attribute(top(c), node, "colspan");
	span_attribute(top(c), node, "rowspan");
}

static void
open_row(struct cleaner *c)
{
	pop_implied(c, ROOT);
	if (is_in(c, TABLE) || is_in(c, GROUP))
		push_frame(c, ROW, "tr", false);
	else
		owe(c, 1);
}

static void
open_group(struct cleaner *c, const char *name)
{
	pop_implied(c, ROOT);
	if (is_in(c, TABLE))
		push_frame(c, GROUP, top(c)->has_child ? "tbody" : name, false);
}

static void
open_item(struct cleaner *c, enum kind list, enum kind kind, const char *name)
{
	pop_implied(c, ROOT);
	if (is_in(c, list))
		push_frame(c, kind, name, false);
	else
		owe(c, 1);
}

/* --- text ------------------------------------------------------------------------------------- */

static bool
same_format(const struct format *a, const struct format *b)
{
	return a->name == b->name && slice_eq(a->href, b->href);
}

/* Opens and closes inline elements until those wanted are open. */
static void
sync_formats(struct cleaner *c)
{
	size_t same = 0;
	while (same < c->nhave && same < c->nwant && same_format(&c->have[same], &c->want[same]))
		same++;
	close_formats(c, same);
	if (c->space) {
		buf_putc(c->out, ' ');
		c->space = false;
	}
	for (; c->nhave < c->nwant; c->nhave++) {
		struct format *f = &c->want[c->nhave];
		c->have[c->nhave] = *f;
		buf_printf(c->out, "<%s", f->name);
		if (f->href.n > 0) {
			buf_puts(c->out, " href=\"");
			put_escaped(c->out, f->href);
			buf_putc(c->out, '"');
		}
		buf_putc(c->out, '>');
	}
}

static bool
in_pre(struct cleaner *c)
{
	return top(c)->leaf && strcmp(top(c)->leaf, "pre") == 0;
}

/* Pays an owed break inside of an open block; a paragraph's by ending it. */
static void
pay_break(struct cleaner *c)
{
	struct frame *f = top(c);
	bool started = f->leaf ? f->leaf_open : f->has_text;
	if (c->owed == 0 || !started) {
		c->owed = 0;
		return;
	}
	if (f->leaf && c->owed > 1 && !in_pre(c)) {
		close_leaf(c);
	} else {
		for (int i = 0; i < c->owed; i++)
			buf_puts(c->out, in_pre(c) ? "\n" : "<br>");
	}
	c->space = false;
	c->owed = 0;
}

/* Makes the place where text may stand. */
static void
begin_text(struct cleaner *c)
{
	imply_flow(c);
	struct frame *f = top(c);
	if (f->leaf_open && f->leaf_dir != c->dir)
		close_leaf(c);
	pay_break(c);
	write_frames(c);
	if (!f->has_text)
		c->space = false;
	f->has_text = true;
	if (f->leaf && !f->leaf_open) {
		buf_printf(c->out, "<%s", f->leaf);
		if (c->dir && c->dir != f->dir)
			put_dir(c->out, c->dir);
		buf_putc(c->out, '>');
		f->leaf_open = true;
		f->leaf_dir = c->dir;
	}
	sync_formats(c);
}

static bool
is_space(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f';
}

static void
put_pre(struct cleaner *c, struct slice text)
{
	begin_text(c);
	put_escaped(c->out, text);
}

/* A no-break space that stands alone on its line is how mailers write an empty one. */
static bool
is_empty_line(struct cleaner *c, struct slice word)
{
	return slice_is(word, "\xc2\xa0") && (c->owed > 0 || !top(c)->has_text);
}

static void
on_text(void *arg, struct slice text)
{
	struct cleaner *c = arg;
	if (in_pre(c)) {
		put_pre(c, text);
		return;
	}
	for (size_t i = 0; i < text.n;) {
		size_t from = i;
		while (i < text.n && !is_space(text.p[i]))
			i++;
		struct slice word = slice_sub(text, from, i - from);
		if (is_empty_line(c, word)) {
			c->owed = 2;
		} else if (word.n > 0) {
			begin_text(c);
			put_escaped(c->out, word);
		}
		if (i < text.n)
			c->space = c->owed == 0;
		while (i < text.n && is_space(text.p[i]))
			i++;
	}
}

/* --- elements --------------------------------------------------------------------------------- */

static void
want_format(struct cleaner *c, const char *name, struct slice href)
{
	for (size_t i = 0; i < c->nwant; i++)
		if (c->want[i].name == name)
			return; /* twice is once; and no link stands in a link */
	if (c->nwant < FORMATS_MAX)
		c->want[c->nwant++] = (struct format){name, href};
}

static void
open_link(struct cleaner *c, const struct html_node *node)
{
	struct slice url = html_safe_url(c->arena, html_attribute(node, "href"));
	if (url.n > 0 && url.n <= URL_MAX)
		want_format(c, "a", url);
}

static void
open_leaf(struct cleaner *c, const char *name)
{
	close_leaf(c);
	c->owed = 0;
	imply_flow(c);
	if (top(c)->kind != TERM || strcmp(name, "pre") == 0) /* no heading stands in a term */
		top(c)->leaf = name;
}

static void
put_rule(struct cleaner *c)
{
	close_leaf(c);
	c->owed = 0;
	imply_flow(c);
	write_frames(c);
	buf_puts(c->out, "<hr>\n");
}

/* Of blocks only: a direction inside of a line would tear it apart. */
static void
take_direction(struct cleaner *c, const struct html_node *node)
{
	static const char *const dirs[] = {"ltr", "rtl", "auto"};
	struct slice dir = slice_trim(html_attribute(node, "dir"));
	for (size_t i = 0; i < 3; i++)
		if (slice_is_ci(dir, dirs[i]))
			c->dir = dirs[i];
}

enum role { NOTHING, BREAK, FORMAT, LEAF, CONTAINER };

struct rule {
	enum role role;
	const char *name;
	enum kind kind; /* of a container */
	int lines;      /* of a break */
};

static const struct rule rules[] = {
    [HTML_BLOCK] = {.role = BREAK, .lines = 1},
    [HTML_P] = {.role = BREAK, .lines = 2},
    [HTML_BR] = {.role = NOTHING},
    [HTML_H1] = {.role = LEAF, .name = "h3"},
    [HTML_H2] = {.role = LEAF, .name = "h4"},
    [HTML_H3] = {.role = LEAF, .name = "h5"},
    [HTML_H4] = {.role = LEAF, .name = "h6"},
    [HTML_H5] = {.role = LEAF, .name = "h6"},
    [HTML_H6] = {.role = LEAF, .name = "h6"},
    [HTML_PRE] = {.role = LEAF, .name = "pre"},
    [HTML_UL] = {.role = CONTAINER, .name = "ul", .kind = LIST},
    [HTML_OL] = {.role = CONTAINER, .name = "ol", .kind = LIST},
    [HTML_DL] = {.role = CONTAINER, .name = "dl", .kind = DLIST},
    [HTML_TABLE] = {.role = CONTAINER, .name = "table", .kind = TABLE},
    [HTML_BLOCKQUOTE] = {.role = CONTAINER, .name = "blockquote", .kind = QUOTE},
    [HTML_CODE] = {.role = FORMAT, .name = "code"},
    [HTML_EM] = {.role = FORMAT, .name = "em"},
    [HTML_STRONG] = {.role = FORMAT, .name = "strong"},
    [HTML_SUB] = {.role = FORMAT, .name = "sub"},
    [HTML_SUP] = {.role = FORMAT, .name = "sup"},
    [HTML_IMG] = {.role = NOTHING},
};

static void
open_special(struct cleaner *c, enum html_tag tag, const struct html_node *node)
{
	if (tag == HTML_LI)
		open_item(c, LIST, ITEM, "li");
	else if (tag == HTML_DT)
		open_item(c, DLIST, TERM, "dt");
	else if (tag == HTML_DD)
		open_item(c, DLIST, ITEM, "dd");
	else if (tag == HTML_TD || tag == HTML_TH)
		open_cell(c, tag == HTML_TD ? "td" : "th", node);
	else if (tag == HTML_TR)
		open_row(c);
	else if (tag == HTML_THEAD || tag == HTML_TBODY)
		open_group(c, tag == HTML_THEAD ? "thead" : "tbody");
	else if (tag == HTML_A)
		open_link(c, node);
	else if (tag == HTML_HR)
		put_rule(c);
	else if (tag == HTML_BR)
		c->owed += c->owed < 2;
	else if (tag == HTML_IMG)
		on_text(c, html_attribute(node, "alt"));
}

static void
push_element(struct cleaner *c)
{
	if (c->nstack == c->stack_cap) {
		size_t cap = c->stack_cap * 2 + 64;
		struct element *stack = arena_array(c->arena, cap, sizeof *stack);
		if (c->nstack > 0)
			memcpy(stack, c->stack, c->nstack * sizeof *stack);
		c->stack = stack;
		c->stack_cap = cap;
	}
	c->stack[c->nstack++] = (struct element){c->nframes, c->nwant, top(c)->leaf, c->dir};
}

static void
on_open(void *arg, enum html_tag tag, const struct html_node *node)
{
	struct cleaner *c = arg;
	const struct rule none = {.role = NOTHING};
	const struct rule *r = tag < sizeof rules / sizeof *rules ? &rules[tag] : &none;
	push_element(c);
	if (tag != HTML_OTHER && r->role != FORMAT && tag != HTML_A)
		take_direction(c, node);
	if (r->role == BREAK)
		owe(c, r->lines);
	else if (r->role == FORMAT)
		want_format(c, r->name, slice_make(NULL, 0));
	else if (r->role == LEAF)
		open_leaf(c, r->name);
	else if (r->role == CONTAINER)
		open_container(c, r->kind, r->name);
	else
		open_special(c, tag, node);
}

/* Back to what was before the element; what was implied inside of it goes with it. */
static void
on_close(void *arg, enum html_tag tag)
{
	struct cleaner *c = arg;
	struct element e = c->stack[--c->nstack];
	const struct rule *r = tag < sizeof rules / sizeof *rules ? &rules[tag] : &rules[0];
	if ((tag == HTML_TD || tag == HTML_TH) && c->nframes > e.frames)
		write_frames(c); /* an empty cell keeps its column */
	while (c->nframes > e.frames)
		pop_frame(c);
	c->nwant = e.formats;
	if (r->role == LEAF && c->nframes == e.frames) {
		close_leaf(c);
		top(c)->leaf = e.leaf;
		c->owed = 0;
	}
	if (r->role == BREAK)
		owe(c, r->lines);
	c->dir = e.dir;
}

/* What could not be parsed, as lines. */
static void
put_stripped(struct buf *out, struct slice html)
{
	struct buf text;
	buf_init(&text, HTML_SIZE_MAX * 2);
	html_strip(&text, html);
	struct slice rest = buf_slice(&text), line;
	bool open = false;
	while (slice_next_line(&rest, &line)) {
		if (line.n == 0) {
			buf_puts(out, open ? "</p>\n" : "");
			open = false;
			continue;
		}
		buf_puts(out, open ? "<br>" : "<p>");
		put_escaped(out, line);
		open = true;
	}
	buf_puts(out, open ? "</p>\n" : "");
	buf_free(&text);
}

void
html_clean(struct buf *out, struct slice html)
{
	static const struct html_handler handler = {on_open, on_close, on_text};
	struct arena *a = arena_new();
	struct cleaner *c = arena_zalloc(a, sizeof *c);
	struct buf raw;
	buf_init(&raw, BUF_NO_LIMIT);
	c->out = &raw;
	c->arena = a;
	c->frames[0] = (struct frame){.kind = ROOT, .written = true, .leaf = "p"};
	c->nframes = 1;
	if (html_walk(html, &handler, c))
		close_leaf(c);
	else
		put_stripped(&raw, html);
	utf8_clean(out, buf_slice(&raw));
	buf_free(&raw);
	arena_free(a);
}
