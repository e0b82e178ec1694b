/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/digest_reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* How much each sign is worth. One alone counts unless it is the author's, who writes often; the
 * sums of lesser signs do not outweigh a greater one. */
enum {
	FIT_ID = 1000,
	FIT_DATE = 300,
	FIT_CLOCK = 150, /* and author */
	FIT_TEXT = 30,
	FIT_RUNS_MAX = 60, /* one for each run, on top of that */
	FIT_AUTHOR = 20,
	FIT_SUBJECT = 10
};
#define RUNS_MIN 3 /* fewer may be chance, or a phrase */

/* --- subjects --------------------------------------------------------------------------------- */

/* What digests are called, and volumes. */
static const char *const digest_words[] = {
    "digest",     "recueil",        "lot ",         "nachrichtensammlung",
    "resumen de", "resum de",       "дайджест",     "Дайджест",
    "подшивка",   "Подшивка",       "verzamelmail", "sammandrag",
    "sammendrag", "zestaw",         "paczka",       "まとめ読み",
    "摘要",       "özet",           "kokoelma",     "összefoglaló",
    "дајџест",    "збірка",         "Збірка",       "sažetak",
    "samankvæmd", "النشرة المجمعة", "compendio",
};
static const char *const volume_words[] = {
    "vol",  "band", "volym", "tom", "том",    "Том",    "köt",
    "cilt", "bind", "卷",    "巻",  "svazek", "المجلد",
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Where the first of the words begins in s, at any case; s.n if none is there. */
static size_t
find_any(struct slice s, const char *const *words, size_t n)
{
	size_t first = s.n, at;

	for (size_t i = 0; i < n; i++)
		if ((at = slice_find_ci(s, slice_str(words[i]))) < first)
			first = at;
	return first;
}

/* "… 119, Issue 33", "… 1 #371 - 3 msgs", "… 3 巻, 5 号": two numbers, and little behind them. */
static bool
has_two_numbers(struct slice s)
{
	size_t found = 0, i = 0;

	while (i < s.n && found < 2) {
		if (!is_digit(s.p[i])) {
			i++;
			continue;
		}
		found++;
		while (i < s.n && is_digit(s.p[i]))
			i++;
	}
	s = slice_trim(slice_from(s, i));
	return found == 2 && (s.n <= 6 || slice_ends_ci(s, SLICE("msgs")));
}

bool
digest_subject(struct slice subject)
{
	size_t at = find_any(subject, digest_words, COUNT(digest_words)), volume;
	struct slice rest = slice_from(subject, at);

	if (at == subject.n)
		return false;
	volume = find_any(rest, volume_words, COUNT(volume_words));
	if (volume == rest.n)
		return false;
	/* In Japanese the number stands before the volume. */
	if (volume > 2 && is_digit(rest.p[volume - 2]))
		volume -= 2;
	while (volume > 0 && is_digit(rest.p[volume - 1]))
		volume--;
	return has_two_numbers(slice_from(rest, volume));
}

/* "mailman.55.1594828802.23673.list@host": how many numbers with dots lead s? */
static size_t
dotted_numbers(struct slice s)
{
	size_t n = 0, i = 0, begin;

	for (;; n++) {
		for (begin = i; i < s.n && is_digit(s.p[i]);)
			i++;
		if (i == begin || i == s.n || s.p[i] != '.')
			return n;
		i++;
	}
}

bool
digest_id(struct slice msgid, bool *ours)
{
	size_t at = slice_find_char(msgid, '@');

	*ours = slice_starts(msgid, SLICE("digest-")) && at > 7 + 20 && at < msgid.n;
	return *ours || (slice_starts(msgid, SLICE("mailman.")) &&
			 dotted_numbers(slice_from(msgid, 8)) == 3);
}

/* --- how well it fits ------------------------------------------------------------------------- */

static bool
fits_author(const struct digest_evidence *ev, const struct trace *t)
{
	if (ev->address != 0 && ev->address == t->address)
		return true;
	for (size_t i = 0; t->name != 0 && i < ev->nnames; i++)
		if (ev->names[i] == t->name)
			return true;
	return false;
}

/* The day of the month at the date itself, or at a place half the world away. */
static bool
fits_day(uint32_t days, int64_t date)
{
	int year, month, day;

	for (int64_t shift = -43200; shift <= 50400; shift += 13500) {
		clock_civil(date + shift, &year, &month, &day);
		if (days & 1u << day)
			return true;
	}
	return false;
}

int
digest_fit(const struct digest_evidence *ev, const uint8_t key[NODE_KEY_SIZE], int64_t date,
	   const struct trace *t)
{
	bool author = fits_author(ev, t);
	size_t runs = runs_common(ev->runs, ev->nruns, t->runs, t->nruns);
	int fit = 0;

	if (ev->by_id && memcmp(ev->key, key, NODE_KEY_SIZE) == 0)
		fit += FIT_ID;
	if (ev->dated && ev->date == date)
		fit += FIT_DATE;
	else if (author && ev->minute >= 0 && (date / 60) % 15 == ev->minute &&
		 fits_day(ev->days, date))
		fit += FIT_CLOCK;
	if (runs >= RUNS_MIN)
		fit += FIT_TEXT + (int)(runs < FIT_RUNS_MAX ? runs : FIT_RUNS_MAX);
	if (ev->subject != 0 && ev->subject == t->subject)
		fit += FIT_SUBJECT;
	return fit > 0 && author ? fit + FIT_AUTHOR : fit;
}

/* --- as bytes --------------------------------------------------------------------------------- */

struct packed {
	int64_t date;
	uint8_t key[NODE_KEY_SIZE];
	uint32_t days, address, subject, nnames, nruns;
	int32_t minute;
	uint8_t keep_reference, by_id, dated, zero[5];
};

struct slice
digest_pack(const struct digest_evidence *ev, struct arena *a)
{
	struct packed p = {.date = ev->date,
			   .days = ev->days,
			   .address = ev->address,
			   .subject = ev->subject,
			   .nnames = (uint32_t)ev->nnames,
			   .nruns = (uint32_t)ev->nruns,
			   .minute = ev->minute,
			   .keep_reference = ev->keep_reference,
			   .by_id = ev->by_id,
			   .dated = ev->dated};
	size_t names = ev->nnames * sizeof *ev->names, runs = ev->nruns * sizeof *ev->runs;
	char *out = arena_alloc(a, sizeof p + names + runs);

	memcpy(p.key, ev->key, NODE_KEY_SIZE);
	memcpy(out, &p, sizeof p);
	if (names > 0)
		memcpy(out + sizeof p, ev->names, names);
	if (runs > 0)
		memcpy(out + sizeof p + names, ev->runs, runs);
	return slice_make(out, sizeof p + names + runs);
}

bool
digest_unpack(struct digest_evidence *ev, struct arena *a, struct slice bytes)
{
	struct packed p;
	uint32_t *v;

	if (bytes.n < sizeof p)
		return false;
	memcpy(&p, bytes.p, sizeof p);
	bytes = slice_from(bytes, sizeof p);
	if (p.nnames > DIGEST_NAMES_MAX || p.nruns > DIGEST_RUNS_MAX ||
	    bytes.n != (p.nnames + p.nruns) * sizeof *v)
		return false;
	v = arena_alloc(a, bytes.n + 1);
	if (bytes.n > 0)
		memcpy(v, bytes.p, bytes.n);
	*ev = (struct digest_evidence){.keep_reference = p.keep_reference != 0,
				       .by_id = p.by_id != 0,
				       .dated = p.dated != 0,
				       .date = p.date,
				       .minute = p.minute,
				       .days = p.days,
				       .address = p.address,
				       .subject = p.subject,
				       .names = v,
				       .runs = v + p.nnames,
				       .nnames = p.nnames,
				       .nruns = p.nruns};
	memcpy(ev->key, p.key, NODE_KEY_SIZE);
	return true;
}
