/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nameless: see nameless.h. Precision does not come first here: a word too many may be masked, a
 * name too few may not.
 */
#include "daemon/nameless.h"

#include <stdbool.h>

#include "base/buf.h"

#define NAME_LEAST 3 /* bytes of a name that is looked for in a text: "Al" is in too many words */

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80;
}

static bool
in_address(char c)
{
	return is_word(c) || (c && strchr(".!#$%&'*+-/=?^_`{|}~@\"[]", c));
}

/* The names to look for: each word of From, of the display name and before the @. */
struct names {
	struct slice v[20];
	size_t n;
};

static void
take_names(struct names *names, struct slice from)
{
	for (size_t i = 0; i < from.n;) {
		size_t k = i;
		while (k < from.n && is_word(from.p[k]))
			k++;
		struct slice word = slice_sub(from, i, k - i);
		if (word.n >= NAME_LEAST && names->n < sizeof(names->v) / sizeof(names->v[0]))
			names->v[names->n++] = word;
		if (k < from.n && from.p[k] == '@')
			break; /* what is behind it names a provider */
		i = k > i ? k : k + 1;
	}
}

static bool
is_name(const struct names *names, struct slice word)
{
	for (size_t i = 0; i < names->n; i++)
		if (slice_eq_ci(names->v[i], word))
			return true;
	return false;
}

static void
mask_token(struct buf *b, const struct names *names, struct slice token)
{
	size_t first = 0, end = token.n; /* without what stands around it: "(ann@example.org)!" */
	while (first < end && !is_word(token.p[first]))
		first++;
	while (end > first && !is_word(token.p[end - 1]))
		end--;
	if (slice_find_char(slice_sub(token, first, end - first), '@') < end - first) {
		buf_put_slice(b, slice_sub(token, 0, first));
		buf_puts(b, "…@…");
		buf_put_slice(b, slice_from(token, end));
		return;
	}
	for (size_t i = 0; i < token.n;) {
		size_t k = i;
		while (k < token.n && is_word(token.p[k]))
			k++;
		struct slice word = slice_sub(token, i, k - i);
		if (is_name(names, word))
			buf_puts(b, "[…]");
		else
			buf_put_slice(b, word);
		if (k < token.n)
			buf_putc(b, token.p[k]);
		i = k + 1;
	}
}

struct slice
nameless_mask(struct arena *a, struct slice text, struct slice from)
{
	struct names names = {.n = 0};
	struct buf b;
	take_names(&names, from);
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = 0; i < text.n;) {
		size_t k = i;
		while (k < text.n && in_address(text.p[k]))
			k++;
		mask_token(&b, &names, slice_sub(text, i, k - i));
		if (k < text.n)
			buf_putc(&b, text.p[k]);
		i = k + 1;
	}
	struct slice masked = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return masked;
}
