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

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/folders.h"
#include "base/hand.h"
#include "base/log.h"

#define HAND_WAIT 100 /* ms; to ask again whether the hand is empty */

struct spool {
	struct folders folders;
	/* The waiting entries as of the last look, oldest first. */
	struct arena *arena;
	const char **batch;
	size_t nbatch, at, batch_room;
	struct hand hand;
	bool held_back; /* rule 4 made the last claim say "none" */
};

/* --- opening -------------------------------------------------------------------------------- */

static void
check_id(const char *id)
{
	if (!id_valid(slice_str(id)))
		fatal("spool: \"%s\" is no ID", log_str(slice_str(id)));
}

int
spool_open(struct spool **sp, const char *dir, struct err *e)
{
	struct spool *s = calloc(1, sizeof *s);

	*sp = NULL;
	if (s == NULL)
		fatal("spool: no memory");
	if (folders_open(&s->folders, dir, e) < 0) {
		free(s);
		return -1;
	}
	s->arena = arena_new();
	*sp = s;
	return 0;
}

void
spool_close(struct spool *sp)
{
	if (sp == NULL)
		return;
	folders_close(&sp->folders);
	arena_free(sp->arena);
	free(sp->batch);
	hand_free(&sp->hand);
	free(sp);
}

/* --- writing -------------------------------------------------------------------------------- */

