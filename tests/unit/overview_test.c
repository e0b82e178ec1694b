/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forest against a plain model that knows the whole set at once, over random sets in random
 * orders: ghosts, circles, twins, subject-only replies, missing and doubled references, replies to
 * digests that quote others by id, date, words or subject.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "archive/fields.h"
#include "archive/overview.h"
#include "archive/planting.h"
#include "archive/trace.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/file.h"
#include "base/hash.h"

#define DAY 86400
#define START 1000000000

static char dir[] = "/tmp/overview-XXXXXX";
static uint64_t seed;

static uint64_t
rnd(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

/* --- made messages ---------------------------------------------------------------------------- */

#define IDS 12
#define MESSAGES 24
#define REFS 5

struct made {
	int id, body;
	int64_t date;
	int refs[REFS];
	int nrefs;
	int subject; /* 0 none */
	bool reply;
	struct quote {
		bool digest, keep;
		int id;       /* -1 none */
		int64_t date; /* 0 none */
		int subject;  /* 0 none */
		int body;     /* whose words; -1 none */
	} quote;
	/* filled in */
	struct fields f;
	struct planting p;
};

/* Words that only messages with this body have. */
static void
body_runs(struct arena *a, int body, size_t max, const uint32_t **runs, size_t *n)
{
	struct runs *r = runs_new(a);

	for (int i = 0; i < 60; i++)
		runs_add(r, slice_str(arena_printf(a, "b%dw%d", body, i)));
	*n = runs_end(r, max, runs);
}

static struct slice
subject_text(struct arena *a, int subject)
{
	return subject ? slice_str(arena_printf(a, "subject %d", subject)) : SLICE("");
}

static struct digest_evidence *
make_evidence(const struct quote *q, struct arena *a)
{
	struct digest_evidence *ev = arena_zalloc(a, sizeof *ev);

	ev->keep_reference = q->keep;
	ev->minute = -1;
	ev->dated = q->date != 0;
	ev->date = q->date;
	ev->subject = trace_hash(subject_text(a, q->subject));
	ev->by_id = q->id >= 0;
	if (ev->by_id)
		hash_sha1(slice_str(arena_printf(a, "m%d@x", q->id)), ev->key);
	if (q->body >= 0)
		body_runs(a, q->body, DIGEST_RUNS_MAX, &ev->runs, &ev->nruns);
	return ev;
}

static void
make_trace(struct made *m, struct arena *a)
{
	struct trace t = {.subject = trace_hash(m->f.subject_base)};

	body_runs(a, m->body, TRACE_RUNS_MAX, &t.runs, &t.nruns);
	m->f.trace = trace_pack(&t, a);
	m->f.digest = m->quote.digest ? make_evidence(&m->quote, a) : NULL;
}

static void
make_fields(struct made *m, struct arena *a)
{
	struct fields *f = &m->f;
	uint8_t sha[SHA256_SIZE];

	memset(f, 0, sizeof *f);
	f->id.msgid = slice_str(arena_printf(a, "m%d@x", m->id));
	msgid_key(f->id.msgid, f->id.key);
	memcpy(f->key, f->id.key, KEY_SIZE);
	hash_sha256(slice_str(arena_printf(a, "body %d", m->body)), sha);
	hash_hex(sha, sizeof sha, f->id.body_sha256);
	f->date = f->received = m->date;
	f->subject_base = subject_text(a, m->subject);
	f->subject = f->subject_base;
	f->is_reply = m->reply;
	f->references = arena_array(a, REFS, sizeof *f->references);
	for (int i = 0; i < m->nrefs; i++)
		f->references[f->nreferences++] = slice_str(arena_printf(a, "m%d@x", m->refs[i]));
	make_trace(m, a);
	assert_int_equal(planting_of(&m->p, a, f, NULL), 0);
}

static void
make_quote(struct made *m)
{
	struct quote *q = &m->quote;

	q->digest = rnd(3) == 0;
	q->keep = rnd(4) == 0;
	q->id = rnd(5) == 0 ? (int)rnd(IDS) : -1;
	q->date = rnd(4) == 0 ? START + (int64_t)rnd(60) * DAY : 0;
	q->subject = (int)rnd(6) % 4;
	q->body = rnd(2) == 0 ? 10 * (int)rnd(IDS) : -1;
}

/* Small worlds, so that everything meets everything. */
static size_t
make_set(struct made *ms, struct arena *a)
{
	size_t n = 1 + rnd(MESSAGES - 1), kept = 0;
	uint64_t shape = rnd(4); /* few or many references, subjects, days */

	for (size_t i = 0; i < n; i++) {
		struct made *m = &ms[kept];

		memset(m, 0, sizeof *m);
		m->id = (int)rnd(IDS);
		m->body = (int)rnd(shape == 1 ? 3 : 1) + 10 * m->id;
		m->date = START + (int64_t)rnd(shape == 2 ? 4 : 60) * DAY;
		m->nrefs = (int)(rnd(3) == 0 ? 0 : rnd(shape == 3 ? REFS + 1 : 3));
		for (int r = 0; r < m->nrefs; r++)
			m->refs[r] = (int)rnd(IDS);
		m->subject = (int)rnd(4);
		m->reply = rnd(2) == 0;
		make_quote(m);
		make_fields(m, a);
		/* The same message twice is one; which of two headers is kept is not our theme. */
		bool twice = false;
		for (size_t k = 0; k < kept; k++)
			twice |= ms[k].id == m->id && ms[k].body == m->body;
		kept += !twice;
	}
	return kept;
}

static void
shuffle(size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t j = rnd(i), t = order[i - 1];

		order[i - 1] = order[j];
		order[j] = t;
	}
}

