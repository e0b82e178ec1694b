/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail/calendar.h"

#include "base/clock.h"
#include "base/num.h"
#include "base/utf8.h"
#include "mail/content_line.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define FIELD_MAX 300     /* letters */
#define DURATION_MAX 9999 /* of one unit */
#define DAY_SECONDS 86400
#define YEAR_MAX 9999 /* four digits, in ISO 8601, too */

struct reader {
	struct arena *arena;
	struct calendar_event *event; /* NULL: outside of one */
	int inner;                    /* alarms and others inside */
	enum calendar_state method;
};

struct word {
	const char *text;
	int value;
};

static const struct word methods[] = {{"REQUEST", CALENDAR_INVITES},
				      {"CANCEL", CALENDAR_CANCELLED},
				      {"REPLY", CALENDAR_ACCEPTED},
				      {"COUNTER", CALENDAR_COUNTER},
				      {"PUBLISH", CALENDAR_PUBLISHED}};
static const struct word answers[] = {{"ACCEPTED", CALENDAR_ACCEPTED},
				      {"DECLINED", CALENDAR_DECLINED},
				      {"TENTATIVE", CALENDAR_MAYBE}};
static const struct word statuses[] = {{"CANCELLED", CALENDAR_CANCELLED},
				       {"TENTATIVE", CALENDAR_TENTATIVE}};
static const struct word rules[] = {{"FREQ=DAILY", CALENDAR_DAILY},
				    {"FREQ=WEEKLY", CALENDAR_WEEKLY},
				    {"FREQ=MONTHLY", CALENDAR_MONTHLY},
				    {"FREQ=YEARLY", CALENDAR_YEARLY}};

static int
find_word(const struct word *table, size_t n, struct slice s, int otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is_ci(slice_trim(s), table[i].text))
			return table[i].value;
	return otherwise;
}

/* --- times ------------------------------------------------------------------------------------ */

static bool
digits(struct slice s, size_t at, size_t n, int min, int max, int *out)
{
	int64_t v;

	if (at + n > s.n || !num_parse(slice_sub(s, at, n), min, max, &v))
		return false;
	*out = (int)v;
	return true;
}

/* The 31st of February is none. */
static bool
is_day(const struct calendar_time *t)
{
	int year, month, day;

	clock_civil(clock_from_civil(t->year, t->month, t->day, 0, 0, 0), &year, &month, &day);
	return day == t->day;
}

/* "20261122", "20261122T140000", "20261122T140000Z" (RFC 5545 3.3.4, 3.3.5). */
static void
take_time(struct calendar_time *t, const struct content_line *line)
{
	struct slice s = slice_trim(line->value);
	struct calendar_time v = {.whole_day = true};

	if (!digits(s, 0, 4, 1, YEAR_MAX, &v.year) || !digits(s, 4, 2, 1, 12, &v.month) ||
	    !digits(s, 6, 2, 1, 31, &v.day) || !is_day(&v))
		return;
	if (s.n >= 13 && s.p[8] == 'T') {
		if (!digits(s, 9, 2, 0, 23, &v.hour) || !digits(s, 11, 2, 0, 59, &v.minute))
			return;
		v.whole_day = false;
		v.utc = s.p[s.n - 1] == 'Z';
		v.zone = v.utc ? SLICE("") : content_parameter(line, "TZID");
	}
	*t = v;
}

/* "PT1H30M", "P1D" (RFC 5545 3.3.6) in seconds; 0 if it is none. */
static int64_t
duration(struct slice s)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'W', 604800}, {'D', DAY_SECONDS}, {'H', 3600}, {'M', 60}, {'S', 1}};
	int64_t sum = 0, v;

	s = slice_trim(s);
	if (!slice_starts(s, SLICE("P")))
		return 0;
	for (s = slice_from(s, 1); s.n > 0;) {
		size_t n = 0;

		if (*s.p == 'T') {
			s = slice_from(s, 1);
			continue;
		}
		while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
			n++;
		if (n == s.n || !num_parse(slice_sub(s, 0, n), 0, DURATION_MAX, &v))
			return 0;
		for (size_t i = 0; i < COUNT(units); i++)
			if (units[i].unit == s.p[n])
				sum += v * units[i].seconds;
		s = slice_from(s, n + 1);
	}
	return sum;
}

