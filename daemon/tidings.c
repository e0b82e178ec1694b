/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tidings: see tidings.h. All its templates know the same values, so that a translator never has
 * to ask which ones there are.
 */
#include "daemon/tidings.h"

#include <inttypes.h>
#include <string.h>

#include "conf/text.h"
#include "daemon/announce.h"
#include "daemon/send.h"
#include "daemon/ticket.h"

/* Steps that may come next, with how long they may: "suspension (180 days)". */
static const char *
next_steps(struct arena *a, const char *lang, const struct conf_list *l, const char *step)
{
	const char *s = "";
	for (size_t i = 0; i < l->nsteps; i++) {
		const struct conf_step *n = &l->steps[i];
		if (!n->after || strcmp(n->after, step) != 0)
			continue;
		s = arena_printf(a, "%s%s%s", s, s[0] ? ", " : "", n->name);
		if (n->within)
			s = arena_printf(a, "%s (%s)", s, text_span(a, lang, n->within));
	}
	return s;
}

size_t
tidings_values(struct deed *d, const char *lang, const struct conduct_event *ev,
	       struct text_value v[TIDINGS_VALUES_MAX])
{
	struct arena *a = d->a;
	const struct conf *conf = d->site->conf;
	const char *list = d->list->name;
	const struct text_value all[] = {
	    {"member", ev->address},
	    {"step", ev->step},
	    {"why", ev->why},
	    {"by", ev->by},
	    {"rule", ev->rule},
	    {"until", ev->until ? text_date_time(a, lang, ev->until) : ""},
	    {"message", ev->about && ev->about[0]
			    ? arena_printf(a, "%s/%s/m/%s/", conf->site_url, list, ev->about)
			    : ""},
	    {"thread", ev->about && ev->about[0]
			   ? arena_printf(a, "%s/%s/t/%s/", conf->site_url, list, ev->about)
			   : ""},
	    {"suspends", ev->does && strcmp(ev->does, "suspend") == 0 ? "1" : ""},
	    {"holds", ev->does && strcmp(ev->does, "hold") == 0 ? "1" : ""},
	    {"next", next_steps(a, lang, d->list, ev->step ? ev->step : "")},
	    {"appeal-address",
	     d->list->appeals.n ? arena_printf(a, "%s-appeal@%s", list, conf->domain) : ""},
	    {"overturned", strcmp(ev->what, "overturn") == 0 ? "1" : ""},
	    {"unproven", d->unproven ? "1" : ""},
	    {"case", arena_printf(a, "%" PRId64, ev->case_id)},
	};
	_Static_assert(sizeof(all) / sizeof(all[0]) <= TIDINGS_VALUES_MAX, "room for all values");
	memcpy(v, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

/* One mail; more: further values of its template. */
struct tiding {
	const char *template, *lang;
	struct slice to;
	const struct conduct_event *ev;
	const char *ticket; /* its kind: where answers go; or NULL */
	int64_t expires;
	struct slice attached;
	const struct text_value *more;
	size_t nmore;
};
#define MORE_MAX 4

/* A token for one address about one event: "LIST-moderate+TOKEN". */
static int
make_ticket(struct deed *d, const struct tiding *t, const char **local, struct err *e)
{
	char token[TOKEN_SIZE];
	struct ticket k = {.kind = t->ticket,
			   .list = d->list->name,
			   .address = arena_str(d->a, t->to),
			   .detail = arena_printf(d->a, "%" PRId64, t->ev->id),
			   .language = t->lang,
			   .expires = t->expires};
	if (ticket_add(d->site->db, d->site->keys, &k, d->now, token, e) < 0)
		return -1;
	char *address = send_token_address(d->a, d->site->conf, d->list->name, "moderate", token);
	*strrchr(address, '@') = '\0';
	*local = address;
	return 0;
}

static int
send_tiding(struct deed *d, const struct tiding *t, const char *from_local, struct err *e)
{
	struct text_value values[TIDINGS_VALUES_MAX + MORE_MAX];
	struct notice n = {.list = d->list,
			   .to = t->to,
			   .language = t->lang,
			   .template = t->template,
			   .values = values,
			   .from_local = from_local,
			   .attached = t->attached};
	n.nvalues = tidings_values(d, t->lang, t->ev, values);
	for (size_t i = 0; i < t->nmore && i < MORE_MAX; i++)
		values[n.nvalues++] = t->more[i];
	/* What she is told about herself has to be shown to have reached her. */
	if (t->ev->address[0] && address_eq(t->to, slice_str(t->ev->address)))
		n.event = t->ev->id;
	n.id = arena_printf(d->a, "%s-k%d", d->id, ++d->notices);
	return notice_send(d->site->db, d->site->conf, &n, d->now, e);
}

int
tidings_one(struct deed *d, const char *template, struct slice to, const char *lang,
	    const struct conduct_event *ev, const char *ticket, int64_t expires,
	    struct slice attached, struct err *e)
{
	const char *local = NULL;
	struct tiding t = {.template = template,
			   .lang = lang,
			   .to = to,
			   .ev = ev,
			   .ticket = ticket,
			   .expires = expires,
			   .attached = attached};
	if (ticket && make_ticket(d, &t, &local, e) < 0)
		return -1;
	return send_tiding(d, &t, local, e);
}

/* As the member whom it is about writes her address, and her language. */
static int
find_member(struct deed *d, const char *address, struct slice *to, const char **lang, struct err *e)
{
	struct member m;
	*to = slice_str(address);
	*lang = d->list->language;
	int r = member_find(d->site->db, d->a, d->list->name, *to, &m, e);
	if (r == 1) {
		*to = slice_str(m.wire);
		*lang = m.language[0] ? m.language : *lang;
	}
	return r < 0 ? -1 : 0;
}

static int
tell_member(struct deed *d, const char *template, const struct conduct_event *ev,
	    const char *ticket, struct err *e)
{
	struct slice to;
	const char *lang;
	if (find_member(d, ev->address, &to, &lang, e) < 0)
		return -1;
	return tidings_one(d, template, to, lang, ev, ticket, d->now + STEP_ANSWER_EXPIRES,
			   slice_make(NULL, 0), e);
}

int
tidings_member(struct deed *d, const char *template, const struct conduct_event *ev, struct err *e)
{
	return tell_member(d, template, ev, NULL, e);
}

int
tidings_moderators(struct deed *d, const char *template, const struct conduct_event *ev,
		   struct slice attached, struct err *e)
{
	const char *m;
	for (size_t i = 0; (m = step_moderator(d->list, i)) != NULL; i++)
		if (!address_eq(slice_str(m), slice_str(ev->address)) &&
		    tidings_one(d, template, slice_str(m), d->list->language, ev, NULL, 0, attached,
				e) < 0)
			return -1;
	return 0;
}

/* --- what happened ---------------------------------------------------------------------------- */

int
tidings_step(struct deed *d, const struct conduct_event *ev, struct err *e)
{
	const struct slice none = {NULL, 0};
	if (tell_member(d, "conduct-step", ev, "answer", e) < 0 ||
	    tidings_moderators(d, "conduct-taken", ev, none, e) < 0)
		return -1;
	if (strcmp(ev->audience, "list") != 0)
		return 0;
	return announce_add(d->site, ev, "conduct-list", e);
}

int
tidings_proposal(struct deed *d, const struct conduct_event *ev, struct err *e)
{
	struct deed other = *d;
	enum step_end end;
	for (size_t i = 0; (other.by = step_moderator(d->list, i)) != NULL; i++) {
		if (address_eq(slice_str(other.by), slice_str(d->by)))
			continue;
		int may = step_may_judge(&other, slice_str(ev->address), &end, e);
		if (may < 0 || (may == 1 && tidings_one(d, "conduct-agree", slice_str(other.by),
							d->list->language, ev, "agree", ev->until,
							slice_make(NULL, 0), e) < 0))
			return -1;
	}
	return 0;
}

/* Who proposed it and is no moderator any more has no part in it. */
int
tidings_lapse(struct deed *d, const struct conduct_event *proposal, struct err *e)
{
	const struct slice none = {NULL, 0};
	if (!strings_has_address(&d->list->moderators, slice_str(proposal->by)))
		return tidings_moderators(d, "conduct-lapsed", proposal, none, e);
	return tidings_one(d, "conduct-lapsed", slice_str(proposal->by), d->list->language,
			   proposal, NULL, 0, none, e);
}

/* The mails of an end: to the member, to the list. */
static const struct {
	const char *what, *member, *list;
} overs[] = {
    {"lift", "conduct-lifted", "conduct-list-lifted"},
    {"overturn", "conduct-overturned", "conduct-list-overturned"},
    {"uphold", "conduct-upheld", NULL},
    {"end", "conduct-ended", NULL},
    {"thaw", NULL, "conduct-thawed"},
    {"calm", NULL, "conduct-calm"},
};

int
tidings_over(struct deed *d, const struct conduct_event *ended, const struct conduct_event *ev,
	     struct err *e)
{
	bool list = !ended->address[0] || strcmp(ended->audience, "list") == 0;
	for (size_t i = 0; i < sizeof(overs) / sizeof(overs[0]); i++) {
		if (strcmp(overs[i].what, ev->what) != 0)
			continue;
		if (overs[i].member && tidings_member(d, overs[i].member, ev, e) < 0)
			return -1;
		if (overs[i].list && list && announce_add(d->site, ev, overs[i].list, e) < 0)
			return -1;
	}
	return 0;
}

int
tidings_appeal(struct deed *d, const struct conduct_event *step, const struct conduct_event *appeal,
	       const char *names, struct slice attached, struct err *e)
{
	const struct text_value more[] = {
	    {"words", appeal->why}, {"cosigners", names}, {"attached", attached.n ? "1" : ""}};
	struct conduct_event shown = *step;
	shown.id = appeal->id;
	for (size_t i = 0; i < d->list->appeals.n; i++) {
		const char *local;
		struct tiding t = {.template = "conduct-appeal",
				   .lang = d->list->language,
				   .to = slice_str(d->list->appeals.v[i]),
				   .ev = &shown,
				   .ticket = "appeal",
				   .expires = d->now + STEP_ANSWER_EXPIRES,
				   .attached = attached,
				   .more = more,
				   .nmore = 3};
		if (make_ticket(d, &t, &local, e) < 0 || send_tiding(d, &t, local, e) < 0)
			return -1;
	}
	return 0;
}

int
tidings_petition(struct deed *d, const struct conduct_event *ev, int need, struct err *e)
{
	const char *local;
	struct text_value more[] = {{"need", arena_printf(d->a, "%d", need)},
				    {"cosign-address", NULL}};
	struct tiding t = {.template = "appeal-petition",
			   .ev = ev,
			   .ticket = "cosign",
			   .expires = ev->until,
			   .more = more,
			   .nmore = 2};
	if (find_member(d, ev->address, &t.to, &t.lang, e) < 0 || make_ticket(d, &t, &local, e) < 0)
		return -1;
	more[1].value = arena_printf(d->a, "%s@%s", local, d->site->conf->domain);
	return send_tiding(d, &t, NULL, e);
}

/* --- standing --------------------------------------------------------------------------------- */

int
tidings_standing(struct site *site, struct arena *a, const struct conf_list *l,
		 struct slice address, const char *lang, int64_t now,
		 struct text_value v[TIDINGS_STANDING], struct err *e)
{
	struct standing s;
	if (conduct_standing(site->db, a, l->name, address, now, &s, e) < 0)
		return -1;
	const char *until = s.does == STEP_MESSAGE ? "" : text_date_time(a, lang, s.until);
	const char *appeal = l->appeals.n && s.does != STEP_MESSAGE
				 ? arena_printf(a, "%s-appeal@%s", l->name, site->conf->domain)
				 : "";
	v[0] = (struct text_value){"suspended-until", s.does == STEP_SUSPEND ? until : ""};
	v[1] = (struct text_value){"held-until", s.does == STEP_HOLD ? until : ""};
	v[2] = (struct text_value){"standing-why", s.does == STEP_MESSAGE ? "" : s.why};
	v[3] = (struct text_value){"standing-appeal", appeal};
	return 0;
}
