/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Durable files. The order is always: write, fdatasync, close, rename, fsync of the folder; a
 * failure before the rename leaves nothing behind, and a failed sync is never tried again on the
 * same file (the kernel may have dropped the dirty pages).
 */
#include "config.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/log.h"

#define TMP_PREFIX ".tmp-"
#define PARTS_AT_ONCE 64
#define TREE_DEPTH 64 /* our trees have five levels; each level costs a descriptor */

int
file_write_all(int fd, const void *p, size_t n, struct err *e)
{
	const char *from = p;

	while (n > 0) {
		ssize_t done = write(fd, from, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_errno(e, "write");
		from += done;
		n -= (size_t)done;
	}
	return 0;
}

/* One writev of up to PARTS_AT_ONCE parts; what it left of them is written part by part. */
static int
write_some(int fd, const struct slice *parts, size_t n, struct err *e)
{
	struct iovec iov[PARTS_AT_ONCE];
	ssize_t done;
	size_t left;

	for (size_t i = 0; i < n; i++)
		iov[i] = (struct iovec){(void *)(uintptr_t)parts[i].p, parts[i].n};
	do
		done = writev(fd, iov, (int)n);
	while (done < 0 && errno == EINTR);
	if (done < 0)
		return err_errno(e, "write");
	left = (size_t)done;
	for (size_t i = 0; i < n; i++) {
		size_t here = left < parts[i].n ? left : parts[i].n;

		left -= here;
		if (here < parts[i].n &&
		    file_write_all(fd, parts[i].p + here, parts[i].n - here, e) < 0)
			return -1;
	}
	return 0;
}

int
file_write_parts(int fd, const struct slice *parts, size_t n, struct err *e)
{
	while (n > 0) {
		size_t some = n < PARTS_AT_ONCE ? n : PARTS_AT_ONCE;

		if (write_some(fd, parts, some, e) < 0)
			return -1;
		parts += some;
		n -= some;
	}
	return 0;
}

int
file_sync_dir(int fd, struct err *e)
{
	if (fsync(fd) < 0)
		return err_errno(e, "cannot sync a folder");
	return 0;
}

int
file_sync_dir_at(int dirfd, const char *path, struct err *e)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret;

	if (fd < 0)
		return err_errno(e, "cannot open the folder %s", path);
	ret = file_sync_dir(fd, e);
	close(fd);
	return ret;
}

/* Where a name's folder ends: "a/b/name" gives "a/b/" and "name". */
static struct slice
folder_of(const char *name, const char **base)
{
	const char *slash = strrchr(name, '/');

	*base = slash != NULL ? slash + 1 : name;
	return slice_make(name, (size_t)(*base - name));
}

int
file_sync_folder_of(int dirfd, const char *name, struct err *e)
{
	const char *base;
	struct slice folder = folder_of(name, &base);
	char path[PATH_MAX];

	if (folder.n == 0 && dirfd != AT_FDCWD)
		return file_sync_dir(dirfd, e);
	snprintf(path, sizeof path, "%.*s", SLICE_ARG(folder.n > 0 ? folder : SLICE(".")));
	return file_sync_dir_at(dirfd, path, e);
}

/* Writes, and with sync makes durable, the file tmp; it is closed in any case. */
static int
write_tmp(int dirfd, const char *tmp, const struct slice *parts, size_t n, mode_t mode, bool sync,
	  struct err *e)
{
	int fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0)
		return err_errno(e, "cannot make the file");
	if (file_write_parts(fd, parts, n, e) < 0)
		goto fail;
	if (sync && fdatasync(fd) < 0) {
		err_errno(e, "fdatasync");
		goto fail;
	}
	if (close(fd) < 0)
		return err_errno(e, "close");
	return 0;
fail:
	close(fd);
	return -1;
}

static int
put(int dirfd, const char *name, const struct slice *parts, size_t n, mode_t mode, bool durable,
    struct err *e)
{
	const char *base;
	struct slice folder = folder_of(name, &base);
	char tmp[PATH_MAX];
	int saved;

