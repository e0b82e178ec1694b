/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/conduct_words.h"

#include <string.h>

#include "archive/html.h"
#include "base/num.h"
#include "conf/text.h"

/* --- steps ------------------------------------------------------------------------------------ */

static const char *
who_acts(const char *lang, enum step_by by)
{
	switch (by) {
	case STEP_BY_MODERATOR:
		return text_phrase(lang, "A moderator may take this step.");
	case STEP_BY_TWO_MODERATORS:
		return text_phrase(lang, "Two moderators have to agree to this step.");
	case STEP_BY_OWNER:
		break;
	}
	return text_phrase(lang, "Only an owner of the list may take this step.");
}

static const char *
who_is_told(const char *lang, enum step_audience audience)
{
	return audience == STEP_TO_LIST
		   ? text_phrase(lang,
				 "The member, the moderators and the whole list are told, and "
				 "it is in the public log.")
		   : text_phrase(lang, "The member and the moderators are told, nobody else.");
}

static const char *
what_it_does(const char *lang, enum step_does does)
{
	switch (does) {
	case STEP_MESSAGE:
		return text_phrase(lang, "It is a message; nothing else changes.");
	case STEP_HOLD:
		return text_phrase(lang, "The member's posts are held until a moderator has read "
					 "them.");
	case STEP_SUSPEND:
		break;
	}
	return text_phrase(lang, "The member may not post for a time. Membership and reading stay "
				 "untouched.");
}

static void
put_after(struct buf *b, struct arena *a, const char *lang, const struct conf_step *s)
{
	if (s->after && s->within > 0)
		html_str(b, arena_printf(a,
					 text_phrase(lang, "It can come only after “%s”, and not "
							   "more than %s later."),
					 s->after, text_span(a, lang, s->within)));
	else if (s->after)
		html_str(b, arena_printf(a, text_phrase(lang, "It can come only after “%s”."),
					 s->after));
	html_markup(b, " ");
	if (s->lasts > 0)
		html_str(b, arena_printf(a, text_phrase(lang, "It ends by itself after %s."),
					 text_span(a, lang, s->lasts)));
}

void
step_words(struct buf *b, struct arena *a, const char *lang, const struct conf_step *s)
{
	html_str(b, who_acts(lang, s->by));
	html_markup(b, " ");
	html_str(b, what_it_does(lang, s->does));
	html_markup(b, " ");
	put_after(b, a, lang, s);
	html_markup(b, " ");
	html_str(b, who_is_told(lang, s->audience));
}

/* Words of a rule and what they mean; the index is the enum's value. */
static const char *const by_words[] = {"moderator", "two-moderators", "owner", NULL};
static const char *const audience_words[] = {"member", "list", NULL};
static const char *const does_words[] = {"message", "hold", "suspend", NULL};

static int
index_of(const char *const *words, struct slice word)
{
	for (int i = 0; words[i]; i++)
		if (slice_is(word, words[i]))
			return i;
	return 0;
}

static void
take_setting(struct conf_step *s, struct arena *a, struct slice key, struct slice value)
{
	if (slice_is(key, "by"))
		s->by = (enum step_by)index_of(by_words, value);
	else if (slice_is(key, "audience"))
		s->audience = (enum step_audience)index_of(audience_words, value);
	else if (slice_is(key, "does"))
		s->does = (enum step_does)index_of(does_words, value);
	else if (slice_is(key, "after"))
		s->after = arena_str(a, value);
	else if (slice_is(key, "within") && !num_parse_span(value, &s->within))
		s->within = 0;
	else if (slice_is(key, "lasts") && !num_parse_span(value, &s->lasts))
		s->lasts = 0;
}

void
step_of_rule(struct conf_step *s, struct arena *a, struct slice rule)
{
	struct slice before, value, word, key;

	*s = (struct conf_step){.name = ""};
	/* Each pair of quotes is a value; the last word before it that is no sign is its key. */
	while (slice_cut(rule, '"', &before, &rule) && slice_cut(rule, '"', &value, &rule)) {
		key = slice_make(NULL, 0);
		while (slice_next_word(&before, &word))
			if (!slice_is(word, "=") && !slice_is(word, "{"))
				key = word;
		if (slice_is(key, "step"))
			s->name = arena_str(a, value);
		else
			take_setting(s, a, key, value);
	}
}

/* --- events ----------------------------------------------------------------------------------- */

/* Its words: a name of "" is a member that the list's rules do not name. */
static const struct {
	const char *what, *named, *unnamed;
} log_phrases[] = {
    {"step", N_("The step “%s” was taken about %s."),
     N_("The step “%s” was taken about a member.")},
    {"lift", N_("The step “%s” about %s was lifted."), N_("The step “%s” was lifted.")},
    {"end", N_("The step “%s” about %s has ended."), N_("The step “%s” has ended.")},
    {"overturn", N_("On appeal the step “%s” about %s was overturned."),
     N_("On appeal the step “%s” was overturned.")},
    {"uphold", N_("On appeal the step “%s” about %s was upheld."),
     N_("On appeal the step “%s” was upheld.")},
};
static const struct {
	const char *what, *phrase;
} plain_phrases[] = {
    {"freeze", N_("A thread was let rest.")},
    {"thaw", N_("A thread goes on that rested.")},
    {"emergency", N_("All posts were held for the moment.")},
    {"calm", N_("Posts go out as usual again.")},
    {"speak", N_("A member was let in to speak.")},
    {"hush", N_("A member who was let in to speak is so no more.")},
};

/* An event's texts are filled into the phrase as markup. */
static struct slice
as_markup(struct arena *a, struct slice text, bool markup)
{
	struct slice s;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	if (markup)
		html_markup(&b, "<bdi>");
	html_text(&b, text);
	if (markup)
		html_markup(&b, "</bdi>");
	s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

void
event_words(struct buf *b, struct arena *a, const char *lang, const struct record_event *ev,
	    bool markup)
{
	const struct slice values[] = {as_markup(a, ev->step, markup),
				       as_markup(a, ev->member, markup)};
	bool named = ev->member.n > 0;

	for (size_t i = 0; i < sizeof(log_phrases) / sizeof(log_phrases[0]); i++)
		if (slice_is(ev->what, log_phrases[i].what))
			html_fill(b,
				  text_phrase(lang, named ? log_phrases[i].named
							  : log_phrases[i].unnamed),
				  values, named ? 2 : 1);
	for (size_t i = 0; i < sizeof(plain_phrases) / sizeof(plain_phrases[0]); i++)
		if (slice_is(ev->what, plain_phrases[i].what))
			html_str(b, text_phrase(lang, plain_phrases[i].phrase));
}

void
event_until(struct buf *b, struct arena *a, const char *lang, const struct record_event *ev)
{
	/* Who speaks does so until the end of a day. */
	bool day = slice_is(ev->what, "speak");

	if (ev->until == 0)
		return;
	html_markup(b, " ");
	html_str(b, arena_printf(a, text_phrase(lang, N_("Until %s.")),
				 day ? text_date(a, lang, ev->until - 1)
				     : text_date_time(a, lang, ev->until)));
}
