/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list: the role that decides. It takes entries from the spool in batches; one transaction (T1)
 * holds what the whole batch brings about; then the links of step 6; then the entries go.
 *
 * 1. An entry leaves the spool only after its decision is committed and its links are durable.
 * 2. An entry that was decided before a crash (seen) only gets its links again.
 * 3. If a batch fails, its entries are tried one by one, so that one bad entry holds up nobody.
 */
#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/log.h"
#include "base/role.h"
#include "base/sandbox.h"
#include "daemon/digest.h"
#include "daemon/flood.h"
#include "daemon/listdb.h"
#include "daemon/moderate.h"
#include "daemon/seen.h"
#include "daemon/ticket.h"
#include "daemon/work.h"
#include "mail/charset.h"

#define BATCH_MAX 64           /* entries that share a commit */
#define BATCH_BYTES (32 << 20) /* of them */
#define LOOK_MS 5000           /* the timer that rings when no bell does */
#define CHORES_S 60            /* between looks at what has expired */
#define RETRY_MS 30000         /* of an entry that our own trouble stopped */
#define MEMORY_MAX (1LL << 30)

struct list_role {
	struct site site;
	struct role role;
	int64_t chores_done;
};

/* One entry of a batch, from claim to done. */
struct entry {
	struct work work;
	bool open, seen, linked;
	const char *links;
};

/* --- one batch ------------------------------------------------------------------------------ */

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
batch_finish(struct site *site, struct entry *es, size_t n)
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
	if (settle && moderate_sweep(site, clock_now(), &e) < 0)
		log_error("held posts: %s", e.text);
}

/* One by one, after the batch as a whole failed. */
static void
batch_singly(struct site *site, struct entry *es, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct err e = {0};
		if (batch_decide(site, &es[i], 1, &e) == 0)
			batch_finish(site, &es[i], 1);
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

/* --- the role ------------------------------------------------------------------------------- */

/* What is due by the clock and not by a message. */
static void
list_chores(struct list_role *lr, int64_t now)
{
	struct err e = {0};
	struct db *db = lr->site.db;
	if (now - lr->chores_done < CHORES_S)
		return;
	lr->chores_done = now;
	if (moderate_sweep(&lr->site, now, &e) < 0)
		log_error("held posts: %s", e.text);
	if (digest_send_due(&lr->site, now, &e) < 0)
		log_error("%s", e.text);
	else
		role_ring("deliver");
	if (db_begin(db, &e) < 0) {
		log_error("chores: %s", e.text);
		return;
	}
	if (ticket_expire(db, now, &e) < 0 || seen_trim(db, now, &e) < 0 ||
	    flood_trim(db, now, &e) < 0 || db_commit(db, &e) < 0) {
		log_error("chores: %s", e.text);
		db_rollback(db);
	}
}

static void
list_look(void *arg)
{
	struct list_role *lr = arg;
	static struct entry es[BATCH_MAX];
	struct err e = {0};
	size_t n = batch_fill(&lr->site, es, BATCH_MAX, clock_now());
	if (n > 0) {
		if (batch_decide(&lr->site, es, n, &e) == 0) {
			batch_finish(&lr->site, es, n);
		} else {
			if (n > 1)
				log_warning("a batch of %zu is taken apart: %s", n, e.text);
			batch_singly(&lr->site, es, n);
		}
		batch_close(es, n);
		role_look_again(&lr->role);
	}
	list_chores(lr, clock_now());
}

static void
list_on_bad(void *arg, const char *id)
{
	(void)arg;
	log_error("%s: killed this role three times and is set aside in spool/bad", id);
}

/* The folders that decisions link into. */
static int
make_folders(const struct conf *conf, struct err *e)
{
	static const char *const folders[] = {"held", "out", "feed"};
	struct arena *a = arena_new();
	int ret = 0;
	for (size_t i = 0; ret == 0 && i < sizeof(folders) / sizeof(folders[0]); i++)
		ret = file_mkdirs(AT_FDCWD, conf_path(conf, a, "%s", folders[i]), 0700, true, e);
	arena_free(a);
	return ret;
}

static int
list_open(struct list_role *lr, struct err *e)
{
	const struct conf *conf = lr->site.conf;
	struct arena *a = arena_new();
	struct token_keys *keys = NULL;
	int ret = -1;
	if (sandbox_become(conf->user, e) < 0 || text_load(e) < 0 || make_folders(conf, e) < 0 ||
	    token_keys_load(&keys, conf_path(conf, a, "secret/token.key"), true, e) < 0 ||
	    listdb_open(&lr->site.db, conf, DB_WRITE_FULL, e) < 0 ||
	    spool_open(&lr->site.spool, conf_path(conf, a, "spool"), e) < 0)
		goto out;
	lr->site.keys = keys;
	if (charset_open_all() > 0)
		log_warning(
		    "this system lacks converters for some charsets; such text is guessed at");
	const struct sandbox_path paths[] = {{conf->state_dir, SANDBOX_WRITE}};
	const struct sandbox_rules rules = {.paths = paths, .npaths = 1, .memory_max = MEMORY_MAX};
	if (role_start(&lr->role, "list", LOOK_MS, e) < 0 || sandbox_enter(&rules, e) < 0)
		goto out;
	int back = spool_recover(lr->site.spool, list_on_bad, NULL, e);
	if (back < 0)
		goto out;
	if (back > 0)
		log_info("%d entries that were in hand at the last end are taken up again", back);
	ret = 0;
out:
	arena_free(a);
	return ret;
}

int
main(int argc, char **argv)
{
	struct list_role lr = {.role = {.look = list_look}};
	struct role_options o;
	struct err e = {0};
	lr.role.arg = &lr;
	if (!role_options(argc, argv, &o))
		return 2;
	log_init("list", o.to_stderr, o.debug);
	struct conf *conf = conf_load_or_complain(o.file);
	if (!conf)
		return 1;
	lr.site.conf = conf;
	if (list_open(&lr, &e) < 0) {
		log_error("%s", e.text);
		return 1;
	}
	int ret = role_run(&lr.role);
	db_close(lr.site.db);
	spool_close(lr.site.spool);
	token_keys_free(lr.site.keys);
	text_unload();
	conf_free(conf);
	return ret;
}