	if (snprintf(tmp, sizeof tmp, "%.*s" TMP_PREFIX "%s", SLICE_ARG(folder), base) >=
	    (int)sizeof tmp)
		return err_permanent(e, "%s: the name is too long", name);
	if (write_tmp(dirfd, tmp, parts, n, mode, durable, e) < 0)
		goto fail;
	if (durable)
		crash_point("file.written");
	if (renameat(dirfd, tmp, dirfd, name) < 0) {
		err_errno(e, "rename");
		goto fail;
	}
	if (!durable)
		return 0;
	crash_point("file.renamed");
	if (file_sync_folder_of(dirfd, name, e) < 0)
		return err_prefix(e, "%s", name);
	crash_point("file.synced");
	return 0;
fail:
	saved = errno;
	unlinkat(dirfd, tmp, 0);
	errno = saved;
	return err_prefix(e, "%s", name);
}

int
file_put(int dirfd, const char *name, const struct slice *parts, size_t n, mode_t mode,
	 struct err *e)
{
	return put(dirfd, name, parts, n, mode, true, e);
}

int
file_put_derived(int dirfd, const char *name, const struct slice *parts, size_t n, mode_t mode,
		 struct err *e)
{
	return put(dirfd, name, parts, n, mode, false, e);
}

/* One folder of file_mkdirs. */
static int
make_dir(int dirfd, const char *path, mode_t mode, bool durable, struct err *e)
{
	struct stat st;

	if (mkdirat(dirfd, path, mode) == 0)
		return durable ? file_sync_folder_of(dirfd, path, e) : 0;
	if (errno != EEXIST)
		return err_errno(e, "cannot make the folder %s", path);
	if (fstatat(dirfd, path, &st, 0) < 0)
		return err_errno(e, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return err_permanent(e, "%s is there, but is no folder", path);
	}
	return 0;
}

int
file_mkdirs(int dirfd, const char *path, mode_t mode, bool durable, struct err *e)
{
	char part[PATH_MAX];
	struct stat st;
	size_t n = strlen(path);

	if (fstatat(dirfd, path, &st, 0) == 0 && S_ISDIR(st.st_mode))
		return 0;
	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n >= sizeof part)
		return err_permanent(e, "%.100s…: the path is too long", path);
	for (size_t i = 1; i <= n; i++) {
		if (i < n && (path[i] != '/' || path[i - 1] == '/'))
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (make_dir(dirfd, part, mode, durable, e) < 0)
			return -1;
	}
	return 0;
}

static int
open_regular(int dirfd, const char *name, struct stat *st, struct err *e)
{
	/* O_NONBLOCK: a FIFO of that name must not hold us. */
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		int saved = errno;

		err_errno(e, "%s", name);
		if (saved == ENOENT && e != NULL)
			e->kind = ERR_PERMANENT;
		return -1;
	}
	if (fstat(fd, st) < 0) {
		err_errno(e, "%s", name);
	} else if (!S_ISREG(st->st_mode)) {
		err_permanent(e, "%s is no regular file", name);
		errno = EINVAL;
	} else {
		return fd;
	}
	close(fd);
	return -1;
}

