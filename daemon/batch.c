/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch: entries of the spool from claim to done. One transaction (T1) holds what the whole batch
 * brings about; then the links of step 6; then the entries go.
 *
 * 1. An entry leaves the spool only after its decision is committed and its links are durable.
 * 2. An entry that was decided before a crash (seen) only gets its links again.
 * 3. If a batch fails, its entries are tried one by one, so that one bad entry holds up nobody.
 * 4. What waits for an answer from outside is in no batch; what is in a batch waits for nothing.
 */
#include "daemon/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/role.h"
#include "daemon/announce.h"
#include "daemon/moderate.h"
#include "daemon/prepare.h"
#include "daemon/seen.h"

#define BATCH_BYTES (32 << 20) /* of the entries of a batch */
#define RETRY_MS 30000         /* of an entry that our own trouble stopped */
#define CROWD_MS 5000 /* of one for which nobody could be asked now: questions end sooner */
#define ASKED_MS 50   /* of one that waits for DNS and holds up others while it is in hand */

/* One entry of a batch, from claim to done. */
struct entry {
	struct work work;
	bool seen, linked;
	const char *links;
};

/* Set aside, in the order of their claims. */
static struct {
	struct entry *entry[BATCH_WAIT_MAX];
	size_t n;
} waiting;

/* To bad/, with a line that says why: a person must look at it. */
static void
entry_reject(struct site *site, const char *id, const struct err *why)
{
	struct err e = {0};
	log_error("%s: set aside in spool/bad: %s", id, why->text);
	if (spool_reject(site->spool, id, &e) < 0)
		log_error("%s: %s", id, e.text);
}

static void
entry_defer(struct site *site, const char *id, const struct err *why)
{
	struct err e = {0};
	log_error("%s: will be tried again in %d s: %s", id, RETRY_MS / 1000, why->text);
	if (spool_defer(site->spool, id, RETRY_MS, &e) < 0)
		log_error("%s: %s", id, e.text);
}

static void
entry_close(struct entry *en)
{
	prepare_end(&en->work);
	work_close(&en->work);
}

/* --- what waits ----------------------------------------------------------------------------- */

/* Is one of the first n that wait on the way before it? */
static bool
is_behind(const struct entry *en, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (prepare_same_way(&waiting.entry[i]->work, &en->work))
			return true;
	return false;
}

static void
set_aside(const struct entry *en)
{
	struct entry *copy = malloc(sizeof(*copy));
	if (!copy)
		fatal("no memory");
	*copy = *en;
	waiting.entry[waiting.n++] = copy;
}

/* Too many wait already: it comes again by itself. */
static void
turn_away(struct site *site, struct entry *en)
{
	struct err e = {0};
	log_warning("%s: waits, since too much is being asked for others already", en->work.id);
	if (spool_defer(site->spool, en->work.id, CROWD_MS, &e) < 0)
		log_error("%s: %s", en->work.id, e.text);
	entry_close(en);
}

/* --- what was in hand when the role died ----------------------------------------------------- */

/* Back in new/ for a moment, while their name servers are asked; in the order of their claims. */
static struct {
	struct entry *entry[BATCH_WAIT_MAX];
	size_t n;
} asking;

/* Is one of them on the way before it? IDs sort by age. */
static bool
is_behind_asking(const struct entry *en)
{
	for (size_t i = 0; i < asking.n; i++)
		if (strcmp(asking.entry[i]->work.id, en->work.id) < 0 &&
		    prepare_same_way(&asking.entry[i]->work, &en->work))
			return true;
	return false;
}

/* It was claimed again, or the role ends. NULL: all. */
static void
stop_asking(const char *id)
{
	size_t left = 0;
	for (size_t i = 0; i < asking.n; i++) {
		struct entry *en = asking.entry[i];
		if (id && strcmp(en->work.id, id) != 0) {
			asking.entry[left++] = en;
			continue;
		}
		entry_close(en);
		free(en);
	}
	asking.n = left;
}

/*
 * One that was in hand when the role died is in hand alone (base/spool.h): while it waits for a
 * name server that says nothing, all others would. So it goes back and comes again, and with it
 * whoever may not overtake it; the question stays open, and its answer is kept.
 */
static bool
comes_again(struct site *site, struct entry *en)
{
	struct err e = {0};
	bool suspect = spool_is_suspect(site->spool, en->work.id) && prepare_only_asks(&en->work);
	if (asking.n == BATCH_WAIT_MAX || (!suspect && !is_behind_asking(en)))
		return false;
	if (spool_defer(site->spool, en->work.id, ASKED_MS, &e) < 0)
		log_error("%s: %s", en->work.id, e.text);
	struct entry *copy = malloc(sizeof(*copy));
	if (!copy)
		fatal("no memory");
	*copy = *en;
	asking.entry[asking.n++] = copy;
	return true;
}

/* Those whose answer has come, behind nobody who still waits. How many. */
static size_t
take_answered(struct entry *es, size_t max)
{
	size_t n = 0, left = 0;
	for (size_t i = 0; i < waiting.n; i++) {
		struct entry *en = waiting.entry[i];
		if (n < max && prepare_look(&en->work) == PREPARE_READY && !is_behind(en, left)) {
			es[n++] = *en;
			free(en);
		} else {
			waiting.entry[left++] = en;
		}
	}
	waiting.n = left;
	return n;
}

void
batch_put_back(struct site *site)
{
	struct err e = {0};
	stop_asking(NULL);
	for (size_t i = 0; i < waiting.n; i++) {
		struct entry *en = waiting.entry[i];
		if (spool_defer(site->spool, en->work.id, 0, &e) < 0)
			log_error("%s: %s", en->work.id, e.text);
		entry_close(en);
		free(en);
	}
	waiting.n = 0;
}