/* --- the model -------------------------------------------------------------------------------- */

struct model {
	bool known[IDS], present[IDS], weak[IDS];
	int wanted[IDS], parent[IDS]; /* -1 none */
	int64_t date[IDS], rank[IDS]; /* of the one that speaks */
};

static bool
before(int64_t d1, int64_t r1, int64_t d2, int64_t r2)
{
	return d1 < d2 || (d1 == d2 && r1 < r2);
}

static int
ref_number(const struct made *m, size_t i)
{
	return atoi(m->p.refs[i].msgid.p + 1);
}

static int
subject_parent(const struct made *ms, size_t n, const struct made *m)
{
	const struct made *best = NULL;

	if (m->subject == 0 || !m->reply || m->p.nrefs > 0 || m->p.digest)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (ms[i].subject == m->subject && ms[i].p.nrefs == 0 && !ms[i].p.digest &&
		    before(ms[i].p.date, ms[i].p.rank, m->p.date, m->p.rank) &&
		    (!best || before(best->p.date, best->p.rank, ms[i].p.date, ms[i].p.rank)))
			best = &ms[i];
	if (!best || m->date - best->date > FOREST_SUBJECT_WINDOW)
		return -1;
	return best->id;
}

/* How well does c fit the quote of m? */
static int
model_fit(const struct made *m, const struct made *c)
{
	const struct quote *q = &m->quote;
	bool by_id = q->id == c->id && memcmp(c->p.key, c->p.id_key, NODE_KEY_SIZE) == 0;
	bool in_time = before(c->date, c->p.rank, m->date, m->p.rank) &&
		       m->date - c->date <= FOREST_SUBJECT_WINDOW;
	const uint32_t *runs;
	struct arena *a;
	int fit = 0;

	if (c->id == m->id || (!by_id && !in_time))
		return 0;
	fit += by_id ? 1000 : 0;
	fit += q->date != 0 && q->date == c->date ? 300 : 0;
	fit += q->subject != 0 && q->subject == c->subject ? 10 : 0;
	if (q->body == c->body) {
		size_t n;

		a = arena_new();
		body_runs(a, c->body, TRACE_RUNS_MAX, &runs, &n);
		fit += 30 + (int)n;
		arena_free(a);
	}
	return fit;
}

static int
quote_parent(const struct made *ms, size_t n, const struct made *m)
{
	const struct made *best = NULL;
	int fit, best_fit = 0;

	for (size_t i = 0; i < n; i++) {
		fit = model_fit(m, &ms[i]);
		if (fit == 0 || fit < best_fit ||
		    (fit == best_fit &&
		     before(ms[i].p.date, ms[i].p.rank, best->p.date, best->p.rank)))
			continue;
		best = &ms[i];
		best_fit = fit;
	}
	return best ? best->id : -1;
}

