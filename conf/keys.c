/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * There is no key here that closes a list, its membership or its archive, and there must never be
 * one: that the three opens hold by construction is what Plenary is for.
 */
#include "conf/keys.h"

#include <limits.h>
#include <string.h>

#include "conf/speakers.h"
#include "conf/values.h"

#define DAY ((int64_t)86400)
#define YEAR (365 * DAY)
#define KILO ((int64_t)1024)
#define MEGA ((int64_t)1024 * 1024)

#define SITE(member) CONF_SITE, .offset = offsetof(struct conf, member)
#define LIST(member) CONF_LIST, .offset = offsetof(struct conf_list, member)
#define STEP(member) CONF_STEP, .offset = offsetof(struct conf_step, member)
#define SPEAKER(member) CONF_SPEAKER, .offset = offsetof(struct conf_speaker, member)
#define GROUP(member) CONF_GROUP, .offset = offsetof(struct conf_group, member)
#define ADDRESSES .set = conf_set_address, .element = sizeof(const char *)
#define LISTENS .set = conf_set_listen, .element = sizeof(struct conf_listen)
#define RULES .set = conf_set_header_rule, .element = sizeof(struct conf_header_rule)
#define ATTACHMENTS .set = conf_set_attachment, .element = sizeof(const char *)
#define SIZE(least) .set = conf_set_size, .min = (least), .max = 1024 * MEGA
#define SPAN(greatest) .set = conf_set_span, .min = 1, .max = (greatest)
#define CHOICE(...)                                                                                \
	.set = conf_set_choice, .words = (const char *const[])                                     \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

/* Several values are {pointer, number}; these two members of struct conf stand so as well. */
_Static_assert(offsetof(struct conf, nrelays) ==
		   offsetof(struct conf, relays) + offsetof(struct strings, n),
	       "relays and nrelays are written as one");

