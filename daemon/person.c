/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * person: see person.h. Each section of the document is filled by the module that owns its table;
 * tokens are in none of them.
 */
#include "daemon/person.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/utf8.h"
#include "daemon/bounce.h"
#include "daemon/conduct.h"
#include "daemon/fate.h"
#include "daemon/flood.h"
#include "daemon/member_event.h"
#include "daemon/moderate.h"
#include "daemon/moderator.h"
#include "daemon/queue.h"
#include "daemon/quota.h"
#include "daemon/speaking.h"
#include "daemon/refused.h"
#include "daemon/ticket.h"

/* --- the document --------------------------------------------------------------------------- */

struct dossier {
	struct site *site;
	struct arena *a;
	struct err *e;
	json_t *into;  /* the section's array */
	json_t *mails; /* of the event in hand */
};

static json_t *
text(struct dossier *d, struct slice s)
{
	struct slice clean = utf8_cleaned(d->a, s);
	return json_stringn_nocheck(clean.n ? clean.p : "", clean.n);
}

static json_t *
str(struct dossier *d, const char *s)
{
	return text(d, slice_str(s));
}

static json_t *
when(struct dossier *d, int64_t t)
{
	return t > 0 ? json_string(clock_rfc3339(d->a, t)) : json_null();
}

/* "reason TAB detail" lines, attachments, and the like: one item a line. */
static json_t *
lines(struct dossier *d, const char *s)
{
	json_t *v = json_array();
	struct slice rest = slice_str(s), line;
	while (slice_next_line(&rest, &line))
		json_array_append_new(v, text(d, line));
	return v;
}

static int
put_membership(struct dossier *d, const struct member *m, int64_t now, struct err *e)
{
	const struct conf_list *l = conf_list_find(d->site->conf, slice_str(m->list));
	int64_t today = l ? quota_used(d->site->db, l, slice_str(m->address), now, e) : 0;
	json_array_append_new(
	    d->into,
	    json_pack("{so so so so so so sb sb sb so so so sI sI sf so so}", "list",
		      str(d, m->list), "address", str(d, m->address), "written", str(d, m->wire),
		      "name", str(d, m->name), "delivery", str(d, m->delivery), "vacation",
		      when(d, m->vacation), "digest_plain", (int)m->digest_plain, "ack",
		      (int)m->ack, "copy", (int)m->copy, "language", str(d, m->language), "group",
		      str(d, m->group), "since", when(d, m->since), "posts", (json_int_t)m->posts,
		      "posts_today", (json_int_t)today, "bounce_score", m->bounce_score / 2.0,
		      "last_bounce", when(d, m->bounce_last), "stopped_since", when(d, m->paused)));
	return today < 0 ? -1 : 0;
}

static int
put_event(void *arg, const struct member_event *ev)
{
	struct dossier *d = arg;
	json_array_append_new(d->into, json_pack("{so so so so so}", "time", when(d, ev->t), "list",
						 str(d, ev->list), "what", str(d, ev->what), "by",
						 str(d, ev->by), "detail", str(d, ev->detail)));
	return 0;
}

static int
put_ticket(void *arg, const struct ticket *t)
{
	struct dossier *d = arg;
	json_array_append_new(d->into, json_pack("{so so so so so so so}", "kind", str(d, t->kind),
						 "list", str(d, t->list), "detail",
						 lines(d, t->detail), "asked", when(d, t->created),
						 "expires", when(d, t->expires), "answered",
						 when(d, t->done), "outcome", str(d, t->outcome)));
	return 0;
}

static int
put_held(void *arg, const struct held *h)
{
	struct dossier *d = arg;
	json_array_append_new(
	    d->into, json_pack("{so so so so so so so so so so so}", "list", str(d, h->list),
			       "from", str(d, h->from), "subject", str(d, h->subject), "message_id",
			       str(d, h->msgid), "excerpt", str(d, h->excerpt), "reasons",
			       lines(d, h->reasons), "received", when(d, h->received), "expires",
			       when(d, h->expires), "decided", when(d, h->decided), "decision",
			       str(d, h->decision), "why", str(d, h->why)));
	return 0;
}

static int
put_bounce(void *arg, const struct bounce *b, int64_t t, int counted)
{
	struct dossier *d = arg;
	json_array_append_new(d->into,
			      json_pack("{so so so so sb sb sf}", "time", when(d, t), "list",
					str(d, b->list), "status", text(d, b->status), "words",
					text(d, b->text), "hard", (int)b->hard, "complaint",
					(int)b->complaint, "counted", counted / 2.0));
	return 0;
}