int
spool_begin(struct spool *sp, const char *id, struct spool_file *f, struct err *e)
{
	check_id(id);
	memcpy(f->id, id, strlen(id) + 1);
	f->size = 0;
	f->fd = openat(sp->folders.fd[FOLDER_TMP], id,
		       O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	return f->fd < 0 ? folders_fail(&sp->folders, e, "make", id) : 0;
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

/* In hand, in bad/, or waiting with deaths: there the rename into new/ would not replace it. */
static bool
published_before(const struct spool *sp, struct slice id)
{
	if (folders_has(&sp->folders, FOLDER_CUR, id, 0) ||
	    folders_has(&sp->folders, FOLDER_BAD, id, 0))
		return true;
	for (int deaths = 1; deaths < FOLDERS_DEATHS_MAX; deaths++) {
		if (folders_has(&sp->folders, FOLDER_NEW, id, deaths) ||
		    folders_has(&sp->folders, FOLDER_CUR, id, deaths))
			return true;
	}
	return false;
}

int
spool_publish(struct spool *sp, const struct spool_file *f, struct err *e)
{
	if (published_before(sp, slice_str(f->id))) {
		if (unlinkat(sp->folders.fd[FOLDER_TMP], f->id, 0) < 0 && errno != ENOENT)
			return folders_fail(&sp->folders, e, "remove", f->id);
		return 0;
	}
	if (renameat(sp->folders.fd[FOLDER_TMP], f->id, sp->folders.fd[FOLDER_NEW], f->id) < 0)
		return folders_fail(&sp->folders, e, "publish", f->id);
	crash_point("spool.renamed");
	return 0;
}

int
spool_sync(struct spool *sp, struct err *e)
{
	if (fsync(sp->folders.fd[FOLDER_NEW]) < 0)
		return folders_fail(&sp->folders, e, "sync", folders_name[FOLDER_NEW]);
	crash_point("spool.synced");
	return 0;
}

void
spool_abort(struct spool *sp, struct spool_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	unlinkat(sp->folders.fd[FOLDER_TMP], f->id, 0);
}

int
spool_put(struct spool *sp, const char *id, const struct slice *parts, size_t n, struct err *e)
{
	struct spool_file f;

	if (spool_begin(sp, id, &f, e) < 0)
		return -1;
	if (file_write_parts(f.fd, parts, n, e) < 0) {
		err_prefix(e, "%s: %s", sp->folders.dir, id);
		goto fail;
	}
	if (spool_flush(&f, e) < 0 || spool_publish(sp, &f, e) < 0)
		goto fail;
	return spool_sync(sp, e);
fail:
	spool_abort(sp, &f);
	return -1;
}

/* --- what is in hand ------------------------------------------------------------------------ */

/* The name in cur/ of an entry: known if it is in hand, else looked for (a reader that was started
 * again, or the administrator's command, never claimed it). */
static void
name_in_hand(const struct spool *sp, const char *id, char file[FOLDERS_NAME_SIZE])
{
	struct slice s = slice_str(id);
	const struct hand_entry *h = hand_find(&sp->hand, s);
	int deaths = h != NULL ? h->deaths : FOLDERS_DEATHS_MAX - 1;

	check_id(id);
	while (h == NULL && deaths > 0 && !folders_has(&sp->folders, FOLDER_CUR, s, deaths))
		deaths--;
	folders_make(file, s, deaths);
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
batch_add(void *arg, const char *file, const struct folders_entry *n, struct err *e)
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
	if (folders_each(&sp->folders, FOLDER_NEW, batch_add, sp, e) < 0) {
		sp->nbatch = 0;
		return -1;
	}
	if (sp->nbatch > 1)
		qsort(sp->batch, sp->nbatch, sizeof *sp->batch, by_name);
	return 0;
}

/* The same ID is in hand, or waits under its next name too: this one goes (invariant 4). */
static bool
is_double(const struct spool *sp, const struct folders_entry *n)
{
	struct folders_entry after;

	if (hand_find(&sp->hand, n->id) != NULL)
		return true;
	return sp->at < sp->nbatch && folders_parse(sp->batch[sp->at], &after) &&
	       slice_eq(after.id, n->id);
}

/* Rule 4: whether this one may be taken in hand now. */
static bool
may_claim(const struct spool *sp, const struct folders_entry *n)
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
claim_file(struct spool *sp, const char *file, const struct folders_entry *n, struct err *e)
{
	if (is_double(sp, n)) {
		if (unlinkat(sp->folders.fd[FOLDER_NEW], file, 0) < 0 && errno != ENOENT)
			return folders_fail(&sp->folders, e, "remove", file);
		return 0;
	}
	if (renameat(sp->folders.fd[FOLDER_NEW], file, sp->folders.fd[FOLDER_CUR], file) < 0)
		return errno == ENOENT ? 0 : folders_fail(&sp->folders, e, "claim", file);
	hand_add(&sp->hand, n->id, n->deaths);
	crash_point("spool.claimed");
	return 1;
}

int
spool_claim(struct spool *sp, char id[ID_MAX], struct err *e)
{
	bool fresh = false;
	struct folders_entry n;

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
		if (!folders_parse(file, &n))
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
	char file[FOLDERS_NAME_SIZE];

	name_in_hand(sp, id, file);
	if (file_map(sp->folders.fd[FOLDER_CUR], file, bytes, e) == 0)
		return 0;
	return errno == ENOENT ? err_permanent(e, "%s: %s is not in hand", sp->folders.dir, id)
			       : -1;
}

int
spool_link(struct spool *sp, const char *id, int dirfd, const char *name, struct err *e)
{
	char file[FOLDERS_NAME_SIZE];

	name_in_hand(sp, id, file);
	if (linkat(sp->folders.fd[FOLDER_CUR], file, dirfd, name, 0) < 0 && errno != EEXIST)
		return folders_fail(&sp->folders, e, "link", file);
	return 0;
}

/* --- letting go ----------------------------------------------------------------------------- */

int
spool_done(struct spool *sp, const char *id, struct err *e)
{
	char file[FOLDERS_NAME_SIZE];

	name_in_hand(sp, id, file);
	hand_remove(&sp->hand, slice_str(id));
	if (unlinkat(sp->folders.fd[FOLDER_CUR], file, 0) < 0 && errno != ENOENT)
		return folders_fail(&sp->folders, e, "remove", file);
	crash_point("spool.removed");
	return 0;
}

int
spool_defer(struct spool *sp, const char *id, int64_t delay_ms, struct err *e)
{
	char file[FOLDERS_NAME_SIZE];

	name_in_hand(sp, id, file);
	hand_remove(&sp->hand, slice_str(id));
	hand_defer(&sp->hand, slice_str(id), clock_mono() + delay_ms);
	if (renameat(sp->folders.fd[FOLDER_CUR], file, sp->folders.fd[FOLDER_NEW], file) < 0)
		return folders_fail(&sp->folders, e, "defer", file);
	crash_point("spool.deferred");
	return 0;
}

int
spool_reject(struct spool *sp, const char *id, struct err *e)
{
	char file[FOLDERS_NAME_SIZE];

	name_in_hand(sp, id, file);
	hand_remove(&sp->hand, slice_str(id));
	if (renameat(sp->folders.fd[FOLDER_CUR], file, sp->folders.fd[FOLDER_BAD], id) < 0)
		return folders_fail(&sp->folders, e, "reject", file);
	crash_point("spool.rejected");
	return 0;
}

/* --- the whole ------------------------------------------------------------------------------ */

int
spool_recover(struct spool *sp, void (*on_bad)(void *arg, const char *id), void *arg, struct err *e)
{
	hand_forget(&sp->hand);
	return folders_recover(&sp->folders, on_bad, arg, e);
}

int
spool_count(struct spool *sp, int64_t *waiting, int64_t *bad, struct err *e)
{
	*bad = 0;
	if (folders_count(&sp->folders, FOLDER_NEW, waiting, e) < 0)
		return -1;
	return folders_count(&sp->folders, FOLDER_BAD, bad, e);
}
