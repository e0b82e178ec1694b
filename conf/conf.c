/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from a file to a tree: shape (syntax), site keys (keys), lists. Each stage goes on with
 * what the one before could make of the file, so that all complaints come at once. A tree is given
 * out only if there was none, and nothing changes it afterwards.
 */
#include "conf/conf.h"

#include <stdio.h>

#include "conf/complain.h"
#include "conf/keys.h"
#include "conf/lists.h"
#include "conf/syntax.h"
#include "mail/address.h"

#define MEGA ((int64_t)1024 * 1024)

static const struct conf_relay default_relay = {
    .kind = RELAY_SMTP, .host = "127.0.0.1", .port = 25, .text = "smtp://127.0.0.1:25"};

static void
set_defaults(struct conf *conf)
{
	conf->user = "plenary";
	conf->web_user = "plenary-web";
	conf->resolver = "system";
	conf->relays = &default_relay;
	conf->nrelays = 1;
	conf->language = "en";
	conf->max_message_size = 10 * MEGA;
	conf->delimiter = '+';
}

/* What depends on other keys. */
static void
complete(struct conf *conf, const struct conf_node *root, struct conf_complaints *c)
{
	const struct conf_node *relay = conf_node_find(root, "relay");

	if (!conf->owner && conf->domain)
		conf->owner = arena_printf(conf->arena, "postmaster@%s", conf->domain);
	if (conf->nrelays == 0 && relay)
		conf_complain(c, relay->source, relay->line,
			      "\"relay\" names no mail server, so nothing could be sent");
}

int
conf_load(const char *file, struct conf **out, struct arena *a, struct conf_errors *errors)
{
	struct conf_complaints *c = conf_complaints_new(a);
	struct arena *own = arena_new();
	struct conf *conf = arena_zalloc(own, sizeof(*conf));
	struct conf_complaints *warnings = conf_complaints_new(own);
	const struct conf_node *root;

	conf->arena = own;
	conf->file = arena_str(own, slice_str(file));
	set_defaults(conf);
	conf_complaints_keep_warnings(c, warnings);
	root = conf_syntax_read(conf->file, own, c);
	/* Of a file that can't be read, it would be idle to say what it lacks. */
	if (root->children || conf_complaints_count(c) == 0) {
		conf_keys_apply(root, CONF_SITE, conf, own, c);
		complete(conf, root, c);
		conf_lists_build(root, conf, c);
	}
	conf_complaints_take(c, errors);
	if (conf_complaints_count(c) > 0) {
		conf_free(conf);
		return -1;
	}
	conf_complaints_take(warnings, &conf->warnings);
	*out = conf;
	return 0;
}

struct conf *
conf_load_or_complain(const char *file)
{
	struct arena *a = arena_new();
	struct conf_errors errors;
	struct conf *conf = NULL;

	if (conf_load(file, &conf, a, &errors) < 0)
		for (size_t i = 0; i < errors.n; i++)
			fprintf(stderr, "%s:%d: %s\n", errors.v[i].file,
				errors.v[i].line ? errors.v[i].line : 1, errors.v[i].text);
	arena_free(a);
	return conf;
}

void
conf_print_warnings(const struct conf *conf)
{
	for (size_t i = 0; i < conf->warnings.n; i++)
		fprintf(stderr, "%s:%d: warning: %s\n", conf->warnings.v[i].file,
			conf->warnings.v[i].line, conf->warnings.v[i].text);
}

void
conf_free(struct conf *conf)
{
	if (conf)
		arena_free(conf->arena);
}

char *
conf_path(const struct conf *conf, struct arena *a, const char *fmt, ...)
{
	char *part;
	va_list ap;

	va_start(ap, fmt);
	part = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return arena_printf(a, "%s/%s", conf->state_dir, part);
}

bool
strings_has_address(const struct strings *s, struct slice address)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] && address_eq(slice_str(s->v[i]), address))
			return true;
	return false;
}
