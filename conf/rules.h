/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules: a list's rules about posts, as far as a key's own text does not tell whether they make
 * sense.
 */
#ifndef CONF_RULES_H
#define CONF_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "conf/conf.h"

/* What is held where a list says nothing: endings of names that a double click runs. */
extern const struct strings rules_programs;

/* A kind of attachment, ".exe" or "image/gif", is this one: name and type (in lower case) are of
 * one attachment. */
bool rules_attachment_is(const char *rule, struct slice name, struct slice type,
			 struct slice subtype);

#define RULES_REMIND ((int64_t)3 * 86400) /* the default; it may well be over held-expire */

/* Calls fault for each rule of a list that contradicts another one, or can't come into play. */
void rules_check(const struct conf_list *l, struct arena *a,
		 void (*fault)(void *arg, const char *key, const char *text), void *arg);

#endif
