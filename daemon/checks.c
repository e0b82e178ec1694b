/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checks: see checks.h. A check is a row: the reason that it may give (reasons.h), and a function
 * that only looks. Whether a post is a duplicate is asked by post.c, since asking notes it.
 */
#include "daemon/checks.h"

#include <string.h>

#include "base/log.h"
#include "conf/speakers.h"
#include "daemon/hook.h"
#include "daemon/quota.h"
#include "daemon/reasons.h"
#include "daemon/speaking.h"
#include "daemon/strand.h"
#include "daemon/traits.h"

#define RECIPIENTS_MAX 30 /* in To and Cc: more is no letter to a list any more */

/* The post names this very list in a List-Id, or comes from one of the list's own addresses. */
static enum verdict
check_loop(const struct facts *f, struct buf *detail)
{
	const struct part *p = &f->w->message.parts[0];
	const char *own =
	    arena_printf(f->w->arena, "<%s.%s>", f->list->name, f->w->site->conf->domain);
	for (size_t i = 0; i < p->nfields; i++)
		if (slice_is_ci(p->fields[i].name, "List-Id") &&
		    slice_find_ci(p->fields[i].value, slice_str(own)) < p->fields[i].value.n) {
			buf_puts(detail, "List-Id");
			return VERDICT_DISCARD;
		}
	return VERDICT_PASS;
}

static enum verdict
check_own_address(const struct facts *f, struct buf *detail)
{
	struct route r;
	route_classify(f->w->site->conf, f->w->author.text, &r);
	if (f->w->author.text.n == 0 || r.function == ROUTE_NONE || r.function == ROUTE_ELSEWHERE ||
	    r.function == ROUTE_POSTMASTER)
		return VERDICT_PASS;
	buf_put_slice(detail, f->w->author.text);
	return VERDICT_DISCARD;
}

/* The guard has not parsed it (mail/guard.h), so that nothing is known of its author either. */
static enum verdict
check_header(const struct facts *f, struct buf *detail)
{
	enum guard_verdict v = f->w->message.verdict;
	if (v != GUARD_HEADER_TOO_BIG && v != GUARD_TOO_MANY_FIELDS)
		return VERDICT_PASS;
	buf_puts(detail, guard_text(v));
	return VERDICT_REJECT;
}

static enum verdict
check_no_author(const struct facts *f, struct buf *detail)
{
	(void)detail;
	return f->w->author.text.n ? VERDICT_PASS : VERDICT_HOLD;
}

/* Answers that a machine gave to a post (RFC 3834): shown to a moderator, never to everyone. */
static enum verdict
check_automatic(const struct facts *f, struct buf *detail)
{
	struct slice v = message_value(&f->w->message, "Auto-Submitted");
	if (!slice_starts_ci(v, SLICE("auto-replied")) && f->w->sender.n > 0)
		return VERDICT_PASS;
	buf_puts(detail, f->w->automatic ? f->w->automatic : "");
	return VERDICT_HOLD;
}

static enum verdict
check_size(const struct facts *f, struct buf *detail)
{
	if ((int64_t)f->w->env.message.n <= f->list->max_message_size)
		return VERDICT_PASS;
	buf_put_int(detail, (int64_t)f->w->env.message.n);
	return VERDICT_REJECT;
}

static enum verdict
check_speakers(const struct facts *f, struct buf *detail)
{
	(void)detail;
	if (!conf_has_speakers(f->list) || f->speaker)
		return VERDICT_PASS;
	return VERDICT_HOLD;
}

static enum verdict
check_nonmember(const struct facts *f, struct buf *detail)
{
	static const enum verdict by_setting[] = {[NONMEMBER_HOLD] = VERDICT_HOLD,
						  [NONMEMBER_ACCEPT] = VERDICT_PASS,
						  [NONMEMBER_REJECT] = VERDICT_REJECT};
	if (f->member || f->speaker)
		return VERDICT_PASS;
	buf_put_slice(detail, f->w->author.text);
	return by_setting[f->list->nonmember_posts];
}

static enum verdict
check_first_posts(const struct facts *f, struct buf *detail)
{
	if (!f->member || f->member->posts >= f->list->hold_first_posts)
		return VERDICT_PASS;
	buf_put_int(detail, f->member->posts + 1);
	return VERDICT_HOLD;
}

/* --- attachments and recipients --------------------------------------------------------------- */

