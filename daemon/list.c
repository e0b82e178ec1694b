/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list: the role that decides. It takes entries from the spool in batches (batch.c), and does now
 * and then what is due by the clock.
 */
#include <fcntl.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/role.h"
#include "base/sandbox.h"
#include "daemon/aside.h"
#include "daemon/batch.h"
#include "daemon/bouncing.h"
#include "daemon/conduct_log.h"
#include "daemon/digest.h"
#include "daemon/flood.h"
#include "daemon/hook.h"
#include "daemon/limits.h"
#include "daemon/listdb.h"
#include "daemon/moderate.h"
#include "daemon/quota.h"
#include "daemon/refused.h"
#include "daemon/release.h"
#include "daemon/policies.h"
#include "daemon/resolve.h"
#include "daemon/rewrite.h"
#include "daemon/searching.h"
#include "daemon/seen.h"
#include "daemon/speaking.h"
#include "daemon/step.h"
#include "daemon/strand.h"
#include "daemon/ticket.h"
#include "daemon/vacation.h"
#include "daemon/waiting.h"
#include "mail/charset.h"

#define LOOK_MS 5000 /* the timer that rings when no bell does */
#define CHORES_S 60  /* between looks at what has expired */
#define MEMORY_MAX (1LL << 30)

struct list_role {
	struct site site;
	struct role role;
	struct resolve *resolve;
	int64_t chores_done;
	struct conduct_log logged; /* in the public logs */
	int64_t refused;           /* what the files of refused posts were written of */
};

/* For the administrator's monitor: what was allowed and what was too much (flood.h). */
static void
put_metrics(struct list_role *lr)
{
	struct arena *a = arena_new();
	const char *path = conf_path(lr->site.conf, a, "metrics/list");
	struct err e = {0};
	struct buf b;
	buf_init(&b, 64 * 1024);
	flood_metrics(&b);
	struct slice part = buf_slice(&b);
	if (file_put_derived(AT_FDCWD, path, &part, 1, 0644, &e) < 0)
		log_warning("metrics: %s", e.text);
	buf_free(&b);
	arena_free(a);
}

/* Chores that write to members: how many were told. */
static const struct {
	const char *what;
	int (*run)(struct site *site, int64_t now, struct err *e);
} tellers[] = {{"bounces", bouncing_run},  {"vacations", vacation_run},
	       {"limits", limits_run},     {"what was set aside", aside_run},
	       {"conduct", step_sweep},    {"speakers", speaking_run},
	       {"held posts", waiting_run}};

/* What is due by the clock and not by a message. */
static void
list_chores(struct list_role *lr, int64_t now)
{
	struct err e = {0};
	struct db *db = lr->site.db;
	if (now - lr->chores_done < CHORES_S)
		return;
	lr->chores_done = now;
	put_metrics(lr);
	if (moderate_sweep(&lr->site, now, &e) < 0)
		log_error("held posts: %s", e.text);
	int released = release_sweep(&lr->site, now, &e);
	if (released < 0)
		log_error("held posts: %s", e.text);
	else if (released > 0)
		role_look_again(&lr->role);
	if (digest_send_due(&lr->site, now, &e) < 0)
		log_error("%s", e.text);
	else
		role_ring("deliver");
	for (size_t i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
		int told = tellers[i].run(&lr->site, now, &e);
		if (told < 0)
			log_error("%s: %s", tellers[i].what, e.text);
		else if (told > 0) {
			role_ring("deliver");
			role_look_again(&lr->role); /* the list may have to be told */
		}
	}
	if (db_begin(db, &e) < 0) {
		log_error("chores: %s", e.text);
		return;
	}
	if (ticket_expire(db, now, &e) < 0 || seen_trim(db, now, &e) < 0 ||
	    strand_trim(db, now, &e) < 0 || policies_trim(db, now, &e) < 0 ||
	    flood_trim(db, now, &e) < 0 || quota_trim(db, now, &e) < 0 || db_commit(db, &e) < 0) {
		log_error("chores: %s", e.text);
		db_rollback(db);
	}
}

static void
list_log(struct list_role *lr)
{
	struct err e = {0};
	int written = conduct_log_write(&lr->site, &lr->logged, clock_now(), &e);
	int refused = refused_write(&lr->site, &lr->refused, &e);
	if (written < 0 || refused < 0)
		log_error("public log: %s", e.text);
	if (written > 0 || refused > 0)
		role_ring("archived");
}