/* clang-format off */
static const struct conf_key keys[] = {
    {"domain", SITE(domain), .set = conf_set_domain, .required = true},
    {"site-url", SITE(site_url), .set = conf_set_url, .required = true},
    {"owner", SITE(owner), .set = conf_set_address},
    {"state-dir", SITE(state_dir), .set = conf_set_path, .required = true},
    {"user", SITE(user), .set = conf_set_word},
    {"web-user", SITE(web_user), .set = conf_set_word},
    {"listen-lmtp", SITE(listen_lmtp), LISTENS},
    {"listen-smtp", SITE(listen_smtp), LISTENS},
    {"listen-http", SITE(listen_http), LISTENS},
    {"listen-monitor", SITE(listen_monitor), LISTENS},
    {"trusted-authserv", SITE(trusted_authserv), .set = conf_set_word, .element = sizeof(const char *)},
    {"resolver", SITE(resolver), .set = conf_set_resolver},
    {"relay", SITE(relays), .set = conf_set_relay, .element = sizeof(struct conf_relay)},
    {"language", SITE(language), .set = conf_set_language},
    {"max-message-size", SITE(max_message_size), SIZE(KILO)},
    {"delimiter", SITE(delimiter), .set = conf_set_delimiter},
    {"include", CONF_SITE, .set = NULL},
    {"list", CONF_SITE, .set = NULL},

    {"title", LIST(title), .set = conf_set_line},
    {"description", LIST(description), .set = conf_set_text},
    {"language", LIST(language), .set = conf_set_language},
    {"owners", LIST(owners), ADDRESSES},
    {"moderators", LIST(moderators), ADDRESSES},
    {"appeals", LIST(appeals), ADDRESSES},
    {"appeal-cosigners", LIST(appeal_cosigners), .set = conf_set_number, .max = 100},
    {"speakers", LIST(speakers), ADDRESSES},
    {"speaker", CONF_LIST, .set = NULL},
    {"group", CONF_LIST, .set = NULL},
    {"umbrella", LIST(umbrella), .set = conf_set_list_name},
    {"nonmember-posts", LIST(nonmember_posts), CHOICE("hold", "accept", "reject")},
    {"hold-first-posts", LIST(hold_first_posts), .set = conf_set_number, .max = 1000},
    {"posts-per-day", LIST(posts_per_day), .set = conf_set_number, .max = 1000},
    {"time-zone", LIST(zone), .set = conf_set_zone},
    {"hold-headers", LIST(hold_headers), RULES},
    {"reject-headers", LIST(reject_headers), RULES},
    {"discard-headers", LIST(discard_headers), RULES},
    {"hold-attachments", LIST(hold_attachments), ATTACHMENTS},
    {"reject-attachments", LIST(reject_attachments), ATTACHMENTS},
    {"max-message-size", LIST(max_message_size), SIZE(KILO)},
    {"attachments-over", LIST(attachments_over), SIZE(0)},
    {"copies", LIST(copies), CHOICE("personal", "shared")},
    {"subject-prefix", LIST(subject_prefix), .set = conf_set_prefix},
    {"reply-to", LIST(reply_to), CHOICE("author", "list")},
    {"rewrite-from", LIST(rewrite_from), CHOICE("dmarc", "always", "never")},
    {"digest-every", LIST(digest_every), SPAN(YEAR)},
    {"digest-size", LIST(digest_size), SIZE(KILO)},
    {"hooks", LIST(hooks), .set = conf_set_hook, .element = sizeof(const char *)},
    {"charter", LIST(charter), .set = conf_set_charter},
    {"held-expire", LIST(held_expire), SPAN(YEAR)},
    {"held-remind", LIST(held_remind), .set = conf_set_span, .min = 0, .max = YEAR},
    {"held-notices", LIST(held_notices), CHOICE("each", "daily")},
    {"open-record", LIST(open_record), CHOICE("counts", "posts")},
    {"writers", LIST(writers), CHOICE("hidden", "shown")},
    {"bounce-threshold", LIST(bounce_threshold), .set = conf_set_number, .min = 1, .max = 1000},
    {"conduct", CONF_LIST, .set = NULL},

    {"step", CONF_CONDUCT, .set = NULL},

    {"by", STEP(by), CHOICE("moderator", "two-moderators", "owner")},
    {"audience", STEP(audience), CHOICE("member", "list")},
    {"after", STEP(after), .set = conf_set_word},
    {"within", STEP(within), SPAN(10 * YEAR)},
    {"lasts", STEP(lasts), SPAN(10 * YEAR)},
    {"does", STEP(does), CHOICE("message", "hold", "suspend")},

    {"name", SPEAKER(name), .set = conf_set_line},
    {"group", SPEAKER(group), .set = conf_set_line},
    {"since", SPEAKER(since), .set = conf_set_day},
    {"until", SPEAKER(until), .set = conf_set_last_day},

    {"seats", GROUP(seats), .set = conf_set_number, .max = CONF_SEATS_MAX},
};
/* clang-format on */

#define NKEYS (sizeof(keys) / sizeof(*keys))

static const char *const scope_names[] = {"site", "list", "conduct", "step", "speaker", "group"};
/* What a complaint calls the place. */
static const char *const scope_places[] = {"outside of lists", "in a list",    "in a conduct block",
					   "in a step",        "in a speaker", "in a group"};