static void
take_duration(struct calendar_event *e, struct slice value)
{
	struct calendar_time *t = &e->end;
	int64_t seconds = duration(value), end;

	if (seconds == 0 || e->start.year == 0 || e->end.year != 0)
		return;
	*t = e->start;
	end = clock_from_civil(t->year, t->month, t->day, t->hour, t->minute, 0) + seconds;
	clock_civil(end, &t->year, &t->month, &t->day);
	if (t->year > YEAR_MAX) {
		*t = (struct calendar_time){.year = 0};
		return;
	}
	end -= clock_from_civil(t->year, t->month, t->day, 0, 0, 0);
	t->hour = (int)(end / 3600);
	t->minute = (int)(end / 60 % 60);
}

/* --- events ----------------------------------------------------------------------------------- */

static struct slice
field(struct arena *a, const struct content_line *line)
{
	return utf8_head(utf8_cleaned(a, content_text(a, line)), FIELD_MAX);
}

static struct slice
person(struct arena *a, const struct content_line *line)
{
	struct slice name = content_parameter(line, "CN"), s = slice_trim(line->value);

	if (slice_trim(name).n == 0)
		name = slice_starts_ci(s, SLICE("mailto:")) ? slice_from(s, 7) : s;
	return utf8_head(utf8_cleaned(a, slice_trim(name)), FIELD_MAX);
}

static void
take_rule(struct calendar_event *e, struct slice value)
{
	struct slice one;

	while (value.n > 0) {
		slice_cut(value, ';', &one, &value);
		e->repeats =
		    (enum calendar_repeats)find_word(rules, COUNT(rules), one, (int)e->repeats);
	}
}

static void
take_line(struct reader *r, const struct content_line *line)
{
	struct calendar_event *e = r->event;

	if (content_is(line, "SUMMARY"))
		e->summary = field(r->arena, line);
	else if (content_is(line, "LOCATION"))
		e->location = field(r->arena, line);
	else if (content_is(line, "ORGANIZER"))
		e->organizer = person(r->arena, line);
	else if (content_is(line, "DTSTART"))
		take_time(&e->start, line);
	else if (content_is(line, "DTEND") || content_is(line, "DUE"))
		take_time(&e->end, line);
	else if (content_is(line, "DURATION"))
		take_duration(e, line->value);
	else if (content_is(line, "RRULE"))
		take_rule(e, line->value);
	else if (content_is(line, "STATUS"))
		e->state = (enum calendar_state)find_word(statuses, COUNT(statuses), line->value,
							  (int)e->state);
	else if (content_is(line, "ATTENDEE") && r->method == CALENDAR_ACCEPTED)
		e->state = (enum calendar_state)find_word(
		    answers, COUNT(answers), content_parameter(line, "PARTSTAT"), (int)e->state);
}

static bool
is_event(struct slice value)
{
	return slice_is_ci(value, "VEVENT") || slice_is_ci(value, "VTODO");
}

size_t
calendar_parse(struct arena *a, struct slice text, struct calendar_event **out)
{
	struct reader r = {.arena = a, .method = CALENDAR_PUBLISHED};
	struct content_line line;
	size_t n = 0;

	*out = arena_array(a, CALENDAR_EVENTS_MAX, sizeof **out);
	text = content_unfold(a, text);
	while (content_next(&text, &line)) {
		struct slice value = slice_trim(line.value);
		bool begins = content_is(&line, "BEGIN"), ends = content_is(&line, "END");

		if (!r.event && content_is(&line, "METHOD"))
			r.method = (enum calendar_state)find_word(methods, COUNT(methods), value,
								  (int)r.method);
		else if (!r.event && begins && is_event(value) && n < CALENDAR_EVENTS_MAX) {
			r.event = &(*out)[n++];
			r.event->state = r.method;
			r.inner = 0;
		} else if (r.event && ends && is_event(value))
			r.event = NULL;
		else if (r.event && (begins || ends))
			r.inner += begins - ends;
		else if (r.event && r.inner == 0)
			take_line(&r, &line);
	}
	return n;
}
