/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conduct: see conduct.h.
 */
#include "daemon/conduct.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "mail/address.h"

/* One place for the columns, so that all queries are read alike. */
#define COLUMNS                                                                                    \
	"v.id, v.case_id, v.t, v.list, v.address, v.what, v.step, v.does, v.audience, v.by_whom,"  \
	" v.why, v.about, v.rule, v.until, v.refers, v.hash"
/* A step that was taken back counts for nothing any more. */
#define NOT_TAKEN_BACK                                                                             \
	" NOT EXISTS (SELECT 1 FROM conduct_event b WHERE b.refers = v.id AND b.refers > 0"        \
	" AND b.what IN ('lift', 'overturn'))"
#define NOT_ENDED                                                                                  \
	" NOT EXISTS (SELECT 1 FROM conduct_event b WHERE b.refers = v.id AND b.refers > 0"        \
	" AND b.what IN ('lift', 'overturn', 'end', 'thaw', 'calm', 'lapse', 'step'))"

static void
event_read(struct db_query *q, struct arena *a, struct conduct_event *ev)
{
	const char **texts[] = {&ev->list,     &ev->address, &ev->what, &ev->step,  &ev->does,
				&ev->audience, &ev->by,      &ev->why,  &ev->about, &ev->rule};
	ev->id = db_int(q, 0);
	ev->case_id = db_int(q, 1);
	ev->t = db_int(q, 2);
	for (int i = 0; i < 10; i++)
		*texts[i] = arena_str(a, db_text(q, 3 + i));
	ev->until = db_int(q, 13);
	ev->refers = db_int(q, 14);
	ev->hash = arena_str(a, db_text(q, 15));
}

/* 1 and the first row, 0, -1. */
static int
event_one(struct db_query *q, struct arena *a, struct conduct_event *ev, struct err *e)
{
	int r = db_next(q, e);
	if (r == 1)
		event_read(q, a, ev);
	db_end(q);
	return r;
}

static int
event_walk(struct db_query *q, int (*each)(void *arg, const struct conduct_event *ev), void *arg,
	   struct err *e)
{
	struct arena *a = arena_new();
	struct conduct_event ev;
	int r;
	while ((r = db_next(q, e)) == 1) {
		arena_reset(a);
		event_read(q, a, &ev);
		if (each(arg, &ev) < 0)
			break;
	}
	db_end(q);
	arena_free(a);
	return r < 0 ? -1 : 0;
}

/* --- appending -------------------------------------------------------------------------------- */

/* Everything that an event says, each text with its length before it, so that no two events read
 * alike; and the hash of the one before. */
static void
event_hash(const struct conduct_event *ev, const char *before, char out[HEX_SIZE(SHA256_SIZE)])
{
	const char *texts[] = {before,       ev->list, ev->address, ev->what,  ev->step, ev->does,
			       ev->audience, ev->by,   ev->why,     ev->about, ev->rule};
	uint8_t sum[SHA256_SIZE];
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	buf_printf(&b, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", ev->case_id, ev->t,
		   ev->until, ev->refers);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_printf(&b, "%zu %s\n", strlen(texts[i]), texts[i]);
	hash_sha256(buf_slice(&b), sum);
	hash_hex(sum, sizeof(sum), out);
	buf_free(&b);
}

