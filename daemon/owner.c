/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owner: mail to the people behind a list or the site. It is handed on byte for byte, with a null
 * return path, so that nothing that comes back can go round.
 */
#include <stdio.h>

#include "base/log.h"
#include "daemon/queue.h"
#include "daemon/send.h"
#include "daemon/work.h"
#include "mail/edit.h"

/* The field by which a message that comes round a second time is known. */
#define LOOP_FIELD "X-Plenary-Forwarded"

/* Who reads this address. */
static struct strings
owner_people(const struct work *w)
{
	static const char *site_owner[1];
	const struct conf_list *l = w->route.list;
	if (l && w->route.function == ROUTE_APPEAL)
		return l->appeals;
	if (l)
		return l->owners;
	site_owner[0] = w->site->conf->owner;
	return (struct strings){site_owner, 1};
}

/* Each address it is handed on from leaves its mark: an owner may have an owner address for hers.
 */
static bool
came_round(const struct work *w)
{
	const struct part *p = &w->message.parts[0];
	for (size_t i = 0; i < p->nfields; i++)
		if (field_is(&p->fields[i], LOOP_FIELD) &&
		    address_eq(slice_trim(p->fields[i].value), w->rcpt))
			return true;
	return false;
}

int
owner_handle(struct work *w, struct err *e)
{
	static const char *const drop[] = {"Return-Path", "Delivered-To", "X-Original-To", "Bcc",
					   NULL};
	struct strings people = owner_people(w);
	struct slice mark =
	    slice_str(arena_printf(w->arena, LOOP_FIELD ": %.*s", SLICE_ARG(w->rcpt)));
	struct header_edit edit = {.drop = drop, .add = &mark, .nadd = 1};
	struct slice body;
	struct buf head;
	int ret = -1;
	if (came_round(w)) {
		log_warning("%s: to %s: it was handed on from here before and is dropped", w->id,
			    log_str(w->rcpt));
		return 0;
	}
	buf_init(&head, 1024 * 1024);
	edit_header(&edit, w->env.message, &head, &body);
	struct queue_mail q = {.spool = w->id,
			       .list = w->route.list ? w->route.list->name : "",
			       .kind = "notice",
			       .head = buf_slice(&head),
			       .body_at = body.p ? body.p - w->bytes.p : (int64_t)w->bytes.n,
			       .flags = QUEUE_NULL_RETURN | send_flags(w)};
	int64_t out = queue_add(w->site->db, &q, w->now, e);
	if (out < 0)
		goto out;
	for (size_t i = 0; i < people.n; i++)
		if (queue_add_recipient(w->site->db, out, 0, slice_str(people.v[i]), w->now, e) < 0)
			goto out;
	work_need_link(w, "out");
	log_info("%s: to %s from %s: handed on to %zu", w->id, log_str(w->rcpt),
		 log_str(work_answer_to(w)), people.n);
	ret = 0;
out:
	buf_free(&head);
	return ret;
}
