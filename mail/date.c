/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * date: the Date field as real mail has it.
 *
 * Our own and not libetpan's, which refused 46 of 1,368 real dates and accepted 31 February, 25:61
 * and years that no calendar has. Instead of one grammar, tokens are taken as they come and each
 * fills the slot it can only mean (a word of the month table, h:m:s, four digits, …): RFC 5322,
 * RFC 850, ctime and ISO 8601 orders all come out right. Two rules keep it honest: a slot is filled
 * once, and at the end everything is checked against the calendar.
 */
#include "mail/header.h"

#include "base/clock.h"
#include "mail/guard.h"

#define YEAR_MIN 1970
#define YEAR_MAX 2262   /* nanoseconds since 1970 in 64 bits end here; so do our neighbours' */
#define DATE_LENGTH 512 /* real ones, with comments, stay under 100 */

struct date {
	int year, month, day; /* -1: not seen */
	int hour, minute, second;
	int zone;         /* minutes east of UTC */
	bool month_first; /* the month stood before the day: it may have been a day's name */
	bool has_zone, from_utc_name;
	int pm; /* 1 PM, 0 AM, -1 neither */
};

struct word_value {
	const char *word;
	int value;
};

/* Months by the beginnings that tell them apart; other languages as mailers were seen to write. */
static const struct word_value months[] = {
    {"jan", 1},  {"feb", 2},  {"mar", 3},  {"apr", 4},  {"may", 5},  {"jun", 6},  {"jul", 7},
    {"aug", 8},  {"sep", 9},  {"oct", 10}, {"nov", 11}, {"dec", 12}, {"mai", 5},  {"okt", 10},
    {"dez", 12}, {"ene", 1},  {"abr", 4},  {"ago", 8},  {"dic", 12}, {"fev", 2},  {"avr", 4},
    {"mei", 5},  {"gen", 1},  {"mag", 5},  {"giu", 6},  {"lug", 7},  {"juin", 6}, {"juil", 7},
    {"set", 9},  {"ott", 10}, {"out", 10}, {"maj", 5},
};

/* Longer names, so that "sepia" is no month: what may follow the three letters. */
static const char *const month_rests[] = {
    "uary", "ruary", "ch", "il", "e",  "y",  "ust",   "tember", "t",    "ober",  "ember",
    "uar",  "ruar",  "z",  "i",  "li", "ni", "ember", "tembre", "obre", "embre", "iembre"};

static const struct word_value zones[] = {
    {"ut", 0},         {"utc", 0},        {"gmt", 0},        {"z", 0},       {"wet", 0},
    {"west", 60},      {"bst", 60},       {"cet", 60},       {"met", 60},    {"mez", 60},
    {"cest", 120},     {"mest", 120},     {"mesz", 120},     {"eet", 120},   {"eest", 180},
    {"sast", 120},     {"msk", 180},      {"msd", 240},      {"idt", 180},   {"ist", 330},
    {"sgt", 480},      {"hkt", 480},      {"awst", 480},     {"jst", 540},   {"kst", 540},
    {"acst", 570},     {"acdt", 630},     {"aest", 600},     {"aedt", 660},  {"nzst", 720},
    {"nzdt", 780},     {"nst", -210},     {"ndt", -150},     {"ast", -240},  {"adt", -180},
    {"est", -300},     {"edt", -240},     {"cst", -360},     {"cdt", -300},  {"mst", -420},
    {"mdt", -360},     {"pst", -480},     {"pdt", -420},     {"akst", -540}, {"akdt", -480},
    {"hst", -600},     {"brt", -180},     {"brst", -120},    {"art", -180},  {"est5edt", -300},
    {"cst6cdt", -360}, {"mst7mdt", -420}, {"pst8pdt", -480},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char
peek(struct slice s)
{
	return s.n > 0 ? s.p[0] : '\0';
}

/* Takes a run of digits; the value saturates well above any that is used. Returns how many. */
static int
take_number(struct slice *s, int *value)
{
	int n = 0, v = 0;
	while (s->n > 0 && is_digit(s->p[0])) {
		if (v < 100000000)
			v = v * 10 + (s->p[0] - '0');
		*s = slice_from(*s, 1);
		n++;
	}
	*value = v;
	return n;
}

static bool
look_up(const struct word_value *table, size_t n, struct slice word, int *value)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is_ci(word, table[i].word)) {
			*value = table[i].value;
			return true;
		}
	return false;
}

static bool
find_month(struct slice word, int *month)
{
	if (look_up(months, COUNT(months), word, month))
		return true;
	if (!look_up(months, COUNT(months), slice_sub(word, 0, 3), month))
		return false;
	struct slice rest = slice_from(word, 3);
	for (size_t i = 0; i < COUNT(month_rests); i++)
		if (slice_is_ci(rest, month_rests[i]))
			return true;
	return false;
}

