/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An appointment binds people, so it is checked like a ladder: each date is one, each term has
 * days, each group is declared, nobody serves twice at once.
 */
#include "conf/speakers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/keys.h"
#include "mail/address.h"

struct build {
	struct conf_list *list;
	struct arena *arena;
	struct conf_complaints *complaints;
	struct conf_speaker *speakers;
	const struct conf_node **nodes; /* of each speaker */
	struct conf_group *groups;
};

static void __attribute__((format(printf, 4, 5)))
complain(const struct build *b, const struct conf_node *block, const char *key, const char *fmt,
	 ...)
{
	const struct conf_node *n = conf_node_find(block, key);
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = n ? n : block;
	conf_complain(b->complaints, n->source, n->line, "%s \"%.100s\": %s", block->key,
		      block->title, text);
}

/* --- groups ----------------------------------------------------------------------------------- */

const struct conf_group *
conf_group_find(const struct conf_list *l, struct slice name)
{
	for (size_t i = 0; i < l->ngroups; i++)
		if (slice_is_ci(name, l->groups[i].name))
			return &l->groups[i];
	return NULL;
}

static void
read_group(struct build *b, const struct conf_node *n)
{
	struct slice name = slice_str(n->title);

	/* The name is shown on pages, and is what members write in "set group". */
	if (name.n > CONF_GROUP_NAME_MAX || slice_trim(name).n != name.n || name.n == 0 ||
	    slice_find_char(name, '\n') < name.n)
		complain(b, n, "", "a group's name is one line of at most %d bytes",
			 CONF_GROUP_NAME_MAX);
	if (conf_group_find(b->list, name))
		complain(b, n, "", "there is a group of this name already");
	struct conf_group *g = &b->groups[b->list->ngroups++];
	g->name = n->title;
	conf_keys_apply(n, CONF_GROUP, g, b->arena, b->complaints);
}

/* --- speakers --------------------------------------------------------------------------------- */

bool
conf_speaker_serves(const struct conf_speaker *s, int64_t now)
{
	return now >= s->since && (s->until == 0 || now < s->until);
}

bool
conf_has_speakers(const struct conf_list *l)
{
	return l->speakers.n + l->nappointed > 0;
}

bool
conf_is_speaker(const struct conf_list *l, struct slice address, int64_t now)
{
	if (strings_has_address(&l->speakers, address))
		return true;
	for (size_t i = 0; i < l->nappointed; i++)
		if (conf_speaker_serves(&l->appointed[i], now) &&
		    address_eq(slice_str(l->appointed[i].address), address))
			return true;
	return false;
}

static bool
overlap(const struct conf_speaker *a, const struct conf_speaker *b)
{
	return (a->until == 0 || b->since < a->until) && (b->until == 0 || a->since < b->until);
}

static void
check_speaker(const struct build *b, size_t i)
{
	const struct conf_speaker *s = &b->speakers[i];
	const struct conf_node *n = b->nodes[i];

	if (s->until > 0 && s->until <= s->since)
		complain(b, n, "until", "its term ends before it begins");
	if (s->group && !conf_group_find(b->list, slice_str(s->group)))
		complain(b, n, "group",
			 "the list declares no group \"%.100s\": group \"%.100s\" { seats = N }",
			 s->group, s->group);
	if (!address_valid(slice_str(s->address), true)) {
		complain(b, n, "",
			 "a speaker is named by a mail address such as \"name@example.org\"");
		return;
	}
	if (strings_has_address(&b->list->speakers, slice_str(s->address)))
		complain(b, n, "", "the address is one of \"speakers\", too: without an end");
	for (size_t k = 0; k < i; k++)
		if (address_eq(slice_str(b->speakers[k].address), slice_str(s->address)) &&
		    overlap(&b->speakers[k], s))
			complain(b, n, "", "this term overlaps with the one of line %d",
				 b->nodes[k]->line);
}

static void
read_speaker(struct build *b, const struct conf_node *n)
{
	struct conf_speaker *s = &b->speakers[b->list->nappointed];

	b->nodes[b->list->nappointed++] = n;
	s->address = n->title;
	s->name = "";
	conf_keys_apply(n, CONF_SPEAKER, s, b->arena, b->complaints);
}

/* --- both ------------------------------------------------------------------------------------- */

/* Every block of that key, at most max. */
static void
read_blocks(struct build *b, const struct conf_node *node, const char *key, size_t max,
	    void (*read)(struct build *b, const struct conf_node *n))
{
	size_t n = 0;

	for (const struct conf_node *c = node->children; c; c = c->next) {
		if (strcmp(c->key, key) != 0 || !c->block)
			continue;
		if (!c->title) {
			conf_complain(b->complaints, c->source, c->line,
				      "a %s needs a name: %s \"NAME\" { … }", key, key);
		} else if (n++ == max) {
			conf_complain(b->complaints, c->source, c->line, "more than %zu %ss", max,
				      key);
			return;
		} else {
			read(b, c);
		}
	}
}

void
conf_speakers_build(const struct conf_node *node, struct conf_list *list, struct arena *a,
		    struct conf_complaints *c)
{
	struct build b = {.list = list, .arena = a, .complaints = c};

	if (!conf_node_find(node, "group") && !conf_node_find(node, "speaker"))
		return;
	b.speakers = arena_array(a, CONF_SPEAKERS_MAX, sizeof(*b.speakers));
	b.nodes = arena_array(a, CONF_SPEAKERS_MAX, sizeof(*b.nodes));
	b.groups = arena_array(a, CONF_GROUPS_MAX, sizeof(*b.groups));
	list->appointed = b.speakers;
	list->groups = b.groups;
	/* Groups first, wherever they stand: speakers name them. */
	read_blocks(&b, node, "group", CONF_GROUPS_MAX, read_group);
	read_blocks(&b, node, "speaker", CONF_SPEAKERS_MAX, read_speaker);
	for (size_t i = 0; i < list->nappointed; i++)
		check_speaker(&b, i);
}
