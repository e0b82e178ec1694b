/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conduct_mail: see conduct_mail.h. Each answer came to an address with a token, so it is its
 * holder's; what he may decide is asked of the rules again at that moment.
 */
#include "daemon/conduct_mail.h"

#include <string.h>

#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"
#include "daemon/answer.h"
#include "daemon/appeal.h"
#include "daemon/flood.h"
#include "daemon/send.h"
#include "daemon/step.h"
#include "daemon/tidings.h"
#include "mail/readable.h"

#define ANSWERS_A_DAY 10 /* of a member to her steps */

static int handle_agree(struct work *w, const struct ticket *t, struct deed *d, int64_t event,
			struct err *e);
static int handle_answer(struct work *w, const struct ticket *t, struct deed *d, int64_t event,
			 struct err *e);
static int handle_verdict(struct work *w, const struct ticket *t, struct deed *d, int64_t event,
			  struct err *e);

static int handle_cosign(struct work *w, const struct ticket *t, struct deed *d, int64_t event,
			 struct err *e);

static const struct kind {
	const char *kind;
	int (*handle)(struct work *w, const struct ticket *t, struct deed *d, int64_t event,
		      struct err *e);
	const char *words; /* that decide, for whom used none of them */
	bool expires;      /* else what it is about says whether it is too late */
} kinds[] = {
    {"agree", handle_agree, "agree, disagree", false},
    {"answer", handle_answer, "", true},
    {"appeal", handle_verdict, "uphold, overturn", true},
    {"cosign", handle_cosign, "", false},
};

static const struct kind *
find_kind(const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return &kinds[i];
	return NULL;
}

bool
conduct_mail_takes(const char *kind)
{
	return find_kind(kind) != NULL;
}

/* The deciding word (of the first own line, else of the subject) and what stands behind it. */
static struct slice
deciding_word(struct work *w, struct slice *why)
{
	struct slice *lines, word = {NULL, 0}, rest;
	size_t n = answer_lines(w, &lines);
	rest = n ? lines[0] : w->subject;
	slice_next_word(&rest, &word);
	while (word.n && strchr(".,;:!*_", word.p[word.n - 1]))
		word.n--;
	while (word.n && strchr("*_", word.p[0]))
		word = slice_from(word, 1);
	struct slice below = n > 1 ? answer_text(w, 1, STEP_WHY_MAX) : slice_make(NULL, 0);
	*why = slice_str(arena_printf(w->arena, "%.*s%s%.*s", SLICE_ARG(slice_trim(rest)),
				      rest.n && below.n ? "\n" : "", SLICE_ARG(below)));
	return word;
}

static int
say(struct work *w, const struct ticket *t, const struct conf_list *l, const char *template,
    const char *name, const char *value, const char *member, struct err *e)
{
	struct text_value values[] = {{name, value}, {"member", member}};
	struct notice n = {.list = l,
			   .to = slice_str(t->address),
			   .language = t->language[0] ? t->language : l->language,
			   .template = template,
			   .values = values,
			   .nvalues = 2,
			   .answer = true};
	if (strcmp(template, "conduct-unclear") == 0) {
		char *address = send_token_address(w->arena, w->site->conf, t->list, "moderate",
						   arena_str(w->arena, w->route.token));
		*strrchr(address, '@') = '\0';
		n.from_local = address;
	}
	return work_notice(w, &n, e);
}

static int
handle_agree(struct work *w, const struct ticket *t, struct deed *d, int64_t event, struct err *e)
{
	struct slice why, word = deciding_word(w, &why);
	struct conduct_event ev = {0}, proposal;
	enum step_end end;
	bool yes = slice_is_ci(word, "agree");
	if (!yes && !slice_is_ci(word, "disagree"))
		return say(w, t, d->list, "conduct-unclear", "words", find_kind(t->kind)->words, "",
			   e);
	int r = conduct_get(w->site->db, w->arena, event, &proposal, e);
	if (r != 1)
		return r < 0 ? -1 : work_unknown_token(w, e);
	if (step_agree(d, event, yes, why, &end, &ev, e) < 0)
		return -1;
	return say(w, t, d->list, "conduct-result", "result",
		   step_explain(w->arena, t->language, d->list, proposal.step, end, &ev),
		   proposal.address, e);
}

