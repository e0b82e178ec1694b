/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verbs: the plenary command's verbs about the archive (INTERFACE section 4). plenary starts this
 * program for them: so that the command links Xapian only when it is asked to search. It takes
 * turns with the archived role by archive.h's lock.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "archive/archive.h"
#include "archive/import.h"
#include "archive/export.h"
#include "archive/index.h"
#include "archive/settle.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "conf/cli.h"
#include "conf/text.h"

#define SEARCH_MEMORY_MAX (1LL << 30)
#define SEARCH_MAX 100 /* hits printed at most unless --limit says otherwise */

/* --- search --------------------------------------------------------------------------------- */

static const struct cli_column search_columns[] = {
    {"key", CLI_TEXT},     {"list", CLI_TEXT}, {"from", CLI_TEXT},
    {"subject", CLI_TEXT}, {"date", CLI_TIME}, {"snippet", CLI_TEXT},
};

/* The marks around found words: stars for a person, nothing for a program. */
static const char *
snippet_text(struct cli *c, struct slice snippet)
{
	struct buf b;
	buf_init(&b, 64 * 1024);
	for (size_t i = 0; i < snippet.n; i++) {
		bool mark = i + 2 < snippet.n && (unsigned char)snippet.p[i] == 0xee &&
			    (unsigned char)snippet.p[i + 1] == 0x80 &&
			    ((unsigned char)snippet.p[i + 2] | 1) == 0x81;
		if (!mark) {
			buf_putc(&b, snippet.p[i] == '\n' ? ' ' : snippet.p[i]);
			continue;
		}
		if (!c->json)
			buf_putc(&b, '*');
		i += 2;
	}
	const char *s = arena_str(c->arena, buf_slice(&b));
	buf_free(&b);
	return s;
}

static int
print_hits(struct cli *c, const struct index_result *res)
{
	struct cli_table *t = cli_table(c, search_columns, 6);
	for (size_t i = 0; i < res->n; i++) {
		const struct index_hit *h = &res->hits[i];
		const char *from = h->from_name.n ? arena_str(c->arena, h->from_name)
						  : arena_str(c->arena, h->from_address);
		cli_row(t, (struct cli_cell[]){{.text = h->key},
					       {.text = h->list},
					       {.text = from},
					       {.text = arena_str(c->arena, h->subject)},
					       {.number = h->date},
					       {.text = snippet_text(c, h->snippet)}});
	}
	cli_print(t, "nothing was found");
	if (res->corrected.n)
		fprintf(stderr, "plenary: did you mean: %.*s\n", SLICE_ARG(res->corrected));
	if (res->notice.n)
		fprintf(stderr, "plenary: %s\n",
			text_phrase(c->conf->language, arena_str(c->arena, res->notice)));
	return 0;
}

/* The words may be anybody's: the list role hands on what came by mail. */
static int
search_walls(struct cli *c, struct err *e)
{
	const struct sandbox_path path = {conf_path(c->conf, c->arena, "archive"), SANDBOX_READ};
	const struct sandbox_rules rules = {
	    .paths = &path, .npaths = 1, .memory_max = SEARCH_MEMORY_MAX};
	return sandbox_enter(&rules, e);
}

static int
verb_search(struct cli *c, int argc, char **argv)
{
	struct index_reader *r = NULL;
	struct index_result res;
	struct err e = {0};
	const char *list = NULL;
	struct buf words;
	cli_option(&argc, argv, "--list", &list);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	if (list && !cli_list(c, list))
		return 1;
	buf_init(&words, 4096);
	for (int i = 0; i < argc; i++)
		buf_printf(&words, "%s%s", i ? " " : "", argv[i]);
	struct index_query q = {.text = buf_slice(&words),
				.list = list ? cli_list(c, list)->name : NULL,
				.limit = SEARCH_MAX,
				.now = clock_now()};
	if (search_walls(c, &e) < 0 ||
	    index_reader_open(&r, conf_path(c->conf, c->arena, "archive/xapian"), &e) < 0 ||
	    index_search(r, c->arena, &q, &res, &e) < 0)
		ret = cli_fail_err(&e);
	else
		ret = print_hits(c, &res);
	if (r)
		index_reader_close(r);
	buf_free(&words);
	return ret;
}

/* --- working off marks ---------------------------------------------------------------------- */

static void
settle_progress(void *arg, enum settle_step step, int64_t done)
{
	cli_progress(arg, step == SETTLE_PAGES ? "pages" : "indexed", done, 0);
}

