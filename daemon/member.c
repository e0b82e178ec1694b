/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * member: see member.h. One writer of memberships: every change goes through a function here that
 * writes its event in the same transaction.
 */
#include "daemon/member.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"
#include "conf/text.h"
#include "daemon/queue.h"
#include "mail/address.h"

#define DECAY_S (7 * 86400) /* without bounces, for a point off */

#define COLUMNS                                                                                    \
	"id, list, address, wire, name, delivery, vacation, ack, copy, language, grp, since, "     \
	"posts, bounce_score, bounce_last, paused, digest_plain"

static void
member_read(struct db_query *q, struct arena *a, struct member *m)
{
	m->id = db_int(q, 0);
	m->list = arena_str(a, db_text(q, 1));
	m->address = arena_str(a, db_text(q, 2));
	m->wire = arena_str(a, db_text(q, 3));
	m->name = arena_str(a, db_text(q, 4));
	m->delivery = arena_str(a, db_text(q, 5));
	m->vacation = db_int(q, 6);
	m->ack = db_int(q, 7) != 0;
	m->copy = db_int(q, 8) != 0;
	m->language = arena_str(a, db_text(q, 9));
	m->group = arena_str(a, db_text(q, 10));
	m->since = db_int(q, 11);
	m->posts = db_int(q, 12);
	m->bounce_score = (int)db_int(q, 13);
	m->bounce_last = db_int(q, 14);
	m->paused = db_int(q, 15);
	m->digest_plain = db_int(q, 16) != 0;
}

/* The one row of a query that was just asked. */
static int
member_first(struct db_query *q, struct arena *a, struct member *m, struct err *e)
{
	int r = db_next(q, e);
	if (r == 1)
		member_read(q, a, m);
	db_end(q);
	return r;
}

int
member_find(struct db *db, struct arena *a, const char *list, struct slice address,
	    struct member *m, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM subscription WHERE list = ? AND address = ?",
		   "tt", list, address_canonical(a, address)) < 0)
		return -1;
	return member_first(&q, a, m, e);
}

int
member_by_id(struct db *db, struct arena *a, int64_t id, struct member *m, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT " COLUMNS " FROM subscription WHERE id = ?", "i", id) < 0)
		return -1;
	return member_first(&q, a, m, e);
}

static int
member_event(struct db *db, const char *list, const char *address, const char *what, const char *by,
	     const char *detail, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "INSERT INTO member_event (t, list, address, what, by_whom, detail)"
		     " VALUES (?, ?, ?, ?, ?, ?)",
		     "ittttt", now, list, address, what, by, detail ? detail : "") < 0
		   ? -1
		   : 0;
}

int
member_add(struct db *db, const char *list, struct slice wire, struct slice name,
	   const char *delivery, const char *language, const char *by, int64_t now, int64_t *id,
	   struct err *e)
{
	struct arena *a = arena_new();
	const char *address = address_canonical(a, wire);
	int ret = -1;
	int64_t n =
	    db_do(db, e,
		  "INSERT INTO subscription (list, address, wire, name, delivery, language,"
		  " since) VALUES (?, ?, ?, ?, ?, ?, ?)"
		  " ON CONFLICT (list, address) DO NOTHING",
		  "ttsstti", list, address, wire, name, delivery, language ? language : "", now);
	if (n < 0)
		goto out;
	if (n == 0) {
		ret = db_one_int(db, e, id,
				 "SELECT id FROM subscription WHERE list = ? AND address = ?", "tt",
				 list, address) < 0
			  ? -1
			  : 0;
		goto out;
	}
	*id = db_last_rowid(db);
	ret = member_event(db, list, address, "join", by, delivery, now, e) < 0 ? -1 : 1;
out:
	arena_free(a);
	return ret;
}

int
member_remove(struct db *db, int64_t id, const char *by, const char *why, int64_t now,
	      struct err *e)
{
	struct arena *a = arena_new();
	struct member m;
	int ret = member_by_id(db, a, id, &m, e);
	if (ret != 1)
		goto out;
	ret = -1;
	if (db_do(db, e, "DELETE FROM subscription WHERE id = ?", "i", id) < 0)
		goto out;
	if (queue_take_back(db, id, e) < 0 ||
	    member_event(db, m.list, m.address, "leave", by, why, now, e) < 0)
		goto out;
	ret = 1;
out:
	arena_free(a);
	return ret;
}

