/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/url.h"

#include "archive/html.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
url_decode(struct arena *a, struct slice s, bool plus_is_space, struct slice *out)
{
	char *to = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if (c == '\0')
			return false;
		to[n++] = c;
	}
	to[n] = '\0';
	*out = slice_make(to, n);
	return true;
}

static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

/* "http://host/path" is the path: whose host it is, is our front server's business. */
static bool
to_origin_form(struct slice *target)
{
	struct slice rest;
	size_t at;

	if (target->n > 0 && target->p[0] == '/')
		return true;
	if (slice_starts_ci(*target, SLICE("http://")))
		rest = slice_from(*target, 7);
	else if (slice_starts_ci(*target, SLICE("https://")))
		rest = slice_from(*target, 8);
	else
		return false;
	at = slice_find_char(rest, '/');
	*target = at < rest.n ? slice_from(rest, at) : SLICE("/");
	return true;
}

static enum url_result
take_segment(struct url *u, struct arena *a, struct slice raw)
{
	struct slice seg;

	if (raw.n == 0)
		return URL_NOT_FOUND;
	if (!url_decode(a, raw, false, &seg) || has_control(seg))
		return URL_BAD;
	if (slice_is(seg, ".") || slice_is(seg, ".."))
		return URL_BAD;
	if (u->nseg == URL_SEGMENTS_MAX)
		return URL_NOT_FOUND;
	u->seg[u->nseg++] = seg;
	return URL_GOOD;
}

enum url_result
url_parse(struct url *u, struct arena *a, struct slice target)
{
	enum url_result worst = URL_GOOD;
	struct slice rest, raw;

	*u = (struct url){0};
	if (has_control(target) || !to_origin_form(&target))
		return URL_BAD;
	slice_cut(target, '?', &u->path, &u->query);
	rest = slice_from(u->path, 1);
	while (rest.n > 0) {
		bool more = slice_cut(rest, '/', &raw, &rest);
		enum url_result r = take_segment(u, a, raw);

		if (r == URL_BAD)
			return r;
		if (r != URL_GOOD)
			worst = r;
		if (more && rest.n == 0)
			u->slash = true;
	}
	if (u->path.n == 1)
		u->slash = true;
	return worst;
}

bool
url_rest(const struct url *u, struct arena *a, size_t n, struct slice *out)
{
	struct slice rest = slice_from(u->path, 1), head;

	while (n-- > 0)
		if (!slice_cut(rest, '/', &head, &rest))
			return false;
	return rest.n > 0 && url_decode(a, rest, false, out) && !has_control(*out);
}

struct slice
url_query(const struct url *u, struct arena *a, const char *name)
{
	struct slice rest = u->query, pair, key, value;

	while (rest.n > 0) {
		slice_cut(rest, '&', &pair, &rest);
		slice_cut(pair, '=', &key, &value);
		if (!slice_is(key, name))
			continue;
		return url_decode(a, value, true, &value) ? value : SLICE("");
	}
	return SLICE("");
}

void
url_put(struct buf *b, const struct url *u, size_t from)
{
	for (size_t i = from; i < u->nseg; i++) {
		buf_putc(b, '/');
		html_segment(b, u->seg[i]);
	}
	if (u->slash)
		buf_putc(b, '/');
}

void
url_put_query(struct buf *b, const struct url *u)
{
	if (u->query.n > 0)
		buf_putc(b, '?');
	for (size_t i = 0; i < u->query.n; i++) {
		unsigned char c = (unsigned char)u->query.p[i];

		if (c > ' ' && c < 0x7f && slice_find_char(SLICE("\"<>\\^`{|}"), (char)c) == 9)
			buf_putc(b, (char)c);
		else
			buf_printf(b, "%%%02X", c);
	}
}
