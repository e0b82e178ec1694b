/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce: see announce.h.
 */
#include "daemon/announce.h"

#include <inttypes.h>
#include <string.h>

#include "base/crash.h"
#include "base/log.h"
#include "daemon/tidings.h"

#define AT_ONCE 64                  /* put a call; the next call takes the rest */
#define MAIL_MAX (256 * 1024)       /* of one: a reason and what a template says around it */
#define APPROVED_BY "the announcer" /* no address: nobody's word but the event's let it pass */

struct announcement {
	const char *id, *template;
	int64_t event;
};

int
announce_add(struct site *site, const struct conduct_event *ev, const char *template, struct err *e)
{
	char id[ID_MAX];
	id_new(id);
	return db_do(site->db, e, "INSERT INTO announcement (id, event, template) VALUES (?, ?, ?)",
		     "tit", id, ev->id, template) < 0
		   ? -1
		   : 0;
}

static int
load(struct site *site, struct arena *a, struct announcement *v, size_t *n, struct err *e)
{
	struct db_query q;
	int r;
	*n = 0;
	if (db_ask(site->db, &q, e,
		   "SELECT id, event, template FROM announcement ORDER BY event, id LIMIT ?", "i",
		   (int64_t)AT_ONCE) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		v[(*n)++] = (struct announcement){.id = arena_str(a, db_text(&q, 0)),
						  .event = db_int(&q, 1),
						  .template = arena_str(a, db_text(&q, 2))};
	db_end(&q);
	return r < 0 ? -1 : 0;
}

/* Lines that intake never writes let it through: what it tells of was decided. */
static int
write_envelope(struct buf *b, const struct conf *conf, const struct conf_list *l,
	       const struct conduct_event *ev, struct err *e)
{
	struct arena *a = arena_new();
	const char *rcpt = arena_printf(a, "%s@%s", l->name, conf->domain);
	int ret = -1;
	if (envelope_put(b, "from", slice_make(NULL, 0), e) == 0 &&
	    envelope_put(b, "rcpt", slice_str(rcpt), e) == 0 &&
	    envelope_put(b, "approved-by", SLICE(APPROVED_BY), e) == 0) {
		envelope_put_int(b, "received", ev->t * 1000);
		envelope_put_int(b, "announces", ev->id);
		envelope_end(b);
		ret = 0;
	}
	arena_free(a);
	return ret;
}

/* The bytes are the same however often they are written: they are the event's. */
static int
write_mail(struct buf *b, struct site *site, struct arena *a, const struct conf_list *l,
	   const struct announcement *an, const struct conduct_event *ev, struct err *e)
{
	struct text_value values[TIDINGS_VALUES_MAX];
	struct deed d = {.site = site, .a = a, .list = l, .by = ev->by, .id = an->id, .now = ev->t};
	struct notice n = {.list = l,
			   .to = slice_str(arena_printf(a, "%s@%s", l->name, site->conf->domain)),
			   .language = l->language,
			   .template = an->template,
			   .values = values,
			   .nvalues = tidings_values(&d, l->language, ev, values),
			   .id = arena_printf(a, "conduct-%.32s", ev->hash)};
	return notice_compose(site->conf, &n, ev->t, b, e);
}

static int
put_one(struct site *site, struct arena *a, const struct announcement *an, struct err *e)
{
	struct conduct_event ev;
	struct buf head, mail;
	const struct conf_list *l = NULL;
	int ret = conduct_get(site->db, a, an->event, &ev, e);
	if (ret == 1)
		l = conf_list_find(site->conf, slice_str(ev.list));
	buf_init(&head, 4096);
	buf_init(&mail, MAIL_MAX);
	/* Of a list that is no more there is nobody to tell. */
	if (l && (write_envelope(&head, site->conf, l, &ev, e) < 0 ||
		  write_mail(&mail, site, a, l, an, &ev, e) < 0))
		ret = -1;
	if (ret >= 0 && l) {
		struct slice parts[] = {buf_slice(&head), buf_slice(&mail)};
		ret = spool_put(site->spool, an->id, parts, 2, e);
		crash_point("announce.put");
		log_info("%s: announcement to %s: %s", an->id, l->name, ev.what);
	}
	if (ret >= 0)
		ret = db_do(site->db, e, "DELETE FROM announcement WHERE id = ?", "t", an->id) < 0
			  ? -1
			  : 0;
	buf_free(&head);
	buf_free(&mail);
	return ret;
}

int
announce_put(struct site *site, struct err *e)
{
	struct arena *a = arena_new();
	struct announcement v[AT_ONCE];
	size_t n;
	int ret = load(site, a, v, &n, e);
	/* One that can't be put holds up no other. */
	for (size_t i = 0; i < n; i++)
		if (put_one(site, a, &v[i], e) < 0)
			ret = err_prefix(e, "%s", v[i].id);
	arena_free(a);
	return ret < 0 ? -1 : (int)n;
}

int64_t
announce_except(struct work *w, const struct conf_list *l, struct err *e)
{
	struct conduct_event ev;
	struct member m;
	int r = conduct_get(w->site->db, w->arena, w->announces, &ev, e);
	if (r == 1 && ev.address[0])
		r = member_find(w->site->db, w->arena, l->name, slice_str(ev.address), &m, e);
	else if (r == 1)
		r = 0;
	return r == 1 ? m.id : r;
}