static int
settle(struct cli *c, struct archive *ar, struct err *e)
{
	int ret = archive_settle(ar, settle_progress, c, e);
	cli_progress_end(c);
	return ret;
}

/* Opens the archive and takes its lock. */
static int
open_locked(struct cli *c, struct archive **ar)
{
	struct err e = {0};
	*ar = NULL;
	if (archive_open(ar, c->conf, &e) == 0 && archive_lock(*ar, true, &e) == 1)
		return 0;
	if (*ar)
		archive_close(*ar);
	return cli_fail_err(&e);
}

/* --- withdraw, rebuild, verify, stats ------------------------------------------------------- */

static int
verb_withdraw(struct cli *c, int argc, char **argv)
{
	struct archive *ar;
	struct err e = {0};
	bool erase = cli_option(&argc, argv, "--erase", NULL);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	const struct conf_list *l = cli_list(c, argv[0]);
	if (!l || open_locked(c, &ar) != 0)
		return 1;
	int done = archive_withdraw(ar, l->name, slice_str(argv[1]), argv[2], erase, &e);
	archive_unlock(ar);
	if (done < 0 || settle(c, ar, &e) < 0)
		ret = cli_fail_err(&e);
	archive_close(ar);
	return ret;
}

static void
show_progress(void *arg, int64_t done, int64_t total)
{
	cli_progress(arg, "read", done, total);
}

static int
verb_rebuild(struct cli *c, int argc, char **argv)
{
	struct archive *ar;
	struct err e = {0};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	const struct conf_list *l = argc ? cli_list(c, argv[0]) : NULL;
	if ((argc && !l) || open_locked(c, &ar) != 0)
		return 1;
	int done = archive_rebuild(ar, l ? l->name : NULL, show_progress, c, &e);
	cli_progress_end(c);
	archive_unlock(ar);
	if (done < 0 || settle(c, ar, &e) < 0)
		ret = cli_fail_err(&e);
	archive_close(ar);
	return ret;
}

static void
print_finding(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "plenary: %s\n", text);
}

static int
verb_verify(struct cli *c, int argc, char **argv)
{
	struct archive *ar;
	struct err e = {0};
	int64_t found = 0;
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	const struct conf_list *only = argc ? cli_list(c, argv[0]) : NULL;
	if ((argc && !only) || open_locked(c, &ar) != 0)
		return 1;
	for (size_t i = 0; i < c->conf->nlists && found >= 0; i++) {
		const struct conf_list *l = &c->conf->lists[i];
		if (only && only != l)
			continue;
		int64_t n = archive_verify(ar, l->name, print_finding, c, &e);
		found = n < 0 ? -1 : found + n;
		if (n == 0 && !c->json)
			printf("%s: every message and every decision is as the log says\n",
			       l->name);
	}
	archive_unlock(ar);
	archive_close(ar);
	if (found < 0)
		return cli_fail_err(&e);
	return found ? cli_fail("%" PRId64 " findings; a backup has what is missing here", found)
		     : 0;
}

static const struct cli_column stats_columns[] = {
    {"list", CLI_TEXT},  {"messages", CLI_INT}, {"threads", CLI_INT},
    {"first", CLI_TIME}, {"last", CLI_TIME},
};

/* Reads beside the daemon and its lock: a number that is a moment old will do. */
static int
verb_stats(struct cli *c, int argc, char **argv)
{
	struct overview *ov = NULL;
	struct err e = {0};
	const char *path = conf_path(c->conf, c->arena, "archive/archive.db");
	struct cli_table *t = cli_table(c, stats_columns, 5);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	const struct conf_list *only = argc ? cli_list(c, argv[0]) : NULL;
	if (argc && !only)
		return 1;
	/* A site that never had a post has no overview yet. */
	if (access(path, F_OK) == 0 && overview_open(&ov, path, false, &e) < 0)
		return cli_fail_err(&e);
	for (size_t i = 0; i < c->conf->nlists && ret == 0; i++) {
		const struct conf_list *l = &c->conf->lists[i];
		struct overview_totals s = {0};
		if (only && only != l)
			continue;
		if (ov && overview_totals(ov, l->name, &s, &e) < 0)
			ret = cli_fail_err(&e);
		cli_row(t, (struct cli_cell[]){{.text = l->name},
					       {.number = s.messages},
					       {.number = s.threads},
					       {.number = s.first},
					       {.number = s.last}});
	}
	if (ov)
		overview_close(ov);
	if (ret == 0)
		cli_print(t, "the configuration names no list");
	return ret;
}

