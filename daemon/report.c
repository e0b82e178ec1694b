/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report: what comes to a return path (mail/report.h). Only a failure can count, and only what is
 * the member's own fault does (bounce.h); an answering machine, a delay or a person's answer is
 * logged. Nothing is ever answered here. The token in the address says whom it is about, whatever
 * the report says; a report to a shared copy's token is believed of the members whom it names; one
 * without any token of nobody. Complaints go their own way (complaint.h).
 */
#include "mail/report.h"

#include <string.h>

#include "base/log.h"
#include "daemon/bounce.h"
#include "daemon/fate.h"
#include "daemon/complaint.h"
#include "daemon/work.h"

#define SHARED_MAX 100 /* members of one shared copy that one report may be about */

static bool
is_failure(const struct report_recipient *r)
{
	return r->reason != REPORT_DELAYED && r->reason != REPORT_VACATION &&
	       r->reason != REPORT_DELIVERED;
}

/* m NULL: it is nobody's. */
static int
write_down(struct work *w, const struct report_recipient *r, const struct member *m, struct err *e)
{
	int points = report_points(r);
	struct bounce b = {.list = m               ? m->list
				   : w->route.list ? w->route.list->name
						   : "",
			   .subscription = m ? m->id : 0,
			   .seq = (int64_t)(w->payload & 0xffff),
			   .hard = points > 1,
			   .members_fault = points > 0,
			   .status = r->status,
			   .text = r->diagnostic};
	log_info("%s: bounce of %s for %s (%s): %s", w->id,
		 m ? log_str(slice_str(m->address)) : "nobody's", b.list,
		 report_reason_name(r->reason), log_str(b.text));
	return bounce_record(w->site->db, &b, w->now, e);
}

/* Of several failures the one that names the member, else the one that counts least: her address
 * may stand for several others. */
static const struct report_recipient *
failure_of(const struct report *r, const struct member *m)
{
	const struct report_recipient *best = NULL;
	for (size_t i = 0; i < r->n; i++) {
		const struct report_recipient *v = &r->v[i];
		if (!is_failure(v))
			continue;
		if (m && address_eq(v->recipient, slice_str(m->wire)))
			return v;
		if (!best || report_points(v) < report_points(best))
			best = v;
	}
	return best;
}

static int
report_personal(struct work *w, const struct report *r, int64_t row, bool *failed, struct err *e)
{
	struct member m;
	int found = member_by_id(w->site->db, w->arena, row, &m, e);
	if (found < 0)
		return -1;
	/* A token that was made for another list says nothing here. */
	if (found && w->route.list && strcmp(w->route.list->name, m.list) != 0)
		found = 0;
	const struct report_recipient *v = failure_of(r, found ? &m : NULL);
	*failed = v != NULL;
	if (v && found && (w->payload & 0xffff) == BOUNCE_TIDING_SEQ &&
	    fate_bounced(w->site->db, m.list, slice_str(m.wire), v->diagnostic, w->now, e) < 0)
		return -1;
	return v ? write_down(w, v, found ? &m : NULL, e) : 0;
}

static int
report_shared(struct work *w, const struct report *r, bool *failed, struct err *e)
{
	struct member m;
	for (size_t i = 0; i < r->n && i < SHARED_MAX; i++) {
		const struct report_recipient *v = &r->v[i];
		if (!is_failure(v))
			continue;
		/* Without any token anyone could have written it: it counts for nobody. */
		int found = v->recipient.n == 0 || !w->route.list || w->route.token.n == 0
				? 0
				: member_find(w->site->db, w->arena, w->route.list->name,
					      v->recipient, &m, e);
		if (found < 0 || write_down(w, v, found ? &m : NULL, e) < 0)
			return -1;
		*failed = true;
	}
	return 0;
}

int
report_handle(struct work *w, struct err *e)
{
	struct report r;
	bool failed = false;
	int64_t row = (int64_t)(w->payload >> 16);
	report_parse(&r, w->arena, &w->message, w->sender);
	if (r.n == 1 && r.v[0].reason == REPORT_COMPLAINT)
		return complaint_handle(w, &r, e);
	int ret =
	    row > 0 ? report_personal(w, &r, row, &failed, e) : report_shared(w, &r, &failed, e);
	if (ret == 0 && !failed)
		log_info("%s: mail to the return path %s from %s, no failure (%s): noted only",
			 w->id, log_str(w->rcpt), log_str(work_answer_to(w)),
			 r.n > 0 ? report_reason_name(r.v[0].reason) : "no report");
	return ret;
}
