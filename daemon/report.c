/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: what comes to a return path. Only a delivery report (RFC 3464) that says "failed" counts;
 * an answering machine, a delay or a person's answer is logged and never held against a member.
 * Nothing is ever answered here.
 */
#include <string.h>

#include "base/log.h"
#include "daemon/bounce.h"
#include "daemon/work.h"
#include "mail/dsn.h"

/* The words of a report as an SMTP reply would have them: status first. */
static struct slice
report_words(struct work *w, const struct dsn_recipient *r)
{
	return slice_str(
	    arena_printf(w->arena, "%.*s %.*s", SLICE_ARG(r->status), SLICE_ARG(r->diagnostic)));
}

static int
report_failed(struct work *w, const struct dsn_recipient *r, struct err *e)
{
	struct member m;
	struct bounce b = {.seq = (int64_t)(w->payload & 0xffff)};
	int64_t row = (int64_t)(w->payload >> 16);
	int found = row ? member_by_id(w->site->db, w->arena, row, &m, e) : 0;
	if (found < 0)
		return -1;
	bounce_classify(&b, report_words(w, r));
	b.list = found ? m.list : w->route.list ? w->route.list->name : "";
	b.subscription = found ? m.id : 0;
	log_info("%s: bounce of %s for %s: %s", w->id,
		 found ? log_str(slice_str(m.address)) : "nobody's", b.list, log_str(b.text));
	return bounce_record(w->site->db, &b, w->now, e);
}

int
report_handle(struct work *w, struct err *e)
{
	struct dsn_recipient *rs;
	size_t n = dsn_parse(&w->message, w->arena, false, &rs);
	bool failed = false;
	for (size_t i = 0; i < n; i++) {
		if (rs[i].action != DSN_FAILED)
			continue;
		/* The return path is one recipient's own: one failure is all it can tell. */
		if (!failed && report_failed(w, &rs[i], e) < 0)
			return -1;
		failed = true;
	}
	if (!failed)
		log_info("%s: mail to the return path %s from %s, no failure: noted only", w->id,
			 log_str(w->rcpt), log_str(work_answer_to(w)));
	return 0;
}
