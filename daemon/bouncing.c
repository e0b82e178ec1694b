/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bouncing: see bouncing.h. A row of the table is a stage with the time of its next step; one look
 * does at most BATCH steps, so that a morning after a dead mail server never keeps a post waiting.
 */
#include "daemon/bouncing.h"

#include <string.h>

#include "base/log.h"
#include "daemon/bounce.h"
#include "daemon/member_event.h"
#include "daemon/send.h"
#include "daemon/ticket.h"

#define WEEK ((int64_t)7 * 86400)
#define WARNINGS BOUNCING_WARNINGS
#define PROBE_WAIT WEEK                      /* a relay gives up after five days */
#define BACK_EXPIRES ((WARNINGS + 2) * WEEK) /* as long as there is something to come back to */
#define BATCH 200

struct bouncing {
	int64_t subscription, since, warnings, next;
	bool paused; /* else a probe is on its way */
};

struct stepper {
	struct site *site;
	struct arena *arena;
	int64_t now;
	int steps;
};

/* --- the table ------------------------------------------------------------------------------ */

#define COLUMNS "subscription, stage, since, warnings, next"
#define DUE " FROM bouncing WHERE next <= ? OR stage = 'probed'"

static void
bouncing_read(struct db_query *q, struct bouncing *b)
{
	b->subscription = db_int(q, 0);
	b->paused = slice_is(db_text(q, 1), "paused");
	b->since = db_int(q, 2);
	b->warnings = db_int(q, 3);
	b->next = db_int(q, 4);
}

static int
bouncing_get(struct db *db, int64_t subscription, struct bouncing *b, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM bouncing WHERE subscription = ?", "i",
		   subscription) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		bouncing_read(&q, b);
	db_end(&q);
	return r;
}

static int
bouncing_put(struct db *db, const struct bouncing *b, struct err *e)
{
	return db_do(db, e, "INSERT OR REPLACE INTO bouncing (" COLUMNS ") VALUES (?, ?, ?, ?, ?)",
		     "itiii", b->subscription, b->paused ? "paused" : "probed", b->since,
		     b->warnings, b->next) < 0
		   ? -1
		   : 0;
}

static int
bouncing_drop(struct db *db, int64_t subscription, struct err *e)
{
	return db_do(db, e, "DELETE FROM bouncing WHERE subscription = ?", "i", subscription) < 0
		   ? -1
		   : 0;
}

static int64_t
ends_at(const struct bouncing *b)
{
	return b->paused ? b->next + (WARNINGS - b->warnings) * WEEK : b->next;
}

int64_t
bouncing_until(struct db *db, const struct member *m, struct err *e)
{
	struct bouncing b;
	int found = bouncing_get(db, m->id, &b, e);
	if (found <= 0)
		return found;
	return b.paused == (m->paused > 0) ? ends_at(&b) : 0;
}

int
bouncing_stage(struct db *db, const struct member *m, struct bouncing_stage *st, struct err *e)
{
	struct bouncing b = {0};
	int found = bouncing_get(db, m->id, &b, e);
	*st = (struct bouncing_stage){.stage = m->paused             ? BOUNCING_PAUSED
					       : m->bounce_score > 0 ? BOUNCING_COUNTING
								     : BOUNCING_NONE};
	/* The row of a pause that she has ended, or of one that begins now, says nothing yet. */
	if (found <= 0 || b.paused != (m->paused > 0))
		return found < 0 ? -1 : 0;
	st->next = b.next;
	st->warnings = (int)b.warnings;
	if (b.paused)
		st->ends = ends_at(&b);
	else
		st->stage = BOUNCING_PROBED;
	return 0;
}

/* --- telling -------------------------------------------------------------------------------- */

