/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * html_scan: one linear pass with a few states. It need not understand HTML; it must only never
 * think a tag shorter than libxml2 does, since that parser's time is what it guards.
 */
#include "mail/html_scan.h"

#include <string.h>

#include "base/utf8.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* --- what may be parsed ----------------------------------------------------------------------- */

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_name_byte(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_' ||
	       c == '.';
}

/* From s.p[i] == '<' to behind the tag's '>'. 0: over a limit. Quotes count only behind '='. */
static size_t
tag_end(struct slice s, size_t i)
{
	size_t words = 0, start = i;
	char before = '\0', quote = '\0';
	for (; i < s.n; i++) {
		char c = s.p[i];
		if (i - start > HTML_TAG_MAX || words > HTML_TAG_WORDS_MAX)
			return 0;
		if (quote) {
			quote = c == quote ? '\0' : quote;
			before = c;
			continue;
		}
		if (c == '>')
			return i + 1;
		if ((c == '"' || c == '\'') && before == '=')
			quote = c;
		words += is_space(c) || c == '"' || c == '\'' || c == '/';
		if (!is_space(c))
			before = c;
	}
	return s.n;
}

/* Behind a script or style tag: the index of its end tag, since what is inside is no markup. */
static size_t
raw_text_end(struct slice s, size_t tag, size_t from)
{
	static const char *const raw[] = {"script", "style"};
	if (from >= 2 && s.p[from - 2] == '/')
		return from;
	for (size_t i = 0; i < COUNT(raw); i++) {
		struct slice name = slice_str(raw[i]), t = slice_from(s, tag + 1);
		if (!slice_starts_ci(t, name) || (t.n > name.n && is_name_byte(t.p[name.n])))
			continue;
		for (size_t k = from; k + 1 < s.n; k++) {
			const char *p = memchr(s.p + k, '<', s.n - k);
			if (!p)
				return s.n;
			k = (size_t)(p - s.p);
			if (k + 1 < s.n && s.p[k + 1] == '/' &&
			    slice_starts_ci(slice_from(s, k + 2), name))
				return k;
		}
		return s.n;
	}
	return from;
}

static size_t
comment_end(struct slice s, size_t i)
{
	return i + slice_find(slice_from(s, i), SLICE("-->"));
}

bool
html_is_safe(struct slice s)
{
	size_t tags = 0;
	for (size_t i = 0; i < s.n;) {
		const char *p = memchr(s.p + i, '<', s.n - i);
		if (!p)
			break;
		i = (size_t)(p - s.p);
		if (slice_starts(slice_from(s, i), SLICE("<!--"))) {
			i = comment_end(s, i + 4);
			continue;
		}
		char next = i + 1 < s.n ? s.p[i + 1] : '\0';
		if (!is_letter(next) && next != '/' && next != '!' && next != '?') {
			i++;
			continue;
		}
		size_t end = tag_end(s, i);
		if (end == 0 || ++tags > HTML_TAGS_MAX)
			return false;
		i = is_letter(next) ? raw_text_end(s, i, end) : end;
	}
	return true;
}

/* --- without a parser ------------------------------------------------------------------------- */

struct entity {
	const char *name, *text;
};

static const struct entity entities[] = {
    {"amp;", "&"},  {"lt;", "<"},   {"gt;", ">"},  {"quot;", "\""},
    {"nbsp;", " "}, {"apos;", "'"}, {"#39;", "'"},
};

/* "&amp;" and the few others that plain mail has; the rest stays as it stands. */
static size_t
strip_entity(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < COUNT(entities); i++)
		if (slice_starts(slice_from(s, 1), slice_str(entities[i].name))) {
			buf_puts(out, entities[i].text);
			return 1 + strlen(entities[i].name);
		}
	buf_putc(out, '&');
	return 1;
}

static bool
ends_line(struct slice tag)
{
	static const char *const blocks[] = {"br", "p",          "div",    "tr",  "li",
					     "h",  "/p",         "/div",   "/tr", "/li",
					     "/h", "blockquote", "/table", "pre"};
	for (size_t i = 0; i < COUNT(blocks); i++)
		if (slice_starts_ci(tag, slice_str(blocks[i])))
			return true;
	return false;
}

/* A tag of any length goes up to its first '>'. */
static size_t
strip_tag(struct buf *out, struct slice s, size_t i)
{
	if (slice_starts(slice_from(s, i), SLICE("<!--"))) {
		size_t end = comment_end(s, i + 4);
		return end + 3 > s.n ? s.n : end + 3;
	}
	size_t end = i + slice_find_char(slice_from(s, i), '>');
	if (ends_line(slice_sub(s, i + 1, 12)))
		buf_putc(out, '\n');
	return end >= s.n ? s.n : raw_text_end(s, i, end + 1);
}

void
html_strip(struct buf *out, struct slice html)
{
	struct buf text;
	buf_init(&text, HTML_SIZE_MAX * 2);
	html = slice_sub(html, 0, HTML_SIZE_MAX);
	for (size_t i = 0; i < html.n;) {
		char next = i + 1 < html.n ? html.p[i + 1] : '\0';
		if (html.p[i] == '<' && (is_letter(next) || next == '/' || next == '!')) {
			i = strip_tag(&text, html, i);
		} else if (html.p[i] == '&') {
			i += strip_entity(&text, slice_from(html, i));
		} else {
			buf_putc(&text, is_space(html.p[i]) ? ' ' : html.p[i]);
			i++;
		}
	}
	struct slice rest = buf_slice(&text), line, word;
	bool blank = true;
	while (slice_next_line(&rest, &line)) {
		bool first = true;
		while (slice_next_word(&line, &word)) {
			if (!first)
				buf_putc(out, ' ');
			utf8_clean(out, word);
			first = false;
		}
		if (!first || !blank)
			buf_putc(out, '\n');
		blank = first;
	}
	buf_free(&text);
}
