/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * speaking: see speaking.h.
 */
#include "daemon/speaking.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/speakers.h"
#include "conf/text.h"
#include "daemon/tidings.h"

/* --- let in ----------------------------------------------------------------------------------- */

/* 1 and *until, 0, -1. */
static int
find(struct db *db, const char *list, const char *canonical, int64_t now, int64_t *until,
     struct err *e)
{
	return db_one_int(db, e, until,
			  "SELECT until FROM speaking WHERE list = ?1 AND address = ?2"
			  " AND (until = 0 OR until > ?3)",
			  "tti", list, canonical, now);
}

/* The end of the term that this address is in. */
static bool
appointed_until(const struct conf_list *l, struct slice address, int64_t now, int64_t *until)
{
	*until = 0;
	if (strings_has_address(&l->speakers, address))
		return true;
	for (size_t i = 0; i < l->nappointed; i++)
		if (conf_speaker_serves(&l->appointed[i], now) &&
		    address_eq(slice_str(l->appointed[i].address), address)) {
			*until = l->appointed[i].until;
			return true;
		}
	return false;
}

int
speaking_may(struct db *db, const struct conf_list *l, struct slice address, int64_t now,
	     int64_t *until, struct err *e)
{
	struct arena *a = arena_new();
	int64_t end = 0;
	int r = 0;
	if (conf_has_speakers(l) && address.n > 0)
		r = appointed_until(l, address, now, &end)
			? 1
			: find(db, l->name, address_canonical(a, address), now, &end, e);
	if (until)
		*until = end;
	arena_free(a);
	return r;
}

static int
remove_row(struct db *db, const char *list, const char *canonical, struct err *e)
{
	return db_do(db, e, "DELETE FROM speaking WHERE list = ? AND address = ?", "tt", list,
		     canonical) < 0
		   ? -1
		   : 0;
}

/* The event, and a mail to the member: in her language, as she writes her address. */
static int
record(struct deed *d, const char *what, const char *address, int64_t until, struct slice why,
       struct err *e)
{
	struct conduct_event ev = {
	    .list = d->list->name,
	    .address = address,
	    .what = what,
	    .by = d->by,
	    .audience = "member",
	    .until = until,
	    .why = arena_str(d->a, slice_sub(slice_trim(why), 0, STEP_WHY_MAX))};
	if (conduct_add(d->site->db, &ev, d->now, e) < 0)
		return -1;
	log_info("%s: %s: %s %s, by %s", d->id, d->list->name, what, log_str(slice_str(address)),
		 log_str(slice_str(d->by)));
	/* Behind the last day is what machines say. */
	ev.until = until ? until - 1 : 0;
	return tidings_member(d, strcmp(what, "speak") == 0 ? "speaker-let-in" : "speaker-over",
			      &ev, e);
}

int
speaking_let_in(struct deed *d, struct slice address, int64_t until, struct slice why,
		enum speaking_end *end, struct err *e)
{
	const char *who = address_canonical(d->a, address);
	int64_t before = 0;
	*end = SPEAKING_EVERYONE;
	if (!conf_has_speakers(d->list))
		return 0;
	*end = SPEAKING_APPOINTED;
	if (conf_is_speaker(d->list, address, d->now) &&
	    conf_is_speaker(d->list, address, until ? until - 1 : INT64_MAX / 2))
		return 0;
	int r = find(d->site->db, d->list->name, who, d->now, &before, e);
	*end = SPEAKING_ALREADY;
	if (r < 0 || (r == 1 && before == until))
		return r < 0 ? -1 : 0;
	*end = SPEAKING_DONE;
	if (db_do(d->site->db, e,
		  "INSERT OR REPLACE INTO speaking (list, address, until, by_whom, t)"
		  " VALUES (?, ?, ?, ?, ?)",
		  "ttiti", d->list->name, who, until, d->by, d->now) < 0)
		return -1;
	return record(d, "speak", who, until, why, e);
}

int
speaking_take_back(struct deed *d, struct slice address, struct slice why, enum speaking_end *end,
		   struct err *e)
{
	const char *who = address_canonical(d->a, address);
	int64_t until;
	int r = find(d->site->db, d->list->name, who, d->now, &until, e);
	*end = SPEAKING_NOT;
	if (r != 1)
		return r;
	*end = SPEAKING_DONE;
	if (remove_row(d->site->db, d->list->name, who, e) < 0)
		return -1;
	return record(d, "hush", who, 0, why, e);
}

bool
speaking_take_until(struct slice *rest, int64_t *until)
{
	struct slice after = *rest, word;
	*until = 0;
	if (!slice_next_word(&after, &word) || !slice_is_ci(word, "until"))
		return true;
	if (!slice_next_word(&after, &word) || !clock_parse_day(word, until))
		return false;
	*until += 86400;
	*rest = slice_trim(after);
	return true;
}

const char *
speaking_explain(const char *lang, enum speaking_end end)
{
	static const char *const phrases[] = {
	    [SPEAKING_DONE] = N_("It was done: it is on the record, and the member was told."),
	    [SPEAKING_ALREADY] = N_("This is so already."),
	    [SPEAKING_NOT] = N_("Nobody let this address in to speak. Who is appointed stands in "
				"the list's configuration."),
	    [SPEAKING_EVERYONE] = N_("This list has no speakers: everyone speaks."),
	    [SPEAKING_APPOINTED] =
		N_("This address is an appointed speaker of the list at that time."),
	};
	return text_phrase(lang, phrases[end]);
}

/* --- ends of terms ---------------------------------------------------------------------------- */

struct ending {
	struct site *site;
	struct arena *arena;
	int64_t now;
	int told;
};