/* The address whose reply says "I am back": the same question each time. */
static int
back_token(struct stepper *s, const struct member *m, const char *lang, char token[TOKEN_SIZE],
	   struct err *e)
{
	struct db *db = s->site->db;
	struct ticket t;
	int open = ticket_open_one(db, s->arena, s->site->keys, "back", m->list, slice_str(m->wire),
				   "", s->now, &t, token, e);
	if (open != 0)
		return open < 0 ? -1 : 0;
	t = (struct ticket){.kind = "back",
			    .list = m->list,
			    .address = m->wire,
			    .language = lang,
			    .expires = s->now + BACK_EXPIRES};
	return ticket_add(db, s->site->keys, &t, s->now, token, e);
}

static int
tell(struct stepper *s, const struct member *m, const struct bouncing *b, const char *template,
     struct err *e)
{
	const struct conf *conf = s->site->conf;
	const struct conf_list *l = conf_list_find(conf, slice_str(m->list));
	const char *lang = m->language[0] ? m->language : l->language;
	char token[TOKEN_SIZE], id[ID_MAX];
	bool probe = strcmp(template, "bounce-probe") == 0;
	struct slice words = bounce_last_words(s->site->db, s->arena, m->id);
	if (back_token(s, m, lang, token, e) < 0)
		return -1;
	char *local = send_token_address(s->arena, conf, m->list, "confirm", token);
	*strrchr(local, '@') = '\0';
	struct text_value values[] = {
	    {"address", m->wire},
	    {"reason", arena_str(s->arena, words)},
	    {"until", text_date(s->arena, lang, ends_at(b))},
	    {"back-url", arena_printf(s->arena, "%s/c/%s", conf->site_url, token)}};
	id_new(id);
	struct notice n = {.list = l,
			   .to = slice_str(m->wire),
			   .language = lang,
			   .template = template,
			   .values = values,
			   .nvalues = sizeof(values) / sizeof(values[0]),
			   .from_local =
			       probe || strcmp(template, "bounce-removed") == 0 ? NULL : local,
			   .probe = probe ? m->id : 0,
			   .id = id};
	s->steps++;
	return notice_send(s->site->db, conf, &n, s->now, e);
}

/* --- steps ---------------------------------------------------------------------------------- */

static int
step_probe(struct stepper *s, const struct member *m, struct err *e)
{
	struct bouncing b = {.subscription = m->id, .since = s->now, .next = s->now + PROBE_WAIT};
	log_info("%s: mail to %s keeps coming back: a probe goes out", m->list,
		 log_str(slice_str(m->address)));
	if (bouncing_put(s->site->db, &b, e) < 0 ||
	    member_event_note(s->site->db, m, "probe", "", s->now, e) < 0)
		return -1;
	return tell(s, m, &b, "bounce-probe", e);
}

static int
step_pause(struct stepper *s, const struct member *m, struct err *e)
{
	struct bouncing b = {
	    .subscription = m->id, .paused = true, .since = s->now, .next = s->now + WEEK};
	log_info("%s: the probe to %s came back: paused", m->list, log_str(slice_str(m->address)));
	if (member_pause(s->site->db, m->id, s->now, e) < 0 || bouncing_put(s->site->db, &b, e) < 0)
		return -1;
	return tell(s, m, &b, "bounce-paused", e);
}

/* The probe did not come back. */
static int
step_good(struct stepper *s, const struct member *m, struct err *e)
{
	log_info("%s: the probe to %s arrived", m->list, log_str(slice_str(m->address)));
	if (member_set(s->site->db, m->id, "bounce_score", "0", "plenary", s->now, e) < 0)
		return -1;
	return bouncing_drop(s->site->db, m->id, e);
}

static int
step_warn(struct stepper *s, const struct member *m, struct bouncing *b, struct err *e)
{
	b->warnings++;
	b->next += WEEK;
	if (bouncing_put(s->site->db, b, e) < 0 ||
	    member_event_note(
		s->site->db, m, "warning",
		arena_printf(s->arena, "%lld of %d", (long long)b->warnings, WARNINGS), s->now,
		e) < 0)
		return -1;
	return tell(s, m, b, "bounce-warning", e);
}

