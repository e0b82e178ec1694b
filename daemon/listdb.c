/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listdb: see listdb.h. A released step is never changed; what comes later is a new step.
 */
#include "daemon/listdb.h"

#include "base/arena.h"

static const char *const steps[] = {
    /* 1: the main path */
    /* member.c. Row ids stay under 2^24: they are in tokens. Addresses are canonical in `address`,
       as the member wrote it in `wire`. bounce_score in half points. */
    "CREATE TABLE subscription ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " list TEXT NOT NULL, address TEXT NOT NULL, wire TEXT NOT NULL,"
    " delivery TEXT NOT NULL DEFAULT 'mail' CHECK (delivery IN ('mail', 'digest', 'nomail')),"
    " vacation INTEGER NOT NULL DEFAULT 0," /* until; 0: none */
    " ack INTEGER NOT NULL DEFAULT 0, copy INTEGER NOT NULL DEFAULT 1,"
    " language TEXT NOT NULL DEFAULT '', grp TEXT NOT NULL DEFAULT '',"
    " name TEXT NOT NULL DEFAULT '',"
    " since INTEGER NOT NULL,"
    " posts INTEGER NOT NULL DEFAULT 0," /* accepted ones, for hold-first-posts */
    " bounce_score INTEGER NOT NULL DEFAULT 0, bounce_last INTEGER NOT NULL DEFAULT 0,"
    " paused INTEGER NOT NULL DEFAULT 0," /* since when delivery is stopped by bounces; 0: it is not
					   */
    " UNIQUE (list, address)) STRICT;"
    "CREATE INDEX subscription_address ON subscription (address);"
    /* member.c: what changed in a membership, by whom; never edited. */
    "CREATE TABLE member_event ("
    " id INTEGER PRIMARY KEY, t INTEGER NOT NULL, list TEXT NOT NULL, address TEXT NOT NULL,"
    " what TEXT NOT NULL, by_whom TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX member_event_address ON member_event (address, list);"
    /* ticket.c: what an address was asked and may answer once, by a token. */
    "CREATE TABLE ticket ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind TEXT NOT NULL," /* join, leave, command, moderate, cancel */
    " list TEXT NOT NULL, address TEXT NOT NULL,"
    " detail TEXT NOT NULL DEFAULT ''," /* join: delivery; command: the commands; moderate: held ID
					 */
    " language TEXT NOT NULL DEFAULT '',"
    " created INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " done INTEGER NOT NULL DEFAULT 0, outcome TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX ticket_open ON ticket (list, address, kind) WHERE done = 0;"
    "CREATE INDEX ticket_expiry ON ticket (expires) WHERE done = 0;"
    "CREATE INDEX ticket_detail ON ticket (detail) WHERE kind IN ('moderate', 'cancel');"
    /* held.c: posts that wait for a moderator. Bytes in held/SPOOL. number: what people type. */
    "CREATE TABLE held ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT, spool TEXT NOT NULL, list TEXT NOT NULL,"
    " sender TEXT NOT NULL, from_text TEXT NOT NULL, subject TEXT NOT NULL, msgid TEXT NOT NULL,"
    " reasons TEXT NOT NULL," /* one a line: CHECK TAB detail */
    " excerpt TEXT NOT NULL DEFAULT '',"
    " received INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " decided INTEGER NOT NULL DEFAULT 0, decision TEXT NOT NULL DEFAULT '',"
    " decided_by TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '',"
    " UNIQUE (spool, list)) STRICT;"
    "CREATE INDEX held_open ON held (list, received) WHERE decided = 0;"
    "CREATE INDEX held_expiry ON held (expires) WHERE decided = 0;"
    /* queue.c: mail that waits for a relay. A post: head is its edited header, the body stands in
       out/SPOOL from body_at on. Anything else: head is the whole mail and spool is ''. */
    "CREATE TABLE out ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, spool TEXT NOT NULL DEFAULT '', list TEXT NOT NULL,"
    " kind TEXT NOT NULL CHECK (kind IN ('post', 'notice', 'digest', 'probe')),"
    " copies TEXT NOT NULL DEFAULT 'personal' CHECK (copies IN ('personal', 'shared')),"
    " seq INTEGER NOT NULL DEFAULT 0, head BLOB NOT NULL, body_at INTEGER NOT NULL DEFAULT 0,"
    " flags INTEGER NOT NULL DEFAULT 0," /* QUEUE_* */
    " created INTEGER NOT NULL, recipients INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX out_spool ON out (spool) WHERE spool <> '';"
    "CREATE TABLE delivery ("
    " id INTEGER PRIMARY KEY, out INTEGER NOT NULL, subscription INTEGER NOT NULL DEFAULT 0,"
    " recipient TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
    " next INTEGER NOT NULL, error TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX delivery_due ON delivery (out, next);"
    "CREATE INDEX delivery_subscription ON delivery (subscription) WHERE subscription > 0;"
    /* seen.c: spool entries that T1 has decided, with what step 6 must link; Message-IDs that came.
     */
    "CREATE TABLE seen (id TEXT PRIMARY KEY, t INTEGER NOT NULL, links TEXT NOT NULL) STRICT, "
    "WITHOUT ROWID;"
    "CREATE INDEX seen_t ON seen (t);"
    "CREATE TABLE duplicate ("
    " list TEXT NOT NULL, msgid TEXT NOT NULL, body TEXT NOT NULL, t INTEGER NOT NULL,"
    " PRIMARY KEY (list, msgid, body)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX duplicate_t ON duplicate (t);"
    /* seen.c: each list's counter of posts. */
    "CREATE TABLE list_seq (list TEXT PRIMARY KEY, seq INTEGER NOT NULL, last INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID;"
    /* flood.c: how often something was done for a name in a day. */
    "CREATE TABLE flood ("
    " kind TEXT NOT NULL, name TEXT NOT NULL, day INTEGER NOT NULL, n INTEGER NOT NULL,"
    " PRIMARY KEY (kind, name, day)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX flood_day ON flood (day);"
    /* bounce.c: what came back, for whom and why. */
    "CREATE TABLE bounce ("
    " id INTEGER PRIMARY KEY, t INTEGER NOT NULL, list TEXT NOT NULL, subscription INTEGER NOT "
    "NULL,"
    " seq INTEGER NOT NULL, hard INTEGER NOT NULL, status TEXT NOT NULL, text TEXT NOT NULL,"
    " counted INTEGER NOT NULL DEFAULT 0) STRICT;" /* half points */
    "CREATE INDEX bounce_subscription ON bounce (subscription, t);"
    "CREATE INDEX bounce_post ON bounce (list, seq);",
    /* 2: bounces weighed by post, digests */
    /* bounce.c: how many got a post, so that a post which bounces everywhere counts for nobody. */
    "CREATE TABLE post ("
    " list TEXT NOT NULL, seq INTEGER NOT NULL, recipients INTEGER NOT NULL, t INTEGER NOT NULL,"
    " PRIMARY KEY (list, seq)) STRICT, WITHOUT ROWID;"
    /* digest.c: posts that wait for the next digest of their list; the bytes are digest/LIST/SPOOL.
     */
    "CREATE TABLE digest_item ("
    " list TEXT NOT NULL, seq INTEGER NOT NULL, spool TEXT NOT NULL, size INTEGER NOT NULL,"
    " t INTEGER NOT NULL, PRIMARY KEY (list, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE digest_issue (list TEXT PRIMARY KEY, volume INTEGER NOT NULL,"
    " issue INTEGER NOT NULL, sent INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* member.c: plain (RFC 1153) instead of MIME digests. */
    "ALTER TABLE subscription ADD COLUMN digest_plain INTEGER NOT NULL DEFAULT 0;",
    /* 3: which decisions still have something to do with files */
    /* held.c: HELD_*. */
    ("ALTER TABLE held ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;"
     "CREATE INDEX held_unsettled ON held (spool) WHERE settled < 2;"),
    /* 4: what bounces lead to */
    /* bounce.c: how many members a post came back from. */
    "ALTER TABLE post ADD COLUMN bounced INTEGER NOT NULL DEFAULT 0;"
    /* member.c: when a week without bounces last took a point off. */
    "ALTER TABLE subscription ADD COLUMN decayed INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX subscription_bounced ON subscription (list, bounce_score)"
    " WHERE bounce_score > 0;"
    /* bouncing.c: members to whom a probe is on its way, or whose delivery is paused. */
    "CREATE TABLE bouncing ("
    " subscription INTEGER PRIMARY KEY,"
    " stage TEXT NOT NULL CHECK (stage IN ('probed', 'paused')),"
    " since INTEGER NOT NULL, warnings INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL) STRICT;",
    /* 5: conduct */
    /* conduct.c: see its header for what an event is; hashed in a chain, and never edited. */
    ("CREATE TABLE conduct_case ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT, list TEXT NOT NULL, address TEXT NOT NULL,"
     " opened INTEGER NOT NULL, UNIQUE (list, address)) STRICT;"
     "CREATE TABLE conduct_event ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT, case_id INTEGER NOT NULL DEFAULT 0,"
     " t INTEGER NOT NULL, list TEXT NOT NULL, address TEXT NOT NULL, what TEXT NOT NULL,"
     " step TEXT NOT NULL, does TEXT NOT NULL, audience TEXT NOT NULL, by_whom TEXT NOT NULL,"
     " why TEXT NOT NULL, about TEXT NOT NULL, rule TEXT NOT NULL, until INTEGER NOT NULL,"
     " refers INTEGER NOT NULL, hash TEXT NOT NULL) STRICT;"
     "CREATE INDEX conduct_event_list ON conduct_event (list, address, what);"
     "CREATE INDEX conduct_event_refers ON conduct_event (refers, what) WHERE refers > 0;"
     "CREATE INDEX conduct_event_until ON conduct_event (until) WHERE until > 0;"
     "CREATE TRIGGER conduct_event_stays BEFORE UPDATE ON conduct_event"
     " BEGIN SELECT RAISE(ABORT, 'the record of conduct is never edited'); END;"
     "CREATE TRIGGER conduct_event_remains BEFORE DELETE ON conduct_event"
     " BEGIN SELECT RAISE(ABORT, 'the record of conduct is never edited'); END;"
     /* quota.c: how many posts of an author went out to a list on a day. */
     "CREATE TABLE quota ("
     " list TEXT NOT NULL, address TEXT NOT NULL, day INTEGER NOT NULL, n INTEGER NOT NULL,"
     " PRIMARY KEY (list, address, day)) STRICT, WITHOUT ROWID;"
     "CREATE INDEX quota_day ON quota (day);"),
    /* 6: policies of authors' domains */
    /* policies.c: what DNS said of a domain: 0 no record, 1 a record, 2 nobody answered. */
    ("CREATE TABLE dmarc_cache ("
     " domain TEXT PRIMARY KEY, what INTEGER NOT NULL, enforces INTEGER NOT NULL,"
     " sub_enforces INTEGER NOT NULL, strict INTEGER NOT NULL, until INTEGER NOT NULL) STRICT,"
     " WITHOUT ROWID;"
     "CREATE INDEX dmarc_cache_until ON dmarc_cache (until);"),
    /* members away, and posts that reach a person by several lists */
    ("CREATE INDEX subscription_vacation ON subscription (vacation) WHERE vacation > 0;"
     /* queue.c: posts that went to a list's members, but for one subscription ("no_copy"). */
     "CREATE TABLE reached ("
     " msgid TEXT NOT NULL, body TEXT NOT NULL, list TEXT NOT NULL, t INTEGER NOT NULL,"
     " no_copy INTEGER NOT NULL, PRIMARY KEY (msgid, body, list)) STRICT, WITHOUT ROWID;"
     "CREATE INDEX reached_t ON reached (t);"),
    /* bounce.c: what members reported as spam (RFC 5965). */
    "ALTER TABLE bounce ADD COLUMN complaint INTEGER NOT NULL DEFAULT 0;",
    /* flood.c: what was over the limit, and whether the site's owner was told. */
    ("ALTER TABLE flood ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;"
     "ALTER TABLE flood ADD COLUMN told INTEGER NOT NULL DEFAULT 0;"
     "CREATE INDEX flood_refused ON flood (day) WHERE refused > 0;"),
    /* what of the record is known outside, and the terms of speakers */
    /* seal.c: the key of a list's seals. */
    ("CREATE TABLE conduct_seal (list TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT, WITHOUT ROWID;"
     /* fate.c: what became of a mail that tells of an event. */
     "CREATE TABLE fate ("
     " out INTEGER PRIMARY KEY, event INTEGER NOT NULL, list TEXT NOT NULL,"
     " recipient TEXT NOT NULL, template TEXT NOT NULL, sent INTEGER NOT NULL,"
     " state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'bounced')),"
     " t INTEGER NOT NULL, error TEXT NOT NULL DEFAULT '') STRICT;"
     "CREATE INDEX fate_event ON fate (event);"
     "CREATE INDEX fate_recipient ON fate (recipient, list);"
     /* speaking.c: who was let in to speak; which ends of terms were told. */
     "CREATE TABLE speaking ("
     " list TEXT NOT NULL, address TEXT NOT NULL, until INTEGER NOT NULL,"
     " by_whom TEXT NOT NULL, t INTEGER NOT NULL, PRIMARY KEY (list, address)) STRICT,"
     " WITHOUT ROWID;"
     "CREATE TABLE term_told ("
     " list TEXT NOT NULL, address TEXT NOT NULL, until INTEGER NOT NULL, stage TEXT NOT NULL,"
     " t INTEGER NOT NULL, PRIMARY KEY (list, address, until, stage)) STRICT, WITHOUT ROWID;"),
    /* announcements, and threads that rest as a whole */
    /* announce.c: what was decided and is still to be said to a list. */
    ("CREATE TABLE announcement ("
     " id TEXT PRIMARY KEY, event INTEGER NOT NULL, template TEXT NOT NULL) STRICT,"
     " WITHOUT ROWID;"
     /* strand.c: what each post of a list hangs on; subject '': it is only known by name. */
     "CREATE TABLE strand ("
     " list TEXT NOT NULL, key TEXT NOT NULL, root TEXT NOT NULL, subject TEXT NOT NULL,"
     " t INTEGER NOT NULL, PRIMARY KEY (list, key)) STRICT, WITHOUT ROWID;"
     "CREATE INDEX strand_subject ON strand (list, subject, t) WHERE subject <> '';"
     "CREATE INDEX strand_t ON strand (t);"),
    /* what moderators are told, and what is told of their work */
    /* held.c: how often moderators were reminded. */
    ("ALTER TABLE held ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0;"
     /* moderator.c: what each asked for, and the day of her last summary. */
     "CREATE TABLE moderator ("
     " list TEXT NOT NULL, address TEXT NOT NULL, notices TEXT NOT NULL DEFAULT '',"
     " summed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (list, address)) STRICT, WITHOUT ROWID;"
     /* refused.c: what did not go out, counted by month (202611); and posts of the open record. */
     "CREATE TABLE refused ("
     " list TEXT NOT NULL, month INTEGER NOT NULL, what TEXT NOT NULL, reason TEXT NOT NULL,"
     " n INTEGER NOT NULL, PRIMARY KEY (list, month, what, reason)) STRICT, WITHOUT ROWID;"
     "CREATE TABLE refused_post ("
     " id INTEGER PRIMARY KEY AUTOINCREMENT, list TEXT NOT NULL, t INTEGER NOT NULL,"
     " reason TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL)"
     " STRICT;"
     "CREATE INDEX refused_post_list ON refused_post (list);"),
    /* aside.c: files in bad/ of which the site's owner was told. */
    "CREATE TABLE aside (path TEXT PRIMARY KEY, t INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    /* what the clock clears away is found without a walk over what stays */
    ("CREATE INDEX ticket_done ON ticket (done) WHERE done > 0;"
     "CREATE INDEX bounce_t ON bounce (t);"
     "CREATE INDEX post_t ON post (t);"
     /* refused.c: the lists' changes, counted over all of them. */
     "CREATE TABLE refused_news (list TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT,"
     " WITHOUT ROWID;"),
};

const struct db_schema listdb_schema = {"list.db", steps, (int)(sizeof(steps) / sizeof(steps[0]))};

int
listdb_open(struct db **db, const struct conf *conf, enum db_mode mode, struct err *e)
{
	struct arena *a = arena_new();
	int ret = db_open(db, conf_path(conf, a, "list.db"), mode, &listdb_schema, e);
	arena_free(a);
	return ret;
}
