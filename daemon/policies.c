/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policies: see policies.h. A question goes through at most two names, the domain's and its
 * organisation's; what was found out about a name is one row, whoever asked.
 *
 * 1. A question ends, and wakes, exactly once; those who wait for it may let go before and after.
 * 2. The cache is never needed: with a database that can't be written, everything is asked anew.
 */
#include "config.h"
#include "daemon/policies.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/dmarc.h"

#define KEEP_MIN 300
#define KEEP_MAX 86400
#define KEEP_FAILED 60
#define NAME_MAX_LENGTH 253 /* RFC 1035 2.3.4, as text */
#define TRIM "5000"         /* rows a call: a bounded pause in the list's work */

enum finding_kind { FINDING_NONE, FINDING_RECORD, FINDING_FAILED }; /* as in the table */

/* What is known of one name. */
struct finding {
	enum finding_kind what;
	struct dmarc_record record;
	int64_t until;
};

struct kept {
	struct kept *next;
	char *domain;
	struct finding finding;
};

struct policy_question {
	struct policies *all;
	struct policy_question *next;
	struct arena *arena;
	const char *domain, *organisation;
	bool at_organisation; /* the second step */
	bool answered, asking;
	int holders;
	struct policy policy;
};

struct policies {
	struct db *db;
	policies_lookup *lookup;
	void *lookup_arg;
	void (*wake)(void *arg);
	void *wake_arg;
	struct policy_question *first;
	size_t nquestions;
	struct kept *kept; /* not written down yet */
};

struct policies *
policies_new(struct db *db, policies_lookup *lookup, void *lookup_arg, void (*wake)(void *arg),
	     void *wake_arg)
{
	struct policies *p = calloc(1, sizeof(*p));
	if (!p)
		fatal("no memory");
	p->db = db;
	p->lookup = lookup;
	p->lookup_arg = lookup_arg;
	p->wake = wake;
	p->wake_arg = wake_arg;
	return p;
}

static void
forget_kept(struct policies *p)
{
	while (p->kept) {
		struct kept *k = p->kept;
		p->kept = k->next;
		free(k->domain);
		free(k);
	}
}

static void
question_free(struct policy_question *q)
{
	struct policy_question **at = &q->all->first;
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	q->all->nquestions--;
	arena_free(q->arena);
	free(q);
}

void
policies_free(struct policies *p)
{
	if (!p)
		return;
	while (p->first)
		question_free(p->first);
	forget_kept(p);
	free(p);
}

/* --- the cache ------------------------------------------------------------------------------ */

static bool
kept_find(const struct policies *p, const char *domain, struct finding *f)
{
	for (const struct kept *k = p->kept; k; k = k->next)
		if (strcmp(k->domain, domain) == 0) {
			*f = k->finding;
			return true;
		}
	return false;
}

/* What is known of a domain at this time. */
static bool
cache_find(struct policies *p, const char *domain, int64_t now, struct finding *f)
{
	struct db_query q;
	struct err e = {0};
	if (kept_find(p, domain, f))
		return true;
	int r = db_ask(p->db, &q, &e,
		       "SELECT what, enforces, sub_enforces, strict FROM dmarc_cache"
		       " WHERE domain = ? AND until > ?",
		       "ti", domain, now);
	if (r == 0) {
		r = db_next(&q, &e);
		if (r == 1) {
			f->what = (enum finding_kind)db_int(&q, 0);
			f->record.enforces = db_int(&q, 1) != 0;
			f->record.sub_enforces = db_int(&q, 2) != 0;
			f->record.strict = db_int(&q, 3) != 0;
		}
		db_end(&q);
	}
	if (r < 0)
		log_error("DMARC cache: %s", e.text);
	return r == 1;
}

static void
cache_keep(struct policies *p, const char *domain, const struct finding *f)
{
	struct kept *k = calloc(1, sizeof(*k));
	char *copy = strdup(domain);
	if (!k || !copy)
		fatal("no memory");
	k->domain = copy;
	k->finding = *f;
	k->next = p->kept;
	p->kept = k;
}

static int
write_kept(struct db *db, const struct kept *k, struct err *e)
{
	const struct dmarc_record *r = &k->finding.record;
	return db_do(db, e,
		     "INSERT OR REPLACE INTO dmarc_cache"
		     " (domain, what, enforces, sub_enforces, strict, until)"
		     " VALUES (?, ?, ?, ?, ?, ?)",
		     "tiiiii", k->domain, (int64_t)k->finding.what, (int64_t)r->enforces,
		     (int64_t)r->sub_enforces, (int64_t)r->strict, k->finding.until) < 0
		   ? -1
		   : 0;
}

void
policies_keep(struct policies *p, int64_t now)
{
	struct err e = {0};
	if (!p->kept)
		return;
	int ret = db_begin(p->db, &e);
	for (const struct kept *k = p->kept; ret == 0 && k; k = k->next)
		if (k->finding.until > now)
			ret = write_kept(p->db, k, &e);
	if (ret == 0)
		ret = db_commit(p->db, &e);
	if (ret < 0) {
		log_error("DMARC cache: %s", e.text);
		if (db_in_transaction(p->db))
			db_rollback(p->db);
	}
	forget_kept(p);
}