/* Fills p with what the file holds now: up to size bytes. */
static ssize_t
read_all(int fd, char *p, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, p + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

int
file_read(int dirfd, const char *name, size_t limit, struct arena *a, struct slice *out,
	  struct err *e)
{
	struct stat st;
	int fd = open_regular(dirfd, name, &st, e), ret = -1;
	size_t size;
	ssize_t got;
	char *p;

	if (fd < 0)
		return -1;
	size = (size_t)st.st_size;
	if (size > limit) {
		err_permanent(e, "%s is larger than %zu bytes", name, limit);
		errno = EFBIG;
		goto out;
	}
	/* A file that grows meanwhile is taken as it was when it was opened. */
	p = arena_alloc(a, size + 1);
	got = read_all(fd, p, size);
	if (got < 0) {
		err_errno(e, "%s", name);
		goto out;
	}
	p[got] = '\0';
	*out = slice_make(p, (size_t)got);
	ret = 0;
out:
	close(fd);
	return ret;
}

int
file_map_fd(int fd, struct slice *out, struct err *e)
{
	struct stat st;
	void *p;

	*out = slice_make(NULL, 0);
	if (fstat(fd, &st) < 0)
		return err_errno(e, "fstat");
	if (st.st_size == 0)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_errno(e, "mmap");
	*out = slice_make(p, (size_t)st.st_size);
	return 0;
}

int
file_map(int dirfd, const char *name, struct slice *out, struct err *e)
{
	struct stat st;
	int fd = open_regular(dirfd, name, &st, e), ret;

	*out = slice_make(NULL, 0);
	if (fd < 0)
		return -1;
	ret = file_map_fd(fd, out, e);
	close(fd);
	return ret < 0 ? err_prefix(e, "%s", name) : 0;
}

void
file_unmap(struct slice s)
{
	if (s.n > 0 && munmap((void *)(uintptr_t)s.p, s.n) < 0)
		fatal("munmap: %s", strerror(errno));
}

int64_t
file_free_bytes(int fd)
{
	struct statvfs v;
	int64_t n;

	if (fstatvfs(fd, &v) < 0 || __builtin_mul_overflow(v.f_bavail, v.f_frsize, &n))
		return -1;
	return n;
}

/* --- removing a tree ---------------------------------------------------------------------------
 * A stack of open folders, so that no path is ever walked twice and no link is ever followed. */

struct level {
	DIR *dir;
	char name[NAME_MAX + 1]; /* in the level above; the first one's is unused */
};

static int
open_level(int dirfd, const char *path, struct level *l)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	l->dir = fdopendir(fd);
	if (l->dir == NULL) {
		close(fd);
		return -1;
	}
	return 0;
}

/* Removes what is in stack[top] up to the first folder in it: 1 and that folder is stack[top + 1],
 * 0 when stack[top] is empty, -1. */
static int
empty_level(struct level *stack, size_t top, struct err *e)
{
	DIR *dir = stack[top].dir;
	struct dirent *d;

	while (errno = 0, (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(dir), d->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return err_errno(e, "cannot remove %s", d->d_name);
		if (top + 1 == TREE_DEPTH)
			return err_permanent(e, "%s: the tree is too deep", d->d_name);
		if (open_level(dirfd(dir), d->d_name, &stack[top + 1]) < 0)
			return err_errno(e, "cannot open %s", d->d_name);
		snprintf(stack[top + 1].name, sizeof stack[top + 1].name, "%s", d->d_name);
		return 1;
	}
	return errno != 0 ? err_errno(e, "cannot read a folder") : 0;
}

static int
empty_tree(struct level *stack, struct err *e)
{
	size_t top = 0;
	int r;

	while ((r = empty_level(stack, top, e)) >= 0) {
		if (r == 1) {
			top++;
			continue;
		}
		if (top == 0)
			break;
		closedir(stack[top].dir);
		stack[top].dir = NULL;
		top--;
		if (unlinkat(dirfd(stack[top].dir), stack[top + 1].name, AT_REMOVEDIR) < 0 &&
		    errno != ENOENT) {
			err_errno(e, "cannot remove %s", stack[top + 1].name);
			r = -1;
			break;
		}
	}
	for (size_t i = 0; r < 0 && i <= top; i++)
		closedir(stack[i].dir);
	if (r == 0)
		closedir(stack[0].dir);
	return r;
}

int
file_remove_tree(int dirfd, const char *path, struct err *e)
{
	struct level *stack;
	int r;

	if (unlinkat(dirfd, path, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_errno(e, "cannot remove %s", path);
	stack = calloc(TREE_DEPTH, sizeof *stack);
	if (stack == NULL)
		fatal("no memory to remove a tree");
	if (open_level(dirfd, path, &stack[0]) < 0)
		r = err_errno(e, "cannot open %s", path);
	else
		r = empty_tree(stack, e);
	free(stack);
	if (r < 0)
		return -1;
	if (unlinkat(dirfd, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_errno(e, "cannot remove %s", path);
	return 0;
}