/* Comments nest (RFC 5322 3.2.2); an open one takes all that is left. */
static void
skip_comment(struct slice *s)
{
	size_t i = 0, depth = 0;
	do {
		if (s->p[i] == '\\')
			i++;
		else if (s->p[i] == '(')
			depth++;
		else if (s->p[i] == ')')
			depth--;
		i++;
	} while (i < s->n && depth > 0);
	*s = slice_from(*s, i);
}

/* The rest of h:m:s[.fraction] behind the hour; dots for colons where the locale put them. */
static bool
take_time(struct date *d, struct slice *s, int hour)
{
	char sep = s->p[0];
	if (d->hour >= 0 || hour > 23)
		return false;
	*s = slice_from(*s, 1);
	int digits = take_number(s, &d->minute);
	if (digits < 1 || digits > 2)
		return false;
	d->hour = hour;
	d->second = 0;
	if (peek(*s) == sep && s->n > 1 && is_digit(s->p[1])) {
		*s = slice_from(*s, 1);
		digits = take_number(s, &d->second);
		if (digits > 2)
			return false;
	}
	if ((peek(*s) == '.' || peek(*s) == ',') && s->n > 1 && is_digit(s->p[1])) {
		int fraction;
		*s = slice_from(*s, 1);
		take_number(s, &fraction);
	}
	return true;
}

/* Y-M-D or Y/M/D behind its four digits. False: it was no such thing, nothing is taken. */
static bool
take_iso_rest(struct date *d, struct slice *s, int year)
{
	struct slice t = *s;
	char sep = peek(t);
	int month, day;
	if (d->year >= 0 || (sep != '-' && sep != '/'))
		return false;
	t = slice_from(t, 1);
	int digits = take_number(&t, &month);
	if (digits < 1 || digits > 2 || peek(t) != sep)
		return false;
	t = slice_from(t, 1);
	digits = take_number(&t, &day);
	if (digits < 1 || digits > 2)
		return false;
	d->year = year;
	d->month = month;
	d->day = day;
	*s = t;
	return true;
}

/* "1.7.2003", day first wherever dots are used. False: nothing is taken. */
static bool
take_dotted_date(struct date *d, struct slice *s, int day)
{
	struct slice t = *s;
	int month, year;
	if (d->day >= 0 || d->month >= 0 || peek(t) != '.')
		return false;
	t = slice_from(t, 1);
	int digits = take_number(&t, &month);
	if (digits < 1 || digits > 2 || peek(t) != '.')
		return false;
	t = slice_from(t, 1);
	if (take_number(&t, &year) != 4)
		return false;
	d->day = day;
	d->month = month;
	d->year = year;
	*s = t;
	return true;
}

/* Is this the rest of "10.52.37", as some locales write the time? */
static bool
is_dotted_time(struct slice s)
{
	return s.n >= 6 && s.p[0] == '.' && is_digit(s.p[1]) && is_digit(s.p[2]) && s.p[3] == '.' &&
	       is_digit(s.p[4]) && is_digit(s.p[5]);
}

/* RFC 5322 4.3: two digits are 1950..2049, three are counted from 1900. */
static int
full_year(int value, int digits)
{
	if (digits == 2)
		return value + (value < 50 ? 2000 : 1900);
	return digits == 3 ? value + 1900 : value;
}

/* "20261122", "20261122T101500": ISO 8601's basic format. */
static bool
take_compact(struct date *d, int value, int digits)
{
	if (digits == 8 && d->year < 0) {
		d->year = value / 10000;
		d->month = value / 100 % 100;
		d->day = value % 100;
		return true;
	}
	if (digits == 6 && d->year >= 0 && d->hour < 0) {
		d->hour = value / 10000;
		d->minute = value / 100 % 100;
		d->second = value % 100;
		return d->hour < 24;
	}
	return false;
}

static bool
take_digits(struct date *d, struct slice *s)
{
	int value;
	int digits = take_number(s, &value);
	if (d->day >= 0 && d->year >= 0 && d->hour >= 0)
		return true; /* more behind a whole date means nothing */
	if (digits > 8)
		return false;
	if (digits <= 2 && take_dotted_date(d, s, value))
		return true;
	if (peek(*s) == ':' || (d->hour < 0 && digits <= 2 && is_dotted_time(*s)))
		return take_time(d, s, value);
	if (digits == 4 && take_iso_rest(d, s, value))
		return true;
	if (digits == 8 || digits == 6)
		return take_compact(d, value, digits);
	if (d->day < 0 && digits <= 2) {
		d->day = value;
		return true;
	}
	if (d->year < 0 && (digits == 4 || (d->month > 0 && digits >= 2 && digits <= 3))) {
		d->year = full_year(value, digits);
		return true;
	}
	return false;
}

