/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue: see queue.h. Rows are few and small: a post's bytes are never in the database, and a
 * recipient is an address, a subscription and when to try.
 */
#include "daemon/queue.h"

#include <stdio.h>

#include "mail/address.h"

#define RETRY_BASE 60
#define WAYS_MAX 100              /* of writing one address */
#define REACHED_KEPT (14 * 86400) /* as long as a second copy is known (seen.c) */

int64_t
queue_add(struct db *db, const struct queue_mail *m, int64_t now, struct err *e)
{
	if (db_do(db, e,
		  "INSERT INTO out (spool, list, kind, copies, seq, head, body_at, flags, created)"
		  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		  "ttttibiii", m->spool ? m->spool : "", m->list, m->kind,
		  m->copies ? m->copies : "personal", m->seq, m->head, m->body_at,
		  (int64_t)m->flags, now) < 0)
		return -1;
	return db_last_rowid(db);
}

/* How many rows a mail has more, or fewer. */
static int
count_recipients(struct db *db, int64_t out, int64_t n, struct err *e)
{
	return db_do(db, e, "UPDATE out SET recipients = recipients + ? WHERE id = ?", "ii", n,
		     out) < 0
		   ? -1
		   : 0;
}

int
queue_add_recipient(struct db *db, int64_t out, int64_t subscription, struct slice recipient,
		    int64_t now, struct err *e)
{
	if (db_do(db, e,
		  "INSERT INTO delivery (out, subscription, recipient, next) VALUES (?, ?, ?, ?)",
		  "iisi", out, subscription, recipient, now) < 0)
		return -1;
	return count_recipients(db, out, 1, e);
}

int64_t
queue_add_members(struct db *db, int64_t out, const char *list, int64_t except, int64_t now,
		  struct err *e)
{
	/* The last condition looks only at other mails of the same bytes: cross-posts are few. */
	int64_t n =
	    db_do(db, e,
		  "INSERT INTO delivery (out, subscription, recipient, next)"
		  " SELECT ?1, s.id, s.wire, ?4 FROM subscription s"
		  " WHERE s.list = ?2 AND s.delivery = 'mail' AND s.vacation < ?4 AND s.paused = 0"
		  " AND s.id <> ?3 AND NOT EXISTS (SELECT 1 FROM out o"
		  "  JOIN out p ON p.spool >= substr(o.spool, 1, ?5)"
		  "   AND p.spool < substr(o.spool, 1, ?5) || '~'"
		  "  JOIN delivery d ON d.out = p.id JOIN subscription t ON t.id = d.subscription"
		  "  WHERE o.id = ?1 AND o.spool <> '' AND p.spool <> '' AND p.id <> o.id"
		  "  AND p.kind = 'post' AND t.address = s.address)"
		  " ORDER BY s.id",
		  "itiii", out, list, except, now, (int64_t)ID_LENGTH);
	return n < 0 || count_recipients(db, out, n, e) < 0 ? -1 : n;
}

/* Rows of a mail whose person had a copy of the same post from a list that it reached before. */
static int64_t
drop_repeats(struct db *db, int64_t out, struct slice msgid, const char *body, struct err *e)
{
	return db_do(db, e,
		     "DELETE FROM delivery WHERE out = ?1 AND EXISTS ("
		     " SELECT 1 FROM reached r"
		     " JOIN subscription s ON s.id = delivery.subscription"
		     " JOIN subscription t ON t.list = r.list AND t.address = s.address"
		     " WHERE r.msgid = ?2 AND r.body = ?3 AND t.id <> r.no_copy"
		     "  AND t.delivery = 'mail' AND t.vacation < r.t AND t.paused = 0"
		     "  AND t.since < r.t AND NOT EXISTS (SELECT 1 FROM member_event v"
		     "   WHERE v.address = t.address AND v.list = t.list AND v.t >= r.t))",
		     "ist", out, msgid, body);
}

