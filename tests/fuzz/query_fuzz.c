/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Search from hostile bytes: they are a query, a text to be indexed and shown, and a coded set of
 * pairs. Besides not crashing it checks what others rely on: the postfix form works off to one
 * value, words lie in the text, terms are not too long, each phrase of a text is in its own set,
 * and snippets are clean.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "archive/query.h"
#include "archive/snippet.h"
#include "archive/spell.h"
#include "archive/terms.h"
#include "base/log.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1774951800

static void
must(bool good, const char *what)
{
	if (!good)
		fatal("not so: %s", what);
}

static void
check_query(struct slice text)
{
	static struct query q;
	size_t values = 0;

	query_parse(&q, text, NOW);
	must(q.n <= QUERY_ITEMS_MAX, "the form is bounded");
	for (size_t i = 0; i < q.n; i++) {
		if (q.item[i].kind < QUERY_AND)
			values++;
		else if (q.item[i].kind == QUERY_NOT)
			must(values > 0, "NOT has a value");
		else
			must(values-- > 1, "AND and OR have two values");
	}
	must(values == (q.n > 0), "one value is left");
}

static void
count(void *arg, struct slice word)
{
	must(word.n > 0 && utf8_valid(word), "spellings are words");
	++*(size_t *)arg;
}

/* Words of the text, and three in a row as a phrase. */
static void
check_words(struct fold *f, struct slice text, struct slice set)
{
	struct neighbours nb = {.triples = true};
	struct words w;
	struct word word;
	uint32_t hashes[2];
	size_t at = 0, spellings = 0;

	words_init(&w, f, text);
	while (words_next(&w, &word)) {
		must(word.start >= at && word.end > word.start && word.end <= text.n, "places");
		must(word.exact.n > 0 && word.exact.n <= WORD_MAX, "length of a word");
		must(utf8_valid(word.exact) && utf8_valid(word.plain), "words are UTF-8");
		must(pairs_have(set, hashes, neighbours_next(&nb, &word, hashes)), "pairs");
		at = word.end;
		if (spellings < 2000)
			(void)spell_edits(word.exact, count, &spellings);
	}
}

static void
check_terms(struct fold *f, struct slice text)
{
	struct terms *t = terms_new();
	const struct term *all;
	struct buf b;
	size_t n;

	buf_init(&b, BUF_NO_LIMIT);
	terms_add_text(t, f, TERM_OWN, text, TERMS_PAIRS | TERMS_TRIPLES | TERMS_STEMS);
	terms_pairs(t, &b);
	check_words(f, text, buf_slice(&b));
	terms_add_text(t, f, TERM_QUOTED, text,
		       TERMS_PAIRS | TERMS_FAINT | TERMS_SCREEN | TERMS_MARKS);
	terms_add(t, TERM_MSGID, text);
	n = terms_finish(t, &all);
	for (size_t i = 0; i < n; i++)
		must(all[i].text.n <= TERM_MAX && all[i].count > 0, "terms fit");
	buf_free(&b);
	terms_free(t);
}

static void
check_snippet(struct fold *f, struct slice text)
{
	struct slice words[2] = {slice_sub(text, 0, 3), slice_sub(text, 3, 3)};
	struct needle needle[2] = {{words, 2, true, {NULL, 0}}, {words, 1, true, {NULL, 0}}};
	struct needles all = {.needle = needle, .n = 2};
	struct arena *a = arena_new();
	struct slice out;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	excerpt_make(&b, text, EXCERPT_BYTES);
	must(b.n <= EXCERPT_BYTES && utf8_valid(buf_slice(&b)), "excerpts are bounded and clean");
	out = snippet_make(a, f, buf_slice(&b), &all);
	must(utf8_valid(out), "snippets are UTF-8");
	buf_free(&b);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fold *f;
	struct slice text = slice_make((const char *)data, size);
	uint32_t wanted[3] = {0, 0x80000000, 0xffffffff};

	if (!f)
		f = fold_new();
	check_query(text);
	check_terms(f, text);
	check_snippet(f, text);
	(void)pairs_have(text, wanted, 3);
	for (int i = 0; i < 3; i++)
		(void)pairs_have(text, wanted + i, 1);
	return 0;
}
