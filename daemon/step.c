/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * step: see step.h.
 */
#include "daemon/step.h"

#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "daemon/tidings.h"

const struct conf_step *
step_find(const struct conf_list *l, struct slice name)
{
	for (size_t i = 0; i < l->nsteps; i++)
		if (slice_is_ci(name, l->steps[i].name))
			return &l->steps[i];
	return NULL;
}

/* --- who may ---------------------------------------------------------------------------------- */

bool
step_is_moderator(const struct conf_list *l, struct slice address)
{
	return strings_has_address(&l->moderators, address) ||
	       strings_has_address(&l->owners, address);
}

const char *
step_moderator(const struct conf_list *l, size_t i)
{
	return i < l->moderators.n ? l->moderators.v[i] : NULL;
}

int
step_may_judge(struct deed *d, struct slice address, enum step_end *end, struct err *e)
{
	if (address_eq(slice_str(d->by), address)) {
		*end = STEP_HIMSELF;
		return 0;
	}
	int reported = conduct_reported(d->site->db, d->list->name, address, slice_str(d->by), e);
	if (reported == 1)
		*end = STEP_CONCERNED;
	return reported < 0 ? -1 : !reported;
}

/* Is this kind of decision theirs? The administrator's command is the site's owner, who is an
 * owner of every list. Owners may do what one moderator may; where two moderators must agree, it
 * takes moderators. */
static bool
is_entitled(const struct deed *d, enum step_by by)
{
	struct slice who = slice_str(d->by);
	switch (by) {
	case STEP_BY_OWNER:
		return d->site_owner || strings_has_address(&d->list->owners, who);
	case STEP_BY_MODERATOR:
		return d->site_owner || step_is_moderator(d->list, who);
	case STEP_BY_TWO_MODERATORS:
		break;
	}
	return strings_has_address(&d->list->moderators, who);
}

/* The word of who was a moderator and is none any more is no moderator's word. */
static bool
is_moderator_now(const struct conf_list *l, const char *by)
{
	return strings_has_address(&l->moderators, slice_str(by));
}

/* Others who could agree. */
static int
count_others(struct deed *d, struct slice address, size_t *n, struct err *e)
{
	struct deed other = *d;
	enum step_end end;
	*n = 0;
	for (size_t i = 0; (other.by = step_moderator(d->list, i)) != NULL; i++) {
		if (address_eq(slice_str(other.by), slice_str(d->by)))
			continue;
		int may = step_may_judge(&other, address, &end, e);
		if (may < 0)
			return -1;
		*n += may == 1;
	}
	return 0;
}

/* --- taking a step ---------------------------------------------------------------------------- */

/* A key at the beginning of the reason names the message. */
static const char *
take_key(struct arena *a, struct slice *why)
{
	struct slice rest = *why, word;
	if (!slice_next_word(&rest, &word) || !key_valid(word))
		return "";
	*why = slice_trim(rest);
	return arena_lower(a, word);
}

/* Everything but who: does the record allow it now? 1, 0 and *end, -1. */
static int
is_due(struct deed *d, const struct conf_step *s, struct slice address, enum step_end *end,
       struct conduct_event *ev, struct err *e)
{
	struct db *db = d->site->db;
	struct standing st;
	if (s->after) {
		int64_t since = s->within ? d->now - s->within : 0;
		int r = conduct_last_step(db, d->a, d->list->name, address, s->after, since, ev, e);
		*end = STEP_TOO_EARLY;
		if (r != 1)
			return r;
	}
	if (s->does == STEP_MESSAGE)
		return 1;
	if (conduct_standing(db, d->a, d->list->name, address, d->now, &st, e) < 0)
		return -1;
	*end = STEP_IN_FORCE;
	ev->until = st.until;
	return st.does != s->does;
}

