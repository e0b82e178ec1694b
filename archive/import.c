/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "archive/import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "archive/inbox.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "mail/edit.h"
#include "mail/field.h"
#include "mail/header.h"
#include "mail/mbox.h"

#define DATE_FIRST 315532800 /* 1980-01-01 */
#define DAY 86400
#define FROM_WORDS 8 /* "From a at b Mon Jan 1 …": the date begins after a few words */

struct import {
	struct archive *ar;
	const char *list, *path;
	struct import_counts *counts;
	const struct import_watch *watch;
	int64_t done, total; /* bytes of input */
	const char *file;    /* the file that is being read, for people */
	int64_t number;      /* messages read of it */
	/* The batch. Bytes are in the arena or in maps that live until it is added. */
	struct arena *arena;
	struct archive_input in[IMPORT_BATCH];
	int64_t numbers[IMPORT_BATCH];
	const char *files[IMPORT_BATCH];
	struct slice maps[IMPORT_BATCH];
	enum archive_result results[IMPORT_BATCH];
	size_t n, nmaps, bytes;
};

/* --- when was it received? -------------------------------------------------------------------- */

static bool
plausible(int64_t t, int64_t written, bool has_date)
{
	return t >= DATE_FIRST && t <= clock_now() + DAY && (!has_date || t + DAY >= written);
}

/* The date of a From line stands behind its address, which may be several words. */
static bool
from_line_date(struct slice line, int64_t *t)
{
	struct slice word;

	for (int i = 0; i < FROM_WORDS && slice_next_word(&line, &word); i++)
		if (i >= 1 && date_parse(slice_trim(line), t))
			return true;
	return false;
}

/* The topmost Received field's date stands behind its last semicolon (RFC 5321 4.4). */
static bool
received_date(struct slice value, int64_t *t)
{
	const char *semicolon = value.n > 0 ? memrchr(value.p, ';', value.n) : NULL;

	return semicolon && date_parse(slice_from(value, (size_t)(semicolon - value.p) + 1), t);
}

int64_t
import_received(struct slice from_line, struct slice bytes, int64_t otherwise)
{
	struct slice head, body, received = {0}, date = {0};
	int64_t written = 0, t;
	struct field f;
	bool has_date;

	edit_split(bytes, &head, &body);
	field_skip_lead(&head);
	while ((received.n == 0 || date.n == 0) && field_next(&head, &f)) {
		if (received.n == 0 && field_is(&f, "Received"))
			received = f.value;
		else if (date.n == 0 && field_is(&f, "Date"))
			date = f.value;
	}
	has_date = date_parse(slice_trim(date), &written) && written >= DATE_FIRST &&
		   written <= clock_now() + DAY;
	if (from_line.n > 0 && from_line_date(from_line, &t) && plausible(t, written, has_date))
		return t;
	if (received_date(received, &t) && plausible(t, 0, false))
		return t;
	if (has_date)
		return written;
	return otherwise > 0 ? otherwise : clock_now();
}

/* --- batches ---------------------------------------------------------------------------------- */

static void
refuse(struct import *im, size_t i, const char *reason)
{
	char where[400];

	im->counts->refused++;
	if (!im->watch->refused)
		return;
	snprintf(where, sizeof where, "%s, message %lld", im->files[i], (long long)im->numbers[i]);
	im->watch->refused(im->watch->arg, where, reason);
}

static int
add_batch(struct import *im, struct err *e)
{
	int r = archive_lock(im->ar, true, e);

	if (r > 0) {
		r = archive_add(im->ar, im->in, im->n, im->results, NULL, e);
		archive_unlock(im->ar);
	}
	return r;
}

static int
flush(struct import *im, struct err *e)
{
	int ret = 0;

	if (im->n > 0)
		ret = add_batch(im, e);
	for (size_t i = 0; ret == 0 && i < im->n; i++) {
		im->counts->read++;
		if (im->results[i] == ARCHIVE_STORED)
			im->counts->stored++;
		else if (im->results[i] == ARCHIVE_ALREADY_THERE)
			im->counts->already_there++;
		else
			refuse(im, i, archive_refusal(im->in[i].bytes));
	}
	while (im->nmaps > 0)
		file_unmap(im->maps[--im->nmaps]);
	im->n = im->bytes = 0;
	arena_reset(im->arena);
	if (ret == 0 && im->watch->progress)
		im->watch->progress(im->watch->arg, im->counts, im->done, im->total);
	return ret;
}

