/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html_clean: HTML of a stranger as HTML of ours. Nothing is copied: each element of the walk asks
 * html_out.c for what the table below says, and what is not in the table asks for nothing.
 */
#include "mail/readable.h"

#include "base/num.h"
#include "base/utf8.h"
#include "mail/html.h"
#include "mail/html_out.h"
#include "mail/html_scan.h"

#define SPAN_MAX 100
#define URL_MAX 2000

#define ALT_MAX 300
#define IMAGES_MAX 200 /* each is looked for among all parts */

struct cleaner {
	struct html_out *out;
	struct arena *arena;
	const struct html_images *images; /* or NULL */
	size_t nimages;
};

enum role { NOTHING, BREAK, FORMAT, LEAF, CONTAINER };

struct rule {
	enum role role;
	const char *name;
	enum html_kind kind; /* of a container */
	int lines;           /* of a break */
};

/* All headings are of one level: an outline that skips one misleads who goes from heading to
 * heading (WCAG technique H42), and senders choose theirs by size. */
static const struct rule rules[] = {
    [HTML_BLOCK] = {.role = BREAK, .lines = 1},
    [HTML_P] = {.role = BREAK, .lines = 2},
    [HTML_BR] = {.role = NOTHING},
    [HTML_H1] = {.role = LEAF, .name = "h3"},
    [HTML_H2] = {.role = LEAF, .name = "h3"},
    [HTML_H3] = {.role = LEAF, .name = "h3"},
    [HTML_H4] = {.role = LEAF, .name = "h3"},
    [HTML_H5] = {.role = LEAF, .name = "h3"},
    [HTML_H6] = {.role = LEAF, .name = "h3"},
    [HTML_PRE] = {.role = LEAF, .name = "pre"},
    [HTML_UL] = {.role = CONTAINER, .name = "ul", .kind = HTML_OUT_LIST},
    [HTML_OL] = {.role = CONTAINER, .name = "ol", .kind = HTML_OUT_LIST},
    [HTML_DL] = {.role = CONTAINER, .name = "dl", .kind = HTML_OUT_DLIST},
    [HTML_TABLE] = {.role = CONTAINER, .name = "table", .kind = HTML_OUT_TABLE},
    [HTML_BLOCKQUOTE] = {.role = CONTAINER, .name = "blockquote", .kind = HTML_OUT_QUOTE},
    [HTML_CODE] = {.role = FORMAT, .name = "code"},
    [HTML_EM] = {.role = FORMAT, .name = "em"},
    [HTML_STRONG] = {.role = FORMAT, .name = "strong"},
    [HTML_SUB] = {.role = FORMAT, .name = "sub"},
    [HTML_SUP] = {.role = FORMAT, .name = "sup"},
    [HTML_IMG] = {.role = NOTHING},
};

/* colspan and rowspan in their range; 0 for none. */
static int
span(const struct html_node *node, const char *name)
{
	int64_t v;
	return num_parse(slice_trim(html_attribute(node, name)), 2, SPAN_MAX, &v) ? (int)v : 0;
}

static void
open_link(struct cleaner *c, const struct html_node *node)
{
	struct slice url = html_safe_url(c->arena, html_attribute(node, "href"));
	if (url.n > 0 && url.n <= URL_MAX)
		html_out_format(c->out, "a", url);
}

/* Of blocks only: a direction inside of a line would tear it apart. */
static void
take_direction(struct html_out *o, const struct html_node *node)
{
	static const char *const dirs[] = {"ltr", "rtl", "auto"};
	struct slice dir = slice_trim(html_attribute(node, "dir"));
	for (size_t i = 0; i < 3; i++)
		if (slice_is_ci(dir, dirs[i]))
			html_out_direction(o, dirs[i]);
}

static void
open_cell(struct html_out *o, const char *name, const struct html_node *node)
{
	html_out_cell(o, name, span(node, "colspan"), span(node, "rowspan"));
}

