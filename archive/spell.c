/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After P. Norvig's well-known essay on spelling: what is one edit away is a few hundred words,
 * fewer than it takes to search a list of all words.
 */
#include "config.h"
#include "archive/spell.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/utf8.h"

static const struct alphabet {
	uint32_t first, last;
} alphabets[] = {
    {'a', 'z'}, {0x3b1, 0x3c9}, {0x430, 0x44f}, {0x5d0, 0x5ea}, {0x627, 0x64a},
};

struct speller {
	uint32_t letter[SPELL_MAX];
	size_t n;
	const struct alphabet *abc;
	void (*each)(void *, struct slice);
	void *arg;
	struct buf out;
};

static void
say(struct speller *s, const uint32_t *letters, size_t n)
{
	buf_clear(&s->out);
	for (size_t i = 0; i < n; i++)
		utf8_put(&s->out, letters[i]);
	s->each(s->arg, buf_slice(&s->out));
}

static void
edit_at(struct speller *s, size_t at)
{
	uint32_t w[SPELL_MAX + 1];

	memcpy(w, s->letter, at * sizeof *w);
	if (at < s->n) { /* one too many */
		memcpy(w + at, s->letter + at + 1, (s->n - at - 1) * sizeof *w);
		say(s, w, s->n - 1);
	}
	if (at + 1 < s->n && s->letter[at] != s->letter[at + 1]) { /* two swapped */
		memcpy(w + at, s->letter + at, (s->n - at) * sizeof *w);
		w[at] = s->letter[at + 1];
		w[at + 1] = s->letter[at];
		say(s, w, s->n);
	}
	for (uint32_t c = s->abc->first; c <= s->abc->last; c++) {
		if (at < s->n && c != s->letter[at]) { /* one wrong */
			memcpy(w + at, s->letter + at, (s->n - at) * sizeof *w);
			w[at] = c;
			say(s, w, s->n);
		}
		w[at] = c; /* one missing */
		memcpy(w + at + 1, s->letter + at, (s->n - at) * sizeof *w);
		say(s, w, s->n + 1);
	}
}

bool
spell_edits(struct slice word, void (*each)(void *arg, struct slice candidate), void *arg)
{
	struct speller s = {.each = each, .arg = arg};
	uint32_t cp;

	while (utf8_next(&word, &cp)) {
		if (s.n == SPELL_MAX || (cp >= '0' && cp <= '9') || cp == '_')
			return false;
		s.letter[s.n++] = cp;
	}
	for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++)
		if (s.n >= SPELL_MIN && s.letter[0] >= alphabets[i].first &&
		    s.letter[0] <= alphabets[i].last)
			s.abc = &alphabets[i];
	if (!s.abc)
		return false;
	buf_init(&s.out, BUF_NO_LIMIT);
	for (size_t at = 0; at <= s.n; at++)
		edit_at(&s, at);
	buf_free(&s.out);
	return true;
}
