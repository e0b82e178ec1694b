/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two passes: each list by itself with its defaults; then, sorted, what lists say of each other and
 * who runs them. The second pass must cope with whatever the first one complained about.
 */
#include "conf/lists.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "conf/advice.h"
#include "conf/keys.h"
#include "conf/ladder.h"
#include "conf/rules.h"
#include "conf/speakers.h"
#include "conf/values.h"
#include "mail/address.h"

#define DAY ((int64_t)86400)

struct entry {
	struct conf_list list;
	const struct conf_node *node;
};

struct lists {
	struct conf *conf;
	struct conf_complaints *complaints;
	struct entry *v;
	size_t n;
};

static void __attribute__((format(printf, 4, 5)))
complain(const struct lists *ls, const struct entry *e, const char *key, const char *fmt, ...)
{
	const struct conf_node *n = conf_node_find(e->node, key);
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = n ? n : e->node;
	conf_complain(ls->complaints, n->source, n->line, "list \"%.60s\": %s", e->list.name, text);
}

struct rule_fault {
	struct lists *ls;
	struct entry *e;
};

static void
complain_rule(void *arg, const char *key, const char *text)
{
	const struct rule_fault *f = arg;
	complain(f->ls, f->e, key, "%s", text);
}

static void
read_list(struct lists *ls, const struct conf_node *n)
{
	struct entry *e = &ls->v[ls->n++];
	struct conf_list *l = &e->list;
	const char *fault = conf_list_name_fault(ls->conf->arena, n->title);

	*l = (struct conf_list){
	    .name = n->title,
	    .file = n->source->name,
	    .line = n->line,
	    .title = n->title,
	    .description = "",
	    .language = ls->conf->language,
	    .max_message_size = ls->conf->max_message_size,
	    .digest_every = DAY,
	    .digest_size = 60 * 1024,
	    .zone = zone_find("UTC"),
	    .hold_attachments = rules_programs,
	    .held_expire = 14 * DAY,
	    .held_remind = RULES_REMIND,
	    .bounce_threshold = 5,
	};
	e->node = n;
	if (fault)
		complain(ls, e, "", "its name %s", fault);
	conf_keys_apply(n, CONF_LIST, l, ls->conf->arena, ls->complaints);
	conf_ladder_build(conf_node_find(n, "conduct"), l, ls->conf->arena, ls->complaints);
	conf_speakers_build(n, l, ls->conf->arena, ls->complaints);
	rules_check(l, ls->conf->arena, complain_rule, &(struct rule_fault){ls, e});
	if (l->max_message_size > ls->conf->max_message_size)
		complain(ls, e, "max-message-size",
			 "max-message-size is more than the site's, which is all that is let in");
}

/* By name; of the same name, in the order of the files. */
static int
compare(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int d = slice_cmp(slice_str(a->list.name), slice_str(b->list.name));

	if (d == 0)
		d = a->node->source->order - b->node->source->order;
	return d ? d : a->node->line - b->node->line;
}

static int
compare_name(const void *key, const void *p)
{
	return slice_cmp(*(const struct slice *)key,
			 slice_str(((const struct conf_list *)p)->name));
}

const struct conf_list *
conf_list_find(const struct conf *conf, struct slice name)
{
	char lower[CONF_NAME_MAX];

	if (name.n > sizeof(lower) || conf->nlists == 0)
		return NULL;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	name.p = lower;
	return bsearch(&name, conf->lists, conf->nlists, sizeof(*conf->lists), compare_name);
}

static void
check_duplicates(const struct lists *ls)
{
	const struct entry *first = ls->v;

	for (size_t i = 1; i < ls->n; i++) {
		if (strcmp(first->list.name, ls->v[i].list.name) != 0)
			first = &ls->v[i];
		else
			complain(ls, &ls->v[i], "", "it is there already, at %s:%d",
				 first->list.file, first->list.line);
	}
}

/* The lists form trees (check_umbrella), so the way up has an end. */
bool
conf_list_under(const struct conf *conf, const struct conf_list *l, const struct conf_list *above)
{
	for (size_t k = 0; k < conf->nlists && l && l->umbrella; k++) {
		l = conf_list_find(conf, slice_str(l->umbrella));
		if (l == above)
			return true;
	}
	return false;
}

static void
check_umbrella(const struct lists *ls, const struct entry *e)
{
	const char *up = e->list.umbrella;
	const struct conf_list *above;

	for (size_t k = 0; up && k <= ls->n; k++) {
		above = conf_list_find(ls->conf, slice_str(up));
		if (!above) {
			if (k == 0)
				complain(ls, e, "umbrella", "its umbrella \"%.60s\" is no list",
					 up);
			return;
		}
		if (strcmp(above->name, e->list.name) == 0) {
			complain(ls, e, "umbrella", "it is its own umbrella%s",
				 k ? ", by way of others" : "");
			return;
		}
		up = above->umbrella;
	}
}

