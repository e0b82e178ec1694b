/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A code point is folded once and kept in a table of pages of 256, since libunistring's answer for
 * one character costs as much as reading a line. What needs more than one character (a mark behind
 * its letter) is the business of words.c with fold_compose().
 */
#include "config.h"
#include "archive/fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/log.h"

#define PAGE_BITS 8
#define PAGE_SIZE (1u << PAGE_BITS)
#define PAGES (0x110000u >> PAGE_BITS)
/* The longest compatibility decomposition (U+FDFA) has 18; folding adds a few. */
#define SEQUENCE_MAX 32

struct fold {
	struct fold_char *page[PAGES];
	uint32_t mask; /* general categories of word characters */
};

const unsigned char fold_ascii[128] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',
    ['7'] = '7', ['8'] = '8', ['9'] = '9', ['_'] = '_', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c',
    ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j',
    ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q',
    ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x',
    ['Y'] = 'y', ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e',
    ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l',
    ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's',
    ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
};

struct range {
	uint32_t first, last;
};

/* Vowel points, the tatweel, and what is invisible by design (Default_Ignorable_Code_Point). */
static const struct range skipped[] = {
    {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x0591, 0x05bd}, {0x05bf, 0x05bf},   {0x05c1, 0x05c2},
    {0x05c4, 0x05c5}, {0x05c7, 0x05c7}, {0x0610, 0x061a}, {0x061c, 0x061c},   {0x0640, 0x0640},
    {0x064b, 0x065f}, {0x0670, 0x0670}, {0x06d6, 0x06dc}, {0x06df, 0x06e4},   {0x06e7, 0x06e8},
    {0x06ea, 0x06ed}, {0x180b, 0x180f}, {0x200d, 0x200f}, {0x202a, 0x202e},   {0x2060, 0x206f},
    {0xe000, 0xe001}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xe0000, 0xe0fff},
};
/* Scripts that are searched by characters and pairs of characters. */
static const struct range grams[] = {
    {0x0e01, 0x0e4e},   {0x0e81, 0x0ece}, {0x0edc, 0x0edf}, {0x1000, 0x103f}, {0x1050, 0x108f},
    {0x1100, 0x11ff},   {0x1780, 0x17d3}, {0x2e80, 0x2fdf}, {0x3005, 0x3007}, {0x3021, 0x3029},
    {0x3031, 0x3035},   {0x3041, 0x3096}, {0x309d, 0x309f}, {0x30a1, 0x30fa}, {0x30fc, 0x30ff},
    {0x3105, 0x312f},   {0x3131, 0x318e}, {0x31a0, 0x31bf}, {0x31f0, 0x31ff}, {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},   {0xa960, 0xa97f}, {0xac00, 0xd7ff}, {0xf900, 0xfaff}, {0x1b000, 0x1b16f},
    {0x20000, 0x3ffff},
};
/* Marks that the plain level drops. */
static const struct range accents[] = {
    {0x0300, 0x036f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}};
/* Marks by what they do, not by their category: vowel and final jamo. */
static const struct range jamo_marks[] = {{0x1160, 0x11ff}, {0xd7b0, 0xd7ff}};

struct pair {
	uint32_t from;
	char to[8];
};
/* One letter of both levels for another. */
static const struct pair same[] = {
    {0x0131, "i"}, /* dotless i: its capital is everybody's I */
    {0x0450, "\u0435"}, {0x0451, "\u0435"}, {0x045d, "\u0438"}, {0x0622, "\u0627"},
    {0x0623, "\u0627"}, {0x0625, "\u0627"}, {0x0629, "\u0647"}, {0x0649, "\u064a"},
    {0x0671, "\u0627"}, {0x06a9, "\u0643"}, {0x06c0, "\u0647"}, {0x06c1, "\u0647"},
    {0x06c2, "\u0647"}, {0x06cc, "\u064a"}, {0x06d5, "\u0647"},
};
/* Letters of the plain level that have no decomposition. */
static const struct pair bare[] = {
    {0x00e6, "ae"}, {0x00f0, "d"}, {0x00f8, "o"},  {0x00fe, "th"}, {0x0111, "d"},
    {0x0127, "h"},  {0x0142, "l"}, {0x0153, "oe"}, {0x0167, "t"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
in_ranges(uint32_t cp, const struct range *r, size_t n)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (cp > r[mid].last)
			low = mid + 1;
		else if (cp < r[mid].first)
			high = mid;
		else
			return true;
	}
	return false;
}

static const char *
replaced(uint32_t cp, const struct pair *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i].from == cp)
			return p[i].to;
	return NULL;
}

bool
fold_is_hangul(uint32_t cp)
{
	return (cp >= 0xac00 && cp <= 0xd7ff) || (cp >= 0x1100 && cp <= 0x11ff) ||
	       (cp >= 0x3131 && cp <= 0x318e) || (cp >= 0xa960 && cp <= 0xa97f);
}

