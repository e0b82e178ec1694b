/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edit: whole header lines are taken away or added, everything else is copied byte for byte, in
 * its order: signatures of the author stay valid and list copies differ by header lines only.
 * Invariants:
 * 1. without edits, head and body together are the message's bytes (less what is before the header,
 * and with the empty line that a header cut short lacks);
 * 2. nothing given in add or replace_value can end the header or begin another field: line ends in
 *    it are written as folds.
 */
#include "config.h"
#include "mail/edit.h"

#include "mail/field.h"

bool
edit_is_crlf(struct slice bytes)
{
	size_t at = slice_find_char(bytes, '\n');
	return at < bytes.n && at > 0 && bytes.p[at - 1] == '\r';
}

/* bytes in three: the fields, the line end of the empty line behind them, the body. */
struct split {
	struct slice fields, blank, body;
};

static struct split
find_header(struct slice bytes)
{
	struct slice rest = bytes;
	struct split at;
	struct field f;

	field_skip_lead(&rest);
	struct slice start = rest;
	while (field_next(&rest, &f))
		;
	at.fields = slice_sub(start, 0, start.n - rest.n);
	at.body = rest;
	/* Bytes that begin with an empty line have no header: the line is the text's own. */
	if (at.fields.n)
		field_take_blank(&at.body);
	at.blank = slice_sub(rest, 0, rest.n - at.body.n);
	return at;
}

void
edit_split(struct slice bytes, struct slice *head, struct slice *body)
{
	*body = find_header(bytes).body;
	*head = slice_sub(bytes, 0, bytes.n - body->n);
}

static bool
dropped(const struct header_edit *edit, const struct field *f)
{
	for (const char *const *name = edit->drop; name && *name; name++)
		if (field_is(f, *name))
			return true;
	return false;
}

/*
 * Appends text as one field: each line end in it is written as eol and white space, an empty line
 * (it would end the header) not at all, and a lone CR, which some server may take for a line end,
 * as a space.
 */
static void
put_folded(struct buf *b, struct slice text, const char *eol)
{
	struct slice line;
	bool first = true;

	text = slice_trim(text);
	if (text.n == 0)
		return;
	while (slice_next_line(&text, &line)) {
		if (slice_trim(line).n == 0)
			continue;
		if (!first)
			buf_puts(b, eol);
		if (!first && line.p[0] != ' ' && line.p[0] != '\t')
			buf_putc(b, ' ');
		struct slice piece;
		while (slice_cut(line, '\r', &piece, &line)) {
			buf_put_slice(b, piece);
			buf_putc(b, ' ');
		}
		buf_put_slice(b, piece);
		first = false;
	}
	buf_puts(b, eol);
}

static void
put_kept(const struct field *f, const char *eol, struct buf *head)
{
	buf_put_slice(head, f->whole);
	if (f->whole.p[f->whole.n - 1] != '\n')
		buf_puts(head, eol); /* the bytes end in the middle of a line */
}

static void
put_replaced(const struct field *f, struct slice value, const char *eol, struct buf *head)
{
	buf_put_slice(head, f->name);
	buf_putc(head, ':');
	if (slice_trim(value).n == 0) {
		buf_puts(head, eol);
		return;
	}
	buf_putc(head, ' ');
	put_folded(head, value, eol);
}

void
edit_header(const struct header_edit *edit, struct slice bytes, struct buf *head,
	    struct slice *body)
{
	const char *eol = edit_is_crlf(bytes) ? "\r\n" : "\n";
	struct split at = find_header(bytes);
	const char *replace = edit->replace_name;
	struct field f;

	for (size_t i = 0; i < edit->nadd; i++)
		put_folded(head, edit->add[i], eol);
	while (field_next(&at.fields, &f)) {
		if (replace && field_is(&f, replace)) {
			put_replaced(&f, edit->replace_value, eol, head);
			replace = NULL;
		} else if (!dropped(edit, &f)) {
			put_kept(&f, eol, head);
		}
	}
	if (at.blank.n)
		buf_put_slice(head, at.blank);
	else
		buf_puts(head, eol);
	*body = at.body;
}