static void
model_digest(struct model *w, const struct made *ms, size_t n, const struct made *m)
{
	int ref = m->p.nrefs > 0 ? ref_number(m, 0) : -1;
	int found = quote_parent(ms, n, m);

	for (size_t i = 0; i < n; i++)
		if (ref >= 0 && ms[i].id == ref)
			found = -2; /* the reference is there */
	w->weak[m->id] = found >= 0;
	w->wanted[m->id] = found >= 0 ? found : found == -2 || m->quote.keep ? ref : -1;
}

static void
model_wishes(struct model *w, const struct made *ms, size_t n)
{
	for (int id = 0; id < IDS; id++) {
		w->wanted[id] = -1;
		w->date[id] = w->rank[id] = INT64_MAX;
	}
	for (size_t i = 0; i < n; i++) {
		const struct made *m = &ms[i];

		w->known[m->id] = w->present[m->id] = true;
		if (!before(m->p.date, m->p.rank, w->date[m->id], w->rank[m->id]))
			continue;
		w->date[m->id] = m->p.date;
		w->rank[m->id] = m->p.rank;
		w->wanted[m->id] =
		    m->p.nrefs > 0 ? ref_number(m, m->p.nrefs - 1) : subject_parent(ms, n, m);
		w->weak[m->id] = m->p.nrefs == 0 && w->wanted[m->id] >= 0;
		if (m->p.digest)
			model_digest(w, ms, n, m);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < ms[i].p.nrefs; r++) {
			int id = ref_number(&ms[i], r);

			w->known[id] = true;
			if (w->present[id] || r == 0 ||
			    !before(ms[i].p.date, ms[i].p.rank, w->date[id], w->rank[id]))
				continue;
			w->date[id] = ms[i].p.date;
			w->rank[id] = ms[i].p.rank;
			w->wanted[id] = ref_number(&ms[i], r - 1);
		}
}

static bool
model_cut_before(const struct model *w, int a, int b)
{
	uint8_t ka[SHA1_SIZE], kb[SHA1_SIZE];
	char name[16];

	if (w->weak[a] != w->weak[b])
		return w->weak[a];
	if (w->present[a] != w->present[b])
		return w->present[a];
	if (w->present[a] && (w->date[a] != w->date[b] || w->rank[a] != w->rank[b]))
		return before(w->date[a], w->rank[a], w->date[b], w->rank[b]);
	snprintf(name, sizeof name, "m%d@x", a);
	hash_sha1(slice_str(name), ka);
	snprintf(name, sizeof name, "m%d@x", b);
	hash_sha1(slice_str(name), kb);
	return memcmp(ka, kb, SHA1_SIZE) < 0;
}

static void
model_cuts(struct model *w)
{
	memcpy(w->parent, w->wanted, sizeof w->parent);
	for (int id = 0; id < IDS; id++) {
		int at = id, best = id, steps = 0;

		/* Is id in a circle? */
		do
			at = w->wanted[at];
		while (at >= 0 && at != id && ++steps <= IDS);
		if (at != id)
			continue;
		for (at = w->wanted[id]; at != id; at = w->wanted[at])
			if (model_cut_before(w, at, best))
				best = at;
		w->parent[best] = -1;
	}
}

/* --- what the overview says ------------------------------------------------------------------- */

static int
number_of(struct overview *ov, struct arena *a, int64_t id)
{
	struct overview_message m;

	if (id == 0)
		return -1;
	assert_int_equal(overview_by_id(ov, a, id, &m, NULL), 1);
	return atoi(m.msgid.p + 1);
}

static void
check_forest(struct overview *ov, struct arena *a, const struct model *w)
{
	for (int id = 0; id < IDS; id++) {
		struct overview_message m;
		struct slice msgid = slice_str(arena_printf(a, "m%d@x", id));
		int r = overview_by_msgid(ov, a, "l", msgid, &m, NULL);

		assert_int_equal(r, w->known[id]);
		if (!w->known[id])
			continue;
		assert_int_equal(m.state, w->present[id] ? OVERVIEW_PRESENT : OVERVIEW_GHOST);
		assert_int_equal(number_of(ov, a, m.parent), w->parent[id]);
	}
}

