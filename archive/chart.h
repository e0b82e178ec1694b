/* SPDX-License-Identifier: GPL-2.0-or-later */
/* chart: how alive a list is: a small drawing (inline SVG) of its messages a month. */
#ifndef ARCHIVE_CHART_H
#define ARCHIVE_CHART_H

#include "archive/frame.h"

#define CHART_MONTHS 36

/* The last CHART_MONTHS months up to that of now. Nothing if no message is among them.
 * caption: what it shows is written below it, too. */
void chart_months(struct buf *b, const struct frame *f, const struct overview_month *ms, size_t n,
		  int64_t now, bool caption);

#endif
