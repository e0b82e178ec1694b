/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quotes: plain text as HTML: what its author wrote flows, what she quotes is set apart and, where
 * it is long or at the end, folded; a signature is set apart. And the parts of that which HTML mail
 * needs, too.
 */
#ifndef ARCHIVE_QUOTES_H
#define ARCHIVE_QUOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/body_writer.h"
#include "mail/readable.h"

void quotes_put(const struct body_writer *w, struct slice text);

/* Is a quote of so many lines folded? answered: own words follow it; alone: there are none at all.
 */
bool quotes_are_folded(size_t lines, bool answered, bool alone);
/* "<details><summary>…" that says who is quoted (may be empty) and how many lines (0: not said). */
void quotes_summary(const struct body_writer *w, struct slice attribution, size_t nlines);
/* The attribution lines that a quote begins with, as one text; *n is how many lines. */
struct slice quotes_attribution(struct arena *a, const struct text_line *ls, size_t all, size_t *n);
/* Are any of the lines the author's own? */
bool quotes_have_own(const struct text_line *ls, size_t n);

#endif
