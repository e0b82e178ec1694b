/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"

#define RECORD_MAX ((size_t)64 << 20)
#define LATE (24 * 3600) /* an event that is not in the log by then waits for something */

/* --- the file --------------------------------------------------------------------------------- */

static bool
take_number(struct slice *rest, int64_t *n)
{
	struct slice field;

	slice_cut(*rest, '\t', &field, rest);
	return num_parse(field, 0, INT64_MAX, n);
}

static bool
take_event(struct record *r, struct slice rest, bool told)
{
	struct record_event *ev = &r->events[r->nevents];

	*ev = (struct record_event){.told = told};
	if (!take_number(&rest, &ev->id) || !take_number(&rest, &ev->t))
		return false;
	if (told) {
		slice_cut(rest, '\t', &ev->what, &rest);
		slice_cut(rest, '\t', &ev->step, &rest);
		slice_cut(rest, '\t', &ev->member, &rest);
		if (!take_number(&rest, &ev->until))
			return false;
		slice_cut(rest, '\t', &ev->about, &rest);
		if (!take_number(&rest, &ev->refers))
			return false;
		slice_cut(rest, '\t', &ev->rule, &rest);
	}
	ev->seal = rest;
	r->nevents++;
	return rest.n == CHAIN_HASH_LENGTH;
}

static bool
take_figure(struct record *r, struct slice rest)
{
	struct record_figure *f = &r->figures[r->nfigures++];
	int64_t year;

	if (!take_number(&rest, &year) || year > 9999)
		return false;
	f->year = (int)year;
	slice_cut(rest, '\t', &f->name, &rest);
	return num_parse(rest, 0, INT64_MAX, &f->n);
}

static bool
take_group(struct record *r, struct slice rest)
{
	struct record_group *g = &r->groups[r->ngroups++];

	slice_cut(rest, '\t', &g->name, &rest);
	return num_parse(rest, 0, INT64_MAX, &g->members);
}

static bool
take_line(struct record *r, struct slice line)
{
	struct slice kind, rest;

	slice_cut(line, '\t', &kind, &rest);
	if (slice_is(kind, "event") || slice_is(kind, "seal"))
		return take_event(r, rest, slice_is(kind, "event"));
	if (slice_is(kind, "figure"))
		return take_figure(r, rest);
	return slice_is(kind, "group") ? take_group(r, rest) : true;
}

int
record_load(struct record *r, struct arena *a, const struct conf *conf, const char *list,
	    struct err *e)
{
	struct slice text, rest, line;
	size_t lines = 0;

	*r = (struct record){.there = true};
	if (file_read(AT_FDCWD, conf_path(conf, a, "conduct/%s", list), RECORD_MAX, a, &text, e) <
	    0) {
		r->there = false;
		return errno == ENOENT ? 0 : -1;
	}
	for (rest = text; slice_next_line(&rest, &line);)
		lines++;
	r->events = arena_array(a, lines, sizeof *r->events);
	r->figures = arena_array(a, lines, sizeof *r->figures);
	r->groups = arena_array(a, lines, sizeof *r->groups);
	for (rest = text; slice_next_line(&rest, &line);)
		if (!take_line(r, line))
			return err_permanent(e, "conduct/%s has a line that is none: %s", list,
					     log_str(line));
	return 0;
}

int64_t
record_figure(const struct record *r, int year, const char *name)
{
	for (size_t i = 0; i < r->nfigures; i++)
		if (r->figures[i].year == year && slice_is(r->figures[i].name, name))
			return r->figures[i].n;
	return 0;
}

/* --- the log ---------------------------------------------------------------------------------- */

/* What the log has of one event. */
struct sealed {
	int64_t id, logged;
	char seal[CHAIN_HASH_LENGTH];
};
struct sealed_list {
	struct sealed *v;
	size_t n, cap;
};