uint32_t
fold_compose(uint32_t base, uint32_t mark)
{
	/* A stress on a Cyrillic letter is no other letter, though ѐ and ѝ exist. */
	if ((mark == 0x0300 || mark == 0x0301) && base >= 0x0400 && base < 0x0530)
		return base;
	if (base == 'i' && mark == 0x0307)
		return base;
	return uc_composition(base, mark);
}

/* Adds a code point to one level of a cell; nothing if it does not fit. */
static void
add(char *to, uint8_t *n, uint32_t cp)
{
	uint8_t bytes[6];
	int len = u8_uctomb(bytes, cp, sizeof bytes);

	if (len > 0 && *n + (size_t)len <= FOLD_BYTES) {
		memcpy(to + *n, bytes, (size_t)len);
		*n = (uint8_t)(*n + len);
	}
}

static void
add_text(char *to, uint8_t *n, const char *text)
{
	size_t len = strlen(text);

	if (*n + len <= FOLD_BYTES) {
		memcpy(to + *n, text, len);
		*n = (uint8_t)(*n + len);
	}
}

static void
add_plain(struct fold_char *c, uint32_t cp)
{
	uint32_t seq[SEQUENCE_MAX];
	size_t n = SEQUENCE_MAX;
	const char *to = replaced(cp, bare, COUNT(bare));

	if (to) {
		add_text(c->plain, &c->nplain, to);
		return;
	}
	if ((cp >= 0x0400 && cp < 0x0530) || c->klass == FOLD_GRAM ||
	    !u32_normalize(UNINORM_NFD, &cp, 1, seq, &n)) {
		add(c->plain, &c->nplain, cp);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!in_ranges(seq[i], accents, COUNT(accents))) {
			to = replaced(seq[i], bare, COUNT(bare));
			if (to)
				add_text(c->plain, &c->nplain, to);
			else
				add(c->plain, &c->nplain, seq[i]);
		}
}

static void
add_both(struct fold_char *c, uint32_t cp)
{
	const char *to = replaced(cp, same, COUNT(same));
	int digit = uc_decimal_value(cp);

	if (to) {
		add_text(c->exact, &c->nexact, to);
		add_text(c->plain, &c->nplain, to);
	} else if (digit >= 0) {
		add(c->exact, &c->nexact, (uint32_t)('0' + digit));
		add(c->plain, &c->nplain, (uint32_t)('0' + digit));
	} else {
		add(c->exact, &c->nexact, cp);
		add_plain(c, cp);
	}
}

static void
make(const struct fold *f, struct fold_char *c, uint32_t cp)
{
	uint32_t seq[SEQUENCE_MAX];
	size_t n = SEQUENCE_MAX;

	memset(c, 0, sizeof *c);
	if (in_ranges(cp, skipped, COUNT(skipped))) {
		c->klass = FOLD_SKIP;
		return;
	}
	if ((cp >= 0x4e00 && cp <= 0x9fff) || (cp >= 0xac00 && cp <= 0xd7a3)) {
		c->klass = FOLD_GRAM;
		add(c->exact, &c->nexact, cp);
		add(c->plain, &c->nplain, cp);
		return;
	}
	if (cp == 0xfffd || !u32_casefold(&cp, 1, NULL, UNINORM_NFKC, seq, &n) || n == 0)
		return;
	if (n == 1 && (uc_is_general_category_withtable(seq[0], UC_CATEGORY_MASK_M) ||
		       in_ranges(seq[0], jamo_marks, COUNT(jamo_marks)))) {
		c->klass = FOLD_MARK;
		c->mark = seq[0];
		add(c->exact, &c->nexact, seq[0]);
		if (!in_ranges(seq[0], accents, COUNT(accents)))
			add(c->plain, &c->nplain, seq[0]);
		return;
	}
	c->klass = in_ranges(seq[0], grams, COUNT(grams)) ? FOLD_GRAM : FOLD_LETTER;
	for (size_t i = 0; i < n; i++)
		if (uc_is_general_category_withtable(seq[i], f->mask) &&
		    !(seq[i] == 0x0307 && i > 0 && seq[i - 1] == 'i'))
			add_both(c, seq[i]);
	if (c->nexact == 0 || c->nplain == 0)
		c->klass = FOLD_BREAK;
}

struct fold *
fold_new(void)
{
	struct fold *f = calloc(1, sizeof *f);

	if (!f)
		fatal("no memory for folding");
	f->mask =
	    UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_Pc;
	return f;
}

void
fold_free(struct fold *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < PAGES; i++)
		free(f->page[i]);
	free(f);
}

const struct fold_char *
fold_find(struct fold *f, uint32_t cp)
{
	struct fold_char **page;

	if (cp >= 0x110000)
		cp = 0xfffd;
	page = &f->page[cp >> PAGE_BITS];
	if (!*page) {
		*page = calloc(PAGE_SIZE, sizeof **page);
		if (!*page)
			fatal("no memory for folding");
		for (uint32_t i = 0; i < PAGE_SIZE; i++)
			make(f, *page + i, (cp & ~(PAGE_SIZE - 1)) + i);
	}
	return *page + (cp & (PAGE_SIZE - 1));
}