static enum verdict
check_attachments_refused(const struct facts *f, struct buf *detail)
{
	return traits_attachment(f->w->arena, &f->w->message, &f->list->reject_attachments, detail)
		   ? VERDICT_REJECT
		   : VERDICT_PASS;
}

static enum verdict
check_attachments(const struct facts *f, struct buf *detail)
{
	return traits_attachment(f->w->arena, &f->w->message, &f->list->hold_attachments, detail)
		   ? VERDICT_HOLD
		   : VERDICT_PASS;
}

/* The addresses of all fields of a name; at most *n are looked at as the list's own. */
static size_t
count_addresses(const struct facts *f, const char *name, bool *named)
{
	const struct part *p = &f->w->message.parts[0];
	struct address *as;
	size_t total = 0;
	for (size_t i = 0; i < p->nfields; i++) {
		if (!slice_is_ci(p->fields[i].name, name))
			continue;
		size_t n = address_parse_list(f->w->arena, p->fields[i].value, &as);
		for (size_t k = 0; k < n; k++)
			*named |= slice_is_ci(as[k].local, f->list->name);
		total += n;
	}
	return total;
}

static enum verdict
check_recipients(const struct facts *f, struct buf *detail)
{
	bool named = false;
	size_t n = count_addresses(f, "To", &named) + count_addresses(f, "Cc", &named);
	if (n <= RECIPIENTS_MAX)
		return VERDICT_PASS;
	buf_put_int(detail, (int64_t)n);
	return VERDICT_HOLD;
}

/* A list that stands in no field was meant for nobody to see: so comes most spam. Its name counts
 * at any domain, since a list may have moved and be known under its old one. */
static enum verdict
check_destination(const struct facts *f, struct buf *detail)
{
	static const char *const fields[] = {"To", "Cc", "Resent-To", "Resent-Cc"};
	bool named = false;
	(void)detail;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		count_addresses(f, fields[i], &named);
	return named ? VERDICT_PASS : VERDICT_HOLD;
}

/* --- conduct ---------------------------------------------------------------------------------- */

static enum verdict
check_suspended(const struct facts *f, struct buf *detail)
{
	if (f->standing.does != STEP_SUSPEND)
		return VERDICT_PASS;
	buf_put_int(detail, f->standing.until);
	return VERDICT_REJECT;
}

static enum verdict
check_moderated(const struct facts *f, struct buf *detail)
{
	if (f->standing.does != STEP_HOLD)
		return VERDICT_PASS;
	buf_put_int(detail, f->standing.until);
	return VERDICT_HOLD;
}

static enum verdict
check_posts_per_day(const struct facts *f, struct buf *detail)
{
	if (f->list->posts_per_day == 0 || f->posted < f->list->posts_per_day)
		return VERDICT_PASS;
	buf_put_int(detail, zone_next_day(f->list->zone, f->w->now));
	return VERDICT_HOLD;
}

static enum verdict
check_cooled(const struct facts *f, struct buf *detail)
{
	if (!f->cooled)
		return VERDICT_PASS;
	buf_printf(detail, "%lld %s", (long long)f->cooled_until, f->cooled);
	return VERDICT_HOLD;
}

static enum verdict
check_emergency(const struct facts *f, struct buf *detail)
{
	(void)detail;
	return f->emergency ? VERDICT_HOLD : VERDICT_PASS;
}

/* --- header lines ----------------------------------------------------------------------------- */

/* What discards or refuses comes first of all that holds: else the spam of strangers, held for
 * being theirs, would be shown to a moderator after all. */
static enum verdict
check_headers_refused(const struct facts *f, struct buf *detail)
{
	const struct message *m = &f->w->message;
	if (traits_header(f->w->arena, m, &f->list->discard_headers, detail))
		return VERDICT_DISCARD;
	if (traits_header(f->w->arena, m, &f->list->reject_headers, detail))
		return VERDICT_REJECT;
	return VERDICT_PASS;
}

static enum verdict
check_headers(const struct facts *f, struct buf *detail)
{
	return traits_header(f->w->arena, &f->w->message, &f->list->hold_headers, detail)
		   ? VERDICT_HOLD
		   : VERDICT_PASS;
}

