/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs_record: the record of conduct by the administrator's command: one case whole, the record
 * against what was logged of it, and who may speak.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/num.h"
#include "daemon/conduct_log.h"
#include "daemon/fate.h"
#include "daemon/speaking.h"
#include "daemon/totals.h"
#include "daemon/verbs.h"

/* --- a case ----------------------------------------------------------------------------------- */

static const struct cli_column event_columns[] = {
    {"event", CLI_INT},  {"time", CLI_TIME},  {"what", CLI_TEXT},  {"step", CLI_TEXT},
    {"by", CLI_TEXT},    {"why", CLI_TEXT},   {"about", CLI_TEXT}, {"until", CLI_TIME},
    {"refers", CLI_INT}, {"told", CLI_LINES}, {"rule", CLI_TEXT},  {"hash", CLI_TEXT},
};
#define EVENT_COLUMNS (sizeof(event_columns) / sizeof(event_columns[0]))

struct case_out {
	struct cli *c;
	struct site *site;
	struct cli_table *t;
	const char *told; /* of the event in hand, one mail a line */
};

/* "ann@example.org: delivered, 2026-11-22 14:49"; with the server's words if it was refused. */
static int
note_fate(void *arg, const struct fate *f)
{
	struct case_out *o = arg;
	o->told = arena_printf(o->c->arena, "%s%s%s: %s, %s%s%s%s", o->told, o->told[0] ? "\n" : "",
			       f->recipient, f->state, clock_minute(o->c->arena, f->t),
			       f->error[0] ? " (" : "", f->error, f->error[0] ? ")" : "");
	return 0;
}

static int
event_row(void *arg, const struct conduct_event *ev)
{
	struct case_out *o = arg;
	struct err e = {0};
	o->told = "";
	if (fate_each(o->site->db, ev->id, note_fate, o, &e) < 0)
		return cli_fail_err(&e), -1;
	const char *message = ev->about[0] ? arena_printf(o->c->arena, "%s/%s/m/%s/",
							  o->c->conf->site_url, ev->list, ev->about)
					   : "";
	cli_row(o->t, (struct cli_cell[]){{.number = ev->id},
					  {.number = ev->t},
					  {.text = ev->what},
					  {.text = ev->step},
					  {.text = conduct_hides_by(ev) ? "" : ev->by},
					  {.text = ev->why},
					  {.text = message},
					  {.number = ev->until},
					  {.number = ev->refers},
					  {.text = o->told},
					  {.text = ev->rule},
					  {.text = ev->hash}});
	return 0;
}

int
verb_case(struct cli *c, int argc, char **argv)
{
	struct conduct_case k;
	struct site site;
	struct err e = {0};
	int64_t id;
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (!num_parse(slice_str(argv[0]), 1, INT64_MAX, &id))
		return cli_fail("'%s' is no number of a case; \"plenary cases LIST\" has them",
				argv[0]);
	if (verb_open(c, &site) < 0)
		return 1;
	struct case_out o = {c, &site, cli_table(c, event_columns, EVENT_COLUMNS), ""};
	int r = conduct_case_get(site.db, c->arena, id, &k, &e);
	if (r == 1 && !c->json)
		printf("%s, %s\n\n", k.address, k.list);
	if (r == 0)
		ret = cli_fail("there is no case %s; \"plenary cases LIST\" has them", argv[0]);
	else if (r < 0 || conduct_each(site.db, k.list, k.id, event_row, &o, &e) < 0)
		ret = cli_fail_err(&e);
	else
		cli_print_each(o.t, "nothing is recorded");
	verb_close(c, &site, false);
	return ret;
}

/* --- verify ----------------------------------------------------------------------------------- */

/* Each list's chain in list.db, and what the archive's log is compared with, as it is now. How many
 * findings, -1. */