static int
last_hash(struct db *db, struct arena *a, const char *list, const char **hash, struct err *e)
{
	struct db_query q;
	*hash = "";
	if (db_ask(db, &q, e,
		   "SELECT hash FROM conduct_event WHERE list = ? ORDER BY id DESC LIMIT 1", "t",
		   list) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		*hash = arena_str(a, db_text(&q, 0));
	db_end(&q);
	return r < 0 ? -1 : 0;
}

int
conduct_add(struct db *db, struct conduct_event *ev, int64_t now, struct err *e)
{
	static char hash[HEX_SIZE(SHA256_SIZE)];
	const char **texts[] = {&ev->address, &ev->step,  &ev->does, &ev->audience,
				&ev->why,     &ev->about, &ev->rule};
	struct arena *a = arena_new();
	const char *before;
	int ret = -1;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!*texts[i])
			*texts[i] = "";
	ev->t = now;
	/* Addresses are kept, hashed and compared in one form. */
	const char *given = ev->address, *by = ev->by;
	ev->address = *given ? address_canonical(a, slice_str(given)) : "";
	ev->by = strchr(by, '@') ? address_canonical(a, slice_str(by)) : by;
	if (last_hash(db, a, ev->list, &before, e) < 0)
		goto out;
	event_hash(ev, before, hash);
	if (db_do(db, e,
		  "INSERT INTO conduct_event (case_id, t, list, address, what, step, does,"
		  " audience, by_whom, why, about, rule, until, refers, hash)"
		  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		  "iittttttttttiit", ev->case_id, ev->t, ev->list, ev->address, ev->what, ev->step,
		  ev->does, ev->audience, ev->by, ev->why, ev->about, ev->rule, ev->until,
		  ev->refers, hash) < 0)
		goto out;
	ev->id = db_last_rowid(db);
	ev->hash = hash;
	ret = 0;
out:
	ev->address = given;
	ev->by = by;
	arena_free(a);
	return ret;
}

int
conduct_get(struct db *db, struct arena *a, int64_t id, struct conduct_event *ev, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM conduct_event v WHERE v.id = ?", "i", id) <
	    0)
		return -1;
	return event_one(&q, a, ev, e);
}

int
conduct_each(struct db *db, const char *list, int64_t case_id,
	     int (*each)(void *arg, const struct conduct_event *ev), void *arg, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v"
		   " WHERE (?1 IS NULL OR v.list = ?1) AND (?2 = 0 OR v.case_id = ?2)"
		   " ORDER BY v.id",
		   "ti", list, case_id) < 0)
		return -1;
	return event_walk(&q, each, arg, e);
}

int
conduct_newest(struct db *db, int64_t *id, struct err *e)
{
	*id = 0;
	return db_one_int(db, e, id, "SELECT max(id) FROM conduct_event", "") < 0 ? -1 : 0;
}

struct verifying {
	struct buf before;
	int64_t broken;
};

static int
verify_one(void *arg, const struct conduct_event *ev)
{
	struct verifying *v = arg;
	char hash[HEX_SIZE(SHA256_SIZE)];
	event_hash(ev, buf_str(&v->before), hash);
	if (strcmp(hash, ev->hash) != 0) {
		v->broken = ev->id;
		return -1;
	}
	buf_clear(&v->before);
	buf_puts(&v->before, hash);
	return 0;
}

int
conduct_verify(struct db *db, const char *list, int64_t *at, struct err *e)
{
	struct verifying v = {.broken = 0};
	buf_init(&v.before, 256);
	int ret = conduct_each(db, list, 0, verify_one, &v, e);
	buf_free(&v.before);
	*at = v.broken;
	return ret < 0 ? -1 : v.broken == 0;
}

/* --- cases ------------------------------------------------------------------------------------ */

int
conduct_case(struct db *db, const char *list, struct slice address, int64_t now, int64_t *id,
	     struct err *e)
{
	struct arena *a = arena_new();
	const char *who = address_canonical(a, address);
	int ret = -1;
	if (db_do(db, e,
		  "INSERT INTO conduct_case (list, address, opened) VALUES (?, ?, ?)"
		  " ON CONFLICT DO NOTHING",
		  "tti", list, who, now) >= 0 &&
	    db_one_int(db, e, id, "SELECT id FROM conduct_case WHERE list = ? AND address = ?",
		       "tt", list, who) == 1)
		ret = 0;
	arena_free(a);
	return ret;
}

static void
case_read(struct db_query *q, struct arena *a, struct conduct_case *c)
{
	c->id = db_int(q, 0);
	c->list = arena_str(a, db_text(q, 1));
	c->address = arena_str(a, db_text(q, 2));
	c->opened = db_int(q, 3);
}

int
conduct_case_get(struct db *db, struct arena *a, int64_t id, struct conduct_case *c, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT id, list, address, opened FROM conduct_case WHERE id = ?",
		   "i", id) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		case_read(&q, a, c);
	db_end(&q);
	return r;
}

