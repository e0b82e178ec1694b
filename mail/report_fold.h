/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_fold: a line of a report as phrases are looked for in it: ASCII letters in lower case,
 * white space as single spaces, typographic apostrophes as plain ones.
 */
#ifndef MAIL_REPORT_FOLD_H
#define MAIL_REPORT_FOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define REPORT_FOLD_MAX 2000 /* bytes; what is behind them in a line is not seen */

struct folded {
	size_t n;
	char p[REPORT_FOLD_MAX];
	uint16_t from[REPORT_FOLD_MAX]; /* where each byte stands in what was folded */
};

void report_fold(struct folded *f, struct slice line);

#endif