int64_t
queue_once(struct db *db, int64_t out, const char *list, struct slice msgid, const char *body,
	   int64_t except, int64_t now, bool *again, struct err *e)
{
	int64_t before = 0, n = 0;
	if (db_one_int(db, e, &before, "SELECT count(*) FROM reached WHERE msgid = ? AND body = ?",
		       "st", msgid, body) < 0)
		return -1;
	if (before > 0 && ((n = drop_repeats(db, out, msgid, body, e)) < 0 ||
			   count_recipients(db, out, -n, e) < 0))
		return -1;
	int64_t noted = db_do(db, e,
			      "INSERT INTO reached (msgid, body, list, t, no_copy)"
			      " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			      "sttii", msgid, body, list, now, except);
	if (noted < 0 ||
	    db_do(db, e, "DELETE FROM reached WHERE t < ?", "i", now - REACHED_KEPT) < 0)
		return -1;
	*again = noted == 0;
	return n;
}

int64_t
queue_add_digest_members(struct db *db, int64_t out, const char *list, const char *language,
			 bool plain, int64_t now, struct err *e)
{
	int64_t n = db_do(db, e,
			  "INSERT INTO delivery (out, subscription, recipient, next)"
			  " SELECT ?1, id, wire, ?5 FROM subscription WHERE list = ?2"
			  " AND delivery = 'digest' AND language = ?3 AND digest_plain = ?4"
			  " AND vacation < ?5 AND paused = 0 ORDER BY id",
			  "ittii", out, list, language, (int64_t)plain, now);
	return n < 0 || count_recipients(db, out, n, e) < 0 ? -1 : n;
}

int
queue_take_back(struct db *db, int64_t subscription, struct err *e)
{
	/* A notice of hers has her own return path (notice.c), and is no mail of the list. */
	return db_do(db, e,
		     "DELETE FROM delivery WHERE subscription = ? AND subscription > 0"
		     " AND (SELECT kind FROM out WHERE out.id = delivery.out) <> 'notice'",
		     "i", subscription) < 0
		   ? -1
		   : 0;
}

int
queue_drop(struct db *db, int64_t out, struct err *e)
{
	return db_do(db, e, "DELETE FROM out WHERE id = ?", "i", out) < 0 ? -1 : 0;
}

/* --- deliver's side ------------------------------------------------------------------------- */

int
queue_due_mails(struct db *db, int64_t now, int64_t after, int64_t *outs, size_t max, size_t *n,
		struct err *e)
{
	struct db_query q;
	int r;
	*n = 0;
	/* From mail to mail by one step of the index each. */
	if (db_ask(db, &q, e,
		   "WITH RECURSIVE m(o) AS ("
		   " SELECT min(out) FROM delivery WHERE out > ?1"
		   " UNION ALL"
		   " SELECT (SELECT min(out) FROM delivery WHERE out > o) FROM m"
		   " WHERE o IS NOT NULL)"
		   " SELECT o FROM m WHERE o IS NOT NULL"
		   " AND EXISTS (SELECT 1 FROM delivery WHERE out = o AND next <= ?2) LIMIT ?3",
		   "iii", after, now, (int64_t)max) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1)
		outs[(*n)++] = db_int(&q, 0);
	db_end(&q);
	return r < 0 ? -1 : 0;
}

int
queue_due(struct db *db, struct arena *a, int64_t out, int64_t now, int64_t after_next,
	  int64_t after_id, size_t max, struct queue_row **rows, size_t *n, struct err *e)
{
	struct db_query q;
	int r;
	*rows = arena_array(a, max, sizeof(**rows));
	*n = 0;
	if (db_ask(db, &q, e,
		   "SELECT id, next, subscription, recipient, attempts FROM delivery"
		   " WHERE out = ? AND next <= ? AND (next, id) > (?, ?)"
		   " ORDER BY next, id LIMIT ?",
		   "iiiii", out, now, after_next, after_id, (int64_t)max) < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1) {
		struct queue_row *row = &(*rows)[(*n)++];
		row->id = db_int(&q, 0);
		row->next = db_int(&q, 1);
		row->subscription = db_int(&q, 2);
		row->recipient = arena_dup(a, db_text(&q, 3));
		row->attempts = (int)db_int(&q, 4);
	}
	db_end(&q);
	return r < 0 ? -1 : 0;
}

int
queue_mail(struct db *db, struct arena *a, int64_t out, struct queue_mail *m, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT spool, list, kind, copies, seq, head, body_at, flags, created FROM"
		   " out WHERE id = ?",
		   "i", out) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1) {
		m->spool = arena_str(a, db_text(&q, 0));
		m->list = arena_str(a, db_text(&q, 1));
		m->kind = arena_str(a, db_text(&q, 2));
		m->copies = arena_str(a, db_text(&q, 3));
		m->seq = db_int(&q, 4);
		m->head = arena_dup(a, db_blob(&q, 5));
		m->body_at = db_int(&q, 6);
		m->flags = (int)db_int(&q, 7);
		m->created = db_int(&q, 8);
	}
	db_end(&q);
	return r;
}