static int
handle_answer(struct work *w, const struct ticket *t, struct deed *d, int64_t event, struct err *e)
{
	struct conduct_event step;
	struct slice why;
	/* The address is hers alone: nobody has to ask whether it is she who appeals. */
	if (d->list->appeals.n > 0 && slice_is_ci(deciding_word(w, &why), "appeal"))
		return appeal_take(w, d->list, slice_str(t->address), arena_str(w->arena, why),
				   w->env.message, e);
	int may =
	    flood_allow(w->site->db, "conduct-answer",
			address_flood_key(w->arena, slice_str(d->by)), ANSWERS_A_DAY, w->now, e);
	if (may != 1)
		return may;
	int r = conduct_get(w->site->db, w->arena, event, &step, e);
	if (r != 1)
		return r < 0 ? -1 : work_unknown_token(w, e);
	struct conduct_event ev = {.case_id = step.case_id,
				   .list = step.list,
				   .address = step.address,
				   .what = "answer",
				   .step = step.step,
				   .by = d->by,
				   .why = arena_str(w->arena, answer_text(w, 0, STEP_WHY_MAX)),
				   .refers = step.id};
	if (conduct_add(w->site->db, &ev, w->now, e) < 0)
		return -1;
	log_info("%s: %s: %s answers to a step", w->id, step.list, log_str(slice_str(d->by)));
	return tidings_moderators(d, "conduct-answer", &ev, w->env.message, e);
}

/* The appeal body's. */
static int
handle_verdict(struct work *w, const struct ticket *t, struct deed *d, int64_t event, struct err *e)
{
	struct slice why, word = deciding_word(w, &why);
	struct conduct_event appeal;
	const char *result;
	bool overturn = slice_is_ci(word, "overturn");
	if (!overturn && !slice_is_ci(word, "uphold"))
		return say(w, t, d->list, "conduct-unclear", "words", find_kind(t->kind)->words, "",
			   e);
	int r = conduct_get(w->site->db, w->arena, event, &appeal, e);
	if (r != 1)
		return r < 0 ? -1 : work_unknown_token(w, e);
	if (appeal_decide(d, &appeal, overturn, why, &result, e) < 0)
		return -1;
	return say(w, t, d->list, "conduct-result", "result", text_phrase(t->language, result),
		   appeal.address, e);
}

static int
handle_cosign(struct work *w, const struct ticket *t, struct deed *d, int64_t event, struct err *e)
{
	(void)event;
	return appeal_cosign_mail(w, d->list, t, e);
}

int
conduct_mail_handle(struct work *w, const struct ticket *t, struct err *e)
{
	const struct kind *k = find_kind(t->kind);
	const struct conf_list *l = conf_list_find(w->site->conf, slice_str(t->list));
	int64_t event;
	if (!k || !l || !num_parse(slice_str(t->detail), 1, INT64_MAX, &event) ||
	    (k->expires && t->expires <= w->now))
		return work_unknown_token(w, e);
	if (w->automatic) {
		log_info("%s: automatic mail to %s decides nothing (%s)", w->id, log_str(w->rcpt),
			 w->automatic);
		return 0;
	}
	struct deed d = {.site = w->site,
			 .a = w->arena,
			 .list = l,
			 .by = t->address,
			 .id = w->id,
			 .now = w->now,
			 .notices = w->notices};
	int ret = k->handle(w, t, &d, event, e);
	w->notices = d.notices > w->notices ? d.notices : w->notices;
	return ret;
}
