/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail/content_line.h"

#include "base/buf.h"
#include "mail/transfer.h"

#define TEXT_MAX 4000 /* bytes of one value that are read */

struct slice
content_unfold(struct arena *a, struct slice text)
{
	char *out = arena_alloc(a, text.n + 1);
	size_t n = 0;
	struct slice line;

	while (slice_next_line(&text, &line)) {
		bool folded = line.n > 0 && (*line.p == ' ' || *line.p == '\t');

		if (folded && n > 0)
			n--; /* the line end before */
		line = slice_from(line, folded);
		if (line.n > 0)
			memcpy(out + n, line.p, line.n);
		n += line.n;
		out[n++] = '\n';
	}
	return slice_make(out, n);
}

/* Where the name and its parameters end: a colon in quotes is part of a parameter. */
static size_t
find_colon(struct slice s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		quoted ^= s.p[i] == '"';
		if (s.p[i] == ':' && !quoted)
			return i;
	}
	return s.n;
}

bool
content_next(struct slice *text, struct content_line *out)
{
	struct slice line;

	while (slice_next_line(text, &line)) {
		size_t colon = find_colon(line), dot;

		if (colon == line.n || colon == 0)
			continue;
		out->value = slice_from(line, colon + 1);
		slice_cut(slice_sub(line, 0, colon), ';', &out->name, &out->parameters);
		dot = slice_find_char(out->name, '.');
		out->name = slice_from(out->name, dot == out->name.n ? 0 : dot + 1);
		return true;
	}
	return false;
}

bool
content_is(const struct content_line *line, const char *name)
{
	return slice_is_ci(line->name, name);
}

struct slice
content_parameter(const struct content_line *line, const char *name)
{
	struct slice rest = line->parameters, one;

	while (rest.n > 0) {
		struct slice key, value;

		slice_cut(rest, ';', &one, &rest);
		slice_cut(one, '=', &key, &value);
		if (!slice_is_ci(key, name))
			continue;
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = slice_sub(value, 1, value.n - 2);
		return value;
	}
	return SLICE("");
}

struct slice
content_text(struct arena *a, const struct content_line *line)
{
	struct slice s = slice_sub(line->value, 0, TEXT_MAX), out;
	struct buf b;

	/* vCard 2.1 encodes its text as mail does. */
	if (slice_is_ci(content_parameter(line, "ENCODING"), "QUOTED-PRINTABLE"))
		s = transfer_decode(a, s, SLICE("quoted-printable"), TEXT_MAX);
	buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n) {
			i++;
			buf_putc(&b, s.p[i] == 'n' || s.p[i] == 'N' ? '\n' : s.p[i]);
		} else {
			buf_putc(&b, s.p[i]);
		}
	}
	out = arena_dup(a, slice_trim(buf_slice(&b)));
	buf_free(&b);
	return out;
}
