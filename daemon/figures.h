/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * figures: the record of conduct in numbers, year by year (UTC): what everyone may know of it
 * without knowing of whom. Fed with a list's events in their order.
 */
#ifndef DAEMON_FIGURES_H
#define DAEMON_FIGURES_H

#include "base/buf.h"
#include "daemon/conduct.h"

struct figures;

struct figures *figures_new(struct arena *a);
void figures_add(struct figures *f, const struct conduct_event *ev);
/*
 * Lines "figure TAB YEAR TAB NAME TAB N", years rising; a number that is 0 has no line. NAME is
 * reports, cases (members about whom there was something), messages, holds, suspensions (steps by
 * what they do), lifted, appeals, upheld, overturned, lapsed (proposals without a second word),
 * frozen, emergencies, let-in; and wait: the median of seconds from a report or an appeal to what
 * was decided about it, in the year of that decision.
 */
void figures_put(const struct figures *f, struct buf *out);

#endif
