/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pick: see pick.h.
 */
#include "daemon/pick.h"

#include <stdbool.h>

#include "base/num.h"
#include "conf/text.h"

#define NUMBER_MAX (INT64_C(1) << 62) /* no post will ever have it */

static bool
is_digit(struct slice s)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

static struct slice
skip(struct slice s, const char *any)
{
	while (s.n > 0 && s.p[0] && strchr(any, s.p[0]))
		s = slice_from(s, 1);
	return s;
}

/* What may stand behind a number: nothing, or what parts it from the next word. "3rd" is none. */
static bool
is_parted(struct slice s)
{
	return s.n == 0 || (unsigned char)s.p[0] >= 0x80 || (s.p[0] && strchr(" \t,;:.-", s.p[0]));
}

/* One that is larger than any number is that of no post, as others are. */
static bool
take_number(struct slice *s, int64_t *number)
{
	struct slice at = skip(*s, "#"), rest = skip(at, "0123456789");
	if (!is_digit(at) || !is_parted(rest))
		return false;
	if (!num_parse(slice_sub(at, 0, at.n - rest.n), 0, NUMBER_MAX, number))
		*number = NUMBER_MAX;
	*s = rest;
	return true;
}

/* "-9", " - 9", and the dashes that telephones make of it. */
static bool
take_end(struct slice *s, int64_t *number)
{
	static const char *const dashes[] = {"-", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x91"};
	struct slice at = skip(*s, " \t");
	for (size_t i = 0; i < sizeof(dashes) / sizeof(dashes[0]); i++) {
		struct slice dash = slice_str(dashes[i]);
		if (!slice_starts(at, dash))
			continue;
		at = skip(slice_from(at, dash.n), " \t");
		if (!take_number(&at, number))
			return false;
		*s = at;
		return true;
	}
	return false;
}

enum pick_end
pick_parse(struct slice line, struct pick *p)
{
	int64_t from, to;
	p->n = 0;
	p->rest = line = skip(line, " \t");
	while (take_number(&line, &from)) {
		to = from;
		if (take_end(&line, &to) && to < from)
			return PICK_BACKWARDS;
		if (to - from >= PICK_WIDTH_MAX)
			return PICK_TOO_WIDE;
		if (p->n == PICK_MAX)
			return PICK_TOO_MANY;
		p->v[p->n].from = from;
		p->v[p->n++].to = to;
		p->rest = line;
		if (line.n > 0 && (line.p[0] == ':' || line.p[0] == '.'))
			break;
		line = skip(line, " \t,;");
	}
	p->rest = slice_trim(skip(p->rest, " \t,;:.-"));
	return p->n ? PICK_FINE : PICK_NOTHING;
}

const char *
pick_phrase(enum pick_end end)
{
	static const char *const phrases[] = {
	    [PICK_FINE] = "",
	    [PICK_NOTHING] = N_("Please say which posts, by their numbers: accept 3 5-9"),
	    [PICK_BACKWARDS] = N_("A range goes from the smaller number to the larger one: 5-9"),
	    [PICK_TOO_WIDE] = N_("A range may have a thousand numbers; nothing was done."),
	    [PICK_TOO_MANY] = N_("These are too many numbers for one line; nothing was done."),
	};
	return phrases[end];
}