/* --- import and export ---------------------------------------------------------------------- */

static void
import_refused(void *arg, const char *where, const char *reason)
{
	(void)arg;
	fprintf(stderr, "plenary: refused: %s: %s\n", where, reason);
}

static void
import_progress(void *arg, const struct import_counts *counts, int64_t done, int64_t total)
{
	(void)done;
	(void)total;
	cli_progress(arg, "read", counts->read, 0);
}

static const struct cli_column import_columns[] = {
    {"read", CLI_INT},
    {"stored", CLI_INT},
    {"already_there", CLI_INT},
    {"refused", CLI_INT},
};

static void
print_counts(struct cli *c, const struct import_counts *n)
{
	if (c->json) {
		struct cli_table *t = cli_table(c, import_columns, 4);
		cli_row(t, (struct cli_cell[]){{.number = n->read},
					       {.number = n->stored},
					       {.number = n->already_there},
					       {.number = n->refused}});
		cli_print_one(t);
		return;
	}
	printf("read %" PRId64 ", stored %" PRId64 ", already there %" PRId64 ", refused %" PRId64
	       "\n",
	       n->read, n->stored, n->already_there, n->refused);
}

static int
verb_import(struct cli *c, int argc, char **argv)
{
	struct archive *ar;
	struct err e = {0};
	struct import_counts counts = {0};
	struct import_watch watch = {import_refused, import_progress, c};
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	const struct conf_list *l = cli_list(c, argv[0]);
	if (!l)
		return 1;
	if (archive_open(&ar, c->conf, &e) < 0)
		return cli_fail_err(&e);
	for (int i = 1; i < argc && ret == 0; i++)
		if (import_run(ar, l->name, argv[i], &counts, &watch, &e) < 0)
			ret = cli_fail_err(&e);
	cli_progress_end(c);
	/* What was stored before trouble is shown and searchable all the same. */
	struct err later = {0};
	if (settle(c, ar, &later) < 0)
		ret = cli_fail_err(&later);
	archive_close(ar);
	print_counts(c, &counts);
	return ret ? ret : counts.refused > 0;
}

static void
export_progress(void *arg, int64_t done, int64_t total)
{
	cli_progress(arg, "written", done, total);
}

static int
verb_export(struct cli *c, int argc, char **argv)
{
	struct err e = {0};
	const char *name = "mbox";
	enum export_format format;
	struct export_counts n = {0};
	cli_option(&argc, argv, "--format", &name);
	int ret = cli_no_more_options(c, argc, argv);
	if (ret)
		return ret;
	const struct conf_list *l = cli_list(c, argv[0]);
	if (!l)
		return 1;
	if (export_format(name, &format) < 0)
		return cli_fail("'%s' is no format of an export; there are mbox, mbox.gz, maildir "
				"and public-inbox",
				name);
	ret = export_run(c->conf, l->name, format, argv[1], &n, export_progress, c, &e);
	cli_progress_end(c);
	if (ret < 0)
		return cli_fail_err(&e);
	printf("%" PRId64 " messages written to %s\n", n.written, argv[1]);
	return n.missing
		   ? cli_fail("%" PRId64 " messages are missing in the store; \"plenary verify\" "
			      "names them",
			      n.missing)
		   : 0;
}

static const struct cli_verb verbs[] = {
    {"import", "LIST FILE…", "file old mailboxes (mbox, mbox.gz, Maildir, public-inbox git)", 2, -1,
     verb_import},
    {"export", "LIST --format mbox|mbox.gz|maildir|public-inbox DIR",
     "write a list's archive to a folder", 2, 2, verb_export},
    {"search", "[--list LIST] QUERY", "look for posts", 1, -1, verb_search},
    {"withdraw", "LIST KEY WHY [--erase]", "take a post out of public view; a tombstone stays", 3,
     3, verb_withdraw},
    {"rebuild", "[LIST]", "make pages, threads and index again from the messages", 0, 1,
     verb_rebuild},
    {"verify", "[LIST]", "the messages against their log", 0, 1, verb_verify},
    {"stats", "[LIST]", "messages, threads, first and last date", 0, 1, verb_stats},
};

int
main(int argc, char **argv)
{
	return cli_main(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]), NULL);
}
