/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs_held: held posts and the queue.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "daemon/moderate.h"
#include "daemon/pick.h"
#include "daemon/queue.h"
#include "daemon/reasons.h"
#include "daemon/verbs.h"

/* --- held ----------------------------------------------------------------------------------- */

static const struct cli_column held_columns[] = {
    {"id", CLI_INT},        {"list", CLI_TEXT},     {"from", CLI_TEXT},    {"subject", CLI_TEXT},
    {"reasons", CLI_LINES}, {"received", CLI_TIME}, {"expires", CLI_TIME},
};

struct held_out {
	struct cli *c;
	struct cli_table *t;
};

/* The reasons' names in words, as the site's own language has them. */
static const char *
reasons_text(struct cli *c, const char *reasons)
{
	struct buf b;
	struct slice rest, line;
	struct buf lines;
	buf_init(&b, 16384);
	buf_init(&lines, 16384);
	reasons_explain(c->conf->language, reasons, &b);
	rest = buf_slice(&b);
	while (slice_next_line(&rest, &line)) { /* without the list marks of a notice */
		buf_put_slice(&lines, slice_from(line, 2));
		buf_putc(&lines, '\n');
	}
	const char *s = arena_str(c->arena, buf_slice(&lines));
	buf_free(&b);
	buf_free(&lines);
	return s;
}

static int
held_row(void *arg, const struct held *h)
{
	struct held_out *o = arg;
	cli_row(o->t, (struct cli_cell[]){{.number = h->number},
					  {.text = h->list},
					  {.text = h->from},
					  {.text = h->subject},
					  {.text = reasons_text(o->c, h->reasons)},
					  {.number = h->received},
					  {.number = h->expires}});
	return 0;
}

int
verb_held(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct err e = {0};
	struct held_out o = {c, cli_table(c, held_columns, 7)};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if ((argc == 1 && !cli_list(c, argv[0])) || verb_open(c, &site) < 0)
		return 1;
	if (held_each(site.db, argc == 1 ? cli_list(c, argv[0])->name : NULL, held_row, &o, &e) < 0)
		ret = cli_fail_err(&e);
	else
		cli_print(o.t, "no post waits for a moderator");
	verb_close(c, &site, false);
	return ret;
}

/* The held post of an ID as people type it; 1 after a refusal. */
static int
find_held(struct cli *c, struct site *site, const char *id, struct held *h)
{
	int64_t number;
	struct err e = {0};
	if (!num_parse(slice_str(id), 1, INT64_MAX, &number))
		return cli_fail("'%s' is no held post's number; \"plenary held\" lists them", id);
	int r = held_get(site->db, c->arena, number, h, &e);
	if (r < 0)
		return cli_fail_err(&e);
	if (r == 0)
		return cli_fail("no held post has the number %s; \"plenary held\" lists them", id);
	return 0;
}

int
verb_show(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct held h;
	struct envelope env;
	struct slice bytes;
	struct err e = {0};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (verb_open(c, &site) < 0)
		return 1;
	ret = find_held(c, &site, argv[0], &h);
	if (ret)
		goto out;
	if (file_map(AT_FDCWD, conf_path(c->conf, c->arena, "held/%s", h.spool), &bytes, &e) < 0) {
		ret = errno == ENOENT
			  ? cli_fail("post %s was decided (%s by %s) and is not kept here any "
				     "more",
				     argv[0], h.decision, h.decided_by)
			  : cli_fail_err(&e);
		goto out;
	}
	if (envelope_parse(&env, c->arena, bytes, &e) < 0)
		ret = cli_fail_err(&e);
	else if (fwrite(env.message.p, 1, env.message.n, stdout) != env.message.n)
		ret = cli_fail("it can't be written to standard output");
	file_unmap(bytes);
out:
	verb_close(c, &site, false);
	return ret;
}

/* Decides about one post: 0, or 1 after saying why not. */
static int
decide_one(struct cli *c, struct site *site, int64_t number, const char *decision, const char *why,
	   struct err *e)
{
	struct held h;
	char id[ID_MAX];
	int first = -1;
	id_new(id);
	if (db_begin(site->db, e) == 0) {
		first = moderate_decide(site, c->arena, number, decision, "admin", why, id,
					clock_now(), &h, e);
		if (first < 0 || db_commit(site->db, e) < 0) {
			first = -1;
			db_rollback(site->db);
		}
	}
	if (first < 0 || (first == 1 && moderate_settle(site, &h, e) < 0))
		return cli_fail_err(e);
	if (first == 0)
		return cli_fail("post %lld was decided before: %s by %s, %s", (long long)number,
				h.decision, h.decided_by, clock_minute(c->arena, h.decided));
	return 0;
}

