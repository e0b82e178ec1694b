/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flowed: RFC 3676 undone. Lines that end in a space flow into the next of the same quote depth;
 * what comes out is paragraphs as single lines, quote marks as ">> " before them. A line of an
 * author that begins with '>' (it was stuffed) keeps its space, so that nobody takes it for a
 * quote.
 */
#include "mail/readable.h"

#define DEPTH_MAX 50

/* A line as sent: RFC 3676 4.4, 4.5: quote marks without spaces between, then the stuffing. */
static struct slice
take_marks(struct slice line, int *depth)
{
	size_t i = 0;
	while (i < line.n && line.p[i] == '>')
		i++;
	*depth = i < DEPTH_MAX ? (int)i : DEPTH_MAX;
	if (i < line.n && line.p[i] == ' ')
		i++;
	return slice_from(line, i);
}

static void
begin_line(struct buf *b, int depth, struct slice line)
{
	for (int i = 0; i < depth; i++)
		buf_putc(b, '>');
	if ((depth > 0 && line.n > 0) || (depth == 0 && line.n > 0 && line.p[0] == '>'))
		buf_putc(b, ' ');
}

struct slice
text_unflow(struct arena *a, struct slice text, bool delsp)
{
	struct buf b;
	buf_init(&b, 2 * (text.n + 1));
	struct slice line;
	bool open = false; /* the last line flows on */
	int open_depth = 0, depth;
	while (slice_next_line(&text, &line)) {
		line = take_marks(line, &depth);
		bool mark = slice_is(line, "-- "); /* 4.3: never flows, into or on */
		if (open && (depth != open_depth || mark)) {
			buf_putc(&b, '\n');
			open = false;
		}
		if (!open)
			begin_line(&b, depth, line);
		bool flows = !mark && line.n > 0 && line.p[line.n - 1] == ' ';
		buf_put(&b, line.p, line.n - (flows && delsp));
		if (!flows)
			buf_putc(&b, '\n');
		open = flows;
		open_depth = depth;
	}
	if (open)
		buf_putc(&b, '\n');
	struct slice out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}
