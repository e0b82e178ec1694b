/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/gather.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "archive/fields.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "mail/header.h"
#include "mail/readable.h"

#define THREADS 2
#define QUOTED_KNOWN_MAX 2000 /* bytes of quoted words kept when what is quoted is here itself */

struct worker {
	struct gather *gather;
	struct arena *texts;   /* what the docs point into */
	struct arena *scratch; /* for one message */
};

struct gather {
	struct worker workers[THREADS];
	struct store *store;
	struct gather_item *items;
	size_t n;
	atomic_size_t next;
};

struct gather *
gather_new(void)
{
	struct gather *g = calloc(1, sizeof *g);

	if (!g)
		fatal("no memory");
	for (int i = 0; i < THREADS; i++)
		g->workers[i] = (struct worker){g, arena_new(), arena_new()};
	return g;
}

void
gather_free(struct gather *g)
{
	if (!g)
		return;
	for (int i = 0; i < THREADS; i++) {
		arena_free(g->workers[i].texts);
		arena_free(g->workers[i].scratch);
	}
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
part_lines(struct worker *w, struct slice text, size_t quoted_max, struct index_doc *doc)
{
	struct text_line *lines;
	size_t n = readable_lines(w->scratch, text, &lines);
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
	doc->own = arena_dup(w->texts, buf_slice(&own));
	doc->quoted = arena_dup(w->texts, buf_slice(&quoted));
	buf_free(&own);
	buf_free(&quoted);
}

static void
put_names(struct worker *w, const struct fields *f, struct index_doc *doc)
{
	struct slice *names;
	size_t n = fields_attachments(f, w->scratch, &names);

	doc->attachments = arena_array(w->texts, n, sizeof *doc->attachments);
	doc->nattachments = n;
	for (size_t i = 0; i < n; i++)
		doc->attachments[i] = arena_dup(w->texts, names[i]);
}

static struct slice
recipients(struct worker *w, const struct message *m)
{
	struct slice to = header_text(w->scratch, message_value(m, "To"));
	struct slice cc = header_text(w->scratch, message_value(m, "Cc"));

	return slice_str(arena_printf(w->texts, "%.*s, %.*s", SLICE_ARG(to), SLICE_ARG(cc)));
}

static void
gather_one(struct worker *w, struct gather_item *it)
{
	const struct overview_message *m = &it->m;
	struct slice bytes;
	struct fields f = {0};
	struct err e;

	it->doc = (struct index_doc){.id = m->id,
				     .list = m->list,
				     .key = m->key,
				     .thread_key = it->thread_key,
				     .msgid = m->msgid,
				     .subject = m->subject,
				     .from_name = m->from_name,
				     .from_address = m->from_address,
				     .date = m->date};
	if (store_map(w->gather->store, m->list, m->key, m->date, &bytes, &e) < 0) {
		log_warning("index: %s", e.text);
		return;
	}
	arena_reset(w->scratch);
	message_parse(&f.message, w->scratch, bytes);
	it->doc.to_text = recipients(w, &f.message);
	part_lines(w, readable_text(&f.message, w->scratch),
		   it->parent_present ? QUOTED_KNOWN_MAX : GATHER_TEXT_MAX, &it->doc);
	put_names(w, &f, &it->doc);
	file_unmap(bytes);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct gather *g = w->gather;
	size_t i;

	while ((i = atomic_fetch_add(&g->next, 1)) < g->n)
		gather_one(w, &g->items[i]);
	return NULL;
}

void
gather_texts(struct gather *g, struct store *st, struct gather_item *items, size_t n)
{
	pthread_t threads[THREADS];
	int started = 0;

	g->store = st;
	g->items = items;
	g->n = n;
	atomic_store(&g->next, 0);
	for (int i = 0; i < THREADS; i++)
		arena_reset(g->workers[i].texts);
	/* This thread is the last worker; without others it does all of it. */
	for (int i = 0; i + 1 < THREADS && n > 1; i++, started++)
		if (pthread_create(&threads[i], NULL, work, &g->workers[i]) != 0)
			break;
	work(&g->workers[THREADS - 1]);
	for (int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}