static struct deed
deed_of(struct ending *en, const struct conf_list *l)
{
	char *id = arena_alloc(en->arena, ID_MAX);
	id_new(id);
	return (struct deed){.site = en->site,
			     .a = en->arena,
			     .list = l,
			     .by = "the clock",
			     .id = id,
			     .now = en->now};
}

/* Who was let in until now. At most some at a time: the rest comes a minute later. */
static int
end_let_in(struct ending *en, struct err *e)
{
	const struct slice none = {NULL, 0};
	struct {
		const char *list, *address;
	} v[64];
	size_t n = 0;
	struct db_query q;
	if (db_ask(en->site->db, &q, e,
		   "SELECT list, address FROM speaking WHERE until > 0 AND until <= ?", "i",
		   en->now) < 0)
		return -1;
	int r = 1;
	while (n < sizeof(v) / sizeof(v[0]) && (r = db_next(&q, e)) == 1) {
		v[n].list = arena_str(en->arena, db_text(&q, 0));
		v[n++].address = arena_str(en->arena, db_text(&q, 1));
	}
	db_end(&q);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		const struct conf_list *l = conf_list_find(en->site->conf, slice_str(v[i].list));
		struct deed d = deed_of(en, l);
		r = remove_row(en->site->db, v[i].list, v[i].address, e);
		if (r == 0 && l)
			r = record(&d, "hush", v[i].address, 0, none, e);
		en->told += l != NULL;
	}
	return r < 0 ? -1 : 0;
}

/* 1 it was not told before and now counts as told, 0, -1. */
static int
note_told(struct ending *en, const struct conf_list *l, const struct conf_speaker *s,
	  const char *stage, struct err *e)
{
	return (int)db_do(
	    en->site->db, e,
	    "INSERT INTO term_told (list, address, until, stage, t) VALUES (?, ?, ?, ?, ?)"
	    " ON CONFLICT DO NOTHING",
	    "ttiti", l->name, address_canonical(en->arena, slice_str(s->address)), s->until, stage,
	    en->now);
}

/* NULL: there is nothing to tell of this term now. */
static const char *
stage_of(const struct conf_list *l, const struct conf_speaker *s, int64_t now)
{
	if (s->until == 0 || conf_is_speaker(l, slice_str(s->address), s->until))
		return NULL; /* it goes on */
	if (now >= s->until)
		return now < s->until + SPEAKING_LATE ? "over" : NULL;
	return now >= s->until - SPEAKING_SOON && s->since + SPEAKING_SOON <= now ? "soon" : NULL;
}

static int
tell_term(struct ending *en, const struct conf_list *l, const struct conf_speaker *s, struct err *e)
{
	const char *stage = stage_of(l, s, en->now);
	if (!stage)
		return 0;
	int fresh = note_told(en, l, s, stage, e);
	if (fresh <= 0)
		return fresh;
	struct deed d = deed_of(en, l);
	bool soon = strcmp(stage, "soon") == 0;
	struct conduct_event ev = {.list = l->name,
				   .address = s->address,
				   .what = soon ? "term-soon" : "term-over",
				   .until = s->until - 1};
	if (tidings_member(&d, soon ? "speaker-soon" : "speaker-over", &ev, e) < 0)
		return -1;
	log_info("%s: the term of speaker %s: %s", l->name, log_str(slice_str(s->address)), stage);
	en->told++;
	return tidings_moderators(&d, soon ? "speaker-soon-moderator" : "speaker-over-moderator",
				  &ev, slice_make(NULL, 0), e);
}

static int
tell_terms(struct ending *en, struct err *e)
{
	const struct conf *conf = en->site->conf;
	for (size_t i = 0; i < conf->nlists; i++)
		for (size_t k = 0; k < conf->lists[i].nappointed; k++)
			if (tell_term(en, &conf->lists[i], &conf->lists[i].appointed[k], e) < 0)
				return -1;
	return 0;
}

/* Of which nothing is told any more. */
static int
trim_told(struct ending *en, struct err *e)
{
	return db_do(en->site->db, e, "DELETE FROM term_told WHERE until <= ?", "i",
		     en->now - SPEAKING_LATE) < 0
		   ? -1
		   : 0;
}

int
speaking_run(struct site *site, int64_t now, struct err *e)
{
	struct ending en = {.site = site, .arena = arena_new(), .now = now};
	int ret = -1;
	if (db_begin(site->db, e) < 0)
		goto out;
	if (end_let_in(&en, e) == 0 && tell_terms(&en, e) == 0 && trim_told(&en, e) == 0 &&
	    db_commit(site->db, e) == 0)
		ret = en.told;
	else
		db_rollback(site->db);
out:
	arena_free(en.arena);
	return ret;
}

/* --- a person's data -------------------------------------------------------------------------- */

int
speaking_each_of(struct db *db, struct slice address,
		 int (*each)(void *arg, const char *list, int64_t since, int64_t until), void *arg,
		 struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int r =
	    db_ask(db, &q, e, "SELECT list, t, until FROM speaking WHERE address = ? ORDER BY list",
		   "t", address_canonical(a, address));
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1)
			if (each(arg, arena_str(a, db_text(&q, 0)), db_int(&q, 1), db_int(&q, 2)) <
			    0)
				break;
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
speaking_forget(struct db *db, struct slice address, struct err *e)
{
	struct arena *a = arena_new();
	const char *who = address_canonical(a, address);
	int ret = db_do(db, e, "DELETE FROM speaking WHERE address = ?", "t", who) < 0 ||
			  db_do(db, e, "DELETE FROM term_told WHERE address = ?", "t", who) < 0
		      ? -1
		      : 0;
	arena_free(a);
	return ret;
}
