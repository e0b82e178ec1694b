/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The format is that of the GNU gettext manual, section "The Format of GNU MO Files": a head of
 * seven words, a table of originals sorted by bytes, a table of translations; each entry is a
 * length and an offset. Invariant: every entry was checked to lie in the file, with its NUL, when
 * the catalogue was opened; look-ups check nothing.
 */
#include "conf/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "conf/plural.h"

#define MO_MAGIC 0x950412deu
#define MO_HEAD 20           /* bytes of the head that are used here */
#define MO_PHRASES_MAX 50000 /* far more than this project has */

struct phrase {
	const char *original;    /* of plural phrases the singular; the plural is behind its NUL */
	struct slice translated; /* of plural phrases the forms, with NULs between them */
};

struct catalogue {
	struct phrase *v;
	size_t n;
	struct plural plural;
};

/* UNSAFE: i + 4 <= mo.n is the caller's business. */
static uint32_t
word_at(struct slice mo, size_t i, bool swapped)
{
	uint32_t w;

	memcpy(&w, mo.p + i, sizeof(w));
	return swapped ? __builtin_bswap32(w) : w;
}

/* The string that the table entry at `at` names. False if it lies outside of the file. */
static bool
string_at(struct slice mo, size_t at, bool swapped, struct slice *out)
{
	size_t n = word_at(mo, at, swapped), begin = word_at(mo, at + 4, swapped);

	if (begin >= mo.n || n >= mo.n - begin || mo.p[begin + n] != '\0')
		return false;
	*out = slice_make(mo.p + begin, n);
	return true;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct phrase *)a)->original, ((const struct phrase *)b)->original);
}

static const struct phrase *
find(const struct catalogue *cat, const char *original)
{
	struct phrase key = {.original = original};

	if (cat->n == 0)
		return NULL;
	return bsearch(&key, cat->v, cat->n, sizeof(*cat->v), compare);
}

/* The translation of "" is the head of the .po file. */
static int
read_head(struct catalogue *cat, struct err *e)
{
	const struct phrase *head = find(cat, "");
	struct slice rest = head ? head->translated : SLICE(""), line;
	struct slice key = SLICE("Plural-Forms:");

	cat->plural = plural_germanic;
	while (slice_next_line(&rest, &line))
		if (slice_starts_ci(line, key))
			return plural_parse(&cat->plural, slice_from(line, key.n), e);
	return 0;
}

int
catalogue_open(struct catalogue **out, struct arena *a, struct slice mo, struct err *e)
{
	struct catalogue *cat = arena_zalloc(a, sizeof(*cat));
	size_t originals, translations;
	struct slice s;
	bool swapped;

	if (mo.n < MO_HEAD)
		return err_permanent(e, "too short for a catalogue");
	swapped = word_at(mo, 0, false) != MO_MAGIC;
	if (word_at(mo, 0, swapped) != MO_MAGIC || word_at(mo, 4, swapped) >> 16 > 1)
		return err_permanent(e, "no catalogue of a known version");
	cat->n = word_at(mo, 8, swapped);
	originals = word_at(mo, 12, swapped);
	translations = word_at(mo, 16, swapped);
	if (cat->n > MO_PHRASES_MAX || originals > mo.n || translations > mo.n ||
	    cat->n * 8 > mo.n - originals || cat->n * 8 > mo.n - translations)
		return err_permanent(e, "a catalogue whose tables are outside of it");
	cat->v = arena_array(a, cat->n, sizeof(*cat->v));
	for (size_t i = 0; i < cat->n; i++) {
		if (!string_at(mo, originals + 8 * i, swapped, &s) ||
		    !string_at(mo, translations + 8 * i, swapped, &cat->v[i].translated))
			return err_permanent(e, "a catalogue whose phrase %zu is outside of it", i);
		cat->v[i].original = s.p;
		if (i > 0 && compare(&cat->v[i - 1], &cat->v[i]) >= 0)
			return err_permanent(e, "a catalogue that is not sorted at phrase %zu", i);
	}
	if (read_head(cat, e) < 0)
		return -1;
	*out = cat;
	return 0;
}

const char *
catalogue_phrase(const struct catalogue *cat, const char *phrase)
{
	const struct phrase *p = *phrase ? find(cat, phrase) : NULL;

	return p && p->translated.n > 0 ? p->translated.p : NULL;
}

const char *
catalogue_plural(const struct catalogue *cat, const char *one, uint64_t n)
{
	const struct phrase *p = *one ? find(cat, one) : NULL;
	struct slice forms = p ? p->translated : SLICE(""), form;
	size_t index = plural_index(&cat->plural, n);

	for (size_t i = 0; slice_cut(forms, '\0', &form, &forms) && i < index; i++)
		continue;
	/* After the loop, form is the index-th one, or the last one there is. */
	return form.n > 0 ? form.p : NULL;
}
