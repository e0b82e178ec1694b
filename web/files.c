/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "web/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mail/msgid.h"
#include "web/fresh.h"
#include "web/pages.h"
#include "web/redirects.h"
#include "web/squeeze.h"
#include "web/types.h"

/* A withdrawn message's page stands at most this far above what was asked for (m/KEY/N/NAME). */
#define GONE_LEVELS 3

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* --- opening -------------------------------------------------------------------------------- */

/* Where the kernel lacks openat2: links are resolved first. Who could change one in between is who
 * writes the pages, and trusted. */
static int
open_resolved(int dir, const char *path)
{
	char link[64], root[PATH_MAX], full[PATH_MAX];
	ssize_t n;
	size_t len;
	int fd = openat(dir, path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return -1;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, full, sizeof full - 1);
	close(fd);
	if (n < 0)
		return -1;
	full[n] = '\0';
	snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
	n = readlink(link, root, sizeof root - 1);
	if (n < 0)
		return -1;
	root[n] = '\0';
	len = (size_t)n;
	if (strncmp(full, root, len) != 0 || (full[len] != '/' && full[len] != '\0')) {
		errno = EXDEV;
		return -1;
	}
	return open(full, OPEN_FLAGS | O_NOFOLLOW);
}

int
files_open(const struct web *web, const char *path)
{
	const struct open_how how = {
	    .flags = OPEN_FLAGS,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	do
		fd = syscall(SYS_openat2, web->html_fd, path, &how, sizeof how);
	while (fd < 0 && (errno == EAGAIN || errno == EINTR)); /* a rename went on meanwhile */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return open_resolved(web->html_fd, path);
	return (int)fd;
}

bool
files_has_page(const struct web *web, struct arena *a, const char *dir)
{
	static const char *const names[] = {"index.html", "gone.html"};
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < 2; i++)
		fd = files_open(web, arena_printf(a, "%s/%s", dir, names[i]));
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The first n segments as a path below STATE/html, or NULL when no file of ours is named so. */
static char *
path_of(const struct url *u, struct arena *a, size_t n)
{
	struct buf b;
	char *path;

	buf_init(&b, PATH_MAX - sizeof "/index.html");
	for (size_t i = 0; i < n; i++) {
		if (u->seg[i].p[0] == '.' || slice_find_char(u->seg[i], '/') < u->seg[i].n) {
			buf_free(&b);
			return NULL;
		}
		if (i > 0)
			buf_putc(&b, '/');
		buf_put_slice(&b, u->seg[i]);
	}
	path = b.over ? NULL : arena_str(a, n > 0 ? buf_slice(&b) : SLICE("."));
	buf_free(&b);
	return path;
}

/* --- sending -------------------------------------------------------------------------------- */

static void
send_part(struct web_request *rq, struct web_response *rs, const struct stat *st, const char *etag)
{
	int64_t from, n;

	web_header(rs, "Accept-Ranges", "bytes");
	rs->size = st->st_size;
	if (rq->method != WEB_GET)
		return;
	switch (fresh_range(rq->field[WEB_RANGE], rq->field[WEB_IF_RANGE], etag, st->st_mtim.tv_sec,
			    st->st_size, &from, &n)) {
	case RANGE_WHOLE:
		return;
	case RANGE_PART:
		rs->status = 206;
		rs->offset = from;
		rs->size = n;
		web_header(rs, "Content-Range",
			   arena_printf(rq->arena, "bytes %lld-%lld/%lld", (long long)from,
					(long long)(from + n - 1), (long long)st->st_size));
		return;
	case RANGE_UNSATISFIABLE:
		rs->status = 416;
		close(rs->fd);
		rs->fd = -1;
		rs->size = 0;
		web_header(rs, "Content-Range",
			   arena_printf(rq->arena, "bytes */%lld", (long long)st->st_size));
		return;
	}
}

/* fd becomes the response's. */
static void
send_file(struct web *web, struct web_request *rq, struct web_response *rs, int fd,
	  const struct stat *st, const struct type *t)
{
	bool squeezed = t->text && st->st_size >= SQUEEZE_MIN && rq->field[WEB_RANGE].n == 0 &&
			squeeze_wanted(rq->field[WEB_ACCEPT_ENCODING]);
	const char *etag;

	if (squeezed)
		rs->shared = squeeze_file(web->squeeze, fd, st);
	squeezed = rs->shared != NULL;
	etag = fresh_etag(rq->arena, st, squeezed);
	web_header(rs, "ETag", etag);
	web_header(rs, "Cache-Control", t->cache);
	if (t->text)
		web_header(rs, "Vary", "Accept-Encoding");
	if (rs->status == 200) {
		web_header(rs, "Last-Modified", fresh_date(rq->arena, st->st_mtim.tv_sec));
		if (fresh_is_known(rq->field[WEB_IF_NONE_MATCH], rq->field[WEB_IF_MODIFIED_SINCE],
				   etag, st->st_mtim.tv_sec)) {
			rs->status = 304;
			shared_release(rs->shared);
			rs->shared = NULL;
			close(fd);
			return;
		}
	}
	web_type(rs, t->type);
	if (t->attachment) {
		web_header(rs, "Content-Disposition", "attachment");
		web_header(rs, "Content-Security-Policy", "default-src 'none'; sandbox");
	}
	if (squeezed) {
		web_header(rs, "Content-Encoding", "gzip");
		close(fd);
		return;
	}
	rs->fd = fd;
	if (rs->status == 200)
		send_part(rq, rs, st, etag);
	else
		rs->size = st->st_size;
}

/* --- what is not there ---------------------------------------------------------------------- */

/* A tombstone above it: gone.html and no index.html. */
static bool
send_gone(struct web *web, struct web_request *rq, struct web_response *rs)
{
	const struct type page = type_of(&(struct url){.slash = true}, true);
	size_t n = rq->url.nseg;
	const char *dir;
	struct stat st;
	int fd, index;

	for (int level = 0; level < GONE_LEVELS && n > 0; level++, n--) {
		dir = path_of(&rq->url, rq->arena, n);
		if (!dir)
			return false;
		fd = files_open(web, arena_printf(rq->arena, "%s/gone.html", dir));
		if (fd < 0)
			continue;
		index = files_open(web, arena_printf(rq->arena, "%s/index.html", dir));
		if (index >= 0)
			close(index);
		if (index >= 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
			close(fd);
			return false;
		}
		rs->status = 410;
		send_file(web, rq, rs, fd, &st, &page);
		return true;
	}
	return false;
}

/* List names and keys are lower case; mail programs have been seen to change the case of links. */
static bool
send_lower(struct web *web, struct web_request *rq, struct web_response *rs)
{
	struct url u = rq->url;
	bool changed = false;
	struct buf b;
	int fd;

	for (size_t i = 0; i < u.nseg && i < 3; i++) {
		struct slice lower = slice_str(arena_lower(rq->arena, u.seg[i]));

		if (i != 1 && !slice_eq(lower, u.seg[i]) && (i == 0 || key_valid(lower))) {
			u.seg[i] = lower;
			changed = true;
		}
	}
	if (!changed)
		return false;
	if (!path_of(&u, rq->arena, u.nseg))
		return false;
	fd = files_open(web, path_of(&u, rq->arena, u.nseg));
	if (fd < 0)
		return false;
	close(fd);
	buf_init(&b, 4 * URL_MAX);
	url_put(&b, &u, 0);
	web_redirect(rs, 301, arena_str(rq->arena, buf_slice(&b)));
	buf_free(&b);
	return true;
}

static void
send_missing(struct web *web, struct web_request *rq, struct web_response *rs)
{
	if (send_gone(web, rq, rs) || redirect_moved(web, rq, rs) || send_lower(web, rq, rs))
		return;
	page_error(web, rq, rs, 404);
}

static void
send_slash(struct web_request *rq, struct web_response *rs)
{
	struct buf b;

	rq->url.slash = true;
	buf_init(&b, 4 * URL_MAX);
	url_put(&b, &rq->url, 0);
	url_put_query(&b, &rq->url);
	web_redirect(rs, 301, arena_str(rq->arena, buf_slice(&b)));
	buf_free(&b);
}

void
files_serve(struct web *web, struct web_request *rq, struct web_response *rs)
{
	const char *path = path_of(&rq->url, rq->arena, rq->url.nseg);
	struct type t = type_of(&rq->url, rq->url.slash);
	struct stat st;
	int fd;

	/* A tombstone is no page of its own. */
	if (!path || slice_ends_ci(slice_str(path), SLICE("/gone.html"))) {
		send_missing(web, rq, rs);
		return;
	}
	if (rq->url.slash)
		path = arena_printf(rq->arena, "%s/index.html", path);
	fd = files_open(web, path);
	if (fd < 0 || fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
		if (fd >= 0)
			close(fd);
		send_missing(web, rq, rs);
		return;
	}
	if (S_ISREG(st.st_mode)) {
		send_file(web, rq, rs, fd, &st, &t);
		return;
	}
	close(fd);
	/* A folder with no page of its own has nothing behind the slash either. */
	if (!rq->url.slash && files_has_page(web, rq->arena, path))
		send_slash(rq, rs);
	else
		send_missing(web, rq, rs);
}
