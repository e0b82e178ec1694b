/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * post: a message to a list. Facts, the table of checks, and then what the verdict asks for; all of
 * it rows of one transaction. A post that a moderator accepted comes again with approved-by and is
 * asked nothing more.
 */
#include <string.h>

#include "base/log.h"
#include "daemon/checks.h"
#include "daemon/flood.h"
#include "daemon/moderator.h"
#include "daemon/quota.h"
#include "daemon/reasons.h"
#include "daemon/reports.h"
#include "daemon/refused.h"
#include "daemon/send.h"
#include "daemon/seen.h"
#include "daemon/strand.h"
#include "daemon/ticket.h"
#include "daemon/work.h"
#include "base/utf8.h"
#include "mail/header.h"
#include "mail/readable.h"

#define EXCERPT_MAX 600  /* characters of a held post that its notice shows */
#define NOTICES_A_DAY 10 /* to one author about posts of hers that wait or were refused */

/* For a member who wants to know ("set ack on"); an accepted post has a notice of its own. */
static int
tell_sent(struct work *w, const struct member *m, struct err *e)
{
	struct text_value values[] = {{"subject", arena_str(w->arena, w->subject)}};
	struct notice n = {.list = w->route.list,
			   .to = slice_str(m->wire),
			   .language = work_language(w, m),
			   .template = "post-sent",
			   .values = values,
			   .nvalues = 1,
			   .answer = true};
	return work_notice(w, &n, e);
}

static int
post_pass(struct work *w, const struct member *m, struct err *e)
{
	const struct conf_list *l = w->route.list;
	int64_t n;
	if (send_post(w, l, m, &n, e) < 0)
		return -1;
	if ((m && member_posted(w->site->db, m->id, e) < 0) ||
	    (l->posts_per_day > 0 && !w->announces &&
	     quota_count(w->site->db, l, w->author.text, w->now, e) < 0))
		return -1;
	char key[KEY_SIZE];
	send_key(w, l, key);
	if (strand_note(w, l, key, e) < 0)
		return -1;
	work_need_link(w, arena_printf(w->arena, "feed/%s", l->name));
	if (m && m->ack && w->approved_by.n == 0 && tell_sent(w, m, e) < 0)
		return -1;
	log_info("%s: post to %s from %s, Message-ID %s: goes to %lld members", w->id, l->name,
		 log_str(work_answer_to(w)), log_str(w->identity.msgid), (long long)n);
	return 0;
}

/* --- what does not pass --------------------------------------------------------------------- */

/* May the author be written to once more today? A forged From must not make us a cannon. */
static int
author_may_be_told(struct work *w, struct err *e)
{
	if (w->automatic || work_answer_to(w).n == 0)
		return 0;
	return flood_allow(w->site->db, "post-notice",
			   address_flood_key(w->arena, work_answer_to(w)), NOTICES_A_DAY, w->now,
			   e);
}

/* The local part to which a plain reply decides about the held post. */
static const char *
token_local(struct work *w, const char *token)
{
	char *address =
	    send_token_address(w->arena, w->site->conf, w->route.list->name, "moderate", token);
	*strrchr(address, '@') = '\0';
	return address;
}

static int
tell_author(struct work *w, const struct member *m, const char *template, const char *reasons,
	    const char *token, const struct held *h, struct err *e)
{
	const char *lang = work_language(w, m);
	struct buf why;
	int ret = author_may_be_told(w, e);
	if (ret != 1)
		return ret;
	buf_init(&why, 16384);
	reasons_explain(lang, reasons, &why);
	struct text_value values[] = {
	    {"subject", arena_str(w->arena, w->subject)},
	    {"reasons", buf_str(&why)},
	    {"expires", h ? text_date(w->arena, lang, h->expires) : ""},
	    {"public", w->route.list->open_record == RECORD_POSTS ? "1" : ""},
	};
	struct notice n = {.list = w->route.list,
			   .to = work_answer_to(w),
			   .language = lang,
			   .template = template,
			   .values = values,
			   .nvalues = sizeof(values) / sizeof(values[0]),
			   .answer = true,
			   .attached = token ? slice_make(NULL, 0) : w->env.message};
	if (token)
		n.from_local = token_local(w, token);
	ret = work_notice(w, &n, e);
	buf_free(&why);
	return ret;
}