static int
put_waiting(void *arg, const struct queue_waiting *w)
{
	struct dossier *d = arg;
	json_array_append_new(d->into,
			      json_pack("{so so so so sI so}", "list", str(d, w->list), "kind",
					str(d, w->kind), "since", when(d, w->created), "next_try",
					when(d, w->next), "tries", (json_int_t)w->attempts, "error",
					str(d, w->error)));
	return 0;
}

static int
put_counter(void *arg, const char *kind, int64_t day, int64_t n)
{
	struct dossier *d = arg;
	json_array_append_new(d->into, json_pack("{so so sI}", "kind", str(d, kind), "day",
						 json_string(clock_day(d->a, day * 86400)), "count",
						 (json_int_t)n));
	return 0;
}

static int
put_speaking(void *arg, const char *list, int64_t since, int64_t until)
{
	struct dossier *d = arg;
	json_array_append_new(d->into, json_pack("{so so so}", "list", str(d, list), "since",
						 when(d, since), "until", when(d, until)));
	return 0;
}

/* What became of the mail that told her of an event (fate.h). */
static int
put_fate(void *arg, const struct fate *f)
{
	struct dossier *d = arg;
	json_array_append_new(d->mails, json_pack("{so so so so}", "sent", when(d, f->sent),
						  "state", str(d, f->state), "time", when(d, f->t),
						  "error", str(d, f->error)));
	return 0;
}

/* Who reported somebody is nobody else's data. */
static int
put_conduct(void *arg, const struct conduct_event *ev)
{
	struct dossier *d = arg;
	d->mails = json_array();
	json_array_append_new(
	    d->into, json_pack("{so so so so so so so so so so}", "time", when(d, ev->t), "list",
			       str(d, ev->list), "what", str(d, ev->what), "step", str(d, ev->step),
			       "by", str(d, conduct_hides_by(ev) ? "" : ev->by), "why",
			       str(d, ev->why), "about", str(d, ev->about), "rule",
			       str(d, ev->rule), "until", when(d, ev->until), "mails", d->mails));
	return fate_each(d->site->db, ev->id, put_fate, d, d->e);
}

static int
put_case(void *arg, const struct conduct_case *c)
{
	struct dossier *d = arg;
	return conduct_each(d->site->db, c->list, c->id, put_conduct, d, d->e);
}

static int
put_refused(void *arg, const struct refused_post *p)
{
	struct dossier *d = arg;
	json_array_append_new(d->into, json_pack("{so so so so}", "list", str(d, p->list), "time",
						 when(d, p->t), "subject", str(d, p->subject),
						 "text", str(d, p->text)));
	return 0;
}

static int
put_notices(void *arg, const char *list, const char *notices)
{
	struct dossier *d = arg;
	json_array_append_new(
	    d->into, json_pack("{so so}", "list", str(d, list), "notices", str(d, notices)));
	return 0;
}

static json_t *
section(struct dossier *d, json_t *doc, const char *name)
{
	d->into = json_array();
	json_object_set_new(doc, name, d->into);
	return d->into;
}

static int
put_memberships(struct dossier *d, json_t *doc, struct slice address, int64_t now, struct err *e)
{
	struct member *ms;
	size_t n;
	if (member_of(d->site->db, d->a, address, &ms, &n, e) < 0)
		return -1;
	section(d, doc, "memberships");
	for (size_t i = 0; i < n; i++)
		if (put_membership(d, &ms[i], now, e) < 0)
			return -1;
	section(d, doc, "bounces");
	for (size_t i = 0; i < n; i++)
		if (bounce_each_of(d->site->db, ms[i].id, put_bounce, d, e) < 0)
			return -1;
	return 0;
}

static int
put_all(struct dossier *d, json_t *doc, struct slice address, int64_t now, struct err *e)
{
	struct db *db = d->site->db;
	if (put_memberships(d, doc, address, now, e) < 0)
		return -1;
	section(d, doc, "events");
	if (member_event_each(db, address, put_event, d, e) < 0)
		return -1;
	section(d, doc, "requests");
	if (ticket_each_of(db, address, put_ticket, d, e) < 0)
		return -1;
	section(d, doc, "held_posts");
	if (held_each_of(db, address, put_held, d, e) < 0)
		return -1;
	section(d, doc, "waiting_mail");
	if (queue_each_to(db, address, put_waiting, d, e) < 0)
		return -1;
	section(d, doc, "conduct");
	if (conduct_each_case(db, NULL, address, put_case, d, e) < 0)
		return -1;
	section(d, doc, "refused_posts");
	if (refused_each_of(db, address, put_refused, d, e) < 0)
		return -1;
	section(d, doc, "moderator_notices");
	if (moderator_each_of(db, address, put_notices, d, e) < 0)
		return -1;
	section(d, doc, "speaking");
	if (speaking_each_of(db, address, put_speaking, d, e) < 0)
		return -1;
	section(d, doc, "counters");
	return flood_each_of(db, address_flood_key(d->a, address), put_counter, d, e);
}