/* The event itself, with its notices. proposal: 0 where one word was enough. */
static int
take(struct deed *d, const struct conf_step *s, struct slice address, const char *by,
     const char *why, const char *about, int64_t proposal, struct conduct_event *ev, struct err *e)
{
	*ev = (struct conduct_event){.list = d->list->name,
				     .address = address_canonical(d->a, address),
				     .what = "step",
				     .step = s->name,
				     .does = conduct_does_word(s->does),
				     .audience = s->audience == STEP_TO_LIST ? "list" : "member",
				     .by = by,
				     .why = why,
				     .about = about,
				     .rule = conduct_rule(d->a, s),
				     .until = s->lasts ? d->now + s->lasts : 0,
				     .refers = proposal};
	if (conduct_case(d->site->db, d->list->name, address, d->now, &ev->case_id, e) < 0 ||
	    conduct_add(d->site->db, ev, d->now, e) < 0 || tidings_step(d, ev, e) < 0)
		return -1;
	log_info("%s: %s: step %s about %s, by %s", d->id, d->list->name, s->name, log_str(address),
		 log_str(slice_str(by)));
	return 0;
}

static int
propose(struct deed *d, const struct conf_step *s, struct slice address, const char *why,
	const char *about, enum step_end *end, struct conduct_event *ev, struct err *e)
{
	size_t others;
	if (count_others(d, address, &others, e) < 0)
		return -1;
	*end = STEP_ALONE;
	if (others == 0)
		return 0;
	*ev = (struct conduct_event){.list = d->list->name,
				     .address = address_canonical(d->a, address),
				     .what = "propose",
				     .step = s->name,
				     .by = d->by,
				     .why = why,
				     .about = about,
				     .rule = conduct_rule(d->a, s),
				     .until = d->now + STEP_AGREE_EXPIRES};
	if (conduct_case(d->site->db, d->list->name, address, d->now, &ev->case_id, e) < 0 ||
	    conduct_add(d->site->db, ev, d->now, e) < 0 || tidings_proposal(d, ev, e) < 0)
		return -1;
	*end = STEP_PROPOSED;
	return 0;
}

/* A proposal by somebody else is there and this is the second word. */
static int
second_word(struct deed *d, const struct conf_step *s, const struct conduct_event *proposal,
	    struct slice why, enum step_end *end, struct conduct_event *ev, struct err *e)
{
	struct conduct_event agree = {.case_id = proposal->case_id,
				      .list = d->list->name,
				      .address = proposal->address,
				      .what = "agree",
				      .step = proposal->step,
				      .by = d->by,
				      .why = arena_str(d->a, slice_sub(why, 0, STEP_WHY_MAX)),
				      .refers = proposal->id};
	if (conduct_add(d->site->db, &agree, d->now, e) < 0)
		return -1;
	*end = STEP_TAKEN;
	return take(d, s, slice_str(proposal->address), proposal->by, proposal->why,
		    proposal->about, proposal->id, ev, e);
}

/* Who and whether, for a step and for a second word. 1, 0 and *end, -1. */
static int
may_take(struct deed *d, const struct conf_step *s, struct slice address, enum step_end *end,
	 struct conduct_event *ev, struct err *e)
{
	struct member m;
	int r = member_find(d->site->db, d->a, d->list->name, address, &m, e);
	*end = STEP_NO_MEMBER;
	if (r == 1) {
		*end = STEP_NOT_YOURS;
		r = is_entitled(d, s->by);
	}
	if (r == 1)
		r = step_may_judge(d, address, end, e);
	return r == 1 ? is_due(d, s, address, end, ev, e) : r;
}

static int
put_lapse(struct deed *d, const struct conduct_event *proposal, struct err *e)
{
	struct conduct_event lapse = {.case_id = proposal->case_id,
				      .list = proposal->list,
				      .address = proposal->address,
				      .what = "lapse",
				      .step = proposal->step,
				      .by = "the clock",
				      .refers = proposal->id};
	return conduct_add(d->site->db, &lapse, d->now, e);
}

