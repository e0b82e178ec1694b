/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folders: see folders.h. Nothing is kept in mind between two calls.
 */
#include "config.h"
#include "base/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"

#define TMP_AGE (24 * 3600) /* seconds; no session lasts so long */

const char *const folders_name[FOLDERS] = {"tmp", "new", "cur", "bad"};

/* --- names ---------------------------------------------------------------------------------- */

bool
folders_parse(const char *s, struct folders_entry *n)
{
	struct slice deaths;
	int64_t v = 0;

	if (slice_cut(slice_str(s), ',', &n->id, &deaths) &&
	    !num_parse(deaths, 1, FOLDERS_DEATHS_MAX - 1, &v))
		return false;
	n->deaths = (int)v;
	return id_valid(n->id);
}

void
folders_make(char out[FOLDERS_NAME_SIZE], struct slice id, int deaths)
{
	int n = deaths > 0 ? snprintf(out, FOLDERS_NAME_SIZE, "%.*s,%d", SLICE_ARG(id), deaths)
			   : snprintf(out, FOLDERS_NAME_SIZE, "%.*s", SLICE_ARG(id));

	if (n < 0 || n >= FOLDERS_NAME_SIZE)
		fatal("spool: an ID that is too long");
}

/* --- the four of them ------------------------------------------------------------------------ */

int
folders_open(struct folders *f, const char *dir, struct err *e)
{
	struct arena *a = arena_new();

	f->dir = strdup(dir);
	if (f->dir == NULL)
		fatal("spool: no memory");
	for (int i = 0; i < FOLDERS; i++)
		f->fd[i] = -1;
	for (int i = 0; i < FOLDERS; i++) {
		const char *path = arena_printf(a, "%s/%s", dir, folders_name[i]);

		if (file_mkdirs(AT_FDCWD, path, 0700, true, e) < 0)
			goto fail;
		f->fd[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (f->fd[i] < 0) {
			err_errno(e, "%s", path);
			goto fail;
		}
	}
	arena_free(a);
	return 0;
fail:
	arena_free(a);
	folders_close(f);
	return -1;
}

void
folders_close(struct folders *f)
{
	for (int i = 0; i < FOLDERS; i++) {
		if (f->fd[i] >= 0)
			close(f->fd[i]);
	}
	free(f->dir);
}

int
folders_fail(const struct folders *f, struct err *e, const char *what, const char *name)
{
	return err_errno(e, "%s: cannot %s %s", f->dir, what, name);
}

bool
folders_has(const struct folders *f, enum folder where, struct slice id, int deaths)
{
	char name[FOLDERS_NAME_SIZE];

	folders_make(name, id, deaths);
	return faccessat(f->fd[where], name, F_OK, 0) == 0;
}

int
folders_each(const struct folders *f, enum folder where,
	     int (*each)(void *arg, const char *file, const struct folders_entry *n, struct err *e),
	     void *arg, struct err *e)
{
	int fd = openat(f->fd[where], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = -1;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *d;
	struct folders_entry n;

	if (dir == NULL) {
		folders_fail(f, e, "read", folders_name[where]);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (errno = 0, (d = readdir(dir)) != NULL) {
		if (folders_parse(d->d_name, &n) && each(arg, d->d_name, &n, e) < 0)
			goto out;
	}
	ret = errno != 0 ? folders_fail(f, e, "read", folders_name[where]) : 0;
out:
	closedir(dir);
	return ret;
}

/* --- after a crash -------------------------------------------------------------------------- */

struct recovery {
	const struct folders *folders;
	void (*on_bad)(void *arg, const char *id);
	void *arg;
	int back;
	int64_t oldest; /* mtime in tmp/ below which a file goes */
};

static int
recover_tmp(void *arg, const char *file, const struct folders_entry *n, struct err *e)
{
	struct recovery *r = arg;
	struct stat st;

	(void)n;
	if (fstatat(r->folders->fd[FOLDER_TMP], file, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_mtime >= r->oldest)
		return 0;
	if (unlinkat(r->folders->fd[FOLDER_TMP], file, 0) < 0 && errno != ENOENT)
		return folders_fail(r->folders, e, "remove", file);
	return 0;
}

static int
recover_cur(void *arg, const char *file, const struct folders_entry *n, struct err *e)
{
	struct recovery *r = arg;
	const struct folders *f = r->folders;
	bool bad = n->deaths + 1 >= FOLDERS_DEATHS_MAX;
	char to[FOLDERS_NAME_SIZE];

	folders_make(to, n->id, bad ? 0 : n->deaths + 1);
	if (renameat(f->fd[FOLDER_CUR], file, f->fd[bad ? FOLDER_BAD : FOLDER_NEW], to) < 0)
		return errno == ENOENT ? 0 : folders_fail(f, e, "recover", file);
	/* Told only now: were it told before, a death in the telling would never end. */
	if (!bad)
		r->back++;
	else if (r->on_bad != NULL)
		r->on_bad(r->arg, to);
	crash_point("spool.recovered");
	return 0;
}

int
folders_recover(const struct folders *f, void (*on_bad)(void *arg, const char *id), void *arg,
		struct err *e)
{
	struct recovery r = {.folders = f, .on_bad = on_bad, .arg = arg};
	struct stat st;

	/* Age against the folder's own last change: both are the file system's clock, so neither a
	 * shifted clock nor another host's can take a file that is being written. */
	if (fstat(f->fd[FOLDER_TMP], &st) < 0)
		return folders_fail(f, e, "look at", folders_name[FOLDER_TMP]);
	r.oldest = st.st_mtime - TMP_AGE;
	if (folders_each(f, FOLDER_TMP, recover_tmp, &r, e) < 0 ||
	    folders_each(f, FOLDER_CUR, recover_cur, &r, e) < 0)
		return -1;
	return r.back;
}

/* --- counting ------------------------------------------------------------------------------- */

static int
count_one(void *arg, const char *file, const struct folders_entry *n, struct err *e)
{
	(void)file;
	(void)n;
	(void)e;
	++*(int64_t *)arg;
	return 0;
}

int
folders_count(const struct folders *f, enum folder where, int64_t *n, struct err *e)
{
	*n = 0;
	return folders_each(f, where, count_one, n, e);
}
