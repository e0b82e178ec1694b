/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html_out: the state of what is being written. Invariants: 1. All text and values are escaped.
 * 2. Every frame that was written is closed. 3. The content model is kept: cells in rows in tables,
 * items in lists, no block in a paragraph, no link in a link. 4. Empty elements are not written.
 */
#include "mail/html_out.h"

#include <stdio.h>
#include <string.h>

#define FRAMES_MAX 1024 /* libxml2 ends at depth 256; each may imply two more */
#define FORMATS_MAX 16  /* nested em, strong, …: deeper ones change nothing to the eye */

#define TO_FOCUS " tabindex=\"0\"" /* so that it can be scrolled by keyboard */

/* A container, asked for or written. */
struct frame {
	enum html_kind kind;
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

struct html_out {
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
top(struct html_out *c)
{
	return &c->frames[c->nframes - 1];
}

static void
close_formats(struct html_out *c, size_t keep)
{
	while (c->nhave > keep)
		buf_printf(c->out, "</%s>", c->have[--c->nhave].name);
}

/* Ends the open paragraph, heading or pre, and all formats in it. */
static void
close_leaf(struct html_out *c)
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
write_frames(struct html_out *c)
{
	for (size_t i = 1; i < c->nframes; i++) {
		struct frame *f = &c->frames[i];
		if (f->written)
			continue;
		buf_printf(c->out, "<%s%s", f->name, f->attrs);
		if (f->dir && f->dir != c->frames[i - 1].dir)
			put_dir(c->out, f->dir);
		buf_puts(c->out,
			 f->kind <= HTML_OUT_TERM && f->kind != HTML_OUT_QUOTE ? ">" : ">\n");
		f->written = true;
	}
}

static void
pop_frame(struct html_out *c)
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
push_frame(struct html_out *c, enum html_kind kind, const char *name, bool implied)
{
	close_leaf(c);
	if (c->nframes == FRAMES_MAX)
		return; /* its content stays in the frame around it */
	top(c)->has_child = true;
	c->frames[c->nframes++] = (struct frame){
	    .kind = kind,
	    .name = name,
	    .implied = implied,
	    .leaf = kind <= HTML_OUT_QUOTE ? "p" : NULL,
	    .dir = c->dir,
	};
	c->owed = 0;
}

/* --- containers ------------------------------------------------------------------------------- */

static bool
is_flow(const struct frame *f)
{
	return f->kind <= HTML_OUT_TERM;
}

/* Ends what was made for text before this element, up to a frame of this kind. */
static void
pop_implied(struct html_out *c, enum html_kind wanted)
{
	while (top(c)->implied && top(c)->kind != wanted)
		pop_frame(c);
	struct element *e = &c->stack[c->nstack - 1];
	if (e->frames > c->nframes)
		e->frames = c->nframes;
}

/* Text, or a block, stands where only items, rows or cells may: these are made for it. */
static void
imply_flow(struct html_out *c)
{
	while (!is_flow(top(c)) && c->nframes < FRAMES_MAX) {
		switch (top(c)->kind) {
		case HTML_OUT_LIST:
			push_frame(c, HTML_OUT_ITEM, "li", true);
			break;
		case HTML_OUT_DLIST:
			push_frame(c, HTML_OUT_ITEM, "dd", true);
			break;
		case HTML_OUT_ROW:
			push_frame(c, HTML_OUT_CELL, "td", true);
			break;
		default:
			push_frame(c, HTML_OUT_ROW, "tr", true);
			break;
		}
	}
}

static bool
is_in(struct html_out *c, enum html_kind parent)
{
	return top(c)->kind == parent;
}

void
html_out_break(struct html_out *c, int lines)
{
	if (lines > c->owed)
		c->owed = lines;
	c->space = false;
}

void
html_out_container(struct html_out *c, enum html_kind kind, const char *name)
{
	imply_flow(c);
	push_frame(c, kind, name, false);
	if (kind == HTML_OUT_TABLE)
		snprintf(top(c)->attrs, sizeof top(c)->attrs, TO_FOCUS);
}

void
html_out_cited(struct html_out *c)
{
	struct frame *f = top(c);
	if (!f->written)
		snprintf(f->attrs, sizeof f->attrs, " class=\"q\"");
}

static void
span_attribute(struct frame *f, const char *name, int span)
{
	size_t n = strlen(f->attrs);
	if (span > 1)
		snprintf(f->attrs + n, sizeof f->attrs - n, " %s=\"%d\"", name, span);
}

void
html_out_cell(struct html_out *c, const char *name, int colspan, int rowspan)
{
	pop_implied(c, HTML_OUT_ROW);
	if (is_in(c, HTML_OUT_TABLE) || is_in(c, HTML_OUT_GROUP))
		push_frame(c, HTML_OUT_ROW, "tr", true);
	if (!is_in(c, HTML_OUT_ROW)) {
		html_out_break(c, 1);
		return;
	}
	push_frame(c, HTML_OUT_CELL, name, false);
	span_attribute(top(c), "colspan", colspan);
	span_attribute(top(c), "rowspan", rowspan);
}

void
html_out_row(struct html_out *c)
{
	pop_implied(c, HTML_OUT_ROOT);
	if (is_in(c, HTML_OUT_TABLE) || is_in(c, HTML_OUT_GROUP))
		push_frame(c, HTML_OUT_ROW, "tr", false);
	else
		html_out_break(c, 1);
}

void
html_out_group(struct html_out *c, const char *name)
{
	pop_implied(c, HTML_OUT_ROOT);
	if (is_in(c, HTML_OUT_TABLE))
		push_frame(c, HTML_OUT_GROUP, top(c)->has_child ? "tbody" : name, false);
}

void
html_out_item(struct html_out *c, enum html_kind list, enum html_kind kind, const char *name)
{
	pop_implied(c, HTML_OUT_ROOT);
	if (is_in(c, list))
		push_frame(c, kind, name, false);
	else
		html_out_break(c, 1);
}

/* --- text ------------------------------------------------------------------------------------- */

static bool
same_format(const struct format *a, const struct format *b)
{
	return a->name == b->name && slice_eq(a->href, b->href);
}

/* Opens and closes inline elements until those wanted are open. */
static void
sync_formats(struct html_out *c)
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
in_pre(struct html_out *c)
{
	return top(c)->leaf && strcmp(top(c)->leaf, "pre") == 0;
}

/* Pays an owed break inside of an open block; a paragraph's by ending it. */
static void
pay_break(struct html_out *c)
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
begin_text(struct html_out *c)
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
		buf_printf(c->out, "<%s%s", f->leaf, in_pre(c) ? TO_FOCUS : "");
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
put_pre(struct html_out *c, struct slice text)
{
	begin_text(c);
	put_escaped(c->out, text);
}

/* A no-break space that stands alone on its line is how mailers write an empty one. */
static bool
is_empty_line(struct html_out *c, struct slice word)
{
	return slice_is(word, "\xc2\xa0") && (c->owed > 0 || !top(c)->has_text);
}

void
html_out_text(struct html_out *c, struct slice text)
{
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

void
html_out_line(struct html_out *c)
{
	c->owed += c->owed < 2;
}

void
html_out_format(struct html_out *c, const char *name, struct slice href)
{
	for (size_t i = 0; i < c->nwant; i++)
		if (c->want[i].name == name)
			return; /* twice is once; and no link stands in a link */
	if (c->nwant < FORMATS_MAX)
		c->want[c->nwant++] = (struct format){name, href};
}

void
html_out_leaf(struct html_out *c, const char *name)
{
	close_leaf(c);
	c->owed = 0;
	imply_flow(c);
	if (top(c)->kind != HTML_OUT_TERM || strcmp(name, "pre") == 0) /* no heading in a term */
		top(c)->leaf = name;
}

void
html_out_rule(struct html_out *c)
{
	close_leaf(c);
	c->owed = 0;
	imply_flow(c);
	write_frames(c);
	buf_puts(c->out, "<hr>\n");
}

void
html_out_image(struct html_out *c, struct slice src, struct slice alt)
{
	begin_text(c);
	buf_puts(c->out, "<img src=\"");
	put_escaped(c->out, src);
	buf_puts(c->out, "\" alt=\"");
	put_escaped(c->out, alt);
	buf_puts(c->out, "\" loading=\"lazy\">");
}

void
html_out_direction(struct html_out *c, const char *dir)
{
	c->dir = dir;
}

void
html_out_enter(struct html_out *c)
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

void
html_out_leave(struct html_out *c, bool keep_empty)
{
	struct element e = c->stack[--c->nstack];
	if (keep_empty && c->nframes > e.frames)
		write_frames(c);
	while (c->nframes > e.frames)
		pop_frame(c);
	c->nwant = e.formats;
	c->dir = e.dir;
	if (c->nframes == e.frames && top(c)->leaf != e.leaf) {
		close_leaf(c);
		top(c)->leaf = e.leaf;
		c->owed = 0;
	}
}

struct html_out *
html_out_new(struct arena *a, struct buf *out)
{
	struct html_out *c = arena_zalloc(a, sizeof *c);
	c->out = out;
	c->arena = a;
	c->frames[0] = (struct frame){.kind = HTML_OUT_ROOT, .written = true, .leaf = "p"};
	c->nframes = 1;
	return c;
}

void
html_out_end(struct html_out *c)
{
	close_leaf(c);
}
