/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch: entries of the spool from claim to done. One transaction (T1) holds what the whole batch
 * brings about; then the links of step 6; then the entries go.
 *
 * 1. An entry leaves the spool only after its decision is committed and its links are durable.
 * 2. An entry that was decided before a crash (seen) only gets its links again.
 * 3. If a batch fails, its entries are tried one by one, so that one bad entry holds up nobody.
 */
#include "daemon/batch.h"

#include <string.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/role.h"
#include "daemon/moderate.h"
#include "daemon/seen.h"

#define BATCH_BYTES (32 << 20) /* of the entries of a batch */
#define RETRY_MS 30000         /* of an entry that our own trouble stopped */

/* One entry of a batch, from claim to done. */
struct entry {
	struct work work;
	bool open, seen, linked;
	const char *links;
};

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

/* Claims and opens entries until the batch is full or none waits. */
static size_t
batch_fill(struct site *site, struct entry *es, size_t max, int64_t now)
{
	size_t n = 0, bytes = 0;
	char id[ID_MAX];
	struct err e = {0};
	while (n < max && bytes < BATCH_BYTES) {
		int r = spool_claim(site->spool, id, &e);
		if (r < 0)
			log_error("%s", e.text);
		if (r != 1)
			break;
		struct entry *en = &es[n];
		memset(en, 0, sizeof(*en));
		if (work_open(&en->work, site, id, now, &e) < 0) {
			work_close(&en->work);
			if (e.kind == ERR_PERMANENT)
				entry_reject(site, id, &e);
			else
				entry_defer(site, id, &e);
			continue;
		}
		en->open = true;
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
		work_close(&es[i].work);
}

size_t
batch_run(struct site *site, int64_t now)
{
	static struct entry es[BATCH_MAX];
	struct err e = {0};
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
