/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * appeal: see appeal.h. A petition's event has its own rule, as a step has: how many words it takes
 * is what the list asked for when it began.
 */
#include "daemon/appeal.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/num.h"
#include "conf/text.h"
#include "daemon/answer.h"
#include "daemon/command.h"
#include "daemon/request.h"
#include "daemon/send.h"
#include "daemon/tidings.h"

#define RULE "appeal-cosigners = "

static const struct slice anyone = {NULL, 0};

static struct deed
deed_of(struct work *w, const struct conf_list *l, const char *by)
{
	return (struct deed){.site = w->site,
			     .a = w->arena,
			     .list = l,
			     .by = by,
			     .id = w->id,
			     .now = w->now,
			     .notices = w->notices};
}

static void
deed_done(struct work *w, const struct deed *d)
{
	w->notices = d->notices > w->notices ? d->notices : w->notices;
}

/* --- who stands behind it --------------------------------------------------------------------- */

struct counting {
	struct arena *a;
	int64_t petition;
	int n;
	const char *names;  /* one a line */
	const char *person; /* looked for, by address_flood_key */
	bool found;
};

static int
count_one(void *arg, const struct conduct_event *ev)
{
	struct counting *c = arg;
	if (ev->refers != c->petition || strcmp(ev->what, "cosign") != 0)
		return 0;
	c->n++;
	c->names =
	    arena_printf(c->a, "%s%s%s", c->names ? c->names : "", c->names ? "\n" : "", ev->by);
	c->found |= c->person && strcmp(address_flood_key(c->a, slice_str(ev->by)), c->person) == 0;
	return 0;
}

static int
count(struct db *db, const struct conduct_event *petition, struct counting *c, struct err *e)
{
	c->petition = petition->id;
	return conduct_each(db, petition->list, petition->case_id, count_one, c, e);
}

static int
words_needed(const struct conduct_event *petition)
{
	int64_t n;
	struct slice rule = slice_str(petition->rule);
	return slice_starts(rule, SLICE(RULE)) &&
		       num_parse(slice_from(rule, sizeof(RULE) - 1), 1, 1000, &n)
		   ? (int)n
		   : 1;
}

int
appeal_count(struct db *db, struct arena *a, const struct conduct_event *petition, int *have,
	     int *need, struct err *e)
{
	struct counting c = {.a = a};
	int ret = count(db, petition, &c, e);
	*have = c.n;
	*need = words_needed(petition);
	return ret;
}

/* --- the appeal itself ------------------------------------------------------------------------ */

/* names: of who stands behind it, one a line; NULL: nobody had to. */
static int
file_appeal(struct deed *d, const struct conduct_event *step, const char *words, const char *names,
	    struct slice attached, struct err *e)
{
	struct conduct_event ev = {.case_id = step->case_id,
				   .list = step->list,
				   .address = step->address,
				   .what = "appeal",
				   .step = step->step,
				   .by = step->address,
				   .why = words,
				   .refers = step->id};
	if (conduct_add(d->site->db, &ev, d->now, e) < 0 ||
	    tidings_appeal(d, step, &ev, names, attached, e) < 0)
		return -1;
	log_info("%s: %s: appeal of %s against step %s", d->id, step->list,
		 log_str(slice_str(step->address)), step->step);
	return tidings_member(d, "appeal-received", &ev, e);
}

static int
begin_petition(struct deed *d, const struct conduct_event *step, const char *words, struct err *e)
{
	struct conduct_event ev = {.case_id = step->case_id,
				   .list = step->list,
				   .address = step->address,
				   .what = "petition",
				   .step = step->step,
				   .by = step->address,
				   .why = words,
				   .rule = arena_printf(d->a, RULE "%d", d->list->appeal_cosigners),
				   .until = d->now + PETITION_EXPIRES,
				   .refers = step->id};
	if (conduct_add(d->site->db, &ev, d->now, e) < 0)
		return -1;
	log_info("%s: %s: appeal of %s against step %s waits for %d co-signers", d->id, step->list,
		 log_str(slice_str(step->address)), step->step, d->list->appeal_cosigners);
	return tidings_petition(d, &ev, d->list->appeal_cosigners, e);
}

/* The newest step that can be appealed against. It can't be (any more) where it was: by an appeal,
 * or by a petition that waits (its id is 0 if there is none). 1 it can be, 0, -1. */
