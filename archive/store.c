/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "archive/suspects.h"
#include "archive/threads.h"
#include "base/buf.h"
#include "base/crash.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"

#define FOLDERS 48          /* open at a time: a list's mail comes in months, an import's in many */
#define FILES_ONE_BY_ONE 12 /* more files than that are made durable by one syncfs */
#define PATH_LENGTH 128     /* LIST/YYYY/MM/KEY: a list's name has at most 50 bytes */

struct folder {
	char path[PATH_LENGTH]; /* LIST/YYYY/MM */
	int fd;
	uint64_t used;
};

struct log {
	char *list;
	struct chain *chain;
	struct log *next;
};

struct store {
	int dirfd, msgfd, logfd;
	struct folder folders[FOLDERS];
	size_t nfolders;
	uint64_t clock;
	int pending[FILES_ONE_BY_ONE]; /* written files, still open for their sync */
	size_t npending;
	bool many; /* more than that, or a new folder: syncfs */
	struct log *logs;
	struct suspects *suspects;
};

/* --- opening ---------------------------------------------------------------------------------- */

static int
open_dir(int at, const char *path, bool make, struct err *e)
{
	int fd;

	if (make && file_mkdirs(at, path, 0700, true, e) < 0)
		return -1;
	fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		err_errno(e, "%s", path);
	return fd;
}

int
store_open(struct store **out, const char *archive_dir, bool write, struct err *e)
{
	struct store *st = calloc(1, sizeof *st);

	*out = NULL;
	if (!st)
		fatal("no memory");
	st->msgfd = st->logfd = -1;
	st->dirfd = open_dir(AT_FDCWD, archive_dir, write, e);
	if (st->dirfd >= 0)
		st->msgfd = open_dir(st->dirfd, "msg", write, e);
	if (st->msgfd >= 0)
		st->logfd = open_dir(st->dirfd, "log", write, e);
	if (st->logfd < 0 || (write && suspects_open(&st->suspects, st->dirfd, e) < 0)) {
		store_close(st);
		return -1;
	}
	*out = st;
	return 0;
}

struct suspects *
store_suspects(const struct store *st)
{
	return st->suspects;
}

static void
close_pending(struct store *st)
{
	while (st->npending > 0)
		close(st->pending[--st->npending]);
}

void
store_release(struct store *st)
{
	close_pending(st);
	while (st->logs) {
		struct log *l = st->logs;

		st->logs = l->next;
		chain_close(l->chain);
		free(l->list);
		free(l);
	}
}

void
store_close(struct store *st)
{
	if (!st)
		return;
	store_release(st);
	suspects_close(st->suspects);
	for (size_t i = 0; i < st->nfolders; i++)
		close(st->folders[i].fd);
	for (int i = 0; i < 3; i++) {
		int fd = i == 0 ? st->dirfd : i == 1 ? st->msgfd : st->logfd;

		if (fd >= 0)
			close(fd);
	}
	free(st);
}

/* A list's name comes from the configuration; here it must only be safe as a folder's name. */
static int
check_list(const char *list, struct err *e)
{
	size_t n = strlen(list);

	for (size_t i = 0; i < n; i++)
		if (!((list[i] >= 'a' && list[i] <= 'z') || (list[i] >= '0' && list[i] <= '9') ||
		      (i > 0 && (list[i] == '.' || list[i] == '_' || list[i] == '-'))))
			n = 0;
	if (n > 0 && n <= 64)
		return 0;
	errno = EINVAL;
	return err_permanent(e, "no list has such a name");
}

static int
chain_of(struct store *st, const char *list, struct chain **c, struct err *e)
{
	struct log *l;

	for (l = st->logs; l; l = l->next)
		if (strcmp(l->list, list) == 0) {
			*c = l->chain;
			return 0;
		}
	if (check_list(list, e) < 0 || chain_open(c, st->logfd, list, e) < 0)
		return -1;
	/* The log itself may be new: its name must last, too. */
	st->many = st->many || chain_end(*c) == 0;
	l = calloc(1, sizeof *l);
	if (!l || !(l->list = strdup(list)))
		fatal("no memory");
	l->chain = *c;
	l->next = st->logs;
	st->logs = l;
	return 0;
}

/* --- files ------------------------------------------------------------------------------------ */

static int
folder_path(char path[PATH_LENGTH], const char *list, int64_t date, struct err *e)
{
	int month = threads_month_of(date);

	if (check_list(list, e) < 0)
		return -1;
	snprintf(path, PATH_LENGTH, "%s/%04d/%02d", list, month / 100, month % 100);
	return 0;
}