int
conduct_each_case(struct db *db, const char *list, struct slice address,
		  int (*each)(void *arg, const struct conduct_case *c), void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	struct conduct_case c;
	int r = -1;
	const char *who = address.n ? address_canonical(a, address) : NULL;
	if (db_ask(db, &q, e,
		   "SELECT id, list, address, opened FROM conduct_case"
		   " WHERE (?1 IS NULL OR list = ?1) AND (?2 IS NULL OR address = ?2)"
		   " ORDER BY list, id",
		   "tt", list, who) < 0)
		goto out;
	while ((r = db_next(&q, e)) == 1) {
		case_read(&q, a, &c);
		if (each(arg, &c) < 0)
			break;
	}
	db_end(&q);
out:
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
conduct_reported(struct db *db, const char *list, struct slice address, struct slice by,
		 struct err *e)
{
	struct arena *a = arena_new();
	int64_t n = 0;
	int r = db_one_int(db, e, &n,
			   "SELECT count(*) FROM conduct_event WHERE list = ? AND address = ?"
			   " AND what = 'report' AND by_whom = ?",
			   "ttt", list, address_canonical(a, address), address_canonical(a, by));
	arena_free(a);
	return r < 0 ? -1 : n > 0;
}

/* --- what is in force ------------------------------------------------------------------------- */

static const char *const does_words[] = {
    [STEP_MESSAGE] = "message", [STEP_HOLD] = "hold", [STEP_SUSPEND] = "suspend"};

const char *
conduct_does_word(enum step_does does)
{
	return does_words[does];
}

int
conduct_standing(struct db *db, struct arena *a, const char *list, struct slice address,
		 int64_t now, struct standing *s, struct err *e)
{
	struct db_query q;
	struct conduct_event ev;
	*s = (struct standing){.does = STEP_MESSAGE, .step = "", .why = ""};
	if (address.n == 0)
		return 0;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v WHERE v.list = ? AND v.address = ?"
		   " AND v.what = 'step' AND v.until > ? AND v.does <> 'message' AND" NOT_TAKEN_BACK
		   " ORDER BY v.does = 'suspend' DESC, v.until DESC LIMIT 1",
		   "tti", list, address_canonical(a, address), now) < 0)
		return -1;
	int r = event_one(&q, a, &ev, e);
	if (r != 1)
		return r;
	s->does = strcmp(ev.does, "suspend") == 0 ? STEP_SUSPEND : STEP_HOLD;
	s->until = ev.until;
	s->event = ev.id;
	s->case_id = ev.case_id;
	s->step = ev.step;
	s->why = ev.why;
	return 0;
}

const char *
conduct_standing_word(const struct standing *s)
{
	static const char *const words[] = {
	    [STEP_MESSAGE] = "good", [STEP_HOLD] = "held", [STEP_SUSPEND] = "suspended"};
	return words[s->does];
}

int
conduct_last_step(struct db *db, struct arena *a, const char *list, struct slice address,
		  const char *name, int64_t since, struct conduct_event *ev, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v WHERE v.list = ?1 AND v.address = ?2"
		   " AND v.what = 'step' AND (?3 IS NULL OR v.step = ?3) AND v.t >= ?4"
		   " AND" NOT_TAKEN_BACK " ORDER BY v.id DESC LIMIT 1",
		   "ttti", list, address_canonical(a, address), name, since) < 0)
		return -1;
	return event_one(&q, a, ev, e);
}

int
conduct_proposal(struct db *db, struct arena *a, const char *list, struct slice address,
		 const char *name, int64_t now, struct conduct_event *ev, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v WHERE v.list = ? AND v.address = ?"
		   " AND v.step = ? AND v.what = 'propose' AND v.until > ? AND" NOT_ENDED
		   " ORDER BY v.id DESC LIMIT 1",
		   "ttti", list, address_canonical(a, address), name, now) < 0)
		return -1;
	return event_one(&q, a, ev, e);
}

int
conduct_petition(struct db *db, struct arena *a, int64_t step, int64_t now,
		 struct conduct_event *ev, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v WHERE v.refers = ? AND v.refers > 0"
		   " AND v.what = 'petition' AND v.until > ? AND" NOT_ENDED
		   " ORDER BY v.id DESC LIMIT 1",
		   "ii", step, now) < 0)
		return -1;
	return event_one(&q, a, ev, e);
}