static int
verify_record(struct cli *c, const struct conf_list *only)
{
	struct conduct_log log = {0};
	struct site site;
	struct err e = {0};
	int64_t at;
	int found = 0;
	if (verb_open(c, &site) < 0)
		return -1;
	for (size_t i = 0; found >= 0 && i < c->conf->nlists; i++) {
		const struct conf_list *l = &c->conf->lists[i];
		if (only && only != l)
			continue;
		int whole = conduct_verify(site.db, l->name, &at, &e);
		if (whole < 0)
			found = -1;
		else if (!whole)
			fprintf(stderr,
				"plenary: %s: the record of conduct is not as it was written, from "
				"event %" PRId64 " on: somebody has edited list.db\n",
				l->name, at);
		found += whole == 0;
	}
	if (found >= 0 && conduct_log_write(&site, &log, clock_now(), &e) < 0)
		found = -1;
	verb_close(c, &site, false);
	if (found < 0)
		cli_fail_err(&e);
	return found;
}

/* The archive's own half, with our standard streams: its exit code. */
static int
verify_archive(struct cli *c, const char *list)
{
	const char *program = totals_program(c);
	const char *argv[7] = {program, "-f", c->conf->file};
	struct err e = {0};
	int n = 3, status;
	if (c->json)
		argv[n++] = "--json";
	argv[n++] = "verify";
	argv[n++] = list;
	fflush(stdout);
	pid_t pid = child_start(program, argv, NULL, 0, &e);
	if (pid < 0)
		return cli_fail_err(&e);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return cli_fail("plenary-archive ended before its time");
	return WEXITSTATUS(status);
}

int
verb_verify(struct cli *c, int argc, char **argv)
{
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	const struct conf_list *only = argc ? cli_list(c, argv[0]) : NULL;
	if (argc && !only)
		return 1;
	int found = verify_record(c, only);
	ret = verify_archive(c, only ? only->name : NULL);
	return found != 0 && ret == 0 ? 1 : ret;
}

/* --- who may speak ---------------------------------------------------------------------------- */

static int
do_speaking(struct cli *c, const struct conf_list *l, bool let_in, const char *address,
	    int64_t until, const char *why)
{
	enum speaking_end end = SPEAKING_NOT;
	struct address who;
	struct site site;
	struct err e = {0};
	char id[ID_MAX];
	if (!address_parse_first(c->arena, slice_str(address), &who))
		return cli_fail("'%s' is no address", address);
	if (verb_open(c, &site) < 0)
		return 1;
	id_new(id);
	struct deed d = {.site = &site,
			 .a = c->arena,
			 .list = l,
			 .by = c->conf->owner,
			 .site_owner = true,
			 .id = id,
			 .now = clock_now()};
	int r = db_begin(site.db, &e);
	if (r == 0)
		r = let_in ? speaking_let_in(&d, who.text, until, slice_str(why), &end, &e)
			   : speaking_take_back(&d, who.text, slice_str(why), &end, &e);
	if (r < 0 || db_commit(site.db, &e) < 0) {
		db_rollback(site.db);
		verb_close(c, &site, false);
		return cli_fail_err(&e);
	}
	verb_close(c, &site, true);
	if (end != SPEAKING_DONE)
		return cli_fail("%s", speaking_explain("en", end));
	printf("%s\n", speaking_explain("en", end));
	return 0;
}

/* speak and hush */
int
verb_speak(struct cli *c, int argc, char **argv)
{
	bool let_in = strcmp(c->verb->name, "speak") == 0;
	const char *day = NULL, *why = "";
	int64_t until = 0;
	if (let_in)
		cli_option(&argc, argv, "--until", &day);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (argc < 2)
		return cli_usage(c);
	if (day && !clock_parse_day(slice_str(day), &until))
		return cli_fail("'%s' is no day: YYYY-MM-DD", day);
	if (day && (until += 86400) <= clock_now())
		return cli_fail("%s is over", day);
	for (int i = 2; i < argc; i++)
		why = arena_printf(c->arena, "%s%s%s", why, i > 2 ? " " : "", argv[i]);
	const struct conf_list *l = cli_list(c, argv[0]);
	return l ? do_speaking(c, l, let_in, argv[1], until, why) : 1;
}
