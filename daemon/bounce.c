/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bounce: see bounce.h. The enhanced status code (RFC 3463) is believed first; only where a server
 * gives none, or the meaningless x.0.0, do its words decide. What is not plainly the member's fault
 * counts nothing: a wrong pause costs a member her list.
 */
#include "daemon/bounce.h"

#include "daemon/member.h"

#define POINTS_A_DAY 10 /* half points: at most 5 a day */

/* Codes by their subject and detail, "x.S.D"; the first that fits. */
static const struct status_row {
	const char *code; /* behind the class digit and its dot */
	bool hard, fault;
} status_rows[] = {
    {"1.1", true, true},   /* bad destination mailbox */
    {"1.2", true, true},   /* bad destination system */
    {"1.3", true, true},   /* bad syntax of address */
    {"1.6", true, true},   /* mailbox has moved */
    {"1.10", true, true},  /* recipient domain has a null MX (RFC 7505) */
    {"2.1", true, true},   /* mailbox disabled */
    {"2.2", false, true},  /* mailbox full */
    {"2.3", false, false}, /* message too long: the post's fault */
    {"3.", false, false},  /* system not able: not the member's */
    {"4.1", false, true},  /* no answer from host */
    {"4.4", false, true},  /* unable to route */
    {"4.7", false, true},  /* delivery time expired */
    {"6.", false, false},  /* content */
    {"7.", false, false},  /* policy, authentication, spam */
};

static const struct word_row {
	const char *words;
	bool hard, fault;
} word_rows[] = {
    {"spam", false, false},
    {"dmarc", false, false},
    {"policy", false, false},
    {"blocked", false, false},
    {"blacklist", false, false},
    {"reputation", false, false},
    {"too large", false, false},
    {"quota", false, true},
    {"mailbox full", false, true},
    {"mailbox is full", false, true},
    {"over limit", false, true},
    {"user unknown", true, true},
    {"no such user", true, true},
    {"unknown user", true, true},
    {"does not exist", true, true},
    {"doesn't exist", true, true},
    {"no such recipient", true, true},
    {"invalid recipient", true, true},
    {"no mailbox", true, true},
    {"mailbox unavailable", true, true},
    {"recipient rejected", true, true},
    {"user not found", true, true},
    {"account has been disabled", true, true},
    {"unrouteable", true, true},
};

/* "D.S.D" with a class of 2, 4 or 5 as a word of its own, also right behind "550-"; empty if none.
 */
static struct slice
find_status(struct slice reply)
{
	struct slice word;
	while (slice_next_word(&reply, &word)) {
		if (word.n > 4 && word.p[3] == '-')
			word = slice_from(word, 4);
		if (word.n < 5 || (word.p[0] != '2' && word.p[0] != '4' && word.p[0] != '5') ||
		    word.p[1] != '.' || word.p[2] < '0' || word.p[2] > '9')
			continue;
		size_t i = 2;
		while (i < word.n && ((word.p[i] >= '0' && word.p[i] <= '9') || word.p[i] == '.'))
			i++;
		return slice_sub(word, 0, i);
	}
	return slice_make(NULL, 0);
}

static bool
status_matches(struct slice detail, const char *code)
{
	struct slice c = slice_str(code);
	return c.p[c.n - 1] == '.' ? slice_starts(detail, c) : slice_eq(detail, c);
}

void
bounce_classify(struct bounce *b, struct slice reply)
{
	b->status = find_status(reply);
	b->text = reply;
	b->hard = false;
	b->members_fault = false;
	if (b->status.n > 2) {
		struct slice detail = slice_from(b->status, 2);
		for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++)
			if (status_matches(detail, status_rows[i].code)) {
				b->hard = status_rows[i].hard;
				b->members_fault = status_rows[i].fault;
				return;
			}
	}
	for (size_t i = 0; i < sizeof(word_rows) / sizeof(word_rows[0]); i++) {
		struct slice w = slice_str(word_rows[i].words);
		if (slice_find_ci(reply, w) < reply.n) {
			b->hard = word_rows[i].hard;
			b->members_fault = word_rows[i].fault;
			return;
		}
	}
}

int
bounce_record(struct db *db, const struct bounce *b, int64_t now, struct err *e)
{
	int64_t today = 0;
	int points = b->members_fault && b->subscription > 0 ? (b->hard ? 2 : 1) : 0;
	if (points > 0 &&
	    db_one_int(db, e, &today,
		       "SELECT sum(counted) FROM bounce WHERE subscription = ? AND t > ?", "ii",
		       b->subscription, now - 86400) < 0)
		return -1;
	if (today + points > POINTS_A_DAY)
		points = 0;
	if (db_do(db, e,
		  "INSERT INTO bounce (t, list, subscription, seq, hard, status, text, counted)"
		  " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		  "itiiissi", now, b->list, b->subscription, b->seq, (int64_t)b->hard, b->status,
		  b->text, (int64_t)points) < 0)
		return -1;
	return points > 0 ? member_bounced(db, b->subscription, points, now, e) : 0;
}
