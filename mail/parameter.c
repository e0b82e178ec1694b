/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parameter: one pass over the value that takes each "name=value" in turn; those of the wanted name
 * are remembered as slices, put together at the end. Nothing is copied but what is the answer.
 */
#include "config.h"
#include "mail/parameter.h"

#include "mail/charset.h"
#include "mail/guard.h"
#include "mail/header.h"
#include "mail/transfer.h"

/* All that was said of one parameter. p == NULL: not said. */
struct found {
	struct slice plain;                           /* name= */
	struct slice whole;                           /* name*= */
	struct slice segment[PARAMETER_SEGMENTS_MAX]; /* name*N= and name*N*= */
	bool encoded[PARAMETER_SEGMENTS_MAX];
	size_t nsegments; /* greatest N + 1 */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The length of a comment at the start of s, nested ones in it, to its end or that of s. */
static size_t
comment_length(struct slice s)
{
	size_t depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.n;
}

static void
skip_separators(struct slice *rest)
{
	while (rest->n) {
		if (rest->p[0] == '(')
			*rest = slice_from(*rest, comment_length(*rest));
		else if (rest->p[0] == ';' || is_blank(rest->p[0]))
			*rest = slice_from(*rest, 1);
		else
			return;
	}
}

/* The length of a run of bytes that could be a name or a media type. */
static size_t
word_length(struct slice s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] != '=' && s.p[i] != ';' && s.p[i] != '(' && !is_blank(s.p[i]))
		i++;
	return i;
}

/* What stands in quotes, without them; to the end of s if they never end. */
static struct slice
take_quoted(struct slice *rest)
{
	struct slice s = slice_from(*rest, 1);
	size_t i = 0;
	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	*rest = slice_from(s, i + 1);
	return slice_sub(s, 0, i);
}

/* Does "name=" stand at the start of s, so that what is before was a whole value after all? */
static bool
name_follows(struct slice s)
{
	size_t n = word_length(s);
	return n > 0 && n < s.n && s.p[n] == '=' && n + 1 < s.n && s.p[n + 1] != '=' &&
	       !is_blank(s.p[n + 1]) && memchr(s.p, '/', n) == NULL;
}

/* Is s a comment and nothing else? "report (1).pdf" has none. */
static bool
only_comment(struct slice s)
{
	return s.n && s.p[0] == '(' && slice_trim(slice_from(s, comment_length(s))).n == 0;
}

/* An unquoted value: to the semicolon, blanks inside allowed (file names), unless what follows them
 * is a comment or the next parameter. */
static struct slice
take_unquoted(struct slice *rest)
{
	struct slice s = *rest;
	size_t end = slice_find_char(s, ';'), i = 0;
	while (i < end) {
		if (!is_blank(s.p[i++]))
			continue;
		while (i < end && is_blank(s.p[i]))
			i++;
		struct slice next = slice_sub(s, i, end - i);
		if (only_comment(next) || name_follows(next))
			end = i;
	}
	*rest = slice_from(s, end);
	return slice_trim(slice_sub(s, 0, end));
}

/* Takes the next parameter off *rest. A quoted value begins right behind its quote sign. */
static bool
next_parameter(struct slice *rest, struct slice *name, struct slice *value)
{
	for (;;) {
		skip_separators(rest);
		if (rest->n == 0)
			return false;
		*name = slice_sub(*rest, 0, word_length(*rest));
		*rest = slice_from(*rest, name->n);
		struct slice after = *rest;
		while (after.n && is_blank(after.p[0]))
			after = slice_from(after, 1);
		if (after.n == 0 || after.p[0] != '=')
			continue; /* a word that is no parameter */
		*rest = slice_from(after, 1);
		while (rest->n && is_blank(rest->p[0]))
			*rest = slice_from(*rest, 1);
		*value = rest->n && rest->p[0] == '"' ? take_quoted(rest) : take_unquoted(rest);
		if (name->n)
			return true;
	}
}

/* The N of "*N" or "*N*" in suffix; false if it is neither or too great. */
static bool
segment_number(struct slice suffix, size_t *number, bool *encoded)
{
	struct slice digits = slice_from(suffix, 1);
	*encoded = digits.n && digits.p[digits.n - 1] == '*';
	digits.n -= *encoded;
	*number = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		*number = *number * 10 + (size_t)(digits.p[i] - '0');
		if (*number >= PARAMETER_SEGMENTS_MAX)
			return false;
	}
	return digits.n > 0;
}

