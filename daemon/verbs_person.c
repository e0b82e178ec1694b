/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs_person: what is stored about a person, and its erasure, for requests that reach the
 * administrator and not the lists' robots.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/moderate.h"
#include "daemon/notice.h"
#include "daemon/person.h"
#include "daemon/verbs.h"
#include "mail/address.h"

int
verb_data(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct slice json;
	struct err e = {0};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (!address_valid(slice_str(argv[0]), true))
		return cli_fail("'%s' is no mail address", log_str(slice_str(argv[0])));
	if (verb_open(c, &site) < 0)
		return 1;
	if (person_data(&site, c->arena, slice_str(argv[0]), clock_now(), &json, &e) < 0)
		ret = cli_fail_err(&e);
	else
		fwrite(json.p, 1, json.n, stdout);
	verb_close(c, &site, false);
	return ret;
}

/* In the language of her first list: afterwards nobody knows it. */
static int
tell(struct cli *c, struct site *site, struct slice address, const char *lang, struct err *e)
{
	char id[ID_MAX];
	const struct text_value values[] = {{"address", arena_str(c->arena, address)}};
	id_new(id);
	struct notice n = {
	    .to = address,
	    .language = lang,
	    .template = "erased",
	    .values = values,
	    .nvalues = 1,
	    .id = id,
	};
	return notice_send(site->db, c->conf, &n, clock_now(), e);
}

static int
erase(struct cli *c, struct site *site, struct slice address, bool quiet, struct person_erased *n,
      struct err *e)
{
	struct member *ms;
	size_t count;
	if (member_of(site->db, c->arena, address, &ms, &count, e) < 0)
		return -1;
	const char *lang = count > 0 && ms[0].language[0] ? ms[0].language : c->conf->language;
	if (person_erase(site, c->arena, address, "admin", clock_now(), n, e) < 0)
		return -1;
	return quiet ? 0 : tell(c, site, address, lang, e);
}

static void
print_erased(struct cli *c, const struct person_erased *n)
{
	static const struct cli_column columns[] = {
	    {"memberships", CLI_INT}, {"held", CLI_INT},   {"deliveries", CLI_INT},
	    {"bounces", CLI_INT},     {"events", CLI_INT},
	};
	struct cli_table *t = cli_table(c, columns, 5);
	cli_row(t, (struct cli_cell[]){{.number = n->memberships},
				       {.number = n->held},
				       {.number = n->deliveries},
				       {.number = n->bounces},
				       {.number = n->events}});
	cli_print_one(t);
}

int
verb_erase(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct err e = {0};
	struct person_erased n;
	bool quiet = cli_option(&argc, argv, "--quiet", NULL);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	struct slice address = slice_str(argv[0]);
	if (!address_valid(address, true))
		return cli_fail("'%s' is no mail address", log_str(address));
	if (verb_open(c, &site) < 0)
		return 1;
	ret = 1;
	if (db_begin(site.db, &e) < 0) {
		cli_fail_err(&e);
	} else if (erase(c, &site, address, quiet, &n, &e) < 0 || db_commit(site.db, &e) < 0) {
		db_rollback(site.db);
		cli_fail_err(&e);
	} else if (moderate_sweep(&site, clock_now(), &e) < 0) {
		cli_fail_err(&e);
	} else {
		print_erased(c, &n);
		ret = 0;
	}
	verb_close(c, &site, ret == 0);
	return ret;
}
