/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archived: the role that keeps the archive. Entries of feed/LIST go into store and overview in
 * batches; when none waits, dirty pages are written; when all pages are clean, the index follows.
 * Pages and index are worked off in slices, and mail is looked for between two slices: what is
 * behind catches up by itself, however far behind it is, and holds up nobody.
 *
 * 1. An entry leaves the feed only after its batch is durable (archive_add).
 * 2. A batch that fails is tried one by one, so that one bad entry holds up nobody.
 */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/archive.h"
#include "archive/speakers_part.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/role.h"
#include "base/sandbox.h"
#include "base/spool.h"
#include "conf/conf.h"
#include "conf/text.h"
#include "mail/charset.h"
#include "mail/envelope.h"

#define BATCH_MAX 256          /* entries that share a sync and a commit */
#define BATCH_BYTES (64 << 20) /* of them */
#define PAGES_SLICE 200        /* marks, before mail is looked for again */
#define INDEX_SLICE 500        /* messages, likewise */
#define LOOK_MS 5000           /* the timer that rings when no bell does */
#define RETRY_MS 30000         /* of an entry, or of all work, that our own trouble stopped */
#define MEMORY_MAX (2LL << 30) /* the index's writer takes some hundred MB */

struct feed {
	const char *list;
	struct spool *spool;
	/* of the public log of conduct, and of what was refused, that the page shows */
	struct timespec log, refused;
	size_t turns; /* of its speakers' terms, that the page shows */
};

/* One entry of a batch. */
struct entry {
	struct feed *feed;
	char id[ID_MAX];
	struct slice map;
	struct archive_input in;
};

struct archived {
	struct role role;
	const struct conf *conf;
	struct archive *archive;
	struct feed *feeds;
	size_t nfeeds;
	struct arena *arena;
	int64_t
	    quiet_until; /* monotonic ms: trouble with pages or index is not tried each second */
	struct entry entries[BATCH_MAX];
	struct archive_input in[BATCH_MAX];
	enum archive_result results[BATCH_MAX];
};

/* --- entries ---------------------------------------------------------------------------------- */

static void
entry_reject(struct entry *en, const char *why)
{
	struct err e;

	log_error("%s: set aside in feed/%s/bad: %s", en->id, en->feed->list, why);
	if (spool_reject(en->feed->spool, en->id, &e) < 0)
		log_error("%s: %s", en->id, e.text);
}

static void
entry_defer(struct entry *en, const char *why)
{
	struct err e;

	log_error("%s: will be tried again in %d s: %s", en->id, RETRY_MS / 1000, why);
	if (spool_defer(en->feed->spool, en->id, RETRY_MS, &e) < 0)
		log_error("%s: %s", en->id, e.text);
}

static void
entry_failed(struct entry *en, const struct err *e)
{
	if (e->kind == ERR_PERMANENT)
		entry_reject(en, e->text);
	else
		entry_defer(en, e->text);
}

static void
entry_done(struct entry *en)
{
	struct err e;

	if (spool_done(en->feed->spool, en->id, &e) < 0)
		log_error("%s: %s", en->id, e.text);
}

/* Maps a claimed entry: its message, and when it was received. */
static int
entry_open(struct archived *ad, struct entry *en, struct err *e)
{
	struct envelope env;

	if (spool_map(en->feed->spool, en->id, &en->map, e) < 0)
		return -1;
	if (envelope_parse(&env, ad->arena, en->map, e) < 0) {
		file_unmap(en->map);
		return -1;
	}
	en->in = (struct archive_input){
	    .list = en->feed->list,
	    .bytes = env.message,
	    .received = envelope_int(&env, "received", clock_ms()) / 1000,
	};
	return 0;
}

/* Claims and opens entries of all lists until the batch is full or none waits. */
static size_t
batch_fill(struct archived *ad)
{
	size_t n = 0, bytes = 0;
	struct err e;
	int r;

	for (size_t i = 0; i < ad->nfeeds; i++) {
		struct feed *feed = &ad->feeds[i];

		while (n < BATCH_MAX && bytes < BATCH_BYTES) {
			struct entry *en = &ad->entries[n];

			en->feed = feed;
			r = spool_claim(feed->spool, en->id, &e);
			if (r < 0)
				log_error("%s", e.text);
			if (r != 1)
				break;
			if (entry_open(ad, en, &e) < 0) {
				entry_failed(en, &e);
				continue;
			}
			bytes += en->map.n;
			n++;
		}
	}
	return n;
}

