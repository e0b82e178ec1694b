/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * language: which of our languages a reader likes best (RFC 9110 section 12.5.4).
 */
#ifndef WEB_LANGUAGE_H
#define WEB_LANGUAGE_H

#include "base/slice.h"

#define LANGUAGE_RANGES_MAX 32 /* of a field; what is behind them does not count */

/* fallback: when none of ours is asked for, or "*" comes first. */
const char *language_choose(struct slice accept, const char *fallback);

/* What stands behind the ";" of one item: its weight in thousandths (RFC 9110 12.4.2); 1000 if none
 * is given, 0 if it can't be read. */
int language_weight(struct slice parameters);

#endif
