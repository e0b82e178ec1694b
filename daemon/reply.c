/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reply: see reply.h. A bare LF is taken as a line's end, as most clients do: a reply carries no
 * message that could be smuggled.
 */
#include "daemon/reply.h"

void
reply_init(struct reply *r)
{
	memset(r, 0, sizeof(*r));
}

struct slice
reply_text(const struct reply *r)
{
	return slice_make(r->text, r->ntext);
}

/* What does not fit is left out: the first words of a reply tell what it is about. */
static void
keep(struct reply *r, struct slice s)
{
	size_t room = REPLY_TEXT_MAX - r->ntext;
	size_t n = s.n < room ? s.n : room;
	if (n > 0)
		memcpy(r->text + r->ntext, s.p, n);
	r->ntext += n;
	r->text[r->ntext] = '\0';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "250-SIZE 1000", "250 ok", "250". */
static enum reply_got
read_line(struct reply *r, struct slice s)
{
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	if (s.n < 3 || s.p[0] < '2' || s.p[0] > '5' || !is_digit(s.p[1]) || !is_digit(s.p[2]) ||
	    (s.n > 3 && s.p[3] != ' ' && s.p[3] != '-'))
		return REPLY_NONSENSE;
	r->code = (s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + (s.p[2] - '0');
	r->last = s.n == 3 || s.p[3] == ' ';
	r->line = slice_trim(slice_from(s, 4));
	if (++r->lines > REPLY_LINES_MAX)
		return REPLY_NONSENSE;
	if (!r->began) {
		r->ntext = 0;
		keep(r, slice_sub(s, 0, 3));
	}
	if (r->line.n > 0) {
		keep(r, SLICE(" "));
		keep(r, r->line);
	}
	r->began = !r->last;
	if (r->last)
		r->lines = 0;
	return REPLY_LINE;
}

enum reply_got
reply_take(struct reply *r, struct slice *in)
{
	size_t n = slice_find_char(*in, '\n'), whole = n < in->n ? n + 1 : n;
	if (r->npart + whole > REPLY_LINE_MAX)
		return REPLY_NONSENSE;
	if (n > 0)
		memcpy(r->part + r->npart, in->p, n);
	r->npart += n;
	*in = slice_from(*in, whole);
	if (n == whole)
		return REPLY_MORE;
	struct slice line = slice_make(r->part, r->npart);
	r->npart = 0;
	return read_line(r, line);
}
