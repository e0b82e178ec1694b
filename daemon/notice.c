/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notice: see notice.h. The one place where a mail to a person is put together, so that all of them
 * look alike, come from the address that their answer should go to, and end in null return paths.
 */
#include "daemon/notice.h"

#include <string.h>

#include "base/buf.h"
#include "daemon/bounce.h"
#include "daemon/fate.h"
#include "daemon/member.h"
#include "daemon/queue.h"
#include "mail/address.h"
#include "mail/compose.h"

#define NOTICE_MAX (16 * 1024 * 1024)
#define NOTICE_ATTACH_MAX (256 * 1024) /* of a message that goes with a notice */

/* The values every template has, behind the caller's own: a caller's name wins. */
static size_t
notice_values(struct arena *a, const struct conf *conf, const struct notice *n, int64_t now,
	      struct text_value *v)
{
	const struct conf_list *l = n->list;
	const char *name = l ? l->name : "plenary", *domain = conf->domain;
	const struct text_value standard[] = {
	    {"list", name},
	    {"list-title", l ? l->title : domain},
	    {"list-address", arena_printf(a, "%s@%s", name, domain)},
	    {"owner-address", l ? arena_printf(a, "%s-owner@%s", name, domain) : conf->owner},
	    {"request-address", l ? arena_printf(a, "%s-request@%s", name, domain)
				  : arena_printf(a, "plenary@%s", domain)},
	    {"join-address", arena_printf(a, "%s-subscribe@%s", name, domain)},
	    {"leave-address", arena_printf(a, "%s-unsubscribe@%s", name, domain)},
	    {"domain", domain},
	    {"site-url", conf->site_url},
	    {"archive-url",
	     arena_printf(a, "%s/%s%s", conf->site_url, l ? name : "", l ? "/" : "")},
	    {"date", text_date(a, n->language, now)},
	};
	memcpy(v, n->values, n->nvalues * sizeof(*v));
	memcpy(v + n->nvalues, standard, sizeof(standard));
	return n->nvalues + sizeof(standard) / sizeof(standard[0]);
}

static const char *
notice_from(struct arena *a, const struct conf *conf, const struct notice *n)
{
	if (n->from_local)
		return arena_printf(a, "%s@%s", n->from_local, conf->domain);
	if (n->list)
		return arena_printf(a, "%s-owner@%s", n->list->name, conf->domain);
	return arena_printf(a, "plenary@%s", conf->domain);
}

int
notice_compose(const struct conf *conf, const struct notice *n, int64_t now, struct buf *mail,
	       struct err *e)
{
	struct arena *a = arena_new();
	struct buf subject, body;
	struct text_value *values = arena_array(a, n->nvalues + 16, sizeof(*values));
	size_t nvalues = notice_values(a, conf, n, now, values);
	buf_init(&subject, 4096);
	buf_init(&body, NOTICE_MAX);
	int ret = text_template(n->language, n->template, values, nvalues, &subject, &body, e);
	struct compose c = {
	    .from_name = slice_str(n->list ? n->list->title : conf->domain),
	    .from = slice_str(notice_from(a, conf, n)),
	    .to = n->to,
	    .subject = buf_slice(&subject),
	    .body = buf_slice(&body),
	    .language = n->language,
	    .msgid = slice_str(arena_printf(a, "plenary-%s@%s", n->id, conf->domain)),
	    .in_reply_to = n->in_reply_to,
	    .date = now,
	    .auto_replied = n->answer,
	    .attached = n->attached,
	    .head_only = n->attached_head_only,
	    .attach_max = NOTICE_ATTACH_MAX,
	    .file = n->file,
	    .file_name = n->file_name,
	    .file_type = n->file_type,
	};
	if (ret == 0)
		compose_message(mail, &c);
	buf_free(&subject);
	buf_free(&body);
	arena_free(a);
	return ret;
}

/* A member's own return path, so that a bounce is known; 0 where she is none any more. */
static int
notice_row(struct db *db, const struct notice *n, int64_t *row, struct err *e)
{
	struct arena *a = arena_new();
	struct member m;
	int r = member_find(db, a, n->list->name, n->to, &m, e);
	*row = r == 1 ? m.id : 0;
	arena_free(a);
	return r < 0 ? -1 : 0;
}

static int
notice_trace(struct db *db, const struct notice *n, int64_t out, int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	struct fate f = {.event = n->event,
			 .recipient = arena_str(a, n->to),
			 .template = n->template,
			 .sent = now};
	int ret = fate_begin(db, out, n->list->name, &f, e);
	arena_free(a);
	return ret;
}

int
notice_send(struct db *db, const struct conf *conf, const struct notice *n, int64_t now,
	    struct err *e)
{
	struct buf mail;
	int64_t row = n->probe;
	int ret = -1;
	buf_init(&mail, NOTICE_MAX);
	if (notice_compose(conf, n, now, &mail, e) < 0)
		goto out;
	if (n->event && notice_row(db, n, &row, e) < 0)
		goto out;
	struct queue_mail q = {
	    .spool = "",
	    .list = n->list ? n->list->name : "",
	    .kind = n->probe ? "probe" : "notice",
	    .seq = n->event ? BOUNCE_TIDING_SEQ : BOUNCE_PROBE_SEQ,
	    .head = buf_slice(&mail),
	    .flags = (row ? 0 : QUEUE_NULL_RETURN) | (n->event ? QUEUE_TRACED : 0) |
		     (address_needs_utf8(n->to) ? QUEUE_UTF8 : 0),
	};
	int64_t out = queue_add(db, &q, now, e);
	if (out < 0 || queue_add_recipient(db, out, row, n->to, now, e) < 0)
		goto out;
	ret = n->event ? notice_trace(db, n, out, now, e) : 0;
out:
	buf_free(&mail);
	return ret;
}