/*
 * Is the address the list's own, or one of its robot's? Then a notice to it would come back as a
 * post or command. list NULL: the site's robot.
 */
static bool
is_own_address(const struct conf *conf, const char *list, const char *address)
{
	struct slice local, domain, rest, name = slice_str(list ? list : "plenary");
	const char *suffix;

	if (!conf->domain || !address_split(slice_str(address), &local, &domain) ||
	    !slice_is_ci(domain, conf->domain))
		return false;
	slice_cut(local, conf->delimiter, &local, &rest);
	suffix = conf_robot_suffix(local);
	if (suffix)
		local.n -= strlen(suffix);
	return slice_eq_ci(local, name);
}

static void
check_people(const struct lists *ls, const struct entry *e, const char *key,
	     const struct strings *people)
{
	for (size_t i = 0; i < people->n; i++) {
		if (!people->v[i])
			continue;
		if (is_own_address(ls->conf, e->list.name, people->v[i]))
			complain(ls, e, key, "%s: \"%.200s\" is the list's own address", key,
				 people->v[i]);
		for (size_t k = 0; k < i; k++)
			if (people->v[k] &&
			    address_eq(slice_str(people->v[k]), slice_str(people->v[i]))) {
				complain(ls, e, key, "%s: \"%.200s\" is there twice", key,
					 people->v[i]);
				break;
			}
	}
}

/* Appeals are read by those who did not take the step. */
static void
check_appeals(const struct lists *ls, const struct entry *e)
{
	const struct conf_list *l = &e->list;

	for (size_t i = 0; i < l->appeals.n; i++)
		if (l->appeals.v[i] &&
		    strings_has_address(&l->moderators, slice_str(l->appeals.v[i])))
			complain(
			    ls, e, "appeals",
			    "appeals: \"%.200s\" is a moderator, whose steps are appealed against",
			    l->appeals.v[i]);
}

static void
resolve_people(const struct lists *ls, struct entry *e)
{
	struct conf_list *l = &e->list;

	check_people(ls, e, "owners", &l->owners);
	check_people(ls, e, "moderators", &l->moderators);
	check_people(ls, e, "appeals", &l->appeals);
	check_people(ls, e, "speakers", &l->speakers);
	check_appeals(ls, e);
	if (l->owners.n == 0) {
		l->owners.v = arena_array(ls->conf->arena, 1, sizeof(*l->owners.v));
		l->owners.v[0] = ls->conf->owner;
		l->owners.n = 1;
	}
	if (l->moderators.n == 0)
		l->moderators = l->owners;
}

static void
check_site_owner(const struct lists *ls, const struct conf_node *root)
{
	const struct conf_node *n = conf_node_find(root, "owner");
	bool own = n && ls->conf->owner && is_own_address(ls->conf, NULL, ls->conf->owner);

	for (size_t i = 0; n && ls->conf->owner && i < ls->n && !own; i++)
		own = is_own_address(ls->conf, ls->v[i].list.name, ls->conf->owner);
	if (own)
		conf_complain(ls->complaints, n->source, n->line,
			      "\"owner\" wants a person's address, not one of the site's own");
}

void
conf_lists_build(const struct conf_node *root, struct conf *conf, struct conf_complaints *c)
{
	struct lists ls = {.conf = conf, .complaints = c};
	struct conf_list *sorted;
	size_t n = 0;

	for (const struct conf_node *b = root->children; b; b = b->next)
		n++;
	ls.v = arena_array(conf->arena, n, sizeof(*ls.v));
	for (const struct conf_node *b = root->children; b; b = b->next) {
		if (strcmp(b->key, "list") != 0 || !b->block)
			continue;
		if (b->title)
			read_list(&ls, b);
		else
			conf_complain(c, b->source, b->line,
				      "a list needs a name: list \"NAME\" { … }");
	}
	if (ls.n > 0)
		qsort(ls.v, ls.n, sizeof(*ls.v), compare);
	for (size_t i = 0; i < ls.n; i++)
		resolve_people(&ls, &ls.v[i]);
	sorted = arena_array(conf->arena, ls.n, sizeof(*sorted));
	for (size_t i = 0; i < ls.n; i++)
		sorted[i] = ls.v[i].list;
	conf->lists = sorted;
	conf->nlists = ls.n;
	check_duplicates(&ls);
	for (size_t i = 0; i < ls.n; i++)
		check_umbrella(&ls, &ls.v[i]);
	for (size_t i = 0; i < ls.n; i++)
		conf_advise_list(&ls.v[i].list, ls.v[i].node, c);
	check_site_owner(&ls, root);
}