/* --- options -------------------------------------------------------------------------------- */

/* Each option: its name, what its value must be, and how that is read into a column's value. */
struct option {
	const char *name;
	const char *sql;
	bool (*read)(struct arena *a, struct slice value, int64_t *number, const char **text);
	const char *allowed;
};

static bool
read_flag(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)a;
	(void)text;
	if (!slice_is_ci(v, "on") && !slice_is_ci(v, "off"))
		return false;
	*number = slice_is_ci(v, "on");
	return true;
}

static bool
read_form(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)a;
	(void)text;
	*number = slice_is_ci(v, "plain");
	return *number || slice_is_ci(v, "mime");
}

static bool
read_delivery(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)number;
	*text = arena_lower(a, v);
	return slice_is_ci(v, "mail") || slice_is_ci(v, "digest") || slice_is_ci(v, "nomail");
}

/* YYYY-MM-DD: until the end of that day in UTC; "" or "off" ends it. */
static bool
read_vacation(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)a;
	(void)text;
	if (v.n == 0 || slice_is_ci(v, "off")) {
		*number = 0;
		return true;
	}
	if (!clock_parse_day(v, number))
		return false;
	*number += 86399;
	return true;
}

static bool
read_language(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)a;
	(void)number;
	*text = v.n == 0 ? "" : text_language(v);
	return *text != NULL;
}

static bool
read_group(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	(void)number;
	*text = arena_str(a, utf8_head(utf8_cleaned(a, slice_trim(v)), 100));
	return true;
}

/* Shown in points ("1.5"), kept in halves. */
static bool
read_score(struct arena *a, struct slice v, int64_t *number, const char **text)
{
	struct slice whole, half;
	(void)a;
	(void)text;
	bool point = slice_cut(v, '.', &whole, &half);
	if (!num_parse(whole, 0, 1000, number))
		return false;
	*number *= 2;
	if (!point || slice_is(half, "0"))
		return true;
	*number += 1;
	return slice_is(half, "5");
}

/* Whoever was paused and wants mail again begins with a clean score, else the next look would pause
 * her anew. */
#define BACK "bounce_score = CASE WHEN paused > 0 THEN 0 ELSE bounce_score END, paused = 0"

static const struct option options[] = {
    {"delivery", "UPDATE subscription SET delivery = ?1, " BACK " WHERE id = ?2", read_delivery,
     "mail, digest or nomail"},
    {"vacation", "UPDATE subscription SET vacation = ?1 WHERE id = ?2", read_vacation,
     "a day as YYYY-MM-DD, or off"},
    {"digest",
     "UPDATE subscription SET digest_plain = ?1, delivery = 'digest', " BACK " WHERE id = ?2",
     read_form, "plain or mime"},
    {"ack", "UPDATE subscription SET ack = ?1 WHERE id = ?2", read_flag, "on or off"},
    {"copy", "UPDATE subscription SET copy = ?1 WHERE id = ?2", read_flag, "on or off"},
    {"language", "UPDATE subscription SET language = ?1 WHERE id = ?2", read_language,
     "a language this site speaks, such as en or fr"},
    {"group", "UPDATE subscription SET grp = ?1 WHERE id = ?2", read_group, "a group's name"},
    {"bounce_score", "UPDATE subscription SET bounce_score = ?1 WHERE id = ?2", read_score,
     "a number such as 0 or 1.5"},
};

static const struct option *
option_find(const char *key)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(options[i].name, key) == 0)
			return &options[i];
	return NULL;
}

int
member_set(struct db *db, int64_t id, const char *key, const char *value, const char *by,
	   int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	const struct option *o = option_find(key);
	const char *text = NULL;
	struct member m;
	int64_t number = 0, n;
	int ret = -1;
	if (!o) {
		err_permanent(e,
			      "there is no option '%s'; there are delivery, vacation, ack, "
			      "copy, language, group, bounce_score",
			      log_str(slice_str(key)));
		goto out;
	}
	if (!o->read(a, slice_str(value), &number, &text)) {
		err_permanent(e, "%s wants %s", o->name, o->allowed);
		goto out;
	}
	int found = member_by_id(db, a, id, &m, e);
	if (found != 1) {
		if (found == 0)
			err_permanent(e, "the member has left");
		goto out;
	}
	n = text ? db_do(db, e, o->sql, "ti", text, id) : db_do(db, e, o->sql, "ii", number, id);
	if (n < 0 || member_event(db, m.list, m.address, "set", by,
				  arena_printf(a, "%s=%s", key, value), now, e) < 0)
		goto out;
	ret = 0;
out:
	arena_free(a);
	return ret;
}

