/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * field: the one place that knows where a header field and a header end. It looks at each byte of
 * a name once and finds line ends with memchr, so a header of any shape costs linear time.
 */
#include "config.h"
#include "mail/field.h"

#include <string.h>

/* RFC 5322 2.2: a name is of printable ASCII without the colon. */
static bool
is_name_byte(char c)
{
	return c > ' ' && c < 0x7f && c != ':';
}

bool
field_take_line(struct slice *rest, struct slice *line)
{
	if (rest->n == 0)
		return false;
	const char *nl = memchr(rest->p, '\n', rest->n);
	size_t n = nl ? (size_t)(nl - rest->p) + 1 : rest->n;
	*line = slice_make(rest->p, n);
	*rest = slice_make(rest->p + n, rest->n - n);
	return true;
}

bool
field_line_blank(struct slice line)
{
	size_t i = 0;
	while (i < line.n && line.p[i] == '\r')
		i++;
	return i < line.n && line.p[i] == '\n';
}

bool
field_take_blank(struct slice *rest)
{
	struct slice after = *rest, line;
	/* The first byte decides in all but one of a hundred calls. */
	if (rest->n == 0 || (rest->p[0] != '\n' && rest->p[0] != '\r'))
		return false;
	if (!field_take_line(&after, &line) || !field_line_blank(line))
		return false;
	*rest = after;
	return true;
}

/* The length of "name:" at the start of s, white space before the colon allowed (RFC 5322 4.5.8);
 * 0 if there is none. *name is without it. */
static size_t
take_name(struct slice s, struct slice *name)
{
	size_t i = 0;
	while (i < s.n && is_name_byte(s.p[i]))
		i++;
	*name = slice_make(s.p, i);
	if (i == 0)
		return 0;
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return i < s.n && s.p[i] == ':' ? i + 1 : 0;
}

bool
field_next(struct slice *rest, struct field *out)
{
	size_t at = take_name(*rest, &out->name);
	if (at == 0)
		return false;
	struct slice after = slice_make(rest->p + at, rest->n - at), line;
	do {
		if (!field_take_line(&after, &line))
			break;
	} while (after.n && (after.p[0] == ' ' || after.p[0] == '\t'));
	size_t n = (size_t)(after.p - rest->p);
	out->whole = slice_make(rest->p, n);
	if (n > at && rest->p[n - 1] == '\n')
		n--;
	while (n > at && rest->p[n - 1] == '\r')
		n--;
	out->value = slice_make(rest->p + at, n - at);
	*rest = after;
	return true;
}

bool
field_is(const struct field *f, const char *name)
{
	struct slice want = slice_str(name);
	if (want.n && want.p[want.n - 1] == '*')
		return slice_starts_ci(f->name, slice_sub(want, 0, want.n - 1));
	return slice_eq_ci(f->name, want);
}

void
field_skip_lead(struct slice *rest)
{
	struct slice line, at = *rest;
	struct field f;
	while (slice_starts(at, SLICE("From ")) || slice_starts(at, SLICE(">From ")))
		if (!field_take_line(&at, &line))
			break;
	*rest = at;
	while (at.n && (at.p[0] == ' ' || at.p[0] == '\t' || at.p[0] == '\r' || at.p[0] == '\n'))
		at = slice_from(at, 1);
	struct slice begin = at;
	if (begin.n != rest->n && field_next(&at, &f))
		*rest = begin;
}