static int
find_step(struct work *w, const struct conf_list *l, struct slice who, struct conduct_event *step,
	  struct conduct_event *petition, struct err *e)
{
	petition->id = 0;
	int r = conduct_last_step(w->site->db, w->arena, l->name, who, NULL, 0, step, e);
	if (r != 1)
		return r;
	int open = conduct_answered(w->site->db, step->id, "appeal", anyone, e);
	if (open == 0)
		open = conduct_petition(w->site->db, w->arena, step->id, w->now, petition, e);
	return open < 0 ? -1 : !open;
}

int
appeal_take(struct work *w, const struct conf_list *l, struct slice who, const char *words,
	    struct slice attached, struct err *e)
{
	struct conduct_event step, petition;
	struct deed d = deed_of(w, l, arena_str(w->arena, who));
	int r = find_step(w, l, who, &step, &petition, e);
	if (r < 0)
		return -1;
	if (petition.id)
		r = tidings_petition(&d, &petition, words_needed(&petition), e);
	else if (r == 0)
		r = tidings_member(
		    &d, "appeal-nothing",
		    &(struct conduct_event){
			.list = l->name, .address = d.by, .what = "appeal", .step = ""},
		    e);
	else if (l->appeal_cosigners > 0)
		r = begin_petition(&d, &step, words, e);
	else
		r = file_appeal(&d, &step, words, NULL, attached, e);
	deed_done(w, &d);
	return r;
}

/* She writes again while her petition waits: it is no way around it. */
static int
still_waits(struct work *w, const struct conduct_event *petition, struct err *e)
{
	struct deed d = deed_of(w, w->route.list, petition->address);
	int may = work_may_answer(w, w->author.text, e);
	if (may == 1 && tidings_petition(&d, petition, words_needed(petition), e) < 0)
		return -1;
	deed_done(w, &d);
	return may < 0 ? -1 : 0;
}

static const char *
own_words(struct work *w)
{
	struct slice text = answer_text(w, 0, APPEAL_WORDS_MAX);
	return arena_str(w->arena, text.n ? text : w->subject);
}

int
appeal_handle(struct work *w, struct err *e)
{
	const struct conf_list *l = w->route.list;
	struct conduct_event step, petition;
	enum request_end end;
	if (w->author.text.n == 0 || w->automatic)
		return owner_handle(w, e);
	int r = find_step(w, l, w->author.text, &step, &petition, e);
	if (r < 0)
		return -1;
	if (petition.id)
		return still_waits(w, &petition, e);
	if (r == 0) /* or more about one that was made before */
		return owner_handle(w, e);
	const char *words = own_words(w);
	if (w->vouched)
		return appeal_take(w, l, w->author.text, words, w->env.message, e);
	/* Anyone could have written it. */
	if (request_ask(w, "appellant", l, w->author.text, words, "confirm-appeal", words, &end,
			e) < 0)
		return -1;
	/* Asked too often today: then the appeal body reads it as it would any letter. */
	return end == REQUEST_ASKED ? 0 : owner_handle(w, e);
}

/* --- co-signing ------------------------------------------------------------------------------- */

/* Whose word counts? 1, 0 and why not, -1. */
static int
may_cosign(struct deed *d, const struct conduct_event *petition, struct counting *c,
	   const char **result, struct err *e)
{
	struct slice who = slice_str(d->by);
	struct member m;
	c->person = address_flood_key(d->a, who);
	if (count(d->site->db, petition, c, e) < 0)
		return -1;
	int member = member_find(d->site->db, d->a, d->list->name, who, &m, e);
	int reported =
	    conduct_reported(d->site->db, d->list->name, slice_str(petition->address), who, e);
	if (member < 0 || reported < 0)
		return -1;
	const char *own = address_flood_key(d->a, slice_str(petition->address));
	*result = N_("Only members of the list can stand behind an appeal.");
	if (!member)
		return 0;
	*result = N_("An appeal takes the words of others: of members who neither decide about it "
		     "nor are part of the case. Nothing was done.");
	if (strcmp(own, c->person) == 0 || step_is_moderator(d->list, who) ||
	    strings_has_address(&d->list->appeals, who) || reported)
		return 0;
	*result = N_("You stand behind this appeal already.");
	return !c->found;
}

