/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attribution: what the words of attribution_words.h mean where they stand. A word alone proves
 * nothing: an attribution has a verb and a colon at its end, and a date or an address unless it is
 * short.
 */
#include "mail/attribution.h"

#include "mail/attribution_words.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define ATTRIBUTION_MAX 500 /* bytes; with long names and addresses they stay under 300 */
#define SHORT_MAX 70        /* "Jane Doe wrote:" */
#define LABEL_MAX 400
#define DEVICE_MAX 50
#define RULE_MIN 20 /* signs */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
has_time(struct slice s)
{
	for (size_t i = 1; i + 2 < s.n; i++)
		if (s.p[i] == ':' && is_digit(s.p[i - 1]) && is_digit(s.p[i + 1]) &&
		    is_digit(s.p[i + 2]))
			return true;
	return false;
}

/* A year, a time, or an address: what a sentence that happens to say "wrote:" rarely has. */
static bool
has_evidence(struct slice s)
{
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		digits = is_digit(s.p[i]) ? digits + 1 : 0;
		if (s.p[i] == '@' || digits == 4)
			return true;
	}
	return has_time(s);
}

static bool
ends_in_colon(struct slice s)
{
	static const char *const colons[] = {":", "：", ": »", ":\xc2\xa0"};
	for (size_t i = 0; i < COUNT(colons); i++)
		if (slice_ends_ci(s, slice_str(colons[i])))
			return true;
	return false;
}

static bool
ends_in_verb(struct slice s)
{
	while (s.n > 0 && (s.p[s.n - 1] == ':' || s.p[s.n - 1] == ' '))
		s.n--;
	return attribution_words_end(&attribution_verbs, s);
}

/* A time, or four digits that could be a year. */
static bool
has_date(struct slice s)
{
	size_t digits = 0;
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && is_digit(s.p[i])) {
			digits++;
			continue;
		}
		if (digits == 4 && (s.p[i - 4] == '1' || s.p[i - 4] == '2'))
			return true;
		digits = 0;
	}
	return has_time(s);
}

bool
attribution_opens(struct slice line)
{
	line = slice_trim(line);
	bool date = line.n > 8 && is_digit(line.p[0]) && has_evidence(line);
	return date || (attribution_words_begin(&attribution_openers, line) && has_evidence(line));
}

bool
attribution_is(struct slice text)
{
	text = slice_trim(text);
	if (text.n == 0 || text.n > ATTRIBUTION_MAX)
		return false;
	bool colon = ends_in_colon(text);
	bool verb = attribution_words_are_in(&attribution_verbs, text);
	bool evidence = has_evidence(text);
	if (colon && verb && (evidence || text.n <= SHORT_MAX))
		return true;
	if (colon && attribution_words_begin(&attribution_quoting, text))
		return true;
	if (slice_ends_ci(text, SLICE(">:")) && slice_find_char(text, '<') < text.n && evidence)
		return true; /* "сб, 11 мая 2019 г. в 23:19, Jane <jane@example.org>:" */
	bool address = memchr(text.p, '@', text.n) != NULL;
	bool closed = colon || text.p[text.n - 1] == '>';
	if (colon && address && has_time(text)) /* "Jan 24, 2021, 03:40 by jane@example.org:" */
		return true;
	if (closed && address && is_digit(text.p[0]) && evidence) /* "2012/5/5 Jane <j@x>" */
		return true;
	return verb && evidence && attribution_opens(text);
}

/* "On … john@example.org wrote" and "---- On … wrote ----" lost or hid their colon. */
bool
attribution_is_plain(struct slice text)
{
	text = slice_trim(text);
	while (text.n > 0 && (text.p[0] == '-' || text.p[0] == ' '))
		text = slice_from(text, 1);
	while (text.n > 0 && (text.p[text.n - 1] == '-' || text.p[text.n - 1] == ' '))
		text.n--;
	if (text.n == 0 || text.n > ATTRIBUTION_MAX)
		return false;
	bool address = memchr(text.p, '@', text.n) != NULL;
	bool colon = ends_in_colon(text);
	if (attribution_opens(text) && attribution_words_are_in(&attribution_verbs, text))
		return colon || (address && ends_in_verb(text));
	return colon && address && has_date(text) &&
	       (ends_in_verb(text) || slice_ends_ci(text, SLICE(">:")));
}

bool
attribution_is_rule(struct slice line)
{
	line = slice_trim(line);
	if (line.n < RULE_MIN)
		return false;
	for (size_t i = 0; i < line.n; i++)
		if (!memchr("_-=*~", line.p[i], 5))
			return false;
	return true;
}

bool
attribution_is_separator(struct slice line)
{
	line = slice_trim(line);
	size_t marks = 0;
	while (marks < line.n && (line.p[marks] == '-' || line.p[marks] == '_'))
		marks++;
	if (marks < 2)
		return false;
	line = slice_trim(slice_from(line, marks));
	while (line.n > 0 && (line.p[line.n - 1] == '-' || line.p[line.n - 1] == '_'))
		line.n--;
	line = slice_trim(line);
	return attribution_words_are(&attribution_separators, line);
}

bool
attribution_is_forward(struct slice line)
{
	line = slice_trim(line);
	return line.n <= SHORT_MAX && attribution_words_are_in(&attribution_forwards, line);
}

/* "*From:* x" is how bold is written in plain text. */
unsigned
attribution_label(struct slice line)
{
	line = slice_trim(line);
	if (line.n > 0 && line.p[0] == '*')
		line = slice_from(line, 1);
	if (line.n > LABEL_MAX ||
	    (slice_find_char(line, ':') == line.n && slice_find(line, SLICE("：")) == line.n))
		return 0; /* almost all lines */
	for (size_t i = 0; i < attribution_nlabels; i++) {
		struct slice text = slice_str(attribution_labels[i].text);
		if (!slice_starts_ci(line, text))
			continue;
		struct slice rest = slice_trim(slice_from(line, text.n));
		if (slice_starts(rest, SLICE("\xc2\xa0")))
			rest = slice_from(rest, 2);
		if (slice_starts(rest, SLICE(":")) || slice_starts(rest, SLICE("：")) ||
		    slice_starts(rest, SLICE("*:")))
			return attribution_labels[i].bit;
	}
	return 0;
}

bool
attribution_says_inline(struct slice line)
{
	return attribution_words_are_in(&attribution_inlines, line);
}

bool
attribution_is_device(struct slice line)
{
	line = slice_trim(line);
	while (line.n > 0 && (line.p[0] == '-' || line.p[0] == '<' || line.p[0] == ' '))
		line = slice_from(line, 1);
	line.n = slice_find_char(line, '<'); /* a shop's address may follow */
	return line.n <= DEVICE_MAX && attribution_words_begin(&attribution_devices, line) &&
	       attribution_words_are_in(&attribution_products, line);
}

bool
attribution_is_footer(struct slice line)
{
	return attribution_words_are_in(&attribution_footers, line);
}
