/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli: what all verbs of the plenary command share: how they read their options, how a table looks
 * to a person and as JSON, how long work shows that it moves, how a refusal reads. plenary and
 * plenary-archive (the verbs that need the archive's libraries) stand in the same frame.
 *
 * Exit codes: 0 done, 1 refused or failed (one line on stderr: what, and what to do), 2 wrong
 * usage.
 */
#ifndef CONF_CLI_H
#define CONF_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "conf/conf.h"

struct cli;

/* One verb. args: behind the verb, as the shell gave them. least..most of them (most -1: no limit).
 */
struct cli_verb {
	const char *name;
	const char *args; /* for the usage line: "LIST ADDR [--digest|--nomail]" */
	const char *help; /* one line */
	int least, most;
	int (*run)(struct cli *c, int argc, char **argv); /* its exit code */
};

struct cli {
	const char *file; /* the configuration's */
	bool json;
	struct conf *conf;
	struct arena *arena; /* for the whole run */
	const struct cli_verb *verb;
	bool terminal;        /* stderr is one: progress may be shown */
	int64_t begun, shown; /* of progress, milliseconds */
	bool progressing;
};

/*
 * Reads "[-f FILE] [--json] VERB …", the configuration, becomes the site's user when started as
 * root, and runs the verb. otherwise (may be NULL) is asked for a verb that is not in the table: it
 * may exec another program. The exit code.
 */
int cli_main(int argc, char **argv, const struct cli_verb *verbs, size_t nverbs,
	     int (*otherwise)(struct cli *c, int argc, char **argv));

/* One line on stderr "plenary: …"; returns 1. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same for an err; returns 1. */
int cli_fail_err(const struct err *e);
/* The verb's usage on stderr; returns 2. */
int cli_usage(const struct cli *c);
/* The list of that name, or NULL after a refusal that says where the names are. */
const struct conf_list *cli_list(struct cli *c, const char *name);
/* Takes option "--name" out of argv: true if it was there. value (may be NULL): the word behind it.
 */
bool cli_option(int *argc, char **argv, const char *name, const char **value);
/* After all options were taken: is there an unknown "--option" left? Refuses it (2), else 0. */
int cli_no_more_options(const struct cli *c, int argc, char **argv);

/* --- tables --------------------------------------------------------------------------------- */

enum cli_kind {
	CLI_TEXT,   /* const char * */
	CLI_INT,    /* int64_t */
	CLI_BOOL,   /* int64_t; "yes"/"no" and true/false */
	CLI_TIME,   /* int64_t seconds; 0 is "-" and null; minutes in the table, RFC 3339 in JSON */
	CLI_DAY,    /* likewise, as a day */
	CLI_HALVES, /* int64_t half points: 1.5 */
	CLI_LINES   /* const char *, one item a line: joined by "; " and an array */
};
struct cli_column {
	const char *name; /* JSON field, and the heading */
	enum cli_kind kind;
};
struct cli_cell {
	const char *text;
	int64_t number;
};
struct cli_table;
struct cli_table *cli_table(struct cli *c, const struct cli_column *columns, size_t n);
/* One cell a column; copied. */
void cli_row(struct cli_table *t, const struct cli_cell *cells);
/* Prints and frees it: aligned columns (nothing but "none" without rows: the word given), or a JSON
 * array. */
void cli_print(struct cli_table *t, const char *none);
/* The same, but for people each row stands by itself: its fields one a line, empty ones left out. */
void cli_print_each(struct cli_table *t, const char *none);
/* One object instead of an array: the first row's fields, one a line for people. */
void cli_print_one(struct cli_table *t);

/* --- progress ------------------------------------------------------------------------------- */

/* On a terminal, after the first second, at most four times a second: "stored 12,000 of 87,950,
 * 3,100/s, 24 s left". total 0: unknown. */
void cli_progress(struct cli *c, const char *what, int64_t done, int64_t total);
void cli_progress_end(struct cli *c); /* clears the line */

#endif
