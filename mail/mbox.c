/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mbox: cutting mailbox files into messages and writing them. The one question that the format
 * leaves open, whether a line that begins with "From " begins a message, is answered by what a From
 * line must have besides: a date. Each byte of a file is searched once.
 */
#include "config.h"
#include "mail/mbox.h"

#include <stdint.h>
#include <time.h>

#include "mail/field.h"

#define FROM_WORDS_MAX 16 /* "From a at b  Mon, 01 Jan 2001 00:00:00 +0000 (CET) remote from x" */
#define FROM_LINE_MAX 1000

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekdays[] = "SunMonTueWedThuFriSat";

/* What a word of a date can be; each may stand in it once. */
enum date_word { WEEKDAY = 1, MONTH = 2, DAY = 4, YEAR = 8, TIME = 16, ZONE = 32 };

static bool
in_table(struct slice w, const char *table)
{
	for (; w.n == 3 && *table; table += 3)
		if (slice_eq_ci(w, slice_make(table, 3)))
			return true;
	return false;
}

/* The number of digits at the start of s. */
static size_t
digits(struct slice s)
{
	size_t n = 0;
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

static bool
is_time(struct slice w)
{
	size_t hours = digits(w), minutes;
	if (hours < 1 || hours > 2 || hours == w.n || w.p[hours] != ':')
		return false;
	w = slice_from(w, hours + 1);
	minutes = digits(w);
	return minutes == 2 && (w.n == 2 || (w.p[2] == ':' && digits(slice_from(w, 3)) >= 2));
}

static bool
is_zone(struct slice w)
{
	if (w.n == 5 && (w.p[0] == '+' || w.p[0] == '-') && digits(slice_from(w, 1)) == 4)
		return true;
	for (size_t i = 0; i < w.n; i++)
		if (!(w.p[i] >= 'A' && w.p[i] <= 'Z') && w.p[i] != '(' && w.p[i] != ')')
			return false;
	return w.n >= 1 && w.n <= 7;
}

static int
date_word(struct slice w)
{
	if (w.n && w.p[w.n - 1] == ',')
		w.n--;
	if (in_table(w, weekdays))
		return WEEKDAY;
	if (in_table(w, months))
		return MONTH;
	if (digits(w) == w.n && (w.n == 1 || w.n == 2))
		return DAY;
	if (digits(w) == w.n && w.n == 4)
		return YEAR;
	if (is_time(w))
		return TIME;
	return is_zone(w) ? ZONE : 0;
}

/* The words of a date from the i-th on, in any order that a mailer chose (ctime's, RFC 5322's,
 * with the zone before or behind the year). Zones may be two: "+0000 (UTC)". */
static bool
date_from(const struct slice *words, size_t n, size_t i)
{
	int seen = 0;
	for (; i < n; i++) {
		int kind = date_word(words[i]);
		if (kind == 0 && (seen & TIME) && slice_is(words[i], "remote"))
			break; /* UUCP: "remote from HOST" */
		if (kind == 0 || (kind != ZONE && (seen & kind)))
			return false;
		seen |= kind;
	}
	return (seen & (MONTH | DAY | YEAR | TIME)) == (MONTH | DAY | YEAR | TIME);
}

/* "2001-01-31", alone or with a time, as some archivers wrote it. */
static bool
iso_date(struct slice w)
{
	return w.n >= 10 && digits(w) == 4 && w.p[4] == '-' && digits(slice_from(w, 5)) == 2 &&
	       w.p[7] == '-' && digits(slice_from(w, 8)) == 2;
}

/* The sender: one word or none, "x at y" as pipermail writes it, or anything with an '@' in it. */
static bool
is_sender(const struct slice *words, size_t n)
{
	if (n <= 1 || (n == 3 && slice_is_ci(words[1], "at")))
		return true;
	for (size_t i = 0; i < n; i++)
		if (slice_find_char(words[i], '@') < words[i].n || slice_is(words[i], "at"))
			return true;
	return false;
}

static bool
is_from_line(struct slice line)
{
	struct slice words[FROM_WORDS_MAX], rest = slice_from(line, 5);
	size_t n = 0;
	if (!slice_starts(line, SLICE("From ")) || line.n > FROM_LINE_MAX)
		return false;
	while (n < FROM_WORDS_MAX && slice_next_word(&rest, &words[n]))
		n++;
	for (size_t i = 0; i < n; i++)
		if ((date_from(words, n, i) || iso_date(words[i])) && is_sender(words, i))
			return true;
	return false;
}

/* The line at the start of s, if it is a From line; *rest behind it. */
static bool
take_from_line(struct slice s, struct slice *line, struct slice *rest)
{
	struct slice after = s, text;
	if (!slice_starts(s, SLICE("From ")) || !slice_next_line(&after, &text) ||
	    !is_from_line(text))
		return false;
	*line = text;
	*rest = after;
	return true;
}

/* Where the next message begins in s: at a From line behind an empty line, or (pipermail's archives
 * have none there) before a header field; s.n if none does. */
static size_t
next_start(struct slice s)
{
	struct slice rest = s, line, behind;
	struct field f;
	for (;;) {
		size_t at = slice_find(rest, SLICE("\nFrom "));
		if (at == rest.n)
			return s.n;
		rest = slice_from(rest, at + 1);
		size_t start = s.n - rest.n, before = start - 1;
		if (before > 0 && s.p[before - 1] == '\r')
			before--;
		if (take_from_line(rest, &line, &behind) &&
		    (before == 0 || s.p[before - 1] == '\n' || field_next(&behind, &f)))
			return start;
	}
}

/* Without the empty line at its end that separates it from the next one. */
static struct slice
without_separator(struct slice raw)
{
	size_t n = raw.n;
	if (n == 0 || raw.p[n - 1] != '\n')
		return raw;
	n--;
	if (n && raw.p[n - 1] == '\r')
		n--;
	return n == 0 || raw.p[n - 1] == '\n' ? slice_sub(raw, 0, n) : raw;
}

bool
mbox_next(struct slice *rest, struct slice *from_line, struct slice *raw)
{
	struct slice s = *rest;
	*from_line = SLICE("");
	if (s.n == 0)
		return false;
	take_from_line(s, from_line, &s);
	/* A From line right behind a From line is an empty message's. */
	struct slice line, behind;
	size_t n = take_from_line(s, &line, &behind) ? 0 : next_start(s);
	*raw = without_separator(slice_sub(s, 0, n));
	*rest = slice_from(s, n);
	return true;
}

/* Is it a line of one or more '>' and "From "? */
static bool
is_quoted_from(struct slice line)
{
	size_t n = 0;
	while (n < line.n && line.p[n] == '>')
		n++;
	return n > 0 && slice_starts(slice_from(line, n), SLICE("From "));
}

struct slice
mbox_unquote(struct buf *b, struct slice raw)
{
	struct slice rest = raw, pending = raw, line;
	bool changed = false;
	while (rest.n) {
		/* To the next line that begins with '>'. */
		if (rest.p[0] != '>') {
			size_t at = slice_find(rest, SLICE("\n>"));
			rest = slice_from(rest, at + 1);
			continue;
		}
		struct slice start = rest;
		field_take_line(&rest, &line);
		if (!is_quoted_from(line))
			continue;
		changed = true;
		buf_put_slice(b, slice_sub(pending, 0, pending.n - start.n));
		pending = slice_from(start, 1);
	}
	if (!changed)
		return raw;
	buf_put_slice(b, pending);
	return buf_slice(b);
}

static void
put_from_line(struct buf *b, struct slice sender, long long t)
{
	time_t when = (time_t)t;
	struct tm tm;
	buf_puts(b, "From ");
	sender = slice_trim(sender);
	if (sender.n == 0)
		sender = SLICE("MAILER-DAEMON");
	for (size_t i = 0; i < sender.n; i++)
		buf_putc(b, (unsigned char)sender.p[i] <= ' ' || sender.p[i] == 0x7f ? '-'
										     : sender.p[i]);
	/* The names are the format's, not the locale's: no strftime. */
	if (!gmtime_r(&when, &tm))
		tm = (struct tm){.tm_year = 70, .tm_mday = 1, .tm_wday = 4};
	buf_printf(b, " %.3s %.3s %2d %02d:%02d:%02d %04d\n", weekdays + 3 * tm.tm_wday,
		   months + 3 * tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		   tm.tm_year + 1900);
}

void
mbox_put(struct buf *b, struct slice sender, long long t, struct slice bytes)
{
	struct slice line;
	put_from_line(b, sender, t);
	while (field_take_line(&bytes, &line)) {
		if (slice_starts(line, SLICE("From ")) || is_quoted_from(line))
			buf_putc(b, '>');
		if (line.n >= 2 && line.p[line.n - 1] == '\n' && line.p[line.n - 2] == '\r')
			line.n -= 2;
		else if (line.p[line.n - 1] == '\n')
			line.n--;
		buf_put_slice(b, line);
		buf_putc(b, '\n');
	}
	buf_putc(b, '\n');
}
