/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bounce: see bounce.h. What is not plainly the member's fault counts nothing: a wrong pause costs
 * a member her list. And where a post came back from everywhere, it is not believed of anybody.
 */
#include "daemon/bounce.h"

#include "daemon/member.h"
#include "mail/report_reason.h"

#define POINTS_A_DAY 10           /* half points: at most 5 a day */
#define BROKEN_LEAST 10           /* members whose mail came back before a post is doubted */
#define BROKEN_SHARE 3            /* … and more than one in so many of its recipients */
#define POST_KEPT (30 * 86400)    /* reports come for a week or two */
#define BOUNCE_KEPT (400 * 86400) /* as long as tickets */

void
bounce_classify(struct bounce *b, struct slice reply, bool at_rcpt)
{
	struct slice context = at_rcpt ? SLICE("RCPT command") : slice_make(NULL, 0);
	b->status = report_status_find(reply);
	b->text = reply;
	struct report_verdict v = report_reason_find(b->status, reply, context);
	b->hard = v.hard;
	b->members_fault = report_reason_points(v) > 0;
}

/* --- posts ---------------------------------------------------------------------------------- */

/* What is known of the post that bounced. */
struct post {
	int64_t seq, recipients, sent, bounced;
};

/* 1, 0 if it is none that we know, -1. A bounce knows its number modulo 65536 only: the newest. */
static int
post_find(struct db *db, const struct bounce *b, struct post *p, struct err *e)
{
	struct db_query q;
	if (b->seq == BOUNCE_PROBE_SEQ)
		return 0;
	if (db_ask(db, &q, e,
		   "SELECT seq, recipients, t, bounced FROM post"
		   " WHERE list = ? AND (seq & 65535) = ? ORDER BY seq DESC LIMIT 1",
		   "ti", b->list, b->seq & 0xffff) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		*p = (struct post){db_int(&q, 0), db_int(&q, 1), db_int(&q, 2), db_int(&q, 3)};
	db_end(&q);
	return r;
}

static bool
is_broken(const struct post *p)
{
	return p->bounced >= BROKEN_LEAST && p->bounced * BROKEN_SHARE > p->recipients;
}

/* One more member whose copy came back: is it the post? 1, 0, -1. */
static int
post_bounced(struct db *db, const struct bounce *b, struct err *e)
{
	struct post p;
	int64_t before = 0;
	int found = post_find(db, b, &p, e);
	if (found <= 0 || b->subscription == 0)
		return found < 0 ? -1 : 0;
	if (db_one_int(db, e, &before,
		       "SELECT EXISTS (SELECT 1 FROM bounce WHERE subscription = ? AND t >= ?"
		       " AND list = ? AND seq = ?)",
		       "iiti", b->subscription, p.sent, b->list, b->seq & 0xffff) < 0)
		return -1;
	p.bounced += !before;
	if (!before && db_do(db, e, "UPDATE post SET bounced = ? WHERE list = ? AND seq = ?", "iti",
			     p.bounced, b->list, p.seq) < 0)
		return -1;
	return is_broken(&p);
}

/* Takes back what the post has counted so far. */
static int
post_forgive(struct db *db, const struct bounce *b, int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	struct post p;
	struct db_query q;
	struct {
		int64_t subscription, points;
	} *v = NULL;
	size_t n = 0;
	int r = -1, found = post_find(db, b, &p, e);
	if (found <= 0 || db_ask(db, &q, e,
				 "SELECT subscription, sum(counted) FROM bounce WHERE list = ?"
				 " AND seq = ? AND t >= ? AND counted > 0 GROUP BY subscription",
				 "tii", b->list, b->seq & 0xffff, p.sent) < 0)
		goto out;
	v = arena_array(a, (size_t)p.bounced + 1, sizeof(*v));
	while (n <= (size_t)p.bounced && (r = db_next(&q, e)) == 1) {
		v[n].subscription = db_int(&q, 0);
		v[n++].points = db_int(&q, 1);
	}
	db_end(&q);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = member_bounced(db, v[i].subscription, -(int)v[i].points, now, e);
	if (r >= 0 && db_do(db, e,
			    "UPDATE bounce SET counted = 0"
			    " WHERE list = ? AND seq = ? AND t >= ? AND counted > 0",
			    "tii", b->list, b->seq & 0xffff, p.sent) < 0)
		r = -1;
out:
	arena_free(a);
	return found == 0 || r >= 0 ? 0 : -1;
}

int
bounce_post_sent(struct db *db, const char *list, int64_t seq, int64_t recipients, int64_t now,
		 struct err *e)
{
	return db_do(db, e,
		     "INSERT INTO post (list, seq, recipients, t) VALUES (?, ?, ?, ?)"
		     " ON CONFLICT (list, seq) DO UPDATE SET"
		     " recipients = recipients + excluded.recipients",
		     "tiii", list, seq, recipients, now) < 0
		   ? -1
		   : 0;
}

/* --- bounces -------------------------------------------------------------------------------- */

/* What it may count; a probe's only says that it came back. */
static int
points_of(struct db *db, const struct bounce *b, int *points, int64_t now, struct err *e)
{
	int64_t today = 0;
	*points = b->members_fault && b->subscription > 0 ? (b->hard ? 2 : 1) : 0;
	if (*points == 0 || b->seq == BOUNCE_PROBE_SEQ)
		return 0;
	if (db_one_int(db, e, &today,
		       "SELECT sum(counted) FROM bounce WHERE subscription = ? AND t > ?", "ii",
		       b->subscription, now - 86400) < 0)
		return -1;
	if (today + *points > POINTS_A_DAY)
		*points = 0;
	return 0;
}

int
bounce_record(struct db *db, const struct bounce *b, int64_t now, struct err *e)
{
	int points, broken = 0;
	if (points_of(db, b, &points, now, e) < 0)
		return -1;
	if (b->subscription > 0 && (broken = post_bounced(db, b, e)) < 0)
		return -1;
	if (broken && post_forgive(db, b, now, e) < 0)
		return -1;
	if (broken)
		points = 0;
	if (db_do(db, e,
		  "INSERT INTO bounce (t, list, subscription, seq, hard, status, text, counted)"
		  " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		  "itiiissi", now, b->list, b->subscription, b->seq & 0xffff, (int64_t)b->hard,
		  b->status, b->text, (int64_t)points) < 0)
		return -1;
	return points > 0 ? member_bounced(db, b->subscription, points, now, e) : 0;
}

int
bounce_complaint(struct db *db, const struct bounce *b, int64_t now, struct err *e)
{
	int64_t n = db_do(db, e,
			  "INSERT INTO bounce (t, list, subscription, seq, hard, status, text,"
			  " complaint) SELECT ?1, ?2, ?3, ?4, 0, ?5, ?6, 1 WHERE NOT EXISTS"
			  " (SELECT 1 FROM bounce WHERE subscription = ?3 AND t > ?7"
			  " AND seq = ?4 AND complaint = 1)",
			  "itiissi", now, b->list, b->subscription, b->seq, b->status, b->text,
			  now - POST_KEPT);
	return n < 0 ? -1 : n > 0;
}

int
bounce_complaints(struct db *db, int64_t subscription, int64_t *n, int64_t *last, struct err *e)
{
	*n = *last = 0;
	if (db_one_int(db, e, n,
		       "SELECT count(*) FROM bounce WHERE subscription = ? AND complaint = 1", "i",
		       subscription) < 0)
		return -1;
	return db_one_int(db, e, last,
			  "SELECT max(t) FROM bounce WHERE subscription = ? AND complaint = 1", "i",
			  subscription) < 0
		   ? -1
		   : 0;
}

int64_t
bounce_post_time(struct db *db, const struct bounce *b, struct err *e)
{
	struct post p;
	int found = post_find(db, b, &p, e);
	return found < 0 ? -1 : found ? p.sent : 0;
}

int
bounce_probe_failed(struct db *db, int64_t subscription, int64_t sent, struct err *e)
{
	int64_t n = 0;
	return db_one_int(db, e, &n,
			  "SELECT EXISTS (SELECT 1 FROM bounce"
			  " WHERE subscription = ? AND t >= ? AND seq = ? AND counted > 0)",
			  "iii", subscription, sent, (int64_t)BOUNCE_PROBE_SEQ) < 0
		   ? -1
		   : n != 0;
}

struct slice
bounce_last_words(struct db *db, struct arena *a, int64_t subscription)
{
	struct slice s = slice_make(NULL, 0);
	struct db_query q;
	if (db_ask(db, &q, NULL,
		   "SELECT text FROM bounce WHERE subscription = ? AND counted > 0"
		   " ORDER BY t DESC, id DESC LIMIT 1",
		   "i", subscription) < 0)
		return s;
	if (db_next(&q, NULL) == 1)
		s = arena_dup(a, db_text(&q, 0));
	db_end(&q);
	return s;
}

int
bounce_reasons(struct db *db, struct arena *a, int64_t subscription, const char **lines,
	       struct err *e)
{
	struct db_query q;
	int r;
	*lines = "";
	/* text is that of the newest row of each group. */
	if (db_ask(db, &q, e,
		   "SELECT count(*), max(t), status, text FROM bounce WHERE subscription = ?"
		   " AND counted > 0 GROUP BY status ORDER BY max(t) DESC LIMIT 3",
		   "i", subscription) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1) {
		struct slice status = db_text(&q, 2), text = db_text(&q, 3);
		*lines = arena_printf(a, "%s%lld × %.*s%s%.*s\n", *lines, (long long)db_int(&q, 0),
				      SLICE_ARG(status), status.n ? " " : "", SLICE_ARG(text));
	}
	db_end(&q);
	return r;
}

int
bounce_each_of(struct db *db, int64_t subscription,
	       int (*each)(void *arg, const struct bounce *b, int64_t t, int counted), void *arg,
	       struct err *e)
{
	struct db_query q;
	struct arena *a = arena_new();
	int r = db_ask(db, &q, e,
		       "SELECT t, list, seq, hard, status, text, counted, complaint FROM bounce"
		       " WHERE subscription = ? ORDER BY id",
		       "i", subscription);
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			struct bounce b = {.list = arena_str(a, db_text(&q, 1)),
					   .subscription = subscription,
					   .seq = db_int(&q, 2),
					   .hard = db_int(&q, 3) != 0,
					   .status = db_text(&q, 4),
					   .text = db_text(&q, 5),
					   .complaint = db_int(&q, 7) != 0};
			if (each(arg, &b, db_int(&q, 0), (int)db_int(&q, 6)) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int64_t
bounce_forget(struct db *db, int64_t subscription, struct slice address, struct err *e)
{
	struct arena *a = arena_new();
	int64_t n = db_do(db, e,
			  "DELETE FROM bounce WHERE (subscription = ?1 AND ?1 > 0)"
			  " OR instr(lower(text), ?2) > 0",
			  "it", subscription, arena_lower(a, address));
	arena_free(a);
	return n;
}

int
bounce_trim(struct db *db, int64_t now, struct err *e)
{
	if (db_do(db, e, "DELETE FROM post WHERE t < ?", "i", now - POST_KEPT) < 0 ||
	    db_do(db, e, "DELETE FROM bounce WHERE t < ?", "i", now - BOUNCE_KEPT) < 0)
		return -1;
	return 0;
}
