/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_moderator: the moderators' commands. command.c has made sure that a moderator's address
 * asks, and, where something is changed, that it really is hers.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "base/utf8.h"
#include "daemon/answers.h"
#include "daemon/checks.h"
#include "daemon/moderate.h"
#include "mail/header.h"
#include "mail/readable.h"

#define SHOWN_MAX 20000 /* characters of a held post in an answer */

static int
held_line(void *arg, const struct held *h)
{
	struct command *c = arg;
	struct buf why;
	buf_init(&why, 16384);
	checks_explain(c->lang, h->reasons, &why);
	buf_printf(c->out, "%lld  %s\n    %s, %s\n%s\n", (long long)h->number, h->subject, h->from,
		   text_date_time(c->w->arena, c->lang, h->received), buf_str(&why));
	buf_free(&why);
	return 0;
}

int
answer_held(struct command *c, struct err *e)
{
	size_t before = c->out->n;
	if (held_each(c->w->site->db, c->list->name, held_line, c, e) < 0)
		return -1;
	if (c->out->n == before)
		buf_puts(c->out, text_phrase(c->lang, N_("No post waits for a moderator.")));
	return 0;
}

/* The held post of the list that the command names: 1, or 0 after saying that there is none. */
static int
named_post(struct command *c, struct slice *rest, struct held *h, struct err *e)
{
	struct slice word;
	int64_t number;
	*rest = c->args;
	if (slice_next_word(rest, &word) && num_parse(word, 1, INT64_MAX, &number)) {
		int r = held_get(c->w->site->db, c->w->arena, number, h, e);
		if (r < 0 || (r == 1 && strcmp(h->list, c->list->name) == 0))
			return r;
	}
	buf_puts(c->out,
		 text_phrase(c->lang, N_("No held post of this list has this number. \"held\" "
					 "lists them.")));
	return 0;
}

int
answer_show(struct command *c, struct err *e)
{
	struct slice rest, bytes;
	struct held h;
	struct envelope env;
	struct message m;
	struct arena *a = c->w->arena;
	int found = named_post(c, &rest, &h, e);
	if (found != 1)
		return found;
	const char *path = conf_path(c->w->site->conf, a, "held/%s", h.spool);
	if (file_map(AT_FDCWD, path, &bytes, e) < 0) {
		if (errno != ENOENT)
			return -1;
		buf_printf(c->out, text_phrase(c->lang, N_("It was decided already: %s, by %s.")),
			   text_phrase(c->lang, held_decision_phrase(h.decision)), h.decided_by);
		return 0;
	}
	if (envelope_parse(&env, a, bytes, e) == 0) {
		message_parse(&m, a, env.message);
		buf_printf(c->out, "From: %s\nSubject: %s\n\n", h.from, h.subject);
		buf_put_slice(c->out, utf8_head(readable_text(&m, a), SHOWN_MAX));
	}
	file_unmap(bytes);
	return 0;
}

static int
decide(struct command *c, const char *decision, struct err *e)
{
	struct slice rest;
	struct held h;
	int found = named_post(c, &rest, &h, e);
	if (found != 1)
		return found;
	const char *id = arena_printf(c->w->arena, "%s-c%d", c->w->id, ++c->w->notices);
	const char *by = arena_str(c->w->arena, c->who);
	int first = moderate_decide(c->w->site, c->w->arena, h.number, decision, by,
				    arena_str(c->w->arena, slice_trim(rest)), id, c->w->now, &h, e);
	if (first < 0)
		return -1;
	c->w->settle = true;
	if (first)
		buf_printf(c->out, "%s: %s", h.subject,
			   text_phrase(c->lang, held_decision_phrase(h.decision)));
	else
		buf_printf(c->out, text_phrase(c->lang, N_("It was decided already: %s, by %s.")),
			   text_phrase(c->lang, held_decision_phrase(h.decision)), h.decided_by);
	return 0;
}

int
answer_accept(struct command *c, struct err *e)
{
	return decide(c, "accept", e);
}

int
answer_reject(struct command *c, struct err *e)
{
	return decide(c, "reject", e);
}

int
answer_discard(struct command *c, struct err *e)
{
	return decide(c, "discard", e);
}

static int
member_line(void *arg, const struct member *m)
{
	struct command *c = arg;
	buf_printf(c->out, "%s%s%s\n", m->wire, strcmp(m->delivery, "mail") ? "  " : "",
		   strcmp(m->delivery, "mail") ? m->delivery : "");
	return 0;
}

int
answer_members(struct command *c, struct err *e)
{
	return member_each(c->w->site->db, c->list->name, member_line, c, e);
}