/* --- filling -------------------------------------------------------------------------------- */

/* Opens a claimed entry: true if it is now in *en. */
static bool
open_entry(struct site *site, struct entry *en, const char *id, int64_t now)
{
	struct err e = {0};
	memset(en, 0, sizeof(*en));
	if (work_open(&en->work, site, id, now, &e) == 0)
		return true;
	work_close(&en->work);
	if (e.kind == ERR_PERMANENT)
		entry_reject(site, id, &e);
	else
		entry_defer(site, id, &e);
	return false;
}

/* Can it be decided now? If not, it is set aside or turned away. What was decided before a crash
 * needs nothing more. */
static bool
is_ready(struct site *site, struct entry *en)
{
	struct err e = {0};
	if (seen_get(site->db, en->work.arena, en->work.id, &en->links, &e) == 1)
		return true;
	enum prepare_state state = prepare_start(&en->work);
	stop_asking(en->work.id);
	if (state != PREPARE_LATER && (state == PREPARE_WAITS || is_behind_asking(en)) &&
	    comes_again(site, en))
		return false;
	if (state == PREPARE_READY && !is_behind(en, waiting.n))
		return true;
	if (state == PREPARE_LATER || waiting.n == BATCH_WAIT_MAX)
		turn_away(site, en);
	else
		set_aside(en);
	return false;
}

/* What T1 needs on the disk; true if it is there. */
static bool
put_files(struct site *site, struct entry *en)
{
	struct err e = {0};
	if (prepare_put(&en->work, &e) == 0)
		return true;
	entry_defer(site, en->work.id, &e);
	entry_close(en);
	return false;
}

/* Takes what was answered, then claims entries until the batch is full or none waits. */
static size_t
batch_fill(struct site *site, struct entry *es, size_t max, int64_t now)
{
	size_t answered = take_answered(es, max), n = 0, bytes = 0;
	char id[ID_MAX];
	struct err e = {0};
	for (size_t i = 0; i < answered; i++)
		if (put_files(site, &es[i]))
			es[n++] = es[i];
	while (n < max && bytes < BATCH_BYTES) {
		int r = spool_claim(site->spool, id, &e);
		if (r < 0)
			log_error("%s", e.text);
		if (r != 1)
			break;
		struct entry *en = &es[n];
		if (!open_entry(site, en, id, now) || !is_ready(site, en) || !put_files(site, en))
			continue;
		bytes += en->work.bytes.n;
		n++;
	}
	return n;
}

/* T1. All or nothing. */
static int
batch_decide(struct site *site, struct entry *es, size_t n, struct err *e)
{
	if (db_begin(site->db, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct entry *en = &es[i];
		buf_clear(&en->work.links);
		en->work.notices = 0;
		int seen = seen_get(site->db, en->work.arena, en->work.id, &en->links, e);
		en->seen = seen == 1;
		if (seen < 0 || (seen == 0 && work_decide(&en->work, e) < 0)) {
			db_rollback(site->db);
			return -1;
		}
		if (seen == 0)
			en->links = arena_str(en->work.arena, buf_slice(&en->work.links));
	}
	crash_point("list.decided");
	if (db_commit(site->db, e) < 0) {
		db_rollback(site->db);
		return -1;
	}
	crash_point("list.committed");
	return 0;
}

/* Step 6 for all of a batch, and then its entries go. What can't be linked now is tried again: its
 * decision stands. */
static void
batch_finish(struct site *site, struct entry *es, size_t n, int64_t now)
{
	struct links links;
	struct err e = {0};
	bool settle = false, fed = false;
	links_init(&links);
	for (size_t i = 0; i < n; i++)
		es[i].linked = work_link(site, es[i].work.id, es[i].links, &links, &e) == 0;
	bool synced = links_sync(&links, &e) == 0;
	links_free(&links);
	crash_point("list.linked");
	for (size_t i = 0; i < n; i++) {
		const char *id = es[i].work.id;
		if (!synced || !es[i].linked)
			entry_defer(site, id, &e);
		else if (spool_done(site->spool, id, &e) < 0)
			log_error("%s: %s", id, e.text);
		settle |= es[i].work.settle;
		fed |= strstr(es[i].links, "feed/") != NULL;
	}
	role_ring("deliver");
	if (fed)
		role_ring("archived");
	if (settle && moderate_sweep(site, now, &e) < 0)
		log_error("held posts: %s", e.text);
}

/* One by one, after the batch as a whole failed. */
static void
batch_singly(struct site *site, struct entry *es, size_t n, int64_t now)
{
	for (size_t i = 0; i < n; i++) {
		struct err e = {0};
		if (batch_decide(site, &es[i], 1, &e) == 0)
			batch_finish(site, &es[i], 1, now);
		else if (e.kind == ERR_PERMANENT)
			entry_reject(site, es[i].work.id, &e);
		else
			entry_defer(site, es[i].work.id, &e);
	}
}

static void
batch_close(struct entry *es, size_t n)
{
	for (size_t i = 0; i < n; i++)
		entry_close(&es[i]);
}

size_t
batch_run(struct site *site, int64_t now)
{
	static struct entry es[BATCH_MAX];
	struct err e = {0};
	if (site->policies)
		policies_keep(site->policies, now);
	if (announce_put(site, &e) < 0)
		log_error("announcements: %s", e.text);
	size_t n = batch_fill(site, es, BATCH_MAX, now);
	if (n == 0)
		return 0;
	if (batch_decide(site, es, n, &e) == 0) {
		batch_finish(site, es, n, now);
	} else {
		if (n > 1)
			log_warning("a batch of %zu is taken apart: %s", n, e.text);
		batch_singly(site, es, n, now);
	}
	batch_close(es, n);
	return n;
}
