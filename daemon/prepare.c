/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prepare: see prepare.h. Nothing here is ever needed for an entry's life: without a policy's
 * answer From is treated as if it were enforced, without a light body the whole one goes out.
 */
#include "config.h"
#include "daemon/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/file.h"
#include "base/log.h"
#include "daemon/hook.h"
#include "daemon/member.h"
#include "daemon/searching.h"
#include "daemon/seen.h"
#include "daemon/send.h"
#include "mail/edit.h"

static const struct policy unknown = {.says = POLICY_UNKNOWN};

struct prepared_list *
prepared_for(struct work *w, const struct conf_list *l)
{
	struct prepared *p = w->prepared;
	for (size_t i = 0; p && i < p->n; i++)
		if (p->lists[i].list == l)
			return &p->lists[i];
	return NULL;
}

size_t
prepared_size(struct work *w)
{
	const struct prepared_list *pl = prepared_for(w, w->route.list);
	struct slice head, body;
	if (!pl || !pl->lightened)
		return w->env.message.n;
	edit_split(w->env.message, &head, &body);
	for (size_t i = 0; i < pl->light.n; i++)
		head.n += pl->light.piece[i].n;
	return head.n;
}

/* --- finding out ---------------------------------------------------------------------------- */

/* Does anyone get single mails of the list, or of one whose umbrella it is? */
static bool
has_readers(struct work *w, const struct conf_list *l)
{
	const struct conf *conf = w->site->conf;
	if (member_has_mail(w->site->db, l->name))
		return true;
	for (size_t i = 0; i < conf->nlists; i++)
		if (conf_list_under(conf, &conf->lists[i], l) &&
		    member_has_mail(w->site->db, conf->lists[i].name))
			return true;
	return false;
}

static void
plan_light(struct work *w, struct prepared_list *pl)
{
	const struct conf_list *l = pl->list;
	if (l->attachments_over <= 0)
		return;
	send_key(w, l, pl->key);
	const char *base =
	    arena_printf(w->arena, "%s/%s/m/%s/", w->site->conf->site_url, l->name, pl->key);
	pl->lightened =
	    lighten(w->arena, &w->message, l->attachments_over, l->language, base, &pl->light);
}

/* The list that an address is for posts to; NULL: it is another kind of address. */
static const struct conf_list *
posted_to(struct work *w, struct slice rcpt)
{
	struct route r;
	route_classify(w->site->conf, rcpt, &r);
	return r.function == ROUTE_POST ? r.list : NULL;
}

static void
add_list(struct work *w, const struct conf_list *l)
{
	struct prepared *p = w->prepared;
	if (prepared_for(w, l))
		return;
	struct prepared_list *pl = &p->lists[p->n++];
	memset(pl, 0, sizeof(*pl));
	pl->list = l;
	plan_light(w, pl);
	struct rewrite_changes c = send_changes(w, l);
	if (!p->asks && rewrite_decide(w, l, &c, &unknown) == REWRITE_ASK && has_readers(w, l))
		p->asks = true;
}

enum prepare_state
prepare_start(struct work *w)
{
	struct prepared *p = arena_zalloc(w->arena, sizeof(*p));
	struct slice rcpt;
	size_t posts = 0;
	w->prepared = p;
	for (size_t i = 0; envelope_nth(&w->env, "rcpt", i, &rcpt); i++)
		posts += posted_to(w, rcpt) != NULL;
	if (posts > w->site->conf->nlists)
		posts = w->site->conf->nlists;
	p->lists = arena_array(w->arena, posts, sizeof(*p->lists));
	for (size_t i = 0; posts > 0 && envelope_nth(&w->env, "rcpt", i, &rcpt); i++)
		if (posted_to(w, rcpt))
			add_list(w, posted_to(w, rcpt));
	struct err e = {0};
	if (w->site->hooks && hook_start(w->site->hooks, w, &p->hooks, &e) < 0) {
		log_error("%s: hooks: %s", w->id, e.text);
		return PREPARE_LATER;
	}
	if (w->site->searches && search_start(w->site->searches, w, &p->search) < 0)
		return PREPARE_LATER;
	bool others = p->hooks || p->search;
	if (!p->asks || !w->site->policies)
		return others ? PREPARE_WAITS : PREPARE_READY;
	int known =
	    policies_ask(w->site->policies, w->author.domain, w->now, &p->policy, &p->question);
	if (known < 0)
		return PREPARE_LATER;
	return known == 1 && !others ? PREPARE_READY : PREPARE_WAITS;
}

/* What hooks have said is the entry's; the run is over. */
static bool
hooks_answered(struct prepared *p)
{
	if (p->hooks && !hook_is_over(p->hooks))
		return false;
	hook_end(p->hooks);
	p->hooks = NULL;
	return true;
}

static bool
search_answered(struct prepared *p)
{
	if (p->search && !search_is_over(p->search))
		return false;
	search_end(p->search);
	p->search = NULL;
	return true;
}

enum prepare_state
prepare_look(struct work *w)
{
	struct prepared *p = w->prepared;
	if (!hooks_answered(p) || !search_answered(p))
		return PREPARE_WAITS;
	if (!p->question)
		return PREPARE_READY;
	if (!policies_answered(p->question, &p->policy))
		return PREPARE_WAITS;
	policies_let_go(p->question);
	p->question = NULL;
	return PREPARE_READY;
}

bool
prepare_only_asks(const struct work *w)
{
	const struct prepared *p = w->prepared;
	return p && p->question && !p->hooks && !p->search;
}

bool
prepare_same_way(const struct work *w, const struct work *other)
{
	const struct prepared *p = w->prepared, *q = other->prepared;
	if (!p || !q || !slice_eq_ci(w->author.text, other->author.text))
		return false;
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < q->n; k++)
			if (p->lists[i].list == q->lists[k].list)
				return true;
	return false;
}

/* --- files ---------------------------------------------------------------------------------- */

static const char *
file_path(struct work *w, const struct prepared_list *pl)
{
	return conf_path(w->site->conf, w->arena, "out/%s", pl->file);
}

int
prepare_put(struct work *w, struct err *e)
{
	struct prepared *p = w->prepared;
	for (size_t i = 0; p && i < p->n; i++) {
		struct prepared_list *pl = &p->lists[i];
		char suffix[24];
		if (!pl->lightened || pl->file[0])
			continue;
		snprintf(suffix, sizeof(suffix), "l%zu", i);
		id_derive(pl->file, w->id, suffix);
		if (file_put(AT_FDCWD, file_path(w, pl), pl->light.piece, pl->light.n, 0600, e) <
		    0) {
			pl->file[0] = '\0';
			return -1;
		}
		crash_point("list.lightened");
	}
	return 0;
}

void
prepare_end(struct work *w)
{
	struct prepared *p = w->prepared;
	if (!p)
		return;
	if (p->question)
		policies_let_go(p->question);
	p->question = NULL;
	hook_end(p->hooks);
	p->hooks = NULL;
	search_end(p->search);
	p->search = NULL;
	for (size_t i = 0; i < p->n; i++) {
		struct prepared_list *pl = &p->lists[i];
		if (pl->file[0] && !pl->used && unlink(file_path(w, pl)) < 0 && errno != ENOENT)
			log_error("%s: %s", pl->file, strerror(errno));
	}
	w->prepared = NULL;
}
