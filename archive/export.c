/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "archive/inbox.h"
#include "archive/mask.h"
#include "archive/overview.h"
#include "archive/store.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "mail/mbox.h"

#define WALK 500 /* rows at a time */

struct export
{
	const struct conf *conf;
	const char *list;
	enum export_format format;
	int dirfd;
	int fd;    /* of an mbox */
	gzFile gz; /* of an mbox.gz */
	char name[80], tmp[90];
	struct buf out;
	struct overview *overview;
	struct store *store;
	struct mask *mask;
	struct arena *arena; /* for one message */
};

static const struct {
	const char *name, *suffix;
} formats[] = {
    [EXPORT_MBOX] = {"mbox", ".mbox"},
    [EXPORT_MBOX_GZ] = {"mbox.gz", ".mbox.gz"},
    [EXPORT_MAILDIR] = {"maildir", ""},
    [EXPORT_INBOX] = {"public-inbox", ""},
};

int
export_format(const char *name, enum export_format *format)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(name, formats[i].name) == 0) {
			*format = (enum export_format)i;
			return 0;
		}
	return -1;
}

/*
 * A message that shares its Message-ID with one that has the id's own key. Which of the two has it
 * is a matter of who came first (forest.h): so twins are written last, and whoever reads what was
 * written gives each the key that it has here.
 */