int
step_take(struct deed *d, const char *name, struct slice address, struct slice why,
	  enum step_end *end, struct conduct_event *ev, struct err *e)
{
	const struct conf_step *s = step_find(d->list, slice_str(name));
	struct conduct_event proposal;
	memset(ev, 0, sizeof(*ev));
	*end = STEP_UNKNOWN;
	if (!s)
		return 0;
	int r = may_take(d, s, address, end, ev, e);
	if (r != 1)
		return r;
	const char *about = take_key(d->a, &why);
	const char *text = arena_str(d->a, slice_sub(slice_trim(why), 0, STEP_WHY_MAX));
	if (s->by != STEP_BY_TWO_MODERATORS) {
		*end = STEP_TAKEN;
		return take(d, s, address, d->by, text, about, 0, ev, e);
	}
	r = conduct_proposal(d->site->db, d->a, d->list->name, address, s->name, d->now, &proposal,
			     e);
	if (r < 0)
		return -1;
	if (r == 1 && !is_moderator_now(d->list, proposal.by)) {
		if (put_lapse(d, &proposal, e) < 0)
			return -1;
		r = 0;
	}
	if (r == 0)
		return propose(d, s, address, text, about, end, ev, e);
	*ev = proposal;
	*end = STEP_WAITING;
	if (address_eq(slice_str(proposal.by), slice_str(d->by)))
		return 0;
	return second_word(d, s, &proposal, slice_str(text), end, ev, e);
}

/* Has everyone who could agree said no? Then the proposal is over. */
static int
maybe_lapse(struct deed *d, const struct conduct_event *proposal, struct err *e)
{
	struct deed other = *d;
	enum step_end end;
	for (size_t i = 0; (other.by = step_moderator(d->list, i)) != NULL; i++) {
		if (address_eq(slice_str(other.by), slice_str(proposal->by)))
			continue;
		int may = step_may_judge(&other, slice_str(proposal->address), &end, e);
		int said = may == 1 ? conduct_answered(d->site->db, proposal->id, "disagree",
						       slice_str(other.by), e)
				    : 1;
		if (may < 0 || said < 0)
			return -1;
		if (said == 0)
			return 0;
	}
	return put_lapse(d, proposal, e) < 0 ? -1 : tidings_lapse(d, proposal, e);
}

int
step_agree(struct deed *d, int64_t id, bool agree, struct slice why, enum step_end *end,
	   struct conduct_event *ev, struct err *e)
{
	struct conduct_event p, open;
	int r = conduct_get(d->site->db, d->a, id, &p, e);
	*end = STEP_NOTHING;
	if (r == 1)
		r = conduct_proposal(d->site->db, d->a, p.list, slice_str(p.address), p.step,
				     d->now, &open, e);
	if (r != 1 || open.id != id || !is_moderator_now(d->list, p.by))
		return r < 0 ? -1 : 0;
	const struct conf_step *s = step_find(d->list, slice_str(p.step));
	*end = STEP_UNKNOWN;
	if (!s)
		return 0;
	r = may_take(d, s, slice_str(p.address), end, ev, e);
	if (r != 1)
		return r;
	if (agree)
		return second_word(d, s, &p, why, end, ev, e);
	struct conduct_event no = {.case_id = p.case_id,
				   .list = p.list,
				   .address = p.address,
				   .what = "disagree",
				   .step = p.step,
				   .by = d->by,
				   .why = arena_str(d->a, slice_sub(why, 0, STEP_WHY_MAX)),
				   .refers = p.id};
	*end = STEP_DISAGREED;
	if (conduct_add(d->site->db, &no, d->now, e) < 0)
		return -1;
	*ev = p;
	return maybe_lapse(d, &p, e);
}

/* --- lifting ---------------------------------------------------------------------------------- */

struct gathered {
	struct arena *a;
	struct conduct_event v[64];
	size_t n;
};

