/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * address_list: the addresses of a whole From, To or Cc value.
 *
 * libetpan's list parser ends at ", ," or ";" and calls that success; one pass of our own gathers
 * the text outside of brackets until a separator or an address tells what it was. Invariants:
 * 1. Every byte is passed a fixed number of times at most. 2. Nothing is invented from text
 * without an '@'. 3. An address never comes out of an encoded word: what a reader is shown as a
 * name must not become a recipient.
 */
#include "mail/address.h"

#include "mail/guard.h"
#include "mail/header.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What is being gathered between two separators. */
struct gather {
	struct arena *a;
	struct address *out;
	size_t n, max;
	char *phrase; /* outside of brackets and comments, quotes still there */
	size_t nphrase;
	struct slice comment; /* the first one */
	size_t name_end;      /* phrase up to here stood before the brackets */
	bool have;            /* out[n] has an address from brackets; a name may still follow */
	bool has_at;          /* there is an '@' in the phrase, outside of quotes */
	size_t carried;       /* phrase up to here stood before a comma: "Doe, John <j@x>" */
};

/* A name as people read it: quotes and escapes gone, encoded words decoded. */
static struct slice
phrase_text(struct gather *g, struct slice s)
{
	char *out = arena_alloc(g->a, s.n + 1);
	size_t n = 0;
	bool quoted = false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"') {
			quoted = !quoted;
			continue;
		}
		if (s.p[i] == '\\' && quoted && i + 1 < s.n)
			i++;
		if (!quoted && s.p[i] == ' ' && n > 0 && out[n - 1] == ' ')
			continue; /* a comment stood between */
		out[n++] = s.p[i];
	}
	struct slice text = header_text(g->a, slice_make(out, n));
	if (text.n > 2 && text.p[0] == '\'' && text.p[text.n - 1] == '\'')
		text = slice_trim(slice_sub(text, 1, text.n - 2)); /* some mailers quote so */
	return text;
}

static void
gather_reset(struct gather *g)
{
	g->nphrase = g->carried = 0;
	g->comment = slice_make(NULL, 0);
	g->have = g->has_at = false;
}

/* The address in out[n] is complete: its name is the phrase, else the comment. */
static void
gather_emit(struct gather *g, struct slice name)
{
	struct address *ad = &g->out[g->n++];
	if (slice_trim(name).n > 0)
		ad->name = phrase_text(g, name);
	else
		ad->name = header_text(g->a, g->comment);
	gather_reset(g);
}

/* The end of the next word of s outside of quotes, from i. */
static size_t
word_end(struct slice s, size_t i)
{
	bool quoted = false;
	for (; i < s.n && (quoted || !is_blank(s.p[i])); i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
	}
	return i < s.n ? i : s.n;
}

/* "jdoe @ example . org" as one word: a blank beside '@' or '.' does not part words. */
static size_t
close_up(char *p, size_t n)
{
	size_t out = 0;
	bool quoted = false;
	for (size_t i = 0; i < n; i++) {
		if (!quoted && is_blank(p[i])) {
			size_t k = i;
			while (k < n && is_blank(p[k]))
				k++;
			bool joint = k < n && (p[k] == '@' || (out > 0 && p[out - 1] == '@'));
			if (!joint)
				p[out++] = ' ';
			i = k - 1;
			continue;
		}
		quoted ^= p[i] == '"';
		p[out++] = p[i];
		if (quoted && p[i] == '\\' && i + 1 < n)
			p[out++] = p[++i];
	}
	return out;
}

/* Text without brackets: the words that are addresses; the others are the name of a lone one. */
static void
gather_bare(struct gather *g)
{
	char *text = g->phrase + g->carried;
	struct slice s = slice_trim(slice_make(text, close_up(text, g->nphrase - g->carried)));
	struct slice comment = g->comment;
	size_t before = g->n, name_end = 0;
	for (size_t i = 0; i < s.n && g->n < g->max;) {
		size_t end = word_end(s, i);
		struct slice word = slice_sub(s, i, end - i);
		if (memchr(word.p, '@', word.n) && address_read(g->a, word, &g->out[g->n])) {
			if (g->n == before)
				name_end = i;
			g->comment = comment;
			gather_emit(g, slice_make(NULL, 0));
		}
		for (i = end; i < s.n && is_blank(s.p[i]); i++)
			;
	}
	if (g->n == before + 1 && name_end > 0)
		g->out[before].name = phrase_text(g, slice_sub(s, 0, name_end));
}

/* A separator. A comma behind text without any address may be part of a name. */
static void
gather_end(struct gather *g, char separator)
{
	if (g->have) {
		struct slice name = slice_trim(slice_make(g->phrase, g->name_end));
		gather_emit(g, name.n > 0 ? name : slice_make(g->phrase, g->nphrase));
		return;
	}
	size_t before = g->n;
	if (g->has_at)
		gather_bare(g);
	if (separator == ',' && g->n == before && !g->has_at && g->nphrase > g->carried) {
		g->phrase[g->nphrase++] = ',';
		g->carried = g->nphrase;
		return;
	}
	gather_reset(g);
}