int
person_data(struct site *site, struct arena *a, struct slice address, int64_t now,
	    struct slice *json, struct err *e)
{
	struct dossier d = {.site = site, .a = a, .e = e};
	json_t *doc = json_pack("{ss so so ss}", "site", site->conf->domain, "address",
				str(&d, address_canonical(a, address)), "as_of", when(&d, now),
				"public_archive", site->conf->site_url);
	char *out = NULL;
	int ret = -1;
	if (put_all(&d, doc, address, now, e) < 0)
		goto out;
	out = json_dumps(doc, JSON_INDENT(2));
	if (!out)
		fatal("no memory for a document");
	*json = slice_str(arena_printf(a, "%s\n", out));
	ret = 0;
out:
	free(out);
	json_decref(doc);
	return ret;
}

/* --- erasure -------------------------------------------------------------------------------- */

/* A name for who was erased: the same each time, and nobody without the site's key can find the
 * address by trying all that there are. */
static const char *
erased_name(struct site *site, struct arena *a, const char *canonical)
{
	uint8_t sum[SHA256_SIZE];
	uint64_t payload = 0;
	char token[TOKEN_SIZE];
	hash_sha256(slice_str(canonical), sum);
	for (size_t i = 0; i < 5; i++)
		payload = payload << 8 | sum[i];
	token_make(site->keys, "erased", "", payload, token);
	return arena_printf(a, "erased-%s", token);
}

struct open_posts {
	struct arena *a;
	int64_t v[1000]; /* one address has few; more of them expire by themselves */
	size_t n;
};

static int
note_open(void *arg, const struct held *h)
{
	struct open_posts *o = arg;
	if (h->decided == 0 && o->n < sizeof(o->v) / sizeof(o->v[0]))
		o->v[o->n++] = h->number;
	return 0;
}

static int
take_back_posts(struct site *site, struct arena *a, struct slice address, const char *name,
		int64_t now, struct err *e)
{
	struct open_posts o = {.a = a};
	struct held h;
	if (held_each_of(site->db, address, note_open, &o, e) < 0)
		return -1;
	for (size_t i = 0; i < o.n; i++)
		if (moderate_decide(site, a, o.v[i], "cancel", name, "", "erased", now, &h, e) < 0)
			return -1;
	return 0;
}

static int
end_memberships(struct site *site, struct arena *a, struct slice address, const char *by,
		int64_t now, struct person_erased *n, struct err *e)
{
	struct member *ms;
	size_t count;
	if (member_of(site->db, a, address, &ms, &count, e) < 0)
		return -1;
	/* Once without a subscription: what came back after she had left. */
	n->bounces = bounce_forget(site->db, 0, address, e);
	for (size_t i = 0; n->bounces >= 0 && i < count; i++) {
		int64_t gone = bounce_forget(site->db, ms[i].id, address, e);
		if (gone < 0 || member_remove(site->db, ms[i].id, by, "erased", now, e) < 0)
			return -1;
		n->bounces += gone;
	}
	n->memberships = (int64_t)count;
	return n->bounces < 0 ? -1 : 0;
}

int
person_erase(struct site *site, struct arena *a, struct slice address, const char *by, int64_t now,
	     struct person_erased *n, struct err *e)
{
	struct db *db = site->db;
	const char *name = erased_name(site, a, address_canonical(a, address));
	memset(n, 0, sizeof(*n));
	if (take_back_posts(site, a, address, name, now, e) < 0 ||
	    end_memberships(site, a, address, by, now, n, e) < 0 ||
	    (n->held = held_forget(db, address, name, e)) < 0 ||
	    (n->deliveries = queue_forget(db, address, e)) < 0 ||
	    ticket_forget(db, address, name, e) < 0 ||
	    (n->events = member_event_forget(db, address, name, e)) < 0 ||
	    quota_forget(db, address, e) < 0 || fate_forget(db, address, name, e) < 0 ||
	    speaking_forget(db, address, e) < 0 || moderator_forget(db, address, e) < 0 ||
	    refused_forget(db, address, e) < 0 ||
	    flood_forget(db, address_flood_key(a, address), e) < 0)
		return -1;
	log_info("%s: erased: %" PRId64 " memberships, %" PRId64 " held posts, %" PRId64
		 " waiting mails, %" PRId64 " bounces, %" PRId64 " events",
		 name, n->memberships, n->held, n->deliveries, n->bounces, n->events);
	return 0;
}