/* Sums of a thread and of months, from the messages themselves. */
static void
check_thread(struct overview *ov, struct arena *a, const struct made *ms, size_t n,
	     const struct overview_message *m, int root)
{
	struct overview_thread t;
	char key[KEY_SIZE];
	int64_t count = 0, first = INT64_MAX, last = INT64_MIN;

	assert_int_equal(overview_thread_info(ov, a, m->thread, &t, NULL), 1);
	msgid_key(slice_str(arena_printf(a, "m%d@x", root)), key);
	assert_string_equal(t.root_key, key);
	for (size_t i = 0; i < n; i++) {
		struct overview_message other;

		assert_int_equal(overview_by_msgid(ov, a, "l", ms[i].f.id.msgid, &other, NULL), 1);
		if (other.thread != m->thread)
			continue;
		count++;
		first = ms[i].date < first ? ms[i].date : first;
		last = ms[i].date > last ? ms[i].date : last;
	}
	assert_int_equal(t.messages, count);
	if (count > 0) {
		assert_int_equal(t.first, first);
		assert_int_equal(t.last, last);
	}
}

static void
check_threads(struct overview *ov, struct arena *a, const struct made *ms, size_t n,
	      const struct model *w)
{
	int64_t thread_of[IDS] = {0};

	for (int id = 0; id < IDS; id++) {
		struct overview_message m;
		int root = id;

		if (!w->known[id])
			continue;
		while (w->parent[root] >= 0)
			root = w->parent[root];
		assert_int_equal(overview_by_msgid(
				     ov, a, "l", slice_str(arena_printf(a, "m%d@x", id)), &m, NULL),
				 1);
		if (thread_of[root] == 0)
			thread_of[root] = m.thread;
		assert_int_equal(thread_of[root], m.thread);
		check_thread(ov, a, ms, n, &m, root);
	}
	for (int i = 0; i < IDS; i++)
		for (int k = 0; k < i; k++)
			assert_true(thread_of[i] == 0 || thread_of[i] != thread_of[k]);
}

static void
check_months(struct overview *ov, struct arena *a, size_t n)
{
	struct overview_month *months;
	struct overview_thread *ts;
	struct overview_totals t;
	int64_t messages = 0, threads = 0;
	size_t nmonths, nts;

	assert_int_equal(overview_months(ov, a, "l", &months, &nmonths, NULL), 0);
	for (size_t i = 0; i < nmonths; i++) {
		messages += months[i].messages;
		threads += months[i].threads;
		assert_true(i == 0 || months[i].month < months[i - 1].month);
		assert_int_equal(
		    overview_month_threads(ov, a, "l", months[i].month, 0, 100, &ts, &nts, NULL),
		    0);
		assert_int_equal(nts, months[i].threads);
		for (size_t k = 1; k < nts; k++)
			assert_true(ts[k - 1].first <= ts[k].first);
	}
	assert_int_equal(messages, n);
	assert_int_equal(overview_recent_threads(ov, a, "l", 100, &ts, &nts, NULL), 0);
	assert_int_equal(nts, threads);
	assert_int_equal(overview_totals(ov, "l", &t, NULL), 0);
	assert_int_equal(t.messages, n);
	assert_int_equal(t.threads, threads);
}

/* A ghost is shown where it holds something together, and as a root. */
static void
check_ghost(const struct overview_message *ms, size_t n, size_t at)
{
	size_t children = 0;

	for (size_t i = 0; i < n; i++)
		children += ms[i].parent == ms[at].id;
	assert_true(children >= (ms[at].depth == 0 ? 1 : 2));
}

/* The rows of a thread, as shown: each present one once, below its parent, in time order. */
static void
check_tree(struct overview *ov, struct arena *a, size_t n)
{
	struct overview_thread *ts;
	struct overview_message *ms;
	size_t nts, nms, present = 0;

	assert_int_equal(overview_recent_threads(ov, a, "l", 100, &ts, &nts, NULL), 0);
	for (size_t t = 0; t < nts; t++) {
		assert_int_equal(overview_thread(ov, a, ts[t].id, &ms, &nms, NULL), 0);
		assert_true(nms > 0 && ms[0].depth == 0);
		for (size_t i = 0; i < nms; i++) {
			size_t up = i;

			present += ms[i].state == OVERVIEW_PRESENT;
			if (ms[i].state == OVERVIEW_GHOST)
				check_ghost(ms, nms, i);
			assert_int_equal(ms[i].depth == 0, ms[i].parent == 0);
			while (up > 0 && ms[i].depth > 0 && ms[up].depth != ms[i].depth - 1)
				up--;
			if (ms[i].depth > 0)
				assert_int_equal(ms[up].id, ms[i].parent);
		}
	}
	assert_int_equal(present, n);
}