static int
note_sealed(void *arg, const struct chain_entry *entry, int64_t end, struct err *e)
{
	struct sealed_list *l = arg;
	struct sealed *s;

	(void)end;
	(void)e;
	if (!slice_is(entry->event, STORE_CONDUCT) || entry->sha256.n != CHAIN_HASH_LENGTH)
		return 0;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 256;
		l->v = reallocarray(l->v, l->cap, sizeof *l->v);
		if (!l->v)
			fatal("no memory");
	}
	s = &l->v[l->n];
	if (!num_parse(entry->text, 1, INT64_MAX, &s->id))
		return 0;
	s->logged = entry->logged;
	memcpy(s->seal, entry->sha256.p, CHAIN_HASH_LENGTH);
	l->n++;
	return 0;
}

int64_t
record_seal(struct store *st, const char *list, const struct record *r, struct err *e)
{
	struct sealed_list l = {0};
	int64_t last = 0, n = 0;

	if (r->nevents == 0)
		return 0;
	if (store_walk(st, list, 0, note_sealed, &l, e) < 0) {
		free(l.v);
		return -1;
	}
	for (size_t i = 0; i < l.n; i++)
		last = l.v[i].id > last ? l.v[i].id : last;
	free(l.v);
	for (size_t i = 0; i < r->nevents; i++) {
		const struct record_event *ev = &r->events[i];

		if (ev->id <= last)
			continue;
		if (store_add_conduct(st, list, ev->id, ev->t, ev->seal, e) < 0) {
			store_forget(st);
			return -1;
		}
		n++;
	}
	if (n > 0 && store_sync(st, e) < 0) {
		store_forget(st);
		return -1;
	}
	return n;
}

/* --- both against each other ------------------------------------------------------------------ */

struct verifying {
	struct arena *arena;
	void (*found)(void *arg, const char *text);
	void *arg;
	int64_t findings;
};

static void __attribute__((format(printf, 2, 3))) say(struct verifying *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	v->found(v->arg, arena_vprintf(v->arena, fmt, ap));
	va_end(ap);
	v->findings++;
}

static void
say_gone(struct verifying *v, const struct sealed *s)
{
	say(v, "event %lld of the record of conduct, logged on %s, is not in list.db any more",
	    (long long)s->id, clock_minute(v->arena, s->logged));
}

/* What the log has and list.db has not, or has otherwise. Both rise. */
static void
compare(struct verifying *v, const struct record *r, const struct sealed_list *l, int64_t now)
{
	int64_t last = l->n > 0 ? l->v[l->n - 1].id : 0;
	size_t k = 0;

	for (size_t i = 0; i < r->nevents; i++) {
		const struct record_event *ev = &r->events[i];

		for (; k < l->n && l->v[k].id < ev->id; k++)
			say_gone(v, &l->v[k]);
		if (k < l->n && l->v[k].id == ev->id) {
			if (memcmp(l->v[k].seal, ev->seal.p, CHAIN_HASH_LENGTH) != 0)
				say(v,
				    "event %lld of the record of conduct in list.db is not the one "
				    "that was logged on %s",
				    (long long)ev->id, clock_minute(v->arena, l->v[k].logged));
			k++;
		} else if (ev->id < last) {
			say(v,
			    "event %lld of the record of conduct in list.db was never logged, "
			    "though later ones were: it was put in afterwards",
			    (long long)ev->id);
		} else if (ev->t + LATE < now) {
			say(v,
			    "event %lld of the record of conduct, of %s, is not in the list's log: "
			    "its end was cut off, or plenaryd has not run since",
			    (long long)ev->id, clock_minute(v->arena, ev->t));
		}
	}
	for (; k < l->n; k++)
		say_gone(v, &l->v[k]);
}

int64_t
record_verify(struct store *st, const char *list, const struct record *r, int64_t now,
	      void (*found)(void *arg, const char *text), void *arg, struct err *e)
{
	struct verifying v = {.arena = arena_new(), .found = found, .arg = arg};
	struct sealed_list l = {0};
	int64_t ret = -1, before = 0;

	if (store_walk(st, list, 0, note_sealed, &l, e) < 0)
		goto out;
	for (size_t i = 0; i < l.n; i++) {
		if (l.v[i].id <= before)
			say(&v, "event %lld of the record of conduct is in the log twice",
			    (long long)l.v[i].id);
		before = l.v[i].id;
	}
	compare(&v, r, &l, now);
	ret = v.findings;
out:
	free(l.v);
	arena_free(v.arena);
	return ret;
}
