/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs_refused: what did not go out (refused.h): the counts, the open record, and taking a post
 * out of it that must not be read there.
 */
#include <string.h>

#include "base/num.h"
#include "conf/text.h"
#include "daemon/refused.h"
#include "daemon/reasons.h"
#include "daemon/verbs.h"

struct out {
	struct cli *c;
	struct cli_table *t;
};

static const char *
worded(const struct out *o, const char *reason)
{
	return text_phrase(o->c->conf->language, reasons_phrase(slice_str(reason)));
}

static const struct cli_column count_columns[] = {
    {"month", CLI_TEXT}, {"what", CLI_TEXT}, {"reason", CLI_TEXT}, {"posts", CLI_INT}};

static int
put_count(void *arg, const struct refused_count *n)
{
	const struct out *o = arg;
	const char *month = arena_printf(o->c->arena, "%04lld-%02lld", (long long)(n->month / 100),
					 (long long)(n->month % 100));
	cli_row(o->t, (struct cli_cell[]){{.text = month},
					  {.text = n->what},
					  {.text = worded(o, n->reason)},
					  {.number = n->n}});
	return 0;
}

static const struct cli_column post_columns[] = {
    {"id", CLI_INT}, {"time", CLI_TIME}, {"reason", CLI_TEXT}, {"subject", CLI_TEXT}};

static int
put_post(void *arg, const struct refused_post *p)
{
	const struct out *o = arg;
	cli_row(o->t, (struct cli_cell[]){{.number = p->id},
					  {.number = p->t},
					  {.text = worded(o, p->reason)},
					  {.text = p->subject}});
	return 0;
}

static int
show(struct cli *c, struct site *site, const char *list, bool posts, struct err *e)
{
	struct out o = {c, posts ? cli_table(c, post_columns, 4) : cli_table(c, count_columns, 4)};
	int r = posts ? refused_each_post(site->db, list, put_post, &o, e)
		      : refused_each_count(site->db, list, put_count, &o, e);
	if (r < 0)
		return cli_fail_err(e);
	cli_print(o.t, posts ? "the open record is empty" : "every post went out so far");
	return 0;
}

static int
take_out(struct site *site, const char *list, const char *id, struct err *e)
{
	int64_t number;
	if (!num_parse(slice_str(id), 1, INT64_MAX, &number))
		return cli_fail("'%s' is no number; \"plenary refused %s --posts\" lists them", id,
				list);
	int r = db_begin(site->db, e);
	if (r == 0)
		r = refused_remove(site->db, list, number, e);
	if (r < 0 || db_commit(site->db, e) < 0) {
		db_rollback(site->db);
		return cli_fail_err(e);
	}
	return r ? 0
		 : cli_fail("the open record has no post %s; \"plenary refused %s --posts\" lists "
			    "them",
			    id, list);
}

int
verb_refused(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct err e = {0};
	const char *id = NULL;
	bool posts = cli_option(&argc, argv, "--posts", NULL);
	bool remove = cli_option(&argc, argv, "--remove", &id);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret || argc != 1 || (remove && !id))
		return ret ? ret : cli_usage(c);
	const struct conf_list *l = cli_list(c, argv[0]);
	if (!l || verb_open(c, &site) < 0)
		return 1;
	ret = remove ? take_out(&site, l->name, id, &e) : show(c, &site, l->name, posts, &e);
	verb_close(c, &site, remove && ret == 0);
	return ret;
}
