/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why: a ladder that cannot be climbed, or an appeal that nobody would hear, is found out on the
 * day on which it is needed, when everybody is angry. It can be known before.
 */
#include "conf/advice.h"

#include <stdio.h>
#include <string.h>

struct advice {
	const struct conf_list *list;
	const struct conf_node *node;
	struct conf_complaints *complaints;
};

static void __attribute__((format(printf, 3, 4)))
advise(const struct advice *ad, const struct conf_node *at, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	at = at ? at : ad->node;
	conf_warn(ad->complaints, at->source, at->line, "list \"%.60s\": %s", ad->list->name, text);
}

/* Where a step stands; of the default ladder, the list itself. */
static const struct conf_node *
step_node(const struct advice *ad, const char *name)
{
	const struct conf_node *conduct = conf_node_find(ad->node, "conduct");

	for (const struct conf_node *n = conduct ? conduct->children : NULL; n; n = n->next)
		if (strcmp(n->key, "step") == 0 && n->title && strcmp(n->title, name) == 0)
			return n;
	return NULL;
}

static const struct conf_step *
step_before(const struct conf_list *l, const struct conf_step *s)
{
	for (size_t i = 0; s->after && i < l->nsteps; i++)
		if (strcmp(l->steps[i].name, s->after) == 0)
			return &l->steps[i];
	return NULL;
}

static bool
lacks_second(const struct conf_list *l, const struct conf_step *s)
{
	return s->by == STEP_BY_TWO_MODERATORS && l->moderators.n < 2;
}

/* While a step is in force, none that does the same can be taken; when it is over, it is too long
 * ago. */
static bool
comes_too_late(const struct conf_step *s, const struct conf_step *before)
{
	return before && s->within && s->does != STEP_MESSAGE && s->does == before->does &&
	       before->lasts >= s->within;
}

/* A step behind one that can't be taken can't be either. Without circles, which are errors, the
 * walk ends; with one, after as many steps as there are. */
static const struct conf_step *
blocked_by(const struct conf_list *l, const struct conf_step *s)
{
	const struct conf_step *before = step_before(l, s);

	for (size_t k = 0; before && k < l->nsteps; k++) {
		const struct conf_step *b = step_before(l, before);

		if (lacks_second(l, before) || comes_too_late(before, b))
			return before;
		before = b;
	}
	return NULL;
}

static void
advise_step(const struct advice *ad, const struct conf_step *s)
{
	const struct conf_list *l = ad->list;
	const struct conf_node *at = step_node(ad, s->name);
	const struct conf_step *before = step_before(l, s), *blocked = blocked_by(l, s);

	if (lacks_second(l, s))
		advise(ad, at,
		       "step \"%s\" takes two moderators and there is one: it can't be taken",
		       s->name);
	if (comes_too_late(s, before))
		advise(ad, at,
		       "step \"%s\" can't be taken: when \"%s\" is over, it is more than its "
		       "within ago",
		       s->name, before->name);
	if (blocked)
		advise(ad, at, "step \"%s\" can't be taken, since \"%s\" before it can't be",
		       s->name, blocked->name);
}

static bool
suspends(const struct conf_list *l)
{
	for (size_t i = 0; i < l->nsteps; i++)
		if (l->steps[i].does == STEP_SUSPEND)
			return true;
	return false;
}

void
conf_advise_list(const struct conf_list *l, const struct conf_node *node, struct conf_complaints *c)
{
	const struct advice ad = {l, node, c};

	for (size_t i = 0; i < l->nsteps; i++)
		advise_step(&ad, &l->steps[i]);
	if (l->appeals.n == 0 && suspends(l))
		advise(&ad, NULL,
		       "a step suspends and nobody hears appeals (\"appeals\"): members are told "
		       "so, and promised none");
	if (l->appeals.n == 0 && l->appeal_cosigners > 0)
		advise(&ad, conf_node_find(node, "appeal-cosigners"),
		       "appeal-cosigners says nothing without \"appeals\"");
	for (size_t i = 0; i < l->appeals.n; i++)
		if (l->appeals.v[i] && strings_has_address(&l->owners, slice_str(l->appeals.v[i])))
			advise(&ad, conf_node_find(node, "appeals"),
			       "\"%.200s\" hears appeals and is an owner, who can take steps",
			       l->appeals.v[i]);
}
