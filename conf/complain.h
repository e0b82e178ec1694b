/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * complain: what is wrong with the configuration, gathered while it is read, so that one run shows
 * everything. In the end the complaints stand in the order of the files and of the lines in them,
 * whatever the order in which the checks found them.
 */
#ifndef CONF_COMPLAIN_H
#define CONF_COMPLAIN_H

#include <stddef.h>

#include "base/arena.h"
#include "conf/conf.h"

/* Complaints that are shown; behind the last one stands how many more there were. */
#define CONF_ERRORS_MAX 100

/* A file of the configuration. Relative names in it start from dir. */
struct conf_source {
	const char *name;
	const char *dir;
	int order; /* 0 is the main file */
	const struct conf_source *includer;
};

struct conf_complaints;

/* The complaints live in a; it must outlive what conf_complaints_take gives. */
struct conf_complaints *conf_complaints_new(struct arena *a);
/* Warnings go where they are kept apart; before that is said, nowhere. */
void conf_complaints_keep_warnings(struct conf_complaints *c, struct conf_complaints *warnings);
void conf_warn(struct conf_complaints *c, const struct conf_source *source, int line,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* line 0: the file as a whole. */
void conf_complain(struct conf_complaints *c, const struct conf_source *source, int line,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same for syntax: only the first one of a line is kept, since the rest follows from it. */
void conf_complain_syntax(struct conf_complaints *c, const struct conf_source *source, int line,
			  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* How many there were, shown or not. */
size_t conf_complaints_count(const struct conf_complaints *c);
void conf_complaints_take(struct conf_complaints *c, struct conf_errors *out);

#endif