static void
remember(struct found *found, struct slice suffix, struct slice value)
{
	size_t n;
	bool encoded;
	if (suffix.n == 0) {
		if (!found->plain.p)
			found->plain = value;
	} else if (slice_is(suffix, "*")) {
		if (!found->whole.p)
			found->whole = value;
	} else if (segment_number(suffix, &n, &encoded)) {
		if (found->nsegments <= n) {
			memset(found->segment + found->nsegments, 0,
			       (n + 1 - found->nsegments) * sizeof(*found->segment));
			found->nsegments = n + 1;
		}
		if (!found->segment[n].p) {
			found->segment[n] = value;
			found->encoded[n] = encoded;
		}
	}
}

static void
collect(struct found *found, struct slice value, struct slice wanted)
{
	struct slice rest = slice_sub(value, 0, GUARD_FIELD_MAX), name, v;
	/* Behind the media type or disposition; a value that has none begins with a parameter. */
	skip_separators(&rest);
	size_t n = word_length(rest);
	if (n == rest.n || rest.p[n] != '=')
		rest = slice_from(rest, n);
	while (next_parameter(&rest, &name, &v))
		if (slice_starts_ci(name, wanted) &&
		    (name.n == wanted.n || name.p[wanted.n] == '*'))
			remember(found, slice_from(name, wanted.n), v);
}

/*
 * A quoted-string's content: line ends of folds go; a backslash goes only before a quote sign or a
 * backslash, for mailers write "C:\temp\x.doc" unescaped.
 */
static size_t
unescape(struct slice s, bool percent, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\r' || c == '\n')
			continue;
		if (c == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
			c = s.p[++i];
		else if (percent && c == '%' && i + 2 < s.n) {
			int octet = transfer_hex_octet(s.p + i + 1);
			if (octet >= 0) {
				c = (char)octet;
				i += 2;
			}
		}
		out[n++] = c;
	}
	return n;
}

/* RFC 2231 4: charset'language'text. Without both quotes all of it is text. */
static struct slice
cut_charset(struct slice s, struct slice *charset)
{
	struct slice label, language, text;
	if (!slice_cut(s, '\'', &label, &text) || !slice_cut(text, '\'', &language, &text))
		return s;
	*charset = label;
	return text;
}

static struct slice
join_segments(struct arena *a, struct found *found, struct slice *charset)
{
	size_t size = 0, n = 0, count = 0;
	if (found->encoded[0])
		found->segment[0] = cut_charset(found->segment[0], charset);
	while (count < found->nsegments && found->segment[count].p)
		size += found->segment[count++].n;
	char *out = arena_alloc(a, size);
	for (size_t i = 0; i < count; i++)
		n += unescape(found->segment[i], found->encoded[i], out + n);
	return slice_make(out, n);
}

bool
parameter_find(struct arena *a, struct slice value, const char *name, struct slice *bytes,
	       struct slice *charset)
{
	struct found found; /* 6 KB, of which segment is set as far as it is used */
	found.plain = found.whole = *bytes = *charset = SLICE("");
	found.plain.p = found.whole.p = NULL;
	found.nsegments = 0;
	collect(&found, value, slice_str(name));

	if (found.whole.p || (found.nsegments && found.segment[0].p)) {
		if (found.whole.p) {
			found.segment[0] = found.whole;
			found.encoded[0] = true;
			found.nsegments = 1;
		}
		*bytes = join_segments(a, &found, charset);
		return true;
	}
	if (!found.plain.p)
		return false;
	char *out = arena_alloc(a, found.plain.n);
	*bytes = slice_make(out, unescape(found.plain, false, out));
	return true;
}

struct slice
mime_parameter(struct arena *a, struct slice value, const char *name)
{
	struct slice bytes, charset;
	if (!parameter_find(a, value, name, &bytes, &charset))
		return SLICE("");
	if (charset.n == 0)
		return header_text(a, bytes);
	return header_unfold(a, charset_to_utf8(a, bytes, charset));
}
