/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * figures: see figures.h.
 */
#include "daemon/figures.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* What is counted: an event of that kind, and for steps what they do. */
static const struct {
	const char *name, *what, *does;
} counts[] = {
    {"reports", "report", NULL},        {"messages", "step", "message"},
    {"holds", "step", "hold"},          {"suspensions", "step", "suspend"},
    {"lifted", "lift", NULL},           {"appeals", "appeal", NULL},
    {"upheld", "uphold", NULL},         {"overturned", "overturn", NULL},
    {"lapsed", "lapse", NULL},          {"frozen", "freeze", NULL},
    {"emergencies", "emergency", NULL}, {"let-in", "speak", NULL},
};
#define COUNTS (sizeof(counts) / sizeof(counts[0]))

/* What waits for a decision, and which events are one. */
static const struct {
	const char *asks;
	const char *decides[3];
} waits[] = {
    {"report", {"step", "propose", NULL}},
    {"appeal", {"uphold", "overturn", NULL}},
};
#define WAITS (sizeof(waits) / sizeof(waits[0]))

struct numbers {
	int64_t *v;
	size_t n, cap;
};

struct year {
	int year;
	int64_t count[COUNTS];
	struct numbers cases; /* each once */
	struct numbers spans; /* seconds from asking to deciding */
	struct year *next;
};

/* Something asked about a case and not decided. */
struct open {
	size_t wait;
	int64_t case_id, t;
	struct open *next;
};

struct figures {
	struct arena *arena;
	struct year *first, *last; /* events come in order, so do years */
	struct open *open;
};

struct figures *
figures_new(struct arena *a)
{
	struct figures *f = arena_zalloc(a, sizeof(*f));
	f->arena = a;
	return f;
}

static void
push(struct figures *f, struct numbers *to, int64_t v)
{
	if (to->n == to->cap) {
		size_t cap = to->cap ? to->cap * 2 : 16;
		int64_t *more = arena_array(f->arena, cap, sizeof(*more));
		if (to->n)
			memcpy(more, to->v, to->n * sizeof(*more));
		to->v = more;
		to->cap = cap;
	}
	to->v[to->n++] = v;
}

static struct year *
year_of(struct figures *f, int64_t t)
{
	int year, month, day;
	clock_civil(t, &year, &month, &day);
	if (f->last && f->last->year >= year) /* a clock that went back changes no year before */
		return f->last;
	struct year *y = arena_zalloc(f->arena, sizeof(*y));
	y->year = year;
	if (f->last)
		f->last->next = y;
	else
		f->first = y;
	f->last = y;
	return y;
}

static bool
is_among(const char *what, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n && words[i]; i++)
		if (strcmp(words[i], what) == 0)
			return true;
	return false;
}

/* What this event decides is open no more. */
static void
decide(struct figures *f, struct year *y, const struct conduct_event *ev)
{
	for (struct open **at = &f->open; *at;) {
		struct open *o = *at;
		if (o->case_id == ev->case_id && is_among(ev->what, waits[o->wait].decides, 3)) {
			push(f, &y->spans, ev->t - o->t);
			*at = o->next;
		} else {
			at = &o->next;
		}
	}
}

static void
note_case(struct figures *f, struct year *y, int64_t case_id)
{
	for (size_t i = 0; i < y->cases.n; i++)
		if (y->cases.v[i] == case_id)
			return;
	push(f, &y->cases, case_id);
}

void
figures_add(struct figures *f, const struct conduct_event *ev)
{
	struct year *y = year_of(f, ev->t);
	for (size_t i = 0; i < COUNTS; i++)
		y->count[i] += strcmp(counts[i].what, ev->what) == 0 &&
			       (!counts[i].does || strcmp(counts[i].does, ev->does) == 0);
	if (ev->case_id == 0)
		return;
	note_case(f, y, ev->case_id);
	decide(f, y, ev);
	for (size_t i = 0; i < WAITS; i++)
		if (strcmp(waits[i].asks, ev->what) == 0) {
			struct open *o = arena_zalloc(f->arena, sizeof(*o));
			*o = (struct open){i, ev->case_id, ev->t, f->open};
			f->open = o;
		}
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static int64_t
median(const struct numbers *s)
{
	qsort(s->v, s->n, sizeof(*s->v), compare);
	int64_t m = s->n % 2 ? s->v[s->n / 2] : (s->v[s->n / 2 - 1] + s->v[s->n / 2]) / 2;
	return m > 0 ? m : 1; /* at once: and yet something was decided */
}

static void
put_figure(struct buf *out, int year, const char *name, int64_t n)
{
	buf_printf(out, "figure\t%d\t%s\t%" PRId64 "\n", year, name, n);
}

void
figures_put(const struct figures *f, struct buf *out)
{
	for (const struct year *y = f->first; y; y = y->next) {
		for (size_t i = 0; i < COUNTS; i++)
			if (y->count[i] > 0)
				put_figure(out, y->year, counts[i].name, y->count[i]);
		if (y->cases.n > 0)
			put_figure(out, y->year, "cases", (int64_t)y->cases.n);
		if (y->spans.n > 0)
			put_figure(out, y->year, "wait", median(&y->spans));
	}
}
