/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/gather.h"

#include <stdlib.h>

#include "archive/fields.h"
#include "archive/mask.h"
#include "archive/suspects.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "mail/header.h"
#include "mail/readable.h"

#define QUOTED_KNOWN_MAX 2000 /* bytes of quoted words kept when what is quoted is here itself */

struct gather {
	struct arena *texts;   /* what the docs point into */
	struct arena *scratch; /* for one message */
	struct mask *mask;
};

struct gather *
gather_new(const struct conf *conf)
{
	struct gather *g = calloc(1, sizeof *g);

	if (!g)
		fatal("no memory");
	g->texts = arena_new();
	g->scratch = arena_new();
	g->mask = mask_new(conf->site_url, conf->domain, conf->delimiter);
	return g;
}

void
gather_free(struct gather *g)
{
	if (!g)
		return;
	arena_free(g->texts);
	arena_free(g->scratch);
	mask_free(g->mask);
	free(g);
}

/* A quoted line without its marks. */
static struct slice
unquoted(struct slice line)
{
	while (line.n > 0 && (line.p[0] == '>' || line.p[0] == '|' || line.p[0] == ' '))
		line = slice_from(line, 1);
	return line;
}

/* Own words and quoted ones apart; signatures and attributions are nobody's words. */
static void
part_lines(struct gather *g, struct slice text, size_t quoted_max, struct index_doc *doc)
{
	struct text_line *lines;
	size_t n = readable_lines(g->scratch, text, &lines);
	struct buf own, quoted;

	buf_init(&own, GATHER_TEXT_MAX);
	buf_init(&quoted, quoted_max);
	for (size_t i = 0; i < n; i++) {
		bool mine = lines[i].kind == LINE_OWN;

		if (!mine && lines[i].kind != LINE_QUOTE)
			continue;
		buf_put_slice(mine ? &own : &quoted,
			      mine ? lines[i].text : unquoted(lines[i].text));
		buf_putc(mine ? &own : &quoted, '\n');
	}
	doc->own = arena_dup(g->texts, buf_slice(&own));
	doc->quoted = arena_dup(g->texts, buf_slice(&quoted));
	buf_free(&own);
	buf_free(&quoted);
}

static void
put_names(struct gather *g, const struct fields *f, struct index_doc *doc)
{
	struct slice *names;
	size_t n = fields_attachments(f, g->scratch, &names);

	doc->attachments = arena_array(g->texts, n, sizeof *doc->attachments);
	doc->nattachments = n;
	for (size_t i = 0; i < n; i++)
		doc->attachments[i] = arena_dup(g->texts, names[i]);
}

static struct slice
recipients(struct gather *g, const struct message *m)
{
	struct slice to = header_text(g->scratch, message_value(m, "To"));
	struct slice cc = header_text(g->scratch, message_value(m, "Cc"));

	return slice_str(arena_printf(g->texts, "%.*s, %.*s", SLICE_ARG(to), SLICE_ARG(cc)));
}

static void
gather_one(struct gather *g, struct store *st, struct gather_item *it)
{
	const struct overview_message *m = &it->m;
	struct slice bytes, text;
	struct fields f = {0};
	struct err e;

	it->doc = (struct index_doc){.id = m->id,
				     .list = m->list,
				     .key = m->key,
				     .thread_key = it->thread_key,
				     .msgid = m->msgid,
				     .subject = m->subject,
				     .echo = it->echo,
				     .from_name = m->from_name,
				     .from_address = m->from_address,
				     .date = m->date};
	if (store_map(st, m->list, m->key, m->date, &bytes, &e) < 0) {
		log_warning("index: %s", e.text);
		return;
	}
	suspects_hold(store_suspects(st), SUSPECTS_INDEX, m->list, m->key);
	arena_reset(g->scratch);
	message_parse(&f.message, g->scratch, bytes);
	it->doc.to_text = recipients(g, &f.message);
	/* What is searched is shown, too: around the words that were found. */
	mask_text(g->mask, g->scratch, readable_text(&f.message, g->scratch), &text);
	part_lines(g, text, it->parent_present ? QUOTED_KNOWN_MAX : GATHER_TEXT_MAX, &it->doc);
	put_names(g, &f, &it->doc);
	suspects_drop(store_suspects(st));
	file_unmap(bytes);
}

void
gather_texts(struct gather *g, struct store *st, struct gather_item *items, size_t n)
{
	arena_reset(g->texts);
	for (size_t i = 0; i < n; i++)
		gather_one(g, st, &items[i]);
}
