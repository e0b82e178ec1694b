/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waiting: see waiting.h. A moderator who gets one mail for each post is reminded twice of what
 * still waits; one who gets a summary needs no reminder, since each shows all that wait.
 */
#include "daemon/waiting.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"
#include "daemon/command.h"
#include "daemon/moderator.h"
#include "daemon/reasons.h"
#include "daemon/send.h"

#define SHOWN_POSTS 100   /* posts that one mail shows */
#define SHOWN_EXCERPT 200 /* characters of each */
#define POSTS_MAX (256 * 1024)

/* --- what a mail shows ------------------------------------------------------------------------ */

static void
put_excerpt(struct buf *out, struct slice text)
{
	struct slice word, cut = utf8_head(text, SHOWN_EXCERPT);
	bool any = false;
	while (slice_next_word(&cut, &word)) {
		buf_puts(out, any ? " " : "    ");
		buf_put_slice(out, word);
		any = true;
	}
	if (any)
		buf_puts(out, utf8_head(text, SHOWN_EXCERPT).n < text.n ? " […]\n" : "\n");
}

void
waiting_put_post(struct buf *out, struct arena *a, const char *lang, const struct held *h)
{
	struct buf why;
	struct slice rest, line;
	buf_init(&why, 16384);
	reasons_explain(lang, h->reasons, &why);
	buf_printf(out, "%" PRId64 "  %s\n    %s, %s\n", h->number, h->subject, h->from,
		   text_date_time(a, lang, h->received));
	for (rest = buf_slice(&why); slice_next_line(&rest, &line);)
		buf_printf(out, "    %.*s\n", SLICE_ARG(line));
	put_excerpt(out, slice_str(h->excerpt));
	buf_puts(out, "    ");
	buf_printf(out, text_phrase(lang, N_("It expires on %s.")), text_date(a, lang, h->expires));
	buf_puts(out, "\n");
	buf_free(&why);
}

struct posts {
	const struct conf_list *list;
	struct arena *a;
	int64_t now, today;
	struct buf text;
	int64_t n, last, expires; /* of those shown */
	bool due, older;          /* is it time for a reminder; was one here when the day began */
	struct due {
		int64_t number;
		int stage;
		struct due *next;
	} * first;
};

/* Once after held-remind, and when a quarter of the time is left. */
static int
stage_of(const struct posts *ps, const struct held *h)
{
	if (ps->list->held_remind == 0)
		return 0;
	if (ps->now >= h->expires - (h->expires - h->received) / 4)
		return 2;
	return ps->now >= h->received + ps->list->held_remind;
}