int
conduct_answered(struct db *db, int64_t id, const char *what, struct slice by, struct err *e)
{
	struct arena *a = arena_new();
	int64_t n = 0;
	int r = db_one_int(
	    db, e, &n,
	    "SELECT count(*) FROM conduct_event WHERE refers = ?1 AND refers > 0 AND what = ?2"
	    " AND (?3 IS NULL OR by_whom = ?3)",
	    "itt", id, what, by.n ? address_canonical(a, by) : NULL);
	arena_free(a);
	return r < 0 ? -1 : n > 0;
}

int
conduct_each_in_force(struct db *db, const char *list, struct slice address, int64_t now,
		      int (*each)(void *arg, const struct conduct_event *ev), void *arg,
		      struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int ret = -1;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v WHERE v.list = ? AND v.address = ?"
		   " AND v.what = 'step' AND v.until > ? AND" NOT_TAKEN_BACK " ORDER BY v.id",
		   "tti", list, address_canonical(a, address), now) == 0)
		ret = event_walk(&q, each, arg, e);
	arena_free(a);
	return ret;
}

int
conduct_each_over(struct db *db, int64_t now,
		  int (*each)(void *arg, const struct conduct_event *ev), void *arg, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v WHERE v.until > 0 AND v.until <= ?"
		   " AND v.what IN ('step', 'propose', 'petition', 'freeze', 'emergency')"
		   " AND NOT (v.what = 'petition' AND EXISTS (SELECT 1 FROM conduct_event b"
		   " WHERE b.refers = v.refers AND b.refers > 0 AND b.what = 'appeal' AND b.id > "
		   "v.id))"
		   " AND" NOT_ENDED " ORDER BY v.id",
		   "i", now) < 0)
		return -1;
	return event_walk(&q, each, arg, e);
}

int
conduct_cooled(struct db *db, struct arena *a, const char *list, const char *what,
	       const char *about, int64_t now, struct conduct_event *ev, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v WHERE v.list = ? AND v.what = ?"
		   " AND v.about = ? AND v.until > ? AND" NOT_ENDED " ORDER BY v.id DESC LIMIT 1",
		   "ttti", list, what, about, now) < 0)
		return -1;
	return event_one(&q, a, ev, e);
}

int
conduct_freezes(struct db *db, struct arena *a, const char *list, int64_t now,
		struct conduct_event **evs, size_t *n, struct err *e)
{
	struct db_query q;
	int r;
	*n = 0;
	*evs = arena_array(a, CONDUCT_FREEZES_MAX, sizeof(**evs));
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM conduct_event v WHERE v.list = ? AND v.address = ''"
		   " AND v.what = 'freeze' AND v.until > ? AND" NOT_ENDED " ORDER BY v.id",
		   "ti", list, now) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1 && *n < CONDUCT_FREEZES_MAX)
		event_read(&q, a, &(*evs)[(*n)++]);
	db_end(&q);
	return r < 0 ? -1 : 0;
}

bool
conduct_hides_by(const struct conduct_event *ev)
{
	/* A hook's name is no secret. */
	return strcmp(ev->what, "cosign") == 0 ||
	       (strcmp(ev->what, "report") == 0 && strchr(ev->by, '@'));
}

/* --- rules ------------------------------------------------------------------------------------ */

const char *
conduct_rule(struct arena *a, const struct conf_step *s)
{
	static const char *const by[] = {[STEP_BY_MODERATOR] = "moderator",
					 [STEP_BY_TWO_MODERATORS] = "two-moderators",
					 [STEP_BY_OWNER] = "owner"};
	const char *r = arena_printf(a, "step \"%s\" { by = \"%s\" audience = \"%s\"", s->name,
				     by[s->by], s->audience == STEP_TO_LIST ? "list" : "member");
	if (s->after)
		r = arena_printf(a, "%s after = \"%s\"", r, s->after);
	if (s->within)
		r = arena_printf(a, "%s within = \"%" PRId64 "s\"", r, s->within);
	if (s->lasts)
		r = arena_printf(a, "%s lasts = \"%" PRId64 "s\"", r, s->lasts);
	return arena_printf(a, "%s does = \"%s\" }", r, conduct_does_word(s->does));
}
