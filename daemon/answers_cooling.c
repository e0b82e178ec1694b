/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers_cooling: commands that let a thread rest, or hold all posts for a time. Each is announced
 * to the list, and ends by itself.
 */
#include <string.h>

#include "base/num.h"
#include "daemon/announce.h"
#include "daemon/answers.h"
#include "daemon/strand.h"

#define FREEZE_DAYS_MAX 30
#define EMERGENCY_LASTS (7 * 86400)

struct deed
answer_deed(struct command *c)
{
	return (struct deed){.site = c->w->site,
			     .a = c->w->arena,
			     .list = c->list,
			     .by = arena_str(c->w->arena, c->who),
			     .id = c->w->id,
			     .now = c->w->now,
			     .notices = c->w->notices};
}

void
answer_deed_done(struct command *c, const struct deed *d)
{
	c->w->notices = d->notices;
}

/* Begins or ends something about the list, and announces it. */
static int
cool(struct command *c, struct conduct_event *ev, const char *template, struct err *e)
{
	struct deed d = answer_deed(c);
	ev->list = c->list->name;
	ev->address = "";
	ev->by = d.by;
	ev->audience = "list";
	if (conduct_add(c->w->site->db, ev, c->w->now, e) < 0 ||
	    announce_add(c->w->site, ev, template, e) < 0)
		return -1;
	answer_deed_done(c, &d);
	return answer_say(c, N_("It was done, and the list was told."));
}

/* The freeze in force of the thread that has this message; id 0: it does not rest. The thread's
 * root and whether there is such a message, too. */
static int
find_freeze(struct command *c, const char *key, struct conduct_event *ev, const char **root,
	    bool *known, struct err *e)
{
	struct work *w = c->w;
	struct conduct_event *evs;
	const char *other;
	bool there;
	size_t n;
	ev->id = 0;
	if (strand_root(w->site, w->arena, c->list, key, root, known, e) < 0 ||
	    conduct_freezes(w->site->db, w->arena, c->list->name, w->now, &evs, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strand_root(w->site, w->arena, c->list, evs[i].about, &other, &there, e) < 0)
			return -1;
		if (strcmp(other, *root) == 0 || strcmp(evs[i].about, key) == 0)
			*ev = evs[i];
	}
	return 0;
}

int
answer_freeze(struct command *c, struct err *e)
{
	struct slice rest = c->args, word = {NULL, 0};
	const char *key = answer_key(c, &rest), *root;
	struct conduct_event ev;
	int64_t days;
	bool known;
	slice_next_word(&rest, &word);
	if (!key[0] || !num_parse(word, 1, FREEZE_DAYS_MAX, &days))
		return answer_say(
		    c, N_("Please name a message of the thread and 1 to 30 days: freeze KEY "
			  "DAYS [why]."));
	if (find_freeze(c, key, &ev, &root, &known, e) < 0)
		return -1;
	if (ev.id)
		return answer_say(c, N_("This thread rests already."));
	if (!known)
		return answer_say(c, N_("The archive of this list has nothing under that name."));
	ev = (struct conduct_event){
	    .what = "freeze",
	    .about = root,
	    .until = c->w->now + days * 86400,
	    .why = arena_str(c->w->arena, slice_sub(slice_trim(rest), 0, STEP_WHY_MAX))};
	return cool(c, &ev, "conduct-frozen", e);
}

int
answer_thaw(struct command *c, struct err *e)
{
	struct slice rest = c->args;
	const char *key = answer_key(c, &rest), *root;
	struct conduct_event freeze;
	bool known;
	if (find_freeze(c, key, &freeze, &root, &known, e) < 0)
		return -1;
	if (!freeze.id)
		return answer_say(c, N_("This thread does not rest."));
	struct conduct_event ev = {.what = "thaw", .about = freeze.about, .refers = freeze.id};
	return cool(c, &ev, "conduct-thawed", e);
}

int
answer_emergency(struct command *c, struct err *e)
{
	struct slice rest = c->args, word = {NULL, 0};
	struct conduct_event now;
	slice_next_word(&rest, &word);
	bool on = slice_is_ci(word, "on");
	if (!on && !slice_is_ci(word, "off"))
		return answer_say(c, N_("Please write \"emergency on\" or \"emergency off\"."));
	int r = conduct_cooled(c->w->site->db, c->w->arena, c->list->name, "emergency", "",
			       c->w->now, &now, e);
	if (r < 0)
		return -1;
	if (r == on)
		return answer_say(c, on ? N_("It is on already.") : N_("It is off already."));
	struct conduct_event ev = {
	    .what = on ? "emergency" : "calm",
	    .until = on ? c->w->now + EMERGENCY_LASTS : 0,
	    .refers = on ? 0 : now.id,
	    .why = arena_str(c->w->arena, slice_sub(slice_trim(rest), 0, STEP_WHY_MAX))};
	return cool(c, &ev, on ? "conduct-emergency" : "conduct-calm", e);
}
