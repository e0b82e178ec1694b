/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalogue: one language's phrases, from gettext's binary file (.mo). libintl itself answers for
 * the locale of the process only, and knows no language the system has no locale of; a mail server
 * speaks to each person in hers.
 */
#ifndef CONF_CATALOGUE_H
#define CONF_CATALOGUE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

#define CATALOGUE_MAX (8 << 20) /* bytes of a file */

struct catalogue;

/* Reads the bytes of a .mo file, which must live as long as the catalogue and have a NUL behind
 * them. -1 (permanent) if they are none. */
int catalogue_open(struct catalogue **cat, struct arena *a, struct slice mo, struct err *e)
    __attribute__((warn_unused_result));
/* The translation, or NULL. */
const char *catalogue_phrase(const struct catalogue *cat, const char *phrase);
/* The form for n of the phrase whose singular is one, or NULL. */
const char *catalogue_plural(const struct catalogue *cat, const char *one, uint64_t n);

#endif
