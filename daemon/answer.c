/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer: see answer.h.
 */
#include "daemon/answer.h"

#include "daemon/habits.h"
#include "mail/readable.h"

size_t
answer_lines(struct work *w, struct slice **lines)
{
	struct text_line *all;
	size_t total = readable_lines(w->arena, readable_text(&w->message, w->arena), &all), n = 0;
	*lines = arena_array(w->arena, ANSWER_LINES_MAX, sizeof(**lines));
	for (size_t i = 0; i < total && n < ANSWER_LINES_MAX; i++) {
		struct slice line = slice_trim(all[i].text);
		if (all[i].kind == LINE_OWN && line.n && !habits_is_device_line(line))
			(*lines)[n++] = line;
	}
	return n;
}
