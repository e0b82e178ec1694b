/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dates, sizes and spans as people read them (declared in text.h). A month is one phrase with its
 * day and year, since languages bend month names and order the three as they like.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "conf/text.h"

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

/* TRANSLATORS: the first one is the day, the second one the year. */
static const char *const day_phrases[] = {
    N_("%s January %d"),   N_("%s February %d"), N_("%s March %d"),    N_("%s April %d"),
    N_("%s May %d"),       N_("%s June %d"),     N_("%s July %d"),     N_("%s August %d"),
    N_("%s September %d"), N_("%s October %d"),  N_("%s November %d"), N_("%s December %d"),
};

static const char *const month_phrases[] = {
    N_("January %d"),   N_("February %d"), N_("March %d"),    N_("April %d"),
    N_("May %d"),       N_("June %d"),     N_("July %d"),     N_("August %d"),
    N_("September %d"), N_("October %d"),  N_("November %d"), N_("December %d"),
};

/*
 * Puts the two values into a phrase for its %s and %d, numbered (%2$s) or not: the letter tells
 * them apart. By hand, since a catalogue's phrase should never be printf's format where it need not
 * be.
 */
static char *
fill(struct arena *a, const char *phrase, const char *word, int number)
{
	struct buf b;
	char *text;

	buf_init(&b, BUF_NO_LIMIT);
	for (; *phrase; phrase++) {
		size_t skip = 1;

		if (phrase[0] == '%' && phrase[1] >= '1' && phrase[1] <= '9' && phrase[2] == '$')
			skip = 3;
		if (phrase[0] == '%' && phrase[skip] == 's')
			buf_puts(&b, word);
		else if (phrase[0] == '%' && phrase[skip] == 'd')
			buf_put_int(&b, number);
		else
			skip = 0;
		if (!skip)
			buf_putc(&b, *phrase);
		phrase += skip;
	}
	text = arena_str(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

char *
text_date(struct arena *a, const char *lang, int64_t t)
{
	int year, month, day;
	const char *number;

	clock_civil(t, &year, &month, &day);
	/* TRANSLATORS: the first day of a month, as in "1 May 2026" (in French "1er"). */
	number = day == 1 ? text_phrase(lang, "1") : arena_printf(a, "%d", day);
	return fill(a, text_phrase(lang, day_phrases[month - 1]), number, year);
}

char *
text_date_time(struct arena *a, const char *lang, int64_t t)
{
	int64_t second = ((t % DAY) + DAY) % DAY;

	/* TRANSLATORS: a date and a time, as in "22 November 2026, 14:49 UTC". */
	return arena_printf(a, text_phrase(lang, "%s, %02d:%02d UTC"), text_date(a, lang, t),
			    (int)(second / HOUR), (int)(second % HOUR / MINUTE));
}

char *
text_month(struct arena *a, const char *lang, int year, int month)
{
	if (month < 1 || month > 12)
		return arena_printf(a, "%d", year);
	return fill(a, text_phrase(lang, month_phrases[month - 1]), "", year);
}

char *
text_size(struct arena *a, const char *lang, int64_t bytes)
{
	static const char *const units[] = {N_("%s KB"), N_("%s MB"), N_("%s GB")};
	int64_t tenths, unit = 1024;
	const char *number;
	size_t i = 0;

	if (bytes < 0)
		bytes = 0;
	if (bytes < 1024)
		return fill(a, text_plural(lang, "%s byte", "%s bytes", (uint64_t)bytes),
			    arena_printf(a, "%" PRId64, bytes), 0);
	while (i + 1 < sizeof(units) / sizeof(*units) && bytes / 1024 >= unit) {
		unit *= 1024;
		i++;
	}
	tenths = bytes / unit * 10 + bytes % unit * 10 / unit;
	/* TRANSLATORS: a decimal fraction, as in 1.5 */
	number = tenths < 100 && tenths % 10 ? arena_printf(a, text_phrase(lang, "%d.%d"),
							    (int)(tenths / 10), (int)(tenths % 10))
					     : arena_printf(a, "%" PRId64, tenths / 10);
	return fill(a, text_phrase(lang, units[i]), number, 0);
}

char *
text_span(struct arena *a, const char *lang, int64_t seconds)
{
	static const struct {
		int64_t length;
		const char *one, *many;
	} units[] = {
	    {DAY, N_PLURAL("%s day", "%s days")},
	    {HOUR, N_PLURAL("%s hour", "%s hours")},
	    {MINUTE, N_PLURAL("%s minute", "%s minutes")},
	    {1, N_PLURAL("%s second", "%s seconds")},
	};
	size_t i = 0;
	int64_t n;

	if (seconds < 0)
		seconds = 0;
	/* The greatest unit that it is a multiple of, or at least two of. */
	while (units[i].length > 1 &&
	       (seconds == 0 || (seconds % units[i].length != 0 && seconds < 2 * units[i].length)))
		i++;
	n = (seconds + units[i].length / 2) / units[i].length;
	return fill(a, text_plural(lang, units[i].one, units[i].many, (uint64_t)n),
		    arena_printf(a, "%" PRId64, n), 0);
}
