/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_conduct: commands about conduct. command.c has made sure who asks; what he may do is
 * asked of the rules (step.c).
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"
#include "daemon/answers.h"
#include "daemon/appeal.h"
#include "daemon/reports.h"
#include "daemon/step.h"
#include "daemon/tidings.h"
#include "mail/header.h"

#define RAW_MAX (64 * 1024 * 1024)

/* --- steps ------------------------------------------------------------------------------------ */

static int
take_step(struct command *c, const char *name, struct slice rest, struct err *e)
{
	struct slice address = answer_address(c, &rest);
	struct deed d = answer_deed(c);
	struct conduct_event ev;
	enum step_end end;
	if (address.n == 0)
		return answer_say(
		    c, N_("Please name the step and the member's address: step NAME ADDRESS "
			  "[why]."));
	if (step_take(&d, name, address, rest, &end, &ev, e) < 0)
		return -1;
	answer_deed_done(c, &d);
	buf_puts(c->out, step_explain(c->w->arena, c->lang, c->list, name, end, &ev));
	return 0;
}

int
answer_step(struct command *c, struct err *e)
{
	struct slice rest = c->args, name = {NULL, 0};
	slice_next_word(&rest, &name);
	return take_step(c, arena_lower(c->w->arena, name), rest, e);
}

int
answer_remind(struct command *c, struct err *e)
{
	return take_step(c, "reminder", c->args, e);
}

int
answer_warn(struct command *c, struct err *e)
{
	return take_step(c, "warning", c->args, e);
}

int
answer_suspend(struct command *c, struct err *e)
{
	return take_step(c, "suspension", c->args, e);
}

int
answer_lift(struct command *c, struct err *e)
{
	struct slice rest = c->args, address = answer_address(c, &rest);
	struct deed d = answer_deed(c);
	struct conduct_event ev;
	enum step_end end;
	if (address.n == 0)
		return answer_say(c, N_("Please name the member's address: lift ADDRESS [why]."));
	if (step_lift(&d, address, rest, &end, &ev, e) < 0)
		return -1;
	answer_deed_done(c, &d);
	buf_puts(c->out, step_explain(c->w->arena, c->lang, c->list, "", end, &ev));
	return 0;
}

/* --- the record ------------------------------------------------------------------------------- */

static int
case_line(void *arg, const struct conduct_case *k)
{
	struct command *c = arg;
	struct standing s;
	struct err e = {0};
	struct arena *a = arena_new();
	int r =
	    conduct_standing(c->w->site->db, a, k->list, slice_str(k->address), c->w->now, &s, &e);
	/* Nobody reads about himself here: "status" tells him what is his to know. */
	if (r == 0 && !address_eq(slice_str(k->address), c->who))
		buf_printf(c->out, "%" PRId64 "  %s  %s  %s\n", k->id, k->address,
			   text_date(a, c->lang, k->opened),
			   s.does == STEP_MESSAGE ? "" : conduct_standing_word(&s));
	arena_free(a);
	return r;
}

int
answer_cases(struct command *c, struct err *e)
{
	size_t before = c->out->n;
	struct slice none = {NULL, 0};
	if (conduct_each_case(c->w->site->db, c->list->name, none, case_line, c, e) < 0)
		return -1;
	return c->out->n == before ? answer_say(c, N_("There are no cases.")) : 0;
}

static int
put_event(struct command *c, const struct conduct_event *ev)
{
	struct arena *a = arena_new();
	const char *by = conduct_hides_by(ev) ? "" : ev->by;
	buf_printf(c->out, "%s  %s %s%s%s\n", text_date_time(a, c->lang, ev->t), ev->what, ev->step,
		   by[0] ? "  " : "", by);
	if (ev->until)
		buf_printf(c->out, "    -> %s\n", text_date_time(a, c->lang, ev->until));
	if (ev->about[0])
		buf_printf(c->out, "    %s/%s/m/%s/\n", c->w->site->conf->site_url, ev->list,
			   ev->about);
	struct slice rest = slice_str(ev->why), line;
	while (slice_next_line(&rest, &line))
		buf_printf(c->out, "    | %.*s\n", SLICE_ARG(line));
	arena_free(a);
	return 0;
}