/* --- a batch ---------------------------------------------------------------------------------- */

static int
batch_add(struct archived *ad, struct entry *es, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		ad->in[i] = es[i].in;
	if (archive_add(ad->archive, ad->in, n, ad->results, NULL, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (ad->results[i] == ARCHIVE_REFUSED)
			entry_reject(&es[i], archive_refusal(es[i].in.bytes));
		else
			entry_done(&es[i]);
	}
	return 0;
}

static void
batch_singly(struct archived *ad, struct entry *es, size_t n)
{
	struct err e;

	for (size_t i = 0; i < n; i++)
		if (batch_add(ad, &es[i], 1, &e) < 0)
			entry_failed(&es[i], &e);
}

/* How many entries were taken; the lock is held. */
static size_t
take_mail(struct archived *ad)
{
	size_t n;
	struct err e;

	arena_reset(ad->arena);
	n = batch_fill(ad);
	if (n == 0)
		return 0;
	if (batch_add(ad, ad->entries, n, &e) < 0) {
		if (n > 1)
			log_warning("a batch of %zu is taken apart: %s", n, e.text);
		batch_singly(ad, ad->entries, n);
	}
	for (size_t i = 0; i < n; i++)
		file_unmap(ad->entries[i].map);
	return n;
}

/* --- the role --------------------------------------------------------------------------------- */

/* A slice of pages, or of the index when all pages are clean. How much was done. */
static int64_t
catch_up(struct archived *ad)
{
	int64_t done;
	struct err e;

	if (clock_mono() < ad->quiet_until)
		return 0;
	done = archive_write_pages(ad->archive, PAGES_SLICE, &e);
	if (done == 0)
		done = archive_index(ad->archive, INDEX_SLICE, &e);
	if (done >= 0)
		return done;
	log_error("%s", e.text);
	ad->quiet_until = clock_mono() + RETRY_MS;
	return 0;
}

/* When there is nothing else to do. */
static int64_t
tidy(struct archived *ad)
{
	struct err e;
	int r = archive_tighten(ad->archive, &e);

	if (r < 0)
		log_warning("the index stays as large as it is: %s", e.text);
	return r > 0;
}

/* When a file of the list role was last written; never, if there is none. */
static struct timespec
time_of(struct archived *ad, const char *list, const char *suffix)
{
	struct stat st;

	if (stat(conf_path(ad->conf, ad->arena, "conduct/%s%s", list, suffix), &st) < 0)
		memset(&st, 0, sizeof st);
	return st.st_mtim;
}

/* The list role rewrites a list's public log when there is something new in it; speakers' terms
 * begin and end by themselves. */
static void
take_conduct(struct archived *ad)
{
	struct err e;

	for (size_t i = 0; i < ad->nfeeds; i++) {
		struct feed *feed = &ad->feeds[i];

		arena_reset(ad->arena);
		struct timespec log = time_of(ad, feed->list, "");
		struct timespec refused = time_of(ad, feed->list, "+refused");
		size_t turns = speakers_turns(&ad->conf->lists[i], clock_now());
		if (memcmp(&log, &feed->log, sizeof log) == 0 &&
		    memcmp(&refused, &feed->refused, sizeof refused) == 0 && turns == feed->turns)
			continue;
		if (archive_take_conduct(ad->archive, &ad->conf->lists[i], &e) < 0) {
			log_error("%s", e.text);
			continue;
		}
		feed->log = log;
		feed->refused = refused;
		feed->turns = turns;
	}
}

static void
look(void *arg)
{
	struct archived *ad = arg;
	int64_t done;
	struct err e;

	/* Another writer keeps it for a batch at most. */
	if (archive_lock(ad->archive, true, &e) < 0) {
		log_error("%s", e.text);
		return;
	}
	done = (int64_t)take_mail(ad);
	done += catch_up(ad);
	take_conduct(ad);
	if (done == 0)
		done = tidy(ad);
	archive_unlock(ad->archive);
	if (done > 0)
		role_look_again(&ad->role);
}

static void
on_bad(void *arg, const char *id)
{
	const struct feed *feed = arg;

	log_error("%s: killed this role three times and is set aside in feed/%s/bad", id,
		  feed->list);
}

static int
open_feeds(struct archived *ad, struct err *e)
{
	ad->feeds = calloc(ad->conf->nlists + 1, sizeof *ad->feeds);
	if (!ad->feeds)
		fatal("no memory");
	for (size_t i = 0; i < ad->conf->nlists; i++) {
		struct feed *feed = &ad->feeds[i];
		const char *name = ad->conf->lists[i].name;
		const char *dir = conf_path(ad->conf, ad->arena, "feed/%s", name);
		int back;

		if (file_mkdirs(AT_FDCWD, dir, 0700, true, e) < 0 ||
		    spool_open(&feed->spool, dir, e) < 0)
			return -1;
		feed->list = name;
		ad->nfeeds++;
		back = spool_recover(feed->spool, on_bad, feed, e);
		if (back < 0)
			return -1;
		if (back > 0)
			log_info("%s: %d entries that were in hand are taken up again", name, back);
	}
	return 0;
}

/* Charters are read when their page is made. Their folders, not the files: editors put a new file
 * in the old one's place. */
static size_t
put_charters(struct archived *ad, struct sandbox_path *paths, size_t n)
{
	for (size_t i = 0; i < ad->conf->nlists; i++) {
		struct slice file = slice_str(ad->conf->lists[i].charter);
		const char *slash = file.n > 0 ? memrchr(file.p, '/', file.n) : NULL;

		if (slash && slash > file.p)
			paths[n++] = (struct sandbox_path){
			    arena_str(ad->arena, slice_make(file.p, (size_t)(slash - file.p))),
			    SANDBOX_READ};
	}
	return n;
}

static int
enter_sandbox(struct archived *ad, struct err *e)
{
	static const char *const own[] = {"feed", "archive", "html"};
	const size_t nown = sizeof own / sizeof *own;
	const char *conduct = conf_path(ad->conf, ad->arena, "conduct");
	struct sandbox_path *paths =
	    arena_array(ad->arena, nown + 1 + ad->conf->nlists, sizeof *paths);
	struct sandbox_rules rules = {.paths = paths, .memory_max = MEMORY_MAX};

	for (size_t i = 0; i < nown; i++)
		paths[i] = (struct sandbox_path){conf_path(ad->conf, ad->arena, "%s", own[i]),
						 SANDBOX_WRITE};
	/* The list role's folder: it must be there before the wall is. */
	if (file_mkdirs(AT_FDCWD, conduct, 0755, false, e) < 0)
		return -1;
	paths[nown] = (struct sandbox_path){conduct, SANDBOX_READ};
	rules.npaths = put_charters(ad, paths, nown + 1);
	return sandbox_enter(&rules, e);
}

static int
open_all(struct archived *ad, struct err *e)
{
	if (sandbox_become(ad->conf->user, e) < 0 || text_load(e) < 0 ||
	    archive_open(&ad->archive, ad->conf, e) < 0 || open_feeds(ad, e) < 0)
		return -1;
	if (charset_open_all() > 0)
		log_warning("this system lacks converters for some charsets; such text is "
			    "guessed at");
	if (role_start(&ad->role, "archived", LOOK_MS, e) < 0)
		return -1;
	return enter_sandbox(ad, e);
}

int
main(int argc, char **argv)
{
	struct archived *ad = calloc(1, sizeof *ad);
	struct role_options o;
	struct conf *conf;
	struct err e;
	int ret;

	if (!ad)
		fatal("no memory");
	if (!role_options(argc, argv, &o))
		return 2;
	log_init("archived", o.to_stderr, o.debug);
	conf = conf_load_or_complain(o.file);
	if (!conf)
		return 1;
	ad->conf = conf;
	ad->arena = arena_new();
	ad->role.arg = ad;
	ad->role.look = look;
	if (open_all(ad, &e) < 0) {
		log_error("%s", e.text);
		return 1;
	}
	ret = role_run(&ad->role);
	for (size_t i = 0; i < ad->nfeeds; i++)
		spool_close(ad->feeds[i].spool);
	free(ad->feeds);
	archive_close(ad->archive);
	arena_free(ad->arena);
	text_unload();
	conf_free(conf);
	free(ad);
	return ret;
}
