/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_self: what the lists know and do about the address that asks. They are answered only to
 * that address, so that no proof is needed.
 */
#include <string.h>

#include "conf/speakers.h"
#include "daemon/answers.h"
#include "daemon/bounce.h"
#include "daemon/bouncing.h"
#include "daemon/complaint.h"
#include "daemon/held.h"
#include "daemon/speaking.h"
#include "daemon/ticket.h"

static const char *
delivery_phrase(const struct member *m)
{
	if (strcmp(m->delivery, "digest") == 0)
		return m->digest_plain ? N_("many posts in one mail (digest), as one plain text")
				       : N_("many posts in one mail (digest)");
	if (strcmp(m->delivery, "nomail") == 0)
		return N_("no mail");
	return N_("each post as it comes");
}

static const char *
on_off(const struct command *c, bool on)
{
	return text_phrase(c->lang, on ? N_("on") : N_("off"));
}

/* --- which ---------------------------------------------------------------------------------- */

int
answer_which(struct command *c, struct err *e)
{
	struct member *ms;
	size_t n;
	struct arena *a = c->w->arena;
	if (member_of(c->w->site->db, a, c->who, &ms, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct member *m = &ms[i];
		buf_printf(c->out, "%s@%s\n  ", m->list, c->w->site->conf->domain);
		answer_line(c, N_("Delivery"), text_phrase(c->lang, delivery_phrase(m)));
		if (m->vacation > c->w->now) {
			buf_puts(c->out, "  ");
			answer_line(c, N_("No mail until the end of"),
				    text_date(a, c->lang, m->vacation));
		}
		if (m->paused) {
			buf_puts(c->out, "  ");
			answer_line(c, N_("Stopped because mail to you came back, since"),
				    text_date(a, c->lang, m->paused));
		}
	}
	if (n == 0)
		buf_puts(c->out, text_phrase(c->lang, N_("Your address is on none of our lists.")));
	return 0;
}

/* --- status --------------------------------------------------------------------------------- */

/* A post was called spam. */
static int
status_complaint(struct command *c, const struct member *m, struct err *e)
{
	int64_t since;
	int stopped = complaint_stopped(c->w->site->db, c->w->arena, m, &since, e);
	if (stopped != 1)
		return stopped;
	answer_line(c,
		    N_("Stopped because you or your mail provider reported a post as spam, since"),
		    text_date(c->w->arena, c->lang, since));
	answer_line(c, N_("To get mail again, send"), "set mail");
	return 0;
}

/* Why no mail comes, and what can be done about it. */
static int
status_stopped(struct command *c, const struct member *m, struct err *e)
{
	struct arena *a = c->w->arena;
	int64_t until = bouncing_until(c->w->site->db, m, e);
	struct bouncing_stage st;
	if (until < 0 || bouncing_stage(c->w->site->db, m, &st, e) < 0 ||
	    status_complaint(c, m, e) < 0)
		return -1;
	if (m->vacation > c->w->now) {
		answer_line(c, N_("No mail until the end of"), text_date(a, c->lang, m->vacation));
		answer_line(c, N_("To get mail before that day, send"), "set vacation off");
	}
	if (m->paused)
		answer_line(c, N_("Stopped because mail to you came back, since"),
			    text_date(a, c->lang, m->paused));
	if (until > 0)
		answer_line(c,
			    m->paused
				? N_("Your membership ends, unless you answer our mail, on")
				: N_("A test mail is on its way to you, and counts as arrived on"),
			    text_date(a, c->lang, until));
	if (m->paused && st.warnings > 0)
		answer_line(c, N_("Warnings that were sent to you"),
			    arena_printf(a, "%d / %d", st.warnings, BOUNCING_WARNINGS));
	if (m->paused)
		answer_line(c, N_("To get mail again, send"), "set mail");
	return 0;
}

/* On a list that has speakers. */
static int
status_speaker(struct command *c, const struct member *m, struct err *e)
{
	const struct conf_list *l = conf_list_find(c->w->site->conf, slice_str(m->list));
	int64_t until;
	if (!l || !conf_has_speakers(l))
		return 0;
	int may = speaking_may(c->w->site->db, l, slice_str(m->address), c->w->now, &until, e);
	if (may < 0)
		return -1;
	answer_line(c, N_("Your posts go out at once, as a speaker's"), on_off(c, may == 1));
	if (may == 1 && until > 0)
		answer_line(c, N_("You are a speaker until the end of"),
			    text_date(c->w->arena, c->lang, until - 1));
	return 0;
}

static int
status_of(struct command *c, const struct member *m, struct err *e)
{
	struct arena *a = c->w->arena;
	buf_printf(c->out, "%s@%s\n", m->list, c->w->site->conf->domain);
	answer_line(c, N_("Member since"), text_date(a, c->lang, m->since));
	answer_line(c, N_("Delivery"), text_phrase(c->lang, delivery_phrase(m)));
	if (status_stopped(c, m, e) < 0)
		return -1;
	answer_line(c, N_("Your own posts back to you"), on_off(c, m->copy));
	answer_line(c, N_("A note when your post went out"), on_off(c, m->ack));
	if (m->language[0])
		answer_line(c, N_("Language"), m->language);
	if (m->group[0])
		answer_line(c, N_("Stakeholder group"), m->group);
	if (status_speaker(c, m, e) < 0)
		return -1;
	answer_line(c, N_("Posts of yours that went out"),
		    arena_printf(a, "%lld", (long long)m->posts));
	answer_line(c, N_("Mail that came back (points)"),
		    arena_printf(a, "%d%s", m->bounce_score / 2, m->bounce_score % 2 ? ".5" : ""));
	struct slice words = bounce_last_words(c->w->site->db, a, m->id);
	if (words.n > 0 && (m->bounce_score > 0 || m->paused))
		answer_line(c, N_("What your mail server said last"), arena_str(a, words));
	int64_t complaints, last;
	if (bounce_complaints(c->w->site->db, m->id, &complaints, &last, e) < 0)
		return -1;
	if (complaints > 0)
		answer_line(c, N_("Posts that you or your mail provider reported as spam"),
			    arena_printf(a, "%lld (%s)", (long long)complaints,
					 text_date(a, c->lang, last)));
	return 0;
}

/* Things that wait, below one heading. */
struct waiting {
	struct command *c;
	int n;
};

static int
status_held(void *arg, const struct held *h)
{
	struct waiting *w = arg;
	struct command *c = w->c;
	if (!address_eq(slice_str(h->sender), c->who))
		return 0;
	if (w->n++ == 0)
		buf_printf(c->out, "\n%s:\n",
			   text_phrase(c->lang, N_("Posts that wait for a moderator")));
	buf_printf(c->out, "- %s (%s)\n", h->subject, text_date(c->w->arena, c->lang, h->received));
	return 0;
}

static const struct {
	const char *kind, *phrase;
} questions[] = {
    {"join", N_("whether you want to join")},
    {"leave", N_("whether you want to leave")},
    {"command", N_("whether commands are yours")},
    {"back", N_("whether mail to you arrives again")},
    {"again", N_("whether you want posts again")},
};

static int
status_ticket(void *arg, const struct ticket *t)
{
	struct waiting *w = arg;
	struct command *c = w->c;
	struct arena *a = c->w->arena;
	if (t->done || t->expires <= c->w->now ||
	    (c->list && t->list[0] && strcmp(t->list, c->list->name) != 0))
		return 0;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strcmp(t->kind, questions[i].kind) != 0)
			continue;
		if (w->n++ == 0)
			buf_printf(
			    c->out, "\n%s:\n",
			    text_phrase(c->lang, N_("Questions that wait for your reply by mail")));
		buf_printf(c->out, "- %s@%s: %s (%s)\n", t->list[0] ? t->list : "plenary",
			   c->w->site->conf->domain, text_phrase(c->lang, questions[i].phrase),
			   text_date_time(a, c->lang, t->expires));
	}
	return 0;
}

int
answer_status(struct command *c, struct err *e)
{
	struct member *ms;
	struct waiting held = {.c = c}, asked = {.c = c};
	struct db *db = c->w->site->db;
	size_t n, shown = 0;
	if (member_of(db, c->w->arena, c->who, &ms, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (c->list && strcmp(ms[i].list, c->list->name) != 0)
			continue;
		if (shown++)
			buf_putc(c->out, '\n');
		if (status_of(c, &ms[i], e) < 0)
			return -1;
	}
	if (shown == 0)
		buf_printf(c->out, "%s\n",
			   text_phrase(c->lang, N_("You are not a member with this address.")));
	if (shown == 0 && c->list)
		answer_line(c, N_("To join, send"), "subscribe");
	if (held_each(db, c->list ? c->list->name : NULL, status_held, &held, e) < 0)
		return -1;
	if (ticket_each_of(db, c->who, status_ticket, &asked, e) < 0)
		return -1;
	return answer_own_conduct(c, c->list ? c->list->name : NULL, e);
}