/* Does it still wait, and against a step that counts? 1, 0, -1. */
static int
is_open(struct deed *d, int64_t id, struct conduct_event *petition, struct conduct_event *step,
	struct err *e)
{
	static const char *const ends[] = {"lift", "overturn", "appeal"};
	struct conduct_event open;
	struct db *db = d->site->db;
	int r = conduct_get(db, d->a, id, petition, e);
	if (r == 1)
		r = conduct_get(db, d->a, petition->refers, step, e);
	if (r == 1)
		r = conduct_petition(db, d->a, step->id, d->now, &open, e);
	if (r == 1 && (open.id != id || strcmp(petition->list, d->list->name) != 0))
		r = 0;
	for (size_t i = 0; r == 1 && i < sizeof(ends) / sizeof(ends[0]); i++) {
		int ended = conduct_answered(db, step->id, ends[i], anyone, e);
		r = ended < 0 ? -1 : !ended;
	}
	return r;
}

int
appeal_cosign(struct deed *d, int64_t id, const char **result, struct err *e)
{
	struct conduct_event petition, step;
	struct counting c = {.a = d->a};
	int r = is_open(d, id, &petition, &step, e);
	*result = N_("This appeal does not wait for anybody's word (any more).");
	if (r == 1)
		r = may_cosign(d, &petition, &c, result, e);
	if (r != 1)
		return r;
	struct conduct_event ev = {.case_id = petition.case_id,
				   .list = petition.list,
				   .address = petition.address,
				   .what = "cosign",
				   .step = petition.step,
				   .by = d->by,
				   .refers = petition.id};
	c = (struct counting){.a = d->a};
	if (conduct_add(d->site->db, &ev, d->now, e) < 0 ||
	    count(d->site->db, &petition, &c, e) < 0)
		return -1;
	*result = N_("You stand behind this appeal now. Only the appeal body sees your name.");
	return c.n < words_needed(&petition)
		   ? 0
		   : file_appeal(d, &step, petition.why, c.names, slice_make(NULL, 0), e);
}

/* Anybody who was given the address writes here: the token says what about, and not who. */
int
appeal_cosign_mail(struct work *w, const struct conf_list *l, const struct ticket *t, struct err *e)
{
	struct slice who = work_answer_to(w);
	enum request_end end;
	(void)t;
	int may = work_may_answer(w, who, e);
	if (may != 1)
		return may;
	const char *line = arena_printf(w->arena, "cosign %.*s\n", SLICE_ARG(w->route.token));
	if (w->vouched)
		return command_run_proven(w, l, who, line, e);
	return request_ask(w, "command", l, who, line, "confirm-command", line, &end, e);
}

/* --- the verdict ------------------------------------------------------------------------------ */

/* 1 it was decided before, 0, -1. */
static int
is_decided(struct deed *d, const struct conduct_event *appeal, struct err *e)
{
	int r = conduct_answered(d->site->db, appeal->id, "uphold", anyone, e);
	return r != 0 ? r : conduct_answered(d->site->db, appeal->refers, "overturn", anyone, e);
}

static int
put_verdict(struct deed *d, const struct conduct_event *appeal, bool overturn, struct slice why,
	    struct err *e)
{
	struct conduct_event step;
	if (conduct_get(d->site->db, d->a, appeal->refers, &step, e) != 1)
		return -1;
	struct conduct_event ev = {.case_id = step.case_id,
				   .list = step.list,
				   .address = step.address,
				   .what = overturn ? "overturn" : "uphold",
				   .step = step.step,
				   .audience = step.audience,
				   .by = d->by,
				   .why = arena_str(d->a, slice_sub(why, 0, STEP_WHY_MAX)),
				   .refers = overturn ? step.id : appeal->id};
	if (conduct_add(d->site->db, &ev, d->now, e) < 0 || tidings_over(d, &step, &ev, e) < 0)
		return -1;
	log_info("%s: %s: %s of step %s about %s", d->id, ev.list, ev.what, ev.step,
		 log_str(slice_str(ev.address)));
	return tidings_moderators(d, "conduct-decided", &ev, slice_make(NULL, 0), e);
}

int
appeal_decide(struct deed *d, const struct conduct_event *appeal, bool overturn, struct slice why,
	      const char **result, struct err *e)
{
	struct slice by = slice_str(d->by);
	int before = is_decided(d, appeal, e);
	*result = N_("This appeal was decided before. Nothing was changed.");
	if (before != 0)
		return before < 0 ? -1 : 0;
	*result = N_("By the rules of this list this is not yours to decide. Nothing was done.");
	/* Who heard appeals once does no more; who is a moderator by now takes the steps. */
	if (!strings_has_address(&d->list->appeals, by) ||
	    strings_has_address(&d->list->moderators, by) ||
	    address_eq(slice_str(appeal->address), by))
		return 0;
	*result = N_("Your answer is on the record.");
	return put_verdict(d, appeal, overturn, why, e);
}
