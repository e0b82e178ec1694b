/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs_lists: which lists there are, who is on them, and whose mail comes back. They only look.
 */
#include "base/clock.h"
#include "daemon/bounce.h"
#include "daemon/bouncing.h"
#include "daemon/complaint.h"
#include "daemon/conduct.h"
#include "daemon/member.h"
#include "daemon/totals.h"
#include "daemon/verbs.h"

/* --- lists ---------------------------------------------------------------------------------- */

static const struct cli_column list_columns[] = {
    {"name", CLI_TEXT}, {"title", CLI_TEXT}, {"members", CLI_INT},
    {"posts", CLI_INT}, {"last", CLI_TIME},
};

int
verb_lists(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct cli_table *t = cli_table(c, list_columns, 5);
	struct totals totals = {0};
	struct err e = {0};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (verb_open(c, &site) < 0)
		return 1;
	if (totals_load(c, &totals, &e) < 0)
		ret = cli_fail_err(&e);
	for (size_t i = 0; i < c->conf->nlists && ret == 0; i++) {
		const struct conf_list *l = &c->conf->lists[i];
		int64_t posts, last;
		totals_of(&totals, l->name, &posts, &last);
		cli_row(t, (struct cli_cell[]){{.text = l->name},
					       {.text = l->title},
					       {.number = member_count(site.db, l->name)},
					       {.number = posts},
					       {.number = last}});
	}
	if (ret == 0)
		cli_print(t, "the configuration names no list");
	totals_free(&totals);
	verb_close(c, &site, false);
	return ret;
}

/* --- members -------------------------------------------------------------------------------- */

static const struct cli_column member_columns[] = {
    {"address", CLI_TEXT},  {"delivery", CLI_TEXT}, {"vacation", CLI_DAY},
    {"ack", CLI_BOOL},      {"copy", CLI_BOOL},     {"language", CLI_TEXT},
    {"group", CLI_TEXT},    {"since", CLI_TIME},    {"bounce_score", CLI_HALVES},
    {"standing", CLI_TEXT},
};

struct members_out {
	struct cli_table *t;
	struct db *db;
	struct err *e;
};

/* Conduct before bounces: it is what others decided. */
static const char *
standing_word(struct db *db, struct arena *a, const struct member *m)
{
	struct standing s;
	struct err e = {0};
	if (conduct_standing(db, a, m->list, slice_str(m->address), clock_now(), &s, &e) < 0)
		return "unknown";
	return s.does == STEP_MESSAGE && m->paused ? "paused" : conduct_standing_word(&s);
}

static int
member_row(void *arg, const struct member *m)
{
	struct members_out *o = arg;
	struct arena *a = arena_new();
	cli_row(o->t, (struct cli_cell[]){{.text = m->wire},
					  {.text = m->delivery},
					  {.number = m->vacation},
					  {.number = m->ack},
					  {.number = m->copy},
					  {.text = m->language},
					  {.text = m->group},
					  {.number = m->since},
					  {.number = m->bounce_score},
					  {.text = standing_word(o->db, a, m)}});
	arena_free(a);
	return 0;
}

static int
members_table(struct cli *c, int argc, char **argv, int (*row)(void *arg, const struct member *m),
	      struct cli_table *t, const char *none)
{
	struct site site;
	struct err e = {0};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (!cli_list(c, argv[0]) || verb_open(c, &site) < 0)
		return 1;
	struct members_out o = {t, site.db, &e};
	if (member_each(site.db, cli_list(c, argv[0])->name, row, &o, &e) < 0 || e.kind)
		ret = cli_fail_err(&e);
	else
		cli_print(t, none);
	verb_close(c, &site, false);
	return ret;
}

void
verb_print_member(struct cli *c, struct site *site, const struct member *m)
{
	struct members_out o = {cli_table(c, member_columns, 10), site->db, NULL};
	member_row(&o, m);
	cli_print_one(o.t);
}

int
verb_members(struct cli *c, int argc, char **argv)
{
	return members_table(c, argc, argv, member_row, cli_table(c, member_columns, 10),
			     "it has no members yet");
}

/* --- bounces -------------------------------------------------------------------------------- */

static const struct cli_column bounce_columns[] = {
    {"address", CLI_TEXT},  {"delivery", CLI_TEXT},  {"bounce_score", CLI_HALVES},
    {"last", CLI_TIME},     {"stage", CLI_TEXT},     {"next", CLI_TIME},
    {"removal", CLI_DAY},   {"complaints", CLI_INT}, {"complained", CLI_TIME},
    {"reasons", CLI_LINES},
};

/* In words that a script can compare, too. */
static const char *
stage_word(struct arena *a, const struct bouncing_stage *st, bool complained)
{
	switch (st->stage) {
	case BOUNCING_PROBED:
		return "probe sent";
	case BOUNCING_PAUSED:
		return st->warnings ? arena_printf(a, "warning %d", st->warnings) : "paused";
	case BOUNCING_NONE:
	case BOUNCING_COUNTING:
		break;
	}
	return complained ? "complaint" : st->stage == BOUNCING_COUNTING ? "counting" : "";
}

static int
bounced_row(void *arg, const struct member *m)
{
	struct members_out *o = arg;
	struct arena *a = arena_new();
	struct bouncing_stage st;
	int64_t complaints = 0, complained = 0, since;
	const char *reasons = "";
	int stopped = complaint_stopped(o->db, a, m, &since, o->e), ret = -1;
	if (stopped < 0 || bouncing_stage(o->db, m, &st, o->e) < 0 ||
	    bounce_complaints(o->db, m->id, &complaints, &complained, o->e) < 0)
		goto out;
	ret = 0;
	if (st.stage == BOUNCING_NONE && !complaints)
		goto out;
	ret = bounce_reasons(o->db, a, m->id, &reasons, o->e);
	if (ret == 0)
		cli_row(o->t, (struct cli_cell[]){{.text = m->wire},
						  {.text = m->delivery},
						  {.number = m->bounce_score},
						  {.number = m->bounce_last},
						  {.text = stage_word(a, &st, stopped == 1)},
						  {.number = st.next},
						  {.number = st.ends},
						  {.number = complaints},
						  {.number = complained},
						  {.text = reasons}});
out:
	arena_free(a);
	return ret;
}

int
verb_bounces(struct cli *c, int argc, char **argv)
{
	return members_table(
	    c, argc, argv, bounced_row,
	    cli_table(c, bounce_columns, sizeof(bounce_columns) / sizeof(bounce_columns[0])),
	    "no member's mail came back lately");
}
