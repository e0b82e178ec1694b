/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_moderator: the moderators' commands. command.c has made sure that a moderator's address
 * asks, and, where something is changed, that it really is hers.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "daemon/answers.h"
#include "daemon/moderate.h"
#include "daemon/moderator.h"
#include "daemon/pick.h"
#include "daemon/waiting.h"
#include "mail/header.h"
#include "mail/readable.h"

#define SHOWN_MAX 20000 /* characters of a held post in an answer */
#define DECIDED_MAX 200 /* posts that one mail decides about: each is work inside one transaction  \
			 */

static int
held_line(void *arg, const struct held *h)
{
	struct command *c = arg;
	waiting_put_post(c->out, c->w->arena, c->lang, h);
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

/* The list's held post of this number: 1, 0, -1. */
static int
find_post(struct command *c, int64_t number, struct held *h, struct err *e)
{
	int r = held_get(c->w->site->db, c->w->arena, number, h, e);
	return r == 1 && strcmp(h->list, c->list->name) != 0 ? 0 : r;
}

static void
no_such_post(struct command *c, int64_t number)
{
	buf_printf(
	    c->out,
	    text_phrase(c->lang, N_("%lld: no held post of this list has this number. \"held\" "
				    "lists them.")),
	    (long long)number);
	buf_putc(c->out, '\n');
}

/* What the line names; false after saying what is wrong with it. */
static bool
pick(struct command *c, struct pick *p)
{
	enum pick_end end = pick_parse(c->args, p);
	if (end != PICK_FINE)
		buf_puts(c->out, text_phrase(c->lang, pick_phrase(end)));
	return end == PICK_FINE;
}

int
answer_show(struct command *c, struct err *e)
{
	struct slice bytes;
	struct held h;
	struct envelope env;
	struct message m;
	struct pick p;
	struct arena *a = c->w->arena;
	if (!pick(c, &p))
		return 0;
	int found = find_post(c, p.v[0].from, &h, e);
	if (found == 0)
		no_such_post(c, p.v[0].from);
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

/* One of them: a word that decides, why, and what the line is about. */
struct deciding {
	const char *decision, *why;
	int64_t found; /* posts of the list that a range has */
};

static int
decide_one(struct command *c, struct deciding *d, struct held *h, struct err *e)
{
	int64_t number = h->number;
	struct work *w = c->w;
	d->found++;
	if (c->upto && number > c->upto) {
		buf_printf(
		    c->out,
		    text_phrase(c->lang, N_("%lld came after the mail that you answer, and was "
					    "left alone.")),
		    (long long)number);
		buf_putc(c->out, '\n');
		return 0;
	}
	const char *id = arena_printf(w->arena, "%s-c%d", w->id, ++w->notices);
	int first = moderate_decide(w->site, w->arena, number, d->decision,
				    arena_str(w->arena, c->who), d->why, id, w->now, h, e);
	if (first < 0)
		return -1;
	w->settle = true;
	c->decided += first;
	buf_printf(c->out, "%lld  %s: ", (long long)number, h->subject);
	if (first)
		buf_puts(c->out, text_phrase(c->lang, held_decision_phrase(h->decision)));
	else
		buf_printf(c->out, text_phrase(c->lang, N_("It was decided already: %s, by %s.")),
			   text_phrase(c->lang, held_decision_phrase(h->decision)), h->decided_by);
	buf_putc(c->out, '\n');
	return 0;
}

/* A number that is nobody's is said to be so; in a range there may be many. */
static int
decide_range(struct command *c, struct deciding *d, int64_t from, int64_t to, struct err *e)
{
	struct held h;
	d->found = 0;
	for (int64_t n = from; n <= to; n++) {
		if (c->decided >= DECIDED_MAX) {
			buf_printf(
			    c->out,
			    text_phrase(c->lang, N_("This was enough for one mail: those from %lld "
						    "on still wait.")),
			    (long long)n);
			buf_putc(c->out, '\n');
			return 0;
		}
		int found = find_post(c, n, &h, e);
		if (found < 0 || (found == 1 && decide_one(c, d, &h, e) < 0))
			return -1;
	}
	if (d->found > 0)
		return 0;
	if (from == to)
		no_such_post(c, from);
	else
		buf_printf(c->out, "%lld-%lld: %s\n", (long long)from, (long long)to,
			   text_phrase(c->lang, N_("No held post of this list has one of these "
						   "numbers.")));
	return 0;
}

static int
decide(struct command *c, const char *decision, struct err *e)
{
	struct deciding d = {.decision = decision};
	struct pick p;
	if (!pick(c, &p))
		return 0;
	d.why = arena_str(c->w->arena, p.rest);
	for (size_t i = 0; i < p.n; i++)
		if (decide_range(c, &d, p.v[i].from, p.v[i].to, e) < 0)
			return -1;
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

int
answer_notices(struct command *c, struct slice value, struct err *e)
{
	struct db *db = c->w->site->db;
	bool daily = slice_is_ci(value, "daily");
	if (!moderator_is(c->list, c->who)) {
		buf_puts(c->out,
			 text_phrase(c->lang, N_("This command is for the moderators of the "
						 "list.")));
		return 0;
	}
	if (!daily && !slice_is_ci(value, "each")) {
		buf_puts(c->out,
			 text_phrase(c->lang, N_("There are: set notices each, and set notices "
						 "daily.")));
		return 0;
	}
	if (moderator_set_notices(db, c->list, c->who, daily ? NOTICES_DAILY : NOTICES_EACH, e) < 0)
		return -1;
	buf_printf(c->out, "%s\n",
		   daily
		       ? text_phrase(c->lang, N_("From now on you get one mail a day with all "
						 "posts that wait, if any do."))
		       : text_phrase(c->lang, N_("From now on you get one mail for each post that "
						 "is held. These wait now:")));
	return daily ? 0 : answer_held(c, e);
}
