/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request: see request.h. Leaving is never moderated and never refused; what can't be proven is
 * asked.
 */
#include "daemon/request.h"

#include <string.h>

#include "base/log.h"
#include "daemon/appeal.h"
#include "daemon/command.h"
#include "daemon/flood.h"
#include "daemon/newcomer.h"
#include "daemon/send.h"
#include "daemon/step.h"
#include "daemon/tidings.h"

#define LEAVE_LINK_DAYS 400

/* --- notices -------------------------------------------------------------------------------- */

/* A notice about a membership to the member's address; values: address and one more. */
static int
tell(struct work *w, const struct conf_list *l, struct slice to, const char *lang,
     const char *template, const char *name, const char *value, bool answer, struct err *e)
{
	struct text_value values[3 + TIDINGS_STANDING] = {{"address", arena_str(w->arena, to)},
							  {"description", l ? l->description : ""},
							  {name ? name : "nothing", value}};
	struct notice n = {.list = l,
			   .to = to,
			   .language = lang && lang[0] ? lang
				       : l             ? l->language
						       : w->site->conf->language,
			   .template = template,
			   .values = values,
			   .nvalues = 3,
			   .answer = answer};
	if (l && tidings_standing(w->site, w->arena, l, to, n.language, w->now, values + 3, e) < 0)
		return -1;
	n.nvalues += l ? TIDINGS_STANDING : 0;
	return work_notice(w, &n, e);
}

/* An answer that anyone can bring about by writing the address into a From line. */
static int
tell_if_may(struct work *w, struct slice who, const char *template, struct err *e)
{
	struct member m;
	int found = member_find(w->site->db, w->arena, w->route.list->name, who, &m, e);
	int may = found < 0 ? -1 : work_may_answer(w, who, e);
	if (may != 1)
		return may;
	return tell(w, w->route.list, who, found ? m.language : NULL, template, NULL, NULL, true,
		    e);
}

static const char *
leave_url(struct work *w, int64_t id)
{
	char token[TOKEN_SIZE];
	token_make(w->site->keys, "leave", "",
		   (uint64_t)id << 16 | ((uint64_t)(w->now / 86400) & 0xffff), token);
	return arena_printf(w->arena, "%s/u/%s", w->site->conf->site_url, token);
}

/* --- the question --------------------------------------------------------------------------- */

/* One more question to this address today? Whoever is a member of one of our lists is no stranger
 * (INTERFACE section 8), nor is who moderates this one. *lang: hers on this list, else the list's.
 */
static int
may_be_asked(struct work *w, const struct conf_list *l, struct slice address, const char **lang,
	     struct err *e)
{
	struct member *ms;
	size_t n;
	if (member_of(w->site->db, w->arena, address, &ms, &n, e) < 0)
		return -1;
	*lang = l ? l->language : work_language(w, NULL);
	for (size_t i = 0; i < n; i++)
		if (l && strcmp(ms[i].list, l->name) == 0 && ms[i].language[0])
			*lang = ms[i].language;
	bool known = n > 0 || (l && step_is_moderator(l, address));
	int max = known ? FLOOD_QUESTIONS : w->vouched ? FLOOD_REQUESTS_VOUCHED : FLOOD_REQUESTS;
	int may = flood_allow(w->site->db, known ? "question" : "request",
			      address_flood_key(w->arena, address), max, w->now, e);
	if (may == 0)
		log_warning("%s: %s was asked %d times today and is not asked again", w->id,
			    log_str(address), max);
	return may == 1 && !known && !w->vouched ? newcomer_may_ask(w, e) : may;
}

