/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli: see cli.h. What is printed for a person is also what a script may read, but scripts should
 * ask for --json: those names are a contract (INTERFACE section 8).
 */
#include "conf/cli.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/slice.h"
#include "conf/text.h"

int
cli_fail(const char *fmt, ...)
{
	va_list ap;
	fputs("plenary: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return 1;
}

int
cli_fail_err(const struct err *e)
{
	return cli_fail("%s%s", e->text,
			e->kind == ERR_TEMPORARY ? " (trying again may help)" : "");
}

int
cli_usage(const struct cli *c)
{
	fprintf(stderr, "usage: plenary [-f FILE] [--json] %s%s%s\n", c->verb->name,
		c->verb->args[0] ? " " : "", c->verb->args);
	return 2;
}

static int
usage_all(const struct cli_verb *verbs, size_t n)
{
	fputs("usage: plenary [-f FILE] [--json] VERB …\n", stderr);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "  %-16s %s\n", verbs[i].name, verbs[i].help);
	return 2;
}

const struct conf_list *
cli_list(struct cli *c, const char *name)
{
	const struct conf_list *l = conf_list_find(c->conf, slice_str(name));
	if (!l)
		cli_fail("there is no list '%s'; \"plenary lists\" names them all",
			 log_str(slice_str(name)));
	return l;
}

bool
cli_option(int *argc, char **argv, const char *name, const char **value)
{
	for (int i = 0; i < *argc; i++) {
		int takes = value ? 2 : 1;
		if (strcmp(argv[i], name) != 0 || i + takes > *argc)
			continue;
		if (value)
			*value = argv[i + 1];
		memmove(argv + i, argv + i + takes, (size_t)(*argc - i - takes) * sizeof(*argv));
		*argc -= takes;
		return true;
	}
	return false;
}

int
cli_no_more_options(const struct cli *c, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], "--", 2) == 0) {
			cli_fail("'%s' is no option of '%s'", argv[i], c->verb->name);
			return cli_usage(c);
		}
	return argc < c->verb->least || (c->verb->most >= 0 && argc > c->verb->most) ? cli_usage(c)
										     : 0;
}

/* The options before the verb. The index of the verb, or -1. */
static int
read_options(struct cli *c, int argc, char **argv)
{
	int i = 1;
	c->file = SYSCONFDIR "/plenary/plenary.conf";
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0)
			c->json = true;
		else if (strcmp(argv[i], "-f") == 0 && i + 1 < argc)
			c->file = argv[++i];
		else
			return -1;
	}
	return i < argc ? i : -1;
}

static const struct cli_verb *
find_verb(const struct cli_verb *verbs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int
cli_main(int argc, char **argv, const struct cli_verb *verbs, size_t nverbs,
	 int (*otherwise)(struct cli *c, int argc, char **argv))
{
	struct cli c = {.terminal = isatty(STDERR_FILENO) == 1};
	struct err e = {0};
	int at = read_options(&c, argc, argv), ret;
	log_init("plenary", true, false);
	if (at < 0)
		return usage_all(verbs, nverbs);
	/* --json may also stand behind the verb, where people write it. */
	int rest = argc - at - 1;
	if (cli_option(&rest, argv + at + 1, "--json", NULL))
		c.json = true;
	c.verb = find_verb(verbs, nverbs, argv[at]);
	if (!c.verb && otherwise && (ret = otherwise(&c, rest + 1, argv + at)) >= 0)
		return ret;
	if (!c.verb) {
		cli_fail("there is no verb '%s'", log_str(slice_str(argv[at])));
		return usage_all(verbs, nverbs);
	}
	c.conf = conf_load_or_complain(c.file);
	if (!c.conf)
		return 1;
	if (sandbox_become(c.conf->user, &e) < 0 || text_load(&e) < 0)
		return cli_fail_err(&e);
	c.arena = arena_new();
	ret = c.verb->run(&c, rest, argv + at + 1);
	arena_free(c.arena);
	conf_free(c.conf);
	text_unload();
	return ret;
}

/* --- progress ------------------------------------------------------------------------------- */

#define SHOW_AFTER_MS 1000
#define SHOW_EVERY_MS 250

void
cli_progress(struct cli *c, const char *what, int64_t done, int64_t total)
{
	int64_t now = clock_mono();
	if (!c->progressing) {
		c->progressing = true;
		c->begun = now;
		c->shown = 0;
	}
	int64_t took = now - c->begun;
	if (!c->terminal || took < SHOW_AFTER_MS || now - c->shown < SHOW_EVERY_MS)
		return;
	c->shown = now;
	int64_t rate = done * 1000 / (took > 0 ? took : 1);
	fprintf(stderr, "\r\033[K%s %" PRId64, what, done);
	if (total > 0)
		fprintf(stderr, " of %" PRId64, total);
	fprintf(stderr, ", %" PRId64 "/s", rate);
	if (total > done && rate > 0)
		fprintf(stderr, ", %" PRId64 " s left", (total - done) / rate);
}

void
cli_progress_end(struct cli *c)
{
	if (c->terminal && c->shown)
		fputs("\r\033[K", stderr);
	c->progressing = false;
	c->shown = 0;
}