/* A suspended author is told why, until when, and who would hear an appeal. */
static int
tell_suspended(struct work *w, const struct facts *f, struct err *e)
{
	const struct conf_list *l = f->list;
	const char *lang = work_language(w, f->member);
	int ret = author_may_be_told(w, e);
	if (ret != 1)
		return ret;
	struct text_value values[] = {
	    {"subject", arena_str(w->arena, w->subject)},
	    {"until", text_date_time(w->arena, lang, f->standing.until)},
	    {"why", f->standing.why},
	    {"step", f->standing.step},
	    {"appeal-address",
	     l->appeals.n ? arena_printf(w->arena, "%s-appeal@%s", l->name, w->site->conf->domain)
			  : ""},
	};
	struct notice n = {.list = l,
			   .to = work_answer_to(w),
			   .language = lang,
			   .template = "post-suspended",
			   .values = values,
			   .nvalues = sizeof(values) / sizeof(values[0]),
			   .answer = true,
			   .attached = w->env.message};
	return work_notice(w, &n, e);
}

static int
post_reject(struct work *w, const struct facts *f, const char *reasons, struct err *e)
{
	log_info("%s: post to %s from %s refused: %s", w->id, w->route.list->name,
		 log_str(work_answer_to(w)), reasons_log(w->arena, reasons));
	if (refused_by_rule(w, w->route.list, "refused", reasons, e) < 0)
		return -1;
	if (slice_starts(slice_str(reasons), SLICE("suspended\t")))
		return tell_suspended(w, f, e);
	return tell_author(w, f->member, "post-rejected", reasons, NULL, NULL, e);
}

static int
post_discard(struct work *w, const char *reasons, struct err *e)
{
	log_warning("%s: post to %s from %s dropped: %s", w->id, w->route.list->name,
		    log_str(work_answer_to(w)), reasons_log(w->arena, reasons));
	return refused_by_rule(w, w->route.list, "dropped", reasons, e);
}

/* --- holding -------------------------------------------------------------------------------- */

/* Names and types of attachments, one a line; their bytes are the moderator's only if she asks. */
static void
list_attachments(struct work *w, struct buf *out)
{
	struct readable_part *parts;
	size_t n = readable_parts(&w->message, w->arena, &parts);
	for (size_t i = 0; i < n && i < 20; i++) {
		if (parts[i].kind != READABLE_ATTACHMENT)
			continue;
		const struct part *p = &w->message.parts[parts[i].part];
		struct slice name = part_filename(w->arena, p);
		buf_printf(out, "- %.*s (%.*s/%.*s, %zu)\n", SLICE_ARG(name), SLICE_ARG(p->type),
			   SLICE_ARG(p->subtype), p->body.n);
	}
}

static int
tell_moderator(struct work *w, const struct held *h, const char *moderator, struct err *e)
{
	const struct conf_list *l = w->route.list;
	char token[TOKEN_SIZE];
	struct buf why, attachments;
	struct ticket t = {.kind = "moderate",
			   .list = l->name,
			   .address = moderator,
			   .detail = arena_printf(w->arena, "%lld", (long long)h->number),
			   .language = l->language,
			   .expires = h->expires};
	if (ticket_add(w->site->db, w->site->keys, &t, w->now, token, e) < 0)
		return -1;
	buf_init(&why, 16384);
	buf_init(&attachments, 8192);
	reasons_explain(l->language, h->reasons, &why);
	list_attachments(w, &attachments);
	struct text_value values[] = {
	    {"number", t.detail},
	    {"from", h->from},
	    {"subject", h->subject},
	    {"reasons", buf_str(&why)},
	    {"excerpt", h->excerpt},
	    {"attachments", buf_str(&attachments)},
	    {"received", text_date_time(w->arena, l->language, h->received)},
	    {"expires", text_date(w->arena, l->language, h->expires)},
	};
	struct notice n = {.list = l,
			   .to = slice_str(moderator),
			   .language = l->language,
			   .template = "held-moderator",
			   .values = values,
			   .nvalues = sizeof(values) / sizeof(values[0])};
	n.from_local = token_local(w, token);
	int ret = work_notice(w, &n, e);
	buf_free(&why);
	buf_free(&attachments);
	return ret;
}