static int
step_remove(struct stepper *s, const struct member *m, const struct bouncing *b, struct err *e)
{
	log_info("%s: %s is no member any more: nothing arrived since %lld", m->list,
		 log_str(slice_str(m->address)), (long long)b->since);
	if (tell(s, m, b, "bounce-removed", e) < 0 ||
	    member_remove(s->site->db, m->id, "plenary", "bounces", s->now, e) < 0)
		return -1;
	return bouncing_drop(s->site->db, m->id, e);
}

static int
step_probed(struct stepper *s, const struct member *m, const struct bouncing *b, struct err *e)
{
	int failed = bounce_probe_failed(s->site->db, m->id, b->since, e);
	if (failed < 0)
		return -1;
	if (failed)
		return step_pause(s, m, e);
	return b->next <= s->now ? step_good(s, m, e) : 0;
}

static int
step(struct stepper *s, struct bouncing *b, struct err *e)
{
	struct member m;
	int found = member_by_id(s->site->db, s->arena, b->subscription, &m, e);
	if (found < 0)
		return -1;
	/* Gone, back by her own command, or on a list that is no more. */
	if (!found || (b->paused && m.paused == 0) ||
	    !conf_list_find(s->site->conf, slice_str(m.list)))
		return bouncing_drop(s->site->db, b->subscription, e);
	if (!b->paused)
		return step_probed(s, &m, b, e);
	if (b->next > s->now)
		return 0;
	return b->warnings < WARNINGS ? step_warn(s, &m, b, e) : step_remove(s, &m, b, e);
}

/* --- what is due ---------------------------------------------------------------------------- */

/* All that is due; probes at each look, since what comes back of them comes at any time. */
static int
step_all(struct stepper *s, struct err *e)
{
	struct db *db = s->site->db;
	struct db_query q;
	int64_t most = 0, n = 0;
	int r = 0;
	if (db_one_int(db, e, &most, "SELECT count(*)" DUE, "i", s->now) < 0)
		return -1;
	struct bouncing *v = arena_array(s->arena, (size_t)most + 1, sizeof(*v));
	if (db_ask(db, &q, e, "SELECT " COLUMNS DUE, "i", s->now) < 0)
		return -1;
	while (n < most && (r = db_next(&q, e)) == 1)
		bouncing_read(&q, &v[n++]);
	db_end(&q);
	for (int64_t i = 0; r >= 0 && i < n && s->steps < BATCH; i++)
		r = step(s, &v[i], e);
	return r < 0 ? -1 : 0;
}

static int
probe_list(struct stepper *s, const struct conf_list *l, struct err *e)
{
	struct member *ms;
	struct bouncing b;
	size_t n;
	int r = 0;
	if (member_bouncing(s->site->db, s->arena, l->name, 2 * l->bounce_threshold, &ms, &n, e) <
	    0)
		return -1;
	for (size_t i = 0; i < n && s->steps < BATCH; i++) {
		r = bouncing_get(s->site->db, ms[i].id, &b, e);
		if (r == 1 && b.paused)
			r = 0; /* of an earlier pause, which she has ended herself */
		if (r < 0 || (r == 0 && step_probe(s, &ms[i], e) < 0))
			return -1;
	}
	return 0;
}

static int
run(struct stepper *s, struct err *e)
{
	const struct conf *conf = s->site->conf;
	if (member_decay(s->site->db, s->now, e) < 0 || step_all(s, e) < 0)
		return -1;
	for (size_t i = 0; i < conf->nlists; i++)
		if (probe_list(s, &conf->lists[i], e) < 0)
			return -1;
	return bounce_trim(s->site->db, s->now, e);
}

int
bouncing_run(struct site *site, int64_t now, struct err *e)
{
	struct stepper s = {.site = site, .arena = arena_new(), .now = now};
	int ret = -1;
	if (db_begin(site->db, e) < 0)
		goto out;
	if (run(&s, e) < 0 || db_commit(site->db, e) < 0) {
		db_rollback(site->db);
		goto out;
	}
	ret = s.steps;
out:
	arena_free(s.arena);
	return ret;
}
