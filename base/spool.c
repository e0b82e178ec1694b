/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spool. Each step is one rename between folders of the same file system, so an entry is never
 * half here and half there. Writing (any process) and reading (one process) share only the folders.
 *
 * 1. Bytes are synced before the name leaves tmp/, the name before anyone is told.
 * 2. Only the reader moves what is in new/ or cur/; a writer only adds to new/.
 * 3. A file name is the ID, or the ID and ",N" after N deaths of its reader (N = 1, 2). Where two
 *    names of one ID meet in new/, the one with more deaths is kept.
 * 4. What has died before is in hand alone: a batch that dies together is not condemned together.
 */
#include "config.h"
#include "base/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/hand.h"
#include "base/log.h"
#include "base/num.h"

#define DEATHS_MAX 3           /* this one goes to bad/ */
#define TMP_AGE (24 * 3600)    /* seconds; no session lasts so long */
#define HAND_WAIT 100          /* ms; to ask again whether the hand is empty */
#define NAME_SIZE (ID_MAX + 2) /* with ",N" */

enum folder { TMP, NEW, CUR, BAD, FOLDERS };
static const char *const folder_name[FOLDERS] = {"tmp", "new", "cur", "bad"};

struct spool {
	char *dir;
	int fd[FOLDERS];
	/* The waiting entries as of the last look, oldest first. */
	struct arena *arena;
	const char **batch;
	size_t nbatch, at, batch_room;
	struct hand hand;
	bool held_back; /* rule 4 made the last claim say "none" */
};

/* --- names ---------------------------------------------------------------------------------- */

struct name {
	struct slice id;
	int deaths;
};

/* False for what is no entry of ours. */
static bool
name_parse(const char *s, struct name *n)
{
	struct slice deaths;
	int64_t v = 0;

	if (slice_cut(slice_str(s), ',', &n->id, &deaths) &&
	    !num_parse(deaths, 1, DEATHS_MAX - 1, &v))
		return false;
	n->deaths = (int)v;
	return id_valid(n->id);
}

static void
name_make(char out[NAME_SIZE], struct slice id, int deaths)
{
	int n = deaths > 0 ? snprintf(out, NAME_SIZE, "%.*s,%d", SLICE_ARG(id), deaths)
			   : snprintf(out, NAME_SIZE, "%.*s", SLICE_ARG(id));

	if (n < 0 || n >= NAME_SIZE)
		fatal("spool: an ID that is too long");
}

static void
check_id(const char *id)
{
	if (!id_valid(slice_str(id)))
		fatal("spool: \"%s\" is no ID", log_str(slice_str(id)));
}

/* --- opening -------------------------------------------------------------------------------- */

