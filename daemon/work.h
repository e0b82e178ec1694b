/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work: one spool entry on its way through the list role, and what all that handle it share.
 *
 * The way: work_open() maps and parses it (once), then for each recipient of its envelope the row
 * of the route table (work.c) decides inside T1: post, request, command, moderation, bounce, owner.
 * Deciding means rows only: notices are rows, and the files that a decision needs are named in
 * links ("out", "held", "feed/LIST"), stored in seen, and linked from the spool entry after T1 by
 * work_link(), which can be done any number of times.
 *
 * Invariants: 1. What an entry brings about is in one transaction together with its seen row.
 * 2. Nothing in T1 waits for anything but the database and reads of local files. 3. A handler never
 * fails for what a sender wrote: it answers; -1 means our own trouble (temporary: the entry is
 * tried again).
 */
#ifndef DAEMON_WORK_H
#define DAEMON_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/id.h"
#include "base/spool.h"
#include "base/token.h"
#include "conf/conf.h"
#include "daemon/held.h"
#include "daemon/member.h"
#include "daemon/notice.h"
#include "daemon/route.h"
#include "mail/address.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "mail/msgid.h"

struct hook_said; /* hook.h */

/* What the list role holds all its life; the command makes one too. */
struct site {
	const struct conf *conf;
	struct db *db;
	struct token_keys *keys;
	struct spool *spool;       /* STATE/spool */
	struct hooks *hooks;       /* what runs lists' own programs (hook.h); NULL: nothing does */
	struct searches *searches; /* who looks into the archive (searching.h); NULL: nobody */
	struct policies *policies; /* who is asked about DMARC (policies.h); NULL: nobody */
};

struct work {
	struct site *site;
	struct arena *arena;
	char id[ID_MAX];
	struct slice bytes; /* the whole entry, mapped */
	struct envelope env;
	struct message message;
	struct identity identity;
	int64_t now;
	struct slice sender;   /* MAIL FROM; empty: null return path */
	struct address author; /* first From address; text empty if there is none */
	struct slice subject;  /* decoded */
	const char *automatic; /* why it must not be answered, or NULL */
	bool vouched; /* a trusted server's Authentication-Results vouch for the author's domain */
	struct hook_said *said;     /* by hooks, about an entry that is a post; or NULL */
	struct search_found *found; /* in the archive, for commands of this entry; or NULL */
	struct slice approved_by;   /* of a held post that was accepted; empty otherwise */
	int64_t announces; /* the event that it announces (announce.h); 0: it is no announcement */
	/* the recipient in hand */
	struct slice rcpt;
	struct route route;
	uint64_t payload; /* of the route's token, verified */
	int notices;      /* made so far: numbers their ids */
	struct buf links;
	bool settle;               /* a held post was decided: its files follow after the commit */
	struct prepared *prepared; /* what was found out before T1 (prepare.h), or NULL */
};

/* Maps, splits and parses the claimed entry. -1 permanent: it is no spool entry (to bad/). */
int work_open(struct work *w, struct site *site, const char *id, int64_t now, struct err *e)
    __attribute__((warn_unused_result));
void work_close(struct work *w);
/* Inside T1: all recipients of the entry, then its seen row. */
int work_decide(struct work *w, struct err *e) __attribute__((warn_unused_result));
/*
 * Step 6. The links of decided entries are made one after the other, and then each folder that got
 * one is synced once: links_sync() before any of those entries leaves the spool.
 */
#define LINKS_MAX 32 /* folders open at once; with more, the first ones are synced on the way */
struct links {
	struct arena *arena;
	struct {
		struct slice what;
		int fd;
	} folder[LINKS_MAX];
	size_t n;
};
void links_init(struct links *links);
int work_link(struct site *site, const char *id, const char *what, struct links *links,
	      struct err *e) __attribute__((warn_unused_result));
int links_sync(struct links *links, struct err *e) __attribute__((warn_unused_result));
void links_free(struct links *links);
/* Notes one link, once. what: "out", "held", or "feed/LIST". */
void work_need_link(struct work *w, const char *what);

/* The language an answer to the author should have: member's, else the list's, else the site's. */
const char *work_language(struct work *w, const struct member *m);
/* notice_send() for this entry: numbers n->id, sets in_reply_to; nothing is sent (0) if the entry
 * is automatic and the notice is an answer to its sender. */
int work_notice(struct work *w, struct notice *n, struct err *e)
    __attribute__((warn_unused_result));
/* May who be answered once more today? 1; 0, logged, for automatic mail and for who had enough; -1.
 */
int work_may_answer(struct work *w, struct slice who, struct err *e)
    __attribute__((warn_unused_result));
/* Would it say 1? Nothing is counted; for what is prepared before the transaction. */
bool work_would_answer(struct work *w, struct slice who);
/* The token is good but its row says nothing (any more): tells the sender so. */
int work_unknown_token(struct work *w, struct err *e) __attribute__((warn_unused_result));
/* The address that an answer goes to: the author (From), else the envelope sender; empty: nobody.
 */
struct slice work_answer_to(const struct work *w);

/* --- the handlers: one for each function of an address, in the file of its name ----------------
 */

int post_handle(struct work *w, struct err *e);       /* post.c: checks, distribution, holding */
int request_subscribe(struct work *w, struct err *e); /* request.c */
int request_unsubscribe(struct work *w, struct err *e);
int request_leave(struct work *w, struct err *e);   /* leave token: at once */
int request_confirm(struct work *w, struct err *e); /* ticket of kind join, leave or command */
int command_handle(struct work *w, struct err *e);  /* command.c: LIST-request, plenary@ */
int command_help(struct work *w, struct err *e);    /* LIST-help */
int moderate_handle(struct work *w,
		    struct err *e); /* moderate.c: ticket of kind moderate or cancel */
int owner_handle(struct work *w,
		 struct err *e); /* owner.c: LIST-owner, postmaster, appeal: handed on */
int report_handle(struct work *w, struct err *e); /* report.c: what comes to a return path */

#endif
