/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/html.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/utf8.h"

/* What becomes of an ASCII byte: 0 as it is, 1 an entity, 2 dropped. */
static const unsigned char ascii_class[128] = {
    2, 2, 2, 2, 2, 2, 2,         2,         2,          0,         0,         2,         2,
    2, 2, 2, 2, 2, 2, 2,         2,         2,          2,         2,         2,         2,
    2, 2, 2, 2, 2, 2, ['"'] = 1, ['&'] = 1, ['\''] = 1, ['<'] = 1, ['>'] = 1, [0x7f] = 2};

static void
put_entity(struct buf *b, char c)
{
	buf_puts(b, c == '"'   ? "&quot;"
		    : c == '&' ? "&amp;"
		    : c == '<' ? "&lt;"
		    : c == '>' ? "&gt;"
			       : "&#39;");
}

/* One sequence of a byte above 127: as it stands if it is clean, U+FFFD if it is none. */
static void
put_wide(struct buf *b, struct slice *s)
{
	struct slice before = *s;
	uint32_t cp;

	utf8_next(s, &cp);
	if (cp < 0xa0 || cp == 0xfffe || cp == 0xffff)
		return;
	if (cp == 0xfffd)
		utf8_put(b, cp);
	else
		buf_put(b, before.p, before.n - s->n);
}

void
html_text(struct buf *b, struct slice s)
{
	while (s.n > 0) {
		size_t run = 0;

		while (run < s.n && (unsigned char)s.p[run] < 0x80 &&
		       ascii_class[(unsigned char)s.p[run]] == 0)
			run++;
		buf_put(b, s.p, run);
		s = slice_from(s, run);
		if (s.n == 0)
			return;
		if ((unsigned char)*s.p >= 0x80) {
			put_wide(b, &s);
			continue;
		}
		if (ascii_class[(unsigned char)*s.p] == 1)
			put_entity(b, *s.p);
		else if (*s.p == '\r' && !(s.n > 1 && s.p[1] == '\n'))
			buf_putc(b, '\n');
		s = slice_from(s, 1);
	}
}

void
html_str(struct buf *b, const char *s)
{
	html_text(b, slice_str(s));
}

void
html_line(struct buf *b, struct slice s, size_t max)
{
	struct slice word;
	bool first = true;

	while (slice_next_word(&s, &word)) {
		struct slice head;

		if (!first)
			buf_putc(b, ' ');
		first = false;
		head = utf8_head(word, max);
		html_text(b, head);
		max -= head.n < word.n ? max : utf8_length(word);
		if (max > 0)
			max--;
		if (max == 0 && (head.n < word.n || slice_trim(s).n > 0)) {
			html_markup(b, "…");
			return;
		}
	}
}

void
html_attr(struct buf *b, const char *name, struct slice value)
{
	size_t at;

	buf_putc(b, ' ');
	buf_puts(b, name);
	html_markup(b, "=\"");
	at = b->n;
	html_text(b, value);
	for (; at < b->n; at++)
		if (b->p[at] == '\n' || b->p[at] == '\t')
			b->p[at] = ' ';
	buf_putc(b, '"');
}

static const char *const schemes[] = {"http://", "https://", "mailto:", NULL};

bool
html_url_ok(struct slice url)
{
	size_t prefix = 0;

	for (size_t i = 0; schemes[i] && prefix == 0; i++)
		if (slice_starts_ci(url, slice_str(schemes[i])))
			prefix = strlen(schemes[i]);
	if (prefix == 0 || url.n == prefix)
		return false;
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7f)
			return false;
	return true;
}

static bool
is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
put_percent(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	char out[3] = {'%', hex[c >> 4], hex[c & 15]};

	buf_put(b, out, sizeof out);
}

bool
html_url(struct buf *b, const char *name, struct slice url)
{
	if (!html_url_ok(url))
		return false;
	buf_putc(b, ' ');
	buf_puts(b, name);
	html_markup(b, "=\"");
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];

		if (c == '&')
			html_markup(b, "&amp;");
		else if (is_alnum(c) || (c != 0 && strchr("-._~:/?#[]@!$()*+,;=%", c)))
			buf_putc(b, (char)c);
		else
			put_percent(b, c);
	}
	buf_putc(b, '"');
	return true;
}

void
html_segment(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_alnum(c) || (c != 0 && strchr("-._~", c)))
			buf_putc(b, (char)c);
		else
			put_percent(b, c);
	}
}

void
html_int(struct buf *b, int64_t v)
{
	buf_put_int(b, v);
}

void
html_time(struct buf *b, int64_t t, const char *shown)
{
	int year, month, day, second = (int)(((t % 86400) + 86400) % 86400);

	clock_civil(t, &year, &month, &day);
	buf_printf(b, "<time datetime=\"%04d-%02d-%02dT%02d:%02d:%02dZ\">", year, month, day,
		   second / 3600, second / 60 % 60, second % 60);
	html_str(b, shown);
	html_markup(b, "</time>");
}

void
html_json(struct buf *b, struct slice s)
{
	buf_putc(b, '"');
	while (s.n > 0) {
		struct slice before = s;
		uint32_t cp;

		utf8_next(&s, &cp);
		if (cp == '\n' || cp == '\t')
			buf_putc(b, ' ');
		else if (cp < ' ' || (cp >= 0x7f && cp < 0xa0) || cp == 0xfffe || cp == 0xffff)
			continue;
		else if (cp == '<' || cp == '>' || cp == '&' || cp == 0x2028 || cp == 0x2029)
			buf_printf(b, "\\u%04x", (unsigned int)cp);
		else if (cp == '"' || cp == '\\')
			buf_printf(b, "\\%c", (char)cp);
		else if (cp == 0xfffd)
			utf8_put(b, cp);
		else
			buf_put(b, before.p, before.n - s.n);
	}
	buf_putc(b, '"');
}

void
html_fill(struct buf *b, const char *phrase, const struct slice *markup, size_t n)
{
	size_t next = 0;

	while (*phrase) {
		const char *at = strchr(phrase, '%');

		if (!at) {
			html_str(b, phrase);
			return;
		}
		html_text(b, slice_make(phrase, (size_t)(at - phrase)));
		phrase = at + 1;
		if (*phrase >= '1' && *phrase <= '9' && phrase[1] == '$' && phrase[2] == 's') {
			next = (size_t)(*phrase - '1');
			phrase += 2;
		}
		if (*phrase == 's' && next < n)
			buf_put_slice(b, markup[next++]);
		else if (*phrase == '%')
			buf_putc(b, '%');
		if (*phrase)
			phrase++;
	}
}
