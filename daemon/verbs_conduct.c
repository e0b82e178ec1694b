/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs_conduct: the ladder by the administrator's command, which the list's rules bind as they
 * bind a mail: without --as it is the site's owner's word, with it that moderator's.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/step.h"
#include "daemon/verbs.h"

static const struct {
	const char *verb, *step;
} shorts[] = {{"remind", "reminder"}, {"warn", "warning"}, {"suspend", "suspension"}};

/* argv[at..] as one text. */
static const char *
words(struct cli *c, int argc, char **argv, int at)
{
	const char *s = "";
	for (int i = at; i < argc; i++)
		s = arena_printf(c->arena, "%s%s%s", s, i > at ? " " : "", argv[i]);
	return s;
}

/* Does one thing as one transaction. name NULL: lifts. Its exit code. */
static int
do_deed(struct cli *c, const struct conf_list *l, const char *name, const char *address,
	const char *why, const char *as)
{
	struct site site;
	struct address who;
	struct conduct_event ev = {0};
	struct err e = {0};
	enum step_end end = STEP_NOTHING;
	char id[ID_MAX];
	if (as && !step_is_moderator(l, slice_str(as)))
		return cli_fail("%s is no moderator of %s", as, l->name);
	if (!address_parse_first(c->arena, slice_str(address), &who))
		return cli_fail("'%s' is no address", address);
	if (verb_open(c, &site) < 0)
		return 1;
	id_new(id);
	struct deed d = {.site = &site,
			 .a = c->arena,
			 .list = l,
			 .by = as ? as : c->conf->owner,
			 .site_owner = !as,
			 .id = id,
			 .now = clock_now()};
	int r = db_begin(site.db, &e);
	if (r == 0 && name)
		r = step_take(&d, name, who.text, slice_str(why), &end, &ev, &e);
	else if (r == 0)
		r = step_lift(&d, who.text, slice_str(why), &end, &ev, &e);
	if (r < 0 || db_commit(site.db, &e) < 0) {
		db_rollback(site.db);
		verb_close(c, &site, false);
		return cli_fail_err(&e);
	}
	verb_close(c, &site, true);
	const char *text = step_explain(c->arena, "en", l, name ? name : "", end, &ev);
	if (end != STEP_TAKEN && end != STEP_PROPOSED && end != STEP_LIFTED)
		return cli_fail("%s", text);
	printf("%s\n", text);
	return 0;
}

int
verb_step(struct cli *c, int argc, char **argv)
{
	const char *as = NULL, *name = NULL;
	int at = 1;
	cli_option(&argc, argv, "--as", &as);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++)
		if (strcmp(shorts[i].verb, c->verb->name) == 0)
			name = shorts[i].step;
	if (!name && argc > at)
		name = argv[at++];
	if (argc <= at)
		return cli_usage(c);
	const struct conf_list *l = cli_list(c, argv[0]);
	return l ? do_deed(c, l, name, argv[at], words(c, argc, argv, at + 1), as) : 1;
}

int
verb_lift(struct cli *c, int argc, char **argv)
{
	const char *as = NULL;
	cli_option(&argc, argv, "--as", &as);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (argc < 2)
		return cli_usage(c);
	const struct conf_list *l = cli_list(c, argv[0]);
	return l ? do_deed(c, l, NULL, argv[1], words(c, argc, argv, 2), as) : 1;
}

/* --- cases ------------------------------------------------------------------------------------ */

static const struct cli_column case_columns[] = {
    {"id", CLI_INT},    {"list", CLI_TEXT},     {"member", CLI_TEXT},
    {"step", CLI_TEXT}, {"standing", CLI_TEXT}, {"opened", CLI_TIME},
};

struct cases_out {
	struct cli *c;
	struct site *site;
	struct cli_table *t;
};

static int
case_row(void *arg, const struct conduct_case *k)
{
	struct cases_out *o = arg;
	struct conduct_event last = {.step = ""};
	struct standing s;
	struct err e = {0};
	struct slice who = slice_str(k->address);
	if (conduct_standing(o->site->db, o->c->arena, k->list, who, clock_now(), &s, &e) < 0 ||
	    conduct_last_step(o->site->db, o->c->arena, k->list, who, NULL, 0, &last, &e) < 0)
		return cli_fail_err(&e), -1;
	cli_row(o->t, (struct cli_cell[]){{.number = k->id},
					  {.text = k->list},
					  {.text = k->address},
					  {.text = last.step},
					  {.text = conduct_standing_word(&s)},
					  {.number = k->opened}});
	return 0;
}

int
verb_cases(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct err e = {0};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	const struct conf_list *l = cli_list(c, argv[0]);
	if (!l || verb_open(c, &site) < 0)
		return 1;
	struct cases_out o = {c, &site, cli_table(c, case_columns, 6)};
	struct slice who = slice_str(argc > 1 ? argv[1] : NULL);
	int64_t at = 0;
	int whole = conduct_verify(site.db, l->name, &at, &e);
	if (whole < 0 || conduct_each_case(site.db, l->name, who, case_row, &o, &e) < 0)
		ret = cli_fail_err(&e);
	else
		cli_print(o.t, "there are no cases");
	if (whole == 0)
		ret = cli_fail("the record of %s is not as it was written, from event %lld on: "
			       "somebody has edited list.db",
			       l->name, (long long)at);
	verb_close(c, &site, false);
	return ret;
}
