/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ladder is data, so it is checked like data that binds people: each step can be reached from a
 * first one, what bites says how long it does, and what only says something does not claim to last.
 */
#include "conf/ladder.h"

#include <stdio.h>
#include <string.h>

#include "conf/keys.h"

#define DAY ((int64_t)86400)

static const struct conf_step default_steps[] = {
    {.name = "reminder", .by = STEP_BY_MODERATOR, .audience = STEP_TO_MEMBER},
    {.name = "warning",
     .by = STEP_BY_MODERATOR,
     .audience = STEP_TO_LIST,
     .after = "reminder",
     .within = 180 * DAY},
    {.name = "suspension",
     .by = STEP_BY_TWO_MODERATORS,
     .audience = STEP_TO_LIST,
     .does = STEP_SUSPEND,
     .after = "warning",
     .within = 180 * DAY,
     .lasts = 30 * DAY},
};

struct ladder {
	struct conf_step *steps;
	const struct conf_node **nodes; /* of each step */
	size_t n;
	struct conf_complaints *complaints;
};

static void __attribute__((format(printf, 4, 5)))
complain(const struct ladder *l, size_t i, const char *key, const char *fmt, ...)
{
	const struct conf_node *n = conf_node_find(l->nodes[i], key);
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = n ? n : l->nodes[i];
	conf_complain(l->complaints, n->source, n->line, "step \"%s\": %s", l->steps[i].name, text);
}

static size_t
find_step(const struct ladder *l, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(l->steps[i].name, name) == 0)
			return i;
	return l->n;
}

static bool
is_step_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= CONF_STEP_NAME_MAX && s[n] == '\0' && s[0] >= 'a' && s[0] <= 'z';
}

static void
check_step(const struct ladder *l, size_t i)
{
	const struct conf_step *s = &l->steps[i];
	size_t first = find_step(l, s->name, i);

	if (!is_step_name(s->name))
		complain(l, i, "",
			 "a step's name is of small letters, digits and \"-\", at most "
			 "%d bytes",
			 CONF_STEP_NAME_MAX);
	if (first < l->n)
		complain(l, i, "", "there is a step of this name at line %d already",
			 l->nodes[first]->line);
	if (s->after && find_step(l, s->after, l->n) == l->n)
		complain(l, i, "after", "after = \"%.50s\" names no step of this list", s->after);
	if (s->within && !s->after)
		complain(l, i, "within", "within needs an after");
	if (s->does != STEP_MESSAGE && !s->lasts && !conf_node_find(l->nodes[i], "lasts"))
		complain(l, i, "does", "what holds or suspends must say how long it lasts");
	if (s->does == STEP_MESSAGE && s->lasts)
		complain(l, i, "lasts", "only what does = \"hold\" or \"suspend\" lasts");
}

/* A step that comes after itself can never be taken. Each step has one before it at most, so a walk
 * of n steps is back if it ever will be. */
static void
check_circle(const struct ladder *l, size_t i)
{
	size_t at = i;

	for (size_t k = 0; k < l->n && l->steps[at].after; k++) {
		at = find_step(l, l->steps[at].after, l->n);
		if (at == l->n)
			return;
		if (at == i) {
			complain(l, i, "after",
				 "it comes after itself, so it could never be taken");
			return;
		}
	}
}

static void
read_step(struct ladder *l, const struct conf_node *n, struct arena *a)
{
	struct conf_step *s = &l->steps[l->n];

	s->name = n->title;
	l->nodes[l->n++] = n;
	conf_keys_apply(n, CONF_STEP, s, a, l->complaints);
}

void
conf_ladder_build(const struct conf_node *conduct, struct conf_list *list, struct arena *a,
		  struct conf_complaints *c)
{
	struct ladder l = {.complaints = c};

	list->steps = default_steps;
	list->nsteps = sizeof(default_steps) / sizeof(*default_steps);
	if (!conduct || !conduct->block)
		return;
	if (conduct->title)
		conf_complain(c, conduct->source, conduct->line,
			      "conduct has no name: conduct { … }");
	conf_keys_apply(conduct, CONF_CONDUCT, NULL, a, c);
	l.steps = arena_array(a, CONF_STEPS_MAX, sizeof(*l.steps));
	l.nodes = arena_array(a, CONF_STEPS_MAX, sizeof(*l.nodes));
	for (const struct conf_node *n = conduct->children; n; n = n->next) {
		if (strcmp(n->key, "step") != 0 || !n->block)
			continue;
		if (!n->title) {
			conf_complain(c, n->source, n->line,
				      "a step needs a name: step \"NAME\" { … }");
		} else if (l.n == CONF_STEPS_MAX) {
			conf_complain(c, n->source, n->line, "more than %d steps", CONF_STEPS_MAX);
			break;
		} else {
			read_step(&l, n, a);
		}
	}
	for (size_t i = 0; i < l.n; i++) {
		check_step(&l, i);
		check_circle(&l, i);
	}
	list->steps = l.steps;
	list->nsteps = l.n;
}