static bool
is_twin(const struct overview_message *m)
{
	char key[KEY_SIZE];

	msgid_key(m->msgid, key);
	return strcmp(key, m->key) != 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* An mbox grows under a temporary name; a Maildir only needs its folders. */
static int
open_output(struct export *ex, struct err *e)
{
	if (ex->format == EXPORT_MAILDIR)
		return file_mkdirs(ex->dirfd, "cur", 0755, false, e) < 0 ||
			       file_mkdirs(ex->dirfd, "new", 0755, false, e) < 0 ||
			       file_mkdirs(ex->dirfd, "tmp", 0755, false, e) < 0
			   ? -1
			   : 0;
	snprintf(ex->name, sizeof ex->name, "%s%s", ex->list, formats[ex->format].suffix);
	snprintf(ex->tmp, sizeof ex->tmp, ".tmp-%s", ex->name);
	ex->fd = openat(ex->dirfd, ex->tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (ex->fd < 0)
		return err_errno(e, "%s", ex->name);
	if (ex->format != EXPORT_MBOX_GZ)
		return 0;
	ex->gz = gzdopen(ex->fd, "wb6");
	if (!ex->gz)
		fatal("no memory");
	ex->fd = -1; /* it is gz's now */
	return 0;
}

static int
put_mbox(struct export *ex, const struct overview_message *m, struct slice bytes, struct err *e)
{
	buf_clear(&ex->out);
	mbox_put(&ex->out, m->from_address, m->received, bytes);
	if (!ex->gz)
		return file_write_all(ex->fd, ex->out.p, ex->out.n, e) < 0
			   ? err_prefix(e, "%s", ex->name)
			   : 0;
	if (gzfwrite(ex->out.p, 1, ex->out.n, ex->gz) != ex->out.n)
		return err_temporary(e, "%s can't be written", ex->name);
	return 0;
}

static int
put_maildir(struct export *ex, const struct overview_message *m, struct slice bytes, struct err *e)
{
	char name[160];

	/* By their names, in which a Maildir is read, twins come last, too. */
	snprintf(name, sizeof name, "cur/%s%lld.%s.%s:2,S", is_twin(m) ? "t" : "",
		 (long long)m->received, m->key, ex->list);
	return file_put_derived(ex->dirfd, name, &bytes, 1, 0644, e);
}

/* The whole file is there under its name, or the old one is. */
static int
close_output(struct export *ex, int ret, struct err *e)
{
	int closed = 0;

	if (ex->format == EXPORT_MAILDIR)
		return ret;
	if (ex->gz)
		closed = gzclose(ex->gz) == Z_OK ? 0 : -1;
	else if (ex->fd >= 0)
		closed = fsync(ex->fd) < 0 || close(ex->fd) < 0 ? -1 : 0;
	if (ret == 0 && closed < 0)
		ret = err_temporary(e, "%s can't be written", ex->name);
	if (ret == 0 && renameat(ex->dirfd, ex->tmp, ex->dirfd, ex->name) < 0)
		ret = err_errno(e, "%s", ex->name);
	if (ret < 0 && ex->tmp[0])
		unlinkat(ex->dirfd, ex->tmp, 0);
	return ret;
}

/* --- walking ---------------------------------------------------------------------------------- */

static int
export_one(struct export *ex, const struct overview_message *m, struct export_counts *counts,
	   struct err *e)
{
	struct slice stored, bytes;
	int ret;

	if (store_map(ex->store, ex->list, m->key, m->date, &stored, e) < 0) {
		if (errno != ENOENT)
			return -1;
		log_warning("%s: %s is not in the store", ex->list, m->key);
		counts->missing++;
		return 0;
	}
	arena_reset(ex->arena);
	mask_message(ex->mask, ex->arena, stored, &bytes);
	ret =
	    ex->format == EXPORT_MAILDIR ? put_maildir(ex, m, bytes, e) : put_mbox(ex, m, bytes, e);
	file_unmap(stored);
	counts->written += ret == 0;
	return ret;
}

struct walk {
	struct export_counts *counts;
	void (*progress)(void *arg, int64_t done, int64_t total);
	void *arg;
	int64_t done, total;
	bool twins; /* there are some */
};

/* In time order; twins, or all others. */
static int
walk(struct export *ex, struct walk *w, bool twins, struct err *e)
{
	struct arena *a = arena_new();
	struct overview_message *ms;
	int64_t after = 0;
	int ret = -1;
	size_t n;

	for (;;) {
		arena_reset(a);
		if (overview_walk(ex->overview, a, ex->list, after, WALK, &ms, &n, e) < 0)
			goto out;
		if (n == 0)
			break;
		for (size_t i = 0; i < n; i++) {
			if (is_twin(&ms[i]) != twins) {
				w->twins = true;
				continue;
			}
			if (export_one(ex, &ms[i], w->counts, e) < 0)
				goto out;
			w->done++;
		}
		after = ms[n - 1].id;
		if (w->progress)
			w->progress(w->arg, w->done, w->total);
	}
	ret = 0;
out:
	arena_free(a);
	return ret;
}

static int
walk_all(struct export *ex, struct walk *w, struct err *e)
{
	struct overview_totals totals;

	if (overview_totals(ex->overview, ex->list, &totals, e) < 0)
		return -1;
	w->total = totals.messages;
	if (walk(ex, w, false, e) < 0)
		return -1;
	return w->twins ? walk(ex, w, true, e) : 0;
}

static int
open_input(struct export *ex, struct arena *a, const char *dir, struct err *e)
{
	const struct conf *conf = ex->conf;

	if (file_mkdirs(AT_FDCWD, dir, 0755, false, e) < 0)
		return -1;
	ex->dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ex->dirfd < 0)
		return err_errno(e, "%s", dir);
	if (overview_open(&ex->overview, conf_path(conf, a, "archive/archive.db"), false, e) < 0 ||
	    store_open(&ex->store, conf_path(conf, a, "archive"), false, e) < 0)
		return -1;
	ex->mask = mask_new(conf->site_url, conf->domain, conf->delimiter);
	return 0;
}

int
export_run(const struct conf *conf, const char *list, enum export_format format, const char *dir,
	   struct export_counts *counts, void (*progress)(void *, int64_t, int64_t), void *arg,
	   struct err *e)
{
	struct export ex = {.conf = conf, .list = list, .format = format, .dirfd = -1, .fd = -1};
	struct walk w = {.counts = counts, .progress = progress, .arg = arg};
	struct arena *a = arena_new();
	int ret = -1;

	*counts = (struct export_counts){0};
	ex.arena = arena_new();
	buf_init(&ex.out, BUF_NO_LIMIT);
	if (open_input(&ex, a, dir, e) == 0 && format == EXPORT_INBOX) {
		counts->written = inbox_write(conf, list, ex.store, dir, e);
		ret = counts->written < 0 ? -1 : 0;
	} else if (ex.mask) {
		ret = open_output(&ex, e);
		if (ret == 0)
			ret = walk_all(&ex, &w, e);
		ret = close_output(&ex, ret, e);
	}
	if (ex.mask)
		mask_free(ex.mask);
	store_close(ex.store);
	overview_close(ex.overview);
	if (ex.dirfd >= 0)
		close(ex.dirfd);
	buf_free(&ex.out);
	arena_free(ex.arena);
	arena_free(a);
	return ret;
}
