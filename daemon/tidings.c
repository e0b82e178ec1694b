/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tidings: see tidings.h. All its templates know the same values, so that a translator never has
 * to ask which ones there are.
 */
#include "daemon/tidings.h"

#include <inttypes.h>
#include <string.h>

#include "conf/text.h"
#include "daemon/send.h"
#include "daemon/ticket.h"

#define VALUES_MAX 16

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

static size_t
make_values(struct deed *d, const char *lang, const struct conduct_event *ev, struct text_value *v)
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
	    {"case", arena_printf(a, "%" PRId64, ev->case_id)},
	};
	_Static_assert(sizeof(all) / sizeof(all[0]) <= VALUES_MAX, "room for all values");
	memcpy(v, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

int
tidings_one(struct deed *d, const char *template, struct slice to, const char *lang,
	    const struct conduct_event *ev, const char *ticket, int64_t expires,
	    struct slice attached, struct err *e)
{
	struct text_value values[VALUES_MAX];
	char token[TOKEN_SIZE];
	struct notice n = {.list = d->list,
			   .to = to,
			   .language = lang,
			   .template = template,
			   .values = values,
			   .attached = attached};
	n.nvalues = make_values(d, lang, ev, values);
	if (ticket) {
		struct ticket t = {.kind = ticket,
				   .list = d->list->name,
				   .address = arena_str(d->a, to),
				   .detail = arena_printf(d->a, "%" PRId64, ev->id),
				   .language = lang,
				   .expires = expires};
		if (ticket_add(d->site->db, d->site->keys, &t, d->now, token, e) < 0)
			return -1;
		char *address =
		    send_token_address(d->a, d->site->conf, d->list->name, "moderate", token);
		*strrchr(address, '@') = '\0';
		n.from_local = address;
	}
	n.id = arena_printf(d->a, "%s-k%d", d->id, ++d->notices);
	return notice_send(d->site->db, d->site->conf, &n, d->now, e);
}

/* To the member it is about, in her language, as she writes her address. */
static int
tell_member(struct deed *d, const char *template, const struct conduct_event *ev,
	    const char *ticket, struct err *e)
{
	struct member m;
	struct slice to = slice_str(ev->address);
	const char *lang = d->list->language;
	int r = member_find(d->site->db, d->a, d->list->name, to, &m, e);
	if (r < 0)
		return -1;
	if (r == 1) {
		to = slice_str(m.wire);
		lang = m.language[0] ? m.language : lang;
	}
	return tidings_one(d, template, to, lang, ev, ticket, d->now + STEP_ANSWER_EXPIRES,
			   slice_make(NULL, 0), e);
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

/* --- the list --------------------------------------------------------------------------------- */

struct reader {
	const char *wire, *language;
	struct reader *next;
};
struct readers {
	struct deed *d;
	struct slice but;
	struct reader *first, **last;
};

static int
note_reader(void *arg, const struct member *m)
{
	struct readers *rs = arg;
	if (strcmp(m->delivery, "nomail") == 0 || m->paused || m->vacation > rs->d->now ||
	    (rs->but.n && address_eq(slice_str(m->address), rs->but)))
		return 0;
	struct reader *r = arena_zalloc(rs->d->a, sizeof(*r));
	r->wire = arena_str(rs->d->a, slice_str(m->wire));
	r->language =
	    m->language[0] ? arena_str(rs->d->a, slice_str(m->language)) : rs->d->list->language;
	*rs->last = r;
	rs->last = &r->next;
	return 0;
}

int
tidings_list(struct deed *d, const char *template, const struct conduct_event *ev, struct slice but,
	     struct err *e)
{
	struct readers rs = {.d = d, .but = but};
	rs.last = &rs.first;
	if (member_each(d->site->db, d->list->name, note_reader, &rs, e) < 0)
		return -1;
	for (struct reader *r = rs.first; r; r = r->next)
		if (tidings_one(d, template, slice_str(r->wire), r->language, ev, NULL, 0,
				slice_make(NULL, 0), e) < 0)
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
	return tidings_list(d, "conduct-list", ev, slice_str(ev->address), e);
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

int
tidings_lapse(struct deed *d, const struct conduct_event *proposal, struct err *e)
{
	return tidings_one(d, "conduct-lapsed", slice_str(proposal->by), d->list->language,
			   proposal, NULL, 0, slice_make(NULL, 0), e);
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
		if (overs[i].member && tell_member(d, overs[i].member, ev, NULL, e) < 0)
			return -1;
		if (overs[i].list && list &&
		    tidings_list(d, overs[i].list, ev, slice_str(ended->address), e) < 0)
			return -1;
	}
	return 0;
}

int
tidings_appeal(struct deed *d, const struct conduct_event *step, const struct conduct_event *appeal,
	       struct slice attached, struct err *e)
{
	struct conduct_event shown = *step;
	shown.id = appeal->id;
	for (size_t i = 0; i < d->list->appeals.n; i++)
		if (tidings_one(d, "conduct-appeal", slice_str(d->list->appeals.v[i]),
				d->list->language, &shown, "appeal", d->now + STEP_ANSWER_EXPIRES,
				attached, e) < 0)
			return -1;
	return 0;
}