int
spool_open(struct spool **sp, const char *dir, struct err *e)
{
	struct spool *s = calloc(1, sizeof *s);
	char *path = NULL;

	*sp = NULL;
	if (s == NULL || (s->dir = strdup(dir)) == NULL)
		fatal("spool: no memory");
	s->arena = arena_new();
	for (int i = 0; i < FOLDERS; i++)
		s->fd[i] = -1;
	for (int i = 0; i < FOLDERS; i++) {
		path = arena_printf(s->arena, "%s/%s", dir, folder_name[i]);
		if (file_mkdirs(AT_FDCWD, path, 0700, true, e) < 0)
			goto fail;
		s->fd[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (s->fd[i] < 0) {
			err_errno(e, "%s", path);
			goto fail;
		}
	}
	arena_reset(s->arena);
	*sp = s;
	return 0;
fail:
	spool_close(s);
	return -1;
}

void
spool_close(struct spool *sp)
{
	if (sp == NULL)
		return;
	for (int i = 0; i < FOLDERS; i++) {
		if (sp->fd[i] >= 0)
			close(sp->fd[i]);
	}
	arena_free(sp->arena);
	free(sp->batch);
	hand_free(&sp->hand);
	free(sp->dir);
	free(sp);
}

static int
fail(const struct spool *sp, struct err *e, const char *what, const char *name)
{
	return err_errno(e, "%s: cannot %s %s", sp->dir, what, name);
}

/* --- writing -------------------------------------------------------------------------------- */

int
spool_begin(struct spool *sp, const char *id, struct spool_file *f, struct err *e)
{
	check_id(id);
	memcpy(f->id, id, strlen(id) + 1);
	f->size = 0;
	f->fd =
	    openat(sp->fd[TMP], id, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	return f->fd < 0 ? fail(sp, e, "make", id) : 0;
}

int
spool_write(struct spool_file *f, const void *p, size_t n, struct err *e)
{
	if (file_write_all(f->fd, p, n, e) < 0)
		return err_prefix(e, "%s", f->id);
	f->size += (int64_t)n;
	return 0;
}

int
spool_flush(struct spool_file *f, struct err *e)
{
	int fd = f->fd;

	f->fd = -1;
	if (fdatasync(fd) < 0) {
		err_errno(e, "%s: fdatasync", f->id);
		close(fd);
		return -1;
	}
	if (close(fd) < 0)
		return err_errno(e, "%s: close", f->id);
	crash_point("spool.written");
	return 0;
}

static bool
is_there(const struct spool *sp, enum folder where, struct slice id, int deaths)
{
	char name[NAME_SIZE];

	name_make(name, id, deaths);
	return faccessat(sp->fd[where], name, F_OK, 0) == 0;
}

/* In hand, in bad/, or waiting with deaths: there the rename into new/ would not replace it. */
static bool
published_before(const struct spool *sp, struct slice id)
{
	if (is_there(sp, CUR, id, 0) || is_there(sp, BAD, id, 0))
		return true;
	for (int deaths = 1; deaths < DEATHS_MAX; deaths++) {
		if (is_there(sp, NEW, id, deaths) || is_there(sp, CUR, id, deaths))
			return true;
	}
	return false;
}

int
spool_publish(struct spool *sp, const struct spool_file *f, struct err *e)
{
	if (published_before(sp, slice_str(f->id))) {
		if (unlinkat(sp->fd[TMP], f->id, 0) < 0 && errno != ENOENT)
			return fail(sp, e, "remove", f->id);
		return 0;
	}
	if (renameat(sp->fd[TMP], f->id, sp->fd[NEW], f->id) < 0)
		return fail(sp, e, "publish", f->id);
	crash_point("spool.renamed");
	return 0;
}

int
spool_sync(struct spool *sp, struct err *e)
{
	if (fsync(sp->fd[NEW]) < 0)
		return fail(sp, e, "sync", folder_name[NEW]);
	crash_point("spool.synced");
	return 0;
}

void
spool_abort(struct spool *sp, struct spool_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	unlinkat(sp->fd[TMP], f->id, 0);
}

int
spool_put(struct spool *sp, const char *id, const struct slice *parts, size_t n, struct err *e)
{
	struct spool_file f;

	if (spool_begin(sp, id, &f, e) < 0)
		return -1;
	if (file_write_parts(f.fd, parts, n, e) < 0) {
		err_prefix(e, "%s: %s", sp->dir, id);
		goto fail;
	}
	if (spool_flush(&f, e) < 0 || spool_publish(sp, &f, e) < 0)
		goto fail;
	return spool_sync(sp, e);
fail:
	spool_abort(sp, &f);
	return -1;
}

/* --- reading a folder ----------------------------------------------------------------------- */

/* Calls each with the names that are entries, in no order; stops at -1. */
static int
each_entry(const struct spool *sp, enum folder where,
	   int (*each)(void *arg, const char *file, const struct name *n, struct err *e), void *arg,
	   struct err *e)
{
	int fd = openat(sp->fd[where], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = -1;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *d;
	struct name n;

	if (dir == NULL) {
		fail(sp, e, "read", folder_name[where]);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (errno = 0, (d = readdir(dir)) != NULL) {
		if (name_parse(d->d_name, &n) && each(arg, d->d_name, &n, e) < 0)
			goto out;
	}
	ret = errno != 0 ? fail(sp, e, "read", folder_name[where]) : 0;
out:
	closedir(dir);
	return ret;
}

/* --- what is in hand ------------------------------------------------------------------------ */

/* The name in cur/ of an entry: known if it is in hand, else looked for (a reader that was started
 * again, or the administrator's command, never claimed it). */
static void
name_in_hand(const struct spool *sp, const char *id, char file[NAME_SIZE])
{
	struct slice s = slice_str(id);
	const struct hand_entry *h = hand_find(&sp->hand, s);
	int deaths = h != NULL ? h->deaths : DEATHS_MAX - 1;

	check_id(id);
	while (h == NULL && deaths > 0 && !is_there(sp, CUR, s, deaths))
		deaths--;
	name_make(file, s, deaths);
}

int64_t
spool_next_due(const struct spool *sp)
{
	if (sp->held_back)
		return hand_is_empty(&sp->hand) ? 0 : HAND_WAIT;
	return hand_next_due(&sp->hand, clock_mono());
}

/* --- claiming ------------------------------------------------------------------------------- */

static int
batch_add(void *arg, const char *file, const struct name *n, struct err *e)
{
	struct spool *sp = arg;

	(void)e;
	if (hand_is_deferred(&sp->hand, n->id))
		return 0;
	sp->batch = hand_grow(sp->batch, sp->nbatch, &sp->batch_room, sizeof *sp->batch);
	sp->batch[sp->nbatch++] = arena_dup(sp->arena, slice_str(file)).p;
	return 0;
}

/* "ID" < "ID,1" < "ID,2" < "ID-a": names of one ID are neighbours. */
static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
batch_fill(struct spool *sp, struct err *e)
{
	sp->at = 0;
	sp->nbatch = 0;
	arena_reset(sp->arena);
	hand_forget_due(&sp->hand, clock_mono());
	if (each_entry(sp, NEW, batch_add, sp, e) < 0) {
		sp->nbatch = 0;
		return -1;
	}
	if (sp->nbatch > 1)
		qsort(sp->batch, sp->nbatch, sizeof *sp->batch, by_name);
	return 0;
}

/* The same ID is in hand, or waits under its next name too: this one goes (invariant 4). */
static bool
is_double(const struct spool *sp, const struct name *n)
{
	struct name after;

	if (hand_find(&sp->hand, n->id) != NULL)
		return true;
	return sp->at < sp->nbatch && name_parse(sp->batch[sp->at], &after) &&
	       slice_eq(after.id, n->id);
}

/* Rule 4: whether this one may be taken in hand now. */
static bool
may_claim(const struct spool *sp, const struct name *n)
{
	return hand_is_empty(&sp->hand) || (n->deaths == 0 && !hand_holds_suspect(&sp->hand));
}

bool
spool_is_suspect(const struct spool *sp, const char *id)
{
	const struct hand_entry *en = hand_find(&sp->hand, slice_str(id));

	return en && en->deaths > 0;
}

/* Claims one file of new/: 1, 0 when it is gone or was a double, -1. */
static int
claim_file(struct spool *sp, const char *file, const struct name *n, struct err *e)
{
	if (is_double(sp, n)) {
		if (unlinkat(sp->fd[NEW], file, 0) < 0 && errno != ENOENT)
			return fail(sp, e, "remove", file);
		return 0;
	}
	if (renameat(sp->fd[NEW], file, sp->fd[CUR], file) < 0)
		return errno == ENOENT ? 0 : fail(sp, e, "claim", file);
	hand_add(&sp->hand, n->id, n->deaths);
	crash_point("spool.claimed");
	return 1;
}

int
spool_claim(struct spool *sp, char id[ID_MAX], struct err *e)
{
	bool fresh = false;
	struct name n;

	sp->held_back = false;
	for (;;) {
		const char *file;
		int r;

		if (sp->at == sp->nbatch) {
			if (fresh)
				return 0;
			if (batch_fill(sp, e) < 0)
				return -1;
			fresh = true;
			continue;
		}
		file = sp->batch[sp->at];
		if (!name_parse(file, &n))
			fatal("spool: \"%s\" in the batch", log_str(slice_str(file)));
		if (!may_claim(sp, &n)) {
			sp->held_back = true;
			return 0;
		}
		sp->at++;
		r = claim_file(sp, file, &n, e);
		if (r < 0)
			return -1;
		if (r == 1) {
			snprintf(id, ID_MAX, "%.*s", SLICE_ARG(n.id));
			return 1;
		}
	}
}

int
spool_map(struct spool *sp, const char *id, struct slice *bytes, struct err *e)
{
	char file[NAME_SIZE];

	name_in_hand(sp, id, file);
	if (file_map(sp->fd[CUR], file, bytes, e) == 0)
		return 0;
	return errno == ENOENT ? err_permanent(e, "%s: %s is not in hand", sp->dir, id) : -1;
}

int
spool_link(struct spool *sp, const char *id, int dirfd, const char *name, struct err *e)
{
	char file[NAME_SIZE];

	name_in_hand(sp, id, file);
	if (linkat(sp->fd[CUR], file, dirfd, name, 0) < 0 && errno != EEXIST)
		return fail(sp, e, "link", file);
	return 0;
}

/* --- letting go ----------------------------------------------------------------------------- */

int
spool_done(struct spool *sp, const char *id, struct err *e)
{
	char file[NAME_SIZE];

	name_in_hand(sp, id, file);
	hand_remove(&sp->hand, slice_str(id));
	if (unlinkat(sp->fd[CUR], file, 0) < 0 && errno != ENOENT)
		return fail(sp, e, "remove", file);
	crash_point("spool.removed");
	return 0;
}

int
spool_defer(struct spool *sp, const char *id, int64_t delay_ms, struct err *e)
{
	char file[NAME_SIZE];

	name_in_hand(sp, id, file);
	hand_remove(&sp->hand, slice_str(id));
	hand_defer(&sp->hand, slice_str(id), clock_mono() + delay_ms);
	if (renameat(sp->fd[CUR], file, sp->fd[NEW], file) < 0)
		return fail(sp, e, "defer", file);
	crash_point("spool.deferred");
	return 0;
}

int
spool_reject(struct spool *sp, const char *id, struct err *e)
{
	char file[NAME_SIZE];

	name_in_hand(sp, id, file);
	hand_remove(&sp->hand, slice_str(id));
	if (renameat(sp->fd[CUR], file, sp->fd[BAD], id) < 0)
		return fail(sp, e, "reject", file);
	crash_point("spool.rejected");
	return 0;
}

/* --- after a crash -------------------------------------------------------------------------- */

struct recovery {
	struct spool *sp;
	void (*on_bad)(void *arg, const char *id);
	void *arg;
	int back;
	int64_t oldest; /* mtime in tmp/ below which a file goes */
};

static int
recover_tmp(void *arg, const char *file, const struct name *n, struct err *e)
{
	struct recovery *r = arg;
	struct stat st;

	(void)n;
	if (fstatat(r->sp->fd[TMP], file, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_mtime >= r->oldest)
		return 0;
	if (unlinkat(r->sp->fd[TMP], file, 0) < 0 && errno != ENOENT)
		return fail(r->sp, e, "remove", file);
	return 0;
}

static int
recover_cur(void *arg, const char *file, const struct name *n, struct err *e)
{
	struct recovery *r = arg;
	struct spool *sp = r->sp;
	bool bad = n->deaths + 1 >= DEATHS_MAX;
	char to[NAME_SIZE];

	name_make(to, n->id, bad ? 0 : n->deaths + 1);
	if (renameat(sp->fd[CUR], file, sp->fd[bad ? BAD : NEW], to) < 0)
		return errno == ENOENT ? 0 : fail(sp, e, "recover", file);
	/* Told only now: were it told before, a death in the telling would never end. */
	if (!bad)
		r->back++;
	else if (r->on_bad != NULL)
		r->on_bad(r->arg, to);
	crash_point("spool.recovered");
	return 0;
}

int
spool_recover(struct spool *sp, void (*on_bad)(void *arg, const char *id), void *arg, struct err *e)
{
	struct recovery r = {.sp = sp, .on_bad = on_bad, .arg = arg};
	struct stat st;

	/* Age against the folder's own last change: both are the file system's clock, so neither a
	 * shifted clock nor another host's can take a file that is being written. */
	if (fstat(sp->fd[TMP], &st) < 0)
		return fail(sp, e, "look at", folder_name[TMP]);
	r.oldest = st.st_mtime - TMP_AGE;
	hand_forget(&sp->hand);
	if (each_entry(sp, TMP, recover_tmp, &r, e) < 0 ||
	    each_entry(sp, CUR, recover_cur, &r, e) < 0)
		return -1;
	return r.back;
}

static int
count_one(void *arg, const char *file, const struct name *n, struct err *e)
{
	(void)file;
	(void)n;
	(void)e;
	++*(int64_t *)arg;
	return 0;
}

int
spool_count(struct spool *sp, int64_t *waiting, int64_t *bad, struct err *e)
{
	*waiting = 0;
	*bad = 0;
	if (each_entry(sp, NEW, count_one, waiting, e) < 0)
		return -1;
	return each_entry(sp, BAD, count_one, bad, e);
}
