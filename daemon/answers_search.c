/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_search: what was found (searching.h), for a reader of mail. The index was asked before
 * this entry's transaction began; here it is only told.
 */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "daemon/answers.h"
#include "daemon/searching.h"

#define HITS_SHOWN 20
#define URL_WORDS_MAX 400

static const struct search_found *
find(const struct command *c)
{
	for (const struct search_found *f = c->w->found; f; f = f->next)
		if (f->list == c->list && slice_eq(f->words, c->args))
			return f;
	return NULL;
}

/* The search page for these words (RFC 3986 2.1). */
static void
put_url(struct command *c)
{
	static const char hex[] = "0123456789ABCDEF";
	buf_printf(c->out, "%s/%s%ssearch?q=", c->w->site->conf->site_url,
		   c->list ? c->list->name : "", c->list ? "/" : "");
	for (size_t i = 0; i < c->args.n && i < URL_WORDS_MAX; i++) {
		unsigned char b = (unsigned char)c->args.p[i];
		bool plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
			     (b >= '0' && b <= '9') || b == '-' || b == '.' || b == '_';
		if (plain)
			buf_putc(c->out, (char)b);
		else
			buf_printf(c->out, "%%%c%c", hex[b >> 4], hex[b & 15]);
	}
	buf_putc(c->out, '\n');
}

static const char *
field(const json_t *hit, const char *name)
{
	const char *s = json_string_value(json_object_get(hit, name));
	return s ? s : "";
}

/* "2026-11-22T14:49:35Z" for people; as it stands if it is no such date. */
static const char *
date(struct command *c, const char *s)
{
	struct slice t = slice_str(s);
	int64_t y, m, d;
	if (t.n < 10 || !num_parse(slice_sub(t, 0, 4), 1970, 9999, &y) ||
	    !num_parse(slice_sub(t, 5, 2), 1, 12, &m) || !num_parse(slice_sub(t, 8, 2), 1, 31, &d))
		return s;
	return text_date(c->w->arena, c->lang, clock_from_civil((int)y, (int)m, (int)d, 0, 0, 0));
}

static void
put_hit(struct command *c, const json_t *hit)
{
	buf_printf(c->out, "%s\n  %s, %s\n  %s/%s/m/%s/\n", field(hit, "subject"),
		   field(hit, "from"), date(c, field(hit, "date")), c->w->site->conf->site_url,
		   field(hit, "list"), field(hit, "key"));
}

static void
put_hits(struct command *c, const json_t *hits)
{
	size_t n = json_array_size(hits);
	if (n == 0)
		buf_printf(c->out, "%s\n", text_phrase(c->lang, N_("Nothing was found.")));
	for (size_t i = 0; i < n && i < HITS_SHOWN; i++)
		put_hit(c, json_array_get(hits, i));
	if (n > HITS_SHOWN) {
		buf_printf(c->out, "\n%s\n", text_phrase(c->lang, N_("There are more:")));
		put_url(c);
	}
}

int
answer_search(struct command *c, struct err *e)
{
	const struct search_found *f = find(c);
	json_t *hits = NULL;
	(void)e;
	if (c->args.n == 0) {
		buf_puts(c->out,
			 text_phrase(c->lang, N_("\"search\" wants the words to look for.")));
		return 0;
	}
	if (f && f->done)
		hits = json_loadb(f->json.p, f->json.n, 0, NULL);
	if (json_is_array(hits)) {
		put_hits(c, hits);
	} else {
		buf_printf(c->out, "%s\n",
			   text_phrase(c->lang, N_("This could not be searched for by mail now. "
						   "The same search as a page:")));
		put_url(c);
	}
	json_decref(hits);
	return 0;
}
