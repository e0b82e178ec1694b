/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file: files that are there after a power loss. Everything durable is written by these functions:
 * write under a temporary name, fdatasync, close, rename, fsync the folder, each checked; then
 * tell. Names are relative to dirfd (AT_FDCWD is fine) and are never made from unchecked outside
 * text.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Durably puts parts[0..n) as dirfd/name (replacing it), by way of ".tmp-NAME" in the same folder
 * (so a name has one writer at a time). Crash points: file.written, file.renamed, file.synced. 0 or
 * -1 (temporary; nothing is left behind).
 */
int file_put(int dirfd, const char *name, const struct slice *parts, size_t n, mode_t mode,
	     struct err *e) __attribute__((warn_unused_result));
/* The same without any sync, for what can be derived again: readers see the old or the new, whole.
 */
int file_put_derived(int dirfd, const char *name, const struct slice *parts, size_t n, mode_t mode,
		     struct err *e) __attribute__((warn_unused_result));
/* All bytes written or -1; retries short writes and EINTR. */
int file_write_all(int fd, const void *p, size_t n, struct err *e)
    __attribute__((warn_unused_result));

/* The same for parts[0..n), in as few calls as possible. */
int file_write_parts(int fd, const struct slice *parts, size_t n, struct err *e)
    __attribute__((warn_unused_result));

/* mkdir -p: each missing folder of path is made with mode, and (durable) its parent is synced. */
int file_mkdirs(int dirfd, const char *path, mode_t mode, bool durable, struct err *e)
    __attribute__((warn_unused_result));
int file_sync_dir(int fd, struct err *e) __attribute__((warn_unused_result)); /* an open folder */
int file_sync_dir_at(int dirfd, const char *path, struct err *e)
    __attribute__((warn_unused_result));
/* The folder in which name stands. */
int file_sync_folder_of(int dirfd, const char *name, struct err *e)
    __attribute__((warn_unused_result));

/*
 * Reads a whole regular file, at most limit bytes (more is a permanent error). The copy is in the
 * arena with a NUL behind it. A missing file is a permanent error and errno is ENOENT.
 */
int file_read(int dirfd, const char *name, size_t limit, struct arena *a, struct slice *out,
	      struct err *e) __attribute__((warn_unused_result));

/* A read-only map of a whole file; empty files give an empty slice. Unmap with file_unmap. */
int file_map(int dirfd, const char *name, struct slice *out, struct err *e)
    __attribute__((warn_unused_result));
int file_map_fd(int fd, struct slice *out, struct err *e) __attribute__((warn_unused_result));
void file_unmap(struct slice s);

/* Bytes free for an unprivileged user on the file system of fd; -1 when unknown. */
int64_t file_free_bytes(int fd);
/* Removes a tree without following links; by loops, not recursion. Missing is fine. */
int file_remove_tree(int dirfd, const char *path, struct err *e)
    __attribute__((warn_unused_result));

#endif