int
queue_next_due(struct db *db, int64_t after, int64_t *t, struct err *e)
{
	*t = INT64_MAX;
	return db_one_int(db, e, t,
			  "SELECT min((SELECT min(next) FROM delivery"
			  "  WHERE out = o.id AND next > ?)) FROM out o",
			  "i", after) < 0
		   ? -1
		   : 0;
}

/* Rows that leave for good. A row's number may be given out again once it was taken back, that of
 * its mail never is: so both must fit. */
static int
record_end(struct db *db, struct queue_result *res, struct err *e)
{
	int64_t n =
	    db_do(db, e, "DELETE FROM delivery WHERE id = ? AND out = ?", "ii", res->id, res->out);
	if (n < 0)
		return -1;
	res->gone = n == 0;
	return 0;
}

/* A refusal for now: waits 60 s, 240 s, 540 s …, or has waited long enough. */
static int
record_temporary(struct db *db, struct queue_result *res, int64_t now, struct err *e)
{
	int64_t n = db_do(db, e,
			  "UPDATE delivery SET attempts = attempts + 1, error = ?1,"
			  " next = ?2 + ?3 * (attempts + 1) * (attempts + 1)"
			  " WHERE id = ?4 AND out = ?5"
			  " AND (SELECT created FROM out WHERE id = ?5) > ?6",
			  "siiiii", res->error, now, (int64_t)RETRY_BASE, res->id, res->out,
			  now - QUEUE_EXPIRES);
	if (n != 0)
		return n < 0 ? -1 : 0;
	if (record_end(db, res, e) < 0)
		return -1;
	res->expired = !res->gone;
	return 0;
}

/* The mail of a result, if no row waits for it any more; its file, if no other mail has the same.
 */
static int
record_mail(struct db *db, struct queue_result *res, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT spool FROM out WHERE id = ?1"
		   " AND NOT EXISTS (SELECT 1 FROM delivery WHERE out = ?1)",
		   "i", res->out) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		snprintf(res->file, sizeof(res->file), "%.*s", SLICE_ARG(db_text(&q, 0)));
	db_end(&q);
	if (r != 1)
		return r;
	res->finished = true;
	if (db_do(db, e, "DELETE FROM out WHERE id = ?", "i", res->out) < 0)
		return -1;
	if (res->file[0] && queue_needs_file(db, res->file))
		res->file[0] = '\0';
	return 0;
}

int
queue_record(struct db *db, struct queue_result *res, size_t n, int64_t now, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct queue_result *r = &res[i];
		r->gone = r->expired = r->finished = false;
		r->file[0] = '\0';
		if ((r->what == QUEUE_TEMPORARY ? record_temporary(db, r, now, e)
						: record_end(db, r, e)) < 0)
			return -1;
	}
	/* Results come in runs of the same mail: one look a run whether it was the last of its
	 * rows. */
	for (size_t i = 0; i < n; i++)
		if ((i + 1 == n || res[i + 1].out != res[i].out) && record_mail(db, &res[i], e) < 0)
			return -1;
	return 0;
}

int64_t
queue_flush(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e, "UPDATE delivery SET next = ?1 WHERE next > ?1", "i", now);
}

