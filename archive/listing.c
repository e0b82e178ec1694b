/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/listing.h"

#include "archive/html.h"
#include "conf/text.h"

static int
put_starter(struct buf *b, const struct frame *f, const struct overview_thread *t, struct err *e)
{
	struct overview_message root;
	int r = overview_by_key(f->press->overview, f->press->arena, t->list,
				slice_str(t->root_key), &root, e);

	if (r < 0)
		return -1;
	if (r > 0 && root.state == OVERVIEW_PRESENT) {
		frame_person(b, f, &root);
		html_markup(b, " · ");
	}
	return 0;
}

static int
put_thread(struct buf *b, const struct frame *f, const struct overview_thread *t, struct err *e)
{
	html_markup(b, "<li><a");
	frame_hrefn(b, f, "%s/t/%s/", t->list, t->root_key);
	html_markup(b, ">");
	frame_subject(b, f, t->subject);
	html_markup(b, "</a>\n<span class=\"meta\">");
	if (put_starter(b, f, t, e) < 0)
		return -1;
	frame_messages(b, f, t->messages);
	html_markup(b, " · ");
	frame_day(b, f, t->first);
	if (t->last / 86400 != t->first / 86400) {
		html_markup(b, " – ");
		frame_day(b, f, t->last);
	}
	html_markup(b, "</span></li>\n");
	return 0;
}

int
listing_put(struct buf *b, const struct frame *f, const struct overview_thread *ts, size_t n,
	    struct err *e)
{
	if (n == 0)
		return 0;
	html_markup(b, "<ol class=\"threads\">\n");
	for (size_t i = 0; i < n; i++)
		if (put_thread(b, f, &ts[i], e) < 0)
			return -1;
	html_markup(b, "</ol>\n");
	return 0;
}
