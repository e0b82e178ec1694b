/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/chart.h"

#include "archive/html.h"
#include "base/clock.h"
#include "conf/text.h"

#define STEP 5 /* units of the drawing a month */
#define BAR 4
#define HEIGHT 32

/* year * 100 + month as a count of months. */
static int
count_of(int month)
{
	return month / 100 * 12 + month % 100 - 1;
}

static void
put_bars(struct buf *b, const int64_t counts[CHART_MONTHS], int64_t most)
{
	html_markup(b, "<path d=\"");
	for (int i = 0; i < CHART_MONTHS; i++) {
		int64_t high = (counts[i] * HEIGHT + most - 1) / most;

		/* A month without mail is a line at the foot, so that silence is seen, too. */
		buf_printf(b, "M%d %dh%dv%lldh-%dz", i * STEP, HEIGHT + 1, BAR,
			   -(long long)(high < 1 ? 1 : high), BAR);
	}
	html_markup(b, "\"/>");
}

void
chart_months(struct buf *b, const struct frame *f, const struct overview_month *ms, size_t n,
	     int64_t now, bool caption)
{
	const char *words;
	int64_t counts[CHART_MONTHS] = {0}, most = 0, all = 0;
	int year, month, day, last;

	clock_civil(now, &year, &month, &day);
	last = count_of(year * 100 + month);
	for (size_t i = 0; i < n; i++) {
		int at = CHART_MONTHS - 1 - (last - count_of(ms[i].month));

		if (at < 0 || at >= CHART_MONTHS)
			continue;
		counts[at] = ms[i].messages;
		most = ms[i].messages > most ? ms[i].messages : most;
		all += ms[i].messages;
	}
	if (most == 0)
		return;
	words = arena_printf(f->press->arena,
			     text_phrase(f->lang, "Messages in each of the last %d "
						  "months: %d in all, at most %d"),
			     CHART_MONTHS, (int)all, (int)most);
	html_markup(b, "<figure class=\"chart\">");
	buf_printf(b, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\"", CHART_MONTHS * STEP,
		   HEIGHT + 1, CHART_MONTHS * STEP, HEIGHT + 1);
	if (caption) {
		html_markup(b, " aria-hidden=\"true\">");
	} else {
		html_markup(b, " role=\"img\"");
		html_attr(b, "aria-label", slice_str(words));
		html_markup(b, ">");
	}
	put_bars(b, counts, most);
	html_markup(b, "</svg>");
	if (caption) {
		html_markup(b, "<figcaption>");
		html_str(b, words);
		html_markup(b, "</figcaption>");
	}
	html_markup(b, "</figure>\n");
}