static const struct check {
	enum reason reason;
	enum verdict (*look)(const struct facts *f, struct buf *detail);
} checks[] = {
    {REASON_OWN_ADDRESS, check_own_address},
    {REASON_LOOP, check_loop},
    {REASON_HEADER, check_header},
    {REASON_SIZE, check_size},
    {REASON_HEADERS_REFUSED, check_headers_refused},
    {REASON_ATTACHMENTS_REFUSED, check_attachments_refused},
    {REASON_NO_AUTHOR, check_no_author},
    {REASON_AUTOMATIC, check_automatic},
    {REASON_ATTACHMENTS, check_attachments},
    {REASON_RECIPIENTS, check_recipients},
    {REASON_DESTINATION, check_destination},
    {REASON_NONMEMBER, check_nonmember},
    {REASON_FIRST_POSTS, check_first_posts},
    {REASON_SPEAKERS, check_speakers},
    {REASON_SUSPENDED, check_suspended},
    {REASON_MODERATED, check_moderated},
    {REASON_POSTS_PER_DAY, check_posts_per_day},
    {REASON_COOLED, check_cooled},
    {REASON_EMERGENCY, check_emergency},
    {REASON_HEADERS, check_headers},
};

int
checks_author(struct work *w, const struct conf_list *l, struct member *m, struct err *e)
{
	const struct conf *conf = w->site->conf;
	if (w->author.text.n == 0)
		return 0;
	int r = member_find(w->site->db, w->arena, l->name, w->author.text, m, e);
	for (size_t i = 0; r == 0 && i < conf->nlists; i++)
		if (conf_list_under(conf, &conf->lists[i], l))
			r = member_find(w->site->db, w->arena, conf->lists[i].name, w->author.text,
					m, e);
	return r;
}

/* Is it a post to a thread that rests? */
static int
find_cooled(struct facts *f, struct err *e)
{
	struct work *w = f->w;
	struct conduct_event *evs;
	const char *root;
	bool known;
	size_t n;
	if (conduct_freezes(w->site->db, w->arena, f->list->name, w->now, &evs, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strand_root(w->site, w->arena, f->list, evs[i].about, &root, &known, e) < 0)
			return -1;
		int r = strand_belongs(w, f->list, root, e);
		if (r < 0)
			return -1;
		if (r == 1) {
			f->cooled = evs[i].about;
			f->cooled_until = evs[i].until;
			return 0;
		}
	}
	return 0;
}

int
checks_gather(struct facts *f, struct work *w, const struct conf_list *l, struct err *e)
{
	struct db *db = w->site->db;
	struct conduct_event ev;
	memset(f, 0, sizeof(*f));
	f->w = w;
	f->list = l;
	int found = checks_author(w, l, &f->author, e);
	if (found < 0 ||
	    conduct_standing(db, w->arena, l->name, w->author.text, w->now, &f->standing, e) < 0)
		return -1;
	f->member = found ? &f->author : NULL;
	int speaks = speaking_may(db, l, w->author.text, w->now, NULL, e);
	if (speaks < 0)
		return -1;
	f->speaker = speaks == 1;
	if (l->posts_per_day > 0) {
		f->posted = quota_used(db, l, w->author.text, w->now, e);
		if (f->posted < 0)
			return -1;
	}
	int r = conduct_cooled(db, w->arena, l->name, "emergency", "", w->now, &ev, e);
	f->emergency = r == 1;
	return r < 0 || find_cooled(f, e) < 0 ? -1 : 0;
}

static void
take_said(const struct facts *f, enum verdict *v, struct buf *reasons)
{
	for (const struct hook_said *s = f->w->said; s; s = s->next)
		if (s->list == f->list) {
			if (*v == VERDICT_PASS)
				*v = s->verdict;
			buf_puts(reasons, s->reasons);
		}
}

void
checks_run(const struct facts *f, enum verdict *v, struct buf *reasons)
{
	struct buf detail;
	enum verdict now = VERDICT_PASS;
	*v = VERDICT_PASS;
	buf_init(&detail, 1024);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		buf_clear(&detail);
		now = checks[i].look(f, &detail);
		if (now == VERDICT_PASS)
			continue;
		if (*v == VERDICT_PASS)
			*v = now;
		reasons_put(reasons, checks[i].reason, slice_str(log_str(buf_slice(&detail))));
		if (now != VERDICT_HOLD) /* nobody will be shown the rest */
			break;
	}
	buf_free(&detail);
	if (now == VERDICT_PASS || now == VERDICT_HOLD)
		take_said(f, v, reasons);
}
