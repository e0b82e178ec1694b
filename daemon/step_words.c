/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * step_words: what came of a step, a second word or a lifting, for whoever tried (step_explain).
 */
#include <string.h>

#include "conf/text.h"
#include "daemon/step.h"

static const char *
names_of_steps(struct arena *a, const struct conf_list *l)
{
	const char *s = "";
	for (size_t i = 0; i < l->nsteps; i++)
		s = arena_printf(a, "%s%s%s", s, i ? ", " : "", l->steps[i].name);
	return s;
}

static const char *
too_early(struct arena *a, const char *lang, const struct conf_list *l, const char *name)
{
	const struct conf_step *s = step_find(l, slice_str(name));
	if (s && s->after && s->within)
		return arena_printf(
		    a,
		    text_phrase(lang, N_("By the rules of this list \"%s\" must have come before, "
					 "not more than %s ago. Nothing was done.")),
		    s->after, text_span(a, lang, s->within));
	return arena_printf(a,
			    text_phrase(lang, N_("By the rules of this list \"%s\" must have come "
						 "before. Nothing was done.")),
			    s && s->after ? s->after : "");
}

static const char *const end_phrases[] = {
    [STEP_TAKEN] = N_("It was done: the step is on the record and the member was told."),
    [STEP_LIFTED] = N_("It was lifted, and the member was told."),
    [STEP_DISAGREED] = N_("Your answer is on the record."),
    [STEP_NO_MEMBER] = N_("This address is not a member of the list."),
    [STEP_HIMSELF] = N_("Nobody decides about himself. Nothing was done."),
    [STEP_CONCERNED] = N_("Who reported something in a case can't decide in it. Nothing was done."),
    [STEP_NOT_YOURS] =
	N_("By the rules of this list this is not yours to decide. Nothing was done."),
    [STEP_ALONE] = N_("Two moderators have to agree to this step, and there is no second one who "
		      "could. Nothing was done."),
    [STEP_NOTHING] = N_("There is nothing (any more) that could be lifted or decided."),
};

const char *
step_explain(struct arena *a, const char *lang, const struct conf_list *l, const char *name,
	     enum step_end end, const struct conduct_event *ev)
{
	switch (end) {
	case STEP_UNKNOWN:
		return arena_printf(
		    a, text_phrase(lang, N_("This list has no step of this name. It has: %s.")),
		    names_of_steps(a, l));
	case STEP_TOO_EARLY:
		return too_early(a, lang, l, name);
	case STEP_IN_FORCE:
		return arena_printf(
		    a, text_phrase(lang, N_("Such a step is in force already, until %s.")),
		    text_date_time(a, lang, ev->until));
	case STEP_PROPOSED:
	case STEP_WAITING:
		return arena_printf(
		    a,
		    text_phrase(lang, N_("Two moderators have to agree to this step. "
					 "The others were asked; without a second "
					 "word it lapses on %s.")),
		    text_date(a, lang, ev->until));
	default:
		return text_phrase(lang, end_phrases[end]);
	}
}
