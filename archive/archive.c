/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/fields.h"
#include "archive/index.h"
#include "archive/indexing.h"
#include "archive/pages.h"
#include "archive/record.h"
#include "archive/replay.h"
#include "archive/suspects.h"
#include "base/clock.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"

struct archive {
	const struct conf *conf;
	struct arena *arena; /* paths */
	const char *dir, *db, *xapian, *html;
	int dirfd, lockfd, turnfd;
	bool locked;
	bool suspect; /* the overview said something that only damage explains */
	struct store *store;
	struct overview *overview;
	struct indexing *indexing;
	struct pages *pages; /* of this overview and store */
};

/* --- opening ---------------------------------------------------------------------------------- */

/* The web role goes through archive/ to the index, and reads html/; the rest is the user's only. */
static int
make_folder(const char *path, mode_t mode, struct err *e)
{
	struct stat st;

	if (file_mkdirs(AT_FDCWD, path, mode, true, e) < 0)
		return -1;
	/* The umask may have taken something. */
	if (stat(path, &st) < 0 || ((st.st_mode & 07777) != mode && chmod(path, mode) < 0))
		return err_errno(e, "%s", path);
	return 0;
}

static int
open_lock(struct archive *ar, const char *name, struct err *e)
{
	int fd = openat(ar->dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		err_errno(e, "archive/%s", name);
	return fd;
}

int
archive_open(struct archive **out, const struct conf *conf, struct err *e)
{
	struct archive *ar = calloc(1, sizeof *ar);

	*out = NULL;
	if (!ar)
		fatal("no memory");
	ar->conf = conf;
	ar->arena = arena_new();
	ar->dirfd = ar->lockfd = ar->turnfd = -1;
	ar->dir = conf_path(conf, ar->arena, "archive");
	ar->db = conf_path(conf, ar->arena, "archive/archive.db");
	ar->xapian = conf_path(conf, ar->arena, "archive/xapian");
	ar->html = conf_path(conf, ar->arena, "html");
	if (make_folder(ar->dir, 0711, e) < 0 || make_folder(ar->html, 0755, e) < 0 ||
	    indexing_open(&ar->indexing, conf, ar->xapian, e) < 0)
		goto bad;
	ar->dirfd = open(ar->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ar->dirfd < 0) {
		err_errno(e, "%s", ar->dir);
		goto bad;
	}
	ar->lockfd = open_lock(ar, "lock", e);
	if (ar->lockfd >= 0)
		ar->turnfd = open_lock(ar, "turn", e);
	if (ar->turnfd < 0)
		goto bad;
	*out = ar;
	return 0;
bad:
	archive_close(ar);
	return -1;
}

static void
close_overview(struct archive *ar)
{
	pages_close(ar->pages);
	ar->pages = NULL;
	overview_close(ar->overview);
	ar->overview = NULL;
}

void
archive_close(struct archive *ar)
{
	if (!ar)
		return;
	archive_unlock(ar);
	close_overview(ar);
	store_close(ar->store);
	indexing_close(ar->indexing);
	if (ar->lockfd >= 0)
		close(ar->lockfd);
	if (ar->turnfd >= 0)
		close(ar->turnfd);
	if (ar->dirfd >= 0)
		close(ar->dirfd);
	arena_free(ar->arena);
	free(ar);
}

const char *
archive_dir(const struct archive *ar)
{
	return ar->dir;
}

struct overview *
archive_overview(struct archive *ar)
{
	return ar->overview;
}

struct store *
archive_store(struct archive *ar)
{
	return ar->store;
}

/* --- the lock --------------------------------------------------------------------------------- */

/* 1, 0 (not now), -1. */
static int
take(int fd, bool wait, struct err *e)
{
	while (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0) {
		if (errno == EWOULDBLOCK)
			return 0;
		if (errno != EINTR)
			return err_errno(e, "the archive's lock");
	}
	return 1;
}

static int
take_turn(struct archive *ar, bool wait, struct err *e)
{
	int r = take(ar->turnfd, wait, e);

	if (r <= 0)
		return r;
	r = take(ar->lockfd, wait, e);
	flock(ar->turnfd, LOCK_UN);
	return r;
}

/* The rows' numbers begin anew: the index goes first, so that it never has rows of another life. */
static int
throw_away(struct archive *ar, struct err *e)
{
	static const char *const names[] = {"archive.db", "archive.db-wal", "archive.db-shm"};

	close_overview(ar);
	if (indexing_wipe(ar->indexing, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (unlinkat(ar->dirfd, names[i], 0) < 0 && errno != ENOENT)
			return err_errno(e, "%s", names[i]);
	return 0;
}

static int
open_overview(struct archive *ar, struct err *e)
{
	if (ar->overview && ar->suspect && overview_check(ar->overview, e) < 0) {
		log_error("%s: %s; making the overview anew from the stored messages", ar->db,
			  e->text);
		if (throw_away(ar, e) < 0)
			return -1;
	}
	ar->suspect = false;
	if (ar->overview && !overview_current(ar->overview))
		close_overview(ar);
	if (ar->overview || overview_open(&ar->overview, ar->db, true, e) == 0)
		return 0;
	if (errno != EPROTO)
		return -1;
	log_warning("%s; making it anew from the stored messages", e->text);
	return throw_away(ar, e) < 0 ? -1 : overview_open(&ar->overview, ar->db, true, e);
}

static int64_t
replay(struct archive *ar, struct replay *r, struct err *e)
{
	int64_t lines;

	r->overview = ar->overview;
	r->store = ar->store;
	r->domain = ar->conf->domain;
	lines = replay_all(r, e);
	if (lines < 0 && e->kind == ERR_PERMANENT)
		ar->suspect = true;
	return lines;
}

/*
 * A stored message that nobody survives reading: a copy goes into feed/LIST/bad, like an entry that
 * killed its reader, so that a person looks at it. What was stored stays stored.
 */
static void
set_aside(void *arg, enum suspects_step step, const char *list, const char *key)
{
	struct archive *ar = arg;
	struct arena *a = arena_new();
	const char *dir = conf_path(ar->conf, a, "feed/%s/bad", list);
	struct overview_message m = {.received = 0};
	struct slice parts[2] = {{NULL, 0}, {NULL, 0}};
	char id[ID_MAX];
	struct err e = {0};
	int fd = -1;

	log_error("%s: message %s killed its reader %d times (%s) and is set aside in feed/%s/bad",
		  list, key, SUSPECTS_DEATHS, suspects_name(step), list);
	if (overview_by_key(ar->overview, a, list, slice_str(key), &m, &e) < 0 ||
	    (m.id && store_map(ar->store, list, key, m.date, &parts[1], &e) < 0))
		log_error("%s", e.text);
	parts[0] = slice_str(arena_printf(a, "received: %lld\nkey: %s\nstep: %s\n\n",
					  (long long)m.received * 1000, key, suspects_name(step)));
	id_new(id);
	if (file_mkdirs(AT_FDCWD, dir, 0700, true, &e) < 0)
		log_error("%s", e.text);
	else if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
		 file_put(fd, id, parts, 2, 0600, &e) < 0)
		log_error("%s: it could not be copied to feed/%s/bad", key, list);
	if (fd >= 0)
		close(fd);
	file_unmap(parts[1]);
	arena_free(a);
}

int
archive_lock(struct archive *ar, bool wait, struct err *e)
{
	struct replay r = {0};
	struct err mine;
	int taken;
	int64_t lines;

	e = e ? e : &mine;
	taken = take_turn(ar, wait, e);
	if (taken <= 0)
		return taken;
	ar->locked = true;
	if ((!ar->store && store_open(&ar->store, ar->dir, true, e) < 0) ||
	    open_overview(ar, e) < 0)
		goto bad;
	if (suspects_look(store_suspects(ar->store), set_aside, ar, e) < 0)
		goto bad;
	lines = replay(ar, &r, e);
	if (lines < 0)
		goto bad;
	if (lines > 0)
		log_info("%lld lines of the archive's logs were read anew", (long long)lines);
	return 1;
bad:
	archive_unlock(ar);
	return -1;
}

void
archive_unlock(struct archive *ar)
{
	if (!ar->locked)
		return;
	indexing_release(ar->indexing);
	ar->locked = false;
	/* Another writer may append to the logs meanwhile. */
	if (ar->store)
		store_release(ar->store);
	flock(ar->lockfd, LOCK_UN);
}

/* --- adding ----------------------------------------------------------------------------------- */

const char *
archive_refusal(struct slice bytes)
{
	if (slice_trim(bytes).n == 0)
		return "it is empty";
	if (bytes.n > ARCHIVE_MESSAGE_MAX)
		return "it is larger than 256 MB";
	return NULL;
}

static int
add_one(struct archive *ar, struct arena *a, const struct archive_input *in,
	enum archive_result *result, char *key, struct err *e)
{
	enum overview_added how;
	struct fields f;
	int64_t id;
	int r;

	*result = ARCHIVE_REFUSED;
	if (archive_refusal(in->bytes))
		return 0;
	fields_of(&f, a, in->bytes, in->received, ar->conf->domain);
	r = overview_resolve(ar->overview, in->list, &f, e);
	if (key)
		memcpy(key, f.key, KEY_SIZE);
	*result = r == 1 ? ARCHIVE_ALREADY_THERE : ARCHIVE_STORED;
	if (r != 0)
		return r < 0 ? -1 : 0;
	if (store_add(ar->store, in->list, &f, e) < 0)
		return -1;
	return overview_add(ar->overview, in->list, &f, &how, &id, e);
}

/* The overview has read the logs of these lists to their ends. */
static int
follow_logs(struct archive *ar, const struct archive_input *in, size_t n,
	    const enum archive_result *results, struct err *e)
{
	const char *last = "";
	int64_t end, lines;

	for (size_t i = 0; i < n; i++) {
		if (results[i] != ARCHIVE_STORED || strcmp(in[i].list, last) == 0)
			continue;
		last = in[i].list;
		if (store_log_end(ar->store, last, &end, &lines, e) < 0 ||
		    overview_set_log_end(ar->overview, last, end, e) < 0)
			return -1;
	}
	return 0;
}

/*
 * The files are synced inside the overview's transaction: it is this process's alone (the lock),
 * readers do not wait for it, and so each message of a batch finds those before it in its tables.
 */
int
archive_add(struct archive *ar, const struct archive_input *in, size_t n,
	    enum archive_result *results, char (*keys)[33], struct err *e)
{
	struct arena *a = arena_new();
	int ret = -1;

	if (overview_begin(ar->overview, e) < 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		arena_reset(a);
		if (add_one(ar, a, &in[i], &results[i], keys ? keys[i] : NULL, e) < 0)
			goto back;
	}
	if (store_sync(ar->store, e) < 0)
		goto back;
	crash_point("archive.stored");
	if (follow_logs(ar, in, n, results, e) < 0)
		goto back;
	if (overview_commit(ar->overview, e) < 0)
		goto back;
	crash_point("archive.overview");
	ret = 0;
	goto out;
back:
	overview_rollback(ar->overview);
	store_forget(ar->store);
	ar->suspect = ar->suspect || e->kind == ERR_PERMANENT;
out:
	arena_free(a);
	return ret;
}

/* --- what is derived -------------------------------------------------------------------------- */

/* Marks one by one, after they failed together. A page that can't ever be made is left as it is:
 * said in the log, and no other page waits for it. */
static int
write_singly(struct archive *ar, const struct dirty *ds, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (pages_write(ar->pages, &ds[i], 1, e) < 0) {
			if (e->kind != ERR_PERMANENT)
				return -1;
			log_error("a page of %s (kind %d, row %lld) can't be made: %s", ds[i].list,
				  (int)ds[i].kind, (long long)ds[i].ref, e->text);
		}
		if (overview_dirty_clear(ar->overview, &ds[i], 1, e) < 0)
			return -1;
	}
	return 0;
}

/* At the first time, the pages that depend on the configuration, too. */
static int
open_pages(struct archive *ar, struct err *e)
{
	if (ar->pages)
		return 0;
	if (pages_open(&ar->pages, ar->conf, ar->overview, ar->store, e) < 0)
		return -1;
	return pages_static(ar->pages, e);
}

int
archive_take_conduct(struct archive *ar, const struct conf_list *list, struct err *e)
{
	struct arena *a = arena_new();
	struct replay r = {0};
	struct record record;
	int64_t sealed = -1;

	if (record_load(&record, a, ar->conf, list->name, e) == 0)
		sealed = record_seal(ar->store, list->name, &record, e);
	arena_free(a);
	/* The overview reads on behind these lines. */
	if (sealed < 0 || (sealed > 0 && replay(ar, &r, e) < 0))
		return -1;
	return open_pages(ar, e) < 0 ? -1 : pages_conduct(ar->pages, list, e);
}

int64_t
archive_write_pages(struct archive *ar, size_t max, struct err *e)
{
	struct arena *a = arena_new();
	struct dirty *ds;
	int64_t ret = -1;
	size_t n;

	if (open_pages(ar, e) < 0 || overview_dirty(ar->overview, a, max, &ds, &n, e) < 0)
		goto out;
	if (n > 0 && pages_write(ar->pages, ds, n, e) < 0) {
		log_warning("%s; these %zu pages are made one by one", e->text, n);
		ret = write_singly(ar, ds, n, e) < 0 ? -1 : (int64_t)n;
		goto out;
	}
	crash_point("archive.pages");
	if (n == 0 || overview_dirty_clear(ar->overview, ds, n, e) == 0)
		ret = (int64_t)n;
out:
	arena_free(a);
	return ret;
}

int64_t
archive_index(struct archive *ar, size_t max, struct err *e)
{
	return indexing_slice(ar->indexing, ar->overview, ar->store, max, e);
}

int
archive_compact(struct archive *ar, struct err *e)
{
	int ret;

	if (archive_lock(ar, true, e) < 0)
		return -1;
	ret = index_compact(ar->xapian, clock_now(), e);
	archive_unlock(ar);
	return ret;
}

int
archive_tighten(struct archive *ar, struct err *e)
{
	return indexing_tighten(ar->indexing, e);
}

/* --- withdrawing, rebuilding ------------------------------------------------------------------ */

int
archive_withdraw(struct archive *ar, const char *list, struct slice key, const char *reason,
		 bool erase, struct err *e)
{
	struct arena *a = arena_new();
	struct replay r = {0};
	struct overview_message m;
	int found = overview_by_key(ar->overview, a, list, key, &m, e), ret = -1;

	if (found == 0 || (found == 1 && (m.state == OVERVIEW_GHOST ||
					  (m.state == OVERVIEW_WITHDRAWN && !erase))))
		err_permanent(e, "%s has no message %.*s (any more)", list, SLICE_ARG(key));
	else if (found == 1 &&
		 store_withdraw(ar->store, list, m.key, m.date, reason, erase, e) == 0)
		/* The rest follows from the line in the log, now or after a crash. */
		ret = replay(ar, &r, e) < 0 ? -1 : 0;
	arena_free(a);
	return ret;
}

/* Threads that had a page and are part of another one now: links to them go on working. */
static int
mark_aliases(struct archive *ar, const char *list, struct err *e)
{
	struct arena *a = arena_new();
	DIR *d = opendir(arena_printf(a, "%s/%s/t", ar->html, list));
	struct overview_message m;
	struct overview_thread t;
	struct dirent *de;
	int r, ret = 0;

	while (d && ret == 0 && (de = readdir(d))) {
		if (!key_valid(slice_str(de->d_name)))
			continue;
		r = overview_by_key(ar->overview, a, list, slice_str(de->d_name), &m, e);
		if (r == 1)
			r = overview_thread_info(ar->overview, a, m.thread, &t, e);
		if (r == 1 && strcmp(t.root_key, de->d_name) != 0)
			r = overview_mark(ar->overview, DIRTY_ALIAS, list, m.id, 0, e);
		ret = r < 0 ? -1 : 0;
	}
	if (d)
		closedir(d);
	arena_free(a);
	return ret;
}

/*
 * One list's rows away, from the index first: until that is certain they are marked as not indexed,
 * so that a kill in between leaves nothing out.
 */
static int
drop_list(struct archive *ar, const char *list, struct err *e)
{
	if (overview_reindex(ar->overview, list, e) < 0 ||
	    indexing_drop_list(ar->indexing, ar->overview, list, e) < 0 ||
	    overview_begin(ar->overview, e) < 0)
		return -1;
	if (overview_drop_list(ar->overview, list, e) == 0)
		return overview_commit(ar->overview, e);
	overview_rollback(ar->overview);
	return -1;
}

int
archive_rebuild(struct archive *ar, const char *list, void (*progress)(void *, int64_t, int64_t),
		void *arg, struct err *e)
{
	struct arena *a = arena_new();
	struct replay r = {.progress = progress, .arg = arg};
	const char **names;
	int64_t end, lines;
	int ret = -1;
	size_t n;

	if (store_lists(ar->store, a, &names, &n, e) < 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (list && strcmp(names[i], list) != 0)
			continue;
		if (store_log_end(ar->store, names[i], &end, &lines, e) < 0)
			goto out;
		r.total += lines;
	}
	/* Whoever rebuilds may have mended what died: all get another chance. */
	suspects_forget(store_suspects(ar->store), list);
	if (list ? drop_list(ar, list, e) < 0 : throw_away(ar, e) < 0)
		goto out;
	if (open_overview(ar, e) < 0 || replay(ar, &r, e) < 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		if ((!list || strcmp(names[i], list) == 0) && mark_aliases(ar, names[i], e) < 0)
			goto out;
	ret = 0;
out:
	arena_free(a);
	return ret;
}

int64_t
archive_verify(struct archive *ar, const char *list, void (*found)(void *, const char *), void *arg,
	       struct err *e)
{
	struct arena *a = arena_new();
	struct record record;
	int64_t messages = store_verify(ar->store, list, found, arg, e), conduct = -1;

	if (messages >= 0 && record_load(&record, a, ar->conf, list, e) == 0)
		conduct = record_verify(ar->store, list, &record, clock_now(), found, arg, e);
	arena_free(a);
	return conduct < 0 ? -1 : messages + conduct;
}