/* The folder's descriptor, from the open ones or opened, and made if need be. */
static int
folder_of(struct store *st, const char *path, struct err *e)
{
	struct folder *f = NULL;
	int fd;

	for (size_t i = 0; i < st->nfolders; i++) {
		if (strcmp(st->folders[i].path, path) == 0) {
			st->folders[i].used = ++st->clock;
			return st->folders[i].fd;
		}
		if (!f || st->folders[i].used < f->used)
			f = &st->folders[i];
	}
	fd = openat(st->msgfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		st->many = true;
		fd = open_dir(st->msgfd, path, true, e);
	} else if (fd < 0) {
		err_errno(e, "msg/%s", path);
	}
	if (fd < 0)
		return -1;
	if (st->nfolders < FOLDERS)
		f = &st->folders[st->nfolders++];
	else
		close(f->fd);
	snprintf(f->path, sizeof f->path, "%s", path);
	f->fd = fd;
	f->used = ++st->clock;
	return fd;
}

/* A file of that name from a batch that was cut short: the same bytes are as good as written. */
static int
take_over(struct store *st, int dirfd, const char *key, struct slice bytes, struct err *e)
{
	struct slice there;
	bool same;

	st->many = true;
	if (file_map(dirfd, key, &there, e) < 0)
		return -1;
	same = slice_eq(there, bytes);
	file_unmap(there);
	return same ? 0 : file_put_derived(dirfd, key, &bytes, 1, 0600, e);
}