/* As the moderators see it: what an appeal says is written to its body alone. */
static int
event_line(void *arg, const struct conduct_event *ev)
{
	struct conduct_event k = *ev;
	if (strcmp(ev->what, "appeal") == 0 || strcmp(ev->what, "petition") == 0)
		k.why = "";
	return put_event(arg, &k);
}

int
answer_case(struct command *c, struct err *e)
{
	struct conduct_case k;
	int64_t id = 0;
	int r = num_parse(c->args, 1, INT64_MAX, &id)
		    ? conduct_case_get(c->w->site->db, c->w->arena, id, &k, e)
		    : 0;
	if (r < 0)
		return -1;
	if (r == 0 || strcmp(k.list, c->list->name) != 0)
		return answer_say(
		    c, N_("No case of this list has this number. \"cases\" lists them."));
	if (address_eq(slice_str(k.address), c->who))
		return answer_say(
		    c, N_("This case is about you: \"status\" tells you where you stand."));
	buf_printf(c->out, "%s\n", k.address);
	return conduct_each(c->w->site->db, k.list, k.id, event_line, c, e);
}

/* What is hers to know: every step, and what is in force. */
static int
own_line(void *arg, const struct conduct_event *ev)
{
	static const char *const shown[] = {"step",     "lift",   "end",    "answer",
					    "petition", "appeal", "uphold", "overturn"};
	struct command *c = arg;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (strcmp(shown[i], ev->what) == 0) {
			struct conduct_event k = *ev;
			k.by = ""; /* decided by the list's people, not by one of them */
			return put_event(c, &k);
		}
	return 0;
}

/* Steps that may come next, and until when: "suspension (21 May 2027)". */
static const char *
next_until(struct command *c, struct arena *a, const struct conf_list *l,
	   const struct conduct_event *step)
{
	const char *s = "";
	for (size_t i = 0; i < l->nsteps; i++) {
		const struct conf_step *n = &l->steps[i];
		int64_t until = n->within ? step->t + n->within : INT64_MAX;
		if (!n->after || strcmp(n->after, step->step) != 0 || until < c->w->now)
			continue;
		s = arena_printf(a, "%s%s%s", s, s[0] ? ", " : "", n->name);
		if (n->within)
			s = arena_printf(a, "%s (%s)", s, text_date(a, c->lang, until));
	}
	return s;
}