static void
list_look(void *arg)
{
	struct list_role *lr = arg;
	if (batch_run(&lr->site, clock_now()) > 0)
		role_look_again(&lr->role);
	list_chores(lr, clock_now());
	list_log(lr);
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

/* --- DNS ------------------------------------------------------------------------------------ */

static void
list_wake(void *arg)
{
	struct list_role *lr = arg;
	role_look_again(&lr->role);
}

static void
list_lookup(void *arg, const char *name, void (*done)(void *, const struct txt_answer *),
	    void *done_arg)
{
	resolve_txt(arg, name, done, done_arg);
}

static bool
asks_policies(const struct conf *conf)
{
	for (size_t i = 0; i < conf->nlists; i++)
		if (conf->lists[i].rewrite_from == REWRITE_DMARC)
			return true;
	return false;
}

static int
open_policies(struct list_role *lr, struct err *e)
{
	if (!asks_policies(lr->site.conf))
		return 0;
	if (rewrite_load(e) < 0 ||
	    resolve_open(&lr->resolve, lr->role.loop, lr->site.conf->resolver, e) < 0)
		return -1;
	lr->site.policies = policies_new(lr->site.db, list_lookup, lr->resolve, list_wake, lr);
	return 0;
}

/* While the loop is still there: its events go with it. */
static void
list_stop(void *arg)
{
	struct list_role *lr = arg;
	batch_put_back(&lr->site);
	resolve_close(lr->resolve);
	policies_free(lr->site.policies);
	hooks_close(lr->site.hooks);
	searches_close(lr->site.searches);
	rewrite_unload();
	role_finish(&lr->role);
}

/* Hooks and searches are programs behind walls of their own, which can only be inside of ours: ours
 * leave room for them. What such a program may run or read, this role may, too, and no more. */
static int
raise_walls(struct list_role *lr, struct arena *a, struct err *e)
{
	const struct conf *conf = lr->site.conf;
	const struct sandbox_path *for_hooks = NULL, *for_searches = NULL;
	size_t nhooks = 0, nsearches = searches_paths(conf, a, &for_searches);
	struct sandbox_rules rules = {.calls = SANDBOX_NET, .memory_max = MEMORY_MAX};
	if (hooks_any(conf)) {
		lr->site.hooks = hooks_open(lr->role.loop, NULL, list_wake, lr);
		nhooks = hooks_paths(conf, a, &for_hooks);
	}
	if (nsearches > 0)
		lr->site.searches =
		    searches_open(lr->role.loop, conf, NULL, SEARCH_DEADLINE_MS, list_wake, lr);
	else
		log_warning("there is no plenary-archive: nothing can be searched for by mail");
	if (nhooks + nsearches > 0)
		rules.calls |= SANDBOX_CHILDREN;
	struct sandbox_path *paths = arena_array(a, nhooks + nsearches + 1, sizeof(*paths));
	for (size_t i = 0; i < nhooks; i++)
		paths[rules.npaths++] = for_hooks[i];
	for (size_t i = 0; i < nsearches; i++)
		paths[rules.npaths++] = for_searches[i];
	paths[rules.npaths++] = (struct sandbox_path){conf->state_dir, SANDBOX_WRITE};
	rules.paths = paths;
	return sandbox_enter(&rules, e);
}

static int
list_open(struct list_role *lr, struct err *e)
{
	const struct conf *conf = lr->site.conf;
	struct arena *a = arena_new();
	struct token_keys *keys = NULL;
	int ret = -1;
	if (sandbox_become(conf->user, e) < 0 || text_load(e) < 0 || make_folders(conf, e) < 0 ||
	    file_mkdirs(AT_FDCWD, conf_path(conf, a, "metrics"), 0755, false, e) < 0 ||
	    file_mkdirs(AT_FDCWD, conf_path(conf, a, "conduct"), 0755, false, e) < 0 ||
	    token_keys_load(&keys, conf_path(conf, a, "secret/token.key"), true, e) < 0 ||
	    listdb_open(&lr->site.db, conf, DB_WRITE_FULL, e) < 0 ||
	    spool_open(&lr->site.spool, conf_path(conf, a, "spool"), e) < 0)
		goto out;
	lr->site.keys = keys;
	if (charset_open_all() > 0)
		log_warning(
		    "this system lacks converters for some charsets; such text is guessed at");
	if (role_start(&lr->role, "list", LOOK_MS, e) < 0 || open_policies(lr, e) < 0 ||
	    raise_walls(lr, a, e) < 0)
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
	struct list_role lr = {.role = {.look = list_look, .stop = list_stop}, .refused = -1};
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