static int
take_post(void *arg, const struct held *h)
{
	struct posts *ps = arg;
	int64_t until;
	if (reasons_pass_by_themselves(h->reasons, &until))
		return 0;
	int stage = stage_of(ps, h);
	if (stage > h->reminded) {
		struct due *d = arena_zalloc(ps->a, sizeof(*d));
		*d = (struct due){h->number, stage, ps->first};
		ps->first = d;
		ps->due = true;
	}
	ps->older |= zone_day(ps->list->zone, h->received) < ps->today;
	if (++ps->n > SHOWN_POSTS)
		return 0;
	if (ps->text.n)
		buf_putc(&ps->text, '\n');
	waiting_put_post(&ps->text, ps->a, ps->list->language, h);
	ps->last = h->number;
	if (ps->expires == 0 || h->expires < ps->expires)
		ps->expires = h->expires;
	return 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static int
send_posts(struct site *site, struct posts *ps, const char *to, bool reminder, int nth,
	   struct err *e)
{
	const struct conf_list *l = ps->list;
	const char *lang = l->language;
	char token[TOKEN_SIZE];
	struct ticket t = {.kind = WAITING_TICKET,
			   .list = l->name,
			   .address = to,
			   .detail = arena_printf(ps->a, "%" PRId64, ps->last),
			   .language = lang,
			   .expires = ps->now + l->held_expire};
	if (ticket_add(site->db, site->keys, &t, ps->now, token, e) < 0)
		return -1;
	struct text_value values[] = {
	    {"waiting", arena_printf(ps->a,
				     text_plural(lang, "%d post waits for a moderator",
						 "%d posts wait for a moderator", (uint64_t)ps->n),
				     (int)ps->n)},
	    {"posts", buf_str(&ps->text)},
	    {"more",
	     ps->n > SHOWN_POSTS ? arena_printf(ps->a, "%" PRId64, ps->n - SHOWN_POSTS) : ""},
	    {"reminder", reminder ? "1" : ""},
	    {"expires", text_date(ps->a, lang, ps->expires)},
	};
	char *address = send_token_address(ps->a, site->conf, l->name, "moderate", token);
	*strrchr(address, '@') = '\0';
	struct notice n = {
	    .list = l,
	    .to = slice_str(to),
	    .language = lang,
	    .template = "held-waiting",
	    .values = values,
	    .nvalues = sizeof(values) / sizeof(values[0]),
	    .from_local = address,
	    .id = arena_printf(ps->a, "waiting-%s-%" PRId64 "-%d", l->name, ps->now, nth)};
	return notice_send(site->db, site->conf, &n, ps->now, e);
}

/* One moderator: 1 written to, 0, -1. */
static int
tell_one(struct site *site, struct posts *ps, const char *to, int nth, struct err *e)
{
	struct slice address = slice_str(to);
	int notices = moderator_notices(site->db, ps->list, address, e);
	int64_t summed = moderator_summed(site->db, ps->list, address, e);
	if (notices < 0 || summed < 0)
		return -1;
	bool daily = notices == NOTICES_DAILY;
	if (daily ? !ps->older || summed >= ps->today : !ps->due)
		return 0;
	if (send_posts(site, ps, to, !daily, nth, e) < 0 ||
	    (daily && moderator_note_summary(site->db, ps->list, address, ps->today, e) < 0))
		return -1;
	return 1;
}

/* Inside a transaction: how many were written to. */
static int
tell_list(struct site *site, struct posts *ps, struct err *e)
{
	int told = 0;
	if (held_each(site->db, ps->list->name, take_post, ps, e) < 0)
		return -1;
	for (size_t i = 0; ps->n > 0 && i < ps->list->moderators.n; i++) {
		int r = tell_one(site, ps, ps->list->moderators.v[i], (int)i, e);
		if (r < 0)
			return -1;
		told += r;
	}
	for (const struct due *d = ps->first; d; d = d->next)
		if (held_remind(site->db, d->number, d->stage, e) < 0)
			return -1;
	if (told > 0)
		log_info("%s: %d moderators are told of %" PRId64 " posts that wait",
			 ps->list->name, told, ps->n);
	return told;
}

static int
run_list(struct site *site, const struct conf_list *l, int64_t now, struct err *e)
{
	struct posts ps = {
	    .list = l, .a = arena_new(), .now = now, .today = zone_day(l->zone, now)};
	int told = -1;
	buf_init(&ps.text, POSTS_MAX);
	if (db_begin(site->db, e) == 0) {
		told = tell_list(site, &ps, e);
		if (told < 0 || db_commit(site->db, e) < 0) {
			told = -1;
			db_rollback(site->db);
		}
	}
	buf_free(&ps.text);
	arena_free(ps.a);
	return told;
}

int
waiting_run(struct site *site, int64_t now, struct err *e)
{
	int told = 0;
	for (size_t i = 0; i < site->conf->nlists; i++) {
		int64_t open = held_open(site->db, site->conf->lists[i].name, e);
		int n = open > 0 ? run_list(site, &site->conf->lists[i], now, e) : (int)open;
		if (n < 0)
			return -1;
		told += n;
	}
	return told;
}

/* --- the answer ------------------------------------------------------------------------------- */

int
waiting_handle(struct work *w, const struct ticket *t, struct err *e)
{
	const struct conf_list *l = conf_list_find(w->site->conf, slice_str(t->list));
	struct slice who = slice_str(t->address);
	int64_t last;
	if (w->automatic) {
		log_info("%s: automatic mail to %s decides nothing (%s)", w->id, log_str(w->rcpt),
			 w->automatic);
		return 0;
	}
	if (t->done || t->expires <= w->now || !l || !moderator_is(l, who) ||
	    !num_parse(slice_str(t->detail), 1, INT64_MAX, &last))
		return work_unknown_token(w, e);
	char *address = send_token_address(w->arena, w->site->conf, t->list, "moderate",
					   arena_str(w->arena, w->route.token));
	*strrchr(address, '@') = '\0';
	return command_run_held(w, l, who, last, address, e);
}