int
request_ask(struct work *w, const char *kind, const struct conf_list *l, struct slice address,
	    const char *detail, const char *template, const char *what, enum request_end *end,
	    struct err *e)
{
	const char *list = l ? l->name : "", *lang;
	char token[TOKEN_SIZE];
	struct ticket t;
	int may = may_be_asked(w, l, address, &lang, e);
	if (may < 0)
		return -1;
	*end = REQUEST_TOO_MANY;
	if (may == 0)
		return 0;
	int open = ticket_open_one(w->site->db, w->arena, w->site->keys, kind, list, address,
				   detail, w->now, &t, token, e);
	if (open < 0)
		return -1;
	if (open == 0) {
		t = (struct ticket){.kind = kind,
				    .list = list,
				    .address = arena_str(w->arena, address),
				    .detail = detail,
				    .language = lang,
				    .expires = w->now + TICKET_JOIN_EXPIRES};
		if (ticket_add(w->site->db, w->site->keys, &t, w->now, token, e) < 0)
			return -1;
	}
	char *local =
	    send_token_address(w->arena, w->site->conf, l ? l->name : "", "confirm", token);
	*strrchr(local, '@') = '\0';
	struct text_value values[5 + TIDINGS_STANDING] = {
	    {"address", arena_str(w->arena, address)},
	    {"confirm-url", arena_printf(w->arena, "%s/c/%s", w->site->conf->site_url, token)},
	    {"expires", text_date_time(w->arena, lang, t.expires)},
	    {"description", l ? l->description : ""},
	    {"what", what}};
	struct notice n = {
	    .list = l,
	    .to = address,
	    .language = lang,
	    .template = template,
	    .values = values,
	    .nvalues = 5,
	    .from_local = local,
	    /* What asks may be a program (an old leave link); who is asked is not. */
	    .answer = !w->automatic};
	*end = REQUEST_ASKED;
	if (l && tidings_standing(w->site, w->arena, l, address, lang, w->now, values + 5, e) < 0)
		return -1;
	n.nvalues += l ? TIDINGS_STANDING : 0;
	return work_notice(w, &n, e);
}

/* --- joining -------------------------------------------------------------------------------- */

static int
join_now(struct work *w, const struct conf_list *l, struct slice address, const char *delivery,
	 const char *lang, enum request_end *end, struct err *e)
{
	struct slice name = slice_make(NULL, 0);
	int64_t id;
	if (address_eq(address, w->author.text))
		name = w->author.name;
	int added = member_add(w->site->db, l->name, address, name, delivery,
			       strcmp(lang, l->language) == 0 ? "" : lang, "self", w->now, &id, e);
	if (added < 0)
		return -1;
	*end = added ? REQUEST_DONE : REQUEST_NOT_NEEDED;
	if (!added)
		return 0;
	log_info("%s: %s joined %s", w->id, log_str(address), l->name);
	return tell(w, l, address, lang, "welcome", "leave-url", leave_url(w, id), false, e);
}

int
request_join(struct work *w, const struct conf_list *l, struct slice address, const char *delivery,
	     bool proven, enum request_end *end, struct err *e)
{
	struct member m;
	if (newcomer_judge(w->site->conf, address) != NEWCOMER_FINE) {
		log_warning("%s: %s can't be a member of %s: a list, a robot, or no address", w->id,
			    log_str(address), l->name);
		*end = REQUEST_REFUSED;
		return 0;
	}
	int member = member_find(w->site->db, w->arena, l->name, address, &m, e);
	if (member < 0)
		return -1;
	if (member) {
		*end = REQUEST_NOT_NEEDED;
		return 0;
	}
	if (proven)
		return join_now(w, l, address, delivery, work_language(w, NULL), end, e);
	/* The ticket's address is canonical; members get mail as they wrote theirs. */
	const char *detail = arena_printf(w->arena, "%s %.*s", delivery, SLICE_ARG(address));
	return request_ask(w, "join", l, address, detail, "confirm-join", "", end, e);
}

/* A robot's address may have a person behind it; one of our own would only answer itself. */
static int
refuse(struct work *w, struct slice who, struct err *e)
{
	return newcomer_judge(w->site->conf, who) == NEWCOMER_ROBOT
		   ? tell_if_may(w, who, "cannot-join", e)
		   : 0;
}

int
request_subscribe(struct work *w, struct err *e)
{
	static const char *const deliveries[] = {
	    [ROUTE_EACH_POST] = "mail", [ROUTE_DIGEST] = "digest", [ROUTE_NOMAIL] = "nomail"};
	struct slice who = work_answer_to(w);
	enum request_end end;
	if (w->automatic || who.n == 0) {
		log_info("%s: automatic mail to %s asks for nothing (%s)", w->id, log_str(w->rcpt),
			 w->automatic ? w->automatic : "no author");
		return 0;
	}
	if (request_join(w, w->route.list, who, deliveries[w->route.delivery], w->vouched, &end,
			 e) < 0)
		return -1;
	if (end == REQUEST_REFUSED)
		return refuse(w, who, e);
	return end == REQUEST_NOT_NEEDED ? tell_if_may(w, who, "already-member", e) : 0;
}

/* --- leaving -------------------------------------------------------------------------------- */

