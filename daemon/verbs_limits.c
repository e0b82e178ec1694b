/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs_limits: who asked for more than the site does in a day (flood.h).
 */
#include "base/clock.h"
#include "daemon/flood.h"
#include "daemon/verbs.h"

static const struct cli_column columns[] = {
    {"day", CLI_DAY},     {"kind", CLI_TEXT},   {"name", CLI_TEXT},
    {"allowed", CLI_INT}, {"refused", CLI_INT},
};

static int
put_cut(void *arg, const struct flood_cut *cut)
{
	cli_row(arg, (struct cli_cell[]){{.number = cut->day * 86400},
					 {.text = cut->kind},
					 {.text = cut->name},
					 {.number = cut->allowed},
					 {.number = cut->refused}});
	return 0;
}

int
verb_limits(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct err e = {0};
	struct cli_table *t = cli_table(c, columns, sizeof(columns) / sizeof(columns[0]));
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (verb_open(c, &site) < 0)
		return 1;
	if (flood_each_cut(site.db, false, clock_now(), put_cut, t, &e) < 0)
		ret = cli_fail_err(&e);
	else
		cli_print(t, "nobody asked for too much lately");
	verb_close(c, &site, false);
	return ret;
}
