/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include: from names and patterns to the texts of files. Patterns and names are relative to the
 * folder of the file they stand in.
 */
#ifndef CONF_INCLUDE_H
#define CONF_INCLUDE_H

#include "base/arena.h"
#include "base/slice.h"
#include "conf/complain.h"
#include "conf/syntax.h"

struct conf_files {
	struct arena *arena;
	struct conf_complaints *complaints;
	/* Reads one text, links its items at *end and returns where the next one is linked. */
	struct conf_node **(*parse)(struct conf_files *files, const struct conf_source *source,
				    struct slice text, struct conf_node **end);
	int count; /* files so far */
};

/* Reads the main file. */
const struct conf_source *conf_files_main(struct conf_files *files, const char *name,
					  struct conf_node **end);
/* Reads what include(pattern) in that line of source names. Returns the new end. */
struct conf_node **conf_files_include(struct conf_files *files, const struct conf_source *source,
				      int line, const char *pattern, struct conf_node **end);

/* A name as a file name: absolute ones as they are, others from the folder of the source. */
const char *conf_source_path(const struct conf_source *source, struct arena *a, const char *name);

#endif