static int
part_now(struct work *w, const struct conf_list *l, const struct member *m, struct err *e)
{
	struct slice to = slice_str(m->wire);
	if (member_remove(w->site->db, m->id, "self", "", w->now, e) < 0)
		return -1;
	log_info("%s: %s left %s", w->id, log_str(to), l->name);
	return tell(w, l, to, m->language, "goodbye", NULL, NULL, false, e);
}

int
request_part(struct work *w, const struct conf_list *l, struct slice address, bool proven,
	     enum request_end *end, struct err *e)
{
	struct member m;
	int member = member_find(w->site->db, w->arena, l->name, address, &m, e);
	if (member < 0)
		return -1;
	*end = member ? REQUEST_DONE : REQUEST_NOT_NEEDED;
	if (!member)
		return 0;
	if (proven)
		return part_now(w, l, &m, e);
	return request_ask(w, "leave", l, slice_str(m.wire), "", "confirm-leave", "", end, e);
}

int
request_unsubscribe(struct work *w, struct err *e)
{
	struct slice who = work_answer_to(w);
	enum request_end end;
	if (w->automatic || who.n == 0) {
		log_info("%s: automatic mail to %s asks for nothing (%s)", w->id, log_str(w->rcpt),
			 w->automatic ? w->automatic : "no author");
		return 0;
	}
	if (request_part(w, w->route.list, who, w->vouched, &end, e) < 0)
		return -1;
	return end == REQUEST_NOT_NEEDED ? tell_if_may(w, who, "not-a-member", e) : 0;
}

/*
 * The leave link of a copy (RFC 8058, RFC 2369): what it says is done whoever carries it here,
 * people, mail programs or the web role. One that is too old leads to the ordinary question.
 */
int
request_leave(struct work *w, struct err *e)
{
	struct member m;
	int64_t age = (w->now / 86400 - (int64_t)(w->payload & 0xffff)) & 0xffff;
	int found = member_by_id(w->site->db, w->arena, (int64_t)(w->payload >> 16), &m, e);
	if (found < 0)
		return -1;
	const struct conf_list *l = found ? conf_list_find(w->site->conf, slice_str(m.list)) : NULL;
	if (!l || (w->route.list && w->route.list != l)) {
		log_info("%s: the leave link %s is nobody's any more", w->id, log_str(w->rcpt));
		return w->route.list && !w->automatic
			   ? tell(w, w->route.list, work_answer_to(w), NULL, "not-a-member", NULL,
				  NULL, true, e)
			   : 0;
	}
	if (age > LEAVE_LINK_DAYS) {
		enum request_end end;
		return request_ask(w, "leave", l, slice_str(m.wire), "", "confirm-leave", "", &end,
				   e);
	}
	return part_now(w, l, &m, e);
}

/* --- answers to questions ------------------------------------------------------------------- */

static int
ticket_join(struct work *w, const struct ticket *t, const struct conf_list *l,
	    enum request_end *end, struct err *e)
{
	struct slice wire, delivery;
	if (!slice_cut(slice_str(t->detail), ' ', &delivery, &wire))
		wire = slice_str(t->address);
	return join_now(w, l, wire, arena_str(w->arena, delivery), t->language, end, e);
}

static int
ticket_leave(struct work *w, const struct ticket *t, const struct conf_list *l,
	     enum request_end *end, struct err *e)
{
	return request_part(w, l, slice_str(t->address), true, end, e);
}

static int
ticket_command(struct work *w, const struct ticket *t, const struct conf_list *l,
	       enum request_end *end, struct err *e)
{
	*end = REQUEST_DONE;
	return command_run_proven(w, l, slice_str(t->address), t->detail, e);
}

/* "I am back": mail to her came back for a time (bouncing.h). */
static int
ticket_back(struct work *w, const struct ticket *t, const struct conf_list *l,
	    enum request_end *end, struct err *e)
{
	struct member m;
	int found = member_find(w->site->db, w->arena, l->name, slice_str(t->address), &m, e);
	*end = found ? REQUEST_DONE : REQUEST_NOT_NEEDED;
	if (found <= 0)
		return found;
	if (member_resume(w->site->db, m.id, "self", w->now, e) < 0)
		return -1;
	log_info("%s: %s is back on %s", w->id, log_str(slice_str(m.address)), l->name);
	return tell(w, l, slice_str(m.wire), m.language, "bounce-back", NULL, NULL, true, e);
}