static int
tell_author_of_hold(struct work *w, const struct member *m, const struct held *h, bool by_itself,
		    struct err *e)
{
	char token[TOKEN_SIZE];
	struct ticket t = {.kind = "cancel",
			   .list = w->route.list->name,
			   .address = arena_str(w->arena, work_answer_to(w)),
			   .detail = arena_printf(w->arena, "%lld", (long long)h->number),
			   .language = work_language(w, m),
			   .expires = h->expires};
	if (w->automatic || work_answer_to(w).n == 0)
		return 0;
	if (ticket_add(w->site->db, w->site->keys, &t, w->now, token, e) < 0)
		return -1;
	return tell_author(w, m, by_itself ? "held-until" : "held-author", h->reasons, token, h, e);
}

static int
post_hold(struct work *w, const struct member *m, const char *reasons, struct err *e)
{
	const struct conf_list *l = w->route.list;
	struct slice text = readable_text(&w->message, w->arena);
	int64_t until;
	/* It goes out without anybody's word, so nobody is asked for one. */
	bool by_itself = reasons_pass_by_themselves(reasons, &until);
	struct slice from = message_value(&w->message, "From");
	struct held h = {
	    .spool = w->id,
	    .list = l->name,
	    /* nobody's who could be told of it, if a machine wrote it (RFC 3834 2) */
	    .sender = w->automatic ? "" : arena_str(w->arena, work_answer_to(w)),
	    .from = arena_str(w->arena, utf8_head(header_text(w->arena, from), 300)),
	    .subject = arena_str(w->arena, utf8_head(w->subject, 300)),
	    .msgid = arena_str(w->arena, w->identity.msgid),
	    .reasons = reasons,
	    .excerpt = arena_str(w->arena, utf8_head(slice_trim(text), EXCERPT_MAX)),
	    .received = envelope_int(&w->env, "received", w->now * 1000) / 1000,
	    .expires = (by_itself && until > w->now ? until : w->now) + l->held_expire,
	};
	if (held_add(w->site->db, &h, w->now, e) < 0)
		return -1;
	work_need_link(w, "held");
	log_info("%s: post to %s from %s held as %lld: %s", w->id, l->name,
		 log_str(work_answer_to(w)), (long long)h.number, reasons_log(w->arena, reasons));
	for (size_t i = 0; i < l->moderators.n && !by_itself; i++) {
		int notices = moderator_notices(w->site->db, l, slice_str(l->moderators.v[i]), e);
		if (notices < 0 ||
		    (notices == NOTICES_EACH && tell_moderator(w, &h, l->moderators.v[i], e) < 0))
			return -1;
	}
	if (reports_by_hooks(w, m, e) < 0)
		return -1;
	return tell_author_of_hold(w, m, &h, by_itself, e);
}

int
post_handle(struct work *w, struct err *e)
{
	struct facts f;
	struct buf reasons;
	enum verdict v = VERDICT_PASS;
	int again = 0, ret = -1;
	buf_init(&reasons, 16384);
	if (checks_gather(&f, w, w->route.list, e) < 0)
		goto out;
	if (w->approved_by.n == 0) {
		checks_run(&f, &v, &reasons);
		/* What was refused may come again, once its author has joined or the limit was
		 * raised. */
		if (v != VERDICT_REJECT)
			again = seen_duplicate(w->site->db, w->route.list->name, w->identity.msgid,
					       w->identity.body_sha256, w->now, e);
		if (again < 0)
			goto out;
	}
	if (again) {
		buf_clear(&reasons);
		reasons_put(&reasons, REASON_DUPLICATE, slice_str(log_str(w->identity.msgid)));
		v = VERDICT_DISCARD;
	}
	switch (v) {
	case VERDICT_PASS:
		ret = post_pass(w, f.member, e);
		break;
	case VERDICT_HOLD:
		ret = post_hold(w, f.member, buf_str(&reasons), e);
		break;
	case VERDICT_REJECT:
		ret = post_reject(w, &f, buf_str(&reasons), e);
		break;
	case VERDICT_DISCARD:
		ret = post_discard(w, buf_str(&reasons), e);
		break;
	}
out:
	buf_free(&reasons);
	return ret;
}