int
queue_each(struct db *db,
	   int (*each)(void *arg, int64_t id, const char *list, const char *recipient, int attempts,
		       int64_t next, const char *error),
	   void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int r = db_ask(db, &q, e,
		       "SELECT d.id, o.list, d.recipient, d.attempts, d.next, d.error"
		       " FROM delivery d JOIN out o ON o.id = d.out ORDER BY d.out, d.id",
		       "");
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			arena_reset(a);
			if (each(arg, db_int(&q, 0), arena_str(a, db_text(&q, 1)),
				 arena_str(a, db_text(&q, 2)), (int)db_int(&q, 3), db_int(&q, 4),
				 arena_str(a, db_text(&q, 5))) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

/* Recipients stand as their owners write them; few ways of writing are one address, so that each
 * way that occurs is looked at once. */
static int
ways_of(struct db *db, struct arena *a, struct slice address, const char **ways, size_t max,
	size_t *n, struct err *e)
{
	struct db_query q;
	int r = db_ask(db, &q, e, "SELECT DISTINCT recipient FROM delivery", "");
	*n = 0;
	if (r < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1 && *n < max)
		if (address_eq(db_text(&q, 0), address))
			ways[(*n)++] = arena_str(a, db_text(&q, 0));
	db_end(&q);
	return r < 0 ? -1 : 0;
}

static int
each_to(struct db *db, struct arena *a, const char *recipient,
	int (*each)(void *arg, const struct queue_waiting *w), void *arg, struct err *e)
{
	struct db_query q;
	int r = db_ask(db, &q, e,
		       "SELECT o.list, o.kind, d.error, o.created, d.next, d.attempts"
		       " FROM delivery d JOIN out o ON o.id = d.out WHERE d.recipient = ?"
		       " ORDER BY d.id",
		       "t", recipient);
	if (r < 0)
		return -1;
	while ((r = db_next(&q, e)) == 1) {
		struct queue_waiting w = {.list = arena_str(a, db_text(&q, 0)),
					  .kind = arena_str(a, db_text(&q, 1)),
					  .error = arena_str(a, db_text(&q, 2)),
					  .created = db_int(&q, 3),
					  .next = db_int(&q, 4),
					  .attempts = (int)db_int(&q, 5)};
		if (each(arg, &w) < 0)
			break;
	}
	db_end(&q);
	return r < 0 ? -1 : 0;
}

int
queue_each_to(struct db *db, struct slice address,
	      int (*each)(void *arg, const struct queue_waiting *w), void *arg, struct err *e)
{
	struct arena *a = arena_new();
	const char *ways[WAYS_MAX];
	size_t n;
	int ret = ways_of(db, a, address, ways, WAYS_MAX, &n, e);
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = each_to(db, a, ways[i], each, arg, e);
	arena_free(a);
	return ret;
}

int64_t
queue_forget(struct db *db, struct slice address, struct err *e)
{
	struct arena *a = arena_new();
	const char *ways[WAYS_MAX];
	size_t n;
	int64_t all = ways_of(db, a, address, ways, WAYS_MAX, &n, e);
	for (size_t i = 0; all >= 0 && i < n; i++) {
		int64_t gone =
		    db_do(db, e, "DELETE FROM delivery WHERE recipient = ?", "t", ways[i]);
		all = gone < 0 ? -1 : all + gone;
	}
	if (all >= 0 && queue_sweep(db, e) < 0)
		all = -1;
	arena_free(a);
	return all;
}

bool
queue_needs_file(struct db *db, const char *spool)
{
	int64_t n = 0;
	/* An error keeps the file: a file too many is better than one too few. */
	return db_one_int(db, NULL, &n, "SELECT count(*) FROM out WHERE spool = ? AND spool <> ''",
			  "t", spool) < 0 ||
	       n > 0;
}

int
queue_sweep(struct db *db, struct err *e)
{
	return db_do(db, e,
		     "DELETE FROM out WHERE NOT EXISTS"
		     " (SELECT 1 FROM delivery d WHERE d.out = out.id)",
		     "") < 0
		   ? -1
		   : 0;
}

int
queue_count(struct db *db, int64_t *rows, int64_t *mails, struct err *e)
{
	*rows = 0;
	*mails = 0;
	if (db_one_int(db, e, rows, "SELECT count(*) FROM delivery", "") < 0 ||
	    db_one_int(db, e, mails, "SELECT count(*) FROM out", "") < 0)
		return -1;
	return 0;
}
