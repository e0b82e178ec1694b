/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reports: see reports.h.
 */
#include "daemon/reports.h"

#include "base/log.h"
#include "daemon/flood.h"
#include "daemon/hook.h"
#include "daemon/send.h"
#include "daemon/tidings.h"

static int
put(struct deed *d, struct slice author, const char *key, const char *why, const char *template,
    struct slice evidence, struct err *e)
{
	struct conduct_event ev = {.list = d->list->name,
				   .address = arena_str(d->a, author),
				   .what = "report",
				   .by = d->by,
				   .about = key,
				   .why = why};
	if (conduct_case(d->site->db, d->list->name, author, d->now, &ev.case_id, e) < 0 ||
	    conduct_add(d->site->db, &ev, d->now, e) < 0)
		return -1;
	return tidings_moderators(d, template, &ev, evidence, e);
}

int
reports_add(struct deed *d, struct slice author, const char *key, struct slice why, struct err *e)
{
	log_info("%s: %s: a member reports %s", d->id, d->list->name, key);
	return put(d, author, key, arena_str(d->a, slice_sub(slice_trim(why), 0, STEP_WHY_MAX)),
		   "conduct-report", slice_make(NULL, 0), e);
}

/* A filter that holds all that somebody writes must not fill the record. */
static int
may_report(struct work *w, const struct conf_list *l, const struct member *m, struct err *e)
{
	return flood_allow(w->site->db, "hook-case",
			   arena_printf(w->arena, "%s/%s",
					address_flood_key(w->arena, slice_str(m->address)),
					l->name),
			   REPORTS_BY_HOOKS, w->now, e);
}

int
reports_by_hooks(struct work *w, const struct member *member, struct err *e)
{
	const struct conf_list *l = w->route.list;
	char key[KEY_SIZE];
	struct deed d = {.site = w->site,
			 .a = w->arena,
			 .list = l,
			 .id = w->id,
			 .now = w->now,
			 .notices = w->notices,
			 .unproven = w->site->conf->trusted_authserv.n > 0 && !w->vouched};
	send_key(w, l, key);
	for (const struct hook_said *s = w->said; s; s = s->next)
		for (const struct hook_case *k = s->list == l ? s->cases : NULL; k; k = k->next) {
			/* Of whom the list has no member there is nothing to decide. */
			int may = member ? may_report(w, l, member, e) : 0;
			log_info("%s: %s: hook %s asks for a case%s", w->id, l->name, k->hook,
				 may == 1 ? "" : ", which is not opened");
			d.by = arena_printf(w->arena, "hook %s", k->hook);
			if (may < 0 ||
			    (may == 1 && put(&d, slice_str(member->address), key, k->text,
					     "conduct-hook", w->env.message, e) < 0))
				return -1;
		}
	w->notices = d.notices;
	return 0;
}