/* --- bounces -------------------------------------------------------------------------------- */

int
member_bounced(struct db *db, int64_t id, int half_points, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "UPDATE subscription SET bounce_score = max(bounce_score + ?1, 0),"
		     " bounce_last = CASE WHEN ?1 > 0 THEN ?2 ELSE bounce_last END WHERE id = ?3",
		     "iii", (int64_t)half_points, now, id) < 0
		   ? -1
		   : 0;
}

int64_t
member_decay(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "UPDATE subscription SET bounce_score = max(bounce_score - 2, 0),"
		     " decayed = max(bounce_last, decayed) + ?2"
		     " WHERE bounce_score > 0 AND paused = 0"
		     " AND max(bounce_last, decayed) + ?2 <= ?1",
		     "ii", now, (int64_t)DECAY_S);
}

int
member_note(struct db *db, const struct member *m, const char *what, const char *detail,
	    int64_t now, struct err *e)
{
	return member_event(db, m->list, m->address, what, "plenary", detail, now, e);
}

/* sql changes the row ?1 to ?2 if it is not so yet. */
static int
change_pause(struct db *db, int64_t id, const char *sql, int64_t since, const char *what,
	     const char *by, int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	struct member m;
	int ret = member_by_id(db, a, id, &m, e);
	if (ret == 1)
		ret = (int)db_do(db, e, sql, "ii", id, since);
	if (ret == 1 && member_event(db, m.list, m.address, what, by, "", now, e) < 0)
		ret = -1;
	arena_free(a);
	return ret;
}

int
member_pause(struct db *db, int64_t id, int64_t now, struct err *e)
{
	return change_pause(db, id,
			    "UPDATE subscription SET paused = ?2 WHERE id = ?1 AND paused = 0", now,
			    "pause", "plenary", now, e);
}

int
member_resume(struct db *db, int64_t id, const char *by, int64_t now, struct err *e)
{
	return change_pause(db, id,
			    "UPDATE subscription SET paused = ?2, bounce_score = 0"
			    " WHERE id = ?1 AND paused > 0",
			    0, "resume", by, now, e);
}

int
member_posted(struct db *db, int64_t id, struct err *e)
{
	return db_do(db, e, "UPDATE subscription SET posts = posts + 1 WHERE id = ?", "i", id) < 0
		   ? -1
		   : 0;
}

/* --- walking -------------------------------------------------------------------------------- */

int
member_each(struct db *db, const char *list, int (*each)(void *arg, const struct member *m),
	    void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	struct member m;
	int r;
	r = list ? db_ask(db, &q, e,
			  "SELECT " COLUMNS " FROM subscription WHERE list = ? ORDER BY address",
			  "t", list)
		 : db_ask(db, &q, e, "SELECT " COLUMNS " FROM subscription ORDER BY list, address",
			  "");
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			arena_reset(a);
			member_read(&q, a, &m);
			if (each(arg, &m) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

/* All rows of a query that was just asked. */
static int
member_all(struct db_query *q, struct arena *a, struct member **ms, size_t *n, struct err *e)
{
	size_t cap = 0;
	int r;
	*ms = NULL;
	*n = 0;
	while ((r = db_next(q, e)) == 1) {
		if (*n == cap) {
			struct member *more = arena_array(a, cap ? cap * 2 : 8, sizeof(**ms));
			if (*n)
				memcpy(more, *ms, *n * sizeof(**ms));
			cap = cap ? cap * 2 : 8;
			*ms = more;
		}
		member_read(q, a, &(*ms)[(*n)++]);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
member_of(struct db *db, struct arena *a, struct slice address, struct member **ms, size_t *n,
	  struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM subscription WHERE address = ? ORDER BY list", "t",
		   address_canonical(a, address)) < 0)
		return -1;
	return member_all(&q, a, ms, n, e);
}

int
member_bouncing(struct db *db, struct arena *a, const char *list, int half_points,
		struct member **ms, size_t *n, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM subscription"
		   " WHERE list = ? AND bounce_score >= ? AND bounce_score > 0 AND paused = 0",
		   "ti", list, (int64_t)half_points) < 0)
		return -1;
	return member_all(&q, a, ms, n, e);
}