static int
gather(void *arg, const struct conduct_event *ev)
{
	struct gathered *g = arg;
	if (g->n == sizeof(g->v) / sizeof(g->v[0]))
		return -1;
	struct conduct_event *k = &g->v[g->n++];
	*k = *ev;
	const char **texts[] = {&k->list, &k->address, &k->what,  &k->step, &k->does, &k->audience,
				&k->by,   &k->why,     &k->about, &k->rule, &k->hash};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_str(g->a, slice_str(*texts[i]));
	return 0;
}

int
step_lift(struct deed *d, struct slice address, struct slice why, enum step_end *end,
	  struct conduct_event *ev, struct err *e)
{
	struct gathered *g = arena_zalloc(d->a, sizeof(*g));
	g->a = d->a;
	memset(ev, 0, sizeof(*ev));
	*end = STEP_NOT_YOURS;
	if (!is_entitled(d, STEP_BY_MODERATOR))
		return 0;
	int r = step_may_judge(d, address, end, e);
	if (r != 1)
		return r;
	if (conduct_each_in_force(d->site->db, d->list->name, address, d->now, gather, g, e) < 0)
		return -1;
	*end = STEP_NOTHING;
	for (size_t i = 0; i < g->n; i++) {
		*ev = (struct conduct_event){
		    .case_id = g->v[i].case_id,
		    .list = g->v[i].list,
		    .address = g->v[i].address,
		    .what = "lift",
		    .step = g->v[i].step,
		    .audience = g->v[i].audience,
		    .by = d->by,
		    .why = arena_str(d->a, slice_sub(slice_trim(why), 0, STEP_WHY_MAX)),
		    .refers = g->v[i].id};
		if (conduct_add(d->site->db, ev, d->now, e) < 0 ||
		    tidings_over(d, &g->v[i], ev, e) < 0)
			return -1;
		*end = STEP_LIFTED;
	}
	return 0;
}

/* --- by the clock ----------------------------------------------------------------------------- */

/* What an event becomes when its time is over. */
static const struct {
	const char *what, *end;
} ends[] = {{"step", "end"},
	    {"propose", "lapse"},
	    {"petition", "lapse"},
	    {"freeze", "thaw"},
	    {"emergency", "calm"}};

static int
end_one(struct deed *d, const struct conduct_event *over, struct err *e)
{
	const char *what = "end";
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(ends[i].what, over->what) == 0)
			what = ends[i].end;
	struct conduct_event ev = {.case_id = over->case_id,
				   .list = over->list,
				   .address = over->address,
				   .what = what,
				   .step = over->step,
				   .audience = over->audience,
				   .by = "the clock",
				   .about = over->about,
				   .refers = over->id};
	if (conduct_add(d->site->db, &ev, d->now, e) < 0)
		return -1;
	if (!d->list) /* the configuration names it no more */
		return 0;
	if (strcmp(over->what, "petition") == 0)
		return tidings_member(d, "appeal-lapsed", over, e);
	if (strcmp(what, "lapse") == 0)
		return tidings_lapse(d, over, e);
	return tidings_over(d, over, &ev, e);
}

int
step_sweep(struct site *site, int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	struct gathered *g = arena_zalloc(a, sizeof(*g));
	char id[ID_MAX];
	int ret = -1;
	g->a = a;
	if (conduct_each_over(site->db, now, gather, g, e) < 0)
		goto out;
	ret = (int)g->n;
	if (g->n == 0)
		goto out;
	id_new(id);
	struct deed d = {.site = site, .a = a, .by = "the clock", .id = id, .now = now};
	ret = db_begin(site->db, e);
	for (size_t i = 0; ret == 0 && i < g->n; i++) {
		d.list = conf_list_find(site->conf, slice_str(g->v[i].list));
		ret = end_one(&d, &g->v[i], e);
	}
	if (ret < 0 || db_commit(site->db, e) < 0) {
		db_rollback(site->db);
		ret = -1;
		goto out;
	}
	ret = (int)g->n;
out:
	arena_free(a);
	return ret;
}
