/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seen: see seen.h. An ID is noted in the transaction that decides about it, so a second run of the
 * same entry finds what was decided and only finishes it.
 */
#include "daemon/seen.h"

#include "base/hash.h"

#define KEPT (14 * 86400)
#define REPEATED_S 86400 /* a mail server that got no answer tries again in minutes or hours */
#define TRIM "5000"      /* rows a call: a bounded pause in the list's work */

int
seen_get(struct db *db, struct arena *a, const char *id, const char **links, struct err *e)
{
	struct db_query q;
	if (db_ask(db, &q, e, "SELECT links FROM seen WHERE id = ?", "t", id) < 0)
		return -1;
	int r = db_next(&q, e);
	if (r == 1)
		*links = arena_str(a, db_text(&q, 0));
	db_end(&q);
	return r;
}

int
seen_add(struct db *db, const char *id, const char *links, int64_t now, struct err *e)
{
	return db_do(db, e, "INSERT OR REPLACE INTO seen (id, t, links) VALUES (?, ?, ?)", "tit",
		     id, now, links) < 0
		   ? -1
		   : 0;
}

int
seen_duplicate(struct db *db, const char *list, struct slice msgid, const char *body_sha256,
	       int64_t now, struct err *e)
{
	int64_t n = db_do(db, e,
			  "INSERT INTO duplicate (list, msgid, body, t) VALUES (?, ?, ?, ?)"
			  " ON CONFLICT DO NOTHING",
			  "tsti", list, msgid, body_sha256, now);
	return n < 0 ? -1 : n == 0;
}

int
seen_repeated(struct db *db, struct slice rcpt, struct slice sender, struct slice msgid,
	      const char *body_sha256, int64_t now, struct err *e)
{
	struct arena *a = arena_new();
	uint8_t hash[SHA256_SIZE];
	char name[HEX_SIZE(SHA256_SIZE)];
	/* By a hash: who wrote to whom is nobody's business here. It is no list's name. */
	hash_sha256(slice_str(arena_lower(a, slice_str(arena_printf(a, "%.*s %.*s", SLICE_ARG(rcpt),
								    SLICE_ARG(sender))))),
		    hash);
	hash_hex(hash, SHA256_SIZE, name);
	int64_t n = db_do(db, e,
			  "INSERT INTO duplicate (list, msgid, body, t) VALUES (?, ?, ?, ?4)"
			  " ON CONFLICT DO UPDATE SET t = ?4 WHERE t <= ?4 - ?5",
			  "tstii", arena_printf(a, "to %s", name), msgid, body_sha256, now,
			  (int64_t)REPEATED_S);
	arena_free(a);
	return n < 0 ? -1 : n == 0;
}

int
seen_other_body(struct db *db, const char *list, struct slice msgid, const char *body_sha256)
{
	int64_t n = 0;
	return db_one_int(db, NULL, &n,
			  "SELECT EXISTS (SELECT 1 FROM duplicate"
			  " WHERE list = ? AND msgid = ? AND body <> ?)",
			  "tst", list, msgid, body_sha256) < 0
		   ? -1
		   : n != 0;
}

int64_t
seen_next_seq(struct db *db, const char *list, int64_t now, struct err *e)
{
	int64_t seq = 0;
	if (db_do(db, e,
		  "INSERT INTO list_seq (list, seq, last) VALUES (?1, 1, ?2)"
		  " ON CONFLICT (list) DO UPDATE SET seq = seq + 1, last = ?2",
		  "ti", list, now) < 0 ||
	    db_one_int(db, e, &seq, "SELECT seq FROM list_seq WHERE list = ?", "t", list) < 0)
		return -1;
	return seq;
}

int
seen_trim(struct db *db, int64_t now, struct err *e)
{
	if (db_do(db, e,
		  "DELETE FROM seen WHERE id IN"
		  " (SELECT id FROM seen WHERE t < ? LIMIT " TRIM ")",
		  "i", now - KEPT) < 0 ||
	    db_do(db, e,
		  "DELETE FROM duplicate WHERE (list, msgid, body) IN"
		  " (SELECT list, msgid, body FROM duplicate WHERE t < ? LIMIT " TRIM ")",
		  "i", now - KEPT) < 0)
		return -1;
	return 0;
}