/* Those of a range that wait; one of them at least, else it is a slip. */
static int
decide_range(struct cli *c, struct site *site, int64_t from, int64_t to, const char *decision,
	     const char *why, struct err *e)
{
	struct held h;
	int64_t done = 0;
	for (int64_t n = from; n <= to; n++) {
		int r = held_get(site->db, c->arena, n, &h, e);
		if (r < 0)
			return cli_fail_err(e);
		if (r == 0 || h.decided)
			continue;
		if (decide_one(c, site, n, decision, why, e))
			return 1;
		printf("%lld  %s\n", (long long)n, h.subject);
		done++;
	}
	if (done == 0)
		return cli_fail("no post from %lld to %lld waits; \"plenary held\" lists them",
				(long long)from, (long long)to);
	return 0;
}

/* One line of it all. A quoted reason is one, even if it begins with a number. */
static const char *
words_joined(struct arena *a, int argc, char **argv)
{
	const char *s = argv[0];
	for (int i = 1; i < argc; i++)
		s = arena_printf(a, "%s%s%s", s, strchr(argv[i], ' ') ? ": " : " ", argv[i]);
	return s;
}

static int
decide(struct cli *c, int argc, char **argv, const char *decision)
{
	struct site site;
	struct err e = {0};
	struct pick p;
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	enum pick_end end = pick_parse(slice_str(words_joined(c->arena, argc, argv)), &p);
	if (end == PICK_NOTHING)
		return cli_fail("'%s' is no held post's number; \"plenary held\" lists them",
				argv[0]);
	if (end != PICK_FINE)
		return cli_fail("%s", pick_phrase(end));
	if (p.rest.n && strcmp(decision, "reject") != 0)
		return cli_fail("'%.*s' is no held post's number; \"plenary held\" lists them",
				SLICE_ARG(p.rest));
	if (verb_open(c, &site) < 0)
		return 1;
	const char *why = arena_str(c->arena, p.rest);
	for (size_t i = 0; i < p.n; i++) {
		struct held h;
		const char *number = arena_printf(c->arena, "%lld", (long long)p.v[i].from);
		if (p.v[i].to != p.v[i].from)
			ret |= decide_range(c, &site, p.v[i].from, p.v[i].to, decision, why, &e);
		else if (find_held(c, &site, number, &h))
			ret = 1;
		else
			ret |= decide_one(c, &site, h.number, decision, why, &e);
	}
	verb_close(c, &site, true);
	return ret;
}

int
verb_accept(struct cli *c, int argc, char **argv)
{
	return decide(c, argc, argv, "accept");
}

int
verb_reject(struct cli *c, int argc, char **argv)
{
	return decide(c, argc, argv, "reject");
}

int
verb_discard(struct cli *c, int argc, char **argv)
{
	return decide(c, argc, argv, "discard");
}

/* --- queue ---------------------------------------------------------------------------------- */

static const struct cli_column queue_columns[] = {
    {"id", CLI_INT},       {"list", CLI_TEXT}, {"recipient", CLI_TEXT},
    {"attempts", CLI_INT}, {"next", CLI_TIME}, {"error", CLI_TEXT},
};

static int
queue_row_out(void *arg, int64_t id, const char *list, const char *recipient, int attempts,
	      int64_t next, const char *error)
{
	cli_row(arg, (struct cli_cell[]){{.number = id},
					 {.text = list},
					 {.text = recipient},
					 {.number = attempts},
					 {.number = next},
					 {.text = error}});
	return 0;
}

int
verb_queue(struct cli *c, int argc, char **argv)
{
	struct site site;
	struct err e = {0};
	struct cli_table *t = cli_table(c, queue_columns, 6);
	bool flush = argc == 1 && strcmp(argv[0], "flush") == 0;
	int ret = cli_no_more_options(c, argc, argv);
	if (ret || (argc == 1 && !flush))
		return ret ? ret : cli_usage(c);
	if (verb_open(c, &site) < 0)
		return 1;
	if (flush) {
		int64_t n = queue_flush(site.db, clock_now(), &e);
		if (n < 0)
			ret = cli_fail_err(&e);
		else
			printf("%lld recipients are tried again now\n", (long long)n);
	} else if (queue_each(site.db, queue_row_out, t, &e) < 0) {
		ret = cli_fail_err(&e);
	} else {
		cli_print(t, "nothing waits for a relay");
	}
	verb_close(c, &site, flush);
	return ret;
}