static struct overview *
open_new(const char *name)
{
	struct overview *ov;
	struct err e = {0};
	char path[200];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (overview_open(&ov, path, true, &e) < 0)
		fail_msg("%s", e.text);
	return ov;
}

static void
add(struct overview *ov, struct made *m)
{
	enum overview_added how;
	struct err e = {0};
	int64_t id;
	int r = overview_resolve(ov, "l", &m->f, &e);

	assert_int_equal(r, 0);
	if (overview_add(ov, "l", &m->f, &how, &id, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(how, OVERVIEW_ADDED);
	assert_int_equal(overview_resolve(ov, "l", &m->f, &e), 1);
	assert_int_equal(overview_add(ov, "l", &m->f, &how, &id, &e), 0);
	assert_int_equal(how, OVERVIEW_ALREADY_THERE);
}

/* One list, dropped after each round: opening a file is most of the time otherwise. */
static void
round_of(struct overview *ov, struct made *ms, size_t n, const struct model *w)
{
	struct arena *a = arena_new();
	size_t order[MESSAGES];

	shuffle(order, n);
	assert_int_equal(overview_begin(ov, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		memcpy(ms[order[i]].f.key, ms[order[i]].f.id.key, KEY_SIZE);
		add(ov, &ms[order[i]]);
		if (rnd(5) == 0) {
			assert_int_equal(overview_commit(ov, NULL), 0);
			assert_int_equal(overview_begin(ov, NULL), 0);
		}
	}
	assert_int_equal(overview_commit(ov, NULL), 0);
	check_forest(ov, a, w);
	check_threads(ov, a, ms, n, w);
	check_months(ov, a, n);
	check_tree(ov, a, n);
	assert_int_equal(overview_begin(ov, NULL), 0);
	assert_int_equal(overview_drop_list(ov, "l", NULL), 0);
	assert_int_equal(overview_commit(ov, NULL), 0);
	arena_free(a);
}

static void
order_does_not_matter(void **state)
{
	struct overview *ov = open_new("order.db");
	const char *rounds = getenv("OVERVIEW_ROUNDS");
	long n = rounds ? atol(rounds) : 400;

	(void)state;
	for (long i = 0; i < n; i++) {
		struct arena *a = arena_new();
		struct made ms[MESSAGES];
		struct model w = {0};
		size_t count;

		seed = 0x9e3779b97f4a7c15u * (uint64_t)(i + 1);
		count = make_set(ms, a);
		model_wishes(&w, ms, count);
		model_cuts(&w);
		for (int k = 0; k < 3; k++)
			round_of(ov, ms, count, &w);
		arena_free(a);
	}
	overview_close(ov);
}

/* --- single points ---------------------------------------------------------------------------- */

static struct made
plain(int id, int64_t date, int parent, struct arena *a)
{
	struct made m = {
	    .id = id, .body = id, .date = date, .subject = 1, .quote = {.id = -1, .body = -1}};

	if (parent >= 0)
		m.refs[m.nrefs++] = parent;
	make_fields(&m, a);
	return m;
}

static size_t
count_marks(struct overview *ov, struct arena *a, enum dirty_kind kind)
{
	struct dirty *ds;
	size_t n, found = 0;

	assert_int_equal(overview_dirty(ov, a, 1000, &ds, &n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		found += ds[i].kind == kind;
	return found;
}

static void
clear_marks(struct overview *ov, struct arena *a)
{
	struct dirty *ds;
	size_t n;

	assert_int_equal(overview_dirty(ov, a, 1000, &ds, &n, NULL), 0);
	assert_int_equal(overview_dirty_clear(ov, ds, n, NULL), 0);
	assert_int_equal(overview_dirty(ov, a, 1000, &ds, &n, NULL), 0);
	assert_int_equal(n, 0);
}

static void
add_alone(struct overview *ov, struct made *m)
{
	assert_int_equal(overview_begin(ov, NULL), 0);
	add(ov, m);
	assert_int_equal(overview_commit(ov, NULL), 0);
}

static void
marks_follow_changes(void **state)
{
	struct overview *ov = open_new("marks.db");
	struct arena *a = arena_new();
	struct made child = plain(2, START + DAY, 1, a), root = plain(1, START, 0, a);
	struct dirty *ds;
	int64_t *ids;
	size_t n;

	(void)state;
	add_alone(ov, &child);
	assert_int_equal(count_marks(ov, a, DIRTY_MESSAGE), 1);
	assert_int_equal(count_marks(ov, a, DIRTY_THREAD), 1);
	assert_int_equal(count_marks(ov, a, DIRTY_MONTH), 1);
	assert_int_equal(count_marks(ov, a, DIRTY_MBOX_MONTH), 1);
	assert_int_equal(count_marks(ov, a, DIRTY_LIST), 1);
	assert_int_equal(count_marks(ov, a, DIRTY_FRONT), 1);
	assert_int_equal(count_marks(ov, a, DIRTY_ALIAS), 0);
	clear_marks(ov, a);
	assert_int_equal(overview_unindexed(ov, a, 10, &ids, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(overview_indexed(ov, ids, n, NULL), 0);
	/* The ghost m1 comes and names m0: the thread has another root, m1 is an alias, and the
	 * child has another thread in the index. */
	add_alone(ov, &root);
	assert_int_equal(count_marks(ov, a, DIRTY_MESSAGE), 2);
	assert_int_equal(count_marks(ov, a, DIRTY_ALIAS), 1);
	assert_int_equal(overview_unindexed(ov, a, 10, &ids, &n, NULL), 0);
	assert_int_equal(n, 2);
	/* A page that is marked anew while it is being written stays marked. */
	assert_int_equal(overview_dirty(ov, a, 1000, &ds, &n, NULL), 0);
	assert_int_equal(overview_mark(ov, ds[0].kind, ds[0].list, ds[0].ref, 7, NULL), 0);
	assert_int_equal(overview_dirty_clear(ov, ds, n, NULL), 0);
	assert_int_equal(overview_dirty(ov, a, 1000, &ds, &n, NULL), 0);
	assert_int_equal(n, 1);
	arena_free(a);
	overview_close(ov);
}

static void
rollback_leaves_nothing(void **state)
{
	struct overview *ov = open_new("back.db");
	struct arena *a = arena_new();
	struct made m = plain(2, START, 1, a);
	struct overview_message got;

	(void)state;
	assert_int_equal(overview_begin(ov, NULL), 0);
	add(ov, &m);
	overview_rollback(ov);
	assert_int_equal(overview_by_msgid(ov, a, "l", m.f.id.msgid, &got, NULL), 0);
	assert_int_equal(count_marks(ov, a, DIRTY_LIST), 0);
	add_alone(ov, &m);
	assert_int_equal(overview_by_msgid(ov, a, "l", m.f.id.msgid, &got, NULL), 1);
	check_months(ov, a, 1);
	arena_free(a);
	overview_close(ov);
}

static void
tombstones_keep_their_place(void **state)
{
	struct overview *ov = open_new("stone.db");
	struct arena *a = arena_new();
	struct made ms[] = {plain(1, START, -1, a), plain(2, START + 1, 1, a),
			    plain(3, START + 2, 2, a)};
	struct overview_message m, *rows;
	struct overview_thread t;
	size_t n;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		add_alone(ov, &ms[i]);
	assert_int_equal(overview_begin(ov, NULL), 0);
	assert_int_equal(overview_withdraw(ov, "l", slice_str(ms[1].f.key), "asked for", 5, NULL),
			 0);
	assert_int_equal(overview_withdraw(ov, "l", slice_str(ms[1].f.key), "again", 6, NULL), -1);
	assert_int_equal(overview_withdraw(ov, "l", SLICE("nonsense"), "x", 7, NULL), -1);
	assert_int_equal(overview_commit(ov, NULL), 0);
	assert_int_equal(overview_by_key(ov, a, "l", slice_str(ms[1].f.key), &m, NULL), 1);
	assert_int_equal(m.state, OVERVIEW_WITHDRAWN);
	assert_true(slice_is(m.reason, "asked for") && m.subject.n == 0);
	assert_int_equal(m.received, 5);
	assert_int_equal(overview_thread(ov, a, m.thread, &rows, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rows[1].id, m.id);
	assert_int_equal(rows[2].depth, 2);
	assert_int_equal(overview_thread_info(ov, a, m.thread, &t, NULL), 1);
	assert_int_equal(t.messages, 2);
	check_months(ov, a, 2);
	/* It does not come back by itself. */
	assert_int_equal(overview_resolve(ov, "l", &ms[1].f, NULL), 1);
	arena_free(a);
	overview_close(ov);
}

static void
neighbours_and_walk(void **state)
{
	struct overview *ov = open_new("walk.db");
	struct arena *a = arena_new();
	struct overview_message m, *rows;
	int64_t beforehand, after, at = 0, last = 0;
	size_t n, seen = 0;

	(void)state;
	for (int i = 0; i < 30; i++) {
		struct made made = plain(i, START + (i * 7 % 30) * 1000, 100 + i, a);

		add_alone(ov, &made);
	}
	for (;;) {
		assert_int_equal(overview_walk(ov, a, "l", at, 7, &rows, &n, NULL), 0);
		if (n == 0)
			break;
		for (size_t i = 0; i < n; i++, seen++) {
			assert_true(rows[i].date > last);
			last = rows[i].date;
		}
		at = rows[n - 1].id;
	}
	assert_int_equal(seen, 30);
	assert_int_equal(overview_by_id(ov, a, at, &m, NULL), 1);
	assert_int_equal(overview_neighbours(ov, &m, &beforehand, &after, NULL), 0);
	assert_int_equal(after, 0);
	assert_int_equal(overview_by_id(ov, a, beforehand, &m, NULL), 1);
	assert_int_equal(m.date, START + 28 * 1000);
	assert_int_equal(overview_neighbours(ov, &m, &beforehand, &after, NULL), 0);
	assert_int_equal(after, at);
	assert_int_equal(overview_recent_messages(ov, a, "l", 3, &rows, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rows[0].id, at);
	assert_int_equal(overview_totals(ov, "none", &(struct overview_totals){0}, NULL), 0);
	arena_free(a);
	overview_close(ov);
}

static void
other_files_are_refused(void **state)
{
	struct overview *ov = open_new("old.db");
	char path[200];
	struct db *db;
	FILE *f;

	(void)state;
	overview_close(ov);
	snprintf(path, sizeof path, "%s/old.db", dir);
	assert_int_equal(db_open(&db, path, DB_WRITE_NORMAL, NULL, NULL), 0);
	assert_true(db_do(db, NULL, "PRAGMA user_version = 999", "") >= 0);
	db_close(db);
	errno = 0;
	assert_int_equal(overview_open(&ov, path, true, &(struct err){0}), -1);
	assert_int_equal(errno, EPROTO);
	f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database", f);
	fclose(f);
	errno = 0;
	assert_int_equal(overview_open(&ov, path, true, &(struct err){0}), -1);
	assert_int_equal(errno, EPROTO);
}

/* --- plans ------------------------------------------------------------------------------------ */

/*
 * Every statement that runs for a message or a page goes by an index: what runs is noted, and its
 * plan must have no scan of a table and no sorting. Tables that are read from their start with a
 * limit, or have one row, may be scanned.
 */
static const char *const scans_allowed[] = {"SCAN epoch", "SCAN sqlite_schema", "SCAN dirty",
					    "SCAN unindexed", "SCAN CONSTANT ROW"};
#define STATEMENTS 200

static sqlite3 *handle;
static char *statements[STATEMENTS];
static size_t nstatements;

static int
note_statement(unsigned type, void *arg, void *stmt, void *text)
{
	const char *sql = sqlite3_sql(stmt);

	(void)type;
	(void)arg;
	(void)text;
	for (size_t i = 0; i < nstatements; i++)
		if (strcmp(statements[i], sql) == 0)
			return 0;
	assert_true(nstatements < STATEMENTS);
	statements[nstatements++] = strdup(sql);
	return 0;
}

static int
note_handle(sqlite3 *db, char **error, const struct sqlite3_api_routines *api)
{
	(void)error;
	(void)api;
	handle = db;
	return SQLITE_OK;
}

static void
check_plan(const char *sql)
{
	sqlite3_stmt *stmt;
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);

	assert_int_equal(sqlite3_prepare_v2(handle, explain, -1, &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(stmt, 3);
		bool fine = strncmp(step, "SCAN", 4) != 0;

		for (size_t i = 0; i < sizeof scans_allowed / sizeof *scans_allowed; i++)
			fine |= strcmp(step, scans_allowed[i]) == 0;
		if (!fine || strstr(step, "TEMP B-TREE"))
			fail_msg("%s: %s", sql, step);
	}
	sqlite3_finalize(stmt);
	sqlite3_free(explain);
}

static void
ask_everything(struct overview *ov, struct arena *a)
{
	struct overview_message m, *ms;
	struct overview_thread *ts;
	struct overview_totals t;
	int64_t x, y, *ids;
	struct dirty *ds;
	size_t n;

	assert_int_equal(overview_recent_messages(ov, a, "l", 5, &ms, &n, NULL), 0);
	assert_true(n > 0);
	m = ms[0];
	assert_int_equal(overview_by_key(ov, a, "l", slice_str(m.key), &m, NULL), 1);
	assert_int_equal(overview_by_id(ov, a, m.id, &m, NULL), 1);
	assert_int_equal(overview_neighbours(ov, &m, &x, &y, NULL), 0);
	assert_int_equal(overview_thread(ov, a, m.thread, &ms, &n, NULL), 0);
	assert_int_equal(overview_recent_threads(ov, a, "l", 5, &ts, &n, NULL), 0);
	assert_int_equal(overview_month_threads(ov, a, "l", m.month, 0, 5, &ts, &n, NULL), 0);
	assert_int_equal(overview_walk(ov, a, "l", m.id, 5, &ms, &n, NULL), 0);
	assert_int_equal(overview_totals(ov, "l", &t, NULL), 0);
	assert_int_equal(overview_log_end(ov, "l", &x, NULL), 0);
	assert_int_equal(overview_unindexed(ov, a, 5, &ids, &n, NULL), 0);
	assert_int_equal(overview_indexed(ov, ids, n, NULL), 0);
	assert_int_equal(overview_dirty(ov, a, 5, &ds, &n, NULL), 0);
	assert_int_equal(overview_dirty_clear(ov, ds, n, NULL), 0);
	assert_int_equal(overview_begin(ov, NULL), 0);
	assert_int_equal(overview_withdraw(ov, "l", slice_str(m.key), "why", 8, NULL), 0);
	assert_int_equal(overview_commit(ov, NULL), 0);
}

static void
no_scans(void **state)
{
	struct arena *a = arena_new();
	struct overview *ov;

	(void)state;
	assert_int_equal(sqlite3_auto_extension((void (*)(void))note_handle), SQLITE_OK);
	ov = open_new("plans.db");
	sqlite3_reset_auto_extension();
	sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, note_statement, NULL);
	for (uint64_t i = 0; i < 20; i++) {
		struct made ms[MESSAGES];
		size_t n;

		seed = 77 * (i + 1);
		n = make_set(ms, a);
		assert_int_equal(overview_begin(ov, NULL), 0);
		for (size_t k = 0; k < n; k++)
			if (overview_resolve(ov, "l", &ms[k].f, NULL) == 0)
				add(ov, &ms[k]);
		assert_int_equal(overview_commit(ov, NULL), 0);
	}
	ask_everything(ov, a);
	sqlite3_trace_v2(handle, 0, NULL, NULL);
	assert_true(nstatements > 30);
	for (size_t i = 0; i < nstatements; i++) {
		check_plan(statements[i]);
		free(statements[i]);
	}
	arena_free(a);
	overview_close(ov);
}

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return file_remove_tree(AT_FDCWD, dir, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_does_not_matter),
	    cmocka_unit_test(marks_follow_changes),
	    cmocka_unit_test(rollback_leaves_nothing),
	    cmocka_unit_test(tombstones_keep_their_place),
	    cmocka_unit_test(neighbours_and_walk),
	    cmocka_unit_test(other_files_are_refused),
	    cmocka_unit_test(no_scans),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
