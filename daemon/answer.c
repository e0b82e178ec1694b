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

struct slice
answer_text(struct work *w, size_t from, size_t max)
{
	struct slice *lines;
	size_t n = answer_lines(w, &lines);
	struct buf b;
	buf_init(&b, BUF_NO_LIMIT);
	for (size_t i = from; i < n && b.n <= max; i++) {
		if (i > from)
			buf_putc(&b, '\n');
		buf_put_slice(&b, lines[i]);
	}
	struct slice all = buf_slice(&b), text = slice_sub(all, 0, max);
	while (text.n > 0 && text.n < all.n && (all.p[text.n] & 0xc0) == 0x80)
		text.n--;
	text = arena_dup(w->arena, text);
	buf_free(&b);
	return text;
}
