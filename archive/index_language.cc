/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place that asks cld2. */
#include <cstdio>
#include <cstring>

#include <cld2/public/compact_lang_det.h>

extern "C" {
#include "archive/language.h"
#include "base/utf8.h"
}

namespace
{

const size_t LATIN_MIN = 60; /* letters below which Latin script tells nothing */
const size_t OTHER_MIN = 3;  /* letters of other scripts that are more than a decoration */

/* cld2's older codes and those of BCP 47. */
const struct {
	const char *from, *to;
} renamed[] = {{"iw", "he"}, {"jw", "jv"}, {"un", ""}, {"zz", ""}};

void
put_tag(char tag[LANGUAGE_SIZE], const char *code)
{
	for (const auto &r : renamed)
		if (std::strcmp(code, r.from) == 0)
			code = r.to;
	/* Made-up codes of scripts ("xx-Yiii") are no languages. */
	if (std::strncmp(code, "xx-", 3) == 0 || std::strlen(code) >= LANGUAGE_SIZE)
		code = "";
	std::snprintf(tag, LANGUAGE_SIZE, "%s", code);
}

} // namespace

void
language_of(slice text, char tag[LANGUAGE_SIZE])
{
	bool reliable = false;
	int valid = 0;
	size_t n = text.n < LANGUAGE_SAMPLE ? text.n : LANGUAGE_SAMPLE;

	tag[0] = '\0';
	while (n > 0 && n < text.n && (static_cast<unsigned char>(text.p[n]) & 0xc0) == 0x80)
		n--;
	if (n == 0)
		return;
	CLD2::Language l =
	    CLD2::DetectLanguageCheckUTF8(text.p, static_cast<int>(n), true, &reliable, &valid);
	if (reliable)
		put_tag(tag, CLD2::LanguageCode(l));
}

void
language_of_line(slice line, char tag[LANGUAGE_SIZE])
{
	slice rest = line;
	size_t latin = 0, other = 0;
	uint32_t cp;

	tag[0] = '\0';
	while (utf8_next(&rest, &cp)) {
		if ((cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z') ||
		    (cp >= 0xc0 && cp < 0x250))
			latin++;
		else if (cp >= 0x370 && !(cp >= 0x2000 && cp < 0x3000) && cp < 0x1f000)
			other++;
	}
	if (latin >= LATIN_MIN || (other >= OTHER_MIN && other > latin / 2))
		language_of(line, tag);
	if (tag[0] && other == 0 && latin < line.n / 2)
		tag[0] = '\0'; /* more signs than letters: code */
}
