/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/thread_bar.h"

#include "archive/html.h"
#include "conf/text.h"

int
thread_bar_find(struct thread_bar *t, struct press *p, const struct conversation *c, struct err *e)
{
	return overview_threads_beside(p->overview, p->arena, &c->info, &t->before, &t->after, e);
}

static void
digest_one(struct buf *b, const struct overview_thread *t)
{
	buf_printf(b, "%s\n", t->id ? t->root_key : "");
	buf_put_slice(b, t->subject);
	buf_putc(b, '\n');
}

void
thread_bar_digest(struct buf *b, const struct thread_bar *t)
{
	digest_one(b, &t->before);
	digest_one(b, &t->after);
}

static void
put_link(struct buf *b, const struct frame *f, const struct overview_thread *t, const char *side,
	 const char *phrase)
{
	if (t->id == 0)
		return;
	html_markup(b, "<li");
	html_attr(b, "class", slice_str(side));
	html_markup(b, "><a");
	frame_hrefn(b, f, "%s/t/%s/", t->list, t->root_key);
	html_markup(b, "><small>");
	html_str(b, text_phrase(f->lang, phrase));
	html_markup(b, "</small> ");
	frame_subject(b, f, t->subject);
	html_markup(b, "</a></li>\n");
}

void
thread_bar_put(struct buf *b, const struct thread_bar *t, const struct frame *f)
{
	if (t->before.id == 0 && t->after.id == 0)
		return;
	html_markup(b, "<nav class=\"bar\"");
	html_attr(b, "aria-label", slice_str(text_phrase(f->lang, "Other threads")));
	html_markup(b, "><ul>\n");
	put_link(b, f, &t->before, "prev", N_("Thread before"));
	html_markup(b, "<li class=\"here\"><a");
	frame_href(b, f, f->up);
	html_markup(b, "><small>");
	frame_str(b, f, N_("All threads of"));
	html_markup(b, "</small> ");
	html_str(b, f->up_text);
	html_markup(b, "</a></li>\n");
	put_link(b, f, &t->after, "next", N_("Next thread"));
	html_markup(b, "</ul></nav>\n");
}