int
member_each_event(struct db *db, struct slice address,
		  int (*each)(void *arg, const struct member_event *ev), void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct db_query q;
	int r = db_ask(db, &q, e,
		       "SELECT t, list, what, by_whom, detail FROM member_event"
		       " WHERE address = ? ORDER BY id",
		       "t", address_canonical(a, address));
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1) {
			struct member_event ev = {.t = db_int(&q, 0),
						  .list = arena_str(a, db_text(&q, 1)),
						  .what = arena_str(a, db_text(&q, 2)),
						  .by = arena_str(a, db_text(&q, 3)),
						  .detail = arena_str(a, db_text(&q, 4))};
			if (each(arg, &ev) < 0)
				break;
		}
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}

int
member_delivery_by(struct db *db, struct arena *a, const struct member *m, const char **by,
		   int64_t *t, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT by_whom, t FROM member_event WHERE address = ? AND list = ?"
		   " AND what = 'set' AND (detail LIKE 'delivery=%' OR detail LIKE 'digest=%')"
		   " AND t >= ? ORDER BY id DESC LIMIT 1",
		   "tti", m->address, m->list, m->since) < 0)
		return -1;
	int r = db_next(&q, e);
	*by = r == 1 ? arena_str(a, db_text(&q, 0)) : "";
	*t = r == 1 ? db_int(&q, 1) : 0;
	db_end(&q);
	return r;
}

int64_t
member_forget(struct db *db, struct slice address, const char *name, struct err *e)
{
	struct arena *a = arena_new();
	const char *canonical = address_canonical(a, address);
	int64_t n =
	    db_do(db, e, "UPDATE member_event SET address = ?, detail = '' WHERE address = ?", "tt",
		  name, canonical);
	if (n >= 0 && db_do(db, e, "UPDATE member_event SET by_whom = ? WHERE by_whom = ?", "tt",
			    name, canonical) < 0)
		n = -1;
	arena_free(a);
	return n;
}

int
member_returned(struct db *db, struct arena *a, int64_t now, struct member **ms, size_t *n,
		struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e,
		   "SELECT " COLUMNS " FROM subscription"
		   " WHERE vacation > 0 AND vacation < ? ORDER BY vacation LIMIT 500",
		   "i", now) < 0)
		return -1;
	return member_all(&q, a, ms, n, e);
}

int64_t
member_count(struct db *db, const char *list)
{
	int64_t n = 0;
	return db_one_int(db, NULL, &n, "SELECT count(*) FROM subscription WHERE list = ?", "t",
			  list) < 0
		   ? -1
		   : n;
}

bool
member_has_mail(struct db *db, const char *list)
{
	int64_t n = 0;
	/* After an error the answer is yes: what hangs on it is only work for nothing. */
	return db_one_int(db, NULL, &n,
			  "SELECT EXISTS (SELECT 1 FROM subscription"
			  " WHERE list = ? AND delivery = 'mail' AND paused = 0)",
			  "t", list) < 0 ||
	       n != 0;
}

int
member_has_digests(struct db *db, const char *list, struct err *e)
{
	int64_t n = 0;
	return db_one_int(db, e, &n,
			  "SELECT EXISTS (SELECT 1 FROM subscription"
			  " WHERE list = ? AND delivery = 'digest')",
			  "t", list) < 0
		   ? -1
		   : n != 0;
}

int
member_each_digest(struct db *db, const char *list,
		   int (*each)(void *arg, const char *language, bool plain), void *arg,
		   struct err *e)
{
	struct db_query q;
	struct arena *a = arena_new();
	int r = db_ask(db, &q, e,
		       "SELECT DISTINCT language, digest_plain FROM subscription"
		       " WHERE list = ? AND delivery = 'digest' ORDER BY language, digest_plain",
		       "t", list);
	if (r == 0) {
		while ((r = db_next(&q, e)) == 1)
			if (each(arg, arena_str(a, db_text(&q, 0)), db_int(&q, 1) != 0) < 0)
				break;
		db_end(&q);
	}
	arena_free(a);
	return r < 0 ? -1 : 0;
}