/* "Send me posts again": they were called spam (complaint.h). */
static int
ticket_again(struct work *w, const struct ticket *t, const struct conf_list *l,
	     enum request_end *end, struct err *e)
{
	struct member m;
	int found = member_find(w->site->db, w->arena, l->name, slice_str(t->address), &m, e);
	*end = found ? REQUEST_DONE : REQUEST_NOT_NEEDED;
	if (found <= 0)
		return found;
	if (strcmp(m.delivery, "nomail") == 0 &&
	    member_set(w->site->db, m.id, "delivery", t->detail, "self", w->now, e) < 0)
		return -1;
	log_info("%s: %s gets posts of %s again", w->id, log_str(slice_str(m.address)), l->name);
	return tell(w, l, slice_str(m.wire), m.language, "bounce-back", NULL, NULL, true, e);
}

/* What was sent to LIST-appeal in her name, and was hers. */
static int
ticket_appellant(struct work *w, const struct ticket *t, const struct conf_list *l,
		 enum request_end *end, struct err *e)
{
	*end = REQUEST_DONE;
	return appeal_take(w, l, slice_str(t->address), t->detail, slice_make(NULL, 0), e);
}

static const struct {
	const char *kind;
	int (*carry_out)(struct work *w, const struct ticket *t, const struct conf_list *l,
			 enum request_end *end, struct err *e);
	bool needs_list;
} kinds[] = {
    {"join", ticket_join, true},           {"leave", ticket_leave, true},
    {"command", ticket_command, false},    {"back", ticket_back, true},
    {"appellant", ticket_appellant, true}, {"again", ticket_again, true},
};

int
request_answer_ticket(struct work *w, int64_t id, struct err *e)
{
	struct ticket t;
	enum request_end end = REQUEST_DONE;
	int found = ticket_get(w->site->db, w->arena, id, &t, e);
	size_t k = 0;
	if (found < 0)
		return -1;
	while (found && k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[k].kind, t.kind) != 0)
		k++;
	if (!found || k == sizeof(kinds) / sizeof(kinds[0]))
		return work_unknown_token(w, e);
	const struct conf_list *l = conf_list_find(w->site->conf, slice_str(t.list));
	if ((kinds[k].needs_list && !l) || (w->route.list && w->route.list != l))
		return work_unknown_token(w, e);
	if (t.done == 0 && t.expires <= w->now)
		return tell(w, l, slice_str(t.address), t.language, "request-expired", NULL, NULL,
			    true, e);
	if (t.done && strcmp(t.outcome, "expired") == 0)
		return tell(w, l, slice_str(t.address), t.language, "request-expired", NULL, NULL,
			    true, e);
	if (t.done)
		return tell(w, l, slice_str(t.address), t.language, "request-used", "when",
			    text_date_time(w->arena, t.language, t.done), true, e);
	if (ticket_use(w->site->db, id, "confirmed", w->now, e) < 0 ||
	    kinds[k].carry_out(w, &t, l, &end, e) < 0)
		return -1;
	if (end == REQUEST_NOT_NEEDED)
		return tell(w, l, slice_str(t.address), t.language,
			    strcmp(t.kind, "join") == 0 ? "already-member" : "not-a-member", NULL,
			    NULL, true, e);
	return 0;
}

/* A vacation notice to the question must not join anyone: only a person's reply, or the web's
 * button. */
int
request_confirm(struct work *w, struct err *e)
{
	if (w->automatic) {
		log_info("%s: automatic mail to %s confirms nothing (%s)", w->id, log_str(w->rcpt),
			 w->automatic);
		return 0;
	}
	return request_answer_ticket(w, (int64_t)w->payload, e);
}

const char *
request_phrase(enum request_end end, bool join)
{
	switch (end) {
	case REQUEST_DONE:
		return join ? N_("You are a member now.") : N_("You are no longer a member.");
	case REQUEST_ASKED:
		return N_("We have sent a question to your address, to be sure that it was you. "
			  "Just reply to it.");
	case REQUEST_NOT_NEEDED:
		return join ? N_("You are a member already; nothing had to change.")
			    : N_("You are not a member with this address; nothing had to change.");
	case REQUEST_TOO_MANY:
		return N_("We have sent too many questions to this address today. Please try again "
			  "tomorrow.");
	case REQUEST_REFUSED:
		break;
	}
	return N_("This address can't be a member: it belongs to a list or to a program. Please "
		  "write from an address of your own.");
}