static int
write_file(struct store *st, int dirfd, const char *key, struct slice bytes, struct err *e)
{
	int fd = openat(dirfd, key, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return take_over(st, dirfd, key, bytes, e);
	if (fd < 0)
		return err_errno(e, "msg/…/%s", key);
	if (file_write_all(fd, bytes.p, bytes.n, e) < 0) {
		unlinkat(dirfd, key, 0);
		close(fd);
		return err_prefix(e, "msg/…/%s", key);
	}
	if (!st->many && st->npending < FILES_ONE_BY_ONE) {
		st->pending[st->npending++] = fd;
		return 0;
	}
	st->many = true;
	if (close(fd) < 0)
		return err_errno(e, "msg/…/%s", key);
	return 0;
}

int
store_add(struct store *st, const char *list, const struct fields *f, struct err *e)
{
	char folder[PATH_LENGTH], path[PATH_LENGTH + KEY_SIZE], hex[HEX_SIZE(SHA256_SIZE)];
	uint8_t sha[SHA256_SIZE];
	struct chain *c;
	int dirfd;

	if (folder_path(folder, list, f->date, e) < 0 || chain_of(st, list, &c, e) < 0)
		return -1;
	dirfd = folder_of(st, folder, e);
	if (dirfd < 0 || write_file(st, dirfd, f->key, f->message.bytes, e) < 0)
		return -1;
	crash_point("store.written");
	hash_sha256(f->message.bytes, sha);
	hash_hex(sha, sizeof sha, hex);
	snprintf(path, sizeof path, "%s/%s", folder, f->key);
	chain_add(c, &(struct chain_entry){.event = SLICE("add"),
					   .key = slice_str(f->key),
					   .received = f->received,
					   .sha256 = slice_str(hex),
					   .path = slice_str(path),
					   .text = f->id.msgid});
	return 0;
}

int
store_add_conduct(struct store *st, const char *list, int64_t id, int64_t t, struct slice seal,
		  struct err *e)
{
	char number[24];
	struct chain *c;

	if (chain_of(st, list, &c, e) < 0)
		return -1;
	snprintf(number, sizeof number, "%lld", (long long)id);
	chain_add(c, &(struct chain_entry){.event = SLICE(STORE_CONDUCT),
					   .key = SLICE("-"),
					   .received = t,
					   .sha256 = seal,
					   .text = slice_str(number)});
	return 0;
}

/* --- durability ------------------------------------------------------------------------------- */

static int
sync_files(struct store *st, struct err *e)
{
	if (st->many)
		return syncfs(st->dirfd) < 0 ? err_errno(e, "syncfs") : 0;
	for (size_t i = 0; i < st->npending; i++)
		if (fdatasync(st->pending[i]) < 0)
			return err_errno(e, "a message's fdatasync");
	/* Which of the open folders got one is not noted: they are few, and clean ones cost nothing
	 * to sync. */
	for (size_t i = 0; st->npending > 0 && i < st->nfolders; i++)
		if (file_sync_dir(st->folders[i].fd, e) < 0)
			return -1;
	for (struct log *l = st->logs; l; l = l->next)
		if (chain_sync(l->chain, e) < 0)
			return -1;
	return 0;
}

int
store_sync(struct store *st, struct err *e)
{
	int ret = -1;

	for (struct log *l = st->logs; l; l = l->next)
		if (chain_write(l->chain, e) < 0)
			goto out;
	crash_point("store.logged");
	if (sync_files(st, e) < 0)
		goto out;
	crash_point("store.synced");
	st->many = false;
	ret = 0;
out:
	close_pending(st);
	return ret;
}

void
store_forget(struct store *st)
{
	for (struct log *l = st->logs; l; l = l->next)
		chain_forget(l->chain);
}

int
store_log_end(struct store *st, const char *list, int64_t *end, int64_t *lines, struct err *e)
{
	struct chain *c;

	if (chain_of(st, list, &c, e) < 0)
		return -1;
	*end = chain_end(c);
	*lines = chain_lines(c);
	return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

int
store_map(struct store *st, const char *list, const char *key, int64_t date, struct slice *bytes,
	  struct err *e)
{
	char folder[PATH_LENGTH], path[PATH_LENGTH + KEY_SIZE];

	if (!key_valid(slice_str(key))) {
		errno = ENOENT;
		return err_permanent(e, "that is no key");
	}
	if (folder_path(folder, list, date, e) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/%s", folder, key);
	return file_map(st->msgfd, path, bytes, e);
}

int
store_map_logged(struct store *st, const char *list, struct slice key, struct slice path,
		 struct slice *bytes, bool *erased, struct err *e)
{
	char name[PATH_LENGTH * 2];

	*erased = false;
	if (check_list(list, e) < 0)
		return -1;
	if (path.n >= PATH_LENGTH || !key_valid(key) || slice_find(path, SLICE("..")) < path.n)
		return err_permanent(e, "log/%s names a file that can't be its", list);
	snprintf(name, sizeof name, "%.*s", SLICE_ARG(path));
	if (file_map(st->msgfd, name, bytes, e) == 0)
		return 0;
	snprintf(name, sizeof name, "withdrawn/%s/%.*s", list, SLICE_ARG(key));
	if (errno == ENOENT && file_map(st->dirfd, name, bytes, e) == 0)
		return 0;
	snprintf(name, sizeof name, "withdrawn/%s/%.*s.erased", list, SLICE_ARG(key));
	*erased = true;
	return errno == ENOENT ? file_map(st->dirfd, name, bytes, e) : -1;
}

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

int
store_lists(struct store *st, struct arena *a, const char ***names, size_t *n, struct err *e)
{
	int fd = openat(st->logfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	size_t cap = 16;
	struct dirent *de;

	*n = 0;
	*names = arena_array(a, cap, sizeof **names);
	if (!d) {
		err_errno(e, "log");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((de = readdir(d))) {
		if (check_list(de->d_name, NULL) < 0)
			continue;
		if (*n == cap) {
			const char **more = arena_array(a, cap * 2, sizeof *more);

			memcpy(more, *names, cap * sizeof *more);
			*names = more;
			cap *= 2;
		}
		(*names)[(*n)++] = arena_str(a, slice_str(de->d_name));
	}
	closedir(d);
	qsort(*names, *n, sizeof **names, by_name);
	return 0;
}

int
store_walk(struct store *st, const char *list, int64_t from, chain_each *each, void *arg,
	   struct err *e)
{
	if (check_list(list, e) < 0)
		return -1;
	return chain_read(st->logfd, list, from, each, arg, e);
}

int64_t
store_verify_chain(struct store *st, const char *list, void (*found)(void *arg, const char *text),
		   void *arg, struct err *e)
{
	if (check_list(list, e) < 0)
		return -1;
	return chain_verify(st->logfd, list, found, arg, e);
}

/* What is in a folder, each name given to each with the folder's path before it. */
static int
each_name(struct store *st, const char *path,
	  int (*each)(void *arg, const char *path, struct err *e), void *arg, struct err *e)
{
	int fd = openat(st->msgfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	char name[PATH_LENGTH + NAME_MAX];
	struct dirent *de;

	if (!d) {
		ret = errno == ENOENT ? 0 : err_errno(e, "msg/%s", path);
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (ret == 0 && (de = readdir(d))) {
		if (de->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, de->d_name);
		ret = each(arg, name, e);
	}
	closedir(d);
	return ret;
}

struct walk {
	struct store *st;
	int (*each)(void *arg, const char *path, struct err *e);
	void *arg;
};

static int
walk_month(void *arg, const char *path, struct err *e)
{
	struct walk *w = arg;

	return each_name(w->st, path, w->each, w->arg, e);
}

static int
walk_year(void *arg, const char *path, struct err *e)
{
	struct walk *w = arg;

	return each_name(w->st, path, walk_month, w, e);
}

int
store_files(struct store *st, const char *list,
	    int (*each)(void *arg, const char *path, struct err *e), void *arg, struct err *e)
{
	struct walk w = {st, each, arg};

	return check_list(list, e) < 0 ? -1 : each_name(st, list, walk_year, &w, e);
}

/* --- withdrawing ------------------------------------------------------------------------------ */

int
store_withdraw(struct store *st, const char *list, const char *key, int64_t date,
	       const char *reason, bool erase, struct err *e)
{
	char folder[PATH_LENGTH], path[PATH_LENGTH + KEY_SIZE], hex[HEX_SIZE(SHA256_SIZE)] = "";
	uint8_t sha[SHA256_SIZE];
	struct slice bytes;
	struct chain *c;
	bool erased;

	if (folder_path(folder, list, date, e) < 0 || chain_of(st, list, &c, e) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/%s", folder, key);
	if (store_map_logged(st, list, slice_str(key), slice_str(path), &bytes, &erased, e) < 0)
		return -1;
	/* The log keeps the hash of what is taken out; of a file that was erased there is none. */
	if (!erased) {
		hash_sha256(bytes, sha);
		hash_hex(sha, sizeof sha, hex);
	}
	file_unmap(bytes);
	chain_add(c, &(struct chain_entry){.event = erase ? SLICE("erase") : SLICE("withdraw"),
					   .key = slice_str(key),
					   .received = date,
					   .sha256 = slice_str(hex),
					   .path = slice_str(path),
					   .text = slice_str(reason)});
	return store_sync(st, e);
}

/* What is left of an erased message, as a header that fields_of reads again. */
static void
put_skeleton(struct buf *b, struct slice bytes, int64_t received, const char *domain)
{
	struct arena *a = arena_new();
	struct fields f;

	fields_of(&f, a, bytes, received, domain);
	fields_skeleton(b, &f);
	arena_free(a);
}

static int
erase(struct store *st, const char *list, const char *key, struct slice bytes, int64_t received,
      const char *domain, struct err *e)
{
	char name[PATH_LENGTH * 2];
	struct slice part;
	struct buf b;
	int ret;

	buf_init(&b, BUF_NO_LIMIT);
	put_skeleton(&b, bytes, received, domain);
	snprintf(name, sizeof name, "withdrawn/%s/%s.erased", list, key);
	part = buf_slice(&b);
	ret = file_put(st->dirfd, name, &part, 1, 0600, e);
	buf_free(&b);
	return ret;
}

/* Away with a name below the archive's folder, durably. Absent is fine. */
static int
remove_name(int at, const char *name, struct err *e)
{
	if (unlinkat(at, name, 0) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "%s", name);
	return file_sync_folder_of(at, name, e);
}

int
store_put_away(struct store *st, const char *list, const struct chain_entry *entry,
	       const char *domain, struct err *e)
{
	char folder[PATH_LENGTH], to[PATH_LENGTH * 2], from[PATH_LENGTH], key[KEY_SIZE];
	bool erasing = slice_is(entry->event, "erase"), erased;
	struct slice bytes;
	int ret;

	if (store_map_logged(st, list, entry->key, entry->path, &bytes, &erased, e) < 0)
		return errno == ENOENT ? 0 : -1;
	snprintf(folder, sizeof folder, "withdrawn/%s", list);
	snprintf(key, sizeof key, "%.*s", SLICE_ARG(entry->key));
	snprintf(to, sizeof to, "%s/%s", folder, key);
	snprintf(from, sizeof from, "%.*s", SLICE_ARG(entry->path));
	ret = file_mkdirs(st->dirfd, folder, 0700, true, e);
	if (ret == 0 && erasing && !erased)
		ret = erase(st, list, key, bytes, entry->received, domain, e);
	file_unmap(bytes);
	if (ret < 0)
		return -1;
	if (erasing)
		return remove_name(st->msgfd, from, e) < 0 ? -1 : remove_name(st->dirfd, to, e);
	if (renameat(st->msgfd, from, st->dirfd, to) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "%s", from);
	return file_sync_folder_of(st->msgfd, from, e) < 0 ? -1
							   : file_sync_folder_of(st->dirfd, to, e);
}