int
policies_trim(struct db *db, int64_t now, struct err *e)
{
	return db_do(db, e,
		     "DELETE FROM dmarc_cache WHERE domain IN"
		     " (SELECT domain FROM dmarc_cache WHERE until <= ? LIMIT " TRIM ")",
		     "i", now) < 0
		   ? -1
		   : 0;
}

/* --- questions ------------------------------------------------------------------------------ */

/* What a finding about one of its names means for a question; false: the other name decides. */
static bool
conclude(struct policy_question *q, const struct finding *f)
{
	bool sub = q->at_organisation;
	if (f->what == FINDING_NONE && !sub && strcmp(q->domain, q->organisation) != 0)
		return false;
	q->policy.strict = f->what == FINDING_RECORD && f->record.strict;
	if (f->what == FINDING_FAILED)
		q->policy.says = POLICY_UNREACHABLE;
	else if (f->what == FINDING_RECORD && (sub ? f->record.sub_enforces : f->record.enforces))
		q->policy.says = POLICY_ENFORCES;
	else
		q->policy.says = POLICY_NONE;
	return true;
}

/* Answers from what is known already. */
static bool
from_cache(struct policy_question *q, int64_t now)
{
	struct finding f;
	if (!q->at_organisation) {
		if (!cache_find(q->all, q->domain, now, &f))
			return false;
		if (conclude(q, &f))
			return true;
		q->at_organisation = true;
	}
	return cache_find(q->all, q->organisation, now, &f) && conclude(q, &f);
}

static const char *
current_name(const struct policy_question *q)
{
	return q->at_organisation ? q->organisation : q->domain;
}

static void
read_finding(const struct txt_answer *answer, int64_t now, struct finding *f)
{
	int64_t ttl = answer->ttl < KEEP_MIN ? KEEP_MIN : answer->ttl;
	memset(f, 0, sizeof(*f));
	f->until = now + (ttl > KEEP_MAX ? KEEP_MAX : ttl);
	if (answer->status == TXT_FAILED) {
		f->what = FINDING_FAILED;
		f->until = now + KEEP_FAILED;
	} else if (dmarc_choose(answer->text, answer->n, &f->record)) {
		f->what = FINDING_RECORD;
	}
}

static void on_answer(void *arg, const struct txt_answer *answer);

static void
start_lookup(struct policy_question *q)
{
	struct policies *p = q->all;
	q->asking = true;
	p->lookup(p->lookup_arg, arena_printf(q->arena, DMARC_PREFIX "%s", current_name(q)),
		  on_answer, q);
}

static void
on_answer(void *arg, const struct txt_answer *answer)
{
	struct policy_question *q = arg;
	struct policies *p = q->all;
	struct finding f;
	int64_t now = clock_now();
	q->asking = false;
	read_finding(answer, now, &f);
	if (f.what == FINDING_FAILED)
		log_info("the DMARC policy of %s can't be reached: %s",
			 log_str(slice_str(current_name(q))), answer->why);
	cache_keep(p, current_name(q), &f);
	if (!conclude(q, &f)) {
		q->at_organisation = true;
		if (!from_cache(q, now)) {
			start_lookup(q);
			return;
		}
	}
	q->answered = true;
	if (q->holders == 0)
		question_free(q);
	p->wake(p->wake_arg);
}

static struct policy_question *
question_find(struct policies *p, struct slice domain)
{
	struct policy_question *q = p->first;
	while (q && (q->answered || !slice_is_ci(domain, q->domain)))
		q = q->next;
	return q;
}

/* Without an answer yet, and without a lookup. */
static struct policy_question *
question_new(struct policies *p, struct slice domain)
{
	struct policy_question *q = calloc(1, sizeof(*q));
	if (!q)
		fatal("no memory");
	q->all = p;
	q->arena = arena_new();
	q->domain = arena_lower(q->arena, domain);
	q->organisation = dmarc_organisation(q->arena, domain);
	q->next = p->first;
	p->first = q;
	p->nquestions++;
	return q;
}

static bool
can_have_record(struct slice domain)
{
	return domain.n > 0 && domain.p[0] != '[' && slice_find_char(domain, '.') < domain.n &&
	       domain.n <= NAME_MAX_LENGTH - strlen(DMARC_PREFIX);
}

int
policies_ask(struct policies *p, struct slice domain, int64_t now, struct policy *policy,
	     struct policy_question **out)
{
	struct policy_question *q = question_find(p, domain);
	*policy = (struct policy){.says = POLICY_NONE};
	if (!can_have_record(domain))
		return 1;
	if (!q) {
		q = question_new(p, domain);
		if (from_cache(q, now)) {
			*policy = q->policy;
			question_free(q);
			return 1;
		}
		if (p->nquestions > POLICIES_ASKED_MAX) {
			question_free(q);
			return -1;
		}
		start_lookup(q);
	}
	q->holders++;
	*out = q;
	return 0;
}

bool
policies_answered(const struct policy_question *q, struct policy *policy)
{
	if (q->answered)
		*policy = q->policy;
	return q->answered;
}

void
policies_let_go(struct policy_question *q)
{
	if (--q->holders == 0 && q->answered)
		question_free(q);
}