/* bytes must live until the next flush. */
static int
put(struct import *im, struct slice bytes, int64_t received, struct err *e)
{
	im->in[im->n] = (struct archive_input){im->list, bytes, received};
	im->files[im->n] = im->file;
	im->numbers[im->n++] = ++im->number;
	im->bytes += bytes.n;
	if (im->n == IMPORT_BATCH || im->bytes >= IMPORT_BATCH_BYTES || im->nmaps == IMPORT_BATCH)
		return flush(im, e);
	return 0;
}

/* --- mbox ------------------------------------------------------------------------------------- */

/* CRLF as LF, into the arena. */
static struct slice
with_lf(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			p[n++] = s.p[i];
	return slice_make(p, n);
}

static int
import_mbox(struct import *im, struct slice bytes, bool counted, struct err *e)
{
	struct slice rest = bytes, from_line, raw;
	int64_t before = im->done;
	struct buf b;
	int ret = 0;

	buf_init(&b, BUF_NO_LIMIT);
	while (ret == 0 && mbox_next(&rest, &from_line, &raw)) {
		struct slice m = raw;

		if (edit_is_crlf(raw))
			m = with_lf(im->arena, raw);
		buf_clear(&b);
		/* What is no mbox has no quoting to undo. */
		if (from_line.n > 0 && slice_find(m, SLICE(">From ")) < m.n) {
			m = mbox_unquote(&b, m);
			if (m.p == b.p)
				m = arena_dup(im->arena, m);
		}
		if (counted)
			im->done = before + (int64_t)(bytes.n - rest.n);
		ret = put(im, m, import_received(from_line, m, 0), e);
	}
	buf_free(&b);
	return ret < 0 ? -1 : flush(im, e);
}

/* Unpacks into a file without a name, so that however large it is, it can be mapped. */
static int
unpack(int from, const char *dir, struct err *e)
{
	int fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600), own = dup(from), got;
	gzFile gz = own >= 0 ? gzdopen(own, "rb") : NULL;
	char *block = malloc(1 << 18);

	if (!gz || !block)
		fatal("no memory");
	if (fd < 0) {
		err_errno(e, "%s", dir);
		goto bad;
	}
	while ((got = gzread(gz, block, 1 << 18)) > 0)
		if (file_write_all(fd, block, (size_t)got, e) < 0)
			goto bad;
	/* A file that breaks off is an error, not a short mailbox. */
	if (got < 0 || gzclose(gz) != Z_OK) {
		gz = got < 0 ? gz : NULL;
		err_permanent(e, "the gzip file is damaged or breaks off");
		goto bad;
	}
	free(block);
	return fd;
bad:
	if (gz)
		gzclose(gz);
	if (fd >= 0)
		close(fd);
	free(block);
	return -1;
}

static bool
is_gzip(struct slice s)
{
	return slice_starts(s, SLICE("\x1f\x8b"));
}

static int
import_file(struct import *im, int fd, struct err *e)
{
	struct slice bytes, packed;
	int ret = -1, unpacked;

	if (file_map_fd(fd, &packed, e) < 0)
		return -1;
	if (!is_gzip(packed)) {
		ret = import_mbox(im, packed, true, e);
		goto out;
	}
	unpacked = unpack(fd, archive_dir(im->ar), e);
	if (unpacked < 0)
		goto out;
	if (file_map_fd(unpacked, &bytes, e) == 0) {
		ret = import_mbox(im, bytes, false, e);
		file_unmap(bytes);
	}
	im->done += (int64_t)packed.n;
	close(unpacked);
out:
	file_unmap(packed);
	return ret;
}

