/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_fold: see report_fold.h.
 */
#include "config.h"
#include "mail/report_fold.h"

#include <stdbool.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The byte to put for the one at i, 0 for none; *used is how many it stands for. */
static char
fold_byte(struct slice s, size_t i, char before, size_t *used)
{
	char c = s.p[i];
	*used = 1;
	if (is_space(c))
		return before == 0 || before == ' ' ? 0 : ' ';
	if (s.n - i >= 3 && memcmp(s.p + i, "\xe2\x80\x99", 3) == 0) {
		*used = 3;
		return '\'';
	}
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

void
report_fold(struct folded *f, struct slice line)
{
	size_t used;
	f->n = 0;
	line = slice_sub(line, 0, REPORT_FOLD_MAX);
	for (size_t i = 0; i < line.n; i += used) {
		char c = fold_byte(line, i, f->n ? f->p[f->n - 1] : 0, &used);
		if (c == 0)
			continue;
		f->from[f->n] = (uint16_t)(i + used - 1);
		f->p[f->n++] = c;
	}
}
