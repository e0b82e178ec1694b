/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/html_check.h"

#include <stdio.h>

#include "base/utf8.h"

#define DEPTH_MAX 4096
#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Parents that may hold it; "*": any flow or phrasing container. */
struct element {
	const char *name, *parents;
};

#define FLOW "| |blockquote|li|dd|dt|td|th|"
#define PHRASE FLOW "p|h3|pre|code|em|strong|sub|sup|a|"

static const struct element elements[] = {
    {"p", "| |blockquote|"},
    {"h3", FLOW},
    {"ul", FLOW},
    {"ol", FLOW},
    {"li", "|ul|ol|"},
    {"dl", FLOW},
    {"dt", "|dl|"},
    {"dd", "|dl|"},
    {"table", FLOW},
    {"thead", "|table|"},
    {"tbody", "|table|"},
    {"tr", "|table|thead|tbody|"},
    {"th", "|tr|"},
    {"td", "|tr|"},
    {"blockquote", FLOW},
    {"pre", FLOW},
    {"code", PHRASE},
    {"em", PHRASE},
    {"strong", PHRASE},
    {"sub", PHRASE},
    {"sup", PHRASE},
    {"a", PHRASE},
    {"br", PHRASE},
    {"hr", FLOW},
};

static const struct element *
find_element(struct slice name)
{
	for (size_t i = 0; i < COUNT(elements); i++)
		if (slice_is(name, elements[i].name))
			return &elements[i];
	return NULL;
}

static bool
may_stand_in(const struct element *e, const char *parent)
{
	char needle[20];
	snprintf(needle, sizeof needle, "|%s|", parent);
	return strstr(e->parents, needle) != NULL;
}

/* name="value" with the values that are allowed. */
static bool
attribute_good(struct slice element, struct slice name, struct slice value)
{
	if (slice_is(name, "dir"))
		return slice_is(value, "ltr") || slice_is(value, "rtl") || slice_is(value, "auto");
	if (slice_is(name, "href"))
		return slice_is(element, "a") && (slice_starts_ci(value, SLICE("https://")) ||
						  slice_starts_ci(value, SLICE("http://")) ||
						  slice_starts_ci(value, SLICE("mailto:")));
	if (slice_is(name, "class"))
		return slice_is(element, "blockquote") && slice_is(value, "q");
	if (slice_is(name, "tabindex"))
		return (slice_is(element, "table") || slice_is(element, "pre")) &&
		       slice_is(value, "0");
	bool cell = slice_is(element, "td") || slice_is(element, "th");
	bool digits = value.n > 0 && value.n < 4;
	for (size_t i = 0; i < value.n; i++)
		digits &= value.p[i] >= '0' && value.p[i] <= '9';
	return cell && digits && (slice_is(name, "colspan") || slice_is(name, "rowspan"));
}

/* The inside of a start tag: name, then attributes. */
static bool
tag_good(struct slice tag, struct slice *name)
{
	struct slice rest;
	slice_cut(tag, ' ', name, &rest);
	while (rest.n > 0) {
		struct slice attr, value;
		if (!slice_cut(rest, '=', &attr, &rest) || rest.n < 2 || rest.p[0] != '"')
			return false;
		rest = slice_from(rest, 1);
		if (!slice_cut(rest, '"', &value, &rest) || !attribute_good(*name, attr, value))
			return false;
		if (rest.n > 0 && rest.p[0] != ' ')
			return false;
		rest = slice_from(rest, 1);
	}
	return true;
}

static bool
text_good(struct slice s)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
	for (size_t i = 0; i < s.n; i++) {
		bool known = s.p[i] != '&';
		for (size_t k = 0; k < COUNT(entities) && !known; k++)
			known = slice_starts(slice_from(s, i), slice_str(entities[k]));
		if (!known || s.p[i] == '>')
			return false;
	}
	return true;
}

static bool
fail(char *why, size_t size, const char *text, struct slice at)
{
	snprintf(why, size, "%s at: %.*s", text, (int)(at.n > 60 ? 60 : at.n), at.p ? at.p : "");
	return false;
}

struct reader {
	const char *stack[DEPTH_MAX];
	size_t depth;
};

static bool
take_start(struct reader *r, struct slice tag, char *why, size_t size)
{
	struct slice name;
	if (!tag_good(tag, &name))
		return fail(why, size, "bad tag", tag);
	const struct element *e = find_element(name);
	if (!e)
		return fail(why, size, "foreign element", tag);
	if (!may_stand_in(e, r->stack[r->depth - 1]))
		return fail(why, size, "wrong place", tag);
	for (size_t i = 0; slice_is(name, "a") && i < r->depth; i++)
		if (strcmp(r->stack[i], "a") == 0)
			return fail(why, size, "link in a link", tag);
	if (!slice_is(name, "br") && !slice_is(name, "hr")) {
		if (r->depth == DEPTH_MAX)
			return fail(why, size, "too deep", tag);
		r->stack[r->depth++] = e->name;
	}
	return true;
}

bool
html_check(struct slice s, char *why, size_t size)
{
	struct reader r = {.stack = {" "}, .depth = 1};
	struct slice all = s;
	if (!utf8_valid(s) || memchr(s.p ? s.p : "", '\0', s.n))
		return fail(why, size, "not clean UTF-8", s);
	while (s.n > 0) {
		struct slice text, tag;
		bool more = slice_cut(s, '<', &text, &s);
		if (!text_good(text))
			return fail(why, size, "text not escaped", text);
		if (slice_trim(text).n > 0 && !strstr(PHRASE, r.stack[r.depth - 1]))
			return fail(why, size, "text in the wrong place", text);
		if (!more)
			break;
		if (!slice_cut(s, '>', &tag, &s))
			return fail(why, size, "open tag", all);
		if (tag.n == 0 || tag.p[0] != '/') {
			if (!take_start(&r, tag, why, size))
				return false;
		} else if (!slice_is(slice_from(tag, 1), r.stack[--r.depth]) || r.depth == 0) {
			return fail(why, size, "wrong end tag", tag);
		}
	}
	return r.depth == 1 || fail(why, size, "elements left open", all);
}
