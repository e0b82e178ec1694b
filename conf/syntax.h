/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syntax: the shape of a configuration, without its meaning.
 *
 *   items = { KEY "=" VALUE | KEY "=" "{" [VALUE {"," VALUE}] "}" | KEY [TITLE] "{" items "}"
 *           | "include" "(" PATTERN ")" }
 *
 * After an error it goes on at the next line. include takes wildcards, is relative to the folder of
 * the file it stands in, and its items stand in the tree where the include stood.
 */
#ifndef CONF_SYNTAX_H
#define CONF_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "conf/complain.h"

#define CONF_FILE_MAX (1 << 20)   /* bytes of one file: a list takes some hundred */
#define CONF_FILES_MAX 5000       /* files in all: one a list, for far more lists than fit */
#define CONF_INCLUDE_DEPTH_MAX 10 /* the main file counts as 0 */
#define CONF_BLOCK_DEPTH_MAX 8    /* the grammar's own parse calls itself a block; keys need 3 */

struct conf_value {
	const char *text;
	int line;
	struct conf_value *next;
};

struct conf_node {
	const struct conf_source *source;
	int line;
	const char *key;
	bool block;        /* KEY [TITLE] { … }: title and children; else values */
	bool broken;       /* it was complained of: its meaning is not looked at */
	bool braced;       /* the values stood in braces */
	const char *title; /* or NULL */
	struct conf_value *values;
	size_t nvalues;
	struct conf_node *children;
	struct conf_node *next;
};

/* The tree of all files, whatever is wrong with them: complaints say so. Its key is "". */
const struct conf_node *conf_syntax_read(const char *file, struct arena *a,
					 struct conf_complaints *complaints);
/* The first child of that key, or NULL. */
const struct conf_node *conf_node_find(const struct conf_node *parent, const char *key);
#endif