/* --- folders ---------------------------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Names of the regular files of a folder, sorted; *bytes is their size. */
static int
names_of(int dirfd, struct arena *a, const char ***names, size_t *n, int64_t *bytes, struct err *e)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *de;
	struct stat st;
	size_t cap = 0;

	*n = 0;
	*names = NULL;
	if (!d) {
		err_errno(e, "the folder");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((de = readdir(d))) {
		if (de->d_name[0] == '.' || fstatat(dirfd, de->d_name, &st, 0) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		if (*n == cap) {
			const char **more = arena_array(a, cap ? cap * 2 : 64, sizeof *more);

			if (cap > 0)
				memcpy(more, *names, cap * sizeof *more);
			*names = more;
			cap = cap ? cap * 2 : 64;
		}
		*bytes += st.st_size;
		(*names)[(*n)++] = arena_str(a, slice_str(de->d_name));
	}
	closedir(d);
	if (*n > 0)
		qsort(*names, *n, sizeof **names, by_name);
	return 0;
}

/* One message a file. A file that went away meanwhile was renamed by a mail reader: it is not
 * counted, and the next import finds it. */
static int
import_message(struct import *im, int dirfd, const char *name, struct err *e)
{
	struct slice bytes;
	struct stat st;

	if (fstatat(dirfd, name, &st, 0) < 0 || file_map(dirfd, name, &bytes, e) < 0)
		return errno == ENOENT ? 0 : -1;
	im->maps[im->nmaps++] = bytes;
	im->done += (int64_t)bytes.n;
	im->number = 0;
	return put(im, bytes, import_received(SLICE(""), bytes, st.st_mtime), e);
}

static int
import_folder(struct import *im, int dirfd, const char *name, bool maildir, struct err *e)
{
	struct arena *a = arena_new();
	const char **names;
	int ret = -1, fd;
	size_t n;

	if (names_of(dirfd, a, &names, &n, &im->total, e) < 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		/* Longer than the batch that still names it. */
		im->file = arena_printf(a, "%s/%s", name, names[i]);
		im->number = 0;
		if (maildir) {
			if (import_message(im, dirfd, names[i], e) < 0)
				goto out;
			continue;
		}
		fd = openat(dirfd, names[i], O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			err_errno(e, "%s", im->file);
			goto out;
		}
		ret = import_file(im, fd, e);
		close(fd);
		if (ret < 0)
			goto out;
	}
	ret = flush(im, e);
out:
	arena_free(a);
	return ret;
}

static bool
is_dir(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static int
import_commit(void *arg, struct slice bytes, int64_t received, struct err *e)
{
	struct import *im = arg;

	im->done += (int64_t)bytes.n;
	return put(im, arena_dup(im->arena, bytes), received ? received : clock_now(), e);
}

static int
import_inbox(struct import *im, struct err *e)
{
	return inbox_read(im->path, archive_dir(im->ar), import_commit, im, e) < 0 ? -1
										   : flush(im, e);
}

/* A Maildir has cur/ and new/ (tmp/ is not yet mail); else it is a folder of files. */
static int
import_dir(struct import *im, int dirfd, struct err *e)
{
	static const char *const parts[] = {"cur", "new"};
	int ret = 0, fd;

	if (inbox_is(im->path))
		return import_inbox(im, e);
	if (!is_dir(dirfd, "cur") || !is_dir(dirfd, "new"))
		return import_folder(im, dirfd, im->path, false, e);
	for (int i = 0; ret == 0 && i < 2; i++) {
		fd = openat(dirfd, parts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return err_errno(e, "%s/%s", im->path, parts[i]);
		ret = import_folder(im, fd, parts[i], true, e);
		close(fd);
	}
	return ret;
}

int
import_run(struct archive *ar, const char *list, const char *path, struct import_counts *counts,
	   const struct import_watch *watch, struct err *e)
{
	static const struct import_watch nobody;
	struct import *im = calloc(1, sizeof *im);
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -1;
	struct stat st;

	if (!im)
		fatal("no memory");
	im->ar = ar;
	im->list = list;
	im->path = im->file = path;
	im->counts = counts;
	im->watch = watch ? watch : &nobody;
	im->arena = arena_new();
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_errno(e, "%s", path);
	} else if (S_ISDIR(st.st_mode)) {
		ret = import_dir(im, fd, e);
	} else {
		im->total = st.st_size;
		ret = import_file(im, fd, e);
		if (ret < 0)
			err_prefix(e, "%s", path);
	}
	while (im->nmaps > 0)
		file_unmap(im->maps[--im->nmaps]);
	if (fd >= 0)
		close(fd);
	arena_free(im->arena);
	free(im);
	return ret;
}
