/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/posting.h"

#include "archive/html.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "conf/text.h"

#define HEADLINE_MAX 110 /* letters */

struct posting {
	struct buf b;
	const struct frame *f;
};

/* "name":"value", the value being text of ours or of a stranger. */
static void
put_text(struct posting *p, const char *name, struct slice value)
{
	if (p->b.n > 0 && p->b.p[p->b.n - 1] != '{')
		buf_putc(&p->b, ',');
	html_json(&p->b, slice_str(name));
	buf_putc(&p->b, ':');
	html_json(&p->b, value);
}

static void
put_url(struct posting *p, const char *path)
{
	const struct press *press = p->f->press;

	put_text(p, "url",
		 slice_str(arena_printf(press->arena, "%s/%s", press->conf->site_url, path)));
}

static void
begin(struct posting *p, const char *type)
{
	buf_putc(&p->b, '{');
	put_text(p, "@type", slice_str(type));
}

static void
begin_member(struct posting *p, const char *name, const char *type)
{
	buf_putc(&p->b, ',');
	html_json(&p->b, slice_str(name));
	buf_putc(&p->b, ':');
	begin(p, type);
}

static void
put_author(struct posting *p, const struct overview_message *m)
{
	begin_member(p, "author", "Person");
	put_text(p, "name", frame_name(p->f, m));
	buf_putc(&p->b, '}');
	put_text(p, "datePublished", slice_str(clock_rfc3339(p->f->press->arena, m->date)));
}

static void
put_headline(struct posting *p, const char *name, struct slice subject)
{
	struct slice line = utf8_head(frame_hidden(p->f, slice_trim(subject)), HEADLINE_MAX);

	put_text(p, name, line.n > 0 ? line : slice_str(text_phrase(p->f->lang, "(no subject)")));
}

static void
begin_posting(struct posting *p, const struct frame *f, const struct overview_message *m,
	      struct slice subject)
{
	*p = (struct posting){.f = f};
	buf_init(&p->b, BUF_NO_LIMIT);
	buf_putc(&p->b, '{');
	put_text(p, "@context", SLICE("https://schema.org"));
	put_text(p, "@type", SLICE("DiscussionForumPosting"));
	put_url(p, f->path);
	put_headline(p, "headline", subject);
	put_author(p, m);
}

static struct slice
end_posting(struct posting *p)
{
	struct slice out;

	buf_putc(&p->b, '}');
	out = arena_dup(p->f->press->arena, buf_slice(&p->b));
	buf_free(&p->b);
	return out;
}

struct slice
posting_message(const struct frame *f, const struct conversation *c, size_t at, struct slice text,
		const char *lang)
{
	struct posting p;

	begin_posting(&p, f, &c->rows[at], c->rows[at].subject);
	if (text.n > 0)
		put_text(&p, "text", text);
	if (*lang)
		put_text(&p, "inLanguage", slice_str(lang));
	begin_member(&p, "isPartOf", "CreativeWork");
	put_url(&p, conversation_path(c, f->press->arena, c->pages[at]));
	put_headline(&p, "name", c->info.subject);
	buf_putc(&p.b, '}');
	return end_posting(&p);
}

static void
put_comment(struct posting *p, const struct overview_message *m)
{
	begin(p, "Comment");
	put_url(p, arena_printf(p->f->press->arena, "%s/m/%s/", m->list, m->key));
	put_author(p, m);
	buf_putc(&p->b, '}');
}

struct slice
posting_thread(const struct frame *f, const struct conversation *c, int page)
{
	size_t first = CONVERSATION_NONE;
	struct posting p;
	bool any = false;

	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].state == OVERVIEW_PRESENT &&
		    (first == CONVERSATION_NONE || c->numbers[i] < c->numbers[first]))
			first = i;
	if (first == CONVERSATION_NONE)
		return SLICE("");
	begin_posting(&p, f, &c->rows[first], c->info.subject);
	if (f->description.n > 0 && c->pages[first] == page)
		put_text(&p, "text", f->description);
	for (size_t i = 0; i < c->n; i++) {
		if (i == first || c->pages[i] != page || c->rows[i].state != OVERVIEW_PRESENT)
			continue;
		buf_puts(&p.b, any ? "," : ",\"comment\":[");
		any = true;
		put_comment(&p, &c->rows[i]);
	}
	if (any)
		buf_putc(&p.b, ']');
	return end_posting(&p);
}
