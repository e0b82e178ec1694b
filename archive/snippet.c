/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text is cut into words once; each word that begins a match is tried as the first match of the
 * snippet, and the one with the most different needles behind it wins.
 */
#include "config.h"
#include "archive/snippet.h"

#include "base/utf8.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define BEFORE 60   /* characters shown before the first match */
#define STEM_SAME 2 /* bytes that a word must share with a stem to be worth stemming */

static bool
is_mark(uint32_t cp)
{
	return cp == 0xe000 || cp == 0xe001;
}

/* Han and Kana: a line end between two of them is no space. */
static bool
is_dense(uint32_t cp)
{
	return (cp >= 0x3000 && cp < 0xa000) || (cp >= 0xff00 && cp < 0xffa0);
}

void
excerpt_make(struct buf *out, struct slice text, size_t max)
{
	struct arena *a = arena_new();
	struct slice s = utf8_cleaned(a, slice_sub(text, 0, max * 4));
	uint32_t cp, last = ' ';
	bool space = false;
	size_t start = out->n, word = 0; /* where the last space is */

	while (utf8_next(&s, &cp)) {
		if (is_mark(cp))
			continue;
		if (cp == ' ' || cp == '\t' || cp == '\n') {
			space = space || cp != '\n' || !is_dense(last);
			continue;
		}
		if (out->n - start + 5 + sizeof ELLIPSIS - 1 > max) {
			if (!space && word > start + max / 2)
				buf_cut(out, word);
			buf_puts(out, ELLIPSIS);
			break;
		}
		if (space && last != ' ') {
			word = out->n;
			buf_putc(out, ' ');
		}
		space = false;
		utf8_put(out, cp);
		last = cp;
	}
	arena_free(a);
}

struct piece {
	struct slice exact, plain;
	size_t start, end;
	size_t span; /* words of the longest match that begins here, 0: none */
	size_t which;
};

static bool
begins(struct slice word, struct slice needle)
{
	return needle.n > 0 && slice_starts(word, needle);
}

static bool
same_stem(const struct needles *ns, const struct needle *n, const struct piece *p)
{
	if (!ns->stem || n->stem.n < STEM_SAME || p->plain.n < STEM_SAME ||
	    memcmp(n->stem.p, p->plain.p, STEM_SAME) != 0)
		return false;
	return slice_eq(ns->stem(ns->arg, p->exact), n->stem);
}

static bool
matches(const struct needles *ns, const struct needle *n, const struct piece *p, size_t left)
{
	if (n->n == 0 || n->n > left)
		return false;
	for (size_t i = 0; i < n->n; i++) {
		struct slice want = n->words[i];

		if (slice_eq(p[i].exact, want) || slice_eq(p[i].plain, want))
			continue;
		if (n->open && i + 1 == n->n &&
		    (begins(p[i].exact, want) || begins(p[i].plain, want)))
			continue;
		return n->n == 1 && same_stem(ns, n, p);
	}
	return true;
}

static size_t
cut_words(struct arena *a, struct fold *fold, struct slice text, struct piece **out)
{
	struct piece *ps = arena_array(a, text.n / 2 + 1, sizeof *ps);
	size_t n = 0;
	struct words w;
	struct word word;

	words_init(&w, fold, text);
	/* Grams can be as many as there are characters; each has two bytes and more. */
	while (n < text.n / 2 + 1 && words_next(&w, &word)) {
		ps[n] = (struct piece){.start = word.start, .end = word.end};
		ps[n].exact = arena_dup(a, word.exact);
		ps[n].plain = word.accented ? arena_dup(a, word.plain) : ps[n].exact;
		n++;
	}
	*out = ps;
	return n;
}

static void
find_matches(struct piece *ps, size_t n, const struct needles *ns)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ns->n; k++)
			if (ns->needle[k].n > ps[i].span &&
			    matches(ns, &ns->needle[k], ps + i, n - i)) {
				ps[i].span = ns->needle[k].n;
				ps[i].which = k;
			}
}

/* How good a snippet is that begins at the i-th word. */
static size_t
score(const struct piece *ps, size_t n, size_t i)
{
	uint64_t seen = 0;
	size_t all = 0, different = 0;

	for (size_t k = i; k < n && ps[k].end - ps[i].start < SNIPPET_CHARS; k++)
		if (ps[k].span) {
			uint64_t bit = UINT64_C(1) << ps[k].which % 64;

			different += !(seen & bit);
			seen |= bit;
			all++;
		}
	return different * 1000 + all;
}

/* First byte of the snippet: a little before the best match, where a word begins. */
static size_t
find_start(struct slice text, const struct piece *ps, size_t n)
{
	size_t best = 0, at = n, start;

	for (size_t i = 0; i < n; i++)
		if (ps[i].span) {
			size_t is = score(ps, n, i);

			if (is > best) {
				best = is;
				at = i;
			}
		}
	if (at == n || ps[at].start <= BEFORE)
		return 0;
	/* All of the end, rather than little of it. */
	start = ps[at].start - BEFORE;
	if (text.n < SNIPPET_CHARS)
		return 0;
	if (start > text.n - SNIPPET_CHARS)
		start = text.n - SNIPPET_CHARS;
	while (at > 0 && ps[at - 1].start >= start)
		at--;
	return ps[at].start;
}

struct slice
snippet_make(struct arena *a, struct fold *fold, struct slice text, const struct needles *needles)
{
	struct piece *ps;
	size_t n = cut_words(a, fold, text, &ps), start, end, at;
	struct buf b;
	struct slice out;

	find_matches(ps, n, needles);
	start = find_start(text, ps, n);
	end = start + utf8_head(slice_from(text, start), SNIPPET_CHARS).n;
	buf_init(&b, BUF_NO_LIMIT);
	if (start > 0)
		buf_puts(&b, ELLIPSIS " ");
	at = start;
	for (size_t i = 0; i < n && ps[i].start < end; i++) {
		size_t to;

		if (ps[i].start < at || !ps[i].span)
			continue;
		to = ps[i + ps[i].span - 1].end;
		if (to > end)
			break;
		buf_put_slice(&b, slice_sub(text, at, ps[i].start - at));
		buf_puts(&b, SNIPPET_BEGIN);
		buf_put_slice(&b, slice_sub(text, ps[i].start, to - ps[i].start));
		buf_puts(&b, SNIPPET_END);
		at = to;
	}
	buf_put_slice(&b, slice_sub(text, at, end - at));
	if (end < text.n)
		buf_puts(&b, ELLIPSIS);
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}