static int
put_petition(struct command *c, struct arena *a, const struct conduct_event *step, struct err *e)
{
	struct db *db = c->w->site->db;
	struct conduct_event petition;
	int have, need;
	int r = conduct_answered(db, step->id, "appeal", slice_make(NULL, 0), e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	r = conduct_petition(db, a, step->id, c->w->now, &petition, e);
	if (r != 1 || appeal_count(db, a, &petition, &have, &need, e) < 0)
		return r == 0 ? 0 : -1;
	buf_printf(c->out,
		   text_phrase(c->lang, N_("Members who stand behind your appeal: %d of %d that it "
					   "takes, until %s.")),
		   have, need, text_date_time(a, c->lang, petition.until));
	buf_putc(c->out, '\n');
	return 0;
}

/* How far an appeal is that waits for others, and what may come next. */
static int
put_outlook(struct command *c, struct arena *a, const struct conduct_case *k, struct err *e)
{
	const struct conf_list *l = conf_list_find(c->w->site->conf, slice_str(k->list));
	struct conduct_event step;
	int r = l ? conduct_last_step(c->w->site->db, a, k->list, slice_str(k->address), NULL, 0,
				      &step, e)
		  : 0;
	if (r != 1)
		return r;
	if (put_petition(c, a, &step, e) < 0)
		return -1;
	const char *next = next_until(c, a, l, &step);
	if (next[0]) {
		buf_printf(
		    c->out,
		    text_phrase(c->lang, N_("What may come next, if it happens again (until): %s")),
		    next);
		buf_putc(c->out, '\n');
	}
	return 0;
}

static int
own_case(void *arg, const struct conduct_case *k)
{
	struct command *c = arg;
	struct err e = {0};
	struct standing s;
	struct arena *a = arena_new();
	int r =
	    conduct_standing(c->w->site->db, a, k->list, slice_str(k->address), c->w->now, &s, &e);
	size_t before = c->out->n;
	if (r == 0)
		r = conduct_each(c->w->site->db, k->list, k->id, own_line, c, &e);
	if (r == 0 && c->out->n > before && s.does != STEP_MESSAGE) {
		buf_printf(c->out, "%s: ", k->list);
		buf_printf(c->out,
			   text_phrase(c->lang, s.does == STEP_SUSPEND
						    ? N_("you may not post until %s.")
						    : N_("your posts are held until %s.")),
			   text_date_time(a, c->lang, s.until));
		buf_putc(c->out, '\n');
	}
	if (r == 0 && c->out->n > before)
		r = put_outlook(c, a, k, &e);
	arena_free(a);
	return r;
}

int
answer_own_conduct(struct command *c, const char *list, struct err *e)
{
	return conduct_each_case(c->w->site->db, list, c->who, own_case, c, e);
}

/* --- reports ---------------------------------------------------------------------------------- */

/* Whose message it is, by what everyone can read. Empty: it is not there. */
static struct slice
author_of(struct command *c, const char *key)
{
	struct arena *a = c->w->arena;
	struct slice bytes;
	struct message m;
	struct address from;
	struct err e = {0};
	const char *path = conf_path(c->w->site->conf, a, "html/%s/m/%s/raw", c->list->name, key);
	if (!key[0] || file_read(AT_FDCWD, path, RAW_MAX, a, &bytes, &e) < 0)
		return slice_make(NULL, 0);
	message_parse(&m, a, bytes);
	return address_parse_first(a, message_value(&m, "From"), &from) ? from.text
									: slice_make(NULL, 0);
}

int
answer_report(struct command *c, struct err *e)
{
	struct slice rest = c->args;
	const char *key = answer_key(c, &rest);
	struct slice author = author_of(c, key);
	struct member m;
	struct deed d = answer_deed(c);
	int r = member_find(c->w->site->db, c->w->arena, c->list->name, c->who, &m, e);
	if (r < 0)
		return -1;
	if (r == 0)
		return answer_say(c, N_("Only members of the list can report a message."));
	if (author.n == 0)
		return answer_say(c, N_("The archive of this list has nothing under that name."));
	if (reports_add(&d, author, key, rest, e) < 0)
		return -1;
	answer_deed_done(c, &d);
	return answer_say(c,
			  N_("The moderators were told. Who reported it is not told to anyone."));
}

/* --- appeals ---------------------------------------------------------------------------------- */

int
answer_cosign(struct command *c, struct err *e)
{
	struct deed d = answer_deed(c);
	struct ticket t;
	uint64_t id;
	int64_t petition;
	const char *result = N_("This appeal does not wait for anybody's word (any more).");
	int r = 0;
	if (token_check(c->w->site->keys, "ticket", "", c->args, &id))
		r = ticket_get(c->w->site->db, c->w->arena, (int64_t)id, &t, e);
	if (r == 1 && strcmp(t.kind, "cosign") == 0 && strcmp(t.list, c->list->name) == 0 &&
	    num_parse(slice_str(t.detail), 1, INT64_MAX, &petition))
		r = appeal_cosign(&d, petition, &result, e);
	answer_deed_done(c, &d);
	return r < 0 ? -1 : answer_say(c, result);
}