/* From s.p[i] == '<' to behind its '>'; an open one ends at a comma or with s. */
static size_t
angle_end(struct slice s, size_t i, struct slice *inside)
{
	bool quoted = false;
	size_t k = i + 1;
	for (; k < s.n && (quoted || (s.p[k] != '>' && s.p[k] != '<')); k++) {
		if (s.p[k] == '\\' && quoted)
			k++;
		else if (s.p[k] == '"')
			quoted = !quoted;
	}
	bool closed = k < s.n && s.p[k] == '>';
	*inside = slice_sub(s, i + 1, k - i - 1);
	if (!closed)
		inside->n = slice_find_char(*inside, ',');
	return i + 1 + inside->n + closed;
}

static size_t
take_angle(struct gather *g, struct slice s, size_t i)
{
	struct slice inside;
	size_t end = angle_end(s, i, &inside);
	struct address found = {.name = {NULL, 0}};
	if (!memchr(inside.p, '@', inside.n)) {
		/* "<Name> <a@b>": what is no address may be the name */
		memcpy(g->phrase + g->nphrase, inside.p, inside.n);
		g->nphrase += inside.n;
		return end;
	}
	if (!address_read(g->a, inside, &found))
		return end;
	if (g->have) { /* "A <a@x> B <b@y>": a comma was forgotten */
		size_t rest = g->nphrase - g->name_end;
		const char *from = g->phrase + g->name_end;
		gather_emit(g, slice_make(g->phrase, g->name_end));
		memmove(g->phrase, from, rest);
		g->nphrase = rest;
	}
	if (g->n >= g->max)
		return s.n;
	g->out[g->n] = found;
	g->have = true;
	g->name_end = g->nphrase;
	return end;
}

/* From s.p[i] == '(' to behind its ')'. One that stays open is just a letter. */
static size_t
take_comment(struct gather *g, struct slice s, size_t i, bool *open)
{
	size_t depth = 0, k = i;
	for (; k < s.n; k++) {
		if (s.p[k] == '\\')
			k++;
		else if (s.p[k] == '(')
			depth++;
		else if (s.p[k] == ')' && --depth == 0)
			break;
	}
	if (k >= s.n) {
		*open = true;
		return i;
	}
	if (g->comment.n == 0) {
		char *out = arena_alloc(g->a, k - i);
		size_t n = 0;
		for (size_t c = i + 1; c < k; c++) {
			if (s.p[c] == '\\') /* never the last: it would have hidden the ')' */
				c++;
			out[n++] = s.p[c];
		}
		g->comment = slice_make(out, n);
	}
	return k + 1;
}

/* From s.p[i] == '"' to behind its sister, with both; one without is dropped. */
static size_t
take_quoted(struct gather *g, struct slice s, size_t i, bool *open)
{
	size_t k = i + 1;
	for (; k < s.n && s.p[k] != '"'; k++)
		if (s.p[k] == '\\')
			k++;
	if (k >= s.n) {
		*open = true;
		return i + 1;
	}
	memcpy(g->phrase + g->nphrase, s.p + i, k + 1 - i);
	g->nphrase += k + 1 - i;
	return k + 1;
}

/* A ':' ends a group's name, which is dropped, unless it can't be one: "mailto:a@b", "a:b@c". */
static bool
ends_group_name(const struct gather *g)
{
	struct slice s = slice_make(g->phrase, g->nphrase);
	return !g->have && !g->has_at && s.n > 0 && !slice_ends_ci(s, SLICE("mailto"));
}

static void
scan(struct gather *g, struct slice s)
{
	bool open_comment = false, open_quote = false;
	for (size_t i = 0; i < s.n && g->n < g->max;) {
		char c = s.p[i];
		if (c == '"' && !open_quote) {
			i = take_quoted(g, s, i, &open_quote);
		} else if (c == '"') {
			i++;
		} else if (c == '(' && !open_comment) {
			i = take_comment(g, s, i, &open_comment);
		} else if (c == '<') {
			i = take_angle(g, s, i);
		} else if (c == ',' || c == ';') {
			gather_end(g, c);
			i++;
		} else if (c == ':' && ends_group_name(g)) {
			gather_reset(g);
			i++;
		} else {
			g->phrase[g->nphrase++] = c;
			g->has_at |= c == '@';
			i++;
		}
	}
	if (g->n < g->max)
		gather_end(g, ';');
}

static size_t
parse(struct arena *a, struct slice raw, struct address *out, size_t max)
{
	raw = slice_sub(raw, 0, GUARD_FIELD_MAX);
	/* a comma kept in a name stands where the separator stood: never more than the input */
	struct gather g = {.a = a, .out = out, .max = max, .phrase = arena_alloc(a, raw.n + 1)};
	scan(&g, raw);
	return g.n;
}

size_t
address_parse_list(struct arena *a, struct slice raw, struct address **out)
{
	/* each has an '@' of its own */
	size_t max = 0;
	for (size_t i = 0; i < raw.n && i < GUARD_FIELD_MAX && max < ADDRESS_LIST_MAX; i++)
		max += raw.p[i] == '@';
	*out = arena_array(a, max, sizeof **out);
	return max == 0 ? 0 : parse(a, raw, *out, max);
}

bool
address_parse_first(struct arena *a, struct slice raw, struct address *out)
{
	*out = (struct address){.name = {NULL, 0}};
	return parse(a, raw, out, 1) == 1;
}