static const struct conf_key *
find_key(enum conf_scope scope, const char *name)
{
	for (size_t i = 0; i < NKEYS; i++)
		if (keys[i].scope == scope && strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* Levenshtein's distance; names are cut to the 31 bytes that tell them apart. "_" counts as "-". */
static size_t
distance(const char *a, const char *b)
{
	size_t na = strnlen(a, 31), nb = strnlen(b, 31), row[32];

	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];
		char c = a[i - 1] == '_' ? '-' : a[i - 1];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = diagonal + (c != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[nb];
}

static const struct conf_key *
nearest_key(enum conf_scope scope, const char *name)
{
	const struct conf_key *best = NULL;
	size_t near = strlen(name) / 3 + 2; /* farther ones are no help */

	for (size_t i = 0; i < NKEYS; i++) {
		size_t d = keys[i].scope == scope ? distance(name, keys[i].name) : near;

		if (d < near) {
			near = d;
			best = &keys[i];
		}
	}
	return best;
}

static void
complain_unknown(const struct conf_node *n, enum conf_scope scope, struct conf_complaints *c)
{
	const struct conf_key *near;

	for (size_t i = 0; i < sizeof(scope_names) / sizeof(*scope_names); i++)
		if (i != scope && find_key((enum conf_scope)i, n->key)) {
			conf_complain(c, n->source, n->line, "\"%s\" stands %s, not %s", n->key,
				      scope_places[i], scope_places[scope]);
			return;
		}
	near = nearest_key(scope, n->key);
	if (near)
		conf_complain(c, n->source, n->line,
			      "unknown key \"%.50s\" %s; did you mean \"%s\"?", n->key,
			      scope_places[scope], near->name);
	else
		conf_complain(c, n->source, n->line, "unknown key \"%.50s\" %s", n->key,
			      scope_places[scope]);
}

/* Is the node of the key's shape: a block, one value, several? */
static bool
fits_shape(const struct conf_key *key, const struct conf_node *n, struct conf_complaints *c)
{
	if (!key->set && strcmp(key->name, "include") == 0)
		conf_complain(c, n->source, n->line, "include is written include(\"FILE\")");
	else if (!key->set && !n->block)
		conf_complain(c, n->source, n->line, "\"%s\" is a block: %s%s { … }", n->key,
			      n->key, strcmp(n->key, "conduct") == 0 ? "" : " \"NAME\"");
	else if (key->set && n->block)
		conf_complain(c, n->source, n->line, "\"%s\" is no block: %s = …", n->key, n->key);
	else if (key->set && !key->element && n->nvalues > 1)
		conf_complain(c, n->source, n->line, "\"%s\" takes one value, not %zu", n->key,
			      n->nvalues);
	else if (key->set && !key->element && n->nvalues == 0 && n->braced)
		conf_complain(c, n->source, n->line, "\"%s\" has no value", n->key);
	else
		return true;
	return false;
}

static void
set_values(const struct conf_key *key, const struct conf_node *n, void *field, struct arena *a,
	   struct conf_complaints *c)
{
	struct conf_setting s = {.arena = a, .complaints = c, .key = key, .node = n};
	struct {
		void *v;
		size_t n;
	} many = {NULL, n->nvalues};
	char *at = field;

	if (key->element) {
		many.v = arena_array(a, n->nvalues, key->element);
		memcpy(field, &many, sizeof(many));
		at = many.v;
	}
	for (const struct conf_value *v = n->values; v; v = v->next, at += key->element) {
		s.text = v->text;
		s.line = v->line;
		key->set(&s, at);
	}
}

/* The same key above in this block, if it is one that stands there once. */
static const struct conf_node *
earlier(const struct conf_node *block, const struct conf_node *n, const struct conf_key *key)
{
	const struct conf_node *first = conf_node_find(block, n->key);

	return first == n || (!key->set && strcmp(key->name, "conduct") != 0) ? NULL : first;
}

void
conf_keys_apply(const struct conf_node *block, enum conf_scope scope, void *target, struct arena *a,
		struct conf_complaints *c)
{
	for (const struct conf_node *n = block->children; n; n = n->next) {
		const struct conf_key *key = find_key(scope, n->key);
		const struct conf_node *first;

		if (!key) {
			if (!n->broken)
				complain_unknown(n, scope, c);
			continue;
		}
		first = earlier(block, n, key);
		if (first)
			conf_complain(c, n->source, n->line, "\"%s\" is there already, at %s:%d",
				      n->key, first->source->name, first->line);
		if (!n->broken && fits_shape(key, n, c) && key->set)
			set_values(key, n, (char *)target + key->offset, a, c);
	}
	for (size_t i = 0; i < NKEYS; i++)
		if (keys[i].scope == scope && keys[i].required &&
		    !conf_node_find(block, keys[i].name))
			conf_complain(c, block->source, block->line, "\"%s\" is missing",
				      keys[i].name);
}

const char *const *
conf_key_names(const char *scope)
{
	static const char *names[sizeof(scope_names) / sizeof(*scope_names)][NKEYS + 1];
	size_t s, n = 0;

	for (s = 0; s < sizeof(scope_names) / sizeof(*scope_names); s++)
		if (strcmp(scope_names[s], scope) == 0)
			break;
	if (s == sizeof(scope_names) / sizeof(*scope_names))
		return names[0] + NKEYS; /* an empty list */
	for (size_t i = 0; i < NKEYS; i++)
		if (keys[i].scope == s)
			names[s][n++] = keys[i].name;
	return names[s];
}
