/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html_out: HTML that is well formed and keeps HTML's content model by construction, whatever is
 * asked of it. Elements only ask for containers, formats and breaks; text makes what is needed of
 * them come into being. For html_clean.c.
 *
 * Names must be string literals of the caller's tables: they are compared by address.
 */
#ifndef MAIL_HTML_OUT_H
#define MAIL_HTML_OUT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

/* Containers; those up to HTML_OUT_TERM may hold text. */
enum html_kind {
	HTML_OUT_ROOT,
	HTML_OUT_QUOTE,
	HTML_OUT_ITEM,
	HTML_OUT_CELL,
	HTML_OUT_TERM,
	HTML_OUT_LIST,
	HTML_OUT_DLIST,
	HTML_OUT_TABLE,
	HTML_OUT_GROUP,
	HTML_OUT_ROW
};

struct html_out;

/* Writes to out, which must outlive it; memory is the arena's. */
struct html_out *html_out_new(struct arena *a, struct buf *out);
void html_out_end(struct html_out *o);

/*
 * Each element of the source is entered, asks for what it wants, and is left: all that it asked
 * for ends there. keep_empty: a container without content is written too (a cell keeps its column).
 */
void html_out_enter(struct html_out *o);
void html_out_leave(struct html_out *o, bool keep_empty);

/* Lists, tables and quotes, in any place that can hold text. */
void html_out_container(struct html_out *o, enum html_kind kind, const char *name);
/* The container that was just asked for is a mailer's quote: class="q". */
void html_out_cited(struct html_out *o);
/* Their parts; where there is no such container around, only a line break. Spans: 0 for none. */
void html_out_item(struct html_out *o, enum html_kind list, enum html_kind kind, const char *name);
void html_out_group(struct html_out *o, const char *name);
void html_out_row(struct html_out *o);
void html_out_cell(struct html_out *o, const char *name, int colspan, int rowspan);

/* The block that text opens from here on instead of a paragraph: "h3" … "pre". */
void html_out_leaf(struct html_out *o, const char *name);
/* An inline element around the text that comes; href for "a", else empty. */
void html_out_format(struct html_out *o, const char *name, struct slice href);
/* Direction of the blocks that come ("ltr", "rtl", "auto"; one address for each). */
void html_out_direction(struct html_out *o, const char *dir);

/* At least so many line ends (2: a new paragraph) before the next text / one more than before. */
void html_out_break(struct html_out *o, int lines);
void html_out_line(struct html_out *o);
void html_out_rule(struct html_out *o);
/* A picture in the text; alt may be empty. */
void html_out_image(struct html_out *o, struct slice src, struct slice alt);
/* Text, escaped; white space runs are one space, but in a "pre". */
void html_out_text(struct html_out *o, struct slice text);

#endif