/* A picture of the message itself is shown, another's is its alternative text. */
static void
put_image(struct cleaner *c, const struct html_node *node)
{
	struct slice src = slice_trim(html_attribute(node, "src")), found = SLICE("");
	struct slice alt = slice_trim(html_attribute(node, "alt"));
	if (c->images && c->nimages++ < IMAGES_MAX && slice_starts_ci(src, SLICE("cid:")))
		found = c->images->find(c->images->arg, slice_from(src, 4));
	if (found.n > 0)
		html_out_image(c->out, found, utf8_head(alt, ALT_MAX));
	else
		html_out_text(c->out, alt);
}

static void
open_special(struct cleaner *c, enum html_tag tag, const struct html_node *node)
{
	struct html_out *o = c->out;
	if (tag == HTML_LI)
		html_out_item(o, HTML_OUT_LIST, HTML_OUT_ITEM, "li");
	else if (tag == HTML_DT)
		html_out_item(o, HTML_OUT_DLIST, HTML_OUT_TERM, "dt");
	else if (tag == HTML_DD)
		html_out_item(o, HTML_OUT_DLIST, HTML_OUT_ITEM, "dd");
	else if (tag == HTML_TD || tag == HTML_TH)
		open_cell(o, tag == HTML_TD ? "td" : "th", node);
	else if (tag == HTML_TR)
		html_out_row(o);
	else if (tag == HTML_THEAD || tag == HTML_TBODY)
		html_out_group(o, tag == HTML_THEAD ? "thead" : "tbody");
	else if (tag == HTML_A)
		open_link(c, node);
	else if (tag == HTML_HR)
		html_out_rule(o);
	else if (tag == HTML_BR)
		html_out_line(o);
	else if (tag == HTML_IMG)
		put_image(c, node);
}

static void
open_container(struct cleaner *c, enum html_tag tag, const struct html_node *node)
{
	html_out_container(c->out, rules[tag].kind, rules[tag].name);
	if (tag == HTML_BLOCKQUOTE && html_is_cited(node))
		html_out_cited(c->out);
}

static void
on_open(void *arg, enum html_tag tag, const struct html_node *node)
{
	struct cleaner *c = arg;
	const struct rule *r = &rules[tag];
	html_out_enter(c->out);
	if (tag != HTML_OTHER && r->role != FORMAT && tag != HTML_A)
		take_direction(c->out, node);
	if (r->role == BREAK)
		html_out_break(c->out, r->lines);
	else if (tag == HTML_TABLE && html_is_layout(node))
		html_out_break(c->out, 2);
	else if (tag == HTML_BLOCKQUOTE && html_is_indent(node))
		html_out_break(c->out, 1);
	else if (r->role == FORMAT)
		html_out_format(c->out, r->name, slice_make(NULL, 0));
	else if (r->role == LEAF)
		html_out_leaf(c->out, r->name);
	else if (r->role == CONTAINER)
		open_container(c, tag, node);
	else
		open_special(c, tag, node);
}

static void
on_close(void *arg, enum html_tag tag)
{
	struct cleaner *c = arg;
	html_out_leave(c->out, tag == HTML_TD || tag == HTML_TH);
	if (rules[tag].role == BREAK)
		html_out_break(c->out, rules[tag].lines);
}

static void
on_text(void *arg, struct slice text)
{
	html_out_text(((struct cleaner *)arg)->out, text);
}

/* What could not be parsed: its lines. */
static void
put_stripped(struct html_out *o, struct slice html)
{
	struct buf text;
	struct slice line;
	buf_init(&text, HTML_SIZE_MAX * 2);
	html_strip(&text, html);
	struct slice rest = buf_slice(&text);
	while (slice_next_line(&rest, &line)) {
		html_out_line(o);
		html_out_text(o, line);
	}
	buf_free(&text);
}

void
html_clean(struct buf *out, struct slice html)
{
	html_clean_with(out, html, NULL);
}

void
html_clean_with(struct buf *out, struct slice html, const struct html_images *images)
{
	static const struct html_handler handler = {on_open, on_close, on_text};
	struct buf raw;
	struct cleaner c = {.arena = arena_new(), .images = images};
	buf_init(&raw, BUF_NO_LIMIT);
	c.out = html_out_new(c.arena, &raw);
	if (!html_walk(html, &handler, &c))
		put_stripped(c.out, html);
	html_out_end(c.out);
	utf8_clean(out, buf_slice(&raw));
	buf_free(&raw);
	arena_free(c.arena);
}
