/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys: the table of all keys. A row says where a key may stand, how its value is read and into
 * which member of which struct it goes; the manual page and its test go by the same table.
 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "conf/complain.h"
#include "conf/conf.h"
#include "conf/syntax.h"

enum conf_scope { CONF_SITE, CONF_LIST, CONF_CONDUCT, CONF_STEP, CONF_SPEAKER, CONF_GROUP };

struct conf_key;

/* One value on its way into its place. */
struct conf_setting {
	struct arena *arena; /* of the configuration */
	struct conf_complaints *complaints;
	const struct conf_key *key;
	const struct conf_node *node;
	const char *text;
	int line;
};

struct conf_key {
	const char *name;
	enum conf_scope scope;
	/* Reads one value into *field, or complains and leaves it. NULL: a block, or include. */
	void (*set)(const struct conf_setting *s, void *field);
	size_t offset; /* of the field in the struct of its scope */
	size_t
	    element; /* 0: one value. Else several, each of that size: field is {pointer, number} */
	bool required;
	int64_t min, max;         /* numbers */
	const char *const *words; /* NULL-terminated; the index is the value */
};

/*
 * Reads all keys of a block into *target (defaults are already there) and complains about what is
 * unknown, twice there, missing, or of the wrong shape. Blocks inside it are left to the caller.
 */
void conf_keys_apply(const struct conf_node *block, enum conf_scope scope, void *target,
		     struct arena *a, struct conf_complaints *c);

#endif