/* "+0530", "+05:30", "+5". Beyond a day's half, or odd, it says nothing: UTC (RFC 5322 4.3). */
static void
take_zone(struct date *d, struct slice *s, int sign)
{
	int value, minutes;
	int digits = take_number(s, &value);
	if (digits <= 2) {
		value *= 100;
		if (peek(*s) == ':' && s->n > 1 && is_digit(s->p[1])) {
			*s = slice_from(*s, 1);
			take_number(s, &minutes);
			value += minutes < 60 ? minutes : 9999;
		}
	}
	d->has_zone = true;
	d->from_utc_name = false;
	d->zone = value > 1459 || value % 100 > 59 ? 0 : sign * (value / 100 * 60 + value % 100);
}

/* Letters, and digits inside as in "EST5EDT". Other words (the day of the week) mean nothing. */
static void
take_word(struct date *d, struct slice *s)
{
	size_t n = 0;
	while (n < s->n && is_letter(s->p[n]))
		n++;
	if (d->hour >= 0 && n + 1 < s->n && is_digit(s->p[n]) && is_letter(s->p[n + 1]))
		while (n < s->n && (is_letter(s->p[n]) || is_digit(s->p[n])))
			n++;
	struct slice word = slice_sub(*s, 0, n);
	*s = slice_from(*s, n);
	int value;
	if ((d->month < 0 || (d->month_first && d->day >= 0 && d->year < 0)) &&
	    find_month(word, &value)) {
		d->month_first = d->day < 0; /* "Mar, 1 Jul": mardi, martes, martedi */
		d->month = value;
	} else if (d->hour >= 0 && d->pm < 0 &&
		   (slice_is_ci(word, "am") || slice_is_ci(word, "pm")))
		d->pm = (word.p[0] | 0x20) == 'p';
	else if (d->hour >= 0 && !d->has_zone && look_up(zones, COUNT(zones), word, &value)) {
		d->has_zone = true;
		d->zone = value;
		d->from_utc_name = value == 0; /* "GMT+0200" goes on */
	}
}

static bool
take_token(struct date *d, struct slice *s)
{
	char c = s->p[0];
	if (c == '(') {
		skip_comment(s);
		return true;
	}
	if (is_digit(c))
		return take_digits(d, s);
	if (is_letter(c)) {
		take_word(d, s);
		return true;
	}
	bool sign = (c == '+' || c == '-') && s->n > 1 && is_digit(s->p[1]);
	*s = slice_from(*s, 1);
	if (sign && d->hour >= 0 && (!d->has_zone || d->from_utc_name) &&
	    !(c == '-' && d->year < 0))
		take_zone(d, s, c == '+' ? 1 : -1);
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

/* Twelve-hour clock, calendar, ranges. A leap second (RFC 5322 3.3) is the one before it. */
static bool
is_possible(struct date *d)
{
	if (d->pm >= 0) {
		if (d->hour < 1 || (d->hour > 12 && d->pm == 0))
			return false;
		if (d->hour <= 12)
			d->hour = d->hour % 12 + (d->pm ? 12 : 0);
	}
	if (d->second == 60)
		d->second = 59;
	return d->year >= YEAR_MIN && d->year <= YEAR_MAX && d->month >= 1 && d->month <= 12 &&
	       d->day >= 1 && d->day <= days_in_month(d->year, d->month) && d->hour >= 0 &&
	       d->hour < 24 && d->minute < 60 && d->second < 60;
}

bool
date_parse(struct slice raw, int64_t *t)
{
	struct date d = {.year = -1, .month = -1, .day = -1, .hour = -1, .pm = -1};
	struct slice s = slice_sub(raw, 0, DATE_LENGTH);
	size_t semicolon = slice_find_char(s, ';');
	if (semicolon < s.n) /* the date of a Received value stands behind it */
		s = slice_from(s, semicolon + 1);
	while (s.n > 0)
		if (!take_token(&d, &s))
			return false;
	if (d.hour < 0 && d.year >= 0)
		d.hour = d.minute = d.second = 0; /* a date without a time */
	if (!is_possible(&d))
		return false;
	int64_t seconds = clock_from_civil(d.year, d.month, d.day, d.hour, d.minute, d.second) -
			  (int64_t)d.zone * 60;
	if (seconds < 0)
		return false;
	*t = seconds;
	return true;
}
