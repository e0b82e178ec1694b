/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/tongue.h"

#include <stdio.h>

#include "archive/html.h"
#include "base/utf8.h"
#include "conf/text.h"

#define LETTERS_MAX 200 /* looked at to tell a block's script */
#define BYTES_MAX 2000  /* and no more than this, where letters are rare */

struct range {
	uint32_t from, to;
	enum script script;
};

static const struct range ranges[] = {
    {'A', 'Z', SCRIPT_LATIN},        {'a', 'z', SCRIPT_LATIN},
    {0xc0, 0x24f, SCRIPT_LATIN},     {0x370, 0x3ff, SCRIPT_GREEK},
    {0x400, 0x52f, SCRIPT_CYRILLIC}, {0x530, 0x58f, SCRIPT_OTHER},
    {0x590, 0x5ff, SCRIPT_HEBREW},   {0x600, 0x6ff, SCRIPT_ARABIC},
    {0x700, 0x74f, SCRIPT_OTHER},    {0x750, 0x77f, SCRIPT_ARABIC},
    {0x780, 0x109f, SCRIPT_OTHER},   {0x10a0, 0x10ff, SCRIPT_OTHER},
    {0x1100, 0x11ff, SCRIPT_CJK},    {0x1200, 0x1dff, SCRIPT_OTHER},
    {0x1e00, 0x1eff, SCRIPT_LATIN},  {0x1f00, 0x1fff, SCRIPT_GREEK},
    {0x3040, 0x30ff, SCRIPT_CJK},    {0x3400, 0x9fff, SCRIPT_CJK},
    {0xac00, 0xd7a3, SCRIPT_CJK},    {0xf900, 0xfaff, SCRIPT_CJK},
    {0xfb1d, 0xfb4f, SCRIPT_HEBREW}, {0xfb50, 0xfdff, SCRIPT_ARABIC},
    {0xfe70, 0xfefc, SCRIPT_ARABIC}, {0x20000, 0x3fffd, SCRIPT_CJK},
};

static enum script
script_of(uint32_t cp)
{
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges && ranges[i].from <= cp; i++)
		if (cp <= ranges[i].to)
			return ranges[i].script;
	return SCRIPT_NONE;
}

enum script
tongue_script(struct slice text)
{
	size_t count[SCRIPTS] = {0}, letters = 0;
	enum script best = SCRIPT_NONE;
	uint32_t cp;

	text = slice_sub(text, 0, BYTES_MAX);
	while (letters < LETTERS_MAX && utf8_next(&text, &cp)) {
		enum script s = script_of(cp);

		count[s]++;
		letters += s != SCRIPT_NONE;
	}
	/* Technical words in Latin letters are many in any language: half as many others win. */
	count[SCRIPT_LATIN] = (count[SCRIPT_LATIN] + 1) / 2;
	for (enum script s = SCRIPT_LATIN; s < SCRIPTS; s++)
		if (count[s] > (best == SCRIPT_NONE ? 0 : count[best]))
			best = s;
	return best;
}

void
tongue_of(struct tongue *t, struct slice text, const char *page)
{
	t->script = tongue_script(text);
	language_of_line(slice_sub(text, 0, BYTES_MAX), t->lang);
	if (t->lang[0] == '\0' && (t->script == SCRIPT_LATIN || t->script == SCRIPT_NONE))
		snprintf(t->lang, sizeof t->lang, "%s", page);
}

static const char *
direction(enum script s)
{
	return s == SCRIPT_ARABIC || s == SCRIPT_HEBREW ? "rtl" : "ltr";
}

void
tongue_attrs(struct buf *b, const struct tongue *around, struct slice text)
{
	enum script s = tongue_script(text);
	char lang[LANGUAGE_SIZE];

	if (s == SCRIPT_NONE || s == around->script)
		return;
	language_of_line(slice_sub(text, 0, BYTES_MAX), lang);
	if (lang[0])
		html_attr(b, "lang", slice_str(lang));
	html_attr(b, "dir", slice_str(lang[0] ? text_direction(lang) : direction(s)));
}
